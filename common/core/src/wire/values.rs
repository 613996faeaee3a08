//! What is in frames. A value is checked when it is read; whoever has one has a good one.

mod between;
mod bytes;
mod conv;
mod number;
mod words;

pub use super::hex::NotHex;
pub use between::{Between, NotBetween};
pub use bytes::{Cid, Epoch, Fingerprint, Hash, Nonce};
pub use conv::{Conv, Cursor, Numbers};
pub use number::{At, N, NotExact, Pos, Seq};
pub use words::{Caps, Label, NotLabel, NotPassword, NotText, NotWord, Password, Text, Word};

use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserializer, Error, Visitor};

/// Reads a string and makes a value of it, without a copy in between.
pub(crate) fn from_str<'de, D, T>(deserializer: D, what: &'static str) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    deserializer.deserialize_str(Reading {
        what,
        made: PhantomData,
    })
}

struct Reading<T> {
    what: &'static str,
    made: PhantomData<T>,
}

impl<T: FromStr<Err: Display>> Visitor<'_> for Reading<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// A type that is a string in JSON: what `Display` writes and `FromStr` reads.
macro_rules! string_in_json {
    ($type:ty, $what:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::wire::values::from_str(deserializer, $what)
            }
        }
    };
}
pub(crate) use string_in_json;

#[cfg(test)]
mod tests;
