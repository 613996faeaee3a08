//! What is wrong with a frame, and what a peer is told of what is wrong.

use std::fmt;
use std::str::FromStr;

use super::limits;
use super::values::{NotText, NotWord, Word, string_in_json};
use crate::text::{NameError, cut, visible_str};

/// Why a line is no frame that may be acted on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// It is longer than [`limits::FRAME`].
    #[error("a frame of {0} bytes; at most {max} are allowed", max = limits::FRAME)]
    TooLong(usize),
    /// It is not UTF-8.
    #[error("a frame that is not UTF-8")]
    NotUtf8,
    /// It is not the JSON that such a frame is, or a value in it is out of its bounds.
    #[error("a bad frame: {reason}")]
    Malformed {
        /// What the reader of JSON said: short and safe to show, for logs.
        reason: String,
    },
    /// It asks for what this version cannot do, and may not be ignored.
    #[error("a frame of the unknown kind {kind}, which must not be ignored")]
    Unknown {
        /// Its type: short and safe to show, for logs.
        kind: String,
    },
    /// The other side alone sends such frames.
    #[error("a frame that the other side sends")]
    WrongSide,
    /// The text of a message.
    #[error(transparent)]
    Text(#[from] NotText),
    /// A message without a text.
    #[error("a message without a text")]
    NoText,
    /// The name in a hello or a rename.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl FrameError {
    pub(super) fn malformed(reason: &impl fmt::Display) -> Self {
        let reason = quoted(&reason.to_string());
        Self::Malformed { reason }
    }

    pub(super) fn unknown(kind: &str) -> Self {
        let kind = quoted(kind);
        Self::Unknown { kind }
    }

    /// What the peer is told.
    pub fn code(&self) -> Code {
        match self {
            Self::TooLong(_) | Self::Text(NotText::TooLong(_)) => Code::TooLong,
            Self::Unknown { .. } => Code::Version,
            _ => Code::BadFrame,
        }
    }
}

/// What a peer sent, short and safe to show.
fn quoted(text: &str) -> String {
    cut(&visible_str(&cut(text, limits::REASON)), limits::REASON).into_owned()
}

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $word:literal,)*) => {
        /// Why something was refused, or the conversation ended.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $code,)*
            /// One that a newer version knows.
            Other(Word),
        }

        impl Code {
            /// All that this version knows.
            pub const KNOWN: &[Self] = &[$(Self::$code),*];
        }

        impl fmt::Display for Code {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$code => f.pad($word),)*
                    Self::Other(word) => word.fmt(f),
                }
            }
        }

        impl FromStr for Code {
            type Err = NotWord;

            fn from_str(text: &str) -> Result<Self, NotWord> {
                match text {
                    $($word => Ok(Self::$code),)*
                    _ => text.parse().map(Self::Other),
                }
            }
        }
    };
}

codes! {
    /// A line that is no frame.
    BadFrame = "bad-frame",
    /// A frame or a text beyond its limit.
    TooLong = "too-long",
    /// More messages than are taken in this time.
    Rate = "rate",
    /// What was sent to it was not read.
    SlowConsumer = "slow-consumer",
    /// The other side needs what this version cannot do.
    Version = "version",
    /// Not let in, or not allowed.
    Unauthorized = "unauthorized",
    /// The room has a password: none was given, or another one.
    Password = "password",
    /// Another connection of the same identity took over.
    Superseded = "superseded",
    /// A message's number is not the one after the last.
    OutOfOrder = "out-of-order",
    /// The identity of a message is another message's.
    BadCid = "bad-cid",
    /// A cursor beyond the end of the history.
    CursorAhead = "cursor-ahead",
    /// Not accepted, since it could not be kept; it stays with its sender.
    DiskFull = "disk-full",
    /// As many as there may be; later perhaps.
    Busy = "busy",
    /// Somebody is called that, or something that looks like it.
    NameTaken = "name-taken",
    /// There is no such person or conversation.
    NotFound = "not-found",
    /// A fault of the one who tells it.
    Internal = "internal",
}

string_in_json!(Code, "an error code");
