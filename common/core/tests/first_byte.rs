//! Who speaks TLS and who does not, and handshakes that come to nothing.

mod support;

use std::time::{Duration, Instant};

use hallway_core::identity::Identity;
use hallway_core::net::tls::{self, Failure, Session};
use hallway_core::net::{Connection, Connector, Encryption, Ended, Error, Pace, State, limits};
use support::encrypted::{HOST, both, failure, hello, only, shake, with_server};
use support::{Peer, batches, on_loop};

#[test]
fn where_only_encryption_is_spoken_plain_peers_are_told() {
    only(|bench, server| {
        let (connection, mut peer) = server.plain_peer(bench);
        assert_eq!(connection.state(), State::Encrypting);
        connection.write(b"not for plain ears\n").unwrap();
        peer.send(b"hello\n");
        bench.until("the end", || peer.is_over());
        assert!(peer.has(b"* Only encrypted connections are taken here.\n"));
        peer.finish();
        bench.until_over(&connection);
        assert_eq!(failure(&connection), Some(Error::NotEncrypted));
    });
}

#[test]
fn where_encryption_is_off_nobody_waits_and_tls_is_text() {
    with_server(Encryption::Off, |bench, server| {
        let (connection, mut peer) = server.plain_peer(bench);
        let begin = Instant::now();
        connection.write(b"at once\n").unwrap();
        bench.until("a line", || peer.has(b"at once\n"));
        assert!(begin.elapsed() < limits::OPENING / 2);
        let heard = batches(&connection);
        peer.send(b"\x16\x03\x01\n");
        bench.until("a line", || heard.all().concat() == ["\x16\x03\x01"]);
    });
}

#[test]
fn the_first_byte_decides_where_both_can() {
    both(|bench, server| {
        let (connection, mut peer) = server.plain_peer(bench);
        let heard = batches(&connection);
        let begin = Instant::now();
        connection.write(b"held\n").unwrap();
        peer.send(b"h");
        bench.until("a line", || peer.has(b"held\n"));
        assert!(
            begin.elapsed() < limits::OPENING / 2,
            "plain is plain at once"
        );
        peer.send(b"i\n");
        bench.until("a line", || heard.all().concat() == ["hi"]);
        // And from here on nothing is TLS.
        peer.send(b"\x16\n");
        bench.until("a line", || heard.len() == 2);
        let (client, peer) = server.pair(bench);
        assert!(client.is_encrypted() && peer.is_encrypted());
    });
}

#[test]
fn whoever_is_not_decided_yet_is_waited_for_and_not_given_up() {
    both(|bench, server| {
        let (connection, mut peer) = server.plain_peer(bench);
        let chunk = [b'x'; 8 * 1024];
        let mut sent = 0;
        while connection.write(&chunk).unwrap() == Pace::Flowing {
            sent += 1;
            assert!(sent * chunk.len() <= limits::QUEUE, "a sender would wait");
        }
        bench.until("all of it", || {
            peer.take(usize::MAX);
            peer.got.len() == (sent + 1) * chunk.len()
        });
        bench.until("it flows", || connection.pace() == Pace::Flowing);
    });
}

#[test]
fn silence_makes_plain_and_lines_wait_for_it() {
    both(|bench, server| {
        let (connection, mut peer) = server.plain_peer(bench);
        let begin = Instant::now();
        connection.write(b"one\n").unwrap();
        connection.send(b"two\n").unwrap();
        assert_eq!(connection.bytes_to_write(), 8);
        bench.until("lines", || peer.has(b"one\ntwo\n"));
        assert!(begin.elapsed() >= limits::OPENING);
        assert!(begin.elapsed() < limits::OPENING * 2);
        connection.write(b"three\n").unwrap();
        bench.until("lines", || peer.has(b"one\ntwo\nthree\n"));
        // It was spoken to plainly: TLS comes too late, and is text.
        let heard = batches(&connection);
        peer.send(b"\x16\x03\x01\n");
        bench.until("a line", || heard.all().concat() == ["\x16\x03\x01"]);
        assert_eq!(connection.state(), State::Connected);
    });
}

