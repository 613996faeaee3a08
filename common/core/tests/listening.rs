//! The listener's rows of the table "Listener and Connection, as signals" (DESIGN.md).

mod support;

use std::cell::Cell;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::rc::Rc;

use gio::prelude::*;
use hallway_core::net::{Error, ListenAddress, Listener};
use rustix::io::Errno;

use support::{Heard, Peer, here, localhost, on_loop};

#[test]
fn port_0_picks_a_port_and_close_refuses() {
    on_loop(|bench| {
        let listener = Listener::new(&bench.reactor);
        let told = Heard::default();
        let listening = told.clone();
        listener.connect_listening_notify(move |listener| listening.add(listener.listening()));
        assert!(!listener.listening());
        assert_eq!((listener.address().as_str(), listener.port()), ("", 0));

        listener.listen(here(), 0).unwrap();
        assert!(listener.listening());
        assert_eq!(listener.address(), "127.0.0.1");
        let port = u16::try_from(listener.port()).unwrap();
        assert_ne!(port, 0);
        assert_eq!(listener.local(), Some(localhost(port)));
        TcpStream::connect(localhost(port)).expect("it listens");

        let sockets = bench.reactor.sockets();
        listener.close();
        assert!(!listener.listening());
        assert_eq!((listener.address().as_str(), listener.port()), ("", 0));
        let refused = TcpStream::connect(localhost(port)).unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
        assert_eq!(bench.reactor.sockets(), sockets - 1);
        assert_eq!(told.all(), [true, false]);
    });
}

#[test]
fn a_listener_that_nobody_holds_stops_listening() {
    on_loop(|bench| {
        let listener = bench.listener();
        let address = listener.local().unwrap();
        drop(listener);
        assert!(TcpStream::connect(address).is_err());
        assert_eq!(bench.reactor.sockets(), 0);
    });
}

#[test]
fn the_port_can_be_taken_again_at_once() {
    on_loop(|bench| {
        let listener = bench.listener();
        let address = listener.local().unwrap();
        // Who closes first is left in TIME_WAIT.
        let (connection, mut peer) = bench.pair_on(&listener);
        connection.close();
        bench.until("end of stream", || peer.is_over());
        drop(peer);
        bench.until_over(&connection);
        // And one that is still open.
        let (open, mut other) = bench.pair_on(&listener);
        listener.close();
        let plain = rustix::net::socket(
            rustix::net::AddressFamily::INET,
            rustix::net::SocketType::STREAM,
            None,
        )
        .unwrap();
        assert_eq!(rustix::net::bind(&plain, &address), Err(Errno::ADDRINUSE));

        listener.listen(here(), address.port()).unwrap();
        assert_eq!(listener.local(), Some(address));
        assert!(open.is_connected());
        open.write(b"still here\n").unwrap();
        bench.until("the old connection works", || other.has(b"still here\n"));
        bench.pair_on(&listener);
    });
}

#[test]
fn an_address_in_use_names_the_program() {
    on_loop(|bench| {
        let first = bench.listener();
        let address = first.local().unwrap();
        let second = Listener::new(&bench.reactor);
        let error = second.listen(here(), address.port()).unwrap_err();
        assert_eq!(second.error(), Some(error.clone()));
        assert!(!second.listening());
        let Error::AddressInUse {
            address: wanted,
            holder: Some(holder),
        } = error
        else {
            panic!("{error:?}");
        };
        assert_eq!(wanted, address);
        assert_eq!(holder.pid, std::process::id());
        assert_ne!(holder.program, "");

        first.close();
        second.listen(here(), address.port()).unwrap();
        assert_eq!(second.error(), None);
    });
}

#[test]
fn an_address_that_is_not_ours_is_an_error_of_its_own() {
    on_loop(|bench| {
        let listener = Listener::new(&bench.reactor);
        let address: SocketAddr = "192.0.2.1:0".parse().unwrap();
        let result = listener.listen(ListenAddress::One(address), 0);
        assert_eq!(result, Err(Error::AddressNotOurs { address }));
        assert!(!listener.listening());
        assert_eq!(bench.reactor.sockets(), 0);
    });
}

#[test]
fn everywhere_and_this_computer_take_both_families() {
    on_loop(|bench| {
        let has_ipv6 = std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
        for address in [ListenAddress::Everywhere, ListenAddress::ThisComputer] {
            let listener = Listener::new(&bench.reactor);
            let peers = Heard::default();
            let heard = peers.clone();
            listener.connect_new_connection(move |_, connection| {
                heard.add(connection.peer_address());
            });
            listener.listen(address, 0).unwrap();
            let port = u16::try_from(listener.port()).unwrap();
            let _v4 = Peer::connect((Ipv4Addr::LOCALHOST, port).into());
            bench.until("IPv4", || peers.len() == 1);
            // Shown as what it is, not as ::ffff:127.0.0.1.
            assert_eq!(peers.all(), ["127.0.0.1"]);
            if has_ipv6 {
                let _v6 = Peer::connect((Ipv6Addr::LOCALHOST, port).into());
                bench.until("IPv6", || peers.len() == 2);
                assert_eq!(peers.all()[1], "::1");
            }
        }
    });
}

