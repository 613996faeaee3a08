//! People who do not read, clocks that are wrong, and two programs of one identity.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use hallway_tests::talker::told;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::{foreign, target_directory};
use rustix::process::Signal;

use crate::room::{Programs, Room};

/// Bytes put after a text: below what a message may have.
const LONG: usize = 15_000;

/// Moves the clock of a program by seconds.
const CLOCK: &str = include_str!("clock.c");

const TEN_YEARS: i64 = 10 * 365 * 24 * 60 * 60;

/// More than may be in flight to one: the server has the rest on its disk until it is wanted.
#[test]
fn who_does_not_read_gets_everything_later() {
    let mut room = Room::new(&["Ana", "Bo", "Cy"]);
    for person in &mut room.people {
        let text = person.says();
        person.is_acknowledged(&text);
    }
    room.is_in_order();
    room.signal_person(1, Signal::STOP);
    let long = "x".repeat(LONG);
    let mut last = String::new();
    for _ in 0..11 {
        room.people[0].says_more(&long);
        last = room.people[2].says_more(&long);
    }
    room.people[2].is_acknowledged(&last);
    room.signal_person(1, Signal::CONT);
    room.is_in_order();
}

/// The one that began last goes on; the other one knows, and leaves it alone.
#[test]
fn two_programs_of_one_identity() {
    let mut room = Room::new(&["Ana", "Bo"]);
    let text = room.people[0].says();
    room.people[0].is_acknowledged(&text);
    let first = room.people[0].program.take().expect("it runs");
    room.people[0].start();
    let over = format!("{}\tover: another", told::STANDING);
    first
        .out()
        .find(PATIENCE, "a word about the takeover", |line| {
            line.starts_with(&over)
        });
    let told_then = first.out().all().len();
    room.people[0].hears(told::CAUGHT_UP, |_| true);
    for _ in 0..5 {
        room.people[0].says();
        room.people[1].says();
    }
    let text = room.people[0].says();
    room.people[0].is_acknowledged(&text);
    let told_later = first.out().all();
    assert_eq!(
        told_later.len(),
        told_then,
        "{:?}",
        &told_later[told_then..]
    );
    room.people[0].bury(first, Signal::TERM);
    room.is_in_order();
}

/// Nothing but the times that people read goes by the clock, which every program has another of.
#[test]
fn clocks_are_ten_years_apart() {
    let Some(clock) = clock() else { return };
    let skewed = |command: &mut Command, by: i64| {
        let env = [
            ("LD_PRELOAD", clock.clone()),
            ("CLOCK_OFFSET", by.to_string()),
        ];
        command.envs(env);
    };
    let mut room = Room::of(Programs::usual(), &["Ana", "Bo", "Cy"]);
    for (of_server, of_people) in [
        (0, [TEN_YEARS, -TEN_YEARS, 0]),
        (TEN_YEARS, [0, 0, -TEN_YEARS]),
        (-TEN_YEARS, [TEN_YEARS, 0, -TEN_YEARS]),
    ] {
        room.start_server_with(|command| skewed(command, of_server));
        for (person, by) in room.people.iter_mut().zip(of_people) {
            let mut command = person.command();
            skewed(&mut command, by);
            person.start_by(command);
        }
        room.wait_until_here();
        for _ in 0..3 {
            for person in &mut room.people {
                person.says();
            }
        }
        room.is_in_order();
        let server = room.server.as_ref().expect("it runs");
        let year = server.entry("a line", |_| true).time[..4].to_owned();
        let is_shifted = year != this_year();
        assert_eq!(is_shifted, of_server != 0, "{year}: the clock is moved");
        for person in &mut room.people {
            person.end(Signal::TERM);
        }
        room.end_server(Signal::TERM);
    }
}

fn this_year() -> String {
    let now = glib::DateTime::now_utc().expect("it is a time");
    now.year().to_string()
}

/// A library that programs are started with. None where nothing can be compiled.
fn clock() -> Option<String> {
    let mut compiler = foreign("cc")?;
    let folder = target_directory().join("clock");
    fs::create_dir_all(&folder).expect("cargo's target directory can be written to");
    let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
    fs::write(&source, CLOCK).expect("it can be written there");
    let built = compiler
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .output()
        .expect("a compiler that is there can be run");
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{said}");
    Some(
        library
            .to_str()
            .expect("a path of ours is UTF-8")
            .to_owned(),
    )
}

/// A message takes milliseconds from one to the other, whoever else does not read.
#[test]
fn who_does_not_read_holds_up_nobody() {
    let mut room = Room::new(&["Ana", "Bo", "Cy"]);
    room.signal_person(1, Signal::STOP);
    for _ in 0..3 {
        let began = Instant::now();
        let text = room.people[0].says();
        room.people[2].hears(told::SHOWN, |rest| rest.ends_with(&text));
        assert!(
            began.elapsed() < Duration::from_secs(2),
            "{:?}",
            began.elapsed()
        );
        thread::sleep(Duration::from_millis(50));
    }
    room.signal_person(1, Signal::CONT);
    room.is_in_order();
}
