//! From the queue to the peer: what is written, what is acknowledged, and the pace of it.

mod support;

use std::rc::Rc;
use std::time::{Duration, Instant};

use hallway_core::net::{Connection, Connector, Ended, Error, Pace, limits};

use support::{Bench, Heard, Peer, Recorder, on_loop, read_slowly};

#[test]
fn bytes_to_write_goes_down_as_bytes_written_tells() {
    on_loop(|bench| {
        let listener = bench.listener();
        let (connection, mut peer) = bench.pair_with(&listener, Some(4096));
        let written = Heard::default();
        let told = written.clone();
        connection.connect_bytes_written(move |_, count| told.add(count));
        connection.write(b"hello\n").unwrap();
        assert_eq!(connection.bytes_to_write(), 6);
        assert_eq!(
            connection.written_position(),
            0,
            "written at the end of the batch"
        );
        bench.until("written", || connection.bytes_to_write() == 0);
        assert_eq!(written.all(), [6]);

        connection.write(&vec![b'x'; 250_000]).unwrap();
        bench.until("some of it", || written.len() > 1);
        let left = connection.bytes_to_write();
        assert!(left > 0 && left < 250_000, "{left}");
        assert_eq!(written.all().iter().sum::<u64>() + left, 250_006);
        assert_eq!(connection.queued_position(), 250_006);
        bench.until("all", || {
            peer.take(usize::MAX);
            connection.bytes_to_write() == 0
        });
        assert_eq!(written.all().iter().sum::<u64>(), 250_006);
        assert_eq!(connection.written_position(), 250_006);
        bench.until("received", || {
            peer.take(usize::MAX);
            peer.got.len() == 250_006
        });
    });
}

#[test]
fn what_is_sent_goes_at_once_but_never_past_what_waits() {
    on_loop(|bench| {
        let listener = bench.listener();
        let (connection, mut peer) = bench.pair_with(&listener, Some(4096));
        let written = Heard::default();
        let told = written.clone();
        connection.connect_bytes_written(move |_, count| told.add(count));
        connection.send(b"at once\n").unwrap();
        assert_eq!(connection.written_position(), 8);
        assert_eq!(connection.bytes_to_write(), 0);
        bench.until("told of", || written.all() == [8]);

        let mut expected = b"at once\n".to_vec();
        for letter in b'a'..=b'f' {
            let piece = vec![letter; 40_000];
            // What the kernel does not take is queued, and what comes then waits behind it.
            match letter % 2 {
                0 => connection.write(&piece).unwrap(),
                _ => connection.send(&piece).unwrap(),
            };
            expected.extend(piece);
        }
        assert_eq!(connection.queued_position(), expected.len() as u64);
        assert!(connection.bytes_to_write() > 0);
        bench.until("received", || {
            peer.take(usize::MAX);
            peer.got.len() == expected.len()
        });
        assert!(peer.got == expected, "in the order in which it was sent");
        bench.until("all is told of", || {
            written.all().iter().sum::<u64>() == expected.len() as u64
        });
    });
}

#[test]
fn many_small_writes_of_one_batch_arrive_in_order() {
    on_loop(|bench| {
        let (connection, mut peer) = bench.pair();
        let written = Heard::default();
        let told = written.clone();
        connection.connect_bytes_written(move |_, count| told.add(count));
        let expected: Vec<u8> = (0..2000)
            .flat_map(|number| format!("{number}\n").into_bytes())
            .collect();
        for number in 0..2000 {
            connection.write(format!("{number}\n").as_bytes()).unwrap();
        }
        bench.until("everything", || peer.has(&expected));
        assert_eq!(written.len(), 1, "one flush for all");
    });
}

#[test]
fn pieces_of_any_length_arrive_in_order() {
    on_loop(|bench| {
        let listener = bench.listener();
        listener.set_longest_line(512 * 1024);
        let (connection, mut peer) = bench.pair_with(&listener, Some(4096));
        let around = [limits::WRITE - 1, limits::WRITE, limits::WRITE + 1];
        let lengths = (1..=300).chain(around).chain([1, 3 * limits::WRITE, 2, 2]);
        let mut expected = Vec::new();
        for (number, length) in lengths.enumerate() {
            let piece = vec![(number % 251) as u8; length];
            connection.write(&piece).unwrap();
            expected.extend(piece);
        }
        bench.until("everything", || {
            peer.take(usize::MAX);
            peer.got.len() >= expected.len()
        });
        assert!(peer.got == expected, "other bytes, or in another order");
    });
}

