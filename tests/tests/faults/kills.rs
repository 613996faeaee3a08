//! Programs that are killed at random moments.

use std::env;
use std::thread;

use rustix::process::Signal;

use crate::random::Random;
use crate::room::Room;

/// Kills in each test.
const KILLS: u64 = 50;

/// Kills in each test where there is time.
const KILLS_LONG: u64 = 1_000;

/// After so many kills everybody must agree.
const BETWEEN_JUDGEMENTS: u64 = 10;

/// Whom to kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Server,
    Client,
    Both,
}

fn kills() -> u64 {
    if env::var_os("HALLWAY_LONG").is_some() {
        KILLS_LONG
    } else {
        KILLS
    }
}

fn kill_again_and_again(test: &str, victim: Victim) {
    let mut random = Random::new(test);
    let mut room = Room::new(&["Ana", "Bo"]);
    for kill in 1..=kills() {
        let speaker = random.below(2);
        for index in [speaker, 1 - speaker] {
            let person = &mut room.people[usize::from(index == 1)];
            for _ in 0..random.below(4) {
                person.says();
            }
        }
        // A program that has just been started is killed while it starts, connects, or talks.
        thread::sleep(random.up_to(120));
        let person = usize::from(random.below(2) == 1);
        if victim != Victim::Server {
            room.people[person].end(Signal::KILL);
        }
        if victim != Victim::Client {
            room.end_server(Signal::KILL);
            room.start_server();
        }
        if victim != Victim::Server {
            room.people[person].start();
        }
        if kill % BETWEEN_JUDGEMENTS == 0 {
            room.is_in_order();
        }
    }
    room.is_in_order();
    let acknowledged = room.acknowledged();
    eprintln!(
        "{test}: {acknowledged} acknowledgements in {} kills",
        kills()
    );
    // What nobody talks in shows nothing.
    assert!(acknowledged as u64 >= kills(), "{acknowledged}");
}

#[test]
fn a_server_is_killed_again_and_again() {
    kill_again_and_again("a_server_is_killed_again_and_again", Victim::Server);
}

#[test]
fn a_client_is_killed_again_and_again() {
    kill_again_and_again("a_client_is_killed_again_and_again", Victim::Client);
}

#[test]
fn both_are_killed_again_and_again() {
    kill_again_and_again("both_are_killed_again_and_again", Victim::Both);
}
