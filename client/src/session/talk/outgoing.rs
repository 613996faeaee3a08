//! Messages on their way: each has a number, an answer is waited for, and what is refused for its
//! number goes again.
//!
//! ```text
//! outbox (in the store) → waiting → in flight → acknowledged
//!                            ↑         ├ refused for now, or for its number
//!                            └─────────┘ once nothing is in flight any more
//! ```
//!
//! A message that the server took before the connection was lost is acknowledged as at first, and
//! gets no new number: all that were numbered after it are refused then. So whenever numbers may
//! differ nothing more is sent until everything in flight is answered, and numbering begins anew
//! from what the server is known to have taken.

use std::collections::BTreeMap;
use std::time::Instant;

use hallway_core::history::client::{Numbering, Outgoing as Message, Unsent};
use hallway_core::rate::Bucket;
use hallway_core::wire::frame::{Ack, Msg, Taken, Welcome};
use hallway_core::wire::values::Numbers;
use hallway_core::wire::{Cid, Code, Conv, Frame, N, Pos, encode};

use super::limits;
use super::values::Page;
use super::waiting::Waiting;

/// Messages of one conversation with a server.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// The last number that the server is known to have taken.
    taken: BTreeMap<Conv, N>,
    numbering: Numbering,
    /// Acknowledgements up to here are of messages from before the welcome.
    head: Pos,
    allowed: Taken,
    rate: Bucket,
    waiting: Waiting,
    /// By their places.
    in_flight: BTreeMap<u64, InFlight>,
    bytes: usize,
    /// The next one waits until some of these bytes are answered.
    is_crowded: bool,
    round: Round,
    /// Nothing is sent before.
    held_until: Option<Instant>,
}

#[derive(Debug)]
struct InFlight {
    message: Message,
    bytes: usize,
}

/// From one numbering to the next.
#[derive(Clone, Copy, Debug, Default)]
struct Round {
    /// Nothing is sent until everything in flight is answered.
    is_ending: bool,
    was_refused: bool,
    was_acknowledged: bool,
    /// Rounds in a row in which everything was refused for its number.
    lost: u32,
}

impl Round {
    fn next(self) -> Self {
        let is_lost = self.was_refused && !self.was_acknowledged;
        Self {
            lost: if is_lost { self.lost + 1 } else { 0 },
            ..Self::default()
        }
    }
}

/// What may be done next.
pub(super) enum Step {
    /// This is to be sent.
    Send(Frame),
    /// This will never be taken.
    TooLong(Cid),
    /// The outbox after this place is needed.
    Load(u64),
    /// Nothing now.
    Nothing,
}

/// What an answer meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answered {
    /// Nothing that is in flight.
    Unknown,
    /// It goes again, now or later.
    Again,
    /// It was refused for good.
    Refused,
}

impl Outgoing {
    pub(super) fn new(welcome: &Welcome, now: Instant) -> Self {
        let allowed = welcome.limits;
        Self {
            taken: welcome.n.iter().map(|(conv, n)| (*conv, n)).collect(),
            numbering: Numbering::new(&welcome.n),
            head: welcome.head,
            allowed,
            rate: Bucket::new(allowed.rate, allowed.burst, now),
            waiting: Waiting::default(),
            in_flight: BTreeMap::new(),
            bytes: 0,
            is_crowded: false,
            round: Round::default(),
            held_until: None,
        }
    }

    /// The outbox from its beginning, anew: some that were acknowledged may be in it again.
    pub(super) fn begin(&mut self, page: Page) {
        self.waiting.begin();
        self.load(page);
    }

    /// The outbox goes on.
    pub(super) fn load(&mut self, page: Page) {
        let in_flight = &self.in_flight;
        self.waiting
            .load(page, |place| in_flight.contains_key(&place));
    }

    /// A message was put into the outbox.
    pub(super) fn post(&mut self, unsent: Unsent) {
        self.waiting.post(unsent);
    }

    /// Takes a message back. False: it is in flight.
    pub(super) fn take_back(&mut self, cid: &Cid) -> bool {
        if self.place(cid).is_some() {
            return false;
        }
        self.waiting.take_back(cid);
        true
    }

    /// It is in no page that comes from now on.
    pub(super) fn taken_back(&mut self, cid: &Cid) {
        self.waiting.taken_back(cid);
    }

    pub(super) fn in_flight(&self) -> Vec<Cid> {
        let sent = self.in_flight.values();
        sent.map(|sent| sent.message.cid).collect()
    }

