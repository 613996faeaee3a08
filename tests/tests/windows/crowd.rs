//! The server window in a room full of programs that do not stop talking.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hallway_tests::desktop::Desktop;
use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::Room;
use hallway_tests::peer::Peer;
use hallway_tests::wait::{PATIENCE, until};
use hallway_tests::world::{is_unread, many_descriptors, say_skipped};

/// Lines of each peer, one every tenth of a second.
const LINES: usize = 50;
const BEAT: Duration = Duration::from_millis(100);

/// Clicks while they talk.
const CLICKS: usize = 10;

/// How long taking a picture of what is held may take.
const EXPORTED: Duration = Duration::from_mins(1);

/// What these peers say in five seconds, and what a click takes meanwhile.
fn talk(count: usize, more: &[&str]) {
    let needed = 2 * count as u64 + 100;
    if many_descriptors() < needed {
        say_skipped(&format!("{needed} descriptors are not allowed here"));
        return;
    }
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let mut arguments = vec!["--max-per-address", "0"];
    arguments.extend(more);
    let room = Room::open_with(&desktop, &arguments);
    let mut peers: Vec<_> = (0..count).map(|_| Peer::connect(room.address())).collect();
    room.reads(&format!("{count} people"));
    let listening = Listening::to(&peers);
    let waits = thread::scope(|scope| {
        let talking = scope.spawn(|| all_talk(&mut peers));
        let waits = click(&room);
        talking.join().expect("peers can talk");
        waits
    });
    until(EXPORTED, "an end of what was said", || {
        (!is_unread(room.port())).then_some(())
    });
    send(&peers[0], "that was all\n");
    room.reads_within(EXPORTED, "that was all");
    let mut told: Vec<_> = waits.iter().map(Duration::as_millis).collect();
    told.sort_unstable();
    // A figure, not a verdict: past what the harness keeps back of a test that passes.
    let report = format!("{count} peers {more:?}: a click was answered after {told:?} ms\n");
    let _ = io::stdout().write_all(report.as_bytes());
    nothing_is_missing(&room, &peers);
    drop(listening);
}

/// Somebody who reads whatever comes to all of them, so that nobody falls behind.
pub(crate) struct Listening {
    is_over: Arc<AtomicBool>,
}

impl Listening {
    pub(crate) fn to(peers: &[Peer]) -> Self {
        let ears = peers.iter().map(ear).collect();
        let is_over = Arc::new(AtomicBool::new(false));
        let shared = Arc::clone(&is_over);
        thread::spawn(move || drain(ears, &shared));
        Self { is_over }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

fn ear(peer: &Peer) -> TcpStream {
    let ear = peer.stream().try_clone();
    let ear = ear.expect("a descriptor can be doubled");
    ear.set_nonblocking(true).expect("a socket need not block");
    ear
}

fn drain(mut ears: Vec<TcpStream>, is_over: &AtomicBool) {
    let mut buffer = vec![0; 64 * 1024];
    while !is_over.load(Ordering::Relaxed) {
        for ear in &mut ears {
            while ear.read(&mut buffer).is_ok_and(|count| count > 0) {}
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Each says its lines, the number of the peer and of the line.
fn all_talk(peers: &mut [Peer]) {
    let begin = Instant::now();
    for line in 0..LINES {
        for (number, peer) in peers.iter().enumerate() {
            send(peer, &format!("{number}:{line}\n"));
        }
        let beats = u32::try_from(line + 1).expect("there are few lines");
        thread::sleep((BEAT * beats).saturating_sub(begin.elapsed()));
    }
}

/// Sends although its socket does not block.
pub(crate) fn send(peer: &Peer, line: &str) {
    let mut left = line.as_bytes();
    until(PATIENCE, "a server that reads", || {
        let count = peer.stream().write(left).unwrap_or_default();
        left = &left[count..];
        left.is_empty().then_some(())
    });
}

/// Clicks with the mouse on a button that stays in when it is clicked on; how long it takes until
/// it is in, or out.
fn click(app: &App<'_>) -> Vec<Duration> {
    let button = app.find(Kind::Button, "Find");
    let middle = button.place().middle();
    let screen = app.desktop().screen();
    screen.activate(&app.first_window());
    let one = |_| {
        thread::sleep(BEAT);
        let before = button.is_on();
        let begin = Instant::now();
        screen.click(middle, 1);
        until(PATIENCE, "an answer to a click", || {
            (button.is_on() != before).then_some(())
        });
        begin.elapsed()
    };
    (0..CLICKS).map(one).collect()
}

/// Has the window write what it holds into a file.
#[track_caller]
pub(crate) fn export(room: &Room<'_>) -> PathBuf {
    let desktop = room.desktop();
    let file = desktop.home().join("everything.txt");
    room.press("ctrl+e");
    room.find(Kind::Button, "Save");
    desktop.screen().press("ctrl+a");
    desktop.screen().type_text(&file.to_string_lossy());
    desktop.screen().press("Return");
    file
}

/// What the window exports has every line of everybody once.
#[track_caller]
fn nothing_is_missing(room: &Room<'_>, peers: &[Peer]) {
    let file = export(room);
    let wanted = peers.len() * LINES;
    let said = until(EXPORTED, "all that was said in a file", || {
        let text = fs::read_to_string(&file).ok()?;
        let said: Vec<_> = text.lines().filter_map(said).collect();
        (said.len() >= wanted).then_some(said)
    });
    let lines: HashSet<_> = said.iter().collect();
    assert_eq!((said.len(), lines.len()), (wanted, wanted));
    let addresses: Vec<_> = peers.iter().map(Peer::address).collect();
    for (speaker, number, _) in &said {
        assert_eq!(addresses.get(*number), Some(speaker));
    }
}

/// Speaker, number of the peer, number of the line.
pub(crate) fn said(line: &str) -> Option<(SocketAddr, usize, usize)> {
    let (before, text) = line.rsplit_once(": ")?;
    let (number, line) = text.split_once(':')?;
    let speaker = before.split_whitespace().next_back()?;
    Some((
        speaker.parse().ok()?,
        number.parse().ok()?,
        line.parse().ok()?,
    ))
}

#[test]
fn a_thousand_talk_to_the_host() {
    talk(1000, &["--no-relay"]);
}

#[test]
fn a_hundred_talk_to_each_other() {
    talk(100, &[]);
}
