//! Names whose look-up is slow or gives several addresses, in namespaces made for the test: a
//! name service that never answers, and a file of hosts of our own.

#[path = "support/namespace.rs"]
mod namespace;
mod support;

use std::env;
use std::fs;
use std::io::{self, Write};
use std::net::{TcpListener, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use hallway_core::net::{Connection, Connector, Ended, Error, State, limits};

use namespace::in_namespaces;
use support::{Bench, Swallower, descriptors, life, on_loop, threads, ticks};

#[test]
fn slow_and_many_addresses() {
    in_namespaces("slow_and_many_addresses", &["--mount"], inside);
}

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{program} {arguments:?}"
    );
}

/// Puts a file of ours in the place of one of the system's, in this namespace alone.
fn replace(file: &str, text: &str) {
    let name = file.replace('/', "-");
    let ours = env::temp_dir().join(format!("hallway{name}-{}", std::process::id()));
    fs::write(&ours, text).expect("a temporary file");
    run(
        "mount",
        &["--bind", ours.to_str().expect("a plain path"), file],
    );
    fs::remove_file(&ours).expect("our own file");
}

fn inside() {
    run("ip", &["link", "set", "lo", "up"]);
    replace("/etc/resolv.conf", "nameserver 127.0.0.1\n");
    replace("/etc/nsswitch.conf", "hosts: files dns\n");
    replace(
        "/etc/hosts",
        "127.0.0.1 both.test\n::1 both.test\n127.0.0.2 far.test\n127.0.0.1 far.test\n",
    );
    let _silent = UdpSocket::bind("127.0.0.1:53").expect("root may bind port 53 here");
    on_loop(|bench| {
        one_of_two_families(bench);
        a_silent_address_holds_nobody_up(bench);
        a_silent_name_service(bench);
        look_ups_do_not_pile_up(bench);
    });
}

/// A name of both families where one alone listens, either way round.
fn one_of_two_families(bench: &Bench) {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let Ok(server) = TcpListener::bind(address) else {
            let _ = writeln!(io::stderr(), "slow_and_many_addresses: no {address} here");
            continue;
        };
        let local = server.local_addr().unwrap();
        let connection = bench.connecting(&Connector::default(), "both.test", local.port());
        bench.until("connected", || connection.is_connected());
        assert_eq!(connection.peer(), Some(local));
        connection.abort();
    }
}

/// The first address swallows what it gets: the second is tried beside it, and the loser goes.
fn a_silent_address_holds_nobody_up(bench: &Bench) {
    let swallower = Swallower::at("127.0.0.2:0".parse().unwrap());
    let port = swallower.address.port();
    let server = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let open = descriptors();
    let begin = Instant::now();
    let connection = bench.connecting(&Connector::default(), "far.test", port);
    bench.until("connected", || connection.is_connected());
    assert_eq!(connection.peer(), Some(server.local_addr().unwrap()));
    assert!(begin.elapsed() < Duration::from_secs(1));
    // One socket is left of the race, once the winner's first look at it is over.
    bench.until("the loser to go", || descriptors() == open + 1);
    connection.abort();
    bench.until("the winner to go", || descriptors() == open);
}

fn a_silent_name_service(bench: &Bench) {
    let mut connector = Connector::default();
    connector.deadline = Duration::from_millis(500);
    let connection = Connection::new(&bench.reactor, limits::LINE);
    let heard = life(&connection);
    let (ticks, _timer) = ticks();
    let begin = Instant::now();
    connector.connect(&connection, "silent.test", 4255);
    bench.until_over(&connection);
    let took = begin.elapsed();
    assert!(took >= Duration::from_millis(500), "{took:?}");
    assert!(took < Duration::from_millis(900), "{took:?}");
    assert!(ticks.get() > 30, "the loop stood still: {}", ticks.get());
    let host = "silent.test".to_owned();
    assert_eq!(
        connection.ended(),
        Some(Ended::Failed(Error::NameServiceSilent { host }))
    );
    let order = [
        "HostLookup",
        "error-occurred",
        "Unconnected",
        "disconnected",
    ];
    assert_eq!(heard.all(), order);
}

/// Giving up again and again, for one name and for many.
fn look_ups_do_not_pile_up(bench: &Bench) {
    let connector = Connector::default();
    let connection = Connection::new(&bench.reactor, limits::LINE);
    let (open, running) = (descriptors(), threads());
    for turn in 0..30 {
        connector.connect(&connection, "other.test", 4255);
        bench.linger(Duration::from_millis(5));
        assert_eq!(connection.state(), State::HostLookup, "turn {turn}");
        connection.close();
    }
    let one = threads();
    // One of GLib's pool that waits, one that the resolver makes of it.
    assert!(one <= running + 2, "{one} threads after {running}");
    for turn in 0..30 {
        connector.connect(&connection, &format!("name-{turn}.test"), 4255);
        bench.linger(Duration::from_millis(5));
        connection.close();
    }
    let many = threads();
    let most = running + 2 * limits::LOOKUPS;
    assert!(many <= most, "{many} threads after {running}");
    assert!(descriptors() <= open + 2 * limits::LOOKUPS);
    // Numbers need no look-up.
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    connector.connect(&connection, "127.0.0.1", port);
    bench.until("connected", || connection.is_connected());
    connection.abort();
    // The system's own time-out: two tries of five seconds.
    let gone = bench.until_at_most(Duration::from_secs(40), || descriptors() <= open);
    assert!(gone, "{} descriptors of {open}", descriptors());
}
