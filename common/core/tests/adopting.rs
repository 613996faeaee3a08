//! Listening on sockets that somebody else opened, as the system does for a service.

mod support;

use std::fs::File;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixDatagram, UnixListener};

use gio::prelude::*;
use hallway_core::net::{Bound, Error, Listener, SocketOptions, Unfit};
use rustix::fs::{OFlags, fcntl_getfl};
use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd, ioctl_fionbio};
use rustix::net::sockopt;

use support::{Bench, Heard, Peer, here, localhost, on_loop};

/// A listening socket as it is passed, and the copy that who passed it keeps.
fn passed(address: SocketAddr) -> (OwnedFd, TcpListener) {
    let kept = TcpListener::bind(address).expect("a free port");
    let passed = kept.as_fd().try_clone_to_owned().expect("a descriptor");
    // As a program receives it over exec(3).
    fcntl_setfd(&passed, FdFlags::empty()).unwrap();
    ioctl_fionbio(&passed, false).unwrap();
    (passed, kept)
}

fn adopting(bench: &Bench, socket: impl Into<OwnedFd>) -> Result<(), Error> {
    let listener = Listener::new(&bench.reactor);
    let result = listener.adopt(vec![socket.into()]);
    assert_eq!(listener.error(), result.clone().err());
    assert_eq!(listener.listening(), result.is_ok());
    result
}

#[track_caller]
fn is_unfit(bench: &Bench, socket: impl Into<OwnedFd>, what: Unfit) {
    let result = adopting(bench, socket);
    assert_eq!(result, Err(Error::Unfit { number: 1, what }));
    assert_eq!(bench.reactor.sockets(), 0);
}

#[test]
fn a_socket_from_elsewhere_is_listened_on() {
    on_loop(|bench| {
        let (socket, kept) = passed(localhost(0));
        let address = kept.local_addr().unwrap();
        // Who connected before waits in the backlog.
        let mut early = Peer::connect(address);
        early.send(b"before you were there\n");

        let listener = Listener::new(&bench.reactor);
        let told = Heard::default();
        let listening = told.clone();
        listener.connect_listening_notify(move |listener| listening.add(listener.listening()));
        let lines = Heard::default();
        let heard = lines.clone();
        listener.connect_new_connection(move |_, connection| {
            let heard = heard.clone();
            connection.connect_lines_received(move |_, lines| {
                lines.iter().for_each(|line| heard.add(line.bytes.to_vec()));
            });
        });
        listener.adopt(vec![socket]).unwrap();
        assert_eq!(listener.local(), Some(address));
        assert_eq!(listener.address(), "127.0.0.1");
        assert_eq!(listener.port(), u32::from(address.port()));
        bench.until("the early line", || lines.len() == 1);
        assert_eq!(lines.all(), [b"before you were there"]);

        let (connection, mut peer) = bench.pair_on(&listener);
        connection.write(b"and now\n").unwrap();
        bench.until("a line", || peer.has(b"and now\n"));
        listener.close();
        assert_eq!(told.all(), [true, false]);
    });
}

#[test]
fn the_service_holds_it_and_emits_incoming() {
    on_loop(|bench| {
        let (socket, _kept) = passed(localhost(0));
        let listener = Listener::new(&bench.reactor);
        listener.adopt(vec![socket]).unwrap();
        let seen = Heard::default();
        let heard = seen.clone();
        let service = listener.service().expect("it listens");
        service.connect_incoming(move |_, stream, _| {
            heard.add(stream.remote_address().is_ok());
            false
        });
        bench.pair_on(&listener);
        assert_eq!(seen.all(), [true]);
    });
}

#[test]
fn closing_ends_our_part_only() {
    on_loop(|bench| {
        let (socket, kept) = passed(localhost(0));
        let address = kept.local_addr().unwrap();
        let listener = Listener::new(&bench.reactor);
        listener.adopt(vec![socket]).unwrap();
        bench.pair_on(&listener);
        let sockets = bench.reactor.sockets();
        listener.close();
        assert_eq!(bench.reactor.sockets(), sockets - 1);
        // The other holder's still works, and has who comes now.
        let waiting = TcpStream::connect(address).expect("somebody listens");
        ioctl_fionbio(&kept, false).unwrap();
        let (_, peer) = kept.accept().unwrap();
        assert_eq!(peer, waiting.local_addr().unwrap());
        // The last one to close it ends it.
        drop(kept);
        assert!(TcpStream::connect(address).is_err());
    });
}

