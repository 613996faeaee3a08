//! Millions of durations in little memory, to 3 %.

use std::time::Duration;

/// Steps between a power of two and the next, as a power of two itself.
const STEPS_LOG: u32 = 5;
const STEPS: u64 = 1 << STEPS_LOG;

/// How often durations came, by nanoseconds in steps that grow with them.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    counts: Vec<u32>,
    total: u32,
    longest: Duration,
}

impl Histogram {
    pub(crate) fn add(&mut self, duration: Duration) {
        let place = place(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
        if place >= self.counts.len() {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] += 1;
        self.total += 1;
        self.longest = self.longest.max(duration);
    }

    /// The duration that `percent` of all do not exceed; none where there are none.
    pub(crate) fn percentile(&self, percent: u32) -> Option<Duration> {
        let rank = (u64::from(self.total) * u64::from(percent)).div_ceil(100);
        let mut seen = 0;
        let place = self.counts.iter().position(|&count| {
            seen += u64::from(count);
            count > 0 && seen >= rank
        })?;
        Some(Duration::from_nanos(start(place)))
    }

    /// The longest of all.
    pub(crate) fn longest(&self) -> Duration {
        self.longest
    }
}

/// Where a duration is counted.
fn place(nanos: u64) -> usize {
    let place = if nanos < STEPS {
        nanos
    } else {
        let octave = nanos.ilog2() - STEPS_LOG;
        u64::from(octave) * STEPS + (nanos >> octave)
    };
    usize::try_from(place).expect("two thousand at most")
}

/// The shortest duration that is counted there.
fn start(place: usize) -> u64 {
    let place = place as u64;
    if place < 2 * STEPS {
        place
    } else {
        let octave = place / STEPS - 1;
        (place % STEPS + STEPS) << octave
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_close_to_what_is_counted_there() {
        for nanos in [0, 1, 31, 32, 33, 63, 64, 65, 1000, 123_456, 7_000_000_000] {
            let start = start(place(nanos));
            assert!(start <= nanos, "{nanos}: {start}");
            assert!(nanos - start <= nanos / STEPS, "{nanos}: {start}");
        }
        for place_of in 1..1000 {
            assert_eq!(place(start(place_of)), place_of);
        }
    }

    #[test]
    fn percentiles_are_found() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentile(50), None);
        for micros in 1..=100 {
            histogram.add(Duration::from_micros(micros));
        }
        for percent in [50, 99] {
            let found = histogram.percentile(percent).unwrap().as_secs_f64() * 1e6;
            let expected = f64::from(percent);
            assert!((found - expected).abs() <= expected * 0.04, "{found}");
        }
        assert_eq!(histogram.longest(), Duration::from_micros(100));
    }
}
