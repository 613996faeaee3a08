//! Peers that do not read, peers that are too many, and an output that nobody reads.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use hallway_tests::network::Cable;
use hallway_tests::peer::{End, Peer};
use hallway_tests::server::{Entry, Server, command};
use hallway_tests::wait::{PATIENCE, until};

/// So small that what is not read stays at the server.
const SMALL: usize = 4 * 1024;

/// A second without progress, and the time a busy machine may take to notice.
const NOTICED: Duration = Duration::from_secs(4);

/// What a peer that reads hears of these lines, in time although somebody else does not read.
fn all_are_heard(speaker: &mut Peer, listener: &mut Peer, lines: &[String]) {
    let address = speaker.address();
    thread::scope(|scope| {
        scope.spawn(|| speaker.send(format!("{}\n", lines.join("\n")).as_bytes()));
        for line in lines {
            listener.hears(&format!("{address}: {line}"));
        }
    });
}

#[test]
fn who_stops_reading_is_closed_at_the_cap() {
    let mut server = Server::start(&[]);
    let (mut speaker, mut listener) = (server.peer(), server.peer());
    let stalled = Peer::connect_with_buffer(server.address(), SMALL);
    server.knows(&stalled);
    let before = server.usage().memory;
    // Sixteen times what may be queued.
    let lines: Vec<_> = (0..4096)
        .map(|number| format!("{number} {}", "x".repeat(1024)))
        .collect();
    let start = Instant::now();
    all_are_heard(&mut speaker, &mut listener, &lines);
    // Held up for the one second that it takes to see that somebody stopped.
    assert!(
        start.elapsed() < Duration::from_secs(6),
        "{:?}",
        start.elapsed()
    );
    server.lost(stalled.address());
    let grown = server.usage().memory.saturating_sub(before);
    assert!(grown < 4 * 1024, "{grown} KiB more");
    listener.hears_nothing();
    server.serves();
}

#[test]
fn who_stops_reading_falls_behind_and_is_closed_after_ten_seconds() {
    let mut server = Server::start(&[]);
    let (mut speaker, mut listener) = (server.peer(), server.peer());
    let stalled = Peer::connect_with_buffer(server.address(), SMALL);
    server.knows(&stalled);
    let start = Instant::now();
    // Less than may be queued, and more than half of it.
    let lines: Vec<_> = (0..180)
        .map(|number| format!("{number} {}", "x".repeat(1000)))
        .collect();
    all_are_heard(&mut speaker, &mut listener, &lines);
    let port = stalled.address().port().to_string();
    server.event(&["falling behind", &stalled.address().ip().to_string(), &port]);
    assert!(start.elapsed() < NOTICED, "{:?}", start.elapsed());
    // It slows nobody any more.
    let again = Instant::now();
    speaker.line("quick");
    listener.hears(&format!("{}: quick", speaker.address()));
    assert!(
        again.elapsed() < Duration::from_secs(1),
        "{:?}",
        again.elapsed()
    );

    server.lost(stalled.address());
    let closed = start.elapsed();
    assert!((8..16).contains(&closed.as_secs()), "{closed:?}");
    server.serves();
}

#[test]
fn who_reads_again_has_lost_nothing() {
    let mut server = Server::start(&[]);
    let (mut speaker, mut listener) = (server.peer(), server.peer());
    let mut paused = Peer::connect_with_buffer(server.address(), SMALL);
    server.knows(&paused);
    let lines: Vec<_> = (0..180)
        .map(|number| format!("{number} {}", "y".repeat(1000)))
        .collect();
    all_are_heard(&mut speaker, &mut listener, &lines);
    let port = paused.address().port().to_string();
    server.event(&["falling behind", &port]);
    for line in &lines {
        paused.hears(&format!("{}: {line}", speaker.address()));
    }
    server.event(&["caught up", &port]);
    server.serves();
}

/// Somebody who sends commands and never reads the answers hurts nobody.
#[test]
fn answers_that_nobody_reads_are_bounded() {
    let mut server = Server::start(&["--echo"]);
    let mut greedy = Peer::connect_with_buffer(server.address(), SMALL);
    server.knows(&greedy);
    let before = server.usage().memory;
    thread::scope(|scope| {
        let address = greedy.address();
        scope.spawn(|| {
            for _ in 0..256 {
                greedy.try_send(&b"/help\n".repeat(4096));
            }
        });
        server.serves();
        server.lost(address);
    });
    let grown = server.usage().memory.saturating_sub(before);
    assert!(grown < 4 * 1024, "{grown} KiB more");
    server.serves();
}