#[test]
fn a_new_connection_is_told_and_read() {
    on_loop(|bench| {
        let listener = bench.listener();
        let lines: Heard<Vec<u8>> = Heard::default();
        let told = Heard::default();
        let (heard, announced) = (lines.clone(), told.clone());
        listener.connect_new_connection(move |listener, connection| {
            assert!(connection.is_connected());
            announced.add((listener.connections(), connection.peer()));
            let heard = heard.clone();
            connection.connect_lines_received(move |_, lines| {
                lines.iter().for_each(|line| heard.add(line.bytes.to_vec()));
            });
        });
        let mut peer = Peer::connect(listener.local().unwrap());
        peer.send(b"hello\n");
        bench.until("a line", || lines.len() == 1);
        assert_eq!(lines.all(), [b"hello"]);
        assert_eq!(told.all(), [(1, Some(peer.local()))]);
    });
}

#[test]
fn the_service_emits_incoming_for_others_too() {
    on_loop(|bench| {
        let listener = bench.listener();
        let seen = Heard::default();
        let heard = seen.clone();
        let service = listener.service().expect("it listens");
        service.connect_incoming(move |_, stream, _| {
            heard.add(stream.remote_address().is_ok());
            false
        });
        let (connection, mut peer) = bench.pair_on(&listener);
        assert_eq!(seen.all(), [true]);
        connection.write(b"ours all the same\n").unwrap();
        bench.until("a line", || peer.has(b"ours all the same\n"));
    });
}

#[test]
fn a_handler_of_incoming_may_keep_the_connection() {
    on_loop(|bench| {
        let listener = bench.listener();
        let kept = Heard::default();
        let heard = kept.clone();
        let service = listener.service().expect("it listens");
        service.connect_incoming(move |_, stream, _| {
            heard.add(stream.clone());
            true
        });
        let ours = Rc::new(Cell::new(0));
        let count = Rc::clone(&ours);
        listener.connect_new_connection(move |_, _| count.set(count.get() + 1));
        let _peer = Peer::connect(listener.local().unwrap());
        bench.until("incoming", || kept.len() == 1);
        assert_eq!((ours.get(), listener.connections()), (0, 0));
    });
}

#[test]
fn accepted_sockets_inherit_the_options() {
    use hallway_core::net::SocketOptions;
    use rustix::net::sockopt;
    on_loop(|bench| {
        for (address, peer) in [
            (here(), IpKind::V4),
            (ListenAddress::Everywhere, IpKind::V4),
            (ListenAddress::Everywhere, IpKind::V6),
        ] {
            let Some(ip) = peer.ip() else { continue };
            let listener = Listener::new(&bench.reactor);
            listener.set_options(SocketOptions {
                no_delay: false,
                keepalive: false,
                receive_buffer: Some(20_000),
                send_buffer: Some(30_000),
                type_of_service: Some(0x10),
            });
            listener.listen(address, 0).unwrap();
            let sockets = Heard::default();
            let heard = sockets.clone();
            let service = listener.service().unwrap();
            service.connect_incoming(move |_, stream, _| {
                heard.add(stream.socket());
                false
            });
            let taken = Heard::default();
            let heard = taken.clone();
            listener.connect_new_connection(move |_, connection| heard.add(connection));
            let port = u16::try_from(listener.port()).unwrap();
            let _peer = Peer::connect((ip, port).into());
            bench.until("accepted", || taken.len() == 1);
            let connection = &taken.all()[0];
            assert!(!connection.no_delay());
            assert!(!connection.keepalive());
            // The kernel doubles what is asked for (socket(7)).
            assert_eq!(connection.receive_buffer(), 40_000);
            assert_eq!(connection.send_buffer(), 60_000);
            assert_eq!(connection.type_of_service(), 0x10);
            let socket = &sockets.all()[0];
            assert_eq!(sockopt::tcp_user_timeout(socket), Ok(30_000));
            if ip.is_ipv6() {
                assert_eq!(sockopt::ipv6_tclass(socket), Ok(0x10));
            }
        }
    });
}

#[derive(Clone, Copy)]
enum IpKind {
    V4,
    V6,
}

impl IpKind {
    fn ip(self) -> Option<std::net::IpAddr> {
        match self {
            Self::V4 => Some(Ipv4Addr::LOCALHOST.into()),
            Self::V6 => std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0))
                .is_ok()
                .then_some(Ipv6Addr::LOCALHOST.into()),
        }
    }
}

#[test]
fn options_are_properties_of_a_connection() {
    on_loop(|bench| {
        let (connection, _peer) = bench.pair();
        assert!(connection.no_delay());
        assert!(connection.keepalive());
        connection.set_no_delay(false);
        connection.set_keepalive(false);
        connection.set_send_buffer(50_000);
        connection.set_receive_buffer(60_000);
        connection.set_type_of_service(0x08);
        assert!(!connection.no_delay());
        assert!(!connection.keepalive());
        assert_eq!(connection.send_buffer(), 100_000);
        assert_eq!(connection.receive_buffer(), 120_000);
        assert_eq!(connection.type_of_service(), 0x08);
        connection.set_keepalive(true);
        assert!(connection.keepalive());
    });
}
