//! What all rounds of a case have given.

use anyhow::Result;

use crate::figures::{Figure, Sample};
use crate::peers::Peer;
use crate::trouble::Trouble;

/// A case, measured on all servers.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) case: &'static str,
    samples: Vec<(Peer, Sample)>,
    failures: Vec<Failure>,
}

/// A measurement that did not come to its end.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) peer: Peer,
    /// What happened, in a word or two.
    pub(crate) word: &'static str,
    /// The whole of it.
    pub(crate) text: String,
}

/// A figure over all rounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Summary {
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        Some(Self {
            median: *values.get(values.len() / 2)?,
            least: *values.first()?,
            most: *values.last()?,
        })
    }
}

impl Measured {
    /// Nothing was measured yet.
    pub(crate) fn new(case: &'static str) -> Self {
        Self {
            case,
            samples: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// Adds a round of a server.
    pub(crate) fn add(&mut self, peer: Peer, result: Result<Sample>) {
        match result {
            Ok(sample) => self.samples.push((peer, sample)),
            Err(error) => self.failures.push(Failure {
                peer,
                word: Trouble::word(&error),
                text: format!("{error:#}"),
            }),
        }
    }

    /// A figure of a server; none where it has none, or did not come to the end of each round.
    pub(crate) fn summary(&self, peer: Peer, figure: Figure) -> Option<Summary> {
        Summary::of(self.values(peer, figure)?)
    }

    /// A figure of a server in each round.
    fn values(&self, peer: Peer, figure: Figure) -> Option<Vec<f64>> {
        if self.failure(peer).is_some() {
            return None;
        }
        let of_peer = self.samples.iter().filter(|(of, _)| *of == peer);
        Some(
            of_peer
                .filter_map(|(_, sample)| sample.get(figure))
                .collect(),
        )
    }

    /// How much a figure of a server is for each one of the limit.
    pub(crate) fn ratio(&self, peer: Peer, figure: Figure) -> Option<f64> {
        self.ratio_to(peer, self, Peer::LIMIT, figure)
    }

    /// How much a figure of a server is for each one of another server or another case: the median
    /// of what it was in the rounds that both have. They follow one on the other, so that what
    /// befalls the machine befalls both.
    pub(crate) fn ratio_to(
        &self,
        peer: Peer,
        other_case: &Self,
        other: Peer,
        figure: Figure,
    ) -> Option<f64> {
        let (ours, others) = (
            self.values(peer, figure)?,
            other_case.values(other, figure)?,
        );
        let ratios = ours.iter().zip(&others).map(|(one, other)| one / other);
        let median = Summary::of(ratios.collect())?.median;
        Some(median).filter(|ratio| ratio.is_finite())
    }

    /// What first went wrong with a server.
    pub(crate) fn failure(&self, peer: Peer) -> Option<&Failure> {
        self.failures.iter().find(|failure| failure.peer == peer)
    }

    /// All that went wrong.
    pub(crate) fn failures(&self) -> &[Failure] {
        &self.failures
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn one_round_that_failed_leaves_no_figure_and_a_word() {
        let mut measured = Measured::new("mesh-50");
        for value in [3.0, 1.0, 2.0] {
            for peer in [Peer::Ncat, Peer::LIMIT] {
                let mut sample = Sample::default();
                sample.push(Figure::Cpu, value);
                measured.add(peer, Ok(sample));
            }
        }
        let summary = measured.summary(Peer::Ncat, Figure::Cpu).unwrap();
        assert!((summary.median - 2.0).abs() < f64::EPSILON);
        assert_eq!(measured.ratio(Peer::Ncat, Figure::Cpu), Some(1.0));
        let error = anyhow!(Trouble::Lines("line 2 instead of 1".to_owned())).context("at the end");
        measured.add(Peer::Ncat, Err(error));
        assert!(measured.summary(Peer::Ncat, Figure::Cpu).is_none());
        assert!(measured.ratio(Peer::Ncat, Figure::Cpu).is_none());
        let failure = measured.failure(Peer::Ncat).unwrap();
        assert_eq!(failure.word, "broke lines");
        assert!(failure.text.contains("line 2"), "{}", failure.text);
        assert!(measured.failure(Peer::LIMIT).is_none());
    }
}
