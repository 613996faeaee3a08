//! What the service manager is told (`sd_notify`(3), `sd_watchdog_enabled`(3)).

use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::time::{Duration, Instant};

use hallway_tests::peer::{End, Peer};
use hallway_tests::program::Program;
use hallway_tests::server::{Server, command};
use hallway_tests::service::Manager;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::ours;

use rustix::process::Signal;

/// Where a status says that the server listens.
#[track_caller]
fn address(status: &str) -> SocketAddr {
    let (ip, rest) = status
        .strip_prefix("Listening on ")
        .and_then(|rest| rest.split_once(", port "))
        .expect("a status begins with the address");
    let (port, _) = rest.split_once(';').expect("then it tells of people");
    SocketAddr::new(
        ip.parse().expect("an IP address"),
        port.parse().expect("a port"),
    )
}

fn started(manager: &Manager, arguments: &[&str]) -> Program {
    let mut command = command(arguments);
    manager.listens_to(&mut command);
    Program::spawn(command)
}

#[track_caller]
fn tells_readiness(manager: &Manager) {
    let program = started(manager, &[]);
    // The first news of all.
    let news = manager
        .next(PATIENCE)
        .expect("a server that is ready says so");
    assert_eq!(news["READY"], "1");
    let status = &news["STATUS"];
    assert!(status.ends_with("; nobody is here"), "{status}");
    // Once: what was said before does not help somebody who is too late.
    let address = address(status);
    let mut peer = Peer::connect(address);
    peer.line("/who");
    peer.answer();
    let mut server = Server::of(program);
    assert_eq!(server.address(), address);
    manager.hears_status("; 1 person is here");
    let other = server.peer();
    manager.hears_status("; 2 people are here");
    drop((peer, other));
    manager.hears_status("; nobody is here");
    server.serves();
    assert_eq!(server.end_by(Signal::TERM), Some(0));
    let news = manager.hears("the end", |news| news.contains_key("STOPPING"));
    assert_eq!(news["STOPPING"], "1");
    manager.hears_nothing();
}

#[test]
fn readiness_status_and_end_by_path() {
    tells_readiness(&Manager::with_path());
}

#[test]
fn readiness_status_and_end_by_abstract_name() {
    tells_readiness(&Manager::with_abstract_name());
}

/// The end is told when it begins, not when everybody has gone.
#[test]
fn the_end_is_told_before_the_last_has_gone() {
    let manager = Manager::with_path();
    let mut program = started(&manager, &[]);
    // It keeps the server waiting, since it does not close.
    let mut peer = Peer::connect(address(&manager.hears_ready()["STATUS"]));
    manager.hears_status("; 1 person is here");
    program.signal(Signal::INT);
    manager.hears("the end", |news| news.contains_key("STOPPING"));
    assert_eq!(program.ended(), None);
    let (_, end) = peer.rest();
    assert_eq!(end, End::Fin);
    let (code, ..) = program.outcome(PATIENCE);
    assert_eq!(code, Some(0));
}

#[test]
fn the_status_is_told_at_most_once_a_second() {
    let manager = Manager::with_path();
    let since = Instant::now();
    let server = Server::of(started(&manager, &[]));
    let mut peers = Vec::new();
    for _ in 0..30 {
        peers.push(server.peer());
    }
    let mut told = 0;
    manager.hears("everybody", |news| {
        told += usize::from(news.contains_key("STATUS"));
        news["STATUS"].contains("; 30 people are here")
    });
    let seconds = since.elapsed().as_secs_f64();
    // The first at once, then one a second.
    assert!(
        f64::from(u32::try_from(told).unwrap()) <= seconds + 1.0,
        "{told} in {seconds} s"
    );
}

#[test]
fn a_server_that_cannot_listen_is_never_ready() {
    let other = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let port = other.local_addr().expect("it listens").port().to_string();
    let manager = Manager::with_path();
    let mut program = started(&manager, &["--port", &port]);
    let (code, out, said) = program.outcome(PATIENCE);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(said.contains(&port), "{said}");
    manager.hears_nothing();
}

/// The server, with a watchdog of this many milliseconds for the process that `whom` tells.
fn watched(manager: &Manager, milliseconds: u32, whom: &str) -> Program {
    let mut command = Command::new("bash");
    let script = format!(
        "{whom} WATCHDOG_USEC={milliseconds}000 exec \"$0\" --headless --address 127.0.0.1 --port 0"
    );
    command.args(["-c", &script]);
    command.arg(ours("hallway-server").get_program());
    manager.listens_to(&mut command);
    Program::spawn(command)
}

#[test]
fn the_main_loop_gives_signs_of_life() {
    for whom in ["WATCHDOG_PID=$$", ""] {
        let manager = Manager::with_path();
        let mut server = Server::of(watched(&manager, 400, whom));
        manager.hears_ready();
        let since = Instant::now();
        for _ in 0..4 {
            manager.hears("a sign of life", |news| {
                news.get("WATCHDOG").is_some_and(|value| value == "1")
            });
        }
        // Twice in the time of the watchdog, and not all at once.
        assert!(since.elapsed() >= Duration::from_millis(500));
        // A server that does not run gives none.
        server.program().signal(Signal::STOP);
        while manager.next(Duration::from_millis(50)).is_some() {}
        assert_eq!(manager.next(Duration::from_secs(1)), None);
        server.program().signal(Signal::CONT);
        manager.hears("a sign of life", |news| news.contains_key("WATCHDOG"));
        server.serves();
    }
}

#[test]
fn the_watchdog_of_another_process_is_ignored() {
    let manager = Manager::with_path();
    let mut server = Server::of(watched(&manager, 100, "WATCHDOG_PID=1"));
    manager.hears_ready();
    manager.hears_nothing();
    server.serves();
}

#[test]
fn nobody_who_hears_is_no_harm() {
    for name in [
        "/nonexistent/notify",
        "@hallway-nobody",
        "relative",
        "vsock:2:1",
        "",
    ] {
        let mut command = command(&[]);
        command
            .env("NOTIFY_SOCKET", name)
            .env("WATCHDOG_USEC", "20000");
        let mut server = Server::of(Program::spawn(command));
        server.serves();
        assert_eq!(server.end_by(Signal::TERM), Some(0));
    }
}
