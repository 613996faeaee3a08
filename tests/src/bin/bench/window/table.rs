//! Figures of the windows as a chapter of the report.

use std::fmt::Write;

use crate::figures::Short;
use crate::section::{Reached, Section};

/// Figures with their names.
#[derive(Debug)]
pub(super) struct Table {
    part: &'static str,
    title: &'static str,
    rows: Vec<(String, f64)>,
    goals: Vec<Reached>,
}

impl Table {
    pub(super) fn new(part: &'static str, title: &'static str) -> Self {
        Self {
            part,
            title,
            rows: Vec::new(),
            goals: Vec::new(),
        }
    }

    /// Adds a figure; its name ends in its unit.
    pub(super) fn push(&mut self, name: impl Into<String>, value: f64) {
        let name = name.into();
        eprintln!("{} {name} {}", self.part, Short(value));
        self.rows.push((name, value));
    }

    /// A figure that was added.
    pub(super) fn get(&self, name: &str) -> Option<f64> {
        let mut rows = self.rows.iter();
        rows.find_map(|(of, value)| (of == name).then_some(*value))
    }

    /// Compares a figure with what it should be.
    pub(super) fn goal(&mut self, name: &str, words: &str, is_met: impl Fn(f64) -> bool) {
        let value = self.get(name);
        self.goals.push(Reached {
            part: self.part.to_owned(),
            goal: words.to_owned(),
            value: value.map_or_else(|| "–".to_owned(), |value| Short(value).to_string()),
            is_met: value.map(is_met),
        });
    }

    pub(super) fn section(self, about: &str) -> Section {
        let mut markdown = format!("{about}\n\n| figure | value |\n|---|---|\n");
        let mut json = String::new();
        for (name, value) in &self.rows {
            // Writing to a string does not fail.
            let _ = writeln!(markdown, "| {name} | {} |", Short(*value));
            let comma = if json.is_empty() { "" } else { "," };
            let _ = write!(json, "{comma}\"{name}\":{value}");
        }
        Section {
            title: self.title.to_owned(),
            markdown,
            json: format!("{{{json}}}"),
            goals: self.goals,
        }
    }
}
