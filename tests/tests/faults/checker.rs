//! Judges what people were told against what is on the disks; it knows nothing of how that came about.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// How long everybody may take to agree once nothing is broken any more.
pub(crate) const HEALED: Duration = Duration::from_secs(10);

/// What a talker told of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A text was given to the session.
    Said { cid: String, text: String },
    /// It is in the outbox.
    Queued { cid: String },
    /// The server has it on its disk, at this place.
    Acknowledged { cid: String, seq: u64 },
    /// It is not taken, and in no outbox.
    Refused { cid: String },
    /// It was shown.
    Shown { seq: u64, text: String },
}

/// A line of the room in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) seq: u64,
    pub(crate) text: String,
}

/// What a database holds, and what `SQLite` says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// In the order in which they came.
    pub(crate) rows: Vec<Row>,
    /// Texts that the server has lost: a client's.
    pub(crate) lost: Vec<String>,
    /// Texts that are not acknowledged: a client's.
    pub(crate) outbox: Vec<String>,
    /// `PRAGMA integrity_check`.
    pub(crate) integrity: String,
}

/// Somebody, and everything that their programs told: one list for each time that it was started.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) lives: Vec<Vec<Step>>,
    pub(crate) held: Held,
}

/// All there is to judge by.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    pub(crate) server: Held,
    pub(crate) people: Vec<Person>,
}

/// What is not as it must be: who, and what about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// `integrity_check` does not say ok.
    Damaged(String, String),
    /// The server has a text more than once.
    Doubled(String),
    /// The server acknowledged it, and does not have it.
    AcknowledgedAndGone(String, String),
    /// It is at another place than was acknowledged.
    Misplaced(String, String),
    /// It was in the outbox, and is neither there nor at the server.
    Lost(String, String),
    /// The server has what a person said in another order.
    Reordered(String, String),
    /// It was shown twice.
    ShownTwice(String, String),
    /// What was shown is not what the server has there.
    ShownOtherwise(String, String),
    /// It is held, and was never shown, though nobody was killed meanwhile.
    NeverShown(String, String),
    /// What a client holds is not what the server holds.
    Disagreement(String, String),
}

/// Whether everybody has come to rest: nothing is under way, and all hold the same.
pub(crate) fn agree(evidence: &Evidence) -> bool {
    evidence.people.iter().all(|person| {
        let told = Told::of(person);
        let last = person.lives.last().map_or(&[][..], Vec::as_slice);
        person.held.outbox.is_empty()
            && person.held.rows == evidence.server.rows
            && told.unanswered(last).next().is_none()
            && (person.lives.len() > 1 || told.shown.len() == person.held.rows.len())
    })
}

/// Everything that is not as it must be.
pub(crate) fn judge(evidence: &Evidence) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Evidence { server, people } = evidence;
    damage("the server", server, &mut findings);
    let mut places: HashMap<&str, Vec<u64>> = HashMap::new();
    for row in &server.rows {
        places.entry(&row.text).or_default().push(row.seq);
    }
    for (text, seqs) in &places {
        if seqs.len() > 1 {
            findings.push(Finding::Doubled((*text).to_owned()));
        }
    }
    for person in people {
        damage(&person.name, &person.held, &mut findings);
        let told = Told::of(person);
        delivery(person, &told, &places, &mut findings);
        display(person, &told, &places, &mut findings);
        if let Some(what) = difference(&server.rows, &person.held.rows) {
            findings.push(Finding::Disagreement(person.name.clone(), what));
        }
    }
    findings
}

fn damage(who: &str, held: &Held, findings: &mut Vec<Finding>) {
    if held.integrity != "ok" {
        let finding = Finding::Damaged(who.to_owned(), held.integrity.clone());
        findings.push(finding);
    }
}

