//! How much is measured: enough to trust the figures, or enough to see that everything runs.

use std::time::Duration;

use crate::peers::Peer;

/// How long a measurement of ours may go without a line until it is lost. A server may wait a
/// second for a reader that has stalled, and a computer under load for longer than that.
const PATIENCE: Duration = Duration::from_secs(30);

/// The same with the others, where a freeze is a result.
const PATIENCE_WITH_OTHERS: Duration = Duration::from_secs(3);

/// Between two who connect to ncat: it lets ten wait to be accepted, and whoever comes then tries
/// again a second later.
const BETWEEN_NCAT: Duration = Duration::from_millis(2);

/// How long and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// All rounds, in less than ten minutes.
    Full,
    /// One short round, in less than two minutes: whether each part runs and no line is lost.
    Short,
}

/// How long one measurement takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// How long the servers and the caches get warm.
    pub(crate) warm_up: Duration,
    pub(crate) time: Duration,
    /// How long nothing may come until the rest counts as lost.
    pub(crate) patience: Duration,
    /// The pause between two who connect.
    pub(crate) between: Duration,
}

impl Effort {
    /// In how many rounds everything is measured.
    pub(crate) fn rounds(self) -> usize {
        match self {
            Self::Full => 7,
            Self::Short => 1,
        }
    }

    /// How often a server is measured; `is_long` where that takes seconds. A machine that does other
    /// things as well is slower and faster by turns: many short looks at the two whose ratio counts
    /// tell more than a few long ones.
    pub(crate) fn rounds_of(self, peer: Peer, is_long: bool) -> usize {
        match self {
            Self::Full if is_long || !peer.must_not_fail() => 3,
            Self::Full | Self::Short => self.rounds(),
        }
    }

    /// How long a measurement takes; `is_long` where something takes a second by itself.
    pub(crate) fn pace(self, peer: Peer, is_long: bool) -> Pace {
        let (warm_up, time) = match (self, is_long) {
            (Self::Full, true) => (200, 2500),
            (Self::Full, false) => (150, 500),
            (Self::Short, true) => (50, 1500),
            (Self::Short, false) => (50, 200),
        };
        Pace {
            warm_up: Duration::from_millis(warm_up),
            time: Duration::from_millis(time),
            patience: if peer.must_not_fail() {
                PATIENCE
            } else {
                PATIENCE_WITH_OTHERS
            },
            between: if peer == Peer::Ncat {
                BETWEEN_NCAT
            } else {
                Duration::ZERO
            },
        }
    }
}
