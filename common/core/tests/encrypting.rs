//! Encrypted connections of our own kind, and lines over TLS.

mod support;

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use hallway_core::identity::Identity;
use hallway_core::net::tls::{self, Protocol, Session};
use hallway_core::net::{
    Connection, Connector, Encryption, Ended, Error, Listener, Pace, Timer, limits,
};
use support::encrypted::{HOST, Server, failure, only, shake};
use support::{CONNECTED, Heard, Recorder, batches, life, on_loop};

#[test]
fn both_sides_know_each_other_and_hear_each_other() {
    only(|bench, server| {
        let (client, identity) = server.client(bench);
        let told = life(&client);
        let order = told.clone();
        client.connect_encrypted(move |_| order.add("encrypted".to_owned()));
        bench.until("encrypted", || client.is_encrypted());
        bench.until("accepted", || {
            let accepted = server.accepted.borrow();
            accepted.first().is_some_and(Connection::is_encrypted)
        });
        let peer = server.accepted.borrow()[0].clone();
        assert_eq!(client.protocol(), "hallway/1");
        assert_eq!(peer.protocol(), "hallway/1");
        assert_eq!(
            client.peer_fingerprint(),
            server.identity.fingerprint().to_string()
        );
        assert_eq!(peer.peer_fingerprint(), identity.fingerprint().to_string());
        // Never connected before it is encrypted. The look-up began before anybody listened.
        let mut expected = CONNECTED[1..].to_vec();
        expected.splice(2.., ["Encrypting", "Connected", "encrypted", "connected"]);
        assert_eq!(told.all(), expected);

        let (here, there) = (batches(&client), batches(&peer));
        client.write("你好\nand\n".as_bytes()).unwrap();
        peer.write(b"welcome\n").unwrap();
        bench.until("lines", || {
            here.all().concat() == ["welcome"] && there.all().concat() == ["你好", "and"]
        });
        // On the wire it is something else.
        assert!(client.received() > 500);

        client.close();
        bench.until_over(&client);
        bench.until_over(&peer);
        assert_eq!(client.ended(), Some(Ended::ByUs));
        assert_eq!(peer.ended(), Some(Ended::ByPeer));
        assert!(!client.is_encrypted());
        assert_eq!(peer.tls_peer().unwrap().protocol, Protocol::Hallway);
    });
}

#[test]
fn the_server_may_close_as_well_and_last_words_arrive() {
    only(|bench, server| {
        let (client, peer) = server.pair(bench);
        let heard = batches(&client);
        peer.write(b"goodbye\nwithout an end").unwrap();
        peer.close();
        bench.until_over(&client);
        bench.until_over(&peer);
        assert_eq!(heard.all().concat(), ["goodbye", "without an end"]);
        assert_eq!(client.ended(), Some(Ended::ByPeer));
        assert_eq!(peer.ended(), Some(Ended::ByUs));
    });
}

#[test]
fn an_end_without_a_word_is_no_end() {
    only(|bench, server| {
        let (client, peer) = server.pair(bench);
        // What somebody on the way could do.
        client.write(b"half a li").unwrap();
        bench.until("written", || client.bytes_to_write() == 0);
        let heard = batches(&peer);
        client.abort();
        bench.until_over(&peer);
        assert!(matches!(
            peer.ended(),
            Some(Ended::Failed(Error::Truncated | Error::Reset))
        ));
        assert_eq!(heard.len(), 0);
    });
}

#[test]
fn a_fin_alone_is_told_as_cut() {
    on_loop(|bench| {
        let server = Server::new(bench, Encryption::Only);
        let (connection, mut peer) = server.plain_peer(bench);
        let identity = Identity::make().unwrap();
        let mut session = Session::client(&tls::Client::hallway(&identity).unwrap()).unwrap();
        shake(bench, &mut session, &mut peer, &connection);
        let mut cipher = Vec::new();
        session.send(b"whole\nhalf", &mut cipher).unwrap();
        let heard = batches(&connection);
        peer.send(&cipher);
        bench.until("a line", || heard.all().concat() == ["whole"]);
        peer.finish();
        bench.until_over(&connection);
        assert_eq!(failure(&connection), Some(Error::Truncated));
        assert_eq!(heard.all().concat(), ["whole"]);
    });
}

#[test]
fn any_split_of_the_bytes_is_the_same() {
    only(|bench, server| {
        let (connection, mut peer) = server.plain_peer(bench);
        let heard = batches(&connection);
        let identity = Identity::make().unwrap();
        let mut session = Session::client(&tls::Client::hallway(&identity).unwrap()).unwrap();
        let (mut plain, mut taken) = (Vec::new(), 0);
        let mut waiting: VecDeque<u8> = VecDeque::new();
        let mut said = false;
        bench.until("a line", || {
            let mut cipher = Vec::new();
            session.take_output(&mut cipher);
            if session.peer().is_some() && !said {
                session.send(b"one byte at a time\n", &mut cipher).unwrap();
                said = true;
            }
            waiting.extend(cipher);
            for byte in waiting.drain(..waiting.len().min(30)).collect::<Vec<_>>() {
                peer.send(&[byte]);
                bench.context.iteration(false);
            }
            peer.take(usize::MAX);
            session.receive(&peer.got[taken..], &mut plain).unwrap();
            taken = peer.got.len();
            heard.all().concat() == ["one byte at a time"]
        });
    });
}

