//! How much is measured: enough to trust the figures, or enough to see that everything runs.

use std::time::Duration;

/// How long and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// All rounds, in less than ten minutes.
    Full,
    /// One short round, in less than two minutes: whether each part runs and no line is lost.
    Short,
}

impl Effort {
    /// How often everything is measured.
    pub(crate) fn rounds(self) -> usize {
        match self {
            Self::Full => 3,
            Self::Short => 1,
        }
    }

    /// How long the servers and the caches get warm.
    pub(crate) fn warm_up(self) -> Duration {
        Duration::from_millis(match self {
            Self::Full => 200,
            Self::Short => 50,
        })
    }
}
