//! What is on its way to the disk, and which plain lines are kept at all; no disk in here.
//!
//! Lines of people who cannot ask for an acknowledgement, and the host's, are kept as long as they
//! come no faster than people type. Beyond that none is, until it has been calm for a second, and
//! one mark stands in the history for all that is missing. So a flood cannot take a core or fill a
//! disk. Each of them has a share, and all plain people together have one: a flood of one hides nobody
//! else's lines, and none hides the host's. Messages that are acknowledged are never left out.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Instant;

use async_channel::{Receiver, Sender};
use hallway_core::history::Error;
use hallway_core::history::entry::Entry;
use hallway_core::history::server::Receipt;
use hallway_core::rate::Bucket;
use hallway_core::wire::{Cid, Conv};
use slab::Slab;

use super::event::{MessageId, PeerId, Person};
use super::manners::{LINE_UNIT, Manners, PARTS, TYPING_IN_ROOM, WAITING_PLAIN};

/// What was given to the history and not answered.
pub(super) enum Pending {
    /// A guest's message.
    Message {
        from: Rc<Person>,
        cid: Cid,
        to: Conv,
        /// Bytes of its text.
        length: usize,
    },
    /// Plain lines, or only a mark for those that were not kept.
    Lines,
    /// A text of the host's.
    Host(MessageId),
}

impl Pending {
    fn room_text(&self) -> usize {
        match self {
            Self::Message {
                to: Conv::Room,
                length,
                ..
            } => *length,
            _ => 0,
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is kept.
    Kept(Vec<Entry>),
    /// It was kept before.
    Again(Receipt),
    /// Another message was kept under its identity.
    BadCid,
    /// Its number is not the next one.
    OutOfOrder,
    /// It is for somebody whom nobody knows.
    NotFound,
}

/// An answer of the history: to what, and what came of it.
pub(super) type Answered = (usize, Result<Outcome, Error>);

pub(super) struct Keeper {
    pending: Slab<Pending>,
    /// Bytes of messages to the room among them.
    room_text: usize,
    answers: Sender<Answered>,
    /// Of all plain people together.
    all: Share,
    host: Share,
    /// Of those who have said something.
    peers: HashMap<PeerId, Share>,
    /// Of somebody who has said nothing yet.
    fresh: Share,
    /// The host was told that lines are left out, and some still are.
    is_told: bool,
    mark: Mark,
    /// The host was told that the disk does not take what is said.
    pub(super) has_failed: bool,
    typing: Bucket,
}

/// Whether what was left out last has its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// Nothing was left out after what was kept last.
    Needless,
    /// It is to be written.
    Owed,
    /// It is the last thing that was kept.
    Written,
}

/// Whose lines they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Host,
    Peer(PeerId),
}

/// How much of what somebody says is kept.
#[derive(Clone, Copy, Debug)]
struct Share {
    bucket: Bucket,
    /// Lines that must be free before any is kept again.
    calm: u32,
    /// Lines are being left out.
    is_gap: bool,
}

impl Share {
    fn new(rate: u32, at_once: u32, now: Instant) -> Self {
        Self {
            bucket: Bucket::new(rate, at_once, now),
            calm: rate.clamp(1, at_once.max(1)),
            is_gap: false,
        }
    }

    /// Lines that may be kept. Calm ends a gap.
    fn left(&mut self, now: Instant) -> u32 {
        let free = self.bucket.left(now);
        self.is_gap &= free < self.calm;
        if self.is_gap { 0 } else { free }
    }
}

/// Lines of one batch that are to be kept.
#[derive(Debug)]
pub(super) struct Lines {
    whose: Whose,
    /// Lines that may be kept yet, longer ones counted as several.
    left: u32,
    pub(super) texts: Vec<String>,
    /// What all lines count, and what those count that are kept.
    cost: u32,
    kept: u32,
    is_cut: bool,
    /// It is their own share that is used up.
    is_own: bool,
}

impl Lines {
    /// Takes a line, if it may be kept.
    pub(super) fn take(&mut self, text: &str) {
        let cost = 1 + u32::try_from(text.len() / LINE_UNIT).unwrap_or(u32::MAX - 1);
        self.cost = self.cost.saturating_add(cost);
        if self.is_cut || self.cost > self.left {
            self.is_cut = true;
        } else {
            self.kept = self.cost;
            self.texts.push(text.to_owned());
        }
    }
}