#[test]
fn lines_over_tls_are_spoken_where_they_are_allowed() {
    only(|bench, server| {
        let connect = || {
            let connection = Connection::new(&bench.reactor, limits::LINE);
            connection.set_encryption(Some(tls::Client::lines().unwrap()));
            Connector::default().connect(&connection, HOST, server.port());
            connection
        };
        let refused = connect();
        bench.until_over(&refused);
        assert_eq!(failure(&refused), Some(Error::NoCommonProtocol));
        bench.until_over(&server.accepted.borrow()[0].clone());
        let ended = failure(&server.accepted.borrow()[0]);
        assert_eq!(ended, Some(Error::NoCommonProtocol));

        server.listener.set_lines_over_tls(true);
        let client = connect();
        bench.until("encrypted", || {
            client.is_encrypted()
                && server
                    .accepted
                    .borrow()
                    .get(1)
                    .is_some_and(Connection::is_encrypted)
        });
        let peer = server.accepted.borrow()[1].clone();
        assert_eq!(
            (peer.protocol(), peer.peer_fingerprint()),
            Default::default()
        );
        assert_eq!(client.protocol(), "");
        let heard = batches(&peer);
        client.write(b"a line\n").unwrap();
        bench.until("a line", || heard.all().concat() == ["a line"]);
    });
}

#[test]
fn a_certificate_can_be_refused_before_anything_is_said() {
    only(|bench, server| {
        let (client, _) = server.client(bench);
        let told = life(&client);
        let asked = Heard::default();
        let seen = asked.clone();
        client.connect_certificate_questioned(move |_, question| {
            seen.add(question.fingerprint());
            question.refuse();
        });
        bench.until_over(&client);
        assert_eq!(asked.all(), [server.identity.fingerprint()]);
        let by_us = Error::CertificateRefused { by_peer: false };
        assert_eq!(failure(&client), Some(by_us));
        assert!(!told.all().iter().any(|what| what == "connected"));

        // The server may refuse as well.
        server.listener.connect_new_connection(|_, connection| {
            connection.connect_certificate_questioned(|_, question| question.refuse());
        });
        let (client, _) = server.client(bench);
        let heard = batches(&client);
        bench.until_over(&client);
        assert_eq!(client.ended(), Some(Ended::ByPeer));
        assert_eq!(heard.len(), 0);
    });
}

#[test]
fn much_goes_both_ways_in_order_with_a_slow_reader() {
    only(|bench, server| {
        const LINES: usize = 10_000;
        let (client, peer) = server.pair(bench);
        let line = |number: usize| format!("{number:0>1023}\n");
        let (there, here) = (Heard::<usize>::default(), Heard::<usize>::default());
        for (connection, heard) in [(&client, &here), (&peer, &there)] {
            let heard = heard.clone();
            connection.connect_lines_received(move |_, lines| {
                for line in lines.iter() {
                    let text = std::str::from_utf8(&line.bytes).unwrap();
                    assert_eq!(text.len(), 1023);
                    heard.add(text.parse().unwrap());
                }
            });
        }
        // Reads half of the time.
        let (slow, reads) = (peer.clone(), Cell::new(true));
        let _timer = Timer::repeating(
            Duration::from_millis(3),
            glib::Priority::DEFAULT,
            move || {
                if reads.replace(!reads.get()) {
                    slow.pause_reading();
                } else {
                    slow.resume_reading();
                }
                glib::ControlFlow::Continue
            },
        );
        let mut sent = [0, 0];
        bench.until("everything", || {
            for (connection, sent) in [&client, &peer].into_iter().zip(&mut sent) {
                while *sent < LINES
                    && connection.pace() == Pace::Flowing
                    && connection.write(line(*sent).as_bytes()).is_ok()
                {
                    *sent += 1;
                }
                assert!(connection.bytes_to_write() <= limits::queue(limits::LINE) as u64);
            }
            here.len() == LINES && there.len() == LINES
        });
        let expected: Vec<_> = (0..LINES).collect();
        assert_eq!(here.all(), expected);
        assert_eq!(there.all(), expected);
    });
}

#[test]
fn a_peer_that_never_reads_has_a_bounded_queue() {
    only(|bench, server| {
        let (client, peer) = server.pair(bench);
        client.pause_reading();
        let line = [&[b'x'; 10_000][..], b"\n"].concat();
        let cap = limits::queue(limits::LINE) as u64;
        let mut sent = 0;
        for _ in 0..1000 {
            sent += usize::from(peer.write(&line).is_ok());
            assert!(peer.bytes_to_write() <= cap);
        }
        assert!(sent < 1000);
        // What is in the queue is still whole.
        let heard = batches(&client);
        peer.close();
        client.resume_reading();
        bench.until_over(&client);
        assert_eq!(client.ended(), Some(Ended::ByPeer));
        assert_eq!(heard.all().concat().len(), sent);
        assert!(heard.all().concat().iter().all(|line| line.len() == 10_000));
    });
}

#[test]
fn encryption_needs_a_certificate() {
    on_loop(|bench| {
        let listener = Listener::new(&bench.reactor);
        listener.set_encryption(Encryption::Only);
        assert_eq!(listener.listen(support::here(), 0), Err(Error::NoIdentity));
        assert!(!listener.listening());
    });
}

#[test]
fn a_sink_hears_of_encryption_too() {
    on_loop(|bench| {
        let recorder = Rc::new(Recorder::default());
        let server = Server::new(bench, Encryption::WhenBothCan);
        server.listener.set_sink(recorder.as_sink());
        let (client, _) = server.pair(bench);
        client.write(b"a frame\n").unwrap();
        bench.until("a line", || recorder.text() == ["a frame"]);
        client.close();
        bench.until("the end", || {
            recorder.ended.borrow().as_slice() == [Ended::ByPeer]
        });
    });
}
