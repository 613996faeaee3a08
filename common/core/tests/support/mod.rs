//! What the loopback tests share: a main loop of the test's own, peers that are plain sockets,
//! and a sink that writes down what it hears.

// Every test file is a program of its own and uses a part of this.
#![allow(dead_code, unused_imports)]

pub(crate) mod encrypted;
mod peer;
pub(crate) mod proxy;
mod sink;

use std::cell::{Cell, RefCell};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::FileExt;
use std::rc::Rc;
use std::time::{Duration, Instant};

use glib::prelude::*;
use hallway_core::net::{
    Connection, Connector, ListenAddress, Listener, Reactor, State, Timer, limits,
};

pub(crate) use peer::{Peer, Swallower, begin_connecting, is_connected, read_slowly};
pub(crate) use sink::Recorder;

/// Far more than anything takes that works.
const PATIENCE: Duration = Duration::from_secs(15);

/// A main context with a reactor, the thread's default while the test runs.
pub(crate) struct Bench {
    pub(crate) context: glib::MainContext,
    pub(crate) reactor: Reactor,
}

/// Runs a test on a main context of its own.
pub(crate) fn on_loop(test: impl FnOnce(&Bench)) {
    let context = glib::MainContext::new();
    context
        .with_thread_default(|| {
            let reactor = Reactor::new(glib::Priority::DEFAULT).expect("an epoll set");
            let context = context.clone();
            test(&Bench { context, reactor });
        })
        .expect("nobody else has this context");
}

pub(crate) fn localhost(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// 127.0.0.1, which every machine has.
pub(crate) fn here() -> ListenAddress {
    ListenAddress::One(localhost(0))
}

impl Bench {
    /// Runs the loop until `done`.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, done: impl FnMut() -> bool) {
        assert!(
            self.until_at_most(PATIENCE, done),
            "waited in vain for: {what}"
        );
    }

    /// Runs the loop until `done` or until the time is up. Returns whether it was done.
    pub(crate) fn until_at_most(&self, time: Duration, mut done: impl FnMut() -> bool) -> bool {
        // Wakes the loop for conditions that are not its own.
        let _waker = Timer::repeating(Duration::from_millis(2), glib::Priority::LOW, || {
            glib::ControlFlow::Continue
        });
        let end = Instant::now() + time;
        loop {
            if done() {
                return true;
            }
            if Instant::now() >= end {
                return false;
            }
            self.context.iteration(true);
        }
    }

    /// Runs the loop for a while, to see what does not happen.
    pub(crate) fn linger(&self, time: Duration) {
        assert!(!self.until_at_most(time, || false));
    }

    pub(crate) fn listener(&self) -> Listener {
        let listener = Listener::new(&self.reactor);
        listener.listen(here(), 0).expect("a free port");
        listener
    }

    /// A connection that `listener` accepts, and the peer at its other end.
    pub(crate) fn pair_on(&self, listener: &Listener) -> (Connection, Peer) {
        self.pair_with(listener, None)
    }

    /// The same with a receive buffer of so many bytes at the peer.
    pub(crate) fn pair_with(
        &self,
        listener: &Listener,
        buffer: Option<usize>,
    ) -> (Connection, Peer) {
        let accepted = last_accepted(listener);
        let peer = Peer::connect_with(listener.local().expect("it listens"), buffer);
        self.until("accepted", || accepted.borrow().is_some());
        let connection = accepted.borrow_mut().take().expect("just seen");
        (connection, peer)
    }

    /// A connection accepted by a listener that is closed again.
    pub(crate) fn pair(&self) -> (Connection, Peer) {
        let listener = self.listener();
        self.pair_on(&listener)
    }

    /// A connection that takes lines of at most `longest` bytes.
    pub(crate) fn pair_of(&self, longest: usize) -> (Connection, Peer) {
        let listener = self.listener();
        listener.set_longest_line(longest);
        self.pair_on(&listener)
    }

    /// A connection whose news go to a recorder.
    pub(crate) fn recorded(&self, recorder: &Rc<Recorder>) -> (Connection, Peer) {
        let listener = self.listener();
        listener.set_sink(recorder.as_sink());
        self.pair_on(&listener)
    }

    /// A connection that `connector` is connecting.
    pub(crate) fn connecting(&self, connector: &Connector, host: &str, port: u16) -> Connection {
        let connection = Connection::new(&self.reactor, limits::LINE);
        connector.connect(&connection, host, port);
        connection
    }

    #[track_caller]
    pub(crate) fn until_over(&self, connection: &Connection) {
        self.until("the end of the connection", || connection.ended().is_some());
        assert_eq!(connection.state(), State::Unconnected);
    }
}

