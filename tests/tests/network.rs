//! Two computers and the cable between them, which is pulled.

use std::time::{Duration, Instant};

use hallway_tests::desktop::session::Sleeper;
use hallway_tests::network::{Cable, Computer};
use hallway_tests::program::Program;
use hallway_tests::server::{self, Server};
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::{foreign_with, ours};

/// What is sent is given up after 30 seconds without an acknowledgement; the kernel looks at that
/// when it sends again, which is more and more seldom.
const GIVEN_UP: Duration = Duration::from_mins(1);

/// Who is asked and does not answer is gone after eight seconds; else it takes a minute and a half.
const ASKED: Duration = Duration::from_secs(20);

/// Three seconds for connecting, and starting a program.
const SOON: Duration = Duration::from_secs(5);

#[test]
fn a_cable_is_pulled() {
    let Some(cable) = Cable::new() else { return };
    let mut server = cable
        .near
        .run(|| Server::start(&["--address", Cable::NEAR]));
    let mut near = cable.near.run(|| server.peer());
    let mut far = cable.far.run(|| server.peer());
    far.line("hello from afar");
    near.hears(&format!("{}: hello from afar", far.address()));
    let start = Instant::now();
    cable.pull();
    server.says("is anybody there");
    near.hears("is anybody there");
    // The others go on as if nothing had happened.
    for _ in 0..20 {
        cable.near.run(|| server.serves());
    }
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    let address = far.address();
    server.entry_within(GIVEN_UP, "the end of who is behind the cable", |entry| {
        entry.tells_end_of(address)
    });
    let took = start.elapsed();
    assert!(
        took > Duration::from_secs(10),
        "given up too early: {took:?}"
    );
    // What was said to it may be lost, and the host is told so.
    server.event(&["perhaps not received", &address.to_string()]);
    cable.near.run(|| server.serves());
}

#[test]
fn a_cable_that_comes_back_loses_nothing() {
    let Some(cable) = Cable::new() else { return };
    let mut server = cable
        .near
        .run(|| Server::start(&["--address", Cable::NEAR]));
    let mut far = cable.far.run(|| server.peer());
    cable.pull();
    server.says("said while the cable was out");
    server.hears("said while the cable was out");
    cable.far.ip("link set far0 up");
    far.hears("said while the cable was out");
    far.line("and back");
    server.hears("and back");
    cable.near.run(|| server.serves());
}

/// Who went while this computer slept is not waited for.
#[test]
fn a_server_that_wakes_finds_out_who_is_gone() {
    let Some(cable) = Cable::new() else { return };
    let Some(sleeper) = Sleeper::new() else {
        return;
    };
    let mut command = server::command(&["--address", Cable::NEAR]);
    command.env("DBUS_SYSTEM_BUS_ADDRESS", sleeper.address());
    let mut server = cable.near.run(|| Server::of(Program::spawn(command)));
    let gone = cable.far.run(|| server.peer());
    let mut near = cable.near.run(|| server.peer());
    let address = gone.address();
    sleeper.falls_asleep();
    cable.far.ip("addr del 10.42.0.2/24 dev far0");
    let start = Instant::now();
    sleeper.wakes();
    server.entry_within(ASKED, "the end of who is gone", |entry| {
        entry.tells_end_of(address)
    });
    assert!(start.elapsed() > Duration::from_secs(3), "it was not asked");
    near.line("still here");
    server.hears("still here");
    server.is_well();
}

#[test]
fn hallway_send_does_not_wait_long_for_nobody() {
    let Some(cable) = Cable::new() else { return };
    // Packets to it go somewhere and come to nothing.
    cable
        .near
        .ip("neigh add 10.42.0.9 lladdr 02:00:00:00:00:09 nud permanent dev near0");
    for address in ["10.42.0.9", "10.42.0.8", "10.99.0.1"] {
        let start = Instant::now();
        let mut command = ours("hallway");
        command.args(["send", "--plain", &format!("{address}:4255"), "hello?"]);
        let mut hallway = cable.near.run(|| Program::spawn(command));
        hallway.end_input();
        let (code, _, said) = hallway.outcome(PATIENCE);
        assert_eq!(code, Some(1), "{said}");
        assert!(start.elapsed() < SOON, "{:?}: {said}", start.elapsed());
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(address), "{said}");
    }
}

#[test]
fn hallway_send_over_link_local_ipv6() {
    let Some(cable) = Cable::new() else { return };
    let mut server = cable.near.run(|| Server::start(&["--address", "::"]));
    let port = server.address().port();
    let mut command = ours("hallway");
    let address = format!("[fe80::1%far0]:{port}");
    command.args(["send", "--plain", &address, "link-local"]);
    let mut hallway = cable.far.run(|| Program::spawn(command));
    hallway.end_input();
    let (code, _, said) = hallway.outcome(PATIENCE);
    assert_eq!(code, Some(0), "{said}");
    let speaker = server.hears("link-local").speaker;
    assert!(speaker.starts_with("[fe80::2"), "{speaker}");
    server.is_well();
}

#[test]
fn nc_over_link_local_ipv6() {
    let Some(cable) = Cable::new() else { return };
    let mut server = cable.near.run(|| Server::start(&["--address", "::"]));
    let port = server.address().port().to_string();
    let Some(nc) = foreign_with("nc", ["-6", "fe80::1%far0", &port]) else {
        return;
    };
    let mut nc = cable.far.run(|| Program::spawn(nc));
    nc.type_line("from nc");
    let speaker = server.hears("from nc").speaker;
    assert!(speaker.starts_with("[fe80::2"), "{speaker}");
    server.says("to nc");
    nc.hears("to nc");
    server.is_well();
}

/// A computer without any network is a room for one, and for what runs on it.
#[test]
fn no_network_at_all() {
    let Some(computer) = Computer::new() else {
        return;
    };
    let mut server = computer.run(|| Server::start(&["--address", "::"]));
    let port = server.address().port();
    computer.run(|| {
        let mut one = hallway_tests::peer::Peer::connect(([127, 0, 0, 1], port).into());
        server.knows(&one);
        server.says("alone?");
        one.hears("alone?");
        server.is_well();
    });
}
