//! What a part has to tell that does not compare servers with each other.

use std::fmt::Write;

/// A chapter of the report.
#[derive(Debug)]
pub(crate) struct Section {
    /// Its heading.
    pub(crate) title: String,
    /// Its text and tables, without the heading.
    pub(crate) markdown: String,
    /// The same as a value of JSON.
    pub(crate) json: String,
    /// What was to be reached, and what was.
    pub(crate) goals: Vec<Reached>,
}

impl Section {
    /// Appends it to a report.
    pub(crate) fn write(&self, text: &mut String) {
        let _ = writeln!(text, "\n## {}\n\n{}", self.title, self.markdown.trim_end());
        for row in &self.goals {
            let is_met = match row.is_met {
                Some(true) => "met",
                Some(false) => "not met",
                None => "not measured",
            };
            let _ = writeln!(
                text,
                "\n{}: {}: {}, {is_met}.",
                row.part, row.goal, row.reached
            );
        }
    }
}

/// A row of the table of goals. It tells; whether the run was good depends on lines, not on this.
#[derive(Debug)]
pub(crate) struct Reached {
    pub(crate) part: String,
    /// What is to be reached, in words.
    pub(crate) goal: String,
    /// What was reached, with its unit.
    pub(crate) reached: String,
    /// None where it was not measured.
    pub(crate) is_met: Option<bool>,
}
