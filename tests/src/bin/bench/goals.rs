//! What is to be reached, and whether it was. It is told; no run fails on a time.

use crate::figures::{Figure, Short};
use crate::measured::Measured;
use crate::peers::Peer;
use crate::section::Reached;

/// KiB that a queue holds for one that does not read: `limits::QUEUE` of the engine.
const QUEUE: f64 = 256.0;

/// A median of one case, by itself or for each one of another.
struct Goal {
    case: &'static str,
    text: &'static str,
    of: Reading,
    against: Against,
    bound: Bound,
}

/// What a median is compared with.
#[derive(Clone, Copy)]
enum Against {
    Nothing,
    /// Divided by another.
    Ratio(Reading),
    /// Less another.
    Difference(Reading),
}

/// Where a figure is found.
#[derive(Clone, Copy)]
struct Reading(&'static str, Peer, Figure);

#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

const GOALS: [Goal; 15] = [
    near_the_limit("echo-100", "CPU per line ≤ 1.3 of the bare loop's", 1.3),
    near_the_limit(
        "echo-pipelined",
        "CPU per line ≤ 1.5 of the bare loop's",
        1.5,
    ),
    ahead_of_qt("echo-pipelined", "CPU per line of Qt ≥ 2 of ours", 2.0),
    near_the_limit("fan-50", "CPU per line ≤ 1.3 of the bare loop's", 1.3),
    near_the_limit("fan-500", "CPU per line ≤ 1.3 of the bare loop's", 1.3),
    near_the_limit(
        "fan-50-windowed",
        "CPU per line ≤ 1.3 of the bare loop's",
        1.3,
    ),
    near_the_limit(
        "fan-500-windowed",
        "CPU per line ≤ 1.3 of the bare loop's",
        1.3,
    ),
    near_the_limit(
        "mesh-50",
        "CPU per line ≤ 1.3 of the bare loop's, which flushes once a batch",
        1.3,
    ),
    ahead_of_qt("mesh-50", "CPU per line of Qt ≥ 1 of ours", 1.0),
    Goal {
        case: "idle-9900",
        text: "CPU per line ≤ 1.2 of that with 1,000 idle",
        of: Reading("idle-9900", Peer::Hallway, Figure::Cpu),
        against: Against::Ratio(Reading("idle-1000", Peer::Hallway, Figure::Cpu)),
        bound: Bound::AtMost(1.2),
    },
    Goal {
        case: "idle-9900",
        text: "median round trip ≤ 1.3 of the bare loop's",
        of: Reading("idle-9900", Peer::Hallway, Figure::Median),
        against: Against::Ratio(Reading("idle-9900", Peer::LIMIT, Figure::Median)),
        bound: Bound::AtMost(1.3),
    },
    Goal {
        case: "idle-9900",
        text: "user memory per connection, all of its objects included, < 2 KiB",
        of: Reading("idle-9900", Peer::Hallway, Figure::Memory),
        against: Against::Nothing,
        bound: Bound::AtMost(2.0),
    },
    Goal {
        case: "accept",
        text: "rate ≥ 0.8 of the bare loop's",
        of: Reading("accept", Peer::Hallway, Figure::Rate),
        against: Against::Ratio(Reading("accept", Peer::LIMIT, Figure::Rate)),
        bound: Bound::AtLeast(0.8),
    },
    Goal {
        case: "stalled",
        text: "99th percentile of the others ≤ 2 of that without the stalled reader",
        of: Reading("stalled (1 of 51)", Peer::Hallway, Figure::Tail),
        against: Against::Ratio(Reading("stalled (none)", Peer::Hallway, Figure::Tail)),
        bound: Bound::AtMost(2.0),
    },
    Goal {
        case: "stalled",
        text: "memory grows by ≤ 256 KiB more, the most that is queued for one reader",
        of: Reading("stalled (1 of 51)", Peer::Hallway, Figure::Growth),
        against: Against::Difference(Reading("stalled (none)", Peer::Hallway, Figure::Growth)),
        bound: Bound::AtMost(QUEUE),
    },
];

const fn near_the_limit(case: &'static str, text: &'static str, most: f64) -> Goal {
    Goal {
        case,
        text,
        of: Reading(case, Peer::Hallway, Figure::Cpu),
        against: Against::Ratio(Reading(case, Peer::LIMIT, Figure::Cpu)),
        bound: Bound::AtMost(most),
    }
}

const fn ahead_of_qt(case: &'static str, text: &'static str, least: f64) -> Goal {
    Goal {
        case,
        text,
        of: Reading(case, Peer::Qt, Figure::Cpu),
        against: Against::Ratio(Reading(case, Peer::Hallway, Figure::Cpu)),
        bound: Bound::AtLeast(least),
    }
}

/// The goals of the cases that were measured, and what was reached.
pub(crate) fn reached(cases: &[Measured]) -> Vec<Reached> {
    let is_measured = |goal: &&Goal| cases.iter().any(|case| case.case == goal.of.0);
    let goals = GOALS.iter().filter(is_measured);
    goals.map(|goal| goal.reached(cases)).collect()
}

impl Goal {
    fn reached(&self, cases: &[Measured]) -> Reached {
        let value = match self.against {
            Against::Nothing => self.of.median(cases),
            Against::Ratio(other) => self.of.ratio(other, cases),
            Against::Difference(other) => {
                let median = self.of.median(cases);
                median.and_then(|median| Some(median - other.median(cases)?))
            }
        };
        let unit = match self.against {
            Against::Ratio(_) => "×",
            Against::Nothing | Against::Difference(_) => "",
        };
        Reached {
            part: self.case.to_owned(),
            goal: self.text.to_owned(),
            value: value.map_or("–".to_owned(), |value| format!("{unit}{}", Short(value))),
            is_met: value.map(|value| self.bound.holds(value)),
        }
    }
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }
}

