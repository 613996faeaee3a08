//! How connections end, and what of the output arrives.

mod support;

use std::io::ErrorKind;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hallway_core::net::{Ended, Error, Pace, State};

use support::{Bench, Heard, Peer, Recorder, batches, life, on_loop, read_slowly};

#[test]
fn closing_sends_what_is_queued_and_waits_for_the_peer() {
    on_loop(|bench| {
        let (connection, mut peer) = bench.pair();
        let heard = life(&connection);
        connection.connect_about_to_close(|connection| {
            connection.write(b"goodbye\n").unwrap();
        });
        connection.write(b"queued\n").unwrap();
        connection.close();
        assert_eq!(connection.state(), State::Closing);
        assert!(!connection.is_connected());
        bench.until("FIN", || peer.is_over());
        assert_eq!(peer.got, b"queued\ngoodbye\n");
        assert_eq!(peer.end, Some(Ok(())));
        bench.linger(Duration::from_millis(50));
        assert_eq!(connection.state(), State::Closing, "no FIN of the peer yet");
        assert_eq!(connection.ended(), None);
        peer.finish();
        bench.until_over(&connection);
        assert_eq!(connection.ended(), Some(Ended::ByUs));
        let order = ["about-to-close", "Closing", "Unconnected", "disconnected"];
        assert_eq!(heard.all(), order);
        assert_eq!(bench.reactor.sockets(), 0);
    });
}

#[test]
fn a_peer_that_keeps_its_side_open_is_not_waited_for_forever() {
    on_loop(|bench| {
        let (connection, mut peer) = bench.pair();
        let begin = Instant::now();
        connection.write(b"x").unwrap();
        connection.close_within(Duration::from_millis(300));
        bench.until_over(&connection);
        assert!(begin.elapsed() >= Duration::from_millis(300));
        assert!(begin.elapsed() < Duration::from_secs(2));
        assert_eq!(connection.ended(), Some(Ended::ByUs));
        assert!(peer.is_over());
        assert_eq!((&peer.got[..], peer.end), (&b"x"[..], Some(Ok(()))));
    });
}

/// Queues all of `bytes` as fast as the connection takes them.
fn feed(bench: &Bench, connection: &hallway_core::net::Connection, bytes: &[u8]) {
    for chunk in bytes.chunks(10_000) {
        bench.until("room in the queue", || {
            connection.pace() == Pace::Flowing && connection.write(chunk).is_ok()
        });
    }
}

#[test]
fn closing_loses_nothing_of_several_megabytes_to_a_slow_reader() {
    on_loop(|bench| {
        let listener = bench.listener();
        let (connection, peer) = bench.pair_with(&listener, Some(16 * 1024));
        let reader = read_slowly(peer.into_blocking(), 16 * 1024, Duration::from_millis(2));
        let all: Vec<u8> = (0..4_000_000_u32).map(|it| (it % 251) as u8).collect();
        let (most, last) = all.split_at(all.len() - 1000);
        feed(bench, &connection, most);
        bench.until("room in the queue", || connection.pace() == Pace::Flowing);
        connection.write(last).unwrap();
        // Nothing has been written since: that waits for the end of the batch.
        assert!(connection.acknowledged_position() < all.len() as u64);
        connection.close();
        bench.until_over(&connection);
        assert_eq!(connection.ended(), Some(Ended::ByUs));
        assert_eq!(connection.acknowledged_position(), all.len() as u64);
        let got = reader.join().unwrap().unwrap();
        assert!(got == all, "{} of {} bytes", got.len(), all.len());
    });
}

#[test]
fn a_deadline_that_passes_with_output_left_is_no_proper_end() {
    on_loop(|bench| {
        let listener = bench.listener();
        let (connection, _peer) = bench.pair_with(&listener, Some(4096));
        connection.write(&vec![b'x'; 200_000]).unwrap();
        bench.until("a full kernel", || connection.written_position() > 0);
        let left = connection.bytes_to_write();
        assert!(left > 0);
        connection.close_within(Duration::from_millis(100));
        bench.until_over(&connection);
        let queued = usize::try_from(left).unwrap();
        let error = Error::TooSlow { queued };
        assert_eq!(connection.ended(), Some(Ended::Failed(error)));
    });
}

#[test]
fn aborting_resets_at_once_and_loses_the_queue() {
    on_loop(|bench| {
        let listener = bench.listener();
        let (connection, mut peer) = bench.pair_with(&listener, Some(4096));
        let heard = life(&connection);
        let queued = vec![b'x'; 200_000];
        connection.write(&queued).unwrap();
        bench.until("a full kernel", || connection.written_position() > 0);
        assert!(connection.bytes_to_write() > 0);
        connection.abort();
        assert_eq!(connection.state(), State::Unconnected);
        assert_eq!(connection.ended(), Some(Ended::Aborted));
        bench.until("RST", || peer.is_over());
        assert_eq!(peer.end, Some(Err(ErrorKind::ConnectionReset)));
        assert!(peer.got.len() < queued.len());
        assert_eq!(heard.all(), ["Unconnected", "disconnected"]);
        assert_eq!(connection.bytes_to_write(), 0);
    });
}

#[test]
fn aborting_an_idle_connection_resets_it() {
    on_loop(|bench| {
        let (connection, mut peer) = bench.pair();
        connection.abort();
        bench.until("RST", || peer.is_over());
        assert_eq!(peer.end, Some(Err(ErrorKind::ConnectionReset)));
    });
}

