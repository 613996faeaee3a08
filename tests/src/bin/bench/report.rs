//! Medians, extremes and ratios, as Markdown and as JSON.

use std::env;
use std::fmt::Write;
use std::fs;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use crate::effort::Effort;
use crate::figures::{Figure, Sample, Short};
use crate::line;
use crate::section::Section;
use crate::servers::Peer;

/// What was measured until now.
#[derive(Debug)]
pub(crate) struct Report {
    effort: Effort,
    cases: Vec<Measured>,
    /// By the name of the part.
    sections: Vec<(&'static str, Result<Section>)>,
}

#[derive(Debug)]
struct Measured {
    case: &'static str,
    samples: Vec<(Peer, Sample)>,
    /// What went wrong.
    failures: Vec<String>,
}

/// A figure over all rounds.
#[derive(Clone, Copy, Debug)]
struct Summary {
    median: f64,
    least: f64,
    most: f64,
}

impl Summary {
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        Some(Self {
            median: *values.get(values.len() / 2)?,
            least: *values.first()?,
            most: *values.last()?,
        })
    }
}

impl Measured {
    fn summary(&self, peer: Peer, figure: Figure) -> Option<Summary> {
        let of_peer = self.samples.iter().filter(|(of, _)| *of == peer);
        Summary::of(
            of_peer
                .filter_map(|(_, sample)| sample.get(figure))
                .collect(),
        )
    }

    /// The median of a peer for each one of the limit.
    fn ratio(&self, peer: Peer, figure: Figure) -> Option<f64> {
        let limit = self.summary(Peer::LIMIT, figure)?.median;
        Some(self.summary(peer, figure)?.median / limit).filter(|ratio| ratio.is_finite())
    }
}

impl Report {
    pub(crate) fn new(effort: Effort) -> Self {
        Self {
            effort,
            cases: Vec::new(),
            sections: Vec::new(),
        }
    }

    /// Makes room for a case.
    pub(crate) fn begin(&mut self, case: &'static str) {
        self.cases.push(Measured {
            case,
            samples: Vec::new(),
            failures: Vec::new(),
        });
    }

    /// Adds what one measurement gave.
    pub(crate) fn add(&mut self, case: &str, peer: Peer, result: Result<Sample>) {
        let found = self
            .cases
            .iter_mut()
            .rfind(|measured| measured.case == case);
        let measured = found.expect("every case was begun");
        match result {
            Ok(sample) => measured.samples.push((peer, sample)),
            Err(error) => measured
                .failures
                .push(format!("{}: {error:#}", peer.name())),
        }
    }

    /// Adds what a part has written itself.
    pub(crate) fn add_section(&mut self, part: &'static str, section: Result<Section>) {
        self.sections.push((part, section));
    }

    /// Whether a measurement did not come to its end.
    pub(crate) fn has_failed(&self) -> bool {
        let has_failed = |measured: &Measured| !measured.failures.is_empty();
        self.cases.iter().any(has_failed)
            || self.sections.iter().any(|(_, section)| section.is_err())
    }

