//! How cost grows with connections, receivers and lines: the points of `docs/scale.md`, and a
//! law fitted to them.

mod fit;
mod paper;

use std::fmt::Write;

use anyhow::{Context, Result};

use crate::effort::Effort;
use crate::figures::{Figure, Short};
use crate::load::Plan;
use crate::measure::{float, lines};
use crate::measured::Measured;
use crate::peers::{Peer, Role};
use crate::section::Section;
use fit::Fit;

/// Those that are compared.
const PEERS: [Peer; 2] = [Peer::Hallway, Peer::Loop];

/// Connections that talk, beside those that do not.
const ACTIVE: usize = 10;

/// Something that grows.
struct Series {
    heading: &'static str,
    /// For programs.
    key: &'static str,
    /// What its numbers count.
    of: &'static str,
    /// What is measured for one of the numbers: who talks, and how many are silent.
    plan: fn(usize) -> (Plan, usize),
    numbers: &'static [usize],
    /// What the processor time is told for: one line delivered, or one sent to all.
    unit: Unit,
    law: Law,
    /// What else is told of our server.
    figures: &'static [Figure],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Delivered,
    Sent,
}

/// How processor time depends on the number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Law {
    /// So much, and so much for each.
    ForEach,
    /// So much, and so much shared by all.
    Shared,
}

