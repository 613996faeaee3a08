//! Which of our messages is which line; pure.
//!
//! An event does not carry the number of its message. What this session sent is acknowledged with
//! its place before its event comes. What an earlier one sent may come back as an event first, and
//! is known by what it says.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use hallway_core::wire::{Cid, Conv, Seq};
use hallway_widgets::conversation::LineId;

use crate::session::talk::limits::PLACES;

/// A message that is not acknowledged.
#[derive(Debug)]
struct Pending {
    conv: Conv,
    text: Rc<str>,
    line: LineId,
    /// The event that seems to be it.
    came_as: Option<Seq>,
}

/// A message whose place is known.
#[derive(Clone, Copy, Debug)]
struct Placed {
    conv: Conv,
    seq: Seq,
    line: LineId,
    /// How many others have it.
    seen_by: u32,
}

/// Our messages, those that wait and the newest that do not.
#[derive(Debug, Default)]
pub(super) struct Ours {
    /// In the order in which they were written.
    pending: Vec<(Cid, Pending)>,
    placed: VecDeque<Placed>,
    /// Refused ones that may be said again.
    refused: HashMap<LineId, (Conv, Rc<str>)>,
}

impl Ours {
    /// It was written, or said again.
    pub(super) fn said(&mut self, cid: Cid, conv: Conv, text: Rc<str>, line: LineId) {
        let pending = Pending {
            conv,
            text,
            line,
            came_as: None,
        };
        self.pending.push((cid, pending));
    }

    /// The line of a message that is not acknowledged.
    pub(super) fn line(&self, cid: &Cid) -> Option<LineId> {
        self.find(cid).map(|at| self.pending[at].1.line)
    }

    fn find(&self, cid: &Cid) -> Option<usize> {
        self.pending.iter().position(|(other, _)| other == cid)
    }

    /// The server has it, at this place. Its line, where that is not told already.
    pub(super) fn delivered(&mut self, cid: &Cid, seq: Seq) -> Option<LineId> {
        let at = self.find(cid)?;
        let (_, pending) = self.pending.remove(at);
        if pending.came_as.is_some() {
            return None;
        }
        self.place(pending.conv, seq, pending.line);
        Some(pending.line)
    }

    /// It will not arrive. Its line.
    pub(super) fn refused(&mut self, cid: &Cid, can_retry: bool) -> Option<LineId> {
        let at = self.find(cid)?;
        let (_, pending) = self.pending.remove(at);
        if can_retry {
            let kept = (pending.conv, pending.text);
            self.refused.insert(pending.line, kept);
        }
        Some(pending.line)
    }

    /// What a refused line said, and where, to be said again.
    pub(super) fn again(&mut self, line: LineId) -> Option<(Conv, Rc<str>)> {
        self.refused.remove(&line)
    }

    /// An event of ours came. The line that it is already, if it is one.
    pub(super) fn came(&mut self, conv: Conv, seq: Seq, text: &str) -> Option<LineId> {
        let is_it = |placed: &&Placed| (placed.conv, placed.seq) == (conv, seq);
        if let Some(placed) = self.placed.iter().rev().find(is_it) {
            return Some(placed.line);
        }
        let seems = |pending: &&mut Pending| {
            pending.came_as.is_none() && pending.conv == conv && *pending.text == *text
        };
        let mut pending = self.pending.iter_mut().map(|(_, pending)| pending);
        let found = pending.find(seems)?;
        found.came_as = Some(seq);
        let line = found.line;
        self.place(conv, seq, line);
        Some(line)
    }

    /// A line of ours stands at this place.
    pub(super) fn place(&mut self, conv: Conv, seq: Seq, line: LineId) {
        if self.placed.len() >= PLACES {
            self.placed.pop_front();
        }
        self.placed.push_back(Placed {
            conv,
            seq,
            line,
            seen_by: 0,
        });
    }

    /// So many people have a conversation up to there, and so everything before. The lines of ours
    /// of which that is news.
    pub(super) fn seen(&mut self, conv: Conv, seq: Seq, count: u32) -> Vec<LineId> {
        let mut lines = Vec::new();
        let of_it = self.placed.iter_mut().rev();
        for placed in of_it.filter(|placed| placed.conv == conv && placed.seq <= seq) {
            if placed.seen_by >= count {
                break;
            }
            placed.seen_by = count;
            lines.push(placed.line);
        }
        lines
    }

    /// Places are those of another history now.
    pub(super) fn forget_places(&mut self) {
        self.placed.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seq(number: u64) -> Seq {
        Seq::try_from(number).unwrap()
    }

    fn cid(number: u8) -> Cid {
        Cid::from_bytes([number; 16])
    }

    #[test]
    fn an_acknowledged_message_is_its_event() {
        let mut ours = Ours::default();
        ours.said(cid(1), Conv::Room, "hello".into(), LineId(7));
        assert_eq!(ours.line(&cid(1)), Some(LineId(7)));
        assert_eq!(ours.delivered(&cid(1), seq(3)), Some(LineId(7)));
        assert_eq!(ours.came(Conv::Room, seq(3), "hello"), Some(LineId(7)));
        // Another device of the same person says the same.
        assert_eq!(ours.came(Conv::Room, seq(4), "hello"), None);
        assert_eq!(ours.delivered(&cid(1), seq(3)), None);
    }

    #[test]
    fn what_an_earlier_session_sent_is_not_doubled() {
        let mut ours = Ours::default();
        for (number, line) in [(1, 10), (2, 11)] {
            ours.said(cid(number), Conv::Room, "ok".into(), LineId(line));
        }
        // The first had arrived, though nobody was told.
        assert_eq!(ours.came(Conv::Room, seq(5), "ok"), Some(LineId(10)));
        assert_eq!(ours.delivered(&cid(1), seq(5)), None);
        assert_eq!(ours.delivered(&cid(2), seq(6)), Some(LineId(11)));
        assert_eq!(ours.came(Conv::Room, seq(6), "ok"), Some(LineId(11)));
    }

    #[test]
    fn whoever_has_a_message_has_those_before() {
        let mut ours = Ours::default();
        for (number, at) in [(1, 1), (2, 2), (3, 5)] {
            ours.said(cid(number), Conv::Room, "x".into(), LineId(at));
            ours.delivered(&cid(number), seq(at));
        }
        assert_eq!(ours.seen(Conv::Room, seq(4), 2), [LineId(2), LineId(1)]);
        assert_eq!(ours.seen(Conv::Room, seq(5), 2), [LineId(5)]);
        assert_eq!(ours.seen(Conv::Room, seq(5), 2), []);
        assert_eq!(ours.seen(Conv::Room, seq(5), 1), []);
    }

    #[test]
    fn a_refused_message_can_be_said_again_once() {
        let mut ours = Ours::default();
        ours.said(cid(1), Conv::Room, "x".into(), LineId(1));
        assert_eq!(ours.refused(&cid(1), true), Some(LineId(1)));
        assert_eq!(ours.again(LineId(1)), Some((Conv::Room, "x".into())));
        assert_eq!(ours.again(LineId(1)), None);
    }

    #[test]
    fn few_places_are_remembered() {
        let mut ours = Ours::default();
        for number in 1..=2000 {
            ours.place(Conv::Room, seq(number), LineId(number));
        }
        assert_eq!(ours.placed.len(), PLACES);
        assert_eq!(ours.came(Conv::Room, seq(1), "x"), None);
    }
}
