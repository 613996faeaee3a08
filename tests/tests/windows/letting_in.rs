//! Encrypted people at the server's window: who they are, and who of them comes in.

mod guest;

use std::fs;
use std::os::unix::fs::MetadataExt;

use guest::Guest;
use hallway_tests::desktop::node::{Kind, Node};
use hallway_tests::desktop::notices::Notices;
use hallway_tests::desktop::windows::{HOST, Room, say};
use hallway_tests::desktop::{Desktop, Look};
use hallway_tests::peer::Peer;
use hallway_tests::program::Program;
use hallway_tests::server::Server;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::ours;
use rustix::process::Signal;

/// `hallway send` by somebody whose things are in a folder of the desktop of this name.
fn send(desktop: &Desktop, room: &Room<'_>, name: &str, more: &[&str], text: &str) -> Program {
    let mut command = ours("hallway");
    command
        .args(["send", "--encrypted", "--name", name])
        .args(more)
        .args([&room.address().to_string(), text])
        .env("XDG_DATA_HOME", desktop.home().join(name));
    let mut hallway = Program::spawn(command);
    hallway.end_input();
    hallway
}

#[track_caller]
fn ends_with(mut hallway: Program, expected: i32) -> String {
    let (code, _, said) = hallway.outcome(PATIENCE);
    assert_eq!(code, Some(expected), "{said}");
    said
}

/// Waits until a row is spoken with these words in it.
#[track_caller]
fn is_spoken(room: &Room<'_>, words: &[&str]) {
    room.until(&format!("a row with {words:?}"), || {
        let rows = room.all(Kind::Row);
        let mut names = rows.iter().map(Node::name);
        names
            .any(|name| words.iter().all(|word| name.contains(word)))
            .then_some(())
    });
}

#[test]
fn locks_tell_who_encrypts() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    room.reads("Anyone on this network can read this room.");
    room.click(Kind::Button, "Got It");
    room.stops_reading("Anyone on this network");
    let Some(mut ana) = Guest::hello(desktop.home(), room.address(), "Ana") else {
        return;
    };
    let server = ana.is_welcome();
    room.person("Ana");
    is_spoken(&room, &["Ana", "encrypted"]);
    let mut ben = room.peer_named("Ben");
    is_spoken(&room, &["Ben", "plain text"]);
    // They share the room.
    ana.writes(1, "room", "from Ana");
    ben.hears("Ana: from Ana");
    room.reads("from Ana");
    say(&room, "for both");
    ben.hears("for both");
    ana.hears(&[r#""type":"event""#, "for both", HOST]);
    // To the host alone: there, unread, and nowhere else.
    ana.writes(1, &server, "for you alone");
    is_spoken(&room, &["Ana", "encrypted", "1 unread"]);
    room.does_not_read("for you alone");
    room.choose("Ana");
    room.reads("for you alone");
    ana.says(&format!(r#"{{"type":"typing","to":"{server}"}}"#));
    room.reads("Ana is writing…");
    room.stops_reading("Ana is writing…");
    ben.hears_nothing();
}

#[test]
fn whoever_asks_is_let_in_or_declined() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    room.click(Kind::Button, "Main Menu");
    room.click(Kind::Item, "Ask Before Letting In");
    let ana = send(&desktop, &room, "Ana", &[], "may I?");
    room.reads("wants to come in.");
    is_spoken(&room, &["Ana", "encrypted", "wants to come in"]);
    room.does_not_read("may I?");
    room.click(Kind::Button, "Let In");
    room.reads("may I?");
    ends_with(ana, 0);
    // Whom the host let in is not asked about again.
    ends_with(send(&desktop, &room, "Ana", &[], "me again"), 0);
    room.reads("me again");
    let ben = send(&desktop, &room, "Ben", &[], "and I?");
    room.person("Ben");
    room.click(Kind::Button, "Decline");
    ends_with(ben, 1);
    room.reads("Not let in by you: Ben");
    room.does_not_read("and I?");
    room.gone(Kind::Button, "Decline");
}

#[test]
fn a_notification_lets_somebody_in() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let Some(notices) = Notices::with(&desktop, "") else {
        return;
    };
    let room = Room::open(&desktop);
    room.click(Kind::Button, "Main Menu");
    room.click(Kind::Item, "Ask Before Letting In");
    let _other = desktop.look_elsewhere();
    let ana = send(&desktop, &room, "Ana", &[], "knock, knock");
    let told = notices.wait_for(1);
    assert!(told.title.starts_with("Ana ("), "{told:?}");
    assert!(told.title.ends_with("wants to come in"), "{told:?}");
    notices.click(&told, Some("Let In"));
    ends_with(ana, 0);
    room.reads("knock, knock");
}

#[test]
fn a_notification_declines_somebody() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let Some(notices) = Notices::with(&desktop, "") else {
        return;
    };
    let room = Room::open(&desktop);
    room.click(Kind::Button, "Main Menu");
    room.click(Kind::Item, "Ask Before Letting In");
    let _other = desktop.look_elsewhere();
    let ben = send(&desktop, &room, "Ben", &[], "knock, knock");
    let told = notices.wait_for(1);
    notices.click(&told, Some("Decline"));
    ends_with(ben, 1);
    room.reads("Not let in by you: Ben");
    room.does_not_read("knock, knock");
    notices.wait_for_end_of(&told);
    // It answers for one visit: who knocks again is asked about again, whatever the old one says.
    let again = send(&desktop, &room, "Ben", &[], "me again");
    let second = notices.wait_for(2);
    notices.click(&second, Some("Let In"));
    ends_with(again, 0);
    room.reads("me again");
}

