//! A session that is dropped leaves nothing behind, whatever it was doing. Alone in its process,
//! for it counts descriptors.

#[allow(dead_code)]
#[path = "session/world.rs"]
mod world;

use std::net::{Ipv4Addr, TcpStream};
use std::os::fd::AsFd;

use glib::prelude::*;
use hallway::session::{Session, State};
use rustix::net::{AddressFamily, SocketType};
use world::{World, hear_and_reset, lines, listen, serve};

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Drops the session and waits until nothing of it is left.
fn drop_it(world: &World, session: Session, before: usize) {
    let weak = session.downgrade();
    drop(session);
    assert!(weak.upgrade().is_none());
    world.until("descriptors are back", || {
        descriptors() == before && world.reactor.sockets() == 0
    });
}

/// A listener whose backlog is full: who connects now waits.
fn full_house() -> (impl AsFd, String, Vec<TcpStream>) {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    let any = std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    rustix::net::bind(&socket, &any).unwrap();
    rustix::net::listen(&socket, 0).unwrap();
    let address = rustix::net::getsockname(&socket).unwrap();
    let address = std::net::SocketAddr::try_from(address).unwrap();
    let first = TcpStream::connect(address).unwrap();
    (socket, address.to_string(), vec![first])
}

#[test]
fn nothing_is_left_behind() {
    World::with(|world| {
        let (listener, target) = listen();
        // Once, for what the system opens at the first connection and keeps.
        let (session, _) = world.session(&target);
        let server = serve(&listener, hear_and_reset);
        session.connect();
        session.send("hello").unwrap();
        world.until("lost", || matches!(session.state(), State::Waiting { .. }));
        world.join(server);
        drop(session);
        let before = descriptors();

        let (session, _) = world.session(&target);
        session.send("never sent").unwrap();
        drop_it(world, session, before);

        let (session, _) = world.session(&target);
        session.connect();
        assert_eq!(session.state(), State::LookingUp);
        drop_it(world, session, before);
        let backlog = listener.try_clone().unwrap();
        backlog.set_nonblocking(true).unwrap();
        while backlog.accept().is_ok() {}
        backlog.set_nonblocking(false).unwrap();
        drop(backlog);

        let (house, full, guests) = full_house();
        let inside = descriptors();
        let (session, _) = world.session(&full);
        session.connect();
        world.until("connecting", || session.state() == State::Connecting);
        world.run_for(std::time::Duration::from_millis(100));
        assert_eq!(session.state(), State::Connecting);
        drop_it(world, session, inside);
        drop((house, guests));

        let (session, _) = world.session(&target);
        let server = serve(&listener, lines);
        session.connect();
        world.until_connected(&session);
        session.send("the last words").unwrap();
        let weak = session.downgrade();
        drop(session);
        assert!(weak.upgrade().is_none());
        assert_eq!(world.join(server), ["the last words"]);
        world.until("descriptors are back", || {
            descriptors() == before && world.reactor.sockets() == 0
        });

        let (session, _) = world.session(&target);
        let server = serve(&listener, hear_and_reset);
        session.connect();
        session.send("hello").unwrap();
        world.until("lost", || matches!(session.state(), State::Waiting { .. }));
        world.join(server);
        drop_it(world, session, before);
        world.run_for(std::time::Duration::from_millis(1500));
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "nobody connects any more");
    });
}