impl Keeper {
    /// And what the history will answer.
    pub(super) fn new(manners: &Manners) -> (Self, Receiver<Answered>) {
        // Bounded by what may wait for the history: each of it is answered once.
        let (answers, receiver) = async_channel::unbounded();
        let now = Instant::now();
        let keeper = Self {
            pending: Slab::new(),
            room_text: 0,
            answers,
            all: Share::new(manners.kept, manners.kept_at_once, now),
            host: Share::new(manners.kept, manners.kept_at_once, now),
            peers: HashMap::new(),
            fresh: Share::new(
                manners.kept.div_ceil(PARTS),
                manners.kept_at_once.div_ceil(PARTS),
                now,
            ),
            is_told: false,
            mark: Mark::Needless,
            has_failed: false,
            typing: Bucket::new(TYPING_IN_ROOM, TYPING_IN_ROOM, now),
        };
        (keeper, receiver)
    }

    /// Notes what is given to the history. Returns its key, and whom to tell the answer.
    pub(super) fn begin(&mut self, pending: Pending) -> (usize, Sender<Answered>) {
        self.room_text += pending.room_text();
        (self.pending.insert(pending), self.answers.clone())
    }

    /// What was answered; or what the history did not take.
    pub(super) fn end(&mut self, key: usize) -> Option<Pending> {
        let pending = self.pending.try_remove(key)?;
        self.room_text -= pending.room_text();
        Some(pending)
    }

    /// Bytes of messages to the room that wait for the disk.
    pub(super) fn room_text(&self) -> usize {
        self.room_text
    }

    /// For the lines of a batch, when so much waits for the disk.
    pub(super) fn lines(&mut self, whose: Whose, waiting: usize, now: Instant) -> Lines {
        let is_free = waiting < WAITING_PLAIN;
        let own = self.own(whose);
        let was_gap = own.is_gap;
        let own_left = own.left(now);
        let mut is_over = was_gap && !own.is_gap;
        let mut left = own_left;
        if let Whose::Peer(_) = whose {
            let was_gap = self.all.is_gap;
            left = left.min(self.all.left(now));
            is_over |= was_gap && !self.all.is_gap;
        }
        if is_over {
            self.note_calm();
        }
        Lines {
            whose,
            left: if is_free { left } else { 0 },
            texts: Vec::new(),
            cost: 0,
            kept: 0,
            is_cut: false,
            is_own: is_free && own_left == left,
        }
    }

    /// Lines are left out no more, if that is so of everybody's.
    fn note_calm(&mut self) {
        let mut shares = self.peers.values().chain([&self.all, &self.host]);
        self.is_told &= shares.any(|share| share.is_gap);
    }

    fn own(&mut self, whose: Whose) -> &mut Share {
        match whose {
            Whose::Host => &mut self.host,
            Whose::Peer(id) => self.peers.entry(id).or_insert(self.fresh),
        }
    }

    /// The batch is over. Returns whether the host is to be told that lines are left out.
    pub(super) fn settle(&mut self, lines: &Lines, now: Instant) -> bool {
        let own = self.own(lines.whose);
        own.bucket.take(lines.cost, now);
        own.is_gap |= lines.is_cut && lines.is_own;
        if let Whose::Peer(_) = lines.whose {
            let is_theirs = lines.is_own || !lines.is_cut;
            let cost = if is_theirs { lines.kept } else { lines.cost };
            self.all.bucket.take(cost, now);
            self.all.is_gap |= !is_theirs;
        }
        if !lines.texts.is_empty() {
            self.mark = Mark::Needless;
        }
        if !lines.is_cut {
            return false;
        }
        self.leave_out();
        !std::mem::replace(&mut self.is_told, true)
    }

    /// Lines that were to be kept are not.
    pub(super) fn lose_lines(&mut self) {
        self.all.is_gap = true;
        self.mark = Mark::Owed;
    }

    /// Something is missing after what was kept last.
    fn leave_out(&mut self) {
        if self.mark == Mark::Needless {
            self.mark = Mark::Owed;
        }
    }

    /// Whether a mark for what was left out is to be written now: it counts as written then.
    pub(super) fn take_owed(&mut self) -> bool {
        let is_owed = self.mark == Mark::Owed;
        if is_owed {
            self.mark = Mark::Written;
        }
        is_owed
    }

    /// Somebody has gone.
    pub(super) fn forget(&mut self, id: PeerId) {
        self.peers.remove(&id);
    }

    /// Time has passed: whoever has been calm has all of their share again.
    pub(super) fn look(&mut self, now: Instant) {
        self.all.left(now);
        self.host.left(now);
        let whole = self.fresh.left(now);
        self.peers.retain(|_, share| share.left(now) < whole);
        self.note_calm();
    }

    /// Whether a sign that somebody writes in the room may be passed on.
    pub(super) fn may_tell_typing(&mut self) -> bool {
        let now = Instant::now();
        let may = self.typing.left(now) > 0;
        if may {
            self.typing.take(1, now);
        }
        may
    }
}

#[cfg(test)]
mod tests;
