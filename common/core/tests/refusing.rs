//! What those hear who are refused where TLS may be spoken.

mod support;

use std::rc::Rc;
use std::time::Instant;

use hallway_core::net::tls::Failure;
use hallway_core::net::{Connection, Encryption, Ended, Error, Refusal, limits};
use support::encrypted::{Server, failure, hello, with_server};
use support::{Heard, Peer, Recorder};

const WORDS: &str = "* not now\n";

/// A server that refuses whoever comes, and why it did.
fn refuse_all(server: &Server, wants_nobody: bool) -> (Rc<Recorder>, Heard<Refusal>) {
    let sink = Rc::new(Recorder {
        refusal: Some(WORDS),
        wants_nobody,
        ..Recorder::default()
    });
    server.listener.set_sink(sink.as_sink());
    if !wants_nobody {
        server.listener.set_limits(0, limits::NONE);
    }
    let refused = Heard::default();
    let heard = refused.clone();
    server
        .listener
        .connect_connection_refused(move |_, refused| heard.add(refused.why));
    (sink, refused)
}

#[test]
fn a_tls_client_is_told_so_without_a_handshake() {
    for how in [Encryption::WhenBothCan, Encryption::Only] {
        for (wants_nobody, why, what) in [
            (false, Refusal::Full { limit: 0 }, Failure::NoRoom),
            (true, Refusal::Unwanted, Failure::Unwanted),
        ] {
            with_server(how, |bench, server| {
                let (sink, refused) = refuse_all(server, wants_nobody);
                let (client, _) = server.client(bench);
                bench.until_over(&client);
                let told = Error::HandshakeFailed { what: what.clone() };
                assert_eq!(failure(&client), Some(told));
                assert_eq!(refused.all(), [why]);
                assert_eq!((server.listener.connections(), sink.accepted.get()), (0, 0));
            });
        }
    }
}

#[test]
fn who_has_begun_when_it_is_accepted_is_told_as_well() {
    with_server(Encryption::WhenBothCan, |bench, server| {
        let (_sink, refused) = refuse_all(server, false);
        server.listener.pause_accepting();
        let address = server.listener.local().unwrap();
        let (mut tls, mut plain) = (Peer::connect(address), Peer::connect(address));
        tls.send(&hello());
        plain.send(b"hello\n");
        server.listener.resume_accepting();
        bench.until("the refusals", || {
            let is_over = tls.is_over();
            plain.is_over() && is_over
        });
        assert_eq!(tls.got, [0x15, 3, 3, 0, 2, 2, 80]);
        assert_eq!(plain.got, WORDS.as_bytes());
        assert_eq!((tls.end, plain.end), (Some(Ok(())), Some(Ok(()))));
        assert_eq!(refused.len(), 2);
    });
}

#[test]
fn a_plain_peer_reads_words_at_once_and_a_silent_one_soon() {
    with_server(Encryption::WhenBothCan, |bench, server| {
        let (_sink, refused) = refuse_all(server, true);
        let address = server.listener.local().unwrap();
        let sockets = bench.reactor.sockets();
        let mut silent = Peer::connect(address);
        let mut speaking = Peer::connect(address);
        let begin = Instant::now();
        bench.until("the refusals", || refused.len() == 2);
        speaking.send(b"h");
        bench.until("words", || speaking.is_over());
        assert_eq!(speaking.got, WORDS.as_bytes());
        assert!(begin.elapsed() < limits::OPENING, "{:?}", begin.elapsed());
        assert!(!silent.is_over());
        bench.until("words for the silent one", || silent.is_over());
        assert_eq!(silent.got, WORDS.as_bytes());
        assert_eq!(bench.reactor.sockets(), sockets, "nothing is left of them");
    });
}

#[test]
fn only_so_many_are_waited_for() {
    with_server(Encryption::WhenBothCan, |bench, server| {
        let (_sink, refused) = refuse_all(server, true);
        let address = server.listener.local().unwrap();
        let sockets = bench.reactor.sockets();
        let begin = Instant::now();
        let mut peers: Vec<_> = (0..limits::REFUSED + 3)
            .map(|_| Peer::connect(address))
            .collect();
        bench.until("the refusals", || refused.len() == peers.len());
        assert_eq!(bench.reactor.sockets(), sockets + limits::REFUSED);
        bench.until("words for the first", || {
            peers[..3].iter_mut().all(Peer::is_over)
        });
        assert!(!peers.iter_mut().skip(3).any(Peer::is_over));
        assert!(begin.elapsed() < limits::OPENING, "{:?}", begin.elapsed());
        // Nobody is left without a word when the server stops.
        server.listener.close();
        bench.until("words for all", || peers.iter_mut().all(Peer::is_over));
        assert!(peers.iter().all(|peer| peer.got == WORDS.as_bytes()));
        assert!(bench.reactor.sockets() < sockets);
    });
}

#[test]
fn who_goes_or_says_what_it_likes_holds_nothing_up() {
    with_server(Encryption::Only, |bench, server| {
        let (_sink, refused) = refuse_all(server, false);
        let address = server.listener.local().unwrap();
        let sockets = bench.reactor.sockets();
        drop(Peer::connect(address));
        let mut flood = Peer::connect(address);
        bench.until("the refusals", || refused.len() == 2);
        flood.send(&[0x16; 1024]);
        let clock = support::CpuClock::start();
        bench.until("they are forgotten", || {
            let is_over = bench.reactor.sockets() == sockets;
            if !is_over {
                flood.send(&[0x16; 1024]);
            }
            is_over
        });
        assert!(clock.used() < limits::OPENING, "it spins");
        let (client, _) = server.client(bench);
        bench.until_over(&client);
        assert!(matches!(
            Connection::ended(&client),
            Some(Ended::Failed(Error::HandshakeFailed { .. }))
        ));
    });
}
