//! Identity and pins in the hands of several processes, some of which are killed.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hallway_core::identity::Identity;
use hallway_core::trust::{Role, Store};
use hallway_core::wire::{At, Fingerprint};
use tempfile::tempdir;

/// Where a child works, and which one it is.
const FOLDER: &str = "HALLWAY_TEST_FOLDER";
const NUMBER: &str = "HALLWAY_TEST_NUMBER";

/// What a child tells stands on a line after this.
const TOLD: &str = "told ";

/// Rounds in which somebody is killed: enough for each to be somewhere else in its work.
const KILLS: usize = 20;

/// This program again, in one of the parts below.
fn start(part: &str, folder: &Path, number: usize) -> Child {
    Command::new(env::current_exe().expect("a program knows where it is"))
        .args(["--exact", part, "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(NUMBER, number.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it was started once already")
}

/// What a child tells, until it ends.
fn told(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let output = BufReader::new(child.stdout.take().expect("it is piped"));
    output.lines().map_while(Result::ok).filter_map(|line| {
        let (_, told) = line.split_once(TOLD)?;
        Some(told.to_owned())
    })
}

fn folder() -> PathBuf {
    env::var_os(FOLDER).expect("the parent tells").into()
}

fn number() -> usize {
    let number = env::var(NUMBER).expect("the parent tells");
    number.parse().expect("the parent tells a number")
}

fn person(child: usize, number: usize) -> Fingerprint {
    Fingerprint::of_der(format!("{child} {number}").as_bytes())
}

/// Pins one person after the other and tells each when it is done.
fn pin(count: usize) {
    let mut store = Store::open(&folder()).unwrap().value;
    for at in 0..count {
        let id = person(number(), at);
        let met = store.change(|pins| {
            let name = "Ana".parse().unwrap();
            pins.met(Role::Person, id, name, None, At::ZERO)
        });
        met.unwrap().value.unwrap();
        println!("{TOLD}{at}");
    }
}

#[test]
#[ignore = "a part of the tests below"]
fn part_pins_some() {
    pin(20);
}

#[test]
#[ignore = "a part of the tests below"]
fn part_pins_until_it_is_killed() {
    pin(usize::MAX);
}

#[test]
#[ignore = "a part of the tests below"]
fn part_has_an_identity() {
    let loaded = Identity::load_or_make(&folder()).unwrap();
    assert_eq!(loaded.set_aside, None);
    println!("{TOLD}{} {}", loaded.identity.fingerprint(), loaded.is_new);
}

#[test]
#[ignore = "a part of the tests below"]
fn part_makes_identities_until_it_is_killed() {
    for at in 0.. {
        let loaded = Identity::load_or_make(&folder().join(at.to_string())).unwrap();
        println!("{TOLD}{}", loaded.identity.fingerprint());
    }
}

#[test]
fn programs_that_start_at_once_have_one_identity() {
    let place = tempdir().unwrap();
    let mut children: Vec<Child> = (0..6)
        .map(|number| start("part_has_an_identity", place.path(), number))
        .collect();
    let mut all: Vec<String> = children.iter_mut().flat_map(told).collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    all.sort();
    let identity = Identity::load_or_make(place.path()).unwrap().identity;
    let kept = format!("{} false", identity.fingerprint());
    let mut expected = vec![kept; 5];
    expected.push(format!("{} true", identity.fingerprint()));
    assert_eq!(all, expected);
}

#[test]
fn programs_that_pin_at_once_lose_nothing() {
    let place = tempdir().unwrap();
    let mut children: Vec<Child> = (0..4)
        .map(|number| start("part_pins_some", place.path(), number))
        .collect();
    for child in &mut children {
        assert_eq!(told(child).count(), 20);
        assert!(child.wait().unwrap().success());
    }
    let opened = Store::open(place.path()).unwrap();
    assert_eq!(opened.set_aside, None);
    assert_eq!(opened.value.pins().iter(Role::Person).count(), 80);
}

#[test]
fn a_program_that_is_killed_leaves_the_pins_that_it_told_of() {
    let place = tempdir().unwrap();
    for round in 0..KILLS {
        let mut child = start("part_pins_until_it_is_killed", place.path(), round);
        let mut lines = told(&mut child);
        let seen = lines.by_ref().take(round + 1).count();
        assert_eq!(seen, round + 1);
        child.kill().unwrap();
        let seen = seen + lines.count();
        child.wait().unwrap();
        let opened = Store::open(place.path()).unwrap();
        assert_eq!(opened.set_aside, None);
        for at in 0..seen {
            let pin = opened.value.pins().get(Role::Person, &person(round, at));
            assert!(pin.is_some(), "round {round}: {at} of {seen}");
        }
    }
}

#[test]
fn a_program_that_is_killed_leaves_the_identities_that_it_told_of() {
    for round in 0..KILLS {
        let place = tempdir().unwrap();
        let mut child = start(
            "part_makes_identities_until_it_is_killed",
            place.path(),
            round,
        );
        let mut lines = told(&mut child);
        let mut all: Vec<String> = lines.by_ref().take(round % 5 + 1).collect();
        child.kill().unwrap();
        all.extend(lines);
        child.wait().unwrap();
        for (at, fingerprint) in all.iter().enumerate() {
            let loaded = Identity::load_or_make(&place.path().join(at.to_string())).unwrap();
            assert_eq!(&loaded.identity.fingerprint().to_string(), fingerprint);
        }
        // The one that it was at: whole, or not there yet.
        let last = Identity::load_or_make(&place.path().join(all.len().to_string())).unwrap();
        assert_eq!(last.set_aside, None);
    }
}