#[test]
fn a_password_keeps_others_out_and_is_kept_for_the_host() {
    let look = Look {
        remembers: true,
        ..Look::default()
    };
    let Some(desktop) = Desktop::with(&look) else {
        return;
    };
    let password = desktop.home().join("told");
    fs::write(&password, "open sesame\n").expect("the home can be written");
    let server = desktop.start("hallway-server", &["--name", HOST]);
    server
        .find(Kind::Text, "Room Password for Encrypted People")
        .set_text("open sesame");
    let file = desktop.home().join("data/hallway-server/password");
    server.until("the password’s file", || {
        let text = fs::read_to_string(&file).ok()?;
        (text == "open sesame\n").then_some(())
    });
    let mode = fs::metadata(&file).expect("it is there").mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else reads it");
    server.close();
    assert_eq!(server.end(), Some(0));
    // It is known at once where the room is opened at once.
    let room = Room::open(&desktop);
    let said = ends_with(send(&desktop, &room, "Ana", &[], "let me in"), 1);
    assert!(said.contains("password"), "{said}");
    let told = ["--password-file", password.to_str().expect("it is UTF-8")];
    ends_with(send(&desktop, &room, "Ana", &told, "I know it"), 0);
    room.reads("I know it");
    room.does_not_read("let me in");
    let mut plain = room.peer_named("Ben");
    plain.line("no password for plain text");
    room.reads("no password for plain text");
}

#[test]
fn nobody_plain_comes_into_a_room_that_is_only_encrypted() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open_with(&desktop, &["--encryption", "only"]);
    let mut plain = Peer::connect(room.address());
    plain.line("hello?");
    let (lines, _) = plain.rest();
    assert!(lines.contains("Only encrypted connections"), "{lines}");
    ends_with(send(&desktop, &room, "Ana", &[], "in secret"), 0);
    room.reads("in secret");
    room.does_not_read("hello?");
    room.does_not_read("Anyone on this network");
}

#[test]
fn six_digits_are_compared() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let Some(mut ana) = Guest::hello(desktop.home(), room.address(), "Ana") else {
        return;
    };
    let server = ana.is_welcome();
    for (answer, words) in [
        ("They Differ", "is not verified"),
        ("They Match", "Ana is verified"),
    ] {
        let digits = ana.compares_with(&server);
        room.find(Kind::Window, "Compare Digits With Ana");
        let spoken: Vec<_> = digits.chars().map(String::from).collect();
        room.find(Kind::Label, &spoken.join(", "));
        room.until("an answer that can be given", || {
            room.find(Kind::Button, answer).is_sensitive().then_some(())
        });
        room.click(Kind::Button, answer);
        room.gone(Kind::Window, "Compare Digits With Ana");
        room.reads(words);
    }
    ana.hears(&[r#""type":"err""#, "unauthorized", "sas-reveal"]);
    is_spoken(&room, &["Ana", "encrypted, verified"]);
    // Whoever goes in the middle of it takes the question along.
    ana.compares_with(&server);
    room.find(Kind::Window, "Compare Digits With Ana");
    drop(ana);
    room.gone(Kind::Window, "Compare Digits With Ana");
}

#[test]
fn what_was_said_before_is_there_when_the_room_opens_again() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    ends_with(send(&desktop, &room, "Ana", &[], "remember me"), 0);
    room.reads("remember me");
    say(&room, "I shall");
    room.close();
    assert_eq!(room.end(), Some(0));
    let room = Room::open(&desktop);
    room.reads("Earlier");
    room.reads("remember me");
    room.reads("I shall");
    room.reads("Listening on");
}

/// Two servers of one person: the second one does without, or not at all.
#[test]
fn a_folder_that_is_in_use_is_told_of() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let data = desktop.home().join("data/hallway-server");
    let data = data.to_str().expect("it is UTF-8");
    let mut other = Server::start(&["--encryption", "when-both-can", "--data", data]);
    let room = Room::open(&desktop);
    room.reads("Nobody can encrypt in this room");
    room.click(Kind::Button, "Got It");
    room.reads("Anyone on this network can read this room.");
    let mut plain = room.peer_named("Ben");
    plain.line("plain text goes on");
    room.reads("plain text goes on");
    ends_with(send(&desktop, &room, "Ana", &[], "in secret"), 1);
    room.click(Kind::Button, "Stop");
    room.find(Kind::Choice, "Encryption").click_with_mouse(1);
    desktop.screen().press("End");
    desktop.screen().press("Return");
    room.reads("Only Hallway gets in; plain text is refused");
    room.click(Kind::Button, "Start Listening");
    room.reads("so nobody could encrypt here");
    assert!(Peer::try_connect(room.address()).is_err());
    // Once the other one has gone there is nothing in the way.
    other.end_by(Signal::TERM);
    room.click(Kind::Button, "Start Listening");
    room.gone(Kind::Button, "Start Listening");
    ends_with(send(&desktop, &room, "Ana", &[], "in secret"), 0);
    room.reads("in secret");
}
