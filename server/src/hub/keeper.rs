//! What is on its way to the disk, and which plain lines are kept at all; no disk in here.
//!
//! Lines of people who cannot ask for an acknowledgement, and the host's, are kept as long as they
//! come no faster than people type. Beyond that none is, until it has been calm for a second, and
//! one mark stands in the history for all that is missing. So a flood cannot take a core or fill a
//! disk. Messages that are acknowledged are never left out.

use std::rc::Rc;
use std::time::Instant;

use async_channel::{Receiver, Sender};
use hallway_core::history::Error;
use hallway_core::history::entry::Entry;
use hallway_core::history::server::Receipt;
use hallway_core::wire::{Cid, Conv};
use slab::Slab;

use super::event::{MessageId, Person};
use super::guest::Bucket;
use super::manners::{LINE_UNIT, Manners, TYPING_IN_ROOM, WAITING_PLAIN};

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
    lines: Bucket,
    /// Lines that must be free before any is kept again.
    calm: u32,
    /// Lines are being left out.
    is_gap: bool,
    /// A mark for what was left out is to be written.
    pub(super) owes_mark: bool,
    /// The host was told that the disk does not take what is said.
    pub(super) has_failed: bool,
    typing: Bucket,
}

/// Lines of one batch that are to be kept.
#[derive(Debug)]
pub(super) struct Lines {
    /// Lines that may be kept yet, longer ones counted as several.
    left: u32,
    pub(super) texts: Vec<String>,
    cost: u32,
    is_cut: bool,
}

impl Lines {
    /// Takes a line, if it may be kept.
    pub(super) fn take(&mut self, text: &str) {
        let cost = 1 + u32::try_from(text.len() / LINE_UNIT).unwrap_or(u32::MAX - 1);
        self.cost = self.cost.saturating_add(cost);
        if self.is_cut || self.cost > self.left {
            self.is_cut = true;
        } else {
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
            lines: Bucket::new(manners.kept, manners.kept_at_once, now),
            calm: manners.kept.clamp(1, manners.kept_at_once.max(1)),
            is_gap: false,
            owes_mark: false,
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
    pub(super) fn lines(&mut self, waiting: usize, now: Instant) -> Lines {
        let free = self.lines.left(now);
        if self.is_gap && free >= self.calm && waiting < WAITING_PLAIN {
            self.is_gap = false;
        }
        let left = if self.is_gap || waiting >= WAITING_PLAIN {
            0
        } else {
            free
        };
        Lines {
            left,
            texts: Vec::new(),
            cost: 0,
            is_cut: false,
        }
    }

    /// The batch is over. Returns whether a gap begins with what it left out.
    pub(super) fn settle(&mut self, lines: &Lines, now: Instant) -> bool {
        self.lines.take(lines.cost, now);
        lines.is_cut && self.begin_gap()
    }

    /// Lines are left out. Returns whether that is new: a mark is to be written then.
    pub(super) fn begin_gap(&mut self) -> bool {
        let is_new = !std::mem::replace(&mut self.is_gap, true);
        self.owes_mark |= is_new;
        is_new
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
mod tests {
    use std::time::Duration;

    use super::*;

    fn keeper() -> Keeper {
        Keeper::new(&Manners::default()).0
    }

    /// Says lines, and returns how many are kept and whether a gap began.
    fn say(keeper: &mut Keeper, count: usize, text: &str, now: Instant) -> (usize, bool) {
        let mut lines = keeper.lines(0, now);
        for _ in 0..count {
            lines.take(text);
        }
        (lines.texts.len(), keeper.settle(&lines, now))
    }

    #[test]
    fn a_flood_has_one_gap_and_calm_ends_it() {
        let mut keeper = keeper();
        let mut now = Instant::now();
        assert_eq!(say(&mut keeper, 1_001, "x", now), (1_000, true));
        // Twice as much as is kept, for a minute: nothing of it is kept, and it is one gap.
        for _ in 0..600 {
            now += Duration::from_millis(100);
            assert_eq!(say(&mut keeper, 10, "x", now), (0, false));
        }
        now += Duration::from_secs(1);
        assert_eq!(say(&mut keeper, 1, "x", now), (1, false));
        assert_eq!(say(&mut keeper, 100, "x", now), (49, true));
    }

    #[test]
    fn long_lines_count_for_more_and_a_busy_disk_ends_it() {
        let mut keeper = keeper();
        let now = Instant::now();
        let long = "x".repeat(9 * LINE_UNIT);
        assert_eq!(say(&mut keeper, 1_000, &long, now), (100, true));
        let mut keeper = self::keeper();
        let mut lines = keeper.lines(WAITING_PLAIN, now);
        lines.take("x");
        assert!(lines.texts.is_empty() && keeper.settle(&lines, now));
        assert!(keeper.owes_mark);
        assert_eq!(
            say(&mut keeper, 1, "x", now),
            (1, false),
            "it is free again"
        );
    }
}
