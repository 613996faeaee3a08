//! A sink that writes down what it hears.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use hallway_core::net::lines::Ending;
use hallway_core::net::{Arrivals, Connection, Ended, Pace, Refusal, Sink};

pub(crate) struct Recorder {
    pub(crate) accepted: Cell<usize>,
    pub(crate) lines: RefCell<Vec<(Vec<u8>, Ending)>>,
    /// How many lines there were at the end of each `lines`.
    pub(crate) done: RefCell<Vec<usize>>,
    pub(crate) too_long: RefCell<Vec<Vec<u8>>>,
    pub(crate) paces: RefCell<Vec<(Pace, Instant)>>,
    pub(crate) acknowledged: RefCell<Vec<u64>>,
    pub(crate) ended: RefCell<Vec<Ended>>,
    /// Lines that are still wanted.
    pub(crate) wanted: Cell<usize>,
    pub(crate) refusal: Option<&'static str>,
    pub(crate) wants_nobody: bool,
    /// How long each line keeps the loop busy.
    pub(crate) work: Duration,
    /// Sent back after a line that is too long.
    pub(crate) notice: Option<&'static str>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            accepted: Cell::default(),
            lines: RefCell::default(),
            done: RefCell::default(),
            too_long: RefCell::default(),
            paces: RefCell::default(),
            acknowledged: RefCell::default(),
            ended: RefCell::default(),
            wanted: Cell::new(usize::MAX),
            refusal: None,
            wants_nobody: false,
            work: Duration::ZERO,
            notice: None,
        }
    }
}

impl Recorder {
    pub(crate) fn as_sink(self: &Rc<Self>) -> Weak<dyn Sink> {
        let sink: Rc<dyn Sink> = Rc::<Self>::clone(self);
        Rc::downgrade(&sink)
    }

    pub(crate) fn text(&self) -> Vec<String> {
        let text = |(bytes, _): &(Vec<u8>, Ending)| String::from_utf8_lossy(bytes).into_owned();
        self.lines.borrow().iter().map(text).collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.lines.borrow().len()
    }

    /// The paces told, without their times.
    pub(crate) fn pace_names(&self) -> Vec<Pace> {
        self.paces.borrow().iter().map(|(pace, _)| *pace).collect()
    }
}

impl Sink for Recorder {
    fn is_unwanted(&self, _peer: SocketAddr) -> bool {
        self.wants_nobody
    }

    fn accepted(&self, _connection: &Connection) {
        self.accepted.set(self.accepted.get() + 1);
    }

    fn wants_input(&self, _connection: &Connection) -> bool {
        self.wanted.get() > 0
    }

    fn lines(&self, _connection: &Connection, arrivals: &mut Arrivals<'_>) -> ControlFlow<()> {
        while let Some(line) = arrivals.take() {
            let begin = Instant::now();
            while begin.elapsed() < self.work {
                std::hint::spin_loop();
            }
            self.wanted.set(self.wanted.get() - 1);
            self.lines
                .borrow_mut()
                .push((line.bytes.to_vec(), line.ending));
            if self.wanted.get() == 0 {
                break;
            }
        }
        self.done.borrow_mut().push(self.count());
        if self.wanted.get() > 0 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }

    fn line_too_long(&self, connection: &Connection, start: &[u8]) {
        self.too_long.borrow_mut().push(start.to_vec());
        if let Some(notice) = self.notice {
            connection.write(notice.as_bytes()).expect("an empty queue");
        }
    }

    fn pace_changed(&self, _connection: &Connection, pace: Pace) {
        self.paces.borrow_mut().push((pace, Instant::now()));
    }

    fn acknowledged(&self, _connection: &Connection, position: u64) {
        self.acknowledged.borrow_mut().push(position);
    }

    fn disconnected(&self, _connection: &Connection, ended: &Ended) {
        self.ended.borrow_mut().push(ended.clone());
    }

    fn refusal(&self, _refusal: Refusal) -> Option<Rc<[u8]>> {
        self.refusal.map(|text| Rc::from(text.as_bytes()))
    }
}
