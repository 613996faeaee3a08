//! From the wire to whoever takes it: batches of lines, bytes, pausing, limits.

mod support;

use std::rc::Rc;
use std::time::Duration;

use hallway_core::net::lines::Ending;
use hallway_core::net::{Ended, Error};

use support::{Heard, Recorder, batches, on_loop};

#[test]
fn lines_come_in_batches_with_their_endings() {
    on_loop(|bench| {
        let (connection, mut peer) = bench.pair();
        let heard = batches(&connection);
        let endings = Heard::default();
        let told = endings.clone();
        connection.connect_lines_received(move |_, lines| {
            lines.iter().for_each(|line| told.add(line.ending));
        });
        peer.send(b"one\r\n\ntwo\n");
        bench.until("a batch", || heard.len() == 1);
        assert_eq!(heard.all(), [["one", "", "two"]]);
        peer.send(b"thr");
        bench.until("a part", || connection.received() == 13);
        assert_eq!(heard.len(), 1);
        peer.send(b"ee\nlast");
        bench.until("another", || heard.len() == 2);
        peer.finish();
        bench.until_over(&connection);
        assert_eq!(heard.all()[1..], [["three"], ["last"]]);
        assert_eq!(
            endings.all(),
            [
                Ending::CrLf,
                Ending::Lf,
                Ending::Lf,
                Ending::Lf,
                Ending::EndOfStream
            ]
        );
        assert_eq!(connection.ended(), Some(Ended::ByPeer));
    });
}

#[test]
fn a_line_sent_byte_by_byte_is_one_line() {
    on_loop(|bench| {
        let (connection, mut peer) = bench.pair();
        let heard = batches(&connection);
        for (index, byte) in "héllo\r\n".bytes().enumerate() {
            peer.send(&[byte]);
            bench.until("a byte", || connection.received() == index as u64 + 1);
        }
        bench.until("a line", || heard.len() > 0);
        assert_eq!(heard.all(), [["héllo"]]);
    });
}

#[test]
fn bytes_are_read_as_they_come_and_lines_again() {
    on_loop(|bench| {
        let (connection, mut peer) = bench.pair();
        let heard = batches(&connection);
        let ready = Heard::default();
        let told = ready.clone();
        connection.connect_ready_read(move |_| told.add(()));
        peer.send(b"a line\nbegun");
        bench.until("a line", || heard.len() == 1);
        assert_eq!(connection.read(10), b"", "lines are read");

        connection.read_bytes();
        assert_eq!(connection.read(3), b"beg");
        peer.send(b"\0\n\xff");
        bench.until("bytes", || ready.len() == 1);
        assert_eq!(connection.read(usize::MAX), b"un\0\n\xff");
        assert_eq!(connection.read(usize::MAX), b"");

        peer.send(b"of bytes\nsecond\nthi");
        bench.until("bytes", || ready.len() == 2);
        assert_eq!(connection.read(3), b"of ");
        connection.read_lines();
        peer.send(b"rd\n");
        bench.until("lines", || heard.all().concat().len() == 4);
        assert_eq!(heard.all().concat(), ["a line", "bytes", "second", "third"]);
        assert_eq!(ready.len(), 2);
    });
}

#[test]
fn bytes_that_nobody_reads_slow_the_sender_down() {
    on_loop(|bench| {
        let (connection, mut peer) = bench.pair();
        connection.read_bytes();
        let sent = send_until_stuck(bench, &mut peer, b'x');
        // What waits here, one read more, and the kernel's buffers.
        assert!(connection.received() <= 128 * 1024);
        assert!((sent as u64) > connection.received());
        let mut got = 0;
        bench.until("everything", || {
            got += connection.read(usize::MAX).len();
            got == sent
        });
    });
}

