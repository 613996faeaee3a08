//! How far one guest is in the history: what was sent, what of it they have stored, and when more
//! may be sent; pure.
//!
//! Everything up to `next` was sent or is not theirs to read. What they have not stored yet is in
//! flight, and that has a bound: whoever stores slowly is read for later, from the disk.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use hallway_core::wire::{Fingerprint, Pos, Seq};

use super::manners::IN_FLIGHT;

/// An event that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) pos: Pos,
    /// Its frame's length.
    pub(super) bytes: usize,
    /// Who of two wrote it, and its number in their conversation: they want to know that it was
    /// stored.
    pub(super) of: Option<(Fingerprint, Seq)>,
}

/// They say that they have stored what they were not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NeverSent;

#[derive(Debug)]
pub(super) struct Stream {
    next: Pos,
    got: Pos,
    sent: VecDeque<Sent>,
    in_flight: usize,
    /// A page is being read.
    is_reading: bool,
    /// They know that they have been told everything that was kept.
    is_told: bool,
    /// Since when nothing more may be sent, and nothing of it was stored.
    blocked: Option<Instant>,
}

impl Stream {
    /// For somebody who has stored everything up to `pos`.
    pub(super) fn after(pos: Pos) -> Self {
        Self {
            next: pos,
            got: pos,
            sent: VecDeque::new(),
            in_flight: 0,
            is_reading: false,
            is_told: false,
            blocked: None,
        }
    }

    pub(super) fn next(&self) -> Pos {
        self.next
    }

    pub(super) fn got(&self) -> Pos {
        self.got
    }

    pub(super) fn is_reading(&self) -> bool {
        self.is_reading
    }

    /// Whether one event more may be sent. A long one may always be, where it is the only one.
    pub(super) fn has_room(&self) -> bool {
        self.in_flight < IN_FLIGHT
    }

    /// Whether the event at `pos`, which is new, can be given to them without a read: they have been
    /// told all before it.
    pub(super) fn takes_fresh(&self, pos: Pos) -> bool {
        !self.is_reading && self.has_room() && self.next.next() == Some(pos)
    }

    /// Whether a page should be read for them now, the newest event being at `head`. It then counts
    /// as being read.
    ///
    /// Half of what may be in flight must be free: else pages would be read for one event each.
    pub(super) fn begin_read(&mut self, head: Pos, now: Instant) -> bool {
        if self.is_reading || self.next >= head {
            return false;
        }
        if self.in_flight > IN_FLIGHT / 2 {
            self.blocked.get_or_insert(now);
            return false;
        }
        self.is_reading = true;
        true
    }

    /// The page has come, or could not be read.
    pub(super) fn end_read(&mut self) {
        self.is_reading = false;
    }

    /// An event was sent.
    pub(super) fn send(&mut self, sent: Sent) {
        self.next = self.next.max(sent.pos);
        self.in_flight += sent.bytes;
        self.sent.push_back(sent);
    }

    /// What is between is not theirs to read.
    pub(super) fn skip_to(&mut self, pos: Pos) {
        self.next = self.next.max(pos);
    }

    /// Whether they should be told, this once, that everything which was kept has been told.
    pub(super) fn catches_up(&mut self, head: Pos) -> bool {
        !self.is_reading && self.next >= head && !std::mem::replace(&mut self.is_told, true)
    }

    /// They have stored everything up to `pos`. Returns what is not in flight any more.
    ///
    /// # Errors
    /// They were not sent that much.
    pub(super) fn store(&mut self, pos: Pos) -> Result<Vec<Sent>, NeverSent> {
        if pos > self.next {
            return Err(NeverSent);
        }
        if pos <= self.got {
            return Ok(Vec::new());
        }
        self.got = pos;
        self.blocked = None;
        let count = self.sent.partition_point(|sent| sent.pos <= pos);
        let stored: Vec<_> = self.sent.drain(..count).collect();
        self.in_flight -= stored.iter().map(|sent| sent.bytes).sum::<usize>();
        Ok(stored)
    }

    /// Whether they have had as much in flight as may be, and stored nothing, for so long.
    pub(super) fn is_stuck(&self, patience: Duration, now: Instant) -> bool {
        let stuck = |since| now.saturating_duration_since(since) >= patience;
        self.blocked.is_some_and(stuck)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pos(number: u64) -> Pos {
        Pos::try_from(number).unwrap()
    }

    fn sent(number: u64, bytes: usize) -> Sent {
        Sent {
            pos: pos(number),
            bytes,
            of: None,
        }
    }

    #[test]
    fn who_has_caught_up_needs_no_read() {
        let now = Instant::now();
        let mut stream = Stream::after(pos(4));
        assert!(!stream.begin_read(pos(4), now));
        assert!(stream.catches_up(pos(4)));
        assert!(!stream.catches_up(pos(4)), "said once");
        assert!(stream.takes_fresh(pos(5)) && !stream.takes_fresh(pos(6)));
        stream.send(sent(5, 100));
        stream.skip_to(pos(6));
        assert!(stream.takes_fresh(pos(7)));
        assert_eq!(stream.store(pos(7)), Err(NeverSent));
        assert_eq!(stream.store(pos(5)), Ok(vec![sent(5, 100)]));
        assert_eq!(stream.store(pos(5)), Ok(vec![]));
        assert_eq!(stream.store(pos(6)), Ok(vec![]), "it may be so");
    }

    #[test]
    fn who_stores_nothing_is_sent_no_more_and_is_stuck_at_last() {
        let now = Instant::now();
        let mut stream = Stream::after(Pos::ZERO);
        assert!(stream.begin_read(pos(9), now));
        assert!(!stream.begin_read(pos(9), now), "one at a time");
        stream.send(sent(1, IN_FLIGHT));
        stream.end_read();
        assert!(!stream.has_room() && !stream.takes_fresh(pos(2)));
        assert!(!stream.begin_read(pos(9), now));
        let minute = Duration::from_mins(1);
        assert!(!stream.is_stuck(minute, now + Duration::from_secs(59)));
        assert!(stream.is_stuck(minute, now + minute));
        stream.store(pos(1)).unwrap();
        assert!(!stream.is_stuck(minute, now + minute));
        assert!(stream.begin_read(pos(9), now));
    }

    proptest! {
        #[test]
        fn what_is_in_flight_is_what_was_sent_and_not_stored(
            steps in prop::collection::vec((1_usize..100_000, 0_u64..40), 1..100),
        ) {
            let mut stream = Stream::after(Pos::ZERO);
            let mut flying: Vec<Sent> = Vec::new();
            let mut next = 0;
            for (bytes, stored) in steps {
                if stream.has_room() {
                    next += 1;
                    stream.send(sent(next, bytes));
                    flying.push(sent(next, bytes));
                }
                match stream.store(pos(stored)) {
                    Ok(_) => flying.retain(|sent| sent.pos.get() > stored),
                    Err(NeverSent) => prop_assert!(stored > next),
                }
                let bytes: usize = flying.iter().map(|sent| sent.bytes).sum();
                prop_assert_eq!(stream.in_flight, bytes);
                prop_assert!(bytes < IN_FLIGHT + 100_000);
            }
        }
    }
}