#[test]
fn who_was_silent_and_was_told_nothing_may_still_encrypt() {
    both(|bench, server| {
        let (connection, mut peer) = server.plain_peer(bench);
        bench.linger(limits::OPENING + limits::OPENING / 2);
        let identity = Identity::make().unwrap();
        let mut session = Session::client(&tls::Client::hallway(&identity).unwrap()).unwrap();
        shake(bench, &mut session, &mut peer, &connection);
        assert_eq!(
            connection.peer_fingerprint(),
            identity.fingerprint().to_string()
        );
    });
}

#[test]
fn not_a_byte_is_plain_to_one_that_encrypts() {
    both(|bench, server| {
        let (connection, mut peer) = server.plain_peer(bench);
        connection.write(b"meant for a plain peer\n").unwrap();
        let mut session =
            Session::client(&tls::Client::hallway(&Identity::make().unwrap()).unwrap()).unwrap();
        shake(bench, &mut session, &mut peer, &connection);
        bench.linger(limits::OPENING * 2);
        let mut plain = Vec::new();
        session.receive(&[], &mut plain).unwrap();
        assert!(plain.is_empty());
        assert_eq!(connection.bytes_to_write(), 0);
    });
}

#[test]
fn a_peer_that_says_nothing_at_all_can_go() {
    both(|bench, server| {
        let (connection, peer) = server.plain_peer(bench);
        drop(peer);
        bench.until_over(&connection);
        assert_eq!(connection.ended(), Some(Ended::ByPeer));
        let (connection, mut peer) = server.plain_peer(bench);
        connection.write(b"farewell\n").unwrap();
        connection.close();
        bench.until("the end", || peer.is_over());
        assert!(peer.has(b"farewell\n"));
    });
}

#[test]
fn a_client_that_meets_a_plain_server_says_so() {
    on_loop(|bench| {
        let listener = bench.listener();
        listener.connect_new_connection(|_, connection| {
            connection.write(b"welcome, stranger\n").unwrap();
        });
        let client = Connection::new(&bench.reactor, limits::LINE);
        let identity = Identity::make().unwrap();
        client.set_encryption(Some(tls::Client::hallway(&identity).unwrap()));
        let heard = batches(&client);
        let port = listener.local().unwrap().port();
        Connector::default().connect(&client, HOST, port);
        bench.until_over(&client);
        let what = Failure::NotTls;
        assert_eq!(failure(&client), Some(Error::HandshakeFailed { what }));
        assert_eq!(heard.len(), 0);
    });
}

#[test]
fn garbage_after_the_first_byte_ends_the_handshake() {
    both(|bench, server| {
        for garbage in [
            &b"\x16garbage that is no record"[..],
            b"\x16\x03\x01\x00\x05hello",
        ] {
            let (connection, mut peer) = server.plain_peer(bench);
            peer.send(garbage);
            bench.until("the end", || peer.is_over());
            peer.finish();
            bench.until_over(&connection);
            assert!(matches!(
                connection.ended(),
                Some(Ended::Failed(Error::HandshakeFailed { .. }))
            ));
        }
    });
}

#[test]
fn stalled_handshakes_do_not_keep_others_out() {
    for stalled in [hello(), hello()[..100].to_vec(), vec![0x16]] {
        both(|bench, server| {
            let address = server.listener.local().unwrap();
            let peers: Vec<_> = (0..150)
                .map(|_| {
                    let mut peer = Peer::connect(address);
                    peer.send(&stalled);
                    peer
                })
                .collect();
            bench.until("accepted", || server.accepted.borrow().len() == 150);
            let begin = Instant::now();
            let (client, _) = server.client(bench);
            bench.until("encrypted", || client.is_encrypted());
            let took = begin.elapsed();
            assert!(took < Duration::from_millis(500), "{took:?}");
            drop(peers);
        });
    }
}

#[test]
fn a_handshake_that_trickles_ends_at_its_deadline() {
    only(|bench, server| {
        let (connection, mut peer) = server.plain_peer(bench);
        let begin = Instant::now();
        let mut bytes = hello().into_iter();
        while connection.ended().is_none() && begin.elapsed() < limits::HANDSHAKE * 2 {
            peer.send(&[bytes.next().expect("a hello is long")]);
            bench.linger(Duration::from_millis(100));
            if peer.is_over() {
                peer.finish();
                bench.until_over(&connection);
            }
        }
        assert_eq!(failure(&connection), Some(Error::HandshakeTimedOut));
        assert!(begin.elapsed() >= limits::HANDSHAKE);
    });
}
