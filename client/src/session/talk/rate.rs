//! The rate at which a server takes messages.

use std::time::{Duration, Instant};

/// Lets messages through as often as a server takes them: a burst, and then one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    /// Between two messages. Zero: as many as one likes.
    interval: Duration,
    /// How far ahead of time a burst may be.
    ahead: Duration,
    /// When the next message would be due without a burst.
    due: Instant,
}

impl Rate {
    /// So many a second over time, so many at once. A rate of 0 is none.
    pub(super) fn new(rate: u32, burst: u32, now: Instant) -> Self {
        let interval = Duration::from_secs(1)
            .checked_div(rate)
            .unwrap_or(Duration::ZERO);
        Self {
            interval,
            ahead: interval.saturating_mul(burst.saturating_sub(1)),
            due: now,
        }
    }

    /// When the next message may go; not later than `now` if it may go now.
    pub(super) fn ready_at(&self, now: Instant) -> Instant {
        if self.interval.is_zero() {
            return now;
        }
        self.due.checked_sub(self.ahead).unwrap_or(now)
    }

    /// A message goes.
    pub(super) fn take(&mut self, now: Instant) {
        self.due = self.due.max(now) + self.interval;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_at_once_and_then_one_after_the_other() {
        let start = Instant::now();
        let mut rate = Rate::new(10, 3, start);
        let mut sent = Vec::new();
        for ms in 0..1000 {
            let now = start + Duration::from_millis(ms);
            while rate.ready_at(now) <= now {
                rate.take(now);
                sent.push(ms);
            }
        }
        assert_eq!(sent[..5], [0, 0, 0, 100, 200]);
        assert_eq!(sent.len(), 3 + 9);
    }

    #[test]
    fn no_rate_is_none() {
        let now = Instant::now();
        let mut rate = Rate::new(0, 0, now);
        for _ in 0..1000 {
            assert!(rate.ready_at(now) <= now);
            rate.take(now);
        }
        // A burst of nothing is a message at a time.
        let mut rate = Rate::new(1, 0, now);
        rate.take(now);
        assert_eq!(rate.ready_at(now), now + Duration::from_secs(1));
    }
}