const SERIES: [Series; 4] = [
    Series {
        heading: "Connections: 10 of them echo, the others say nothing",
        key: "connections",
        of: "connections",
        plan: |connections| (echo(ACTIVE, 1), connections - ACTIVE),
        numbers: &[10, 100, 1000, 2000, 5000, 9900],
        unit: Unit::Delivered,
        law: Law::ForEach,
        figures: &[Figure::Median, Figure::Memory, Figure::Kernel],
    },
    Series {
        heading: "Receivers: one line under way",
        key: "receivers",
        of: "receivers",
        plan: |receivers| (fan(receivers, 1), 0),
        numbers: &[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
        unit: Unit::Sent,
        law: Law::ForEach,
        figures: &[Figure::Rate, Figure::Median, Figure::Tail],
    },
    Series {
        heading: "Receivers: 200 lines under way",
        key: "receivers_windowed",
        of: "receivers",
        plan: |receivers| (fan(receivers, 200), 0),
        numbers: &[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
        unit: Unit::Sent,
        law: Law::ForEach,
        figures: &[Figure::Rate, Figure::Median, Figure::Tail],
    },
    Series {
        heading: "Lines: 50 clients that echo, each with so many under way",
        key: "lines",
        of: "lines",
        plan: |window| {
            let window = u32::try_from(window).expect("a few hundred");
            (echo(50, window), 0)
        },
        numbers: &[1, 2, 5, 10, 20, 50, 100, 200],
        unit: Unit::Delivered,
        law: Law::Shared,
        figures: &[Figure::Rate, Figure::Median, Figure::Tail],
    },
];

const fn echo(clients: usize, window: u32) -> Plan {
    Plan {
        role: Role::Echo,
        clients,
        senders: clients,
        window,
    }
}

const fn fan(receivers: usize, window: u32) -> Plan {
    Plan {
        role: Role::Relay,
        clients: receivers + 1,
        senders: 1,
        window,
    }
}

/// Measures all of it.
///
/// # Errors
/// A line was lost, doubled, changed or out of order, a server ended, or the system refused
/// something.
pub(crate) fn measure(effort: Effort) -> Result<Section> {
    let (mut markdown, mut json) = (String::new(), Vec::new());
    let mut of_receivers = Vec::new();
    for series in &SERIES {
        let points = series.measure(effort)?;
        series.markdown(&points, &mut markdown);
        json.push(series.json(&points));
        if series.unit == Unit::Sent {
            of_receivers.extend(series.fit(Peer::Hallway, &points));
        }
    }
    // Lines one by one, then in batches.
    if let [single, batched] = of_receivers[..] {
        markdown.push_str(&paper::markdown(single, batched));
    }
    Ok(Section {
        title: "How cost grows".to_owned(),
        markdown,
        json: format!("{{{}}}", json.join(",\n")),
        goals: Vec::new(),
    })
}

impl Series {
    fn measure(&self, effort: Effort) -> Result<Vec<(usize, Measured)>> {
        let mut points: Vec<_> = self
            .numbers
            .iter()
            .map(|n| (*n, Measured::new(self.key)))
            .collect();
        for round in 1..=effort.rounds() {
            for (number, measured) in &mut points {
                for peer in PEERS {
                    let (plan, silent) = (self.plan)(*number);
                    let sample = lines(peer, plan, silent, effort.pace(peer, false));
                    let sample = sample.with_context(|| format!("{} {number}", self.key))?;
                    eprintln!("{round} {} {number} {}{sample}", self.key, peer.name());
                    measured.add(peer, Ok(sample));
                }
            }
        }
        Ok(points)
    }

    /// Processor time of a server in µs, for what the series counts it for.
    fn cpu(&self, peer: Peer, (number, measured): &(usize, Measured)) -> Option<f64> {
        let delivered = measured.summary(peer, Figure::Cpu)?.median;
        Some(match self.unit {
            Unit::Delivered => delivered,
            Unit::Sent => delivered * float(*number),
        })
    }

    fn fit(&self, peer: Peer, points: &[(usize, Measured)]) -> Option<Fit> {
        let of_law = |number: usize| match self.law {
            Law::ForEach => float(number),
            Law::Shared => float(number).recip(),
        };
        let points = points.iter();
        let points = points.filter_map(|point| Some((of_law(point.0), self.cpu(peer, point)?)));
        Fit::of(&points.collect::<Vec<_>>())
    }

    fn markdown(&self, points: &[(usize, Measured)], text: &mut String) {
        let unit = match self.unit {
            Unit::Delivered => "CPU per line, µs",
            Unit::Sent => "CPU per line sent, µs",
        };
        let _ = write!(text, "### {}\n\n| {} |", self.heading, self.of);
        for peer in PEERS {
            let _ = write!(text, " {}: {unit} |", peer.name());
        }
        for figure in self.figures {
            let _ = write!(text, " {} |", column(*figure));
        }
        let columns = 1 + PEERS.len() + self.figures.len();
        let _ = writeln!(text, "\n|{}", "---:|".repeat(columns));
        for point in points {
            let _ = write!(text, "| {} |", point.0);
            let figures = self.figures.iter();
            let figures =
                figures.map(|figure| Some(point.1.summary(Peer::Hallway, *figure)?.median));
            for value in PEERS
                .map(|peer| self.cpu(peer, point))
                .into_iter()
                .chain(figures)
            {
                let value = value.map_or("–".to_owned(), |value| Short(value).to_string());
                let _ = write!(text, " {value} |");
            }
            text.push('\n');
        }
        text.push('\n');
        for peer in PEERS {
            if let Some(fit) = self.fit(peer, points) {
                let _ = writeln!(text, "- {}: {}", peer.name(), self.words(fit));
            }
        }
        text.push('\n');
    }

    fn words(&self, fit: Fit) -> String {
        let sign = match self.law {
            Law::ForEach => "×",
            Law::Shared => "÷",
        };
        let operator = if fit.slope < 0.0 { '−' } else { '+' };
        format!(
            "{} {operator} {} {sign} {} µs; the worst point is off by {:.0} %",
            Short(fit.at_zero),
            Small(fit.slope.abs()),
            self.of,
            fit.off * 100.0
        )
    }

    fn json(&self, points: &[(usize, Measured)]) -> String {
        let number = |value: Option<f64>| value.map_or("null".to_owned(), |v| v.to_string());
        let points_as_json = points.iter().map(|point| {
            let cpu = PEERS.map(|peer| number(self.cpu(peer, point))).join(",");
            let figures = self.figures.iter().map(|figure| {
                let summary = point.1.summary(Peer::Hallway, *figure);
                format!(
                    ",\"{}\":{}",
                    figure.key(),
                    number(summary.map(|s| s.median))
                )
            });
            let figures: String = figures.collect();
            format!("{{\"number\":{},\"cpu_us\":[{cpu}]{figures}}}", point.0)
        });
        let points_as_json: Vec<_> = points_as_json.collect();
        let laws = PEERS.map(|peer| match self.fit(peer, points) {
            Some(fit) => format!("[{},{},{}]", fit.at_zero, fit.slope, fit.off),
            None => "null".to_owned(),
        });
        format!(
            "\"{}\":{{\"points\":[{}],\"laws\":[{}]}}",
            self.key,
            points_as_json.join(","),
            laws.join(",")
        )
    }
}

/// The heading of a column about our server.
fn column(figure: Figure) -> &'static str {
    match figure {
        Figure::Rate => "lines delivered a second, thousands",
        Figure::Median => "until all have a line: median, µs",
        Figure::Tail => "99th percentile, µs",
        Figure::Memory => "memory a connection, KiB",
        Figure::Kernel => "the kernel's, both ends, KiB",
        other => other.title(),
    }
}

/// A number that may be thousandths of thousandths.
struct Small(f64);

impl std::fmt::Display for Small {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 < 0.01 {
            write!(f, "{:.6}", self.0)
        } else {
            Short(self.0).fmt(f)
        }
    }
}
