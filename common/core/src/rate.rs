//! So much in a time; pure.

use std::time::{Duration, Instant};

/// What is taken is paid back over time: at most `at_once` is owed.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    /// How long it takes to pay one back; nothing where there is no limit.
    each: Duration,
    at_once: u32,
    /// When nothing is owed any more.
    paid_at: Instant,
}

impl Bucket {
    /// So many in a second over time, and at once; any number of them where `rate` is 0.
    pub fn new(rate: u32, at_once: u32, now: Instant) -> Self {
        Self {
            each: Duration::from_secs(1).checked_div(rate).unwrap_or_default(),
            at_once: at_once.max(1),
            paid_at: now,
        }
    }

    /// Takes some, whether they are there or not. No more is owed than what may be taken at once.
    pub fn take(&mut self, count: u32, now: Instant) {
        let most = now + self.each * self.at_once;
        let taken = self.paid_at.max(now) + self.each * count.min(self.at_once);
        self.paid_at = taken.min(most);
    }

    /// When one is there; not later than `now` if one is.
    pub fn ready_at(&self, now: Instant) -> Instant {
        let ahead = self.each * (self.at_once - 1);
        self.paid_at.checked_sub(ahead).unwrap_or(now)
    }

    /// How many are there.
    pub fn left(&self, now: Instant) -> u32 {
        if self.each.is_zero() {
            return u32::MAX;
        }
        let owed = self.paid_at.saturating_duration_since(now);
        let owed = owed.as_nanos().div_ceil(self.each.as_nanos());
        let owed = u32::try_from(owed).unwrap_or(u32::MAX);
        self.at_once.saturating_sub(owed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_burst_and_then_one_after_the_other() {
        let now = Instant::now();
        let mut bucket = Bucket::new(10, 3, now);
        assert_eq!(bucket.left(now), 3);
        for left in [2, 1, 0, 0] {
            bucket.take(1, now);
            assert_eq!(bucket.left(now), left);
        }
        assert_eq!(bucket.left(now + Duration::from_millis(99)), 0);
        assert_eq!(bucket.left(now + Duration::from_millis(100)), 1);
        assert_eq!(bucket.left(now + Duration::from_hours(1)), 3);
        assert_eq!(bucket.ready_at(now), now + Duration::from_millis(100));
        let mut free = Bucket::new(0, 3, now);
        free.take(u32::MAX, now);
        assert_eq!(free.left(now), u32::MAX);
        assert!(free.ready_at(now) <= now);
    }

    proptest! {
        #[test]
        fn no_more_is_taken_than_may_be(steps in prop::collection::vec(0_u64..400, 1..200)) {
            let start = Instant::now();
            let (rate, at_once) = (10, 5);
            let mut bucket = Bucket::new(rate, at_once, start);
            let (mut now, mut taken) = (start, 0_u128);
            for step in steps {
                now += Duration::from_millis(step);
                if bucket.left(now) > 0 {
                    bucket.take(1, now);
                    taken += 1;
                }
                let allowed = u128::from(at_once)
                    + now.duration_since(start).as_millis() * u128::from(rate) / 1000;
                prop_assert!(taken <= allowed);
            }
        }
    }
}
