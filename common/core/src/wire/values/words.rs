//! Text in frames, bounded.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::string_in_json;
use crate::crypto::{same, sha256};
use crate::net::address::shown;
use crate::text::cut::{ELLIPSIS, cut};
use crate::text::{Name, is_visible};
use crate::wire::{limits, list};

/// What stands for a NUL where there may be none: the picture that windows show for it too.
const NUL_SHOWN: &str = "\u{2400}";

/// The text of a message, as it was typed: at most [`limits::TEXT`] bytes and no NUL. Anything else
/// may be in it; [`visible_str`](crate::text::visible_str) makes it fit to be shown. A copy costs a
/// reference count.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text(Arc<str>);

/// Why something is not the text of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    /// It is longer than [`limits::TEXT`].
    #[error("a text of {0} bytes; at most {max} are allowed", max = limits::TEXT)]
    TooLong(usize),
    /// It holds a NUL, which ends a text for some programs and not for others.
    #[error("a NUL in a text")]
    Nul,
}

impl Text {
    /// As much of a plain line as fits into a text: a longer one is [`cut()`], and a NUL is shown.
    pub fn fitting(line: &str) -> Self {
        let shown = if memchr::memchr(0, line.as_bytes()).is_some() {
            Cow::Owned(line.replace('\0', NUL_SHOWN))
        } else {
            Cow::Borrowed(line)
        };
        if shown.len() <= limits::TEXT {
            return Self(shown.into());
        }
        Self(cut(&shown, limits::TEXT - ELLIPSIS.len_utf8()).into())
    }
}

impl FromStr for Text {
    type Err = NotText;

    fn from_str(text: &str) -> Result<Self, NotText> {
        if text.len() > limits::TEXT {
            return Err(NotText::TooLong(text.len()));
        }
        if memchr::memchr(0, text.as_bytes()).is_some() {
            return Err(NotText::Nul);
        }
        Ok(Self(text.into()))
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

string_in_json!(Text, "the text of a message");

/// What a server calls somebody: a name, or the address of somebody who has none. At most
/// [`limits::LABEL`] bytes, at least one, each character visible.
///
/// It is not held to all the rules of a [`Name`]: these follow tables that grow every year, and
/// a server may know a newer emoji than its guest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(Arc<str>);

/// Text that nobody can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a label of 1 to {max} visible bytes", max = limits::LABEL)]
pub struct NotLabel;

impl FromStr for Label {
    type Err = NotLabel;

    fn from_str(text: &str) -> Result<Self, NotLabel> {
        if text.is_empty() || text.len() > limits::LABEL || !is_visible(text) {
            return Err(NotLabel);
        }
        Ok(Self(text.into()))
    }
}

impl From<&Name> for Label {
    fn from(name: &Name) -> Self {
        Self(name.as_ref().into())
    }
}

impl From<SocketAddr> for Label {
    fn from(address: SocketAddr) -> Self {
        Self(shown(address).into())
    }
}

impl AsRef<str> for Label {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

string_in_json!(Label, "a name or an address");

/// The password of a room: 1 to [`limits::PASSWORD`] bytes. It is never shown.
#[derive(Clone)]
pub struct Password(Box<str>);

/// Text that is no password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a password of 1 to {max} bytes", max = limits::PASSWORD)]
pub struct NotPassword;

impl FromStr for Password {
    type Err = NotPassword;

    fn from_str(text: &str) -> Result<Self, NotPassword> {
        if text.is_empty() || text.len() > limits::PASSWORD {
            return Err(NotPassword);
        }
        Ok(Self(text.into()))
    }
}

impl PartialEq for Password {
    /// The time that takes tells nothing of where they differ: what is compared are digests.
    fn eq(&self, other: &Self) -> bool {
        same(
            &sha256(&[self.0.as_bytes()]),
            &sha256(&[other.0.as_bytes()]),
        )
    }
}

impl Eq for Password {}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

impl Serialize for Password {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::from_str(deserializer, "a password")
    }
}

/// A word of the protocol: 1 to [`limits::WORD`] lower-case letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(Box<str>);

/// Text that is no word of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a word of 1 to {max} lower-case letters, digits and hyphens", max = limits::WORD)]
pub struct NotWord;

impl FromStr for Word {
    type Err = NotWord;

    fn from_str(text: &str) -> Result<Self, NotWord> {
        let fits = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if text.is_empty() || text.len() > limits::WORD || !text.bytes().all(fits) {
            return Err(NotWord);
        }
        Ok(Self(text.into()))
    }
}

impl AsRef<str> for Word {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Word {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

string_in_json!(Word, "a word of the protocol");

/// What a side can do beyond the first version: at most [`limits::CAPS`] words. Those that the
/// other side does not know mean nothing to it. `e2e` is reserved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Caps(BTreeSet<Word>);

impl Caps {
    /// Whether this is among them.
    pub fn has(&self, word: &str) -> bool {
        self.0.contains(word)
    }
}

impl FromIterator<Word> for Caps {
    /// Takes as many as there may be.
    fn from_iter<I: IntoIterator<Item = Word>>(words: I) -> Self {
        Self(words.into_iter().take(limits::CAPS).collect())
    }
}

impl<'de> Deserialize<'de> for Caps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words: Vec<Word> = list::at_most::<{ limits::CAPS }, _, _>(deserializer)?;
        let count = words.len();
        let words: BTreeSet<Word> = words.into_iter().collect();
        if words.len() < count {
            return Err(D::Error::custom("a capability twice"));
        }
        Ok(Self(words))
    }
}
