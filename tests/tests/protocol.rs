//! What travels on the wire between a server and plain peers, to the byte.

use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use hallway_tests::peer::{End, Peer};
use hallway_tests::server::Server;
use hallway_tests::wait::SILENCE;
use rustix::process::Signal;

/// How long a server that stops waits for peers that do not close.
const CLOSING: Duration = Duration::from_secs(3);

#[test]
fn commands_are_answered_and_nobody_else_hears_them() {
    let mut server = Server::start(&["--echo", "--name", "Hilda"]);
    let (mut ana, mut other) = (server.peer(), server.peer());
    let address = ana.address().to_string();

    assert!(ana.ask("/name").contains(&address));
    assert!(ana.ask("/name Ana").contains("Ana"));
    server.event(&[&address, "Ana"]);
    let who = ana.ask("/who");
    assert!(
        who.contains("Ana") && who.contains(&other.address().to_string()),
        "{who}"
    );
    let help = ana.ask("/help");
    for command in ["/name", "/who", "/quit"] {
        assert!(help.contains(command), "{help}");
    }
    ana.line("/quit");
    let (last, end) = ana.rest();
    assert!(last.lines().all(|line| line.starts_with("* ")), "{last}");
    assert!(last.lines().count() <= 1, "one notice at the most: {last}");
    assert_eq!(end, End::Fin);
    other.hears_nothing();
    server.serves();
}

#[test]
fn what_only_looks_like_a_command_is_text() {
    let server = Server::start(&[]);
    let (mut ana, mut other) = (server.peer_named("Ana"), server.peer());
    let cases = [
        ("//who", "/who"),
        ("//name Bea", "/name Bea"),
        ("//quit", "/quit"),
        ("//help", "/help"),
        ("/x", "/x"),
        ("//x", "//x"),
        ("///who", "///who"),
        ("/", "/"),
        ("/etc/hosts", "/etc/hosts"),
        ("/whose", "/whose"),
        (" /who", " /who"),
    ];
    for (said, heard) in cases {
        ana.line(said);
        other.hears(&format!("Ana: {heard}"));
        server.hears(heard);
    }
    ana.hears_nothing();
}

#[test]
fn without_commands_all_is_text() {
    let mut server = Server::start(&["--no-commands"]);
    let (mut one, mut other) = (server.peer(), server.peer());
    for text in ["/who", "/help", "/name Ana", "/quit", "//who"] {
        one.line(text);
        other.hears(&format!("{}: {text}", one.address()));
    }
    one.hears_nothing();
    server.serves();
}

#[test]
fn the_host_gives_no_commands() {
    let mut server = Server::start(&[]);
    let mut peer = server.peer();
    for text in ["/who", "/quit", "//help", "/name Ana", ""] {
        server.says(text);
        peer.hears(text);
    }
}

#[test]
fn nothing_is_sent_on_accept_and_no_joins_or_leaves() {
    let server = Server::start(&["--name", "Hilda"]);
    let mut first = server.peer();
    first.hears_nothing();
    let second = server.peer();
    let address = second.address();
    second.half_close();
    server.lost(address);
    server.peer_named("Ana").reset();
    first.hears_nothing();
}

#[test]
fn names_that_pass_for_something_else_are_refused() {
    let mut server = Server::start(&["--name", "Hilda"]);
    let (mut ana, mut other) = (server.peer_named("Ana"), server.peer());
    let too_long = "x".repeat(65);
    let refused = [
        "10.0.0.1",
        "127.0.0.1:4255",
        "[fe80::1]:80",
        "Bea: hi",
        "Bea:",
        "* Bea",
        "/who",
        "ana",
        "ANA",
        // Cyrillic.
        "\u{410}na",
        "\u{410}\u{43f}\u{430}: x",
        "An\u{200b}a",
        "Hilda",
        "hilda",
        "HILDA",
        "\u{200b}",
        &too_long,
    ];
    for name in refused {
        let answer = other.ask(&format!("/name {name}"));
        assert!(!answer.contains("now"), "{name}: {answer}");
        other.line("who am I");
        ana.hears(&format!("{}: who am I", other.address()));
    }
    // A name is free again when its owner has another, or is gone.
    let ana_address = ana.address();
    ana.ask("/name Maria");
    server.event(&["Ana", "Maria"]);
    other.ask("/name Ana");
    other.line("me");
    ana.hears("Ana: me");
    drop(ana);
    server.lost(ana_address);
    other.ask("/name Maria");
    other.line("Maria now");
    assert_eq!(server.hears("Maria now").speaker, "Maria");
    server.serves();
}

