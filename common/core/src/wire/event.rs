//! What is kept.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::limits;
use super::list::at_most;
use super::people::Person;
use super::values::{At, Conv, Hash, NotWord, Pos, Seq, Text, Word, string_in_json};

/// What an event is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Somebody said something.
    Text,
    /// The server tells what is missing here: lines that were not kept.
    Mark,
    /// One that a newer version knows. It is kept, for it has its place in the order.
    Other(Word),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.pad("text"),
            Self::Mark => f.pad("mark"),
            Self::Other(word) => word.fmt(f),
        }
    }
}

impl FromStr for Kind {
    type Err = NotWord;

    fn from_str(text: &str) -> Result<Self, NotWord> {
        match text {
            "text" => Ok(Self::Text),
            "mark" => Ok(Self::Mark),
            _ => text.parse().map(Self::Other),
        }
    }
}

string_in_json!(Kind, "the kind of an event");

/// Something that is kept, as one of its readers is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place among all events.
    pub pos: Pos,
    /// Its place in its conversation.
    pub seq: Seq,
    /// Its conversation, as this reader sees it.
    pub conv: Conv,
    /// Whose it is, and what they were called then. A host is the server's own identity.
    pub from: Person,
    /// What it is.
    pub kind: Kind,
    /// What was said; of a plain line, as much as fits.
    pub text: Text,
    /// When, by the server's clock.
    pub at: At,
    /// The running hash with this event, from the server. Readers keep it and do not reckon it:
    /// events that others alone may read are in it.
    pub hash: Hash,
}

/// Older events of one conversation, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Past {
    /// The conversation.
    pub conv: Conv,
    /// At most [`limits::HISTORY`], and no more than fit into a frame.
    pub events: Vec<Event>,
    /// There are still older ones.
    pub more: bool,
    /// Some that stood before these were removed.
    pub gap: bool,
}

/// Bytes of a frame that holds no event, at most: the names of its fields and an identity.
const PAST_DRESS: usize = 256;

impl Past {
    /// The newest of these events that one frame holds; `more` is true as well where others had to
    /// be left out. They are given from the newest to the oldest, and no more of them is taken
    /// than is needed.
    pub fn fitting(
        conv: Conv,
        newest_first: impl IntoIterator<Item = Event>,
        more: bool,
        gap: bool,
    ) -> Self {
        let mut events = VecDeque::new();
        let mut room = limits::FRAME - PAST_DRESS;
        let mut is_cut = false;
        for event in newest_first {
            let size = serde_json::to_vec(&event).map_or(usize::MAX, |json| json.len());
            if events.len() == limits::HISTORY || size >= room {
                is_cut = true;
                break;
            }
            room -= size + 1;
            events.push_front(event);
        }
        Self {
            conv,
            events: events.into(),
            more: more || is_cut,
            // What was removed stands before the events that were left out.
            gap: gap && !is_cut,
        }
    }

    /// Whether all is of this conversation and in order.
    fn is_sound(&self) -> bool {
        let rises = |pair: &[Event]| pair[0].seq < pair[1].seq && pair[0].pos < pair[1].pos;
        self.events.iter().all(|event| event.conv == self.conv) && self.events.windows(2).all(rises)
    }
}

#[derive(Deserialize)]
struct Fields {
    conv: Conv,
    #[serde(deserialize_with = "at_most::<{ limits::HISTORY }, _, _>")]
    events: Vec<Event>,
    more: bool,
    gap: bool,
}

impl<'de> Deserialize<'de> for Past {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Fields::deserialize(deserializer)?;
        let past = Self {
            conv: fields.conv,
            events: fields.events,
            more: fields.more,
            gap: fields.gap,
        };
        if !past.is_sound() {
            return Err(D::Error::custom(
                "events out of order, or of another conversation",
            ));
        }
        Ok(past)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Frame, encode};

    fn event(seq: u64, text: &str) -> Event {
        Event {
            pos: Pos::try_from(2 * seq).unwrap(),
            seq: Seq::try_from(seq).unwrap(),
            conv: Conv::Room,
            from: Person {
                id: None,
                name: "Ana".parse().unwrap(),
            },
            kind: Kind::Text,
            text: text.parse().unwrap(),
            at: At::MAX,
            hash: Hash::from_bytes([255; 32]),
        }
    }

    #[test]
    fn a_page_holds_the_newest_that_fit() {
        for (text, expected) in [
            ("x".to_owned(), limits::HISTORY),
            ("x".repeat(limits::TEXT), 15),
            ("\u{1}".repeat(limits::TEXT), 2),
        ] {
            let newest_first = (1..=500).rev().map(|seq| event(seq, &text));
            let past = Past::fitting(Conv::Room, newest_first, false, true);
            assert_eq!(past.events.len(), expected);
            assert!(past.is_sound() && past.more && !past.gap);
            assert_eq!(past.events.last().map(|event| event.seq.get()), Some(500));
            assert!(encode(&Frame::Past(past)).is_ok());
        }
    }

    #[test]
    fn a_page_with_room_to_spare_is_whole() {
        let past = Past::fitting(Conv::Room, [event(2, "b"), event(1, "a")], false, true);
        assert_eq!(past.events, [event(1, "a"), event(2, "b")]);
        assert!(!past.more && past.gap);
    }
}
