//! A client and a server as a model, with lost connections, killed clients and answers that come
//! late: whatever happens, each message is kept exactly once and in the order in which it was
//! written, and the client holds the server's events in the server's order.

mod sides;
mod steps;

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;
use sides::{Server, Store};
use steps::{Step, step};

/// What waits for the store.
enum Job {
    Of(Action),
    Post(Unsent),
}

struct World {
    server: Server,
    store: Store,
    jobs: VecDeque<Job>,
    talk: Option<Talk>,
    to_server: VecDeque<Frame>,
    to_client: VecDeque<Frame>,
    /// What was sent over connections that are gone, and reaches the server all the same.
    late: VecDeque<Frame>,
    now: Instant,
    written: u64,
    delivered: Vec<Cid>,
}

impl World {
    fn new() -> Self {
        Self {
            server: Server::default(),
            store: Store::default(),
            jobs: VecDeque::new(),
            talk: None,
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            late: VecDeque::new(),
            now: Instant::now(),
            written: 0,
            delivered: Vec::new(),
        }
    }

    fn connect(&mut self) {
        // The cursor is read behind everything that waits to be written.
        self.work(usize::MAX);
        if self.talk.is_none() {
            self.talk = Some(Talk::new(opening(self.store.cursor()), self.now));
            self.act();
        }
    }

    /// The connection is gone, with all that was on its way.
    fn cut(&mut self) {
        self.talk = None;
        self.to_server.clear();
        self.to_client.clear();
    }

    fn write(&mut self, is_direct: bool) {
        self.written += 1;
        let to = if is_direct {
            Conv::With(BO)
        } else {
            Conv::Room
        };
        let unsent = unsent(self.written, to, &self.written.to_string());
        self.jobs.push_back(Job::Post(unsent));
    }

    fn act(&mut self) {
        let Some(talk) = &mut self.talk else {
            return;
        };
        for action in talk.take_actions() {
            match action {
                Action::Send(frame) => self.to_server.push_back(frame),
                Action::Tell(News::Message(cid, Fate::Delivered(_))) => self.delivered.push(cid),
                Action::Tell(_) | Action::Want(_) | Action::Welcomed(_) => {}
                Action::End(end) => panic!("{end}"),
                job => self.jobs.push_back(Job::Of(job)),
            }
        }
    }

    fn work(&mut self, most: usize) {
        for _ in 0..most {
            let Some(job) = self.jobs.pop_front() else {
                return;
            };
            self.job(job);
            self.act();
        }
    }

    fn job(&mut self, job: Job) {
        let (store, now) = (&mut self.store, self.now);
        match job {
            Job::Post(unsent) => {
                store.outbox.insert(unsent.place, (unsent.clone(), None));
                if let Some(talk) = &mut self.talk {
                    talk.posted(unsent, now);
                }
            }
            Job::Of(Action::Meet(_)) => {
                for (_, pos) in store.outbox.values_mut() {
                    *pos = None;
                }
                let page = store.page(0);
                if let Some(talk) = &mut self.talk {
                    talk.met(page, None, now);
                }
            }
            Job::Of(Action::Load { after }) => {
                let page = store.page(after);
                if let Some(talk) = &mut self.talk {
                    talk.loaded(page, now);
                }
            }
            Job::Of(Action::Store(batch)) => {
                store.events.extend(batch.events);
                store.settle();
                if let Some(talk) = &mut self.talk {
                    talk.stored(batch.receipt, None);
                }
            }
            Job::Of(Action::Acknowledge(acknowledged)) => {
                let mut all = store.outbox.values_mut();
                let found = all.find(|(unsent, _)| unsent.message.cid == acknowledged.cid);
                if let Some((_, pos)) = found {
                    *pos = Some(acknowledged.pos);
                }
                store.settle();
            }
            Job::Of(other) => panic!("{other:?}"),
        }
    }

    fn reach_server(&mut self, most: usize) {
        for _ in 0..most {
            let answers = match self.to_server.pop_front() {
                Some(Frame::Hello(hello)) => self.server.hello(&hello),
                Some(Frame::Msg(msg)) => self.server.message(&msg),
                Some(Frame::Ping) => vec![Frame::Pong],
                Some(Frame::Got(_) | Frame::Pong) => Vec::new(),
                Some(other) => panic!("{other:?}"),
                None => return,
            };
            self.to_client.extend(answers);
        }
    }

