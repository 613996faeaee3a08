//! Messages from the moment they are said until they are acknowledged; pure.
//!
//! ```text
//! push → waiting → given (to the connection) → acknowledged: forgotten
//!           ↑        ├ not begun when the connection ended: back to the front
//!           └ retry ─ doubtful: begun and not acknowledged
//! ```

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::message::{MessageId, MessageState, Unsent};
use hallway_core::net::limits;

/// Bytes of unsent messages that are kept, endings included. Whoever is offline can type for
/// years; a paste of a whole disk is refused.
pub const OUTBOX_BYTES: usize = 16 * 1024 * 1024;

/// Unsent messages that are kept. Each costs some 100 bytes besides its text.
pub const OUTBOX_MESSAGES: usize = 200_000;

/// Why a text was not taken. Nothing of it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Too much is unsent already.
    #[error("{messages} messages with {bytes} bytes are unsent")]
    OutboxFull {
        /// Messages that are unsent.
        messages: usize,
        /// Their bytes.
        bytes: usize,
    },
    /// One line is longer than any server takes.
    #[error("a line of {length} bytes, where {} is the most", limits::LINE_HIGHEST)]
    LineTooLong {
        /// The bytes of that line.
        length: usize,
    },
}

/// What a line that we send ends in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, glib::Enum)]
#[enum_type(name = "HallwayLineEnding")]
pub enum LineEnding {
    /// LF, as everything takes it.
    #[default]
    Lf,
    /// CR LF, for peers that insist on it.
    CrLf,
}

impl LineEnding {
    fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
        }
    }
}

/// A change to tell.
pub(super) type Change = (MessageId, MessageState);

#[derive(Debug)]
struct Message {
    id: MessageId,
    /// With its ending, as it goes over the wire.
    bytes: Rc<[u8]>,
}

/// A message in the connection's queue or beyond, with its place among the connection's bytes.
#[derive(Debug)]
struct Given {
    message: Message,
    start: u64,
    end: u64,
}

#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<Message>,
    given: VecDeque<Given>,
    /// How many of `given`, from the front, are on the way.
    under_way: usize,
    doubtful: BTreeMap<MessageId, Message>,
    next: u64,
    bytes: usize,
}

impl Outbox {
    /// Takes a text: one message a line.
    pub(super) fn push(
        &mut self,
        text: &str,
        ending: LineEnding,
    ) -> Result<Vec<MessageId>, SendError> {
        let ending = ending.as_bytes();
        let (mut messages, mut bytes) = (self.len(), self.bytes);
        for line in lines(text) {
            if line.len() > limits::LINE_HIGHEST {
                let length = line.len();
                return Err(SendError::LineTooLong { length });
            }
            messages += 1;
            bytes += line.len() + ending.len();
        }
        if messages > OUTBOX_MESSAGES || bytes > OUTBOX_BYTES {
            return Err(SendError::OutboxFull {
                messages: self.len(),
                bytes: self.bytes,
            });
        }
        self.bytes = bytes;
        let mut ids = Vec::with_capacity(messages - self.len());
        for line in lines(text) {
            let id = MessageId(self.next);
            self.next += 1;
            let bytes = [line.as_bytes(), ending].concat().into();
            self.waiting.push_back(Message { id, bytes });
            ids.push(id);
        }
        Ok(ids)
    }

    /// The bytes of the message that should go next.
    pub(super) fn next(&self) -> Option<Rc<[u8]>> {
        let message = self.waiting.front()?;
        Some(Rc::clone(&message.bytes))
    }

    /// What [`next`](Self::next) told is in the connection's queue, up to the position `end`.
    pub(super) fn give(&mut self, end: u64) {
        if let Some(message) = self.waiting.pop_front() {
            let start = end.saturating_sub(message.bytes.len() as u64);
            self.given.push_back(Given {
                message,
                start,
                end,
            });
        }
    }

    /// The system has taken bytes up to the position `written`, the peer's has acknowledged them
    /// up to `acknowledged`.
    pub(super) fn settle(&mut self, written: u64, acknowledged: u64) -> Vec<Change> {
        let mut changes = Vec::new();
        while let Some(given) = self.given.get(self.under_way)
            && given.start < written
        {
            changes.push((given.message.id, MessageState::OnTheWay));
            self.under_way += 1;
        }
        while self.given.front().is_some_and(|g| g.end <= acknowledged)
            && let Some(given) = self.given.pop_front()
        {
            self.under_way = self.under_way.saturating_sub(1);
            self.bytes -= given.message.bytes.len();
            changes.push((given.message.id, MessageState::Sent));
        }
        changes
    }

    /// The connection is over, and these are its last positions.
    pub(super) fn lose(&mut self, written: u64, acknowledged: u64) -> Vec<Change> {
        let mut changes = self.settle(written, acknowledged);
        for given in self.given.drain(..self.under_way) {
            let id = given.message.id;
            self.doubtful.insert(id, given.message);
            changes.push((id, MessageState::PerhapsNotReceived));
        }
        self.under_way = 0;
        while let Some(given) = self.given.pop_back() {
            self.waiting.push_front(given.message);
        }
        changes
    }

    /// Queues a doubtful message again, after all others.
    pub(super) fn retry(&mut self, id: MessageId) -> bool {
        let message = self.doubtful.remove(&id);
        let found = message.is_some();
        self.waiting.extend(message);
        found
    }

    /// Takes back a message that the connection does not have.
    pub(super) fn discard(&mut self, id: MessageId) -> bool {
        let message = self.doubtful.remove(&id).or_else(|| {
            let at = self.waiting.iter().position(|message| message.id == id)?;
            self.waiting.remove(at)
        });
        let Some(message) = message else {
            return false;
        };
        self.bytes -= message.bytes.len();
        true
    }

    /// How many messages there are.
    pub(super) fn len(&self) -> usize {
        self.waiting.len() + self.given.len() + self.doubtful.len()
    }

    /// All messages: the doubtful ones, then the others in the order in which they go.
    pub(super) fn unsent(&self) -> Vec<Unsent> {
        let doubtful = self.doubtful.values();
        let doubtful = doubtful.map(|message| (message, MessageState::PerhapsNotReceived));
        let given = self.given.iter().enumerate().map(|(at, given)| {
            let on_the_way = at < self.under_way;
            let state = if on_the_way {
                MessageState::OnTheWay
            } else {
                MessageState::Queued
            };
            (&given.message, state)
        });
        let waiting = self.waiting.iter();
        let waiting = waiting.map(|message| (message, MessageState::Queued));
        let all = doubtful.chain(given).chain(waiting);
        all.map(|(message, state)| Unsent {
            id: message.id,
            text: typed(&message.bytes),
            state,
        })
        .collect()
    }
}

/// The lines of a text, each of which is a message; CR LF, LF and CR end one. One at the very end
/// ends the last line, so a text that is only copied with its line end is one message.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        rest = after
            .strip_prefix("\r\n")
            .or_else(|| after.strip_prefix(['\r', '\n']))
            .unwrap_or(after);
        Some(line)
    })
}

/// A message as it was typed: lines hold no CR and no LF, endings nothing else.
fn typed(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim_end_matches(['\r', '\n']).to_owned()
}

#[cfg(test)]
mod tests;
