//! What a server gets from careless and from hostile programs. The others never notice.

use std::time::Duration;

use hallway_tests::peer::{End, Peer};
use hallway_tests::program::Program;
use hallway_tests::server::{Entry, Server};
use hallway_tests::world::foreign_with;
use rustix::process::Signal;

/// Bytes of the longest line unless set.
const LONGEST: usize = 64 * 1024;

/// The events about a peer other than that it came.
fn events_about(server: &Server, peer: &Peer) -> Vec<String> {
    let entries = server.entries().into_iter();
    entries
        .filter(|entry| entry.concerns(peer.address()))
        .map(|entry| entry.text)
        .filter(|text| !text.starts_with("Connected"))
        .collect()
}

/// Sends what is more than a line may be, and sees that it ends well.
fn too_long(server: &mut Server, bytes: &[u8]) {
    let (mut peer, mut other) = (server.peer(), server.peer());
    peer.line("before");
    other.hears(&format!("{}: before", peer.address()));
    peer.send(bytes);
    let (notice, end) = peer.rest();
    assert_eq!(end, End::Fin, "{notice}");
    assert_eq!(notice.lines().count(), 1, "{notice}");
    assert!(
        notice.starts_with("* ") && notice.ends_with('\n'),
        "{notice}"
    );
    server.lost(peer.address());
    let begins = String::from_utf8_lossy(&bytes[..50]).into_owned();
    server.event(&[&peer.address().to_string(), "too long", &begins]);
    other.hears_nothing();
    server.serves();
}

/// Sends the longest line that may be, and one less: both are heard whole.
fn just_long_enough(server: &mut Server, longest: usize) {
    let (mut peer, mut other) = (server.peer(), server.peer());
    for length in [longest - 1, longest] {
        let text = "x".repeat(length);
        peer.line(&text);
        other.hears(&format!("{}: {text}", peer.address()));
    }
    peer.hears_nothing();
}

#[test]
fn a_line_at_the_limit() {
    let mut server = Server::start(&[]);
    just_long_enough(&mut server, LONGEST);
    too_long(&mut server, "y".repeat(LONGEST + 1).as_bytes());
    too_long(
        &mut server,
        format!("{}\nmore\n", "z".repeat(LONGEST + 1)).as_bytes(),
    );
}

#[test]
fn a_line_at_a_limit_that_was_set() {
    let mut server = Server::start(&["--max-line", "100"]);
    just_long_enough(&mut server, 100);
    too_long(&mut server, "y".repeat(101).as_bytes());
    too_long(
        &mut server,
        format!("{}\nmore\n", "z".repeat(101)).as_bytes(),
    );
}

#[test]
fn an_endless_line_costs_nothing() {
    let mut server = Server::start(&[]);
    server.serves();
    let before = server.usage_alone();
    let mut peer = server.peer();
    // Until the server has closed, however long it lets itself be talked to.
    let piece = "e".repeat(64 * 1024);
    for _ in 0..1024 {
        peer.try_send(piece.as_bytes());
    }
    server.lost(peer.address());
    let grown = server.usage().memory.saturating_sub(before.memory);
    assert!(
        grown < 4 * 1024,
        "{grown} KiB more for 64 MiB that were sent"
    );
    drop(peer);
    assert_eq!(server.usage_alone().descriptors, before.descriptors);
    server.serves();
}

#[test]
fn controls_are_seen_and_do_nothing() {
    let mut server = Server::start(&[]);
    let (mut peer, mut other) = (server.peer(), server.peer());
    let cases: [(&[u8], &str); 7] = [
        (b"nul\0nul", "nul␀nul"),
        (b"lone\rcr", "lone␍cr"),
        (b"twice\r", "twice␍"),
        (b"\x1b]0;title\x07", "␛]0;title␇"),
        (b"del\x7f bs\x08", "del␡ bs␈"),
        (b"tab\tstays", "tab\tstays"),
        (b"c1 \xc2\x9b31m", "c1 ⟨U+009B⟩31m"),
    ];
    for (said, heard) in cases {
        peer.send(&[said, b"\r\n"].concat());
        other.hears(&format!("{}: {heard}", peer.address()));
        server.hears(heard);
    }
    server.serves();
}

