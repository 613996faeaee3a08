//! Points at which a program kills itself, and faults that a checker of what it kept must find: for
//! tests, and only with the feature `faults`. Without it nothing here does anything.
//!
//! With it two variables of the environment count. `HALLWAY_KILL_AT` is the name of a [`Point`] and how
//! often it is passed: `after-commit 3` kills the process the third time that it gets there, as
//! `kill -9` does. `HALLWAY_FAULT` is the name of a `Fault`.

/// A point where a kill could do harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// `before-commit`: something was written, and is not on the disk.
    BeforeCommit,
    /// `after-commit`: it is on the disk, and nobody was told so.
    AfterCommit,
    /// `before-acknowledgement`: of a server, before it sends one; of a client, before it stores one.
    BeforeAcknowledgement,
    /// `after-acknowledgement`.
    AfterAcknowledgement,
    /// `before-cursor`: a client has stored an event, and its cursor is where it was.
    BeforeCursor,
    /// `after-cursor`: the cursor is moved as well; all of that is one transaction, still open.
    AfterCursor,
}

/// Something done wrongly on purpose.
#[cfg(feature = "faults")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `acknowledge-first`: who wrote is told before the commit.
    AcknowledgeFirst,
    /// `no-unique`: a server knows no message again by its `cid`, and its table has no key of them.
    NoUnique,
    /// `cursor-apart`: a client's cursor is moved in a transaction before that of the events.
    CursorApart,
}

/// A point is passed.
#[cfg(not(feature = "faults"))]
#[inline]
pub fn reach(_point: Point) {}

#[cfg(feature = "faults")]
pub use switched_on::{WINDOW, is_on, reach};

#[cfg(feature = "faults")]
mod switched_on {
    use std::env;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use rustix::process::{Signal, getpid, kill_process};

    use super::{Fault, Point};

    /// Between what must be one and is done in two steps: an answer gets across meanwhile.
    pub const WINDOW: Duration = Duration::from_millis(150);

    /// Where to end, and how often it is passed.
    static KILL_AT: LazyLock<Option<(String, u64)>> = LazyLock::new(|| {
        let wanted = env::var("HALLWAY_KILL_AT").ok()?;
        let (point, count) = wanted.split_once(' ')?;
        Some((point.to_owned(), count.parse().ok()?))
    });

    static FAULT: LazyLock<Option<String>> = LazyLock::new(|| env::var("HALLWAY_FAULT").ok());

    static PASSED: AtomicU64 = AtomicU64::new(0);

    /// A point is passed: perhaps the last one.
    pub fn reach(point: Point) {
        let Some((wanted, count)) = &*KILL_AT else {
            return;
        };
        if wanted == point.name() && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == *count {
            // The signal is there when the call returns, or the process is not.
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }

    /// Whether this is done wrongly.
    pub fn is_on(fault: Fault) -> bool {
        FAULT.as_deref() == Some(fault.name())
    }

    impl Point {
        fn name(self) -> &'static str {
            match self {
                Self::BeforeCommit => "before-commit",
                Self::AfterCommit => "after-commit",
                Self::BeforeAcknowledgement => "before-acknowledgement",
                Self::AfterAcknowledgement => "after-acknowledgement",
                Self::BeforeCursor => "before-cursor",
                Self::AfterCursor => "after-cursor",
            }
        }
    }

    impl Fault {
        fn name(self) -> &'static str {
            match self {
                Self::AcknowledgeFirst => "acknowledge-first",
                Self::NoUnique => "no-unique",
                Self::CursorApart => "cursor-apart",
            }
        }
    }
}
