//! The parts of both windows, built and used under a display.
//!
//! GTK stays on the thread that initialised it, so this binary has one test.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::{Duration, Instant},
};

use adw::prelude::*;
use glib::translate::IntoGlib;
use gtk::gdk;
use hallway_widgets::{
    Bar, Composer, accessible,
    bar::Tone,
    dialogs::{self, Choice},
    program, settings,
};

/// What the display is given to do something: far more than it takes.
const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn parts_do_as_a_person_expects() {
    if !program::has_display() {
        println!("skipped: there is no display");
        return;
    }
    adw::init().expect("there is a display");
    hallway_widgets::init();

    our_icons_are_found();
    enter_sends_and_a_refused_text_stays();
    arrows_bring_back_what_was_sent();
    many_lines_are_asked_about_and_too_much_is_refused();
    undoing_asks_nothing();
    a_bar_comes_and_goes();
    a_bar_puts_its_buttons_under_a_long_sentence();
    a_question_is_answered();
    a_question_ends_with_its_window();
    a_question_that_nobody_waits_for_goes_away();
    a_text_is_taken_only_when_it_is_good();
    a_missing_schema_is_no_catastrophe();
    names_can_be_given_at_run_time();
    about_opens();
}

fn our_icons_are_found() {
    let display = gdk::Display::default().expect("there is a display");
    let theme = gtk::IconTheme::for_display(&display);
    for name in ["send", "server", "everyone"] {
        assert!(theme.has_icon(&format!("hallway-{name}-symbolic")));
    }
    for name in ["face-smile", "help-about", "dialog-warning"] {
        assert!(theme.has_icon(&format!("{name}-symbolic")));
    }
}

fn enter_sends_and_a_refused_text_stays() {
    let (window, composer, sent) = composer();
    let send = part::<gtk::Button>(&composer);
    assert!(!send.is_sensitive());
    composer.set_text(" \n\t ");
    assert!(!send.is_sensitive());
    press(&composer, gdk::Key::Return);
    assert!(sent.borrow().is_empty());

    composer.set_text("你好 🙂 \n");
    assert!(send.is_sensitive());
    assert!(press(&composer, gdk::Key::Return));
    assert_eq!(sent.take(), ["你好 🙂"]);
    assert_eq!(composer.text(), "");

    composer.set_text("two");
    assert!(press(&composer, gdk::Key::KP_Enter));
    composer.set_text("three");
    send.emit_clicked();
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
    assert!(!send.is_sensitive());
    press(&composer, gdk::Key::Return);
    assert!(sent.borrow().is_empty());
    assert_eq!(composer.text(), "refuse me");
    window.destroy();
}

