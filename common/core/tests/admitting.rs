//! Who gets in and when: pending connections, backlog, limits, pausing.

mod support;

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use hallway_core::net::{Listener, Refusal};

use support::{Heard, Peer, Recorder, batches, begin_connecting, here, is_connected, on_loop};

const A_WHILE: Duration = Duration::from_millis(150);

#[test]
fn pending_connections_wait_unread_to_be_taken() {
    on_loop(|bench| {
        let listener = bench.listener();
        listener.set_keep_pending(true);
        assert!(!listener.has_pending_connections());
        assert!(listener.next_pending_connection().is_none());
        let address = listener.local().unwrap();
        let mut first = Peer::connect(address);
        first.send(b"early\n");
        let second = Peer::connect(address);
        bench.until("two come in", || listener.connections() == 2);
        assert!(listener.has_pending_connections());

        let connection = listener.next_pending_connection().unwrap();
        assert_eq!(connection.peer(), Some(first.local()));
        assert_eq!(connection.received(), 0);
        let lines = batches(&connection);
        bench.until("what came early", || lines.len() == 1);
        assert_eq!(lines.all(), [["early"]]);
        let connection = listener.next_pending_connection().unwrap();
        assert_eq!(connection.peer(), Some(second.local()));
        assert!(!listener.has_pending_connections());
    });
}

#[test]
fn accepting_pauses_at_the_most_pending_connections() {
    on_loop(|bench| {
        let listener = bench.listener();
        listener.set_keep_pending(true);
        listener.set_max_pending_connections(2);
        let address = listener.local().unwrap();
        let peers: Vec<_> = (0..4).map(|_| Peer::connect(address)).collect();
        bench.until("two come in", || listener.connections() == 2);
        let clock = support::CpuClock::start();
        bench.linger(Duration::from_millis(300));
        assert_eq!(listener.connections(), 2);
        assert!(clock.used() < Duration::from_millis(150), "it spins");

        for peer in &peers {
            bench.until("the next one", || listener.has_pending_connections());
            let connection = listener.next_pending_connection().unwrap();
            assert_eq!(connection.peer(), Some(peer.local()));
        }
        assert_eq!(listener.connections(), 4);
    });
}

#[test]
fn closing_the_listener_breaks_pending_connections_off() {
    on_loop(|bench| {
        let listener = bench.listener();
        listener.set_keep_pending(true);
        let mut peer = Peer::connect(listener.local().unwrap());
        bench.until("it comes in", || listener.has_pending_connections());
        listener.close();
        assert!(!listener.has_pending_connections());
        bench.until("the end", || peer.is_over());
        assert_eq!(listener.connections(), 0);
    });
}

#[test]
fn the_backlog_bounds_who_waits_to_be_accepted() {
    on_loop(|bench| {
        let listener = Listener::new(&bench.reactor);
        assert_eq!(listener.backlog(), 4096);
        listener.set_backlog(2);
        listener.listen(here(), 0).unwrap();
        listener.pause_accepting();
        let address = listener.local().unwrap();
        let peers: Vec<_> = (0..8).map(|_| begin_connecting(address)).collect();
        bench.linger(A_WHILE);
        let connected = peers.iter().filter(|peer| is_connected(peer)).count();
        // Linux lets one more than the backlog in.
        assert_eq!(connected, 3);
        listener.resume_accepting();
        // Those whose handshake the kernel cut short come in only when they speak.
        bench.until("more", || listener.connections() > 3);
    });
}

fn refusals(listener: &Listener) -> Heard<Refusal> {
    let refused = Heard::default();
    let heard = refused.clone();
    listener.connect_connection_refused(move |_, refused| heard.add(refused.why));
    refused
}

#[test]
fn more_than_max_connections_are_refused_with_a_reason() {
    on_loop(|bench| {
        let sink = Rc::new(Recorder {
            refusal: Some("* the room is full\n"),
            ..Recorder::default()
        });
        let listener = bench.listener();
        listener.set_sink(sink.as_sink());
        listener.set_max_connections(2);
        assert_eq!(listener.max_connections(), 2);
        let refused = refusals(&listener);
        let (first, _peer) = bench.pair_on(&listener);
        let (_second, _other) = bench.pair_on(&listener);

        let mut third = Peer::connect(listener.local().unwrap());
        bench.until("the refusal", || third.is_over());
        assert_eq!(third.got, b"* the room is full\n");
        assert_eq!(third.end, Some(Ok(())));
        assert_eq!(refused.all(), [Refusal::Full { limit: 2 }]);
        assert_eq!((listener.connections(), sink.accepted.get()), (2, 2));

        first.abort();
        assert_eq!(listener.connections(), 1);
        bench.pair_on(&listener);
    });
}

#[test]
fn one_address_gets_only_so_many_connections() {
    // This computer's own connections are not counted, so the peer needs another address.
    let Some(own) = another_own_address() else {
        eprintln!("skipped: this machine has no address but loopback");
        return;
    };
    on_loop(|bench| {
        let listener = Listener::new(&bench.reactor);
        listener.set_limits(10, 1);
        listener
            .listen(hallway_core::net::ListenAddress::One(own), 0)
            .unwrap();
        let refused = refusals(&listener);
        let (_first, _peer) = bench.pair_on(&listener);
        let mut second = Peer::connect(listener.local().unwrap());
        bench.until("the refusal", || second.is_over());
        assert_eq!(refused.all(), [Refusal::FullForAddress { limit: 1 }]);
    });
}

/// An address of this computer that is not loopback, found without sending anything.
fn another_own_address() -> Option<SocketAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?;
    (!address.ip().is_loopback()).then_some(SocketAddr::new(address.ip(), 0))
}

#[test]
fn accepting_pauses_and_resumes() {
    on_loop(|bench| {
        let listener = bench.listener();
        let told = Heard::default();
        let heard = told.clone();
        listener.connect_accepting_paused_notify(move |listener| {
            heard.add(listener.accepting_paused());
        });
        listener.pause_accepting();
        // Not refused: it waits.
        let peer = Peer::connect(listener.local().unwrap());
        let clock = support::CpuClock::start();
        bench.linger(Duration::from_millis(300));
        assert!(clock.used() < Duration::from_millis(150), "it spins");
        assert_eq!(listener.connections(), 0);
        let accepted = Heard::default();
        let heard = accepted.clone();
        listener.connect_new_connection(move |_, connection| heard.add(connection.peer()));
        listener.resume_accepting();
        bench.until("it comes in", || listener.connections() == 1);
        assert_eq!(accepted.all(), [Some(peer.local())]);
        assert_eq!(told.all(), [true, false]);
    });
}
