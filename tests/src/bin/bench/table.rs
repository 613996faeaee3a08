//! Figures with names as a chapter of the report.

use std::fmt::Write;

use crate::figures::Short;
use crate::measured::Summary;
use crate::section::{Reached, Section};

/// Figures with their names.
#[derive(Debug)]
pub(crate) struct Table {
    part: &'static str,
    title: &'static str,
    rows: Vec<(String, f64)>,
    goals: Vec<Reached>,
}

impl Table {
    pub(crate) fn new(part: &'static str, title: &'static str) -> Self {
        Self {
            part,
            title,
            rows: Vec::new(),
            goals: Vec::new(),
        }
    }

    /// Adds a figure; its name ends in its unit.
    pub(crate) fn push(&mut self, name: impl Into<String>, value: f64) {
        let name = name.into();
        eprintln!("{} {name} {}", self.part, Short(value));
        self.rows.push((name, value));
    }

    /// Adds the median of some figures, if there are any.
    pub(crate) fn push_median(&mut self, name: impl Into<String>, values: Vec<f64>) {
        if let Some(summary) = Summary::of(values) {
            self.push(name, summary.median);
        }
    }

    /// A figure that was added.
    pub(crate) fn get(&self, name: &str) -> Option<f64> {
        let mut rows = self.rows.iter();
        rows.find_map(|(of, value)| (of == name).then_some(*value))
    }

    /// Compares a figure with what it should be.
    pub(crate) fn goal(&mut self, name: &str, words: &str, is_met: impl Fn(f64) -> bool) {
        let value = self.get(name);
        self.goals.push(Reached {
            part: self.part.to_owned(),
            goal: words.to_owned(),
            value: value.map_or_else(|| "–".to_owned(), |value| Short(value).to_string()),
            is_met: value.map(is_met),
        });
    }

    pub(crate) fn section(self, about: &str) -> Section {
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
