//! Text of a peer that would like to be more than text.

use hallway_tests::desktop::Desktop;
use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{Room, join, say};
use hallway_tests::peer::Peer;
use hallway_tests::program::Program;
use hallway_tests::world::foreign_with;

/// What is sent, and what must be read of it.
fn lines() -> Vec<(String, String)> {
    let same = |text: &str| (text.to_owned(), text.to_owned());
    let marked = |count| format!("a{}", "\u{301}".repeat(count));
    let word = |count| "W".repeat(count);
    vec![
        same("<b>bold</b> &amp; <a href=\"http://x\">here</a>"),
        same("<span size=\"99999\">&#x1F4A9;</span> &unknown; </not>"),
        same("%s %n {name} \\u202E _under_score"),
        ("abc \u{202E}fed".to_owned(), "abc ⟨U+202E⟩fed".to_owned()),
        (
            "\u{2067}isolated\u{2069} \u{200F}mark".to_owned(),
            "⟨U+2067⟩isolated⟨U+2069⟩ ⟨U+200F⟩mark".to_owned(),
        ),
        (
            "\u{1B}[31mred\u{7} \u{8}\u{0}end\u{9B}2J".to_owned(),
            "␛[31mred␇ ␈␀end⟨U+009B⟩2J".to_owned(),
        ),
        // The first of it, until the reader asks for all, and a few marks of a thousand.
        (word(10_000), word(500)),
        (marked(1000), marked(4)),
    ]
}

/// A name that is markup, as long as names may be.
const NAME: &str = "<b>&lt;i&gt; %s _x_ {name}";

/// Marks upon one character: more would be painted over what stands around it.
const MARKS: usize = 16;

#[track_caller]
fn has_no_heap_of_marks(app: &App<'_>) {
    let heap = "\u{301}".repeat(MARKS);
    let texts = app.texts();
    let found = texts.iter().find(|text| text.contains(&heap));
    assert!(found.is_none(), "{found:?}");
}

/// The window is as wide as before, and answers.
#[track_caller]
fn is_unmoved(app: &App<'_>, width: i32) {
    let window = app.first_window();
    let place = app.desktop().screen().place_of(&window);
    assert_eq!(place.expect("it is there").width, width);
    app.click(Kind::Button, "Main Menu");
    app.find(Kind::Item, "Keyboard Shortcuts");
    app.desktop().screen().press("Escape");
    app.gone(Kind::Item, "Keyboard Shortcuts");
}

#[track_caller]
fn width(app: &App<'_>) -> i32 {
    let place = app.desktop().screen().place_of(&app.first_window());
    place.expect("it is there").width
}

#[test]
fn lines_are_only_text() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let client = join(&desktop, room.address());
    let widths = [width(&room), width(&client)];
    let port = room.port().to_string();
    let Some(nc) = foreign_with("nc", ["127.0.0.1", &port]) else {
        return;
    };
    let mut nc = Program::spawn(nc);
    for (sent, read) in lines() {
        nc.type_line(&sent);
        room.reads(&read);
        client.reads(&read);
    }
    for window in [&*room, &client] {
        has_no_heap_of_marks(window);
        window.click(Kind::Button, "Show All");
        window.holds(&"W".repeat(5_000));
    }
    is_unmoved(&room, widths[0]);
    is_unmoved(&client, widths[1]);
    say(&client, "still here");
    room.reads("still here");
}

#[test]
fn names_are_only_text() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let client = join(&desktop, room.address());
    let widths = [width(&room), width(&client)];
    let mut peer = room.peer_named(NAME);
    // Some of these become names, and none does harm.
    for (sent, _) in lines() {
        peer.line(&format!("/name {sent}"));
    }
    peer.line(&format!("/name {NAME}"));
    peer.line("who says this");
    room.reads("who says this");
    for window in [&*room, &client] {
        window.reads("who says this");
        window.reads(NAME);
    }
    room.choose(NAME);
    room.reads(&format!("Only {NAME} hears this"));
    room.do_with(NAME, "Copy Address");
    room.reads("copied");
    room.do_with(NAME, "Rename…");
    room.find(Kind::Window, &format!("Rename {NAME}"));
    room.click(Kind::Button, "Cancel");
    room.gone(Kind::Window, &format!("Rename {NAME}"));
    say(&room, "only for you");
    room.choose("Everyone");
    is_unmoved(&room, widths[0]);
    is_unmoved(&client, widths[1]);
}

/// A server can be as hostile as a peer.
#[test]
fn what_a_server_sends_is_only_text() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it listens somewhere");
    let client = join(&desktop, address);
    let before = width(&client);
    let (mut stream, _) = listener.accept().expect("the client has connected");
    for (sent, read) in lines() {
        for line in [
            format!("{sent}\n"),
            format!("{NAME}: {sent}\n"),
            format!("* {sent}\n"),
        ] {
            std::io::Write::write_all(&mut stream, line.as_bytes()).expect("the client reads");
        }
        client.reads(&read);
    }
    is_unmoved(&client, before);
    drop(stream);
    client.reads("The server ended the conversation");
}

/// What is left of a peer when it goes is a line as well.
#[test]
fn leaving_says_who_left_as_text() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let peer: Peer = room.peer_named(NAME);
    drop(peer);
    room.reads(&format!("Disconnected: {NAME}"));
}