/// Sends until nothing more goes for a while. Returns how many bytes went.
fn send_until_stuck(bench: &support::Bench, peer: &mut support::Peer, byte: u8) -> usize {
    let chunk = [byte; 8192];
    let mut sent = 0;
    while bench.until_at_most(Duration::from_millis(300), || {
        let count = peer.send_some(&chunk);
        sent += count;
        count > 0
    }) {
        assert!(sent < 64 * 1024 * 1024, "nothing slows the sender down");
    }
    sent
}

#[test]
fn bytes_unread_at_the_end_can_still_be_read() {
    on_loop(|bench| {
        let (connection, mut peer) = bench.pair();
        connection.read_bytes();
        peer.send(b"last words");
        peer.finish();
        bench.until_over(&connection);
        assert_eq!(connection.read(usize::MAX), b"last words");
    });
}

#[test]
fn a_pause_reaches_the_sender_and_nothing_is_lost() {
    on_loop(|bench| {
        let (connection, mut peer) = bench.pair();
        let heard = batches(&connection);
        connection.pause_reading();
        let line = [&[b'x'; 99][..], b"\n"].concat();
        let chunk = line.repeat(1000);
        let mut sent = 0;
        while bench.until_at_most(Duration::from_millis(300), || {
            let at = sent % chunk.len();
            let count = peer.send_some(&chunk[at..]);
            sent += count;
            count > 0
        }) {
            assert!(sent < 64 * 1024 * 1024, "nothing slows the sender down");
        }
        assert_eq!(connection.received(), 0);
        assert_eq!(heard.len(), 0);
        connection.resume_reading();
        bench.until("everything", || connection.received() == sent as u64);
        assert_eq!(heard.all().concat().len(), sent / 100);
        assert!(peer.send_some(&chunk) > 0);
    });
}

#[test]
fn pausing_as_soon_as_it_is_connected_holds() {
    on_loop(|bench| {
        let listener = bench.listener();
        listener.connect_new_connection(|_, connection| connection.pause_reading());
        let (connection, mut peer) = bench.pair_on(&listener);
        peer.send(b"not yet\n");
        bench.linger(Duration::from_millis(100));
        assert_eq!(connection.received(), 0);
        let heard = batches(&connection);
        connection.resume_reading();
        bench.until("the line", || heard.len() == 1);
    });
}

#[test]
fn a_sink_that_wants_no_more_is_asked_again_and_misses_nothing() {
    on_loop(|bench| {
        let sink = Rc::new(Recorder::default());
        let (connection, mut peer) = bench.recorded(&sink);
        let heard = batches(&connection);
        sink.wanted.set(3);
        peer.send(b"0\n1\n2\n3\n4\n5\n6\n7\n8\n9\npart");
        bench.until("three lines", || sink.count() == 3);
        peer.send(b"ial\n10\n");
        bench.linger(Duration::from_millis(50));
        assert_eq!(sink.text(), ["0", "1", "2"], "it did not wait");
        sink.wanted.set(5);
        connection.resume_reading();
        bench.until("five more", || sink.count() == 8);
        // Nothing is wanted: resuming changes nothing.
        connection.resume_reading();
        bench.linger(Duration::from_millis(50));
        assert_eq!(sink.count(), 8);
        sink.wanted.set(usize::MAX);
        connection.resume_reading();
        bench.until("all", || sink.count() == 12);
        let expected = "0 1 2 3 4 5 6 7 8 9 partial 10";
        assert_eq!(sink.text().join(" "), expected);
        assert_eq!(heard.all().concat().join(" "), expected);
    });
}

#[test]
fn the_sink_hears_what_the_signals_tell() {
    on_loop(|bench| {
        let sink = Rc::new(Recorder::default());
        let (connection, mut peer) = bench.recorded(&sink);
        assert_eq!(sink.accepted.get(), 1);
        peer.send(b"a\r\nb\n");
        bench.until("lines", || sink.count() == 2);
        assert_eq!(*sink.done.borrow(), [2]);
        peer.send(b"c");
        peer.finish();
        bench.until_over(&connection);
        let expected = [
            (b"a".to_vec(), Ending::CrLf),
            (b"b".to_vec(), Ending::Lf),
            (b"c".to_vec(), Ending::EndOfStream),
        ];
        assert_eq!(*sink.lines.borrow(), expected);
        assert_eq!(*sink.ended.borrow(), [Ended::ByPeer]);
    });
}

