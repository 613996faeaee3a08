//! The lock beside a person.

use hallway_words::gettext;

/// How what is said with a person travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// As plain text.
    Open,
    /// Encrypted.
    Closed,
    /// Encrypted, and the six digits were the same.
    Verified,
}

impl Lock {
    pub(crate) fn icon_name(self) -> &'static str {
        match self {
            Self::Open => "changes-allow-symbolic",
            Self::Closed => "changes-prevent-symbolic",
            Self::Verified => "security-high-symbolic",
        }
    }

    /// What it means.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Open => gettext("Plain text: anyone on this network can read it"),
            Self::Closed => gettext("Encrypted"),
            Self::Verified => gettext("Encrypted and verified: you have compared the six digits"),
        }
    }

    /// The same as one word or two.
    pub(crate) fn short(self) -> String {
        match self {
            Self::Open => gettext("plain text"),
            Self::Closed => gettext("encrypted"),
            Self::Verified => gettext("encrypted, verified"),
        }
    }
}
