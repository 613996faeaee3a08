//! Conversations, and how far somebody is in them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Epoch, Fingerprint, Hash, N, NotHex, Pos, string_in_json};
use crate::wire::limits;

/// What the room is called where an identity may stand.
const ROOM: &str = "room";

/// A conversation, as one of its people sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Conv {
    /// Everyone.
    Room,
    /// With one other person: each of the two names the other.
    With(Fingerprint),
}

impl fmt::Display for Conv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room => f.write_str(ROOM),
            Self::With(other) => other.fmt(f),
        }
    }
}

impl FromStr for Conv {
    type Err = NotHex;

    fn from_str(text: &str) -> Result<Self, NotHex> {
        if text == ROOM {
            return Ok(Self::Room);
        }
        text.parse().map(Self::With)
    }
}

string_in_json!(Conv, "\"room\" or an identity");

/// How far somebody has read, and what proves that it was this history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cursor {
    /// The history.
    pub epoch: Epoch,
    /// The last event that is stored here.
    pub pos: Pos,
    /// The running hash with that event.
    pub hash: Hash,
}

/// The number of the last accepted message in each conversation; in others it is 0. At most
/// [`limits::CONVERSATIONS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers(BTreeMap<Conv, N>);

impl Numbers {
    /// Takes those that there may be: the lowest by their conversations' order.
    pub fn new(numbers: impl IntoIterator<Item = (Conv, N)>) -> Self {
        let all: BTreeMap<_, _> = numbers.into_iter().collect();
        Self(all.into_iter().take(limits::CONVERSATIONS).collect())
    }

    /// The last accepted number in a conversation.
    pub fn get(&self, conv: &Conv) -> N {
        self.0.get(conv).copied().unwrap_or_default()
    }

    /// All that are told, in the order of their conversations.
    pub fn iter(&self) -> impl Iterator<Item = (&Conv, N)> {
        self.0.iter().map(|(conv, &n)| (conv, n))
    }
}

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.0)
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReadingNumbers)
    }
}

struct ReadingNumbers;

impl<'de> Visitor<'de> for ReadingNumbers {
    type Value = Numbers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers of conversations")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Numbers, A::Error> {
        let mut numbers = BTreeMap::new();
        while let Some((conv, n)) = map.next_entry()? {
            if numbers.len() == limits::CONVERSATIONS {
                return Err(A::Error::custom("too many conversations"));
            }
            if numbers.insert(conv, n).is_some() {
                return Err(A::Error::custom("a conversation twice"));
            }
        }
        Ok(Numbers(numbers))
    }
}
