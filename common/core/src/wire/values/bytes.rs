//! Values of a fixed number of bytes, written as hexadecimal digits.

use std::fmt;
use std::str::FromStr;

use super::string_in_json;
use crate::crypto::{NoRandomness, random, sha256};
use crate::wire::hex::{self, NotHex};

macro_rules! bytes {
    ($(#[$doc:meta])* $type:ident, $length:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type([u8; $length]);

        impl $type {
            /// The value that these bytes are.
            pub const fn from_bytes(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                hex::write(f, &self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($type))
            }
        }

        impl FromStr for $type {
            type Err = NotHex;

            /// Lower-case digits alone, so that equal values are equal texts.
            fn from_str(text: &str) -> Result<Self, NotHex> {
                hex::read(text).map(Self)
            }
        }

        string_in_json!($type, $what);
    };
}

/// A value that is made of random bytes.
macro_rules! random {
    ($type:ident) => {
        impl $type {
            /// A new one, from the system's random bytes.
            ///
            /// # Errors
            /// The system has none.
            pub fn random() -> Result<Self, NoRandomness> {
                random().map(Self)
            }
        }
    };
}

bytes! {
    /// The identity of a message: 128 random bits that its sender chose. The same message sent
    /// again has the same one.
    Cid, 16, "the identity of a message"
}
random!(Cid);

bytes! {
    /// Which history a position belongs to: 128 random bits, new whenever a server begins anew.
    Epoch, 16, "an epoch"
}
random!(Epoch);

bytes! {
    /// Who somebody is: SHA-256 of the DER of a certificate.
    Fingerprint, 32, "the fingerprint of a certificate"
}

impl Fingerprint {
    /// The fingerprint of a certificate in DER, as it comes out of a TLS session.
    pub fn of_der(der: &[u8]) -> Self {
        Self(sha256(&[der]))
    }
}

bytes! {
    /// The running hash over events; [`chain`](crate::wire::chain) tells over what of them.
    Hash, 32, "a hash"
}

bytes! {
    /// What each side adds to the six digits: 256 random bits.
    Nonce, 32, "a nonce"
}
random!(Nonce);
