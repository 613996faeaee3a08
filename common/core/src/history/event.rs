//! What is kept, and where it belongs.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use super::chain::Hash;
use super::error::Error;
use super::limits;

/// SHA-256 of a certificate's DER: who a device or a server is.
pub type Fingerprint = [u8; 32];

/// What tells one history of a server from another: random, made with the database.
pub type Epoch = [u8; 16];

/// What tells one message of a device from another: random, made with the message.
pub type Cid = [u8; 16];

/// Where something is said. Written as `room`, or as two fingerprints in hex with `-` between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Conversation {
    /// Where everyone is.
    Room,
    /// Between two, the smaller fingerprint first.
    Direct(Fingerprint, Fingerprint),
}

impl Conversation {
    /// Between these two.
    pub fn direct(one: Fingerprint, other: Fingerprint) -> Self {
        Self::Direct(one.min(other), one.max(other))
    }

    /// Whether `reader` may read it.
    pub fn includes(&self, reader: &Fingerprint) -> bool {
        match self {
            Self::Room => true,
            Self::Direct(one, other) => one == reader || other == reader,
        }
    }
}

impl fmt::Display for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room => f.write_str("room"),
            Self::Direct(one, other) => write!(f, "{}-{}", hex(one), hex(other)),
        }
    }
}

/// A text that names no conversation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a conversation")]
pub struct NotAConversation;

impl FromStr for Conversation {
    type Err = NotAConversation;

    /// Reads only what is written that way, so one conversation has one name.
    fn from_str(text: &str) -> Result<Self, NotAConversation> {
        if text == "room" {
            return Ok(Self::Room);
        }
        let (one, other) = text.split_once('-').ok_or(NotAConversation)?;
        let (Some(one), Some(other)) = (unhex(one), unhex(other)) else {
            return Err(NotAConversation);
        };
        if one > other {
            return Err(NotAConversation);
        }
        Ok(Self::Direct(one, other))
    }
}

/// Something that a server keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number among all of the server's, from 1.
    pub pos: u64,
    /// Its number in its conversation, from 1.
    pub seq: u64,
    /// Where it belongs.
    pub conversation: Conversation,
    /// The device that sent it. None for plain peers and for the server itself.
    pub sender: Option<Fingerprint>,
    /// The name that its sender had then.
    pub name: String,
    /// What it is, in a word of the protocol.
    pub kind: String,
    /// What was said.
    pub text: String,
    /// When the server took it: milliseconds since 1970, by the server's clock.
    pub at: i64,
    /// The [running hash](super::chain) up to here.
    pub hash: Hash,
}

/// Bytes as hex, in small letters.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all that is written");
        text
    })
}

/// The reverse of [`hex`]; capital letters are no hex here.
pub(super) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

/// Refuses what is longer than is kept.
pub(super) fn check_lengths(name: &str, kind: &str, text: &str) -> Result<(), Error> {
    let fields = [
        (name, limits::NAME),
        (kind, limits::KIND),
        (text, limits::TEXT),
    ];
    match fields.iter().find(|(field, limit)| field.len() > *limit) {
        Some((_, limit)) => Err(Error::TooLong { limit: *limit }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_direct_conversation_is_the_same_from_both_ends() {
        let conversation = Conversation::direct([2; 32], [1; 32]);
        assert_eq!(conversation, Conversation::direct([1; 32], [2; 32]));
        assert!(conversation.includes(&[1; 32]) && conversation.includes(&[2; 32]));
        assert!(!conversation.includes(&[3; 32]));
        assert!(Conversation::Room.includes(&[3; 32]));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(one: [u8; 32], other: [u8; 32]) {
            let conversation = Conversation::direct(one, other);
            prop_assert_eq!(conversation.to_string().parse(), Ok(conversation));
        }

        #[test]
        fn one_conversation_has_one_name(text in "room|[0-9a-fA-F]{64}-[0-9a-f]{64}|.{0,140}") {
            if let Ok(conversation) = text.parse::<Conversation>() {
                prop_assert_eq!(conversation.to_string(), text);
            }
        }
    }
}
