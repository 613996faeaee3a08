//! Disks that are full, and then are not: small ones, that go with the last process that sees them.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hallway_tests::talker::told;
use hallway_tests::wait::{PATIENCE, until};
use hallway_tests::world::{foreign, is_root, say_skipped};

use crate::room::{HISTORY, Programs, Room};

/// How large such a disk is: an empty history with its log, and some.
const SIZE: &str = "4m";

/// Messages are sent again 5 s after a disk was full.
const AGAIN: Duration = Duration::from_secs(15);

/// Bytes that do not fit into what is left of a full disk.
const LONG: usize = 15_000;

/// The program, where `folder` is a small disk of its own. None where none can be made.
fn on_a_small_disk(program: &Command, folder: &Path) -> Option<Command> {
    if !is_root() {
        // Not even in CI: who runs it decides about that.
        say_skipped("only root may mount a disk");
        return None;
    }
    fs::create_dir_all(folder).expect("a folder of ours");
    let mut command = foreign("unshare")?;
    let script = format!(
        "mount -t tmpfs -o mode=0700,size={SIZE} tmpfs \"$1\" || exit 1; shift; exec \"$@\""
    );
    command
        .args(["--mount", "sh", "-c", &script, "sh"])
        .arg(folder)
        .arg(program.get_program())
        .args(program.get_args());
    Some(command)
}

/// How we reach what a process sees.
fn seen_by(pid: u32, path: &Path) -> PathBuf {
    let path = path.strip_prefix("/").expect("it is absolute");
    Path::new(&format!("/proc/{pid}/root")).join(path)
}

/// Fills a disk to its last byte.
fn fill(ballast: &Path) {
    let mut file = File::create(ballast).expect("the disk is there");
    for size in [64 * 1024, 1] {
        let chunk = vec![b'x'; size];
        loop {
            match file.write(&chunk) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => panic!("the disk cannot be filled: {error}"),
            }
        }
    }
}

/// "Not accepted, keep it in your outbox": there it stays, and goes when there is room.
#[test]
fn the_disk_of_a_server_is_full() {
    let mut room = Room::of(Programs::usual(), &["Ana", "Bo"]);
    let Some(command) = on_a_small_disk(&room.server_command(), &room.data()) else {
        return;
    };
    room.start_server_by(command);
    let pid = room.server.as_mut().expect("it runs").program().pid();
    let data = seen_by(pid, &room.data());
    room.database = data.join(HISTORY);
    for person in &mut room.people {
        person.start();
        let text = person.says();
        person.is_acknowledged(&text);
    }
    room.is_in_order();
    let ballast = data.join("ballast");
    fill(&ballast);
    // What the log has room for is taken yet.
    let long = "x".repeat(LONG);
    let mut waiting = Vec::new();
    until(PATIENCE, "a full disk", || {
        waiting.push(room.people[0].says_more(&long));
        std::thread::sleep(Duration::from_millis(100));
        let answered = room.people[0].has_heard(told::ANSWER, |code| code == "disk-full");
        answered.then_some(())
    });
    let last = room.people[1].says_more(&long);
    room.people[1].hears(told::ANSWER, |code| code == "disk-full");
    let evidence = room.evidence();
    let rows = &evidence.server.rows;
    assert!(
        rows.iter().all(|row| row.text != last),
        "it is not accepted"
    );
    for person in [0, 1] {
        let held = &evidence.people[person].held;
        assert!(!held.outbox.is_empty(), "it is kept");
    }
    assert!(evidence.people[1].held.outbox.contains(&last));
    fs::remove_file(&ballast).expect("it is ours");
    for text in waiting.iter().chain([&last]) {
        let person = usize::from(*text == last);
        room.people[person].is_acknowledged_within(AGAIN, text);
    }
    room.is_in_order();
}

/// Nothing is said that could not be kept first, and what comes is stored later.
#[test]
fn the_disk_of_a_client_is_full() {
    let mut room = Room::of(Programs::usual(), &["Ana", "Bo"]);
    room.start_server();
    let home = room.people[0].home.clone();
    let Some(command) = on_a_small_disk(&room.people[0].command(), &home) else {
        return;
    };
    room.people[0].start_by(command);
    room.people[1].start();
    room.wait_until_here();
    let pid = room.people[0].program.as_ref().expect("it runs").pid();
    let home = seen_by(pid, &home);
    room.people[0].database = home.join(HISTORY);
    for person in &mut room.people {
        let text = person.says();
        person.is_acknowledged(&text);
    }
    room.is_in_order();
    let ballast = home.join("ballast");
    fill(&ballast);
    let long = "x".repeat(LONG);
    until(PATIENCE, "a full disk", || {
        room.people[0].says_more(&long);
        room.people[1].says_more(&long);
        std::thread::sleep(Duration::from_millis(200));
        let refused = |rest: &str| rest.contains("full");
        room.people[0]
            .has_heard(told::REFUSED, refused)
            .then_some(())
    });
    fs::remove_file(&ballast).expect("it is ours");
    room.people[0].says();
    room.is_in_order();
}
