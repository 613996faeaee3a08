//! Conversations, seen from nowhere.

use std::fmt;
use std::str::FromStr;

use super::{Conv, Fingerprint};

/// Between whom something is said. Where [`Conv`] is one reader's view of it, this is the same for
/// everybody. Written as `room`, or as two identities with `-` between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Between {
    /// Everyone.
    Room,
    /// Two people, the lower identity first: [`Between::two`] sees to that.
    Two(Fingerprint, Fingerprint),
}

/// A text that names no conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not \"room\" or two identities in their order")]
pub struct NotBetween;

impl Between {
    /// Between these two, in any order.
    pub fn two(one: Fingerprint, other: Fingerprint) -> Self {
        Self::Two(one.min(other), one.max(other))
    }

    /// The conversation that `reader` calls `conv`.
    pub fn of(conv: Conv, reader: Fingerprint) -> Self {
        match conv {
            Conv::Room => Self::Room,
            Conv::With(other) => Self::two(reader, other),
        }
    }

    /// What `reader` calls it. None for one that is between others.
    pub fn seen_by(&self, reader: &Fingerprint) -> Option<Conv> {
        match self {
            Self::Room => Some(Conv::Room),
            Self::Two(one, other) if one == reader => Some(Conv::With(*other)),
            Self::Two(one, other) if other == reader => Some(Conv::With(*one)),
            Self::Two(..) => None,
        }
    }
}

impl fmt::Display for Between {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room => Conv::Room.fmt(f),
            Self::Two(one, other) => write!(f, "{one}-{other}"),
        }
    }
}

impl FromStr for Between {
    type Err = NotBetween;

    /// Reads only what is written that way, so one conversation has one name.
    fn from_str(text: &str) -> Result<Self, NotBetween> {
        if let Some((one, other)) = text.split_once('-') {
            let one: Fingerprint = one.parse().map_err(|_| NotBetween)?;
            let other = other.parse().map_err(|_| NotBetween)?;
            return if one <= other {
                Ok(Self::Two(one, other))
            } else {
                Err(NotBetween)
            };
        }
        match text.parse() {
            Ok(Conv::Room) => Ok(Self::Room),
            _ => Err(NotBetween),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(byte: u8) -> Fingerprint {
        Fingerprint::from_bytes([byte; 32])
    }

    #[test]
    fn a_conversation_of_two_is_the_same_from_both_ends() {
        let between = Between::two(id(2), id(1));
        assert_eq!(between, Between::two(id(1), id(2)));
        assert_eq!(between.seen_by(&id(1)), Some(Conv::With(id(2))));
        assert_eq!(between.seen_by(&id(2)), Some(Conv::With(id(1))));
        assert_eq!(between.seen_by(&id(3)), None);
        assert_eq!(Between::Room.seen_by(&id(3)), Some(Conv::Room));
    }

    proptest! {
        #[test]
        fn what_one_of_them_sees_leads_back(one: [u8; 32], other: [u8; 32], is_room: bool) {
            let (one, other) = (Fingerprint::from_bytes(one), Fingerprint::from_bytes(other));
            let between = if is_room { Between::Room } else { Between::two(one, other) };
            for reader in [one, other] {
                let conv = between.seen_by(&reader).expect("it is theirs");
                prop_assert_eq!(Between::of(conv, reader), between);
            }
        }

        #[test]
        fn what_is_written_is_read_again(one: [u8; 32], other: [u8; 32]) {
            let between =
                Between::two(Fingerprint::from_bytes(one), Fingerprint::from_bytes(other));
            prop_assert_eq!(between.to_string().parse(), Ok(between));
            prop_assert_eq!("room".parse(), Ok(Between::Room));
        }

        #[test]
        fn one_conversation_has_one_name(
            text in "room|[0-9a-f]{64}|[0-9a-fA-F]{64}-[0-9a-f]{64}|.{0,140}",
        ) {
            if let Ok(between) = text.parse::<Between>() {
                prop_assert_eq!(between.to_string(), text);
            }
        }
    }
}
