//! The report for programs.

use std::fmt::Write;

use super::Report;
use crate::figures::Figure;
use crate::goals;
use crate::line;
use crate::machine::machine;
use crate::measured::{Measured, Summary};
use crate::peers::Peer;
use crate::section::Reached;

impl Report {
    pub(super) fn json(&self) -> String {
        let cases: Vec<_> = self.cases.iter().map(Measured::json).collect();
        let goals = goals::reached(&self.cases);
        let goals: Vec<_> = goals.iter().map(Reached::json).collect();
        let sections = self.sections.iter().map(|(part, section)| {
            let value = match section {
                Ok(section) => section.json.clone(),
                Err(error) => format!("{{\"failure\":{}}}", quoted(&format!("{error:#}"))),
            };
            format!("{}:{value}", quoted(part))
        });
        let sections: Vec<_> = sections.collect();
        format!(
            "{{\"machine\":{},\"command\":{},\"line_bytes\":{},\"rounds\":{},\n\"goals\":[\n{}\n],\n\
             \"cases\":[\n{}\n],\n\"sections\":{{{}}}}}\n",
            quoted(&machine()),
            quoted(&self.command),
            line::LENGTH,
            self.effort.rounds(),
            goals.join(",\n"),
            cases.join(",\n"),
            sections.join(",\n")
        )
    }
}

impl Reached {
    fn json(&self) -> String {
        let is_met = match self.is_met {
            Some(true) => "true",
            Some(false) => "false",
            None => "null",
        };
        format!(
            "{{\"part\":{},\"goal\":{},\"reached\":{},\"met\":{is_met}}}",
            quoted(&self.part),
            quoted(&self.goal),
            quoted(&self.value)
        )
    }
}

impl Measured {
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
        let failures = self.failures().iter().map(|failure| {
            format!(
                "{{\"server\":{},\"is\":{},\"text\":{}}}",
                quoted(failure.peer.name()),
                quoted(failure.word),
                quoted(&failure.text)
            )
        });
        let failures: Vec<_> = failures.collect();
        format!(
            "{{\"case\":{},\"failures\":[{}],\"figures\":[\n  {}\n]}}",
            quoted(self.case),
            failures.join(","),
            figures.join(",\n  ")
        )
    }
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