impl Reading {
    fn median(self, cases: &[Measured]) -> Option<f64> {
        let Self(_, peer, figure) = self;
        Some(self.of(cases)?.summary(peer, figure)?.median)
    }

    fn ratio(self, other: Self, cases: &[Measured]) -> Option<f64> {
        let Self(_, peer, figure) = self;
        let Self(_, other_peer, _) = other;
        self.of(cases)?
            .ratio_to(peer, other.of(cases)?, other_peer, figure)
    }

    fn of(self, cases: &[Measured]) -> Option<&Measured> {
        cases.iter().find(|measured| measured.case == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Sample;
    use crate::parts::{PARTS, Work};

    fn with_cpu(case: &'static str, figures: &[(Peer, f64)]) -> Measured {
        let mut measured = Measured::new(case);
        for (peer, value) in figures {
            let mut sample = Sample::default();
            sample.push(Figure::Cpu, *value);
            measured.add(*peer, Ok(sample));
        }
        measured
    }

    #[test]
    fn each_goal_is_one_of_a_case_that_exists() {
        let is_case = |name: &str| {
            PARTS.iter().any(|part| match part.work {
                Work::Cases(cases) => cases.iter().any(|case| case.name == name),
                Work::Own(_) => false,
            })
        };
        for goal in &GOALS {
            assert!(is_case(goal.of.0), "{}", goal.of.0);
            if let Against::Ratio(other) | Against::Difference(other) = goal.against {
                assert!(is_case(other.0), "{}", other.0);
            }
        }
    }

    #[test]
    fn a_goal_is_met_missed_or_not_measured() {
        let peers = [(Peer::Hallway, 0.9), (Peer::LIMIT, 0.5), (Peer::Qt, 1.0)];
        let met = |figures: &[_]| -> Vec<_> {
            let rows = reached(&[with_cpu("echo-pipelined", figures)]);
            rows.iter().map(|row| row.is_met).collect()
        };
        assert_eq!(met(&peers), [Some(false), Some(false)]);
        assert_eq!(met(&peers[..2]), [Some(false), None]);
        let peers = [(Peer::Hallway, 0.5), (Peer::LIMIT, 0.4), (Peer::Qt, 1.0)];
        assert_eq!(met(&peers), [Some(true), Some(true)]);
        assert!(reached(&[with_cpu("echo-1", &peers)]).is_empty());
    }
}
