//! The reactor as a source among others.

mod support;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hallway_core::net::Timer;

use support::{Bench, Peer, Recorder, batches, on_loop, ticks};

/// Peers that send lines as fast as they can until dropped.
struct Flood {
    stop: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Flood {
    fn begin(peers: Vec<Peer>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let threads = peers
            .into_iter()
            .map(|peer| {
                let stop = Arc::clone(&stop);
                let mut stream = peer.into_blocking();
                std::thread::spawn(move || {
                    let lines = b"line\n".repeat(10_000);
                    while !stop.load(Ordering::Relaxed)
                        && std::io::Write::write_all(&mut stream, &lines).is_ok()
                    {
                    }
                })
            })
            .collect();
        Self { stop, threads }
    }

    /// Ends the threads, which wait for room as long as nobody reads.
    fn end(self, bench: &Bench) {
        self.stop.store(true, Ordering::Relaxed);
        bench.until("the end of the flood", || {
            self.threads
                .iter()
                .all(std::thread::JoinHandle::is_finished)
        });
    }
}

/// A source of the given priority that is always ready, and how often it ran.
fn busy(priority: glib::Priority) -> (Rc<Cell<u32>>, Timer) {
    let count = Rc::new(Cell::new(0));
    let counted = Rc::clone(&count);
    let timer = Timer::repeating(Duration::ZERO, priority, move || {
        counted.set(counted.get() + 1);
        glib::ControlFlow::Continue
    });
    (count, timer)
}

#[test]
fn a_flood_leaves_other_sources_their_turn() {
    on_loop(|bench| {
        let listener = bench.listener();
        let pairs: Vec<_> = (0..3).map(|_| bench.pair_on(&listener)).collect();
        let (connections, peers): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let lines = Rc::new(Cell::new(0));
        for connection in &connections {
            let lines = Rc::clone(&lines);
            connection.connect_lines_received(move |_, batch| lines.set(lines.get() + batch.len()));
        }
        let flood = Flood::begin(peers);
        let (ticks, timer) = ticks();
        bench.linger(Duration::from_secs(1));
        // 100 on a machine that does nothing else; none where the flood never lets go.
        assert!(ticks.get() > 15, "{} ticks", ticks.get());
        assert!(lines.get() > 10_000, "{} lines are no flood", lines.get());
        drop(timer);
        flood.end(bench);
    });
}

#[test]
fn the_lines_of_one_read_leave_other_sources_their_turn() {
    on_loop(|bench| {
        let sink = Rc::new(Recorder {
            work: Duration::from_micros(100),
            ..Recorder::default()
        });
        let (connection, mut peer) = bench.recorded(&sink);
        let lines: Vec<String> = (0..8000).map(|number| number.to_string()).collect();
        peer.send((lines.join("\n") + "\n").as_bytes());
        let (ticks, _timer) = ticks();
        bench.until("all lines", || sink.count() == 8000);
        // 0.8 s of work, which one or two reads brought.
        assert!(ticks.get() > 15, "{} ticks", ticks.get());
        assert!(sink.text() == lines, "out of order");
        peer.send(b"and more\n");
        bench.until("more", || sink.count() == 8001);
        assert!(connection.is_connected());
    });
}

#[test]
fn sources_before_the_reactor_go_first() {
    on_loop(|bench| {
        assert_eq!(bench.reactor.priority(), glib::Priority::DEFAULT);
        let (connection, mut peer) = bench.pair();
        let heard = batches(&connection);
        let below_redraw = glib::Priority::from(125);
        bench.reactor.set_priority(below_redraw);
        assert_eq!(bench.reactor.priority(), below_redraw);
        // A stand-in for redraw that never ends.
        let (_, redraw) = busy(glib::Priority::from(120));
        peer.send(b"waits\n");
        for _ in 0..300 {
            bench.context.iteration(false);
        }
        assert_eq!(heard.len(), 0, "the reactor went before the redraw");
        drop(redraw);
        bench.until("the line", || heard.len() == 1);

        let (_, redraw) = busy(glib::Priority::from(120));
        bench.reactor.set_priority(glib::Priority::DEFAULT);
        peer.send(b"first\n");
        for _ in 0..300 {
            bench.context.iteration(false);
        }
        assert_eq!(heard.len(), 2, "the redraw went before the reactor");
        drop(redraw);
    });
}

#[test]
fn an_idle_reactor_uses_no_processor_time() {
    on_loop(|bench| {
        let listener = bench.listener();
        let pairs: Vec<_> = (0..100).map(|_| bench.pair_on(&listener)).collect();
        for (connection, _) in &pairs {
            connection.write(b"once\n").unwrap();
        }
        bench.linger(Duration::from_millis(100));
        let turns = Cell::new(0);
        let end = std::time::Instant::now() + Duration::from_millis(300);
        let _wake = Timer::once(Duration::from_millis(300), glib::Priority::LOW, || {});
        while std::time::Instant::now() < end {
            bench.context.iteration(true);
            turns.set(turns.get() + 1);
        }
        assert!(turns.get() < 10, "{} turns of an idle loop", turns.get());
    });
}
