//! Encrypted conversations in the client's window.

use std::path::Path;

use hallway_tests::desktop::Desktop;
use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{conversation, say, write};
use hallway_tests::program::Program;
use hallway_tests::server::Server;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::{free_port, ours};
use rustix::process::Signal;
use tempfile::TempDir;

fn folder() -> TempDir {
    TempDir::new().expect("there is room for a folder")
}

/// A room on a port, whose things are in a folder that outlives it.
fn room(data: &TempDir, port: u16, more: &[&str]) -> Server {
    let data = data.path().to_str().expect("a path of ours is UTF-8");
    let port = port.to_string();
    let mut arguments = vec!["--encryption", "when-both-can", "--data", data];
    arguments.extend(["--address", "127.0.0.1", "--port", &port, "--name", "Hana"]);
    arguments.extend(more);
    Server::start(&arguments)
}

/// A window that has this server in it, and in which the person is called Nell.
fn open<'a>(desktop: &'a Desktop, room: &Server) -> App<'a> {
    desktop.start("hallway", &[&room.address().to_string()])
}

/// `hallway send` by somebody called Ana, whose things are in `home`.
fn ana_sends(home: &Path, room: &Server, text: &str) {
    let mut command = ours("hallway");
    command
        .args(["send", "--encrypted", "--name", "Ana"])
        .args([&room.address().to_string(), text])
        .env("XDG_DATA_HOME", home);
    let mut hallway = Program::spawn(command);
    hallway.end_input();
    let (code, _, said) = hallway.outcome(PATIENCE);
    assert_eq!(code, Some(0), "{said}");
}

/// How often a text stands in the conversation.
fn count(client: &App<'_>, text: &str) -> usize {
    let lines = conversation(client).into_iter();
    lines.filter(|line| line.contains(text)).count()
}

/// Waits for a line that reads so, with its state, to a screen reader.
#[track_caller]
fn row(client: &App<'_>, part: &str) {
    client.until(part, || (count(client, part) > 0).then_some(()));
}

/// Chooses somebody in the list of people, by keyboard: with these keys from the first.
#[track_caller]
fn choose_person(client: &App<'_>, name: &str, keys: &[&str]) {
    let screen = client.desktop().screen();
    client.click(Kind::Button, "People");
    client.find(Kind::Row, name);
    client.focuses("Everyone, …");
    for key in keys {
        screen.press(key);
    }
    screen.press("Return");
    client.gone(Kind::Row, name);
}

fn stop(mut room: Server, signal: Signal) {
    room.end_by(signal);
}

#[test]
fn a_server_is_met_and_has_what_is_said_on_its_disk() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let (data, home) = (folder(), folder());
    let room = room(&data, free_port(), &[]);
    let client = open(&desktop, &room);
    client.reads("You meet this server for the first time");
    client.find(Kind::Button, "Encrypted");
    say(&client, "first line\nand another");
    // Both lines are one message.
    row(&client, "Delivered");
    assert_eq!(count(&client, "first line"), 1);
    room.hears("and another");
    ana_sends(home.path(), &room, "Hello, everyone");
    client.reads("Hello, everyone");
    assert_eq!(count(&client, "first line"), 1);
}

#[test]
fn what_waited_arrives_once_after_the_server_was_killed() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let (data, port) = (folder(), free_port());
    let first = room(&data, port, &[]);
    let client = open(&desktop, &first);
    client.reads("Connected to");
    say(&client, "before");
    row(&client, "Delivered");
    stop(first, Signal::KILL);
    client.reads("Reconnecting in");
    say(&client, "meanwhile");
    row(&client, "Waiting to be sent");
    let second = room(&data, port, &[]);
    client.until("nothing that waits", || {
        (count(&client, "Waiting to be sent") == 0).then_some(())
    });
    second.hears("meanwhile");
    for text in ["before", "meanwhile"] {
        assert_eq!(count(&client, text), 1, "{text}");
    }
    // A window that is opened anew shows what was said.
    client.close();
    assert_eq!(client.end(), Some(0));
    let again = open(&desktop, &second);
    again.reads("Connected to");
    for text in ["before", "meanwhile"] {
        again.reads(text);
        assert_eq!(count(&again, text), 1, "{text}");
    }
}

