//! Bytes in all portions and at all speeds: nothing is lost, nothing changes places.

use std::io::Write;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use hallway_tests::peer::{End, Peer};
use hallway_tests::program::Program;
use hallway_tests::server::{Entry, Server, command};
use hallway_tests::wait::PATIENCE;

use rustix::process::Signal;

/// Lines of a burst.
const BURST: usize = 10_000;

fn line(number: usize) -> String {
    format!("line {number} of a burst, long enough that it does not fit into any queue 走廊")
}

fn burst() -> Vec<u8> {
    (0..BURST)
        .flat_map(|number| format!("{}\n", line(number)).into_bytes())
        .collect()
}

/// Reads a burst, `portion` bytes at a time with a pause after each.
fn read_burst(peer: &mut Peer, speaker: SocketAddr, portion: usize, pause: Duration) {
    let expected: Vec<_> = (0..BURST)
        .map(|number| format!("{speaker}: {}\n", line(number)))
        .collect();
    let expected = expected.concat();
    let mut read = Vec::with_capacity(expected.len());
    while read.len() < expected.len() {
        let some = peer.read_some(portion);
        assert!(!some.is_empty(), "the end after {} bytes", read.len());
        read.extend(some);
        thread::sleep(pause);
    }
    let read = String::from_utf8(read).expect("what was sent is UTF-8");
    if let Some((is, should)) = read.lines().zip(expected.lines()).find(|(is, s)| is != s) {
        panic!("“{is}” instead of “{should}”");
    }
    assert_eq!(read.len(), expected.len());
}

#[test]
fn a_peer_may_send_one_byte_at_a_time() {
    let mut server = Server::start(&[]);
    let (mut slow, mut other) = (server.peer(), server.peer());
    for byte in "a\r\n好🙂\n\n/name Bit\nb\n".bytes() {
        slow.send(&[byte]);
        thread::sleep(Duration::from_millis(2));
    }
    let address = slow.address();
    other.hears(&format!("{address}: a"));
    other.hears(&format!("{address}: 好🙂"));
    other.hears(&format!("{address}: "));
    other.hears("Bit: b");
    slow.answer();
    server.serves();
}

#[test]
fn the_last_line_counts_without_its_end() {
    let server = Server::start(&[]);
    let (mut last, mut other) = (server.peer(), server.peer());
    let address = last.address();
    last.send(b"one\ntwo");
    last.half_close();
    other.hears(&format!("{address}: one"));
    other.hears(&format!("{address}: two"));
    assert_eq!(last.rest(), (String::new(), End::Fin));
    server.lost(address);
    other.hears_nothing();
}

#[test]
fn a_burst_reaches_who_reads_slowly() {
    let mut server = Server::start(&[]);
    let mut sender = server.peer();
    let mut quick = server.peer();
    let mut slow = Peer::connect_with_buffer(server.address(), 8 * 1024);
    server.knows(&slow);
    let speaker = sender.address();
    thread::scope(|scope| {
        scope.spawn(|| sender.send(&burst()));
        scope.spawn(|| read_burst(&mut quick, speaker, 64 * 1024, Duration::ZERO));
        // About three seconds for all of it.
        scope.spawn(|| read_burst(&mut slow, speaker, 4 * 1024, Duration::from_millis(12)));
    });
    server.hears(&line(BURST - 1));
    let said = server
        .entries()
        .into_iter()
        .filter(|entry| !entry.is_event());
    assert!(said.map(|entry| entry.text).eq((0..BURST).map(line)));
    server.serves();
}

/// What a program pours into the standard input waits there for who reads slowly, and is not piled up in
/// the server.
#[test]
fn what_the_host_pours_in_waits_for_who_reads_slowly() {
    /// Bytes poured in: fifty queues full.
    const POURED: usize = 12 * 1024 * 1024;
    /// KiB that the server may grow by: the queue, what was read ahead, and the allocator's leavings.
    const GROWTH: usize = 4 * 1024;
    let mut server = Server::start(&[]);
    let mut slow = Peer::connect_with_buffer(server.address(), 16 * 1024);
    server.knows(&slow);
    let line = format!("{}\n", line(0));
    let count = POURED / line.len();
    let before = server.usage().memory;
    let mut input = server.program().take_input();
    let poured = line.repeat(count);
    thread::scope(|scope| {
        scope.spawn(move || input.write_all(poured.as_bytes()).expect("it is read"));
        let (mut read, mut reads, mut most) = (0, 0, 0);
        while read < count * line.len() {
            let some = slow.read_some(64 * 1024);
            assert!(!some.is_empty(), "the end after {read} bytes");
            read += some.len();
            thread::sleep(Duration::from_millis(2));
            reads += 1;
            if reads % 64 == 0 {
                most = most.max(server.usage().memory);
            }
        }
        assert_eq!(read, count * line.len());
        let grown = most.saturating_sub(before);
        assert!(grown < GROWTH, "{grown} KiB more");
    });
}

/// Many talk at once: everybody hears everybody's lines, whole and in the order they were said.
#[test]
fn many_may_talk_at_once() {
    const PEOPLE: usize = 12;
    const LINES: usize = 500;
    let mut server = Server::start(&[]);
    let people: Vec<_> = (0..PEOPLE)
        .map(|number| server.peer_named(&format!("P{number}")))
        .collect();
    thread::scope(|scope| {
        for (number, mut peer) in people.into_iter().enumerate() {
            let mut talker = peer
                .stream()
                .try_clone()
                .expect("a socket can be held twice");
            scope.spawn(move || {
                for said in 0..LINES {
                    talker
                        .write_all(format!("{said}\n").as_bytes())
                        .expect("the server takes what is said");
                }
            });
            scope.spawn(move || {
                let mut next = [0; PEOPLE];
                for _ in 0..LINES * (PEOPLE - 1) {
                    let line = peer.next_line();
                    let (name, said) = line.split_once(": ").expect("who speaks is named");
                    let who: usize = name[1..].parse().expect("it is one of the names given");
                    assert_ne!(who, number, "nobody hears oneself");
                    assert_eq!(said, next[who].to_string(), "in the order of {name}");
                    next[who] += 1;
                }
                peer.hears_nothing();
            });
        }
    });
    server.serves();
}

/// What was said last is waited for, though the room is closed already.
#[test]
fn the_last_lines_reach_who_reads_the_output_slowly() {
    // More than a pipe holds (pipe(7)), less than the server keeps for whoever reads it.
    const LINES: usize = 2_000;
    let mut server = Program::spawn_unread(command(&[]));
    let first = server.out().at_least(PATIENCE, 1);
    let address = first[0].strip_prefix("Listening on ");
    let address = address.and_then(|address| address.parse().ok());
    let mut peer = Peer::connect(address.expect("it says where it listens"));
    for number in 0..LINES {
        peer.line(&line(number));
    }
    peer.ask("/who");
    server.signal(Signal::TERM);
    peer.rest();
    server.out().read_on();
    let (code, said, _) = server.outcome(PATIENCE);
    assert_eq!(code, Some(0));
    let entries: Vec<_> = said.lines().filter_map(Entry::parse).collect();
    let said = entries.iter().filter(|entry| !entry.is_event());
    assert_eq!(said.count(), LINES);
    assert!(entries.last().expect("there are some").tells(&["stopped"]));
}
