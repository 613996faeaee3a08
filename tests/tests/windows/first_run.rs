//! What is said to a person who has never started the programs.

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{Room, join};
use hallway_tests::desktop::{Desktop, Look};

/// A desktop on which nobody has ever started the programs.
fn never_started() -> Option<Desktop> {
    let look = Look {
        remembers: true,
        is_first_run: true,
        ..Look::default()
    };
    Desktop::with(&look)
}

/// The window of the server before anybody has chosen anything.
#[track_caller]
fn is_setup(server: &App<'_>) {
    server.find(Kind::Button, "Start Listening");
    // One page fades into the other.
    server.gone(Kind::Button, "Get Started");
}

#[test]
fn the_server_says_once_what_it_is() {
    let Some(desktop) = never_started() else {
        return;
    };
    let server = desktop.start("hallway-server", &["--port", "0"]);
    server.reads("Welcome to Hallway Server");
    server.reads("Hallway encrypts what people say");
    assert!(!server.shows(Kind::Button, "Start Listening"));
    // Enter goes on, and Enter again opens the room.
    server.press("Return");
    is_setup(&server);
    server.press("Return");
    server.reads("Listening on");
    server.close();
    assert_eq!(server.end(), Some(0));
    let server = desktop.start("hallway-server", &[]);
    is_setup(&server);
}

#[test]
fn escape_leaves_the_welcome_of_the_server_and_the_page_is_seen_then() {
    let Some(desktop) = never_started() else {
        return;
    };
    {
        let server = desktop.start("hallway-server", &[]);
        server.reads("Welcome to Hallway Server");
        server.press("Escape");
        is_setup(&server);
        server.close();
        assert_eq!(server.end(), Some(0));
    }
    let server = desktop.start("hallway-server", &[]);
    is_setup(&server);
}

#[test]
fn a_room_that_opens_at_once_needs_no_welcome() {
    let Some(desktop) = never_started() else {
        return;
    };
    let room = Room::open(&desktop);
    room.reads("Listening on");
    room.focuses("Message");
    let client = join(&desktop, room.address());
    client.does_not_read("Welcome");
    room.click(Kind::Button, "Stop");
    is_setup(&room);
}

#[test]
fn the_client_says_once_what_it_is() {
    let Some(desktop) = never_started() else {
        return;
    };
    {
        let client = desktop.start("hallway", &[]);
        client.reads("Welcome to Hallway");
        client.reads("What you write travels encrypted");
        // Its button has the focus.
        client.press("Return");
        client.find(Kind::Window, "Connect to Address");
        client.desktop().screen().press("Escape");
        client.gone(Kind::Window, "Connect to Address");
        client.press("ctrl+n");
        client.reads("Talk Down the Hall");
        client.press("ctrl+q");
        assert_eq!(client.end(), Some(0));
    }
    let client = desktop.start("hallway", &[]);
    client.reads("Talk Down the Hall");
    assert!(!client.shows(Kind::Label, "Welcome to Hallway"));
}
