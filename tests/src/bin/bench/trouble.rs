//! What can be wrong with a server that is measured.

use std::error;
use std::fmt;

/// Why there are no figures, where the server is the reason.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Nothing came any more.
    Froze(String),
    /// A line was lost, doubled, changed or out of order.
    Lines(String),
}

impl Trouble {
    /// One word or two about a failure, for a table.
    pub(crate) fn word(error: &anyhow::Error) -> &'static str {
        match error.downcast_ref() {
            Some(Self::Froze(_)) => "froze",
            Some(Self::Lines(_)) => "broke lines",
            None => "failed",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Froze(what) | Self::Lines(what) => f.write_str(what),
        }
    }
}

impl error::Error for Trouble {}
