//! The machine, frame by frame.

mod answers;
mod hostile;
mod life;
mod model;
mod people;

use std::time::{Duration, Instant};

use hallway_core::history::client::{Outgoing as Message, Unsent};
use hallway_core::text::Name;
use hallway_core::wire::event::Kind;
use hallway_core::wire::frame::{Ack, Hello, History, Msg, Taken, Typing, Welcome};
use hallway_core::wire::values::Numbers;
use hallway_core::wire::{At, Cursor, Fingerprint, Hash, N, encode};

use super::values::Page;
use super::*;

const ME: Fingerprint = Fingerprint::from_bytes([1; 32]);
const SERVER: Fingerprint = Fingerprint::from_bytes([2; 32]);
const BO: Fingerprint = Fingerprint::from_bytes([3; 32]);
const EPOCH: Epoch = Epoch::from_bytes([7; 16]);
const OTHER: Epoch = Epoch::from_bytes([8; 16]);

fn pos(number: u64) -> Pos {
    number.try_into().expect("it is small")
}

fn seq(number: u64) -> Seq {
    number.try_into().expect("it is small")
}

fn n(number: u64) -> N {
    number.try_into().expect("it is small")
}

fn cid(number: u64) -> Cid {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Cid::from_bytes(bytes)
}

fn unsent(place: u64, to: Conv, text: &str) -> Unsent {
    Unsent {
        place,
        message: Message {
            cid: cid(place),
            to,
            text: text.parse().expect("a text"),
            at: At::ZERO,
        },
    }
}

fn page(places: impl IntoIterator<Item = u64>) -> Page {
    let message = |place| unsent(place, Conv::Room, &format!("message {place}"));
    Page {
        messages: places.into_iter().map(message).collect(),
        is_last: true,
    }
}

fn event(number: u64) -> Event {
    Event {
        pos: pos(number),
        seq: seq(number),
        conv: Conv::Room,
        from: Person {
            id: Some(BO),
            name: "Bo".parse().expect("a label"),
        },
        kind: Kind::Text,
        text: "hello".parse().expect("a text"),
        at: At::ZERO,
        hash: Hash::from_bytes([u8::try_from(number % 251).unwrap(); 32]),
    }
}

fn cursor(at: u64) -> Cursor {
    Cursor {
        epoch: EPOCH,
        pos: pos(at),
        hash: Hash::from_bytes([9; 32]),
    }
}

fn opening(cursor: Option<Cursor>) -> Opening {
    Opening {
        server: SERVER,
        name: "Ana".parse().expect("a name"),
        cursor,
        password: None,
    }
}

fn welcome(head: u64, last: u64) -> Welcome {
    Welcome {
        id: SERVER,
        name: "Hall".parse().expect("a label"),
        epoch: EPOCH,
        head: pos(head),
        n: Numbers::new([(Conv::Room, n(last))]),
        limits: Taken::default(),
        caps: hallway_core::wire::Caps::default(),
    }
}

fn problem(code: Code, re: &str, fatal: bool) -> Frame {
    let re = (!re.is_empty()).then(|| re.parse().expect("a word or a cid"));
    Frame::Err(Problem { code, re, fatal })
}

fn ack(message: u64, at: u64) -> Frame {
    Frame::Ack(Ack {
        cid: cid(message),
        conv: Conv::Room,
        seq: seq(at),
        pos: pos(at),
        at: At::ZERO,
    })
}

/// A machine with a clock that stands still until it is moved.
struct Bench {
    talk: Talk,
    now: Instant,
}

impl Bench {
    fn new(cursor: Option<Cursor>) -> Self {
        let now = Instant::now();
        let talk = Talk::new(opening(cursor), now);
        Self { talk, now }
    }

    /// Welcome, with these messages in the outbox.
    fn welcome(outbox: impl IntoIterator<Item = u64>) -> Self {
        let mut bench = Self::new(None);
        bench.hear(&Frame::Welcome(welcome(0, 0)));
        bench.talk.met(page(outbox), None, bench.now);
        bench
    }

    fn hear(&mut self, frame: &Frame) {
        let line = encode(frame).expect("it fits");
        self.talk.receive(line.trim_ascii_end(), self.now);
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.talk.tick(self.now);
    }

    fn actions(&mut self) -> Vec<Action> {
        self.talk.take_actions().into()
    }

    /// The frames among what is to be done.
    fn sent(&mut self) -> Vec<Frame> {
        let frame = |action| match action {
            Action::Send(frame) => Some(frame),
            _ => None,
        };
        self.actions().into_iter().filter_map(frame).collect()
    }

    fn told(&mut self) -> Vec<News> {
        let news = |action| match action {
            Action::Tell(news) => Some(news),
            _ => None,
        };
        self.actions().into_iter().filter_map(news).collect()
    }

    /// Numbers and messages among what is sent.
    fn messages(&mut self) -> Vec<(u64, Cid)> {
        let message = |frame| match frame {
            Frame::Msg(Msg { cid, n, .. }) => Some((n.get(), cid)),
            _ => None,
        };
        self.sent().into_iter().filter_map(message).collect()
    }

    #[track_caller]
    fn ended(&mut self) -> End {
        match self.actions().pop() {
            Some(Action::End(end)) => end,
            other => panic!("it goes on: {other:?}"),
        }
    }
}

fn numbered(pairs: &[(u64, u64)]) -> Vec<(u64, Cid)> {
    pairs.iter().map(|(n, place)| (*n, cid(*place))).collect()
}
