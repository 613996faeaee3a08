//! The report for people.

use std::fmt::Write;

use super::Report;
use crate::figures::{Figure, Short};
use crate::goals;
use crate::line;
use crate::machine::machine;
use crate::measured::{Failure, Measured};
use crate::peers::Peer;
use crate::section::Reached;

impl Report {
    /// A table of the goals, and one for every kind of figure.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!(
            "`{}`, {}\n\nLines of {} bytes; rounds in turn on all servers: {}.",
            self.command,
            machine(),
            line::LENGTH,
            self.effort.rounds(),
        );
        if !self.cases.is_empty() {
            let limit = Peer::LIMIT.name();
            let _ = write!(
                text,
                " Each cell: median (least–most), and × that of the {limit} in the same round."
            );
        }
        text.push('\n');
        let is_missing = |peer: &&Peer| **peer != Peer::Other && !self.peers.contains(peer);
        for peer in Peer::ALL.iter().filter(is_missing) {
            let _ = writeln!(text, "\nNot installed here: {}.", peer.name());
        }
        self.goals(&mut text);
        for figure in Figure::ALL {
            self.table(figure, &mut text);
        }
        for (part, section) in &self.sections {
            match section {
                Ok(section) => {
                    let body = section.markdown.trim_end();
                    let _ = writeln!(text, "\n## {}\n\n{body}", section.title);
                }
                Err(error) => {
                    let _ = writeln!(text, "\n**FAILED** {part}: {error:#}");
                }
            }
        }
        self.failures(&mut text);
        text
    }

    fn goals(&self, text: &mut String) {
        let mut rows = goals::reached(&self.cases);
        for (_, section) in &self.sections {
            if let Ok(section) = section {
                rows.extend(section.goals.iter().cloned());
            }
        }
        if rows.is_empty() {
            return;
        }
        text.push_str("\n## Goals\n\n| part | goal | reached | |\n|---|---|---|---|\n");
        for row in rows {
            let Reached {
                part,
                goal,
                value,
                is_met,
            } = row;
            let is_met = match is_met {
                Some(true) => "met",
                Some(false) => "**not met**",
                None => "not measured",
            };
            let _ = writeln!(text, "| {part} | {goal} | {value} | {is_met} |");
        }
    }

    fn table(&self, figure: Figure, text: &mut String) {
        let has_any = |measured: &&Measured| {
            let mut peers = self.peers.iter();
            peers.any(|peer| measured.summary(*peer, figure).is_some())
        };
        let rows: Vec<_> = self.cases.iter().filter(has_any).collect();
        if rows.is_empty() {
            return;
        }
        let _ = write!(text, "\n## {}\n\n| part |", figure.title());
        for peer in &self.peers {
            let _ = write!(text, " {} |", peer.name());
        }
        let _ = writeln!(text, "\n|---|{}", "---|".repeat(self.peers.len()));
        for measured in rows {
            let _ = write!(text, "| {} |", measured.case);
            for peer in &self.peers {
                let _ = write!(text, " {} |", measured.cell(*peer, figure));
            }
            text.push('\n');
        }
    }

    /// What went wrong: with ours the run has failed, with others it is a result.
    fn failures(&self, text: &mut String) {
        for measured in &self.cases {
            for &peer in &self.peers {
                let Some(failure) = measured.failure(peer) else {
                    continue;
                };
                let word = if peer.must_not_fail() {
                    "**FAILED**"
                } else {
                    failure.word
                };
                let of_peer = |failure: &&Failure| failure.peer == peer;
                let _ = writeln!(
                    text,
                    "\n{}, {}: {word}, {} times. {}",
                    measured.case,
                    peer.name(),
                    measured.failures().iter().filter(of_peer).count(),
                    failure.text
                );
            }
        }
    }
}

impl Measured {
    fn cell(&self, peer: Peer, figure: Figure) -> String {
        if let Some(failure) = self.failure(peer) {
            return failure.word.to_owned();
        }
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
}
