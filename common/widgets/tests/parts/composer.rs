//! Writing a message.

use std::{cell::RefCell, rc::Rc};

use adw::prelude::*;
use glib::translate::IntoGlib;
use gtk::gdk;
use hallway_widgets::Composer;

use crate::screen::{dialog, gone, part, settle, wait_until, window};

pub(crate) fn enter_sends_and_a_refused_text_stays() {
    let (window, composer, sent) = composer();
    let button = part::<gtk::Button>(&composer);
    assert!(!button.is_sensitive());
    composer.set_text(" \n\t ");
    assert!(!button.is_sensitive());
    press(&composer, gdk::Key::Return);
    assert!(sent.borrow().is_empty());

    composer.set_text("你好 🙂 \n");
    assert!(button.is_sensitive());
    assert!(press(&composer, gdk::Key::Return));
    assert_eq!(sent.take(), ["你好 🙂"]);
    assert_eq!(composer.text(), "");

    composer.set_text("two");
    assert!(press(&composer, gdk::Key::KP_Enter));
    composer.set_text("three");
    button.emit_clicked();
    assert_eq!(sent.take(), ["two", "three"]);

    // The text view itself breaks the line.
    composer.set_text("one");
    assert!(!press_with(
        &composer,
        gdk::Key::Return,
        gdk::ModifierType::SHIFT_MASK
    ));
    assert!(sent.borrow().is_empty());

    composer.set_text("refuse me");
    press(&composer, gdk::Key::Return);
    assert_eq!(sent.take(), ["refuse me"]);
    assert_eq!(composer.text(), "refuse me");

    composer.set_can_send(false);
    assert!(!button.is_sensitive());
    press(&composer, gdk::Key::Return);
    assert!(sent.borrow().is_empty());
    assert_eq!(composer.text(), "refuse me");
    window.destroy();
}

pub(crate) fn arrows_bring_back_what_was_sent() {
    let (window, composer, _) = composer();
    for text in ["one", "two\nlines"] {
        composer.set_text(text);
        press(&composer, gdk::Key::Return);
    }
    assert!(!press(&composer, gdk::Key::Down));
    assert!(press(&composer, gdk::Key::Up));
    assert_eq!(composer.text(), "two\nlines");
    // The cursor is in the second of two lines and goes to the first before going back in time.
    assert!(!press(&composer, gdk::Key::Up));
    let buffer = part::<gtk::TextView>(&composer).buffer();
    buffer.place_cursor(&buffer.start_iter());
    assert!(press(&composer, gdk::Key::Up));
    assert_eq!(composer.text(), "one");
    assert!(press(&composer, gdk::Key::Down));
    assert!(press(&composer, gdk::Key::Down));
    assert_eq!(composer.text(), "");
    // What is being written is never replaced.
    composer.set_text("new");
    assert!(!press(&composer, gdk::Key::Up));
    assert_eq!(composer.text(), "new");
    window.destroy();
}

pub(crate) fn many_lines_are_asked_about_and_too_much_is_refused() {
    let (window, composer, sent) = composer();
    paste(&composer, &"line\r\n".repeat(20));
    wait_until("20 lines come in", || {
        composer.text() == "line\n".repeat(20)
    });

    composer.set_text("");
    let many = "line\n".repeat(25);
    paste(&composer, &many);
    let question = dialog();
    assert!(question.heading().is_some_and(|it| it.contains("25")));
    assert_eq!(composer.text(), "");
    question.response("cancel");
    gone(&question);
    assert_eq!(composer.text(), "");

    paste(&composer, &many);
    let question = dialog();
    question.response("insert");
    wait_until("25 lines come in", || composer.text() == many);
    assert!(sent.borrow().is_empty());

    // The middle button and dropped text reach the buffer without the text view's signal.
    composer.set_text("");
    let buffer = part::<gtk::TextView>(&composer).buffer();
    buffer.insert_interactive_at_cursor(&many, true);
    assert_eq!(composer.text(), "");
    dialog().response("insert");
    wait_until("they come in", || composer.text() == many);

    composer.set_text("");
    paste(&composer, &"x".repeat(256 * 1024 + 1));
    let news = dialog();
    news.response("close");
    gone(&news);
    assert_eq!(composer.text(), "");
    window.destroy();
}

pub(crate) fn undoing_asks_nothing() {
    let (window, composer, _) = composer();
    let many = "line\n".repeat(25);
    let buffer = part::<gtk::TextView>(&composer).buffer();
    paste(&composer, &many);
    dialog().response("insert");
    wait_until("they come in", || composer.text() == many);
    buffer.select_range(&buffer.start_iter(), &buffer.end_iter());
    buffer.delete_selection(true, true);
    assert_eq!(composer.text(), "");
    buffer.undo();
    assert_eq!(composer.text(), many);
    buffer.insert_interactive_at_cursor(&many, true);
    dialog().response("cancel");
    window.destroy();
}

pub(crate) fn a_composer_is_freed_with_its_window() {
    let (window, composer, _) = composer();
    let emoji = part::<gtk::MenuButton>(&composer);
    emoji.popup();
    wait_until("the chooser opens", || {
        emoji.popover().is_some_and(|chooser| chooser.is_visible())
    });
    emoji.popdown();
    settle();
    let weak = composer.downgrade();
    window.destroy();
    drop((composer, emoji, window));
    wait_until("the composer is freed", || weak.upgrade().is_none());
}

pub(crate) fn without_anybody_listening_a_text_stays() {
    let composer = Composer::new();
    let window = window(&composer);
    composer.set_text("Hello?");
    assert!(press(&composer, gdk::Key::Return));
    assert_eq!(composer.text(), "Hello?");
    window.destroy();
}

/// A composer in a window, and what it sent. It refuses what begins with "refuse".
fn composer() -> (gtk::Window, Composer, Rc<RefCell<Vec<String>>>) {
    let composer = Composer::new();
    composer.set_placeholder("Message everyone");
    assert_eq!(composer.placeholder(), "Message everyone");
    let sent = Rc::new(RefCell::new(Vec::new()));
    let log = sent.clone();
    composer.connect_send(move |_, text| {
        log.borrow_mut().push(text.to_owned());
        !text.starts_with("refuse")
    });
    let window = window(&composer);
    composer.grab();
    (window, composer, sent)
}

fn press(composer: &Composer, key: gdk::Key) -> bool {
    press_with(composer, key, gdk::ModifierType::empty())
}

/// Gives the composer's own controller a key, as GTK does. Whether it was for the composer.
fn press_with(composer: &Composer, key: gdk::Key, modifiers: gdk::ModifierType) -> bool {
    let controllers = part::<gtk::TextView>(composer).observe_controllers();
    let keys = controllers
        .iter::<glib::Object>()
        .flatten()
        .find_map(|it| it.downcast::<gtk::EventControllerKey>().ok())
        .expect("the composer looks at keys");
    keys.emit_by_name("key-pressed", &[&key.into_glib(), &0_u32, &modifiers])
}

fn paste(composer: &Composer, text: &str) {
    let view = part::<gtk::TextView>(composer);
    view.clipboard().set_text(text);
    view.emit_by_name::<()>("paste-clipboard", &[]);
}
