//! `hallway send`: what it says when it cannot, and how it exits.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use hallway_tests::program::Program;
use hallway_tests::server::Server;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::{free_port, ours};
use rustix::net::sockopt;

/// Name look-up and connecting have three seconds; the rest is for starting a program.
const SOON: Duration = Duration::from_secs(5);

fn send(arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let mut command = ours("hallway");
    command.args(["send", "--plain"]).args(arguments);
    let mut hallway = Program::spawn(command);
    if !input.is_empty() {
        hallway.type_line(input);
    }
    hallway.end_input();
    let (code, out, said) = hallway.outcome(PATIENCE);
    assert_eq!(out, "");
    assert!(!said.contains("panicked"), "{said}");
    (code, said)
}

/// It fails in time with one sentence that has all these words.
#[track_caller]
fn fails(arguments: &[&str], words: &[&str]) {
    let start = Instant::now();
    let (code, said) = send(arguments, "");
    assert_eq!(code, Some(1), "{said}");
    assert!(start.elapsed() < SOON, "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    for word in words {
        assert!(said.contains(word), "“{word}” is not in: {said}");
    }
}

#[test]
fn addresses_may_be_written_in_every_way() {
    let mut server = Server::start(&["--address", "::"]);
    let port = server.address().port();
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"] {
        let text = format!("to {host}");
        let (code, said) = send(&[&format!("{host}:{port}"), &text], "");
        assert_eq!(code, Some(0), "{said}");
        server.hears(&text);
    }
    server.serves();
}

#[test]
fn words_are_one_line_and_input_is_many() {
    let mut server = Server::start(&[]);
    let mut peer = server.peer();
    let to = server.address().to_string();
    assert_eq!(send(&[&to, "two", "words"], "").0, Some(0));
    assert!(peer.next_line().ends_with(": two words"));
    assert_eq!(send(&[&to], "one\n/who\n二").0, Some(0));
    for text in ["one", "二"] {
        let line = peer.next_line();
        assert!(line.ends_with(&format!(": {text}")), "{line}");
    }
    server.serves();
}

#[test]
fn nobody_listens() {
    let port = free_port().to_string();
    fails(&[&format!("127.0.0.1:{port}"), "hi"], &["127.0.0.1", &port]);
}

#[test]
fn no_such_name() {
    let name = "no-such-host.invalid";
    fails(&[&format!("{name}:4255"), "hi"], &[name]);
}

#[test]
fn the_peer_resets() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    let address = listener
        .local_addr()
        .expect("it listens somewhere")
        .to_string();
    let resetting = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody connects");
        let read = stream.read(&mut [0; 1]);
        assert!(read.is_ok(), "{read:?}");
        sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).expect("it is a TCP socket");
    });
    let input = "so much that not all of it is taken ".repeat(400_000);
    let mut hallway = ours("hallway");
    hallway.args(["send", "--plain", &address]);
    let mut hallway = Program::spawn(hallway);
    // It ends before it has read everything.
    let (code, said) = thread::scope(|scope| {
        let mut stdin = hallway.take_input();
        scope.spawn(move || {
            use std::io::Write;
            let _ = stdin.write_all(input.as_bytes());
        });
        let (code, _, said) = hallway.outcome(PATIENCE);
        (code, said)
    });
    resetting.join().expect("the listener did its part");
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn bad_usage() {
    for arguments in [
        &[][..],
        &["127.0.0.1:notaport", "hi"],
        &["--nonsense", "x"],
        &["", "hi"],
    ] {
        let (code, said) = send(arguments, "");
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
        assert_ne!(said, "");
    }
}