#[test]
fn it_neither_blocks_nor_goes_on_to_other_programs_and_has_our_options() {
    on_loop(|bench| {
        let (socket, kept) = passed(localhost(0));
        let listener = Listener::new(&bench.reactor);
        listener.set_options(SocketOptions {
            no_delay: false,
            send_buffer: Some(30_000),
            ..SocketOptions::default()
        });
        listener.adopt(vec![socket]).unwrap();
        assert!(
            fcntl_getfl(&kept).unwrap().contains(OFlags::NONBLOCK),
            "of the socket, not of a copy"
        );
        let service = listener.service().expect("it listens");
        let ours = Heard::default();
        let heard = ours.clone();
        service.connect_incoming(move |_, stream, _| {
            heard.add(stream.socket());
            false
        });
        let (connection, _peer) = bench.pair_on(&listener);
        assert!(!connection.no_delay() && connection.keepalive());
        // The kernel doubles what is asked for (socket(7)).
        assert_eq!(connection.send_buffer(), 60_000);
        assert_eq!(sockopt::tcp_user_timeout(&ours.all()[0]), Ok(30_000));

        // Ours is the one descriptor of this socket besides `kept`.
        let inode = rustix::fs::fstat(&kept).unwrap().st_ino;
        let link = format!("socket:[{inode}]");
        let ours = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let infos: Vec<_> = ours
            .filter(|entry| std::fs::read_link(entry.path()).is_ok_and(|to| to == *link))
            .map(|entry| {
                let number = entry.file_name().into_string().unwrap();
                std::fs::read_to_string(format!("/proc/self/fdinfo/{number}")).unwrap()
            })
            .collect();
        assert_eq!(infos.len(), 2);
        for info in infos {
            let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
            let flags = u32::from_str_radix(flags.unwrap().trim(), 8).unwrap();
            assert_ne!(flags & OFlags::CLOEXEC.bits(), 0, "{info}");
        }
        assert_eq!(fcntl_getfd(&kept).unwrap(), FdFlags::CLOEXEC);
    });
}

#[test]
fn several_sockets_are_one_listener() {
    on_loop(|bench| {
        let (first, first_kept) = passed(localhost(0));
        let (second, second_kept) = passed((Ipv4Addr::new(127, 0, 0, 2), 0).into());
        let mut sockets = vec![first, second];
        let mut addresses = vec![
            first_kept.local_addr().unwrap(),
            second_kept.local_addr().unwrap(),
        ];
        // std binds IPv6 addresses for both families where it can.
        let six = TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0));
        if let Ok(six) = &six {
            sockets.push(six.as_fd().try_clone_to_owned().unwrap());
            addresses.push(six.local_addr().unwrap());
        }
        let listener = Listener::new(&bench.reactor);
        listener.adopt(sockets).unwrap();
        assert_eq!(listener.local(), Some(addresses[0]));
        let bound = addresses.iter().map(|&address| Bound {
            address,
            is_ipv6_only: false,
        });
        assert_eq!(listener.bound(), bound.collect::<Vec<_>>());
        let count = Heard::default();
        let heard = count.clone();
        listener.connect_new_connection(move |_, connection| heard.add(connection.peer()));
        let mut peers = Vec::new();
        for address in addresses {
            let to: Vec<SocketAddr> = match address.ip() {
                ip if ip.is_unspecified() => {
                    let port = address.port();
                    vec![(Ipv6Addr::LOCALHOST, port).into(), localhost(port)]
                }
                _ => vec![address],
            };
            peers.extend(to.into_iter().map(Peer::connect));
            bench.until("everybody accepted", || count.len() == peers.len());
        }
        assert_eq!(listener.connections(), peers.len());
    });
}

#[test]
fn what_cannot_be_listened_on_is_refused() {
    on_loop(|bench| {
        let folder = std::env::temp_dir().join(format!("hallway-adopting-{}", std::process::id()));
        is_unfit(bench, File::open("/dev/null").unwrap(), Unfit::NotASocket);
        is_unfit(bench, UdpSocket::bind(localhost(0)).unwrap(), Unfit::NotTcp);
        let unix = UnixListener::bind(&folder).unwrap();
        std::fs::remove_file(&folder).unwrap();
        is_unfit(bench, unix, Unfit::Unix);
        is_unfit(bench, UnixDatagram::unbound().unwrap(), Unfit::Unix);
        let listener = TcpListener::bind(localhost(0)).unwrap();
        let connection = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        is_unfit(bench, connection, Unfit::NotListening);
        // The other end of it is fit.
        adopting(bench, listener).unwrap();
    });
}

/// One bad socket of several: none is listened on, and the error says which it was.
#[test]
fn all_or_nothing() {
    on_loop(|bench| {
        let (good, kept) = passed(localhost(0));
        let address = kept.local_addr().unwrap();
        drop(kept);
        let bad = UdpSocket::bind(localhost(0)).unwrap();
        let listener = bench.listener();
        let result = listener.adopt(vec![good, bad.into()]);
        let what = Unfit::NotTcp;
        assert_eq!(result, Err(Error::Unfit { number: 2, what }));
        assert!(!listener.listening());
        assert_eq!(listener.bound(), []);
        assert_eq!(bench.reactor.sockets(), 0);
        assert!(TcpStream::connect(address).is_err(), "it is closed, too");

        let result = listener.adopt(Vec::new());
        let what = Unfit::NotASocket;
        assert_eq!(result, Err(Error::Unfit { number: 1, what }));
        // It can still listen the usual way.
        listener.listen(here(), 0).unwrap();
        bench.pair_on(&listener);
    });
}
