//! Whole conversations with nothing but the keyboard: real keys, judged by what a screen reader is
//! told.

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::walk::{Stop, fits};
use hallway_tests::desktop::windows::Room;
use hallway_tests::desktop::{Desktop, Look};
use hallway_tests::peer::{End, Peer};
use hallway_tests::world::{free_port, listening};

/// More presses than any window has stops.
const MOST: usize = 40;

/// Presses a key until the keyboard is at something of this name.
#[track_caller]
fn go(app: &App<'_>, keys: &str, name: &str) -> Stop {
    let names = app.desktop().words(name);
    let mut been = Vec::new();
    for _ in 0..MOST {
        if let Some(stop) = app.focus() {
            if names.iter().any(|name| fits(&stop.name, name)) {
                return stop;
            }
            been.push(stop.name);
        }
        app.focus_after(keys);
    }
    app.fail(&format!("{keys} does not lead to “{name}”: {been:#?}"));
}

fn key(app: &App<'_>, keys: &str) {
    app.desktop().screen().press(keys);
}

fn write(app: &App<'_>, text: &str) {
    app.desktop().screen().type_text(text);
    app.until(text, || {
        let composer = app.find(Kind::Text, "Message");
        (composer.text() == text).then_some(())
    });
}

#[track_caller]
fn front(app: &App<'_>) {
    app.desktop().screen().activate(&app.first_window());
}

/// Finds a word, and comes back.
#[track_caller]
fn find(app: &App<'_>, word: &str) {
    key(app, "ctrl+f");
    app.focuses("Find in this conversation");
    app.desktop().screen().type_text(word);
    app.reads("1");
    key(app, "Return");
    app.reads("1 of 1");
    key(app, "Escape");
    app.focuses("Message");
}

/// Opens the dialog for the file, and gives it up.
#[track_caller]
fn export(app: &App<'_>) {
    app.find(Kind::Window, "Export Conversation");
    key(app, "Escape");
    app.gone(Kind::Window, "Export Conversation");
    app.focuses("Message");
}

#[track_caller]
fn the_host(look: &Look) {
    let Some(desktop) = Desktop::with(look) else {
        return;
    };
    let port = free_port();
    let number = port.to_string();
    let server = desktop.start(
        "hallway-server",
        &["--address", "127.0.0.1", "--port", &number],
    );
    front(&server);
    go(&server, "Tab", "Start Listening");
    key(&server, "Return");
    listening(port);
    server.focuses("Message");
    let mut ana = Peer::connect(([127, 0, 0, 1], port).into());
    ana.line("/name Ana");
    ana.answer();
    server.reads("is now Ana");

    // To the people, and to one of them.
    go(&server, "shift+F6", "Everyone, …");
    go(&server, "Down", "Ana, …");
    key(&server, "Return");
    server.focuses("Message");
    write(&server, "only you");
    key(&server, "Return");
    ana.hears("only you");
    ana.line("I hear you");
    key(&server, "alt+Up");
    server.reads("I hear you");

    // What was said is read line by line, and acted upon.
    key(&server, "Escape");
    server.focuses("…Ana, …: I hear you");
    go(&server, "Up", "…is now Ana");
    key(&server, "End");
    server.focuses("…Ana, …: I hear you");
    key(&server, "Return");
    server.focuses("Copy");
    key(&server, "Escape");
    server.focuses("…Ana, …: I hear you");
    key(&server, "Home");
    server.focuses("…Listening on…");
    // Whoever begins to write, writes.
    desktop.screen().type_text("f");
    server.focuses("Message");
    desktop.screen().type_text("or all");
    key(&server, "Return");
    ana.hears("for all");
    key(&server, "alt+End");
    server.focuses("You, …: for all, Sent");
    key(&server, "Escape");
    server.focuses("Message");

    find(&server, "hear");
    key(&server, "F10");
    go(&server, "Down", "Export…");
    key(&server, "Return");
    export(&server);

    // The person goes while the keyboard is on the row.
    go(&server, "shift+F6", "Everyone, …");
    go(&server, "Down", "Ana, …");
    key(&server, "Menu");
    server.focuses("Message");
    go(&server, "Down", "Disconnect");
    key(&server, "Return");
    assert_eq!(ana.rest().1, End::Fin);
    server.focuses("Ana, …gone");
    key(&server, "ctrl+q");
    assert_eq!(server.end(), Some(0));
}

#[track_caller]
fn a_guest(look: &Look) {
    let Some(desktop) = Desktop::with(look) else {
        return;
    };
    let room = Room::open(&desktop);
    let client = desktop.start_apart("hallway", &[]);
    front(&client);
    go(&client, "Tab", "Connect to Address…");
    key(&client, "Return");
    client.focuses("Address");
    let address = room.address().to_string();
    desktop.screen().type_text(&address);
    key(&client, "Return");
    client.reads("Connected to");
    client.focuses("Message");
    write(&client, "by keyboard");
    key(&client, "Return");
    room.reads("by keyboard");
    key(&client, "Escape");
    client.focuses("You, …: by keyboard, Delivered");
    key(&client, "Escape");
    client.focuses("Message");
    find(&client, "keyboard");
    key(&client, "ctrl+shift+s");
    export(&client);
    go(&client, "shift+F6", "Encrypted");
    go(&client, "Tab", "Conversation Menu");
    key(&client, "Return");
    client.focuses("Find");
    go(&client, "Down", "Disconnect");
    key(&client, "Return");
    go(&client, "F6", "Reconnect");
    key(&client, "Return");
    client.gone(Kind::Button, "Reconnect");
    client.reads("Connected to");
    client.focuses("Message");
    key(&client, "ctrl+q");
    assert_eq!(client.end(), Some(0));
}

#[test]
fn the_host_needs_no_mouse() {
    the_host(&Look::default());
}

#[test]
fn a_guest_needs_no_mouse() {
    a_guest(&Look::default());
}

#[test]
fn nor_do_they_with_letters_twice_as_large() {
    let look = Look {
        is_large: true,
        ..Look::default()
    };
    the_host(&look);
    a_guest(&look);
}
