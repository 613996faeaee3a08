//! Thousands of connections leave nothing behind. Alone in its program: descriptors are the
//! process's.

mod support;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use glib::prelude::*;
use hallway_core::net::{Connection, Connector, Reactor};

use support::{Bench, Recorder, Swallower, descriptors, descriptors_of, on_loop, threads};

/// Connections of a round, at both ends; two rounds end at one end first, two at the other.
const ROUND: usize = 500;

#[test]
fn connections_leave_nothing_behind() {
    let limit = hallway_core::net::descriptors::raise_limit();
    assert!(limit > ROUND * 2 + 200, "the limit on open files: {limit}");
    on_loop(|bench| {
        reactors_come_and_go();
        accepted_and_closed(bench);
        given_up(bench);
    });
}

fn reactors_come_and_go() {
    let before = descriptors_of("eventpoll");
    let reactor = Reactor::new(glib::Priority::DEFAULT).unwrap();
    let copy = reactor.clone();
    reactor.set_priority(glib::Priority::LOW);
    assert_eq!(descriptors_of("eventpoll"), before + 1);
    drop(reactor);
    assert_eq!(descriptors_of("eventpoll"), before + 1);
    drop(copy);
    assert_eq!(descriptors_of("eventpoll"), before);
}

fn accepted_and_closed(bench: &Bench) {
    let sink = Rc::new(Recorder::default());
    let listener = bench.listener();
    listener.set_sink(sink.as_sink());
    let accepted: Rc<RefCell<Vec<Connection>>> = Rc::default();
    let place = Rc::clone(&accepted);
    listener.connect_new_connection(move |_, connection| place.borrow_mut().push(connection));
    let port = listener.local().unwrap().port();
    let connector = Connector::default();
    // GIO's own threads and descriptors come first.
    let warm = bench.connecting(&connector, "127.0.0.1", port);
    bench.until("connected", || {
        warm.is_connected() && !accepted.borrow().is_empty()
    });
    warm.abort();
    bench.until("gone", || listener.connections() == 0);
    accepted.take();
    drop(warm);
    let (open, sockets) = (descriptors(), bench.reactor.sockets());

    for round in 0..4 {
        let ours: Vec<_> = (0..ROUND)
            .map(|_| bench.connecting(&connector, "127.0.0.1", port))
            .collect();
        bench.until("everybody", || {
            accepted.borrow().len() == ROUND && ours.iter().all(Connection::is_connected)
        });
        assert_eq!(bench.reactor.sockets(), sockets + 2 * ROUND);
        let theirs = accepted.take();
        let weak: Vec<_> = ours
            .iter()
            .chain(&theirs)
            .map(ObjectExt::downgrade)
            .collect();
        for connection in &theirs {
            connection.write(b"hello\n").unwrap();
            connection.watch_acknowledgements();
        }
        let (enders, others) = if round % 2 == 0 {
            (&ours, &theirs)
        } else {
            (&theirs, &ours)
        };
        for (index, connection) in enders.iter().enumerate() {
            match (index + round) % 3 {
                0 => connection.abort(),
                _ => connection.close(),
            }
        }
        bench.until("all ends", || {
            let mut all = enders.iter().chain(others);
            all.all(|connection| connection.ended().is_some())
        });
        drop((ours, theirs));
        bench.until("the last object to go", || {
            weak.iter().all(|weak| weak.upgrade().is_none())
        });
        assert_eq!(bench.reactor.sockets(), sockets);
        assert_eq!(listener.connections(), 0);
        assert_eq!(descriptors(), open);
    }
    assert_eq!(sink.accepted.get(), 4 * ROUND + 1);
    assert_eq!(sink.ended.borrow().len(), 4 * ROUND + 1);
}

/// Looking up and connecting, given up halfway again and again.
fn given_up(bench: &Bench) {
    let swallower = Swallower::new();
    let port = swallower.address.port();
    let connector = Connector::default();
    let connection = bench.connecting(&connector, "localhost", port);
    bench.linger(Duration::from_millis(50));
    connection.close();
    bench.linger(Duration::from_millis(50));
    let (open, running) = (descriptors(), threads());
    let weak = connection.downgrade();
    for turn in 0..60 {
        let host = ["127.0.0.1", "localhost", "no-such-host.invalid"][turn % 3];
        connector.connect(&connection, host, port);
        bench.linger(Duration::from_millis([0, 1, 5][turn / 3 % 3]));
        if turn % 2 == 0 {
            connection.close();
        } else {
            connection.abort();
        }
    }
    drop(connection);
    // A look-up of the system may live out its own time-out.
    bench.until("nothing is left", || {
        weak.upgrade().is_none() && descriptors() <= open
    });
    // GLib keeps a few idle threads of its pool for a while.
    assert!(threads() <= running + 6, "{} of {running}", threads());
    assert_eq!(bench.reactor.sockets(), 0);
}