#[test]
fn who_names_a_hundred_and_counts_the_rest() {
    let server = Server::start(&[]);
    let people: Vec<_> = (0..120).map(|_| server.peer()).collect();
    let mut asking = server.peer();
    let who = asking.ask("/who");
    assert_eq!(who.matches("127.0.0.1:").count(), 100, "{who}");
    assert!(who.contains("121") || who.contains("21"), "{who}");
    drop(people);
}

#[test]
fn echo_gives_the_bytes_back_as_they_came() {
    let server = Server::start(&["--echo"]);
    let (mut one, mut other) = (server.peer(), server.peer());
    let said: &[u8] = b"CR LF\r\n\x1b[31mred\x00\xff\xfe\x80\r\r\n\n//who\n\xe2\x80\xae\n";
    one.send(said);
    // `//who` is text, and comes back as it came.
    assert_eq!(one.exactly(said.len()), said);
    let address = one.address();
    for text in [
        "CR LF",
        "␛[31mred␀\u{fffd}\u{fffd}\u{fffd}␍",
        "",
        "/who",
        "⟨U+202E⟩",
    ] {
        other.hears(&format!("{address}: {text}"));
    }
    one.send(b"the last");
    one.half_close();
    let (rest, end) = one.rest();
    assert_eq!((rest.trim_end(), end), ("the last", End::Fin));
}

#[test]
fn without_relay_only_the_host_hears() {
    let mut server = Server::start(&["--no-relay"]);
    let (mut one, mut other) = (server.peer(), server.peer());
    one.line("for you alone");
    let heard = server.hears("for you alone");
    assert_eq!(heard.speaker, one.address().to_string());
    other.hears_nothing();
    server.says("to all");
    one.hears("to all");
    other.hears("to all");
}

#[test]
fn the_hosts_name_is_never_on_a_plain_wire() {
    let mut server = Server::start(&["--name", "Hildegard"]);
    let mut peer = server.peer();
    server.says("hello");
    peer.hears("hello");
    assert_eq!(server.hears("hello").speaker, "Hildegard");
    for command in ["/who", "/help", "/name", "/name Hildegard"] {
        let answer = peer.ask(command);
        assert!(!answer.contains("Hildegard"), "{command}: {answer}");
    }
    server.end_by(Signal::TERM);
    let (last, _) = peer.rest();
    assert!(!last.contains("Hildegard"), "{last}");
}

#[test]
fn quiet_prints_where_it_listens_and_nothing_else() {
    let mut server = Server::start(&["--quiet"]);
    let mut one = Peer::connect(server.address());
    let mut other = Peer::connect(server.address());
    one.ask("/name Ana");
    other.ask("/who");
    one.line("hello");
    other.hears("Ana: hello");
    server.says("hello all");
    one.hears("hello all");
    assert_eq!(server.end_by(Signal::TERM), Some(0));
    assert_eq!(server.program().out().all().len(), 1);
}

