//! What a person may be called.
//!
//! ```text
//! raw text → clean (nothing unseen is left) → judge (nothing passes for something else) → Name
//! ```
//!
//! Cleaning comes first, so that a character which is dropped cannot hide what is judged.

mod clean;
mod judge;
mod skeleton;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The longest name in graphemes, which is what people count: more would not fit a list of people.
pub const MAX_GRAPHEMES: usize = 32;

/// The longest name in bytes of UTF-8: it is part of every line that is relayed, and a grapheme
/// alone has no bound.
pub const MAX_BYTES: usize = 64;

/// The most marks on one letter, in canonical decomposition, as recommended by UTS 39, 5.4: more
/// would paint over the lines above and below.
pub const MAX_MARKS: usize = 4;

/// The name of a person, plain or encrypted, or of a server.
///
/// It is in normal form C, has at most [`MAX_GRAPHEMES`] and [`MAX_BYTES`], shows every character
/// it has, and can be mistaken neither for an address nor for the beginning of somebody's line.
/// A copy costs a reference count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

/// Why a text is not a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing that can be seen is in it.
    #[error("nothing is left of the name that can be seen")]
    Empty,
    /// It has more than [`MAX_GRAPHEMES`] or more than [`MAX_BYTES`].
    #[error(
        "the name has {graphemes} characters in {bytes} bytes; \
         at most {MAX_GRAPHEMES} characters in {MAX_BYTES} bytes are allowed"
    )]
    TooLong {
        /// How many graphemes it has after cleaning.
        graphemes: usize,
        /// How many bytes of UTF-8 it has after cleaning.
        bytes: usize,
    },
    /// One of its letters bears more than [`MAX_MARKS`] marks.
    #[error("a letter of the name has {marks} marks; at most {MAX_MARKS} are allowed")]
    TooManyMarks {
        /// How many marks the fullest letter bears.
        marks: usize,
    },
    /// A word of it is an IP address, or any host with a port.
    #[error("“{word}” looks like an address")]
    LooksLikeAddress {
        /// The word, as far as it could be told, in plain letters and digits.
        word: String,
    },
    /// A colon, or what looks like one, ends it or comes before a space: `name: ` begins a line.
    #[error("the name has a colon at its end or before a space")]
    HasColon,
    /// It begins with an asterisk, or what looks like one: `* ` begins an answer of the server.
    #[error("the name begins with an asterisk")]
    StartsWithStar,
    /// It begins with a slash, or what looks like one: `/` begins a command.
    #[error("the name begins with a slash")]
    StartsWithSlash,
}

impl Name {
    /// Makes a name of what somebody typed.
    ///
    /// White space of any kind becomes single spaces between words; controls and whatever else
    /// cannot be seen are dropped. A joiner stays inside an emoji. Parsing a name gives the same
    /// name.
    ///
    /// # Errors
    ///
    /// What is wrong with the cleaned text; a name is refused rather than cut.
    pub fn parse(raw: &str) -> Result<Self, NameError> {
        let name = clean::clean(raw);
        judge::judge(&name)?;
        Ok(Self(name.into()))
    }

    /// The same text for all names that differ only in case or by look-alikes.
    ///
    /// "Ana", "ana" and a name in Cyrillic letters that look like these have one skeleton, so a
    /// room keeps names unique by it. It is a key, not a text for people: joiners are gone from it
    /// and "m" is "rn" (UTS 39, 4, over case-folded normal form KC, repeated until stable).
    ///
    /// Case is folded first, so it cannot see that a capital looks like a capital of another
    /// script where their small letters differ: a Cyrillic "Н" beside "H". [`Name::skeletons`] can.
    pub fn skeleton(&self) -> String {
        skeleton::of_small_letters(self.as_ref())
    }

    /// [`Name::skeleton`], and the skeleton of the name as it is written.
    ///
    /// Two names look alike when any of the one's equals any of the other's. One key for both
    /// would not do: by way of Greek, "N" and "v" would be the same letter.
    pub fn skeletons(&self) -> [String; 2] {
        [self.skeleton(), skeleton::as_written(self.as_ref())]
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(raw: &str) -> Result<Self, NameError> {
        Self::parse(raw)
    }
}

#[cfg(test)]
mod tests;