    fn place(&self, cid: &Cid) -> Option<u64> {
        let mut all = self.in_flight.iter();
        all.find(|(_, sent)| sent.message.cid == *cid)
            .map(|(place, _)| *place)
    }

    /// What is to be sent now, if something is.
    pub(super) fn step(&mut self, now: Instant) -> Step {
        if self.round.is_ending
            || self.held_until.is_some_and(|until| now < until)
            || self.is_crowded
            || self.in_flight.len() >= limits::IN_FLIGHT
        {
            return Step::Nothing;
        }
        self.held_until = None;
        let Some(next) = self.waiting.first() else {
            return self.waiting.ask().map_or(Step::Nothing, Step::Load);
        };
        if self.rate.ready_at(now) > now {
            return Step::Nothing;
        }
        let message = &next.message;
        let mut msg = Msg {
            cid: message.cid,
            n: N::MAX,
            to: message.to,
            text: message.text.clone(),
        };
        let bytes = encode(&Frame::Msg(msg.clone())).map_or(usize::MAX, |line| line.len());
        let fits = |bytes: usize, most: u32| usize::try_from(most).is_ok_and(|most| bytes <= most);
        let is_good = !message.text.as_ref().is_empty()
            && fits(message.text.as_ref().len(), self.allowed.text)
            && fits(bytes, self.allowed.frame);
        let is_crowded = self.bytes.saturating_add(bytes) > limits::IN_FLIGHT_BYTES;
        if is_good && is_crowded && !self.in_flight.is_empty() {
            self.is_crowded = true;
            return Step::Nothing;
        }
        let number = is_good.then(|| self.numbering.next(&message.to)).flatten();
        let Some(n) = number else {
            let cid = message.cid;
            self.waiting.take_first();
            return Step::TooLong(cid);
        };
        msg.n = n;
        self.rate.take(1, now);
        self.bytes += bytes;
        if let Some(Unsent { place, message }) = self.waiting.take_first() {
            self.in_flight.insert(place, InFlight { message, bytes });
        }
        Step::Send(Frame::Msg(msg))
    }

    /// When there may be something to send though nothing came.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        if self.round.is_ending
            || self.waiting.is_empty()
            || self.is_crowded
            || self.in_flight.len() >= limits::IN_FLIGHT
        {
            return None;
        }
        Some(self.rate.ready_at(now).max(self.held_until.unwrap_or(now)))
    }

    /// The server has it. False for one that is not in flight.
    pub(super) fn acknowledged(&mut self, ack: &Ack) -> bool {
        let Some(sent) = self.land(&ack.cid) else {
            return false;
        };
        self.round.was_acknowledged = true;
        if ack.pos > self.head {
            let taken = self.taken.entry(sent.message.to).or_default();
            *taken = taken.next().unwrap_or(*taken);
        } else {
            // It had been taken before, and its number was not used.
            self.number_anew_when_answered();
        }
        self.look_for_end_of_round();
        true
    }

    /// The server does not take it.
    pub(super) fn refused(&mut self, cid: &Cid, code: &Code, now: Instant) -> Answered {
        let Some(place) = self.place(cid) else {
            return Answered::Unknown;
        };
        let Some(sent) = self.land(cid) else {
            return Answered::Unknown;
        };
        let goes_again = match code {
            Code::OutOfOrder => {
                self.round.was_refused = true;
                true
            }
            Code::DiskFull | Code::Busy | Code::Rate | Code::Internal | Code::SlowConsumer => {
                self.held_until = Some(now + limits::RETRY);
                true
            }
            _ => false,
        };
        if goes_again {
            let message = sent.message;
            self.waiting.give_back(Unsent { place, message });
        }
        self.number_anew_when_answered();
        self.look_for_end_of_round();
        if goes_again {
            Answered::Again
        } else {
            Answered::Refused
        }
    }

    /// Whether the server and we do not come to terms over numbers.
    pub(super) fn has_come_to_nothing(&self) -> bool {
        self.round.lost >= limits::ROUNDS
    }

    fn land(&mut self, cid: &Cid) -> Option<InFlight> {
        let sent = self.in_flight.remove(&self.place(cid)?)?;
        self.bytes -= sent.bytes;
        self.is_crowded = false;
        Some(sent)
    }

    fn number_anew_when_answered(&mut self) {
        self.round.is_ending = true;
    }

    fn look_for_end_of_round(&mut self) {
        if !self.round.is_ending || !self.in_flight.is_empty() {
            return;
        }
        let taken = self.taken.iter().map(|(conv, n)| (*conv, *n));
        self.numbering = Numbering::new(&Numbers::new(taken));
        self.round = self.round.next();
    }
}