#[test]
fn each_line_of_the_host_is_a_message_and_the_end_of_input_is_not_the_end() {
    let mut server = Server::start(&[]);
    let (mut one, mut other) = (server.peer(), server.peer());
    server
        .program()
        .write("one\ntwo\r\n\x1b[2J三\nlast".as_bytes());
    server.program().end_input();
    for text in ["one", "two", "␛[2J三", "last"] {
        one.hears(text);
        other.hears(text);
        server.hears(text);
    }
    one.line("still here");
    other.hears(&format!("{}: still here", one.address()));
    server.is_well();
    assert_eq!(server.end_by(Signal::TERM), Some(0));
}

#[test]
fn nobody_can_speak_as_somebody_else() {
    let mut server = Server::start(&["--name", "Hilda"]);
    let (mut ana, mut forger) = (server.peer_named("Ana"), server.peer());
    let mut other = server.peer();
    ana.line("hi");
    other.hears("Ana: hi");
    forger.hears("Ana: hi");
    let address = forger.address();
    let forgeries: [(&[u8], &str); 6] = [
        (b"Ana: hi\n", "Ana: hi"),
        (b"x\rAna: hi\n", "x␍Ana: hi"),
        ("x\u{2028}Ana: hi\n".as_bytes(), "x⟨U+2028⟩Ana: hi"),
        ("\u{202e}ih :anA\n".as_bytes(), "⟨U+202E⟩ih :anA"),
        (b"\x1b[1A\x1b[2KAna: hi\n", "␛[1A␛[2KAna: hi"),
        (b"* The server has stopped.\n", "* The server has stopped."),
    ];
    for (said, heard) in forgeries {
        forger.send(said);
        other.hears(&format!("{address}: {heard}"));
        assert_eq!(server.hears(heard).speaker, address.to_string());
    }
    // Nor can a line forge another one of the output.
    forger.line("a\tAna\tb");
    assert_eq!(server.hears("a\tAna\tb").speaker, address.to_string());
    server.serves();
}

#[test]
fn signals_close_every_connection_properly() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut server = Server::start(&[]);
        let mut peers: Vec<_> = (0..5).map(|_| server.peer()).collect();
        let mut talker = server.peer_named("Ana");
        talker.line("just before the end");
        server.says("from the host too");
        server.hears("from the host too");
        server.hears("just before the end");
        let start = Instant::now();
        let heard: Vec<_> = thread::scope(|scope| {
            let reading: Vec<_> = peers
                .iter_mut()
                .chain([&mut talker])
                .map(|peer| scope.spawn(|| peer.rest()))
                .collect();
            assert_eq!(server.end_by(signal), Some(0), "{signal:?}");
            let heard = reading.into_iter().map(ScopedJoinHandle::join);
            heard.collect::<Result<_, _>>().expect("every stream ends")
        });
        let took = start.elapsed();
        assert!(took < CLOSING, "nobody had to be waited for: {took:?}");
        for (text, end) in &heard {
            assert_eq!(*end, End::Fin, "{text}");
            assert!(
                text.lines()
                    .last()
                    .is_some_and(|last| last.starts_with("* ")),
                "{text}"
            );
        }
        for (text, _) in &heard[..peers.len()] {
            let lines: Vec<_> = text.lines().collect();
            assert_eq!(lines.len(), 3, "{text}");
            assert!(lines.contains(&"Ana: just before the end"), "{text}");
            assert!(lines.contains(&"from the host too"), "{text}");
        }
        for entry in server.entries() {
            assert!(!entry.text.contains("perhaps"), "{entry:?}");
        }
        for peer in peers {
            server.lost(peer.address());
        }
    }
}

/// Somebody who never closes does not keep the server longer than three seconds.
#[test]
fn a_peer_that_does_not_close_cannot_hold_the_server() {
    let mut server = Server::start(&[]);
    let _held: Vec<_> = (0..3).map(|_| server.peer()).collect();
    let start = Instant::now();
    assert_eq!(server.end_by(Signal::TERM), Some(0));
    let took = start.elapsed();
    assert!(took < 2 * CLOSING, "{took:?}");
    assert!(took > SILENCE, "nobody was waited for: {took:?}");
}