/// One line that says why, and the end.
#[track_caller]
fn is_refused(address: std::net::SocketAddr) {
    let mut refused = Peer::connect(address);
    let (reason, end) = refused.rest();
    assert!(reason.starts_with("* "), "{reason}");
    assert_eq!((reason.lines().count(), end), (1, End::Fin), "{reason}");
}

#[test]
fn no_more_connections_than_are_allowed() {
    let server = Server::start(&["--max-connections", "2"]);
    let (mut one, mut two) = (server.peer(), server.peer());
    is_refused(server.address());
    server.event(&["refused", "2"]);
    two.line("still two");
    one.hears(&format!("{}: still two", two.address()));
    let address = one.address();
    drop(one);
    server.lost(address);
    let mut three = server.peer();
    two.line("two again");
    three.hears(&format!("{}: two again", two.address()));
}

#[test]
fn no_more_connections_from_one_address_than_are_allowed() {
    let Some(cable) = Cable::new() else { return };
    let near = ["--address", Cable::NEAR, "--max-per-address", "3"];
    let mut server = cable.near.run(|| Server::start(&near));
    let address = server.address();
    let mut peers: Vec<_> = (0..3).map(|_| cable.far.run(|| server.peer())).collect();
    cable.far.run(|| is_refused(address));
    server.event(&["refused", "3"]);
    // Others may come, and who left makes room.
    let mut other = cable.near.run(|| server.peer());
    let left = peers.remove(0);
    let gone = left.address();
    drop(left);
    server.lost(gone);
    let mut newcomer = cable.far.run(|| server.peer());
    newcomer.line("let in");
    other.hears(&format!("{}: let in", newcomer.address()));
    server.is_well();
}

/// Whoever floods an output that nobody reads does not hold up the room.
#[test]
fn an_output_that_nobody_reads_holds_up_nobody() {
    const LINES: usize = 40_000;
    let mut server = Server::start_unread(&["--no-commands"]);
    let mut speaker = Peer::connect(server.address());
    let mut listener = Peer::connect(server.address());
    // Nobody tells when it is there.
    speaker.line("/who");
    listener.line("/who");
    speaker.hears(&format!("{}: /who", listener.address()));
    let lines: Vec<_> = (0..LINES)
        .map(|number| format!("{number} {}", "z".repeat(64)))
        .collect();
    let address = speaker.address();
    thread::scope(|scope| {
        scope.spawn(|| speaker.send(format!("{}\n", lines.join("\n")).as_bytes()));
        let mut heard = 0;
        while heard < LINES {
            let line = listener.next_line();
            if line.ends_with("/who") {
                continue;
            }
            assert_eq!(line, format!("{address}: {}", lines[heard]));
            heard += 1;
        }
    });

    server.program().out().read_on();
    // The next line that fits tells how many did not.
    let counted = until(PATIENCE, "a count of lines left out", || {
        speaker.line("read again");
        let entries = server.entries();
        entries.into_iter().find(|entry| entry.tells(&["left out"]))
    });
    let left_out: usize = counted
        .text
        .split(' ')
        .find_map(|word| word.parse().ok())
        .expect("it has a number");
    server.hears("read again");
    // Whole lines, in order, and as many as there were with those that were counted. What people
    // did besides the flood may be among those left out.
    let entries = server.entries();
    let of_flood = |entry: &&Entry| entry.text.ends_with("zzzz");
    let shown: Vec<_> = entries
        .iter()
        .filter(of_flood)
        .map(|entry| &entry.text)
        .collect();
    assert!(shown.iter().zip(&lines).all(|(shown, line)| *shown == line));
    let missing = LINES - shown.len();
    assert!(
        (missing..missing + 10).contains(&left_out),
        "{left_out} of {missing} counted"
    );
    server.serves();
}

#[test]
fn an_output_that_is_gone_holds_up_nobody() {
    let mut wanted: Command = command(&[]);
    let mut child = wanted
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it is there and can be run");
    let mut first = String::new();
    let out = child.stdout.take().expect("stdout was asked to be a pipe");
    // The pipe is closed after one line.
    BufReader::new(out)
        .read_line(&mut first)
        .expect("it says where it listens");
    let address = first
        .trim_end()
        .strip_prefix("Listening on ")
        .and_then(|a| a.parse().ok());
    let address = address.expect("it says where it listens");
    let (mut one, mut other) = (Peer::connect(address), Peer::connect(address));
    other.ask("/who");
    for number in 0..100 {
        one.line(&number.to_string());
        other.hears(&format!("{}: {number}", one.address()));
    }
    let ended = child.try_wait().expect("a child of ours can be waited for");
    let killed = child.kill();
    child.wait().expect("a child of ours can be waited for");
    assert!(ended.is_none() && killed.is_ok(), "{ended:?}");
}