#[test]
fn another_server_at_the_address_blocks_until_a_person_decides() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let (data, other_data, port) = (folder(), folder(), free_port());
    let first = room(&data, port, &[]);
    let client = open(&desktop, &first);
    client.reads("Connected to");
    say(&client, "to the first");
    row(&client, "Delivered");
    stop(first, Signal::KILL);
    let second = room(&other_data, port, &[]);
    client.reads("Another Server Is Here");
    client.find(Kind::Button, "Encrypted");
    client.click(Kind::Button, "Connect as a New Server");
    client.reads("Connected to");
    client.stops_reading("to the first");
    say(&client, "to the second");
    second.hears("to the second");
    row(&client, "Delivered");
}

#[test]
fn a_password_is_asked_for_until_it_is_right() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let data = folder();
    let secret = data.path().join("password");
    write_secret(&secret, "open sesame\n");
    let secret = secret.to_str().expect("a path of ours is UTF-8");
    let room = room(&data, free_port(), &["--password-file", secret]);
    let client = open(&desktop, &room);
    client.reads("This Room Has a Password");
    client.find(Kind::Text, "Password").set_text("wrong");
    client.click(Kind::Button, "Join");
    client.reads("not the room’s password");
    client.find(Kind::Text, "Password").set_text("open sesame");
    client.click(Kind::Button, "Join");
    client.reads("Connected to");
    say(&client, "let in");
    room.hears("let in");
}

fn write_secret(path: &Path, text: &str) {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .expect("a folder of ours can be written");
}

/// Ana was in the room once. What is written to her alone waits for her on the server.
#[test]
fn somebody_who_is_away_is_written_to() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let (data, home) = (folder(), folder());
    let room = room(&data, free_port(), &[]);
    let client = open(&desktop, &room);
    client.reads("Connected to");
    ana_sends(home.path(), &room, "I am off");
    client.reads("I am off");
    choose_person(&client, "Ana, Encrypted, away", &["Down"]);
    client.reads("The server’s host can read this");
    say(&client, "for Ana alone");
    row(&client, "Delivered");
    let mut plain = room.peer();
    client.until("Ana has it", || {
        ana_sends(home.path(), &room, "back for a moment");
        (count(&client, "Seen by 1 person") > 0).then_some(())
    });
    assert_eq!(
        count(&client, "back for a moment"),
        0,
        "that is in the room"
    );
    plain.line("* everyone");
    choose_person(&client, "Everyone", &[]);
    client.reads("back for a moment");
    assert_eq!(count(&client, "for Ana alone"), 0);
    // Somebody plain is here.
    client.reads("Anyone on this network can read this room");
    assert!(
        !room
            .entries()
            .iter()
            .any(|entry| entry.text == "for Ana alone")
    );
}

#[test]
fn a_name_is_changed_by_writing_so() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let data = folder();
    let room = room(&data, free_port(), &[]);
    let client = open(&desktop, &room);
    client.reads("Connected to");
    // The server is called by its name; where it is stands below.
    client.window("Hana");
    say(&client, "/name Nell");
    client.reads("Your name is Nell now");
    let mut plain = room.peer();
    say(&client, "here I am");
    plain.hears("Nell: here I am");
    row(&client, "Delivered");
    assert_eq!(count(&client, "/name"), 0, "nobody reads it");
    write(&client, "/name 10.0.0.1");
    client.click(Kind::Button, "Send");
    client.reads("looks like an address");
    let composer = client.find(Kind::Text, "Message");
    assert_eq!(composer.text(), "/name 10.0.0.1");
    say(&client, "/names of people");
    plain.hears("Nell: /names of people");
}

#[test]
fn a_pinned_server_is_never_spoken_to_plainly() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let data = folder();
    let room = room(&data, free_port(), &[]);
    let client = open(&desktop, &room);
    client.reads("Connected to");
    say(&client, "encrypted");
    row(&client, "Delivered");
    client.close();
    assert_eq!(client.end(), Some(0));
    let again = desktop.start("hallway", &["--plain", &room.address().to_string()]);
    again.reads("it is not spoken to in plain text");
    again.find(Kind::Button, "Encrypted");
    say(&again, "still encrypted");
    row(&again, "Delivered");
}
