//! Links that are cut, half open, or lossy.

use std::env;
use std::thread;
use std::time::Duration;

use hallway_tests::network::Cable;
use hallway_tests::talker::told;
use rustix::process::Signal;

use crate::random::Random;
use crate::room::{Programs, Room};
use crate::weather::{Tunnel, Weather};

/// Seconds for which a cable is out.
const CUTS: [f64; 4] = [0.1, 0.5, 2.0, 12.0];

/// The same where there is time: longer than what is sent is given up.
const CUTS_LONG: [f64; 6] = [0.1, 0.5, 2.0, 8.0, 30.0, 30.0];

/// The server and Bo are near, Ana is far; all have met.
fn room(cable: &Cable, host: &str) -> Room {
    let mut room = Room::at(host, Programs::usual(), &["Ana", "Bo"]);
    cable.near.run(|| {
        room.start_server();
        room.people[1].start();
    });
    cable.far.run(|| room.people[0].start());
    for person in &mut room.people {
        person.hears(told::CAUGHT_UP, |_| true);
        let text = person.says();
        person.is_acknowledged(&text);
    }
    room.is_in_order();
    room
}

/// The link is there again, as the far computer notices.
fn plug_in(cable: &Cable, room: &mut Room) {
    cable.far.ip("link set far0 up");
    room.people[0].tells("/network");
}

#[test]
fn a_cable_is_out_for_a_while() {
    let Some(cable) = Cable::new() else { return };
    let mut random = Random::new("a_cable_is_out_for_a_while");
    let mut room = room(&cable, Cable::NEAR);
    let cuts = if env::var_os("HALLWAY_LONG").is_some() {
        &CUTS_LONG[..]
    } else {
        &CUTS
    };
    for seconds in cuts {
        // Amid what is said, and while more is.
        for _ in 0..3 {
            room.people[0].says();
            room.people[1].says();
        }
        thread::sleep(random.up_to(20));
        cable.pull();
        room.people[0].says();
        room.people[1].says();
        thread::sleep(Duration::from_secs_f64(*seconds));
        plug_in(&cable, &mut room);
        room.is_in_order();
    }
}

/// The server was killed meanwhile: one side knows of a connection that the other one does not.
#[test]
fn a_link_is_half_open() {
    let Some(cable) = Cable::new() else { return };
    let mut room = room(&cable, Cable::NEAR);
    cable.pull();
    room.end_server(Signal::KILL);
    cable.near.run(|| room.start_server());
    room.people[1].says();
    plug_in(&cable, &mut room);
    room.is_in_order();
    // The client was, and the server is left with a connection that nobody answers.
    cable.pull();
    room.people[0].end(Signal::KILL);
    let text = room.people[1].says();
    room.people[1].is_acknowledged(&text);
    cable.far.ip("link set far0 up");
    cable.far.run(|| room.people[0].start());
    room.people[0].says();
    room.is_in_order();
}

/// Packets are lost, late, doubled and out of order, and everybody talks.
#[test]
fn a_link_is_bad() {
    let Some(cable) = Cable::new() else { return };
    let weather = Weather {
        lost: 50,
        doubled: 20,
        late: Duration::from_millis(40),
    };
    let seed = Random::new("a_link_is_bad");
    let Some(tunnel) = Tunnel::start(&cable, weather, seed) else {
        return;
    };
    let mut room = room(&cable, Tunnel::NEAR);
    for _ in 0..15 {
        room.people[0].says();
        room.people[1].says();
        thread::sleep(Duration::from_millis(60));
    }
    room.is_in_order();
    let passed = tunnel.passed();
    eprintln!("a_link_is_bad: {passed:?}");
    assert!(passed.lost > 0 && passed.overtaken > 0, "{passed:?}");
}