/// What became of what a person said.
fn delivery(
    person: &Person,
    told: &Told<'_>,
    places: &HashMap<&str, Vec<u64>>,
    findings: &mut Vec<Finding>,
) {
    let name = || person.name.clone();
    let mut last = 0;
    for (cid, text) in &told.said {
        let text = *text;
        let seqs = places.get(text).map_or(&[][..], Vec::as_slice);
        if let Some(acknowledged) = told.acknowledged.get(cid) {
            if seqs.is_empty() {
                findings.push(Finding::AcknowledgedAndGone(name(), text.to_owned()));
            } else if acknowledged.iter().any(|seq| !seqs.contains(seq)) {
                findings.push(Finding::Misplaced(name(), text.to_owned()));
            }
        } else if told.queued.contains(cid) && !told.refused.contains(cid) {
            let is_waiting = person.held.outbox.iter().any(|waiting| waiting == text);
            if seqs.is_empty() && !is_waiting {
                findings.push(Finding::Lost(name(), text.to_owned()));
            }
        }
        if let Some(&seq) = seqs.first() {
            if seq < last {
                findings.push(Finding::Reordered(name(), text.to_owned()));
            }
            last = seq;
        }
    }
}

/// What a person was shown.
fn display(
    person: &Person,
    told: &Told<'_>,
    places: &HashMap<&str, Vec<u64>>,
    findings: &mut Vec<Finding>,
) {
    let name = || person.name.clone();
    let mut seen = HashSet::new();
    for (seq, text) in &told.shown {
        if !seen.insert(*text) {
            findings.push(Finding::ShownTwice(name(), (*text).to_owned()));
        }
        let is_lost = person.held.lost.iter().any(|lost| lost == text);
        let is_there = places.get(text).is_some_and(|seqs| seqs.contains(seq));
        if !is_there && !is_lost {
            findings.push(Finding::ShownOtherwise(name(), (*text).to_owned()));
        }
    }
    if person.lives.len() == 1 {
        for row in &person.held.rows {
            if !seen.contains(row.text.as_str()) {
                findings.push(Finding::NeverShown(name(), row.text.clone()));
            }
        }
    }
}

/// Where two lists part.
fn difference(server: &[Row], client: &[Row]) -> Option<String> {
    if server == client {
        return None;
    }
    let at = server
        .iter()
        .zip(client)
        .position(|(one, other)| one != other);
    let at = at.unwrap_or(server.len().min(client.len()));
    let (one, other) = (server.get(at), client.get(at));
    Some(format!(
        "{} rows and {}; at {at} {one:?} and {other:?}",
        server.len(),
        client.len()
    ))
}

/// What one person's programs told, over all their lives.
struct Told<'a> {
    /// In the order in which it was said.
    said: Vec<(&'a str, &'a str)>,
    queued: HashSet<&'a str>,
    acknowledged: HashMap<&'a str, Vec<u64>>,
    refused: HashSet<&'a str>,
    shown: Vec<(u64, &'a str)>,
}

impl<'a> Told<'a> {
    fn of(person: &'a Person) -> Self {
        let mut told = Self {
            said: Vec::new(),
            queued: HashSet::new(),
            acknowledged: HashMap::new(),
            refused: HashSet::new(),
            shown: Vec::new(),
        };
        for step in person.lives.iter().flatten() {
            match step {
                Step::Said { cid, text } => told.said.push((cid, text)),
                Step::Queued { cid } => drop(told.queued.insert(cid)),
                Step::Acknowledged { cid, seq } => {
                    told.acknowledged.entry(cid).or_default().push(*seq);
                }
                Step::Refused { cid } => drop(told.refused.insert(cid)),
                Step::Shown { seq, text } => told.shown.push((*seq, text)),
            }
        }
        told
    }

    /// What was said in a life and of which nothing is known yet.
    fn unanswered(&self, life: &'a [Step]) -> impl Iterator<Item = &'a str> {
        life.iter().filter_map(|step| match step {
            Step::Said { cid, .. } => {
                let cid = cid.as_str();
                let is_known = self.queued.contains(cid) || self.refused.contains(cid);
                (!is_known).then_some(cid)
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests;