    /// A table for every kind of figure.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!(
            "Lines of {} bytes, {} rounds in turn: median (least–most), and × the median of the \
             {}.\n{}\n",
            line::LENGTH,
            self.effort.rounds(),
            Peer::LIMIT.name(),
            machine()
        );
        for figure in Figure::ALL {
            self.table(figure, &mut text);
        }
        for measured in &self.cases {
            for failure in &measured.failures {
                let _ = writeln!(text, "\n**FAILED** {}: {failure}", measured.case);
            }
        }
        for (part, section) in &self.sections {
            match section {
                Ok(section) => section.write(&mut text),
                Err(error) => {
                    let _ = writeln!(text, "\n**FAILED** {part}: {error:#}");
                }
            }
        }
        text
    }

    fn table(&self, figure: Figure, text: &mut String) {
        let has_any = |measured: &&Measured| {
            let mut peers = Peer::ALL.into_iter();
            peers.any(|peer| measured.summary(peer, figure).is_some())
        };
        let rows: Vec<_> = self.cases.iter().filter(has_any).collect();
        if rows.is_empty() {
            return;
        }
        let _ = write!(text, "\n## {}\n\n| part |", figure.title());
        for peer in Peer::ALL {
            let _ = write!(text, " {} |", peer.name());
        }
        let _ = writeln!(text, "\n|---|{}", "---|".repeat(Peer::ALL.len()));
        for measured in rows {
            let _ = write!(text, "| {} |", measured.case);
            for peer in Peer::ALL {
                let _ = write!(text, " {} |", measured.cell(peer, figure));
            }
            text.push('\n');
        }
    }

    /// Writes both forms to `bench` in the directory of the build.
    pub(crate) fn save(&self, name: &str) -> Result<()> {
        let this = env::current_exe().context("the path of this program")?;
        let target = this
            .ancestors()
            .nth(2)
            .context("the directory of the build")?;
        let directory = target.join("bench");
        fs::create_dir_all(&directory)?;
        for (ending, text) in [("md", self.markdown()), ("json", self.json())] {
            let path = directory.join(format!("{name}.{ending}"));
            fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
            eprintln!("bench: written to {}", path.display());
        }
        Ok(())
    }

    fn json(&self) -> String {
        let cases: Vec<_> = self.cases.iter().map(Measured::json).collect();
        let sections = self.sections.iter().map(|(part, section)| {
            let value = match section {
                Ok(section) => section.json.clone(),
                Err(error) => format!("{{\"failure\":{}}}", quoted(&format!("{error:#}"))),
            };
            format!("{}:{value}", quoted(part))
        });
        let sections: Vec<_> = sections.collect();
        format!(
            "{{\"machine\":{},\"line_bytes\":{},\"rounds\":{},\"cases\":[\n{}\n],\
             \"sections\":{{{}}}}}\n",
            quoted(&machine()),
            line::LENGTH,
            self.effort.rounds(),
            cases.join(",\n"),
            sections.join(",\n")
        )
    }
}

impl Measured {
    fn cell(&self, peer: Peer, figure: Figure) -> String {
        let Some(summary) = self.summary(peer, figure) else {
            return "–".to_owned();
        };
        let (median, least, most) = (
            Short(summary.median),
            Short(summary.least),
            Short(summary.most),
        );
        let mut cell = format!("{median} ({least}–{most})");
        if let Some(ratio) = self.ratio(peer, figure).filter(|_| peer != Peer::LIMIT) {
            let _ = write!(cell, " **×{ratio:.2}**");
        }
        cell
    }

    fn json(&self) -> String {
        let mut figures = Vec::new();
        for peer in Peer::ALL {
            for figure in Figure::ALL {
                let Some(Summary {
                    median,
                    least,
                    most,
                }) = self.summary(peer, figure)
                else {
                    continue;
                };
                let ratio = self
                    .ratio(peer, figure)
                    .map_or("null".to_owned(), |r| r.to_string());
                figures.push(format!(
                    "{{\"server\":{},\"figure\":\"{}\",\"median\":{median},\"least\":{least},\
                     \"most\":{most},\"ratio\":{ratio}}}",
                    quoted(peer.name()),
                    figure.key()
                ));
            }
        }
        let failures: Vec<_> = self
            .failures
            .iter()
            .map(|failure| quoted(failure))
            .collect();
        format!(
            "{{\"case\":{},\"failures\":[{}],\"figures\":[\n  {}\n]}}",
            quoted(self.case),
            failures.join(","),
            figures.join(",\n  ")
        )
    }
}

/// When and on what this was measured.
fn machine() -> String {
    let first_line = |path: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines().next().unwrap_or("unknown").to_owned()
    };
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("a processor", |(_, model)| model);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let kernel = first_line("/proc/sys/kernel/osrelease");
    format!("{}, {model}, {cores} cores, Linux {kernel}.", today())
}

/// The date, by the proleptic Gregorian calendar (Howard Hinnant's `civil_from_days`).
fn today() -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let days = since.as_secs() / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

/// A string as JSON writes it (RFC 8259, section 7).
fn quoted(text: &str) -> String {
    let mut json = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => json.extend(['\\', letter]),
            control if control < ' ' => {
                let _ = write!(json, "\\u{:04x}", u32::from(control));
            }
            letter => json.push(letter),
        }
    }
    json.push('"');
    json
}