#[test]
fn acknowledged_means_the_peers_tcp_has_it() {
    on_loop(|bench| {
        let sink = Rc::new(Recorder::default());
        let listener = bench.listener();
        listener.set_sink(sink.as_sink());
        let (connection, mut peer) = bench.pair_with(&listener, Some(4096));
        let positions = Heard::default();
        let told = positions.clone();
        connection.connect_bytes_acknowledged(move |_, position| told.add(position));
        connection.write(b"small\n").unwrap();
        connection.watch_acknowledgements();
        bench.until("its acknowledgement", || positions.len() > 0);
        assert_eq!(positions.all(), [6]);

        // More than the peer's kernel takes, but all of it taken by ours.
        connection.write(&vec![b'x'; 60_000]).unwrap();
        connection.watch_acknowledgements();
        bench.until("written", || connection.bytes_to_write() == 0);
        bench.linger(Duration::from_millis(100));
        let acknowledged = connection.acknowledged_position();
        assert!(acknowledged < 60_006, "the peer has read nothing");
        assert_eq!(connection.written_position(), 60_006);
        let last = *positions.all().last().unwrap();
        assert!(last <= acknowledged);

        bench.until("everything", || {
            peer.take(usize::MAX);
            positions.all().last() == Some(&60_006)
        });
        assert!(positions.all().is_sorted());
        assert_eq!(*sink.acknowledged.borrow(), positions.all());
        // Asked for, not forever.
        let told = positions.len();
        connection.write(b"unwatched\n").unwrap();
        bench.until("acknowledged", || {
            connection.acknowledged_position() == 60_016
        });
        bench.linger(Duration::from_millis(20));
        assert_eq!(positions.len(), told);
    });
}

/// Whoever asks for a position, or whether the peer has moved, finds out before those who wait.
#[test]
fn an_acknowledgement_that_was_asked_for_is_still_told() {
    on_loop(|bench| {
        let (connection, _peer) = bench.pair();
        let positions = Heard::default();
        let told = positions.clone();
        connection.connect_bytes_acknowledged(move |_, position| told.add(position));
        connection.send(b"line\n").unwrap();
        connection.watch_acknowledgements();
        // Before the loop runs.
        while connection.acknowledged_position() < 5 {
            std::thread::yield_now();
        }
        bench.until("told", || positions.all() == [5]);
    });
}

#[test]
fn what_was_acknowledged_is_known_after_the_end() {
    on_loop(|bench| {
        let listener = bench.listener();
        let (connection, mut peer) = bench.pair_with(&listener, Some(4096));
        connection.write(&vec![b'x'; 100_000]).unwrap();
        bench.until("some read", || {
            peer.take(2000);
            peer.got.len() > 10_000
        });
        peer.reset();
        bench.until_over(&connection);
        let position = connection.acknowledged_position();
        assert!((10_000..100_000).contains(&position), "{position}");
    });
}

#[test]
fn the_acknowledgement_of_the_fin_is_told() {
    on_loop(|bench| {
        let (connection, mut peer) = bench.pair();
        let told = Rc::new(std::cell::Cell::new(false));
        let fin = Rc::clone(&told);
        connection.connect_bytes_acknowledged(move |connection, position| {
            assert_eq!(position, 4);
            fin.set(connection.is_fin_acknowledged());
        });
        connection.write(b"end\n").unwrap();
        connection.watch_acknowledgements();
        assert!(!connection.is_fin_acknowledged());
        connection.close();
        bench.until("FIN acknowledged", || told.get());
        // The peer itself has not even read yet.
        assert!(peer.has(b"end\n"));
    });
}

/// Queues lines until the queue is full. Returns how many bytes it took.
fn fill(bench: &Bench, connection: &Connection) -> usize {
    let mut queued = 0;
    loop {
        match connection.write(&[b'x'; 4000]) {
            Ok(pace) => {
                assert_eq!(pace, connection.pace());
                queued += 4000;
            }
            Err(full) => {
                assert_eq!(full.held, connection.held());
                return queued;
            }
        }
        assert!(queued < 10_000_000, "no cap");
        bench.context.iteration(false);
    }
}

fn drain(bench: &Bench, peer: &mut Peer, all: usize) {
    bench.until("everything", || {
        peer.take(usize::MAX);
        peer.got.len() == all
    });
}

#[test]
fn a_queue_has_a_cap_and_a_reader_that_catches_up_flows_again() {
    on_loop(|bench| {
        let sink = Rc::new(Recorder::default());
        let listener = bench.listener();
        listener.set_sink(sink.as_sink());
        let (connection, mut peer) = bench.pair_with(&listener, Some(4096));
        assert_eq!(connection.pace(), Pace::Flowing);
        let queued = fill(bench, &connection);
        // The larger of 256 KiB and four times the longest line, the kernel's part included;
        // what the peer's kernel has acknowledged is not held any more.
        let cap = 256 * 1024;
        assert!(connection.held() <= cap, "{}", connection.held());
        assert!(connection.held() > cap - 8000, "{}", connection.held());
        assert!(queued >= connection.held());
        assert_eq!(connection.pace(), Pace::Congested);
        // Nothing of what was refused is queued.
        assert_eq!(connection.queued_position(), queued as u64);

        drain(bench, &mut peer, queued);
        assert_eq!(connection.pace(), Pace::Flowing);
        // That it was congested was told to who wrote.
        assert_eq!(sink.pace_names(), [Pace::Flowing]);
        connection.write(b"again").unwrap();
        drain(bench, &mut peer, queued + 5);
    });
}

