//! Waiting with a deadline.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take that should take milliseconds: the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// How long nothing must come to count as silence.
pub const SILENCE: Duration = Duration::from_millis(300);

const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// Looks again and again until there is something; panics when the deadline passes.
#[track_caller]
pub fn until<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            Instant::now() < deadline,
            "{patience:?} went by without {what}"
        );
        thread::sleep(BETWEEN_LOOKS);
    }
}
