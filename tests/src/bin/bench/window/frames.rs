//! What a program writes of the frames of its window (`HALLWAY_FRAMES`).

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

/// Names the file to the program.
pub(super) const VARIABLE: &str = "HALLWAY_FRAMES";

/// Has the window paint without a pause.
pub(super) const MOVING: &str = "HALLWAY_FRAMES_MOVING";

/// A frame that was painted, in microseconds of the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) begun: i64,
    pub(super) painted: i64,
}

/// A click and its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Click {
    pub(super) done: i64,
    pub(super) painted: i64,
}

/// All that was written.
#[derive(Debug, Default)]
pub(super) struct Frames {
    pub(super) frames: Vec<Frame>,
    pub(super) clicks: Vec<Click>,
}

impl Frames {
    /// Reads what there is; the last line may still be under way.
    pub(super) fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let mut all = Self::default();
        for line in text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
        {
            let (kind, numbers) = line.trim_end().split_once(' ').unwrap_or_default();
            let numbers: Vec<i64> = numbers.split(' ').flat_map(str::parse).collect();
            match (kind, &numbers[..]) {
                ("frame", &[begun, painted]) => all.frames.push(Frame { begun, painted }),
                ("click", &[done, _, painted]) => all.clicks.push(Click { done, painted }),
                _ => {}
            }
        }
        all
    }

    /// Those of a span of time.
    pub(super) fn between(&self, start: i64, end: i64) -> Self {
        let is_in = |time| (start..end).contains(&time);
        let frames = self.frames.iter().copied();
        let clicks = self.clicks.iter().copied();
        Self {
            frames: frames.filter(|frame| is_in(frame.painted)).collect(),
            clicks: clicks.filter(|click| is_in(click.done)).collect(),
        }
    }

    /// From the end of each frame to the end of the next, sorted.
    pub(super) fn apart(&self) -> Vec<i64> {
        let pairs = self.frames.windows(2);
        sorted(pairs.map(|pair| pair[1].painted - pair[0].painted))
    }

    /// What each frame took, sorted.
    pub(super) fn work(&self) -> Vec<i64> {
        sorted(self.frames.iter().map(|frame| frame.painted - frame.begun))
    }

    /// From each click to its answer, sorted.
    pub(super) fn answers(&self) -> Vec<i64> {
        sorted(self.clicks.iter().map(|click| click.painted - click.done))
    }
}

fn sorted(times: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times
}

/// A percentile of sorted times, in milliseconds.
pub(super) fn percentile(sorted: &[i64], percent: usize) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    Some(milliseconds(sorted[last * percent / 100]))
}

/// Microseconds as milliseconds.
pub(super) fn milliseconds(microseconds: i64) -> f64 {
    let time = Duration::from_micros(microseconds.unsigned_abs());
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_writes_is_read() {
        let text = "frame 1000 3000\nclick 2000 2500 9000\nframe 4000 9000\nframe 12000 130";
        let all = Frames::parse(text);
        assert_eq!((all.frames.len(), all.clicks.len()), (2, 1));
        assert_eq!(all.apart(), [6000]);
        assert_eq!(all.work(), [2000, 5000]);
        assert_eq!(all.answers(), [7000]);
        assert_eq!(all.between(0, 5000).frames.len(), 1);
        assert_eq!(percentile(&all.work(), 99), Some(2.0));
        assert_eq!(percentile(&all.work(), 100), Some(5.0));
        assert_eq!(percentile(&[], 50), None);
    }
}