#[test]
fn a_reader_without_progress_stalls_and_recovers() {
    on_loop(|bench| {
        let sink = Rc::new(Recorder::default());
        let listener = bench.listener();
        listener.set_sink(sink.as_sink());
        let (connection, mut peer) = bench.pair_with(&listener, Some(4096));
        let begin = Instant::now();
        let queued = fill(bench, &connection);
        bench.until("stalled", || connection.pace() == Pace::Stalled);
        let after = begin.elapsed();
        assert!(after >= Duration::from_secs(1), "{after:?}");
        assert!(after < Duration::from_millis(2500), "{after:?}");
        drain(bench, &mut peer, queued);
        bench.until("flowing", || connection.pace() == Pace::Flowing);
        let paces = sink.pace_names();
        assert_eq!(paces[0], Pace::Stalled);
        assert_eq!(paces.last(), Some(&Pace::Flowing));
    });
}

#[test]
fn a_reader_without_progress_for_ten_seconds_is_closed() {
    on_loop(|bench| {
        let sink = Rc::new(Recorder::default());
        let listener = bench.listener();
        listener.set_sink(sink.as_sink());
        let (connection, mut peer) = bench.pair_with(&listener, Some(4096));
        let errors = Heard::default();
        let told = errors.clone();
        connection.connect_error_occurred(move |_, error| told.add(error));
        fill(bench, &connection);
        let begin = Instant::now();
        bench.until_over(&connection);
        let after = begin.elapsed();
        assert!(after >= Duration::from_millis(9900), "{after:?}");
        assert!(after < Duration::from_secs(13), "{after:?}");
        let [Error::TooSlow { queued }] = errors.all()[..] else {
            panic!("{:?}", errors.all());
        };
        assert!(queued > 200_000, "{queued}");
        let ended = Ended::Failed(Error::TooSlow { queued });
        assert_eq!(*sink.ended.borrow(), [ended]);
        bench.until("RST", || peer.is_over());
        assert!(peer.end.unwrap().is_err());
    });
}

#[test]
fn a_slow_reader_makes_progress() {
    on_loop(|bench| {
        let sink = Rc::new(Recorder::default());
        let listener = bench.listener();
        listener.set_sink(sink.as_sink());
        let (connection, peer) = bench.pair_with(&listener, Some(4096));
        // About 10 KB a second: the kernel asks for more only when a third of its part is free.
        let _reader = read_slowly(peer.into_blocking(), 2000, Duration::from_millis(200));
        fill(bench, &connection);
        bench.linger(Duration::from_secs(4));
        assert!(
            !sink.pace_names().contains(&Pace::Stalled),
            "it reads all the time"
        );
        connection.abort();
    });
}

#[test]
fn a_host_may_close_a_slow_reader_itself() {
    on_loop(|bench| {
        let listener = bench.listener();
        let (connection, mut peer) = bench.pair_with(&listener, Some(4096));
        fill(bench, &connection);
        let queued = connection.held();
        connection.abort_as_too_slow();
        assert_eq!(
            connection.ended(),
            Some(Ended::Failed(Error::TooSlow { queued }))
        );
        bench.until("RST", || peer.is_over());
        assert!(peer.end.unwrap().is_err());
    });
}

#[test]
fn the_queue_follows_the_longest_line() {
    on_loop(|bench| {
        let listener = bench.listener();
        listener.set_longest_line(512 * 1024);
        let (connection, _peer) = bench.pair_with(&listener, Some(4096));
        fill(bench, &connection);
        let held = connection.held();
        let cap = 4 * 512 * 1024;
        // Some room goes to keeping the pieces apart.
        assert!(held <= cap && held > cap - 20_000, "{held}");
    });
}

#[test]
fn a_queue_cap_of_the_owners_bounds_the_kernels_part_too() {
    on_loop(|bench| {
        let server = std::net::TcpListener::bind(support::localhost(0)).unwrap();
        let port = server.local_addr().unwrap().port();
        let connection = Connection::new(&bench.reactor, 1000);
        connection.set_queue_cap(50_000);
        Connector::default().connect(&connection, "127.0.0.1", port);
        bench.until("connected", || connection.is_connected());
        fill(bench, &connection);
        let held = connection.held();
        assert!(held <= 50_000 && held > 40_000, "{held}");
    });
}
