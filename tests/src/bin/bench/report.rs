//! Medians, extremes and ratios, as Markdown and as JSON.

mod json;
mod markdown;

use std::env;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::effort::Effort;
use crate::figures::Sample;
use crate::measured::Measured;
use crate::peers::Peer;
use crate::section::Section;

/// What was measured until now.
#[derive(Debug)]
pub(crate) struct Report {
    effort: Effort,
    begun: Instant,
    /// How anybody measures the same.
    command: String,
    /// Those that take part.
    peers: Vec<Peer>,
    cases: Vec<Measured>,
    /// By the name of the part.
    sections: Vec<(&'static str, Result<Section>)>,
}

impl Report {
    /// Nothing was measured yet.
    pub(crate) fn new(effort: Effort, command: String, peers: Vec<Peer>) -> Self {
        Self {
            effort,
            begun: Instant::now(),
            command,
            peers,
            cases: Vec::new(),
            sections: Vec::new(),
        }
    }

    /// How long it has taken until now.
    pub(crate) fn age(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Makes room for a case.
    pub(crate) fn begin(&mut self, case: &'static str) {
        self.cases.push(Measured::new(case));
    }

    /// Adds what one measurement gave.
    pub(crate) fn add(&mut self, case: &str, peer: Peer, result: Result<Sample>) {
        let mut cases = self.cases.iter_mut();
        let found = cases.rfind(|measured| measured.case == case);
        found.expect("every case was begun").add(peer, result);
    }

    /// Adds what a part has written itself.
    pub(crate) fn add_section(&mut self, part: &'static str, section: Result<Section>) {
        self.sections.push((part, section));
    }

    /// Whether a measurement of ours did not come to its end.
    pub(crate) fn has_failed(&self) -> bool {
        let has_failed = |measured: &Measured| {
            let mut failures = measured.failures().iter();
            failures.any(|failure| failure.peer.must_not_fail())
        };
        self.cases.iter().any(has_failed)
            || self.sections.iter().any(|(_, section)| section.is_err())
    }

    /// Writes both forms to `bench` in the directory of the build.
    pub(crate) fn save(&self, name: &str) -> Result<()> {
        for (ending, text) in [("md", self.markdown()), ("json", self.json())] {
            write(&format!("{name}.{ending}"), &text)?;
        }
        Ok(())
    }
}

/// Writes a file to `bench` in the directory of the build.
///
/// # Errors
/// That directory cannot be written to.
pub(crate) fn write(name: &str, text: &str) -> Result<()> {
    let this = env::current_exe().context("the path of this program")?;
    let target = this.ancestors().nth(2);
    let directory = target.context("the directory of the build")?.join("bench");
    fs::create_dir_all(&directory)?;
    let path: PathBuf = directory.join(name);
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    eprintln!("bench: written to {}", path.display());
    Ok(())
}
