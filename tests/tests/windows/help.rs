//! The help of both programs, read as a person reads it.

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::{Desktop, Look};

/// The border of a window, which is not part of the size that it is asked to have.
const BORDER: i32 = 10;

/// Presses keys in the help.
#[track_caller]
fn press(app: &App<'_>, keys: &str) {
    let screen = app.desktop().screen();
    screen.activate(&app.window("Help"));
    screen.press(keys);
}

#[test]
fn f1_opens_it_and_escape_closes_it() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    for program in ["hallway-server", "hallway"] {
        let app = desktop.start(program, &[]);
        app.press("F1");
        app.window("Help");
        app.reads("Hallway is two programs.");
        // A second time brings forward what is open.
        app.press("F1");
        press(&app, "Down");
        app.reads("Whatever opens a TCP socket");
        app.stops_reading("Hallway is two programs.");
        let windows = app.windows();
        assert_eq!(windows.len(), 2, "{windows:?}");
        press(&app, "Escape");
        app.gone(Kind::Window, "Help");
        assert!(!app.has_ended());
        app.close();
        assert_eq!(app.end(), Some(0));
    }
}

#[test]
fn the_menu_leads_there_and_an_example_is_copied() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let client = desktop.start("hallway", &[]);
    client.click(Kind::Button, "Main Menu");
    client.click(Kind::Item, "Help");
    client.window("Help");
    press(&client, "Down");
    client.reads("Whatever opens a TCP socket");
    client.click(Kind::Button, "Copy");
    client.reads("Copied");
}

#[test]
fn it_keeps_no_program_running() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    for program in ["hallway-server", "hallway"] {
        let app = desktop.start(program, &[]);
        app.press("F1");
        app.window("Help");
        app.close();
        assert_eq!(app.end(), Some(0));
    }
}

#[test]
fn it_speaks_the_language_of_the_person() {
    for (language, words) in [
        ("zh_CN", "“走廊”由两个程序组成"),
        ("de", "Hallway besteht aus zwei Programmen"),
    ] {
        let Some(desktop) = Desktop::with(&Look::default().in_language(language)) else {
            return;
        };
        let server = desktop.start("hallway-server", &[]);
        server.press("F1");
        server.reads(words);
        assert!(!server.shows(Kind::Label, "A First Conversation"));
    }
}

#[test]
fn a_narrow_window_shows_the_list_or_a_page() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let server = desktop.start("hallway-server", &[]);
    server.press("F1");
    let window = server.window("Help");
    let screen = desktop.screen();
    screen.resize(&window, 360 + BORDER, 640 + BORDER);
    server.stops_reading("Hallway is two programs.");
    let place = screen.place_of(&window).expect("it is open");
    assert_eq!(place.width, 360 + BORDER);
    server.find(Kind::Row, "Firewall").click_with_mouse(1);
    server.reads("has to let others in");
    press(&server, "alt+Left");
    server.stops_reading("has to let others in");
    server.find(Kind::Row, "Firewall");
    // The focus is where one has been.
    press(&server, "Down");
    press(&server, "Return");
    // So is it on the page: its keys turn it.
    let top = || {
        server
            .reads("What goes wrong is told in a sentence")
            .place()
            .y
    };
    let before = top();
    press(&server, "Page_Down");
    server.until("the page turned", || (top() < before).then_some(()));
}