#[test]
fn broken_utf_8_of_every_kind() {
    let mut server = Server::start(&[]);
    let (mut peer, mut other) = (server.peer(), server.peer());
    let broken: [&[u8]; 16] = [
        // Continuations without a beginning.
        b"\x80",
        b"\xbf\xbf",
        // Beginnings without a continuation, of two, three and four bytes.
        b"\xc3",
        b"\xe4\xbd",
        b"\xf0\x9f\x98",
        b"\xe4z\xbd",
        // Longer than need be: /, NUL.
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xc1\xbf",
        // Surrogates, alone and as a pair.
        b"\xed\xa0\x80",
        b"\xed\xa0\xbd\xed\xb8\x80",
        // Beyond U+10FFFF, and bytes that are in no text.
        b"\xf4\x90\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\xfe\xff",
        b"\xff\xf4\xff\xfd\x06",
    ];
    for bytes in broken {
        let said = [b"a", bytes, "好b".as_bytes()].concat();
        let heard = String::from_utf8_lossy(&said).replace('\u{6}', "␆");
        peer.send(&said);
        peer.send(b"\n");
        other.hears(&format!("{}: {heard}", peer.address()));
        server.hears(&heard);
    }
    // Cut by the end of the stream.
    peer.send(b"cut \xe5\xa5");
    peer.half_close();
    other.hears(&format!("{}: cut \u{fffd}", peer.address()));
    server.serves();
}

#[test]
fn http_is_refused_and_not_heard() {
    let mut server = Server::start(&[]);
    let mut other = server.peer();
    let requests = [
        "POST / HTTP/1.1\r\nHost: hallway:4255\r\nContent-Length: 21\r\n\r\n/name Ana\nspoken here\n",
        "GET /room?x=%0A HTTP/1.0\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    for request in requests {
        let mut web = server.peer();
        web.send(request.as_bytes());
        let (answer, end) = web.rest();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert_eq!(end, End::Fin);
        server.lost(web.address());
        assert_eq!(events_about(&server, &web).len(), 1);
    }
    other.hears_nothing();
    assert!(server.entries().iter().all(Entry::is_event));
    // Only at the beginning of a conversation.
    let mut talker = server.peer();
    talker.line("how do I say");
    talker.line("GET / HTTP/1.1");
    other.hears(&format!("{}: how do I say", talker.address()));
    other.hears(&format!("{}: GET / HTTP/1.1", talker.address()));
    server.serves();
}

#[test]
fn encryption_is_refused_and_not_heard() {
    let mut server = Server::start(&[]);
    let mut other = server.peer();
    // The beginning of a ClientHello: a record, its version and length, a handshake message.
    let mut hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec();
    hello.extend((0..501_u32).map(|number| u8::try_from(number % 251).expect("less than 251")));
    let mut encrypted = server.peer();
    encrypted.send(&hello);
    let (answer, _) = encrypted.rest();
    assert!(
        !answer.contains('*'),
        "not one byte that is no handshake: {answer}"
    );
    server.lost(encrypted.address());
    assert_eq!(events_about(&server, &encrypted).len(), 1);

    // A single byte decides.
    let mut single = server.peer();
    single.send(b"\x16");
    single.rest();
    server.lost(single.address());

    let connect = server.address().to_string();
    if let Some(client) = foreign_with("openssl", ["s_client", "-connect", &connect]) {
        let mut client = Program::spawn(client);
        client.end_input();
        let (code, _, _) = client.outcome(Duration::from_secs(15));
        assert_ne!(code, Some(0));
    }
    other.hears_nothing();
    assert!(server.entries().iter().all(Entry::is_event));
    server.serves();
}

#[test]
fn connections_that_send_nothing_hold_up_nobody() {
    let mut server = Server::start(&[]);
    server.serves();
    let before = server.usage_alone().descriptors;
    let idle: Vec<_> = (0..200).map(|_| server.peer()).collect();
    server.serves();
    drop(idle);
    assert_eq!(server.usage_alone().descriptors, before);
    server.serves();
}

#[test]
fn connections_that_end_at_once_hold_up_nobody() {
    let mut server = Server::start(&[]);
    let mut other = server.peer();
    for number in 0..100 {
        let peer = Peer::connect(server.address());
        if number % 2 == 0 {
            peer.reset();
        }
    }
    other.hears_nothing();
    server.serves();
}

#[test]
fn a_peer_that_is_killed() {
    let mut server = Server::start(&[]);
    let mut other = server.peer();
    let to = [
        server.address().ip().to_string(),
        server.address().port().to_string(),
    ];
    let Some(nc) = foreign_with("nc", &to) else {
        return;
    };
    let mut nc = Program::spawn(nc);
    nc.type_line("my last words");
    let speaker = server.hears("my last words").speaker;
    other.hears(&format!("{speaker}: my last words"));
    // What it has not read by then makes the system send an RST.
    nc.signal(Signal::STOP);
    other.line("do you hear me");
    server.hears("do you hear me");
    nc.signal(Signal::KILL);
    server.lost(
        speaker
            .parse()
            .expect("who has no name is called by the address"),
    );
    server.serves();
}

#[test]
fn a_peer_that_resets() {
    let mut server = Server::start(&[]);
    let (mut peer, mut other) = (server.peer(), server.peer());
    let address = peer.address();
    peer.line("whole");
    other.hears(&format!("{address}: whole"));
    peer.reset();
    server.lost(address);
    other.hears_nothing();
    server.serves();
}
