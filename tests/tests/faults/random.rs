//! Choices that can be made again.

use std::env;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `SplitMix64`, which needs no more than this.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// From `HALLWAY_SEED`, or another one each time. It is printed.
    pub(crate) fn new(test: &str) -> Self {
        let given = env::var("HALLWAY_SEED").ok();
        let seed = given.map_or_else(now, |seed| seed.parse().expect("HALLWAY_SEED is a number"));
        eprintln!("{test}: HALLWAY_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// At most so many milliseconds, to the microsecond.
    pub(crate) fn up_to(&mut self, milliseconds: u64) -> Duration {
        Duration::from_micros(self.below(milliseconds * 1000 + 1))
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(1, |since| since.as_secs() ^ u64::from(since.subsec_nanos()))
}
