//! Looking up, connecting, and what can be in the way.

mod support;

use std::cell::Cell;
use std::net::TcpListener;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hallway_core::net::{Connection, Connector, Ended, Error, SocketOptions, State, limits};

use support::{Bench, CONNECTED, Heard, Swallower, batches, life, localhost, on_loop, ticks};

fn server() -> (TcpListener, u16) {
    let server = TcpListener::bind(localhost(0)).unwrap();
    let port = server.local_addr().unwrap().port();
    (server, port)
}

/// A port where nobody listens.
fn free_port() -> u16 {
    server().1
}

fn errors(connection: &Connection) -> Heard<Error> {
    let errors = Heard::default();
    let told = errors.clone();
    connection.connect_error_occurred(move |_, error| told.add(error));
    errors
}

#[test]
fn connecting_to_an_address_goes_through_every_state() {
    on_loop(|bench| {
        let (server, port) = server();
        let connection = Connection::new(&bench.reactor, limits::LINE);
        assert_eq!(connection.state(), State::Unconnected);
        let heard = life(&connection);
        Connector::default().connect(&connection, "127.0.0.1", port);
        assert_eq!(connection.state(), State::HostLookup);
        bench.until("connected", || connection.is_connected());
        assert_eq!(heard.all(), CONNECTED);
        assert_eq!(connection.peer(), Some(localhost(port)));
        assert_eq!(connection.peer_address(), "127.0.0.1");
        assert_eq!(connection.peer_port(), u32::from(port));
        let (_stream, address) = server.accept().unwrap();
        assert_eq!(connection.local(), Some(address));
        assert_eq!(connection.local_address(), "127.0.0.1");
        assert_eq!(connection.local_port(), u32::from(address.port()));
    });
}

#[test]
fn connecting_to_a_name_works_and_both_sides_talk() {
    on_loop(|bench| {
        // IPv4 alone listens: where the name has IPv6 too, that is refused and does not matter.
        let listener = bench.listener();
        let port = listener.local().unwrap().port();
        let accepted = Heard::default();
        let told = accepted.clone();
        listener.connect_new_connection(move |_, connection| told.add(connection));
        let connection = Connection::new(&bench.reactor, limits::LINE);
        let heard = life(&connection);
        Connector::default().connect(&connection, " localhost ", port);
        bench.until("connected", || {
            connection.is_connected() && accepted.len() == 1
        });
        assert_eq!(heard.all(), CONNECTED);
        let other = &accepted.all()[0];
        let (ours, theirs) = (batches(&connection), batches(other));
        connection.write(b"ping\n").unwrap();
        other.write(b"pong\n").unwrap();
        bench.until("both lines", || ours.len() == 1 && theirs.len() == 1);
        assert_eq!(
            (ours.all(), theirs.all()),
            (vec![vec!["pong".into()]], vec![vec!["ping".into()]])
        );
        connection.close();
        bench.until_over(&connection);
        bench.until_over(other);
        assert_eq!(connection.ended(), Some(Ended::ByUs));
        assert_eq!(other.ended(), Some(Ended::ByPeer));
    });
}

#[test]
fn brackets_around_ipv6_do_not_matter() {
    let Ok(server) = TcpListener::bind("[::1]:0") else {
        eprintln!("skipped: no IPv6 here");
        return;
    };
    on_loop(|bench| {
        let port = server.local_addr().unwrap().port();
        for host in ["::1", "[::1]"] {
            let connection = bench.connecting(&Connector::default(), host, port);
            bench.until("connected", || connection.is_connected());
            assert_eq!(connection.peer_address(), "::1");
        }
    });
}

#[test]
fn the_connectors_options_are_the_sockets() {
    on_loop(|bench| {
        let (_server, port) = server();
        let mut connector = Connector::default();
        connector.options = SocketOptions {
            no_delay: false,
            keepalive: false,
            receive_buffer: Some(20_000),
            send_buffer: Some(30_000),
            type_of_service: Some(0x10),
        };
        let connection = bench.connecting(&connector, "127.0.0.1", port);
        bench.until("connected", || connection.is_connected());
        assert!(!connection.no_delay());
        assert!(!connection.keepalive());
        assert_eq!(connection.receive_buffer(), 40_000);
        assert_eq!(connection.send_buffer(), 60_000);
        assert_eq!(connection.type_of_service(), 0x10);
    });
}

#[test]
fn nobody_listening_is_refused() {
    on_loop(|bench| {
        let port = free_port();
        let connection = Connection::new(&bench.reactor, limits::LINE);
        let heard = life(&connection);
        let errors = errors(&connection);
        Connector::default().connect(&connection, "localhost", port);
        bench.until_over(&connection);
        let host = "localhost".to_owned();
        let refused = Error::Refused { host, port };
        assert_eq!(errors.all(), std::slice::from_ref(&refused));
        assert_eq!(connection.ended(), Some(Ended::Failed(refused)));
        let order = [
            "HostLookup",
            "Connecting",
            "host-found",
            "error-occurred",
            "Unconnected",
            "disconnected",
        ];
        assert_eq!(heard.all(), order);
    });
}

