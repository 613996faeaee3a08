//! The parts of both windows, built and used under a display.
//!
//! GTK stays on the thread that initialised it, so this binary has one test.

mod bar;
mod composer;
mod dialogs;
mod help;
mod screen;

use gtk::{gdk, prelude::*};
use hallway_widgets::{accessible, program, settings};

use screen::{find, window};

#[test]
fn parts_do_as_a_person_expects() {
    if !program::has_display() {
        assert!(
            std::env::var_os("HALLWAY_NEEDS_DISPLAY").is_none(),
            "there is no display"
        );
        println!("skipped: there is no display");
        return;
    }
    adw::init().expect("there is a display");
    hallway_widgets::init();

    our_icons_are_found();
    composer::enter_sends_and_a_refused_text_stays();
    composer::arrows_bring_back_what_was_sent();
    composer::many_lines_are_asked_about_and_too_much_is_refused();
    composer::undoing_asks_nothing();
    composer::a_composer_is_freed_with_its_window();
    composer::without_anybody_listening_a_text_stays();
    bar::a_bar_comes_and_goes();
    bar::a_bar_puts_its_buttons_under_a_long_sentence();
    dialogs::a_question_is_answered();
    dialogs::a_question_ends_with_its_window();
    dialogs::a_question_that_nobody_waits_for_goes_away();
    dialogs::a_text_is_taken_only_when_it_is_good();
    dialogs::digits_are_answered_by_nobody_by_accident();
    help::links_lead_to_pages_and_back();
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