#[test]
fn after_the_peers_fin_its_last_line_counts_and_answers_are_sent() {
    on_loop(|bench| {
        let listener = bench.listener();
        let (connection, mut peer) = bench.pair_with(&listener, Some(4096));
        let heard = life(&connection);
        let lines = batches(&connection);
        let answer = vec![b'a'; 150_000];
        let sent = answer.clone();
        connection.connect_lines_received(move |connection, _| {
            connection.write(&sent).unwrap();
        });
        peer.send(b"a question");
        peer.finish();
        bench.until("the answer", || peer.is_over());
        assert_eq!(peer.end, Some(Ok(())));
        assert!(peer.got == answer, "{} bytes", peer.got.len());
        bench.until_over(&connection);
        assert_eq!(lines.all(), [["a question"]]);
        assert_eq!(connection.ended(), Some(Ended::ByPeer));
        let order = ["about-to-close", "Closing", "Unconnected", "disconnected"];
        assert_eq!(heard.all(), order);
    });
}

#[test]
fn a_peer_that_resets_is_an_error_after_its_complete_lines() {
    on_loop(|bench| {
        let (connection, mut peer) = bench.pair();
        let heard = life(&connection);
        let lines = batches(&connection);
        let errors = Heard::default();
        let told = errors.clone();
        connection.connect_error_occurred(move |_, error| told.add(error));
        peer.send(b"complete\nincomplete");
        // Both are there before the loop looks.
        peer.reset();
        bench.until_over(&connection);
        assert_eq!(lines.all(), [["complete"]]);
        assert_eq!(errors.all(), [Error::Reset]);
        assert_eq!(connection.ended(), Some(Ended::Failed(Error::Reset)));
        let order = ["error-occurred", "Unconnected", "disconnected"];
        assert_eq!(heard.all(), order);
    });
}

#[test]
fn output_that_meets_a_reset_does_not_swallow_what_came_before_it() {
    on_loop(|bench| {
        let sink = Rc::new(Recorder::default());
        let (connection, mut peer) = bench.recorded(&sink);
        peer.send(b"complete\n");
        peer.reset();
        // Written before the loop reads: the kernel tells the error to this call.
        connection.write(&vec![b'x'; 40_000]).unwrap();
        bench.until_over(&connection);
        assert_eq!(sink.text(), ["complete"]);
        assert_eq!(connection.ended(), Some(Ended::Failed(Error::Reset)));
        assert_eq!(connection.acknowledged_position(), 0);
    });
}

#[test]
fn a_reset_after_everything_was_acknowledged_is_a_proper_end() {
    on_loop(|bench| {
        for _ in 0..20 {
            let (connection, mut peer) = bench.pair();
            connection.write(b"all of it\n").unwrap();
            connection.close();
            // In a thread, so that ACK and RST reach us at the same moment.
            let resetter = std::thread::spawn(move || {
                while !peer.is_over() {
                    std::thread::yield_now();
                }
                let got = peer.got.clone();
                peer.reset();
                got
            });
            bench.until_over(&connection);
            assert_eq!(connection.ended(), Some(Ended::ByUs));
            assert_eq!(connection.acknowledged_position(), 10);
            assert_eq!(resetter.join().unwrap(), b"all of it\n");
        }
    });
}

#[test]
fn closing_in_the_middle_of_a_batch_tells_no_more_lines() {
    on_loop(|bench| {
        let sink = Rc::new(Recorder::default());
        let listener = bench.listener();
        listener.set_sink(sink.as_sink());
        let (connection, mut peer) = bench.pair_on(&listener);
        sink.wanted.set(2);
        peer.send(b"1\n2\n3\n");
        bench.until("two lines", || sink.count() == 2);
        connection.close();
        bench.until("FIN", || peer.is_over());
        assert_eq!(
            peer.end,
            Some(Ok(())),
            "what was not read is no reason for RST"
        );
        peer.send(b"4\n");
        peer.finish();
        bench.until_over(&connection);
        assert_eq!(sink.count(), 2);
        assert_eq!(*sink.ended.borrow(), [Ended::ByUs]);
    });
}

#[test]
fn a_connection_that_is_over_can_be_ended_again_without_harm() {
    on_loop(|bench| {
        let (connection, peer) = bench.pair();
        let heard = life(&connection);
        drop(peer);
        bench.until_over(&connection);
        let before = heard.len();
        connection.close();
        connection.abort();
        connection.write(b"nowhere\n").unwrap();
        bench.linger(Duration::from_millis(30));
        assert_eq!(heard.len(), before);
        assert_eq!(connection.ended(), Some(Ended::ByPeer));
        let peer_of = |peer: &Peer| peer.local();
        let (other, peer) = bench.pair();
        assert_eq!(other.peer(), Some(peer_of(&peer)));
    });
}

#[test]
fn closing_deadlines_hold_while_others_come_and_go() {
    on_loop(|bench| {
        let listener = bench.listener();
        let (stubborn, _peer) = bench.pair_on(&listener);
        // Others begin to close faster than the reactor's clock ticks.
        listener.connect_new_connection(|_, connection| connection.close());
        stubborn.close_within(Duration::from_millis(100));
        let address = listener.local().unwrap();
        let mut others = Vec::new();
        let begin = Instant::now();
        bench.until("the deadline", || {
            others.push(Peer::connect(address));
            stubborn.ended().is_some() || begin.elapsed() > Duration::from_secs(2)
        });
        assert_eq!(stubborn.ended(), Some(Ended::ByUs));
    });
}