#[test]
fn an_address_that_swallows_packets_times_out_while_the_loop_goes_on() {
    on_loop(|bench| {
        let swallower = Swallower::new();
        let (host, port) = ("127.0.0.1", swallower.address.port());
        let deadline = Duration::from_millis(700);
        let mut connector = Connector::default();
        connector.deadline = deadline;
        let (ticks, _timer) = ticks();
        let begin = Instant::now();
        let connection = bench.connecting(&connector, host, port);
        bench.until_over(&connection);
        let took = begin.elapsed();
        let host = host.to_owned();
        assert_eq!(
            connection.ended(),
            Some(Ended::Failed(Error::ConnectTimedOut { host, port }))
        );
        assert!(took >= deadline, "{took:?}");
        assert!(took < deadline + Duration::from_millis(600), "{took:?}");
        assert!(ticks.get() > 40, "the loop stood still: {}", ticks.get());
        assert_eq!(bench.reactor.sockets(), 0);
    });
}

#[test]
fn the_deadline_is_three_seconds_unless_set() {
    assert_eq!(Connector::default().deadline, Duration::from_secs(3));
}

#[test]
fn a_name_that_does_not_exist_is_told_within_the_deadline() {
    on_loop(|bench| {
        let mut connector = Connector::default();
        connector.deadline = Duration::from_secs(1);
        let (ticks, _timer) = ticks();
        let begin = Instant::now();
        let connection = bench.connecting(&connector, "no-such-host.invalid", 4255);
        bench.until_over(&connection);
        assert!(begin.elapsed() < Duration::from_secs(2));
        let host = "no-such-host.invalid".to_owned();
        // Without a network the name service is silent or says so.
        let expected = [
            Ended::Failed(Error::NameNotFound { host: host.clone() }),
            Ended::Failed(Error::NameServiceSilent { host }),
        ];
        let ended = connection.ended().unwrap();
        assert!(expected.contains(&ended), "{ended:?}");
        let late = u128::from(ticks.get()) * 20 >= begin.elapsed().as_millis().saturating_sub(100);
        assert!(late, "the loop stood still");
    });
}

#[test]
fn giving_up_while_looking_up_or_connecting_ends_at_once() {
    on_loop(|bench| {
        let swallower = Swallower::new();
        let connector = Connector::default();
        let connection = bench.connecting(&connector, "localhost", swallower.address.port());
        assert_eq!(connection.state(), State::HostLookup);
        connection.close();
        assert_eq!(connection.state(), State::Unconnected);
        assert_eq!(connection.ended(), Some(Ended::ByUs));

        let heard = life(&connection);
        connector.connect(&connection, "127.0.0.1", swallower.address.port());
        bench.until("connecting", || connection.state() == State::Connecting);
        connection.abort();
        assert_eq!(connection.ended(), Some(Ended::Aborted));
        bench.linger(Duration::from_millis(100));
        let order = [
            "HostLookup",
            "Connecting",
            "host-found",
            "Unconnected",
            "disconnected",
        ];
        assert_eq!(heard.all(), order, "nothing is told afterwards");
    });
}

#[test]
fn a_connection_can_be_connected_anew() {
    on_loop(|bench| {
        let (server, port) = server();
        let connector = Connector::default();
        let connection = bench.connecting(&connector, "127.0.0.1", free_port());
        bench.until_over(&connection);
        // From the handler itself, as a session does that reconnects by itself.
        let (again, times) = (connector.clone(), Rc::new(Cell::new(0)));
        let count = Rc::clone(&times);
        connection.connect_disconnected(move |connection| {
            count.set(count.get() + 1);
            if count.get() == 1 {
                again.connect(connection, "127.0.0.1", port);
            }
        });
        connector.connect(&connection, "127.0.0.1", port);
        bench.until("connected", || connection.is_connected());
        connection.write(b"first").unwrap();
        let (stream, _) = server.accept().unwrap();
        drop(stream);
        bench.until("connected anew", || {
            times.get() == 1 && connection.is_connected()
        });
        assert_eq!(connection.ended(), None);
        assert_eq!(connection.queued_position(), 0);
        let (stream, _) = server.accept().unwrap();
        let mut peer = support::Peer::new(stream);
        connection.write(b"second").unwrap();
        bench.until("what is written now", || peer.has(b"second"));
        // Connecting while connected breaks the old one off.
        connector.connect(&connection, "127.0.0.1", port);
        bench.until("connected again", || connection.is_connected());
        bench.until("the old one ends", || peer.is_over());
        assert!(peer.end.unwrap().is_err());
    });
}

#[test]
fn one_connector_looks_a_name_up_for_several_at_once() {
    on_loop(|bench| {
        let (_server, port) = server();
        let connector = Connector::default();
        let connections: Vec<_> = (0..8)
            .map(|_| bench.connecting(&connector, "localhost", port))
            .collect();
        bench.until("an outcome for all", || {
            let settled = |it: &Connection| it.is_connected() || it.ended().is_some();
            connections.iter().all(settled)
        });
        for connection in &connections {
            assert_eq!(connection.ended(), None);
            assert!(connection.is_connected());
        }
    });
}

#[test]
fn who_drops_a_connection_gives_it_up() {
    on_loop(|bench: &Bench| {
        let swallower = Swallower::new();
        let connector = Connector::default();
        let connection = bench.connecting(&connector, "127.0.0.1", swallower.address.port());
        bench.until("connecting", || connection.state() == State::Connecting);
        let weak = glib::prelude::ObjectExt::downgrade(&connection);
        drop(connection);
        bench.until("it is gone", || weak.upgrade().is_none());
    });
}