fn arrows_bring_back_what_was_sent() {
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

fn many_lines_are_asked_about_and_too_much_is_refused() {
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
    paste(&composer, &"x".repeat(1024 * 1024 + 1));
    let news = dialog();
    news.response("close");
    gone(&news);
    assert_eq!(composer.text(), "");
    window.destroy();
}

fn undoing_asks_nothing() {
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

fn a_bar_comes_and_goes() {
    let bar = Bar::new();
    let window = window(&bar);
    assert!(!bar.is_visible());
    let activated = Rc::new(Cell::new(0));
    let actions = gio::SimpleActionGroup::new();
    let action = gio::SimpleAction::new("now", None);
    let counter = activated.clone();
    action.connect_activate(move |_, _| counter.set(counter.get() + 1));
    actions.add_action(&action);
    window.insert_action_group("test", Some(&actions));

    bar.show(
        Tone::Failure,
        "<b>Gone</b> &",
        &[("_Now", "test.now"), ("_Later", "test.later")],
    );
    assert!(bar.is_visible());
    let label = part::<gtk::Label>(&bar);
    assert_eq!(label.label(), "<b>Gone</b> &");
    assert!(!label.uses_markup());
    let buttons: Vec<gtk::Button> = parts(bar.upcast_ref());
    assert_eq!(buttons.len(), 2);
    wait_until("the action is there", || buttons[0].is_sensitive());
    buttons[0].emit_clicked();
    assert_eq!(activated.get(), 1);
    assert!(!buttons[1].is_sensitive());

    bar.set_sentence("Trying again in 3 s.");
    assert_eq!(label.label(), "Trying again in 3 s.");
    assert_eq!(parts::<gtk::Button>(bar.upcast_ref()), buttons);

    bar.hide_bar();
    wait_until("the bar is out of the way", || !bar.is_visible());
    bar.show(Tone::Info, "Back", &[]);
    assert!(bar.is_visible());
    assert!(parts::<gtk::Button>(bar.upcast_ref()).is_empty());
    // Shown again while it slides away it stays.
    bar.hide_bar();
    bar.show(Tone::Info, "Back again", &[]);
    settle();
    assert!(bar.is_visible());
    window.destroy();

    // Without a window there is nothing to slide.
    let alone = Bar::new();
    alone.show(Tone::Info, "Alone", &[]);
    alone.hide_bar();
    wait_until("it is hidden", || !alone.is_visible());
}

fn a_bar_puts_its_buttons_under_a_long_sentence() {
    let bar = Bar::new();
    bar.show(Tone::Info, &"word ".repeat(20), &[("_Reconnect", "win.x")]);
    let height = |width| bar.measure(gtk::Orientation::Vertical, width).1;
    let (minimum, _, _, _) = bar.measure(gtk::Orientation::Horizontal, -1);
    assert!(minimum <= 360, "{minimum} px is too wide for a telephone");
    assert!(height(360) > height(900));
}

fn a_question_is_answered() {
    let window = window(&gtk::Label::new(None));
    for answer in ["keep", "close"] {
        let question = ask(&window);
        let shown = dialog();
        assert_eq!(shown.body(), "<b>&");
        assert!(!shown.is_body_use_markup());
        assert_eq!(shown.default_response().as_deref(), Some("keep"));
        shown.response(answer);
        wait_until("the answer arrives", || question.borrow().is_some());
        assert_eq!(question.take().as_deref(), Some(answer));
        gone(&shown);
    }
    let question = ask(&window);
    dialog().close();
    wait_until("closing is the first choice", || {
        question.borrow().is_some()
    });
    assert_eq!(question.take().as_deref(), Some("close"));
    window.destroy();
}

fn a_question_ends_with_its_window() {
    let window = window(&gtk::Label::new(None));
    let question = ask(&window);
    dialog();
    window.destroy();
    wait_until("the answer arrives", || question.borrow().is_some());
    assert_eq!(question.take().as_deref(), Some("close"));
}

fn a_question_that_nobody_waits_for_goes_away() {
    let window = window(&gtk::Label::new(None));
    let parent = window.clone();
    let task = glib::spawn_future_local(async move { dialogs::tell(&parent, "News", "").await });
    let shown = dialog();
    task.abort();
    gone(&shown);
    window.destroy();
}

fn a_text_is_taken_only_when_it_is_good() {
    let window = window(&gtk::Label::new(None));
    let result = Rc::new(RefCell::new(None));
    let (parent, slot) = (window.clone(), result.clone());
    glib::spawn_future_local(async move {
        let check = |text: &str| match text {
            "" => Err("A name is needed.".to_owned()),
            _ => Ok(()),
        };
        let text = dialogs::ask_text(&parent, "Rename", "", "Name", "", "_Rename", check).await;
        slot.replace(Some(text));
    });
    let shown = dialog();
    let content = shown.extra_child().expect("there is an entry");
    let entry = part::<gtk::Entry>(&content);
    let complaint = content.last_child().and_downcast::<gtk::Label>();
    let complaint = complaint.expect("there is a complaint under the entry");
    assert!(!shown.is_response_enabled("accept"));
    assert!(!complaint.is_visible());
    entry.set_text("Ana");
    assert!(shown.is_response_enabled("accept"));
    entry.set_text("");
    assert!(!shown.is_response_enabled("accept"));
    assert!(complaint.is_visible());
    assert_eq!(complaint.text(), "A name is needed.");
    entry.set_text("陈伟");
    shown.response("accept");
    wait_until("the text arrives", || result.borrow().is_some());
    assert_eq!(result.take(), Some(Some("陈伟".to_owned())));
    window.destroy();
}

fn a_missing_schema_is_no_catastrophe() {
    assert!(settings::open("chat.hallway.NoSuchThing").is_none());
    for schema in ["chat.hallway.Client", "chat.hallway.Server"] {
        let Some(settings) = settings::open(schema) else {
            println!("skipped: {schema} is not installed");
            continue;
        };
        let window = gtk::Window::new();
        settings::remember_size(&window, &settings);
        assert_eq!(window.default_width(), settings.int("window-width"));
        window.set_default_size(500, 400);
        assert_eq!(settings.int("window-width"), 500);
        assert_eq!(settings.int("window-height"), 400);
        settings.reset("window-width");
        settings.reset("window-height");
        window.destroy();
    }
}

/// That a reader hears them is for the tests of whole programs; here, that nothing is upset.
fn names_can_be_given_at_run_time() {
    let button = gtk::Button::new();
    let window = window(&button);
    accessible::set_label(&button, "Send");
    accessible::set_description(&button, "To everyone");
    accessible::announce(&button, "Sent\0 and more");
    window.destroy();
}

fn about_opens() {
    let window = window(&gtk::Label::new(None));
    program::about(&window, "Hallway", "hallway-server-symbolic", "<b>&");
    let about = find::<adw::AboutWindow>("the about window");
    assert_eq!(about.application_name(), "Hallway");
    about.close();
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

fn window(child: &impl IsA<gtk::Widget>) -> gtk::Window {
    let window = gtk::Window::builder().child(child).build();
    window.present();
    wait_until("the window is there", || child.is_mapped());
    window
}

fn ask(parent: &gtk::Window) -> Rc<RefCell<Option<String>>> {
    let answer = Rc::new(RefCell::new(None));
    let (parent, slot) = (parent.clone(), answer.clone());
    glib::spawn_future_local(async move {
        let choice = |id, label| Choice {
            id,
            label,
            appearance: adw::ResponseAppearance::Default,
        };
        let choices = [choice("close", "_Close"), choice("keep", "_Keep")];
        let answer = dialogs::ask(&parent, "Close?", "<b>&", &choices, "keep").await;
        slot.replace(Some(answer));
    });
    answer
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

/// The question on the screen, which appears in a moment.
fn dialog() -> adw::MessageDialog {
    find("a dialog")
}

fn find<W: IsA<gtk::Widget>>(what: &str) -> W {
    let found = RefCell::new(None);
    wait_until(what, || {
        let shown = gtk::Window::list_toplevels()
            .into_iter()
            .filter(WidgetExt::is_visible)
            .find_map(|window| window.downcast().ok());
        found.replace(shown);
        found.borrow().is_some()
    });
    found.take().expect("it was waited for")
}

fn gone(dialog: &adw::MessageDialog) {
    wait_until("the dialog is gone", || !dialog.is_visible());
}

/// The first widget of a kind inside another.
fn part<W: IsA<gtk::Widget>>(widget: &impl IsA<gtk::Widget>) -> W {
    let mut found = parts(widget.as_ref());
    assert!(!found.is_empty(), "there is no {}", W::static_type());
    found.remove(0)
}

/// All widgets of exactly that kind inside another and outside each other, in order. The inner
/// parts of a menu button are its own affair.
fn parts<W: IsA<gtk::Widget>>(widget: &gtk::Widget) -> Vec<W> {
    let mut found = Vec::new();
    let mut child = widget.first_child();
    while let Some(next) = child {
        if next.type_() == W::static_type() {
            found.extend(next.clone().downcast());
        } else if !next.is::<gtk::MenuButton>() {
            found.extend(parts(&next));
        }
        child = next.next_sibling();
    }
    found
}

fn settle() {
    let until = Instant::now() + Duration::from_millis(600);
    while Instant::now() < until {
        turn();
    }
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "waited in vain: {what}");
        turn();
    }
}

/// One turn of the main loop, or a moment's rest where there is nothing to do.
fn turn() {
    if !glib::MainContext::default().iteration(false) {
        std::thread::sleep(Duration::from_millis(2));
    }
}