/// Where the next connection of a listener appears.
fn last_accepted(listener: &Listener) -> Rc<RefCell<Option<Connection>>> {
    let accepted = Rc::new(RefCell::new(None));
    let place = Rc::clone(&accepted);
    listener.connect_new_connection(move |_, connection| {
        place.replace(Some(connection));
    });
    accepted
}

/// A list that handlers add to.
pub(crate) struct Heard<T>(Rc<RefCell<Vec<T>>>);

impl<T> Clone for Heard<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> Default for Heard<T> {
    fn default() -> Self {
        Self(Rc::default())
    }
}

impl<T: Clone> Heard<T> {
    pub(crate) fn add(&self, item: T) {
        self.0.borrow_mut().push(item);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.borrow().clone()
    }
}

/// What [`life`] tells of a connection that comes about.
pub(crate) const CONNECTED: [&str; 5] = [
    "HostLookup",
    "Connecting",
    "host-found",
    "Connected",
    "connected",
];

/// The states a connection goes through and the signals that tell of its life, in order.
pub(crate) fn life(connection: &Connection) -> Heard<String> {
    let heard = Heard::default();
    let tell = |heard: &Heard<String>, what: &'static str| {
        let heard = heard.clone();
        move |_: &Connection| heard.add(what.to_owned())
    };
    connection.connect_host_found(tell(&heard, "host-found"));
    connection.connect_connected(tell(&heard, "connected"));
    connection.connect_about_to_close(tell(&heard, "about-to-close"));
    connection.connect_disconnected(tell(&heard, "disconnected"));
    let errors = heard.clone();
    connection.connect_error_occurred(move |_, _| errors.add("error-occurred".to_owned()));
    let states = heard.clone();
    connection.connect_state_notify(move |connection| {
        states.add(format!("{:?}", connection.state()));
    });
    heard
}

/// The lines that `lines-received` brings, as text, one list a batch.
pub(crate) fn batches(connection: &Connection) -> Heard<Vec<String>> {
    let heard = Heard::default();
    let batches: Heard<Vec<String>> = heard.clone();
    connection.connect_lines_received(move |_, lines| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        batches.add(lines.iter().map(|line| text(&line.bytes)).collect());
    });
    heard
}

/// A counter that a timer of 10 ms moves.
pub(crate) fn ticks() -> (Rc<Cell<u32>>, Timer) {
    let count = Rc::new(Cell::new(0));
    let counted = Rc::clone(&count);
    let timer = Timer::repeating(
        Duration::from_millis(10),
        glib::Priority::DEFAULT,
        move || {
            counted.set(counted.get() + 1);
            glib::ControlFlow::Continue
        },
    );
    (count, timer)
}

/// Measures the processor time of this thread, also where no descriptor is left.
pub(crate) struct CpuClock {
    stat: fs::File,
    before: Duration,
}

impl CpuClock {
    pub(crate) fn start() -> Self {
        let stat = fs::File::open("/proc/thread-self/stat").expect("Linux has /proc");
        let before = processor_time(&stat);
        Self { stat, before }
    }

    /// Used since the start.
    pub(crate) fn used(&self) -> Duration {
        processor_time(&self.stat).saturating_sub(self.before)
    }
}

fn processor_time(stat: &fs::File) -> Duration {
    let mut bytes = [0; 1024];
    let count = stat.read_at(&mut bytes, 0).expect("it is our own thread");
    let text = String::from_utf8_lossy(&bytes[..count]);
    let after_name = text.rsplit_once(')').expect("proc(5)").1;
    // utime and stime, fields 14 and 15, in ticks of 10 ms.
    let ticks: u64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().expect("a number of ticks"))
        .sum();
    Duration::from_millis(ticks * 10)
}

/// Descriptors this process has open.
pub(crate) fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd")
        .expect("Linux has /proc")
        .count()
}

/// Threads of this process.
pub(crate) fn threads() -> usize {
    fs::read_dir("/proc/self/task")
        .expect("Linux has /proc")
        .count()
}

/// Descriptors of this process whose link names `kind`.
pub(crate) fn descriptors_of(kind: &str) -> usize {
    let links = fs::read_dir("/proc/self/fd").expect("Linux has /proc");
    links
        .flatten()
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .filter(|link| link.to_string_lossy().contains(kind))
        .count()
}
