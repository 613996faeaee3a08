//! Kills at the points where one could do harm, and faults that make them do so: what the checker says
//! to nothing being wrong, and to each of them.

use std::fs;
use std::thread;
use std::time::Duration;

use hallway_tests::talker::told;
use hallway_tests::wait::{PATIENCE, until};
use hallway_tests::world::ours;
use rustix::process::Signal;

use crate::checker::{Finding, HEALED};
use crate::faulty;
use crate::random::Random;
use crate::room::Room;

/// Points are passed at most so often before it is the last time: the first commits are of meeting, the
/// others of messages.
const PASSED: u64 = 6;

/// How long is waited for agreement that never comes.
const NEVER: Duration = Duration::from_secs(2);

/// Between two messages.
const BETWEEN: Duration = Duration::from_millis(30);

/// Who is killed there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Server,
    Client,
}

/// A conversation in which a program kills itself at this point, and is started again.
#[track_caller]
fn killed_at(who: Where, at: &str, fault: Option<&str>) -> Vec<Finding> {
    let mut room = Room::of(faulty::programs(), &["Ana", "Bo"]);
    let mut server = room.server_command();
    if let Some(fault) = fault {
        server.env("HALLWAY_FAULT", fault);
    }
    if who == Where::Server {
        server.env("HALLWAY_KILL_AT", at);
    }
    room.start_server_by(server);
    for index in 0..2 {
        let person = &mut room.people[index];
        let mut command = person.command();
        if let Some(fault) = fault {
            command.env("HALLWAY_FAULT", fault);
        }
        if who == Where::Client && index == 0 {
            command.env("HALLWAY_KILL_AT", at);
        }
        person.start_by(command);
    }
    // One after the other: each has a commit of its own. One who is killed hears nothing.
    let mut speakers = [0, 1].into_iter().cycle();
    until(PATIENCE, &format!("a kill at {at}"), || {
        let speaker = speakers.next().unwrap_or_default();
        room.people[speaker].says();
        thread::sleep(BETWEEN);
        let has_ended = match who {
            Where::Server => room.server_has_ended(),
            Where::Client => room.people[0].has_ended(),
        };
        has_ended.then_some(())
    });
    match who {
        Where::Server => {
            room.server_ends();
            room.start_server_with(|command| {
                fault.map(|fault| command.env("HALLWAY_FAULT", fault));
            });
        }
        Where::Client => {
            room.people[0].end(Signal::KILL);
            room.people[0].start();
        }
    }
    room.people[0].hears(told::CAUGHT_UP, |_| true);
    room.people[1].says();
    room.judge_within(if fault.is_some() { NEVER } else { HEALED })
}

fn at_each_point(test: &str, who: Where, points: &[&str]) {
    let mut random = Random::new(test);
    for point in points {
        for side in ["before", "after"] {
            let count = 1 + random.below(PASSED);
            let at = format!("{side}-{point} {count}");
            let findings = killed_at(who, &at, None);
            assert!(findings.is_empty(), "killed at {at}: {findings:#?}");
        }
    }
}

#[test]
fn a_server_is_killed_at_each_point() {
    let points = ["commit", "acknowledgement"];
    at_each_point("a_server_is_killed_at_each_point", Where::Server, &points);
}

#[test]
fn a_client_is_killed_at_each_point() {
    let points = ["commit", "acknowledgement", "cursor"];
    at_each_point("a_client_is_killed_at_each_point", Where::Client, &points);
}

#[test]
fn the_checker_finds_an_acknowledgement_before_the_commit() {
    let at = "before-commit 3";
    let findings = killed_at(Where::Server, at, Some("acknowledge-first"));
    let is_found = |finding: &Finding| matches!(finding, Finding::AcknowledgedAndGone(..));
    assert!(findings.iter().any(is_found), "{findings:#?}");
    assert_eq!(killed_at(Where::Server, at, None), []);
}

#[test]
fn the_checker_finds_what_is_not_unique() {
    let at = "after-commit 3";
    let findings = killed_at(Where::Server, at, Some("no-unique"));
    let is_found = |finding: &Finding| matches!(finding, Finding::Doubled(_));
    assert!(findings.iter().any(is_found), "{findings:#?}");
    assert_eq!(killed_at(Where::Server, at, None), []);
}

#[test]
fn the_checker_finds_a_cursor_apart_from_its_events() {
    let at = "after-cursor 3";
    let findings = killed_at(Where::Client, at, Some("cursor-apart"));
    let is_found =
        |finding: &Finding| matches!(finding, Finding::Disagreement(who, _) if who == "Ana");
    assert!(findings.iter().any(is_found), "{findings:#?}");
    assert_eq!(killed_at(Where::Client, at, None), []);
}

/// What people get has none of this.
#[test]
fn usual_programs_have_no_faults() {
    let has = |program: &std::path::Path| {
        let bytes = fs::read(program).expect("a program can be read");
        let mut windows = bytes.windows(b"HALLWAY_KILL_AT".len());
        windows.any(|window| window == b"HALLWAY_KILL_AT")
    };
    assert!(has(&faulty::programs().server), "it would be found");
    for program in ["hallway", "hallway-server"] {
        assert!(!has(ours(program).get_program().as_ref()), "{program}");
    }
}