#[test]
fn a_line_at_the_limit_passes_and_one_byte_more_does_not() {
    on_loop(|bench| {
        let sink = Rc::new(Recorder {
            notice: Some("* too long\n"),
            ..Recorder::default()
        });
        let listener = bench.listener();
        listener.set_longest_line(1000);
        listener.set_sink(sink.as_sink());
        let (connection, mut peer) = bench.pair_on(&listener);
        let errors = Heard::default();
        let told = errors.clone();
        connection.connect_error_occurred(move |_, error| told.add(error));
        for length in [999, 1000] {
            peer.send(&[&vec![b'x'; length][..], b"\n"].concat());
        }
        peer.send(&[b'y'; 1000]);
        bench.until("both lines", || connection.received() == 2001 + 1000);
        let lengths: Vec<_> = sink.lines.borrow().iter().map(|it| it.0.len()).collect();
        assert_eq!(lengths, [999, 1000]);
        assert!(connection.is_connected());

        peer.send(b"z and what follows\nis not heard\n");
        bench.until("the notice and the end", || peer.is_over());
        assert_eq!(peer.got, b"* too long\n");
        drop(peer);
        bench.until_over(&connection);
        assert_eq!(*sink.too_long.borrow(), [vec![b'y'; 1000]]);
        let error = Error::LineTooLong { limit: 1000 };
        assert_eq!(errors.all(), std::slice::from_ref(&error));
        assert_eq!(connection.ended(), Some(Ended::Failed(error)));
        assert_eq!(sink.count(), 2);
    });
}

#[test]
fn an_endless_line_is_cut_off_however_long_it_goes_on() {
    on_loop(|bench| {
        let (connection, peer) = bench.pair_of(1000);
        let mut stream = peer.into_blocking();
        let flood = std::thread::spawn(move || {
            use std::io::Write;
            while stream.write_all(&[b'x'; 4096]).is_ok() {}
        });
        bench.until_over(&connection);
        assert_eq!(
            connection.ended(),
            Some(Ended::Failed(Error::LineTooLong { limit: 1000 }))
        );
        flood.join().unwrap();
    });
}

#[test]
fn a_paused_connection_whose_peer_resets_neither_spins_nor_stays() {
    on_loop(|bench| {
        let sink = Rc::new(Recorder::default());
        let (connection, mut peer) = bench.recorded(&sink);
        connection.pause_reading();
        peer.send(b"complete\nbegun");
        peer.reset();
        let clock = support::CpuClock::start();
        bench.linger(Duration::from_millis(500));
        let used = clock.used();
        assert!(used < Duration::from_millis(200), "it spins: {used:?}");
        assert_eq!(sink.count(), 0);
        connection.resume_reading();
        bench.until_over(&connection);
        assert_eq!(sink.text(), ["complete"]);
        assert_eq!(connection.ended(), Some(Ended::Failed(Error::Reset)));
    });
}

#[test]
fn writing_to_a_paused_connection_that_was_reset_ends_it_after_the_resume() {
    on_loop(|bench| {
        let sink = Rc::new(Recorder::default());
        let (connection, mut peer) = bench.recorded(&sink);
        connection.pause_reading();
        peer.send(b"complete\n");
        peer.reset();
        bench.linger(Duration::from_millis(30));
        connection.write(b"nobody hears this\n").unwrap();
        let clock = support::CpuClock::start();
        bench.linger(Duration::from_millis(500));
        assert!(clock.used() < Duration::from_millis(200));
        connection.resume_reading();
        bench.until_over(&connection);
        assert_eq!(sink.text(), ["complete"]);
        assert_eq!(connection.ended(), Some(Ended::Failed(Error::Reset)));
    });
}
