//! What is measured.

use std::fmt;

/// A kind of figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    Cpu,
    Rate,
    Median,
    Tail,
    Longest,
    Memory,
    Kernel,
    Growth,
}

impl Figure {
    pub(crate) const ALL: [Self; 8] = [
        Self::Cpu,
        Self::Rate,
        Self::Median,
        Self::Tail,
        Self::Longest,
        Self::Memory,
        Self::Kernel,
        Self::Growth,
    ];

    /// The heading of its table, with the unit.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Cpu => "Server CPU per delivered line (accept: per connection), µs",
            Self::Rate => "Delivered lines per second (accept: connections), thousands",
            Self::Median => "From sending a line until all have it, median, µs",
            Self::Tail => "From sending a line until all have it, 99th percentile, µs",
            Self::Longest => "From sending a line until all have it, longest, ms",
            Self::Memory => "Server memory per idle connection, KiB",
            Self::Kernel => "Kernel memory per idle connection, both of its ends together, KiB",
            Self::Growth => "Growth of server memory, KiB",
        }
    }

    /// Its name for programs.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Cpu => "cpu_us",
            Self::Rate => "rate_k",
            Self::Median => "p50_us",
            Self::Tail => "p99_us",
            Self::Longest => "longest_ms",
            Self::Memory => "memory_per_connection_kib",
            Self::Kernel => "kernel_memory_per_connection_kib",
            Self::Growth => "memory_growth_kib",
        }
    }
}

/// The figures of one measurement.
#[derive(Debug, Default)]
pub(crate) struct Sample(Vec<(Figure, f64)>);

impl Sample {
    pub(crate) fn push(&mut self, figure: Figure, value: f64) {
        self.0.push((figure, value));
    }

    /// Takes a figure out that tells nothing here.
    pub(crate) fn forget(&mut self, figure: Figure) {
        self.0.retain(|(of, _)| *of != figure);
    }

    pub(crate) fn get(&self, figure: Figure) -> Option<f64> {
        let mut values = self.0.iter();
        values.find_map(|(of, value)| (*of == figure).then_some(*value))
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (figure, value) in &self.0 {
            write!(f, " {} {}", figure.key(), Short(*value))?;
        }
        Ok(())
    }
}

/// A number with three digits that count.
pub(crate) struct Short(pub(crate) f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = match self.0.abs() {
            0.0..1.0 => 3,
            1.0..10.0 => 2,
            10.0..100.0 => 1,
            _ => 0,
        };
        write!(f, "{:.decimals$}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_long_as_they_are_true() {
        let shown = [0.0651, 2.584, 41.26, 12345.6].map(|value| Short(value).to_string());
        assert_eq!(shown, ["0.065", "2.58", "41.3", "12346"]);
    }
}