    fn reach_client(&mut self, most: usize) {
        for _ in 0..most {
            let (Some(talk), Some(frame)) = (&mut self.talk, self.to_client.pop_front()) else {
                return;
            };
            let line = encode(&frame).unwrap();
            talk.receive(line.trim_ascii_end(), self.now);
            self.act();
        }
    }

    fn pass(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
        if let Some(talk) = &mut self.talk {
            talk.tick(self.now);
        }
        self.act();
    }

    /// Somebody else says something.
    fn other(&mut self) {
        self.server.append(Conv::Room, BO, "from Bo");
        self.tell_last();
    }

    fn late(&mut self, most: usize) {
        for _ in 0..most {
            let Some(frame) = self.late.pop_front() else {
                return;
            };
            let before = self.server.head();
            if let Frame::Msg(msg) = frame {
                self.server.message(&msg);
            }
            if self.server.head() > before {
                self.tell_last();
            }
        }
    }

    /// The newest event is told to who is welcome.
    fn tell_last(&mut self) {
        let is_welcome = self.talk.as_ref().is_some_and(Talk::is_here)
            || self
                .to_client
                .iter()
                .any(|frame| matches!(frame, Frame::Welcome(_)));
        if is_welcome {
            let event = self.server.events.last().unwrap().clone();
            self.to_client.push_back(Frame::Event(event));
        }
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Connect => self.connect(),
            Step::Write(is_direct) => self.write(is_direct),
            Step::ToServer(most) => self.reach_server(most),
            Step::ToClient(most) => self.reach_client(most),
            Step::Work(most) => self.work(most),
            Step::Cut(is_late) => {
                if is_late {
                    self.late.append(&mut self.to_server);
                }
                self.cut();
            }
            Step::Late(most) => self.late(most),
            Step::Kill => {
                // What was not written is gone, and nobody was told that it was.
                let unwritten = |job: &&Job| matches!(job, Job::Post(_));
                let lost = self.jobs.iter().filter(unwritten).count() as u64;
                self.jobs.clear();
                self.cut();
                self.written -= lost;
            }
            Step::DiskFull(count) => self.server.full = count,
            Step::Other => self.other(),
            Step::Pass(ms) => self.pass(ms),
        }
    }

    /// Everything that can happen does, and nothing goes wrong any more.
    fn heal(&mut self) {
        self.cut();
        self.server.full = 0;
        self.connect();
        for _ in 0..2000 {
            self.reach_server(8);
            self.reach_client(8);
            self.work(8);
            self.pass(100);
            let is_quiet = self.jobs.is_empty() && self.to_client.is_empty();
            if is_quiet && self.to_server.is_empty() && self.store.outbox.is_empty() {
                return;
            }
        }
        panic!("{} are still in the outbox", self.store.outbox.len());
    }

    fn check(&self) {
        let ours = |conv| {
            let events = self.server.events.iter();
            events
                .filter(move |event| event.from.id == Some(ME) && event.conv == conv)
                .map(|event| event.text.as_ref().parse::<u64>().unwrap())
                .collect::<Vec<_>>()
        };
        let mut all = ours(Conv::Room);
        let direct = ours(Conv::With(BO));
        for kept in [&all, &direct] {
            assert!(kept.is_sorted(), "in the order of writing: {kept:?}");
        }
        all.extend(direct);
        all.sort_unstable();
        assert_eq!(all, (1..=self.written).collect::<Vec<_>>(), "exactly once");
        assert_eq!(self.store.events, self.server.events);
        for cid in &self.delivered {
            assert!(self.server.receipts.contains_key(cid), "told and not kept");
        }
    }
}

/// Steps that are taken in all, at least: a few seconds of them.
const STEPS: usize = 50_000;

/// The same where there is time (`./dev test --long`).
const STEPS_LONG: usize = 1_000_000;

/// Steps of one world, at most; half of that on the average.
const OF_ONE: usize = 200;

#[test]
fn every_message_is_kept_once_and_in_order() {
    let is_long = std::env::var_os("HALLWAY_LONG").is_some();
    let steps = if is_long { STEPS_LONG } else { STEPS };
    // Some more: the sum of so many lengths is 5 of its deviations above `steps`.
    let worlds = steps / (OF_ONE / 2) * 23 / 20;
    let taken = Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig {
        source_file: Some(file!()),
        ..ProptestConfig::with_cases(worlds.try_into().expect("they can be counted"))
    });
    let outcome = runner.run(&prop::collection::vec(step(), 0..=OF_ONE), |steps| {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        world.heal();
        world.check();
        taken.set(taken.get() + steps.len());
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(taken.get() >= steps, "only {} steps", taken.get());
}
