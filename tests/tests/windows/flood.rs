//! A room in which fifty programs say as much as they can, in a window that holds little of it.

use std::fmt::Write;
use std::fs;
use std::thread;

use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::Room;
use hallway_tests::desktop::{Desktop, Look};
use hallway_tests::peer::Peer;
use hallway_tests::wait::{PATIENCE, until};
use hallway_tests::world::is_unread;

use crate::crowd::{Listening, export, said, send};

const PEERS: usize = 50;

/// Lines of each, as fast as the room takes them.
const LINES: usize = 400;

/// Lines that the window holds: the fewest that can be chosen.
const HELD: usize = 1_000;

/// What the mark of older lines says, after their number.
const MARK: &str = " earlier lines are not held any more";

#[test]
fn a_flood_leaves_its_newest_lines_and_one_mark() {
    let look = Look {
        remembers: true,
        ..Look::default()
    };
    let Some(desktop) = Desktop::with(&look) else {
        return;
    };
    let held = format!("uint32 {HELD}");
    desktop.choose("chat.hallway.Server", "history-lines", &held);
    // What is not kept would be told of, too.
    let room = Room::open_with(&desktop, &["--max-per-address", "0", "--encryption", "off"]);
    let peers: Vec<_> = (0..PEERS).map(|_| Peer::connect(room.address())).collect();
    room.reads(&format!("{PEERS} people"));
    let listening = Listening::to(&peers);
    all_talk(&peers);
    until(PATIENCE, "an end of what was said", || {
        (!is_unread(room.port())).then_some(())
    });
    send(&peers[0], "that was all\n");
    room.reads("that was all");
    let written = what_is_held(&room);
    newest_of_each_in_order(&written, &peers);
    one_mark_for_the_others(&room, written.len());
    drop(listening);
}

/// Each says its lines, the number of the peer and of the line, in one go.
fn all_talk(peers: &[Peer]) {
    thread::scope(|scope| {
        for (number, peer) in peers.iter().enumerate() {
            let mut lines = String::new();
            for line in 0..LINES {
                // Writing to a string does not fail.
                let _ = writeln!(lines, "{number}:{line}");
            }
            scope.spawn(move || send(peer, &lines));
        }
    });
}

/// The lines of a file that the window writes.
#[track_caller]
fn what_is_held(room: &Room<'_>) -> Vec<String> {
    let file = export(room);
    until(PATIENCE, "all that is held in a file", || {
        let text = fs::read_to_string(&file).ok()?;
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.last()?.ends_with("that was all").then_some(lines)
    })
}

/// Of everybody there are the newest lines, none missing among them, as they were said.
#[track_caller]
fn newest_of_each_in_order(written: &[String], peers: &[Peer]) {
    assert_eq!(written.len(), HELD);
    let addresses: Vec<_> = peers.iter().map(Peer::address).collect();
    let mut next = vec![None; peers.len()];
    let mut count = 0;
    for (speaker, number, line) in written.iter().filter_map(|line| said(line)) {
        assert_eq!(addresses.get(number), Some(&speaker));
        let due = next[number].replace(line + 1).unwrap_or(line);
        assert_eq!(due, line, "of {number} a line is missing, or out of order");
        count += 1;
    }
    assert_eq!(count, HELD - 1, "nothing else was said");
    for due in next.into_iter().flatten() {
        assert_eq!(due, LINES, "the newest are held");
    }
}

/// Above the first line that is held stands how many there were before.
#[track_caller]
fn one_mark_for_the_others(room: &Room<'_>, held: usize) {
    room.press("alt+End");
    room.press("Home");
    let mark = room.reads(MARK);
    let count = mark.name().replace(MARK, "").replace([',', '\u{202f}'], "");
    let all = count.parse::<usize>().expect("a number stands before") + held;
    // Everybody came, and the room was opened.
    let happened = all - PEERS * LINES - 1;
    assert_eq!(happened, PEERS + 1);
    let marks = room.all(Kind::Label).into_iter();
    let marks = marks.filter(|label| label.name().contains(MARK.trim()));
    assert_eq!(marks.count(), 1);
}
