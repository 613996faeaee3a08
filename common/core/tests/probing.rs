//! A connection is asked whether it still is one, between two network namespaces.

mod support;

use std::env;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hallway_core::net::{Connection, Connector, Ended, Error, SocketOptions, State, limits};
use support::{Bench, on_loop};

#[path = "support/namespace.rs"]
mod namespace;
use namespace::in_namespaces;

/// Set for the copy of this program that is the other computer.
const FAR: &str = "HALLWAY_TEST_FAR";

/// For what the kernel does a moment later.
const MARGIN: Duration = Duration::from_secs(2);

/// The other computer: listens on port 4255 of 10.43.0.2 and holds what comes.
struct Far(Child);

impl Far {
    fn new() -> Self {
        let mut child = Command::new("unshare")
            .args(["--net", "--"])
            .arg(env::current_exe().expect("a test has an executable"))
            .args(["--exact", "the_other_computer", "--nocapture"])
            .env(FAR, "")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare has just worked");
        let out = child.stdout.take().expect("asked for");
        let mut lines = BufReader::new(out).lines();
        let mut says = |wanted: &str| {
            let mut lines = lines.by_ref().map_while(Result::ok);
            assert!(lines.any(|line| line.contains(wanted)), "it ended");
        };
        says("here");
        ip(&format!(
            "link add near0 type veth peer name far0 netns {}",
            child.id()
        ));
        ip("addr add 10.43.0.1/24 dev near0");
        ip("link set near0 up");
        says("listening");
        Self(child)
    }

    /// The far end of the cable.
    fn ip(&self, arguments: &str) {
        let pid = self.0.id().to_string();
        let status = Command::new("nsenter")
            .args(["--net", "--target", &pid, "ip"])
            .args(arguments.split(' '))
            .status();
        assert!(status.is_ok_and(|status| status.success()), "{arguments}");
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn ip(arguments: &str) {
    let status = Command::new("ip").args(arguments.split(' ')).status();
    assert!(status.is_ok_and(|status| status.success()), "{arguments}");
}

/// Not a test of its own: what [`Far`] runs.
#[test]
fn the_other_computer() {
    if env::var_os(FAR).is_none() {
        return;
    }
    println!("here");
    let ready = || {
        let status = Command::new("ip")
            .args(["addr", "add", "10.43.0.2/24", "dev", "far0"])
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    };
    while !ready() {
        std::thread::sleep(Duration::from_millis(10));
    }
    ip("link set far0 up");
    let listener = TcpListener::bind("10.43.0.2:4255").expect("it is ours");
    println!("listening");
    let _held: Vec<_> = listener.incoming().collect();
}

fn connect(bench: &Bench) -> Connection {
    let connection = bench.connecting(&Connector::default(), "10.43.0.2", 4255);
    bench.until("connected", || connection.state() == State::Connected);
    let options = SocketOptions::default();
    connection
        .set_options(&options)
        .expect("the system takes them");
    connection
}

/// How long it takes until the connection is over, and why.
fn end_of(bench: &Bench, connection: &Connection) -> (Duration, Option<Ended>) {
    let since = Instant::now();
    bench.until_at_most(limits::PROBE + 2 * MARGIN, || connection.ended().is_some());
    (since.elapsed(), connection.ended())
}

#[test]
fn a_peer_that_is_gone_is_found_out() {
    in_namespaces("a_peer_that_is_gone_is_found_out", &[], || {
        let far = Far::new();
        on_loop(|bench| {
            let (idle, busy) = (connect(bench), connect(bench));
            // One that was asked and answers stays, and is asked no more than before.
            idle.probe();
            bench.linger(limits::PROBE + MARGIN);
            assert!(idle.is_connected() && busy.is_connected());

            // It answers nothing to that address any more.
            far.ip("addr del 10.43.0.2/24 dev far0");
            busy.write(b"into the dark\n").expect("there is room");
            idle.probe();
            busy.probe();
            for connection in [idle, busy] {
                let (took, ended) = end_of(bench, &connection);
                assert_eq!(ended, Some(Ended::Failed(Error::PeerSilent)));
                assert!(took <= limits::PROBE + MARGIN, "{took:?}");
            }
        });
    });
}

#[test]
fn a_network_that_is_back_in_time_loses_nothing() {
    in_namespaces("a_network_that_is_back_in_time_loses_nothing", &[], || {
        let far = Far::new();
        on_loop(|bench| {
            let (asked, unplugged) = (connect(bench), connect(bench));
            bench.linger(MARGIN);
            far.ip("addr del 10.43.0.2/24 dev far0");
            asked.probe();
            bench.linger(2 * MARGIN);
            far.ip("addr add 10.43.0.2/24 dev far0");
            bench.linger(limits::PROBE);
            assert!(asked.is_connected(), "{:?}", asked.ended());

            // A cable may be out for longer than that.
            far.ip("link set far0 down");
            bench.linger(MARGIN);
            unplugged.probe();
            bench.linger(limits::PROBE + MARGIN);
            assert!(unplugged.is_connected(), "{:?}", unplugged.ended());
        });
    });
}

#[test]
fn an_address_that_is_gone_is_found_out_at_once() {
    in_namespaces("an_address_that_is_gone_is_found_out_at_once", &[], || {
        let _far = Far::new();
        on_loop(|bench| {
            let (lost, kept) = (connect(bench), connect(bench));
            ip("addr del 10.43.0.1/24 dev near0");
            kept.probe();
            ip("addr add 10.43.0.1/24 dev near0");
            bench.linger(limits::ADDRESS_GRACE + MARGIN);
            assert!(kept.is_connected(), "{:?}", kept.ended());

            ip("addr del 10.43.0.1/24 dev near0");
            lost.probe();
            let (took, ended) = end_of(bench, &lost);
            assert_eq!(ended, Some(Ended::Failed(Error::NetworkDown)));
            assert!(took < limits::ADDRESS_GRACE + MARGIN, "{took:?}");
        });
    });
}
