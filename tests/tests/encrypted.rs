//! Encrypted people: our programs against each other, against openssl, and beside nc.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use hallway_tests::program::Program;
use hallway_tests::server::Server;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::{foreign, ours};
use rustix::process::Signal;
use tempfile::TempDir;

/// A room with a folder of its own, which outlives the server.
fn room(folder: &TempDir, port: &str) -> Server {
    let data = folder.path().to_str().expect("a path of ours is UTF-8");
    let encrypted = ["--encryption", "when-both-can", "--data", data];
    Server::start(&[&encrypted[..], &["--port", port]].concat())
}

/// `hallway send` by somebody whose things are in `home`.
fn send(home: &TempDir, room: SocketAddr, options: &[&str], text: &str) -> (Option<i32>, String) {
    let mut command = ours("hallway");
    command
        .arg("send")
        .args(options)
        .args([&room.to_string(), text])
        .env("XDG_DATA_HOME", home.path());
    let mut hallway = Program::spawn(command);
    hallway.end_input();
    let (code, out, said) = hallway.outcome(PATIENCE);
    assert_eq!(out, "");
    assert!(!said.contains("panicked"), "{said}");
    (code, said)
}

fn folder() -> TempDir {
    TempDir::new().expect("there is room for a folder")
}

#[test]
fn encrypted_and_plain_people_share_a_room() {
    let (data, home) = (folder(), folder());
    let mut server = room(&data, "0");
    let mut plain = server.peer_named("Bo");
    let options = ["--encrypted", "--name", "Ana"];
    let (code, said) = send(&home, server.address(), &options, "你好\nall");
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("fingerprint"),
        "first contact is told: {said}"
    );
    plain.hears("Ana: 你好");
    plain.hears("    all");
    server.hears("all");
    // Known from now on: it needs no telling, and plain text is refused.
    let (code, said) = send(&home, server.address(), &["--name", "Ana"], "again");
    assert_eq!((code, said.as_str()), (Some(0), ""));
    plain.hears("Ana: again");
    let (code, said) = send(&home, server.address(), &["--plain"], "in plain");
    assert_eq!(code, Some(1), "{said}");
    plain.hears_nothing();
    server.serves();
}

/// Whoever runs both programs on one computer is called the same in both.
#[test]
fn a_name_of_ones_own_that_is_taken_gets_a_number() {
    let (data, one, two) = (folder(), folder(), folder());
    let server = room(&data, "0");
    let mut plain = server.peer();
    server.knows(&plain);
    for home in [&one, &two] {
        let (code, said) = send(home, server.address(), &["--encrypted"], "hello");
        assert_eq!(code, Some(0), "{said}");
        let line = plain.next_line();
        assert!(line.ends_with(" 2: hello"), "{line}");
    }
    // One that was chosen is not changed.
    plain.ask("/name Zoë");
    let options = ["--encrypted", "--name", "Zoë"];
    let (code, said) = send(&one, server.address(), &options, "hi");
    assert_eq!(code, Some(1), "{said}");
    plain.hears_nothing();
}

/// Whoever cannot know any more that a server is encrypted must not be told that it is not.
#[test]
fn pins_that_are_damaged_are_told_of_and_nothing_is_sent() {
    let (data, home) = (folder(), folder());
    let mut server = room(&data, "0");
    let options = ["--encrypted", "--name", "Ana"];
    let (code, said) = send(&home, server.address(), &options, "one");
    assert_eq!(code, Some(0), "{said}");
    let pins = home.path().join("hallway/client/pins.json");
    fs::write(&pins, "{").expect("a file of ours can be written");
    let (code, said) = send(&home, server.address(), &[], "two");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("damaged"), "{said}");
    server.serves();
    assert!(!server.entries().iter().any(|entry| entry.text == "two"));
}

/// What was acknowledged is there after the server was killed, and the server is known again.
#[test]
fn a_server_that_was_killed_is_the_same_again() {
    let (data, home) = (folder(), folder());
    let mut server = room(&data, "0");
    let port = server.address().port().to_string();
    let (code, said) = send(
        &home,
        server.address(),
        &["--encrypted", "--name", "Ana"],
        "one",
    );
    assert_eq!(code, Some(0), "{said}");
    server.end_by(Signal::KILL);
    drop(server);
    let server = room(&data, &port);
    let (code, said) = send(&home, server.address(), &["--name", "Ana"], "two");
    assert_eq!(
        (code, said.as_str()),
        (Some(0), ""),
        "known, and encrypted by itself"
    );
    // Another server at the address is not spoken to.
    let mut server = server;
    server.end_by(Signal::TERM);
    drop(server);
    let other = folder();
    let server = room(&other, &port);
    let (code, said) = send(&home, server.address(), &["--name", "Ana"], "three");
    assert_eq!(code, Some(3), "{said}");
    assert!(!server.entries().iter().any(|entry| entry.text == "three"));
}

/// Frames typed by hand into openssl.
#[test]
fn openssl_holds_a_conversation() {
    let Some(mut openssl) = foreign("openssl") else {
        return;
    };
    let (data, home) = (folder(), folder());
    let mut server = room(&data, "0");
    let mut plain = server.peer_named("Bo");
    let (key, certificate) = (home.path().join("key"), home.path().join("certificate"));
    make_certificate(&key, &certificate);
    openssl
        .args(["s_client", "-quiet", "-alpn", "hallway/1", "-connect"])
        .arg(server.address().to_string())
        .arg("-key")
        .arg(&key)
        .arg("-cert")
        .arg(&certificate);
    let mut openssl = Program::spawn(openssl);
    openssl.type_line(r#"{"type":"hello","name":"Olga","caps":[]}"#);
    hears_frame(&openssl, &[r#""type":"welcome""#]);
    let cid = "000102030405060708090a0b0c0d0e0f";
    openssl.type_line(&format!(
        r#"{{"type":"msg","cid":"{cid}","n":1,"to":"room","text":"by hand"}}"#
    ));
    hears_frame(&openssl, &[r#""type":"ack""#, cid]);
    hears_frame(&openssl, &[r#""type":"event""#, "by hand"]);
    plain.hears("Olga: by hand");
    plain.line("and back");
    hears_frame(&openssl, &[r#""type":"event""#, "and back", "Bo"]);
    plain.hears_nothing();
    server.serves();
}

fn make_certificate(key: &Path, certificate: &Path) {
    let mut openssl = foreign("openssl").expect("it was there");
    openssl.args([
        "req", "-x509", "-newkey", "ec", "-nodes", "-subj", "/CN=Olga",
    ]);
    openssl.args(["-pkeyopt", "ec_paramgen_curve:prime256v1"]);
    openssl.arg("-keyout").arg(key).arg("-out").arg(certificate);
    succeeds(openssl);
    assert!(fs::metadata(key).is_ok_and(|key| key.len() > 0));
}

fn succeeds(mut command: Command) {
    let output = command.output().expect("it can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// One of the lines that come has all these words.
#[track_caller]
fn hears_frame(openssl: &Program, words: &[&str]) {
    let what = format!("a frame with {words:?}");
    let has_all = |line: &str| words.iter().all(|word| line.contains(word));
    openssl.out().find(PATIENCE, &what, has_all);
}
