//! Numbers that every reader of JSON reads exactly.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::wire::limits;

/// A number beyond [`limits::NUMBER`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is more than 2^53 - 1")]
pub struct NotExact(pub u64);

macro_rules! number {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(u64);

        impl $type {
            /// Before the first one.
            pub const ZERO: Self = Self(0);

            /// The highest there is: [`limits::NUMBER`].
            pub const MAX: Self = Self(limits::NUMBER);

            /// The number itself.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The one after it. None after the highest.
            pub fn next(self) -> Option<Self> {
                Self::try_from(self.0 + 1).ok()
            }
        }

        impl TryFrom<u64> for $type {
            type Error = NotExact;

            fn try_from(number: u64) -> Result<Self, NotExact> {
                if number > limits::NUMBER {
                    return Err(NotExact(number));
                }
                Ok(Self(number))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u64(self.0)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                u64::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
            }
        }
    };
}

number! {
    /// The place of an event among all events of a server. The first one is 1.
    Pos
}

number! {
    /// The place of an event in its conversation. The first one is 1.
    Seq
}

number! {
    /// The number of a message among those of one device in one conversation. The first one is 1.
    N
}

number! {
    /// A time by a server's clock: milliseconds since 1970 began in UTC, leap seconds not counted.
    At
}

impl At {
    /// Now, by the clock of this computer: one that is wrong is only wrong.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let ms = since.map_or(0, |since| since.as_millis());
        let ms = u64::try_from(ms).ok();
        ms.and_then(|ms| Self::try_from(ms).ok())
            .unwrap_or(Self::MAX)
    }
}
