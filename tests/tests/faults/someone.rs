//! Somebody who talks, by a program that can be killed and started again.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hallway_tests::program::Program;
use hallway_tests::talker::told;
use hallway_tests::wait::{PATIENCE, until};
use rustix::process::Signal;

use crate::checker::{Held, Step};
use crate::disk;
use crate::room::HISTORY;

/// Somebody who talks.
#[derive(Debug)]
pub(crate) struct Someone {
    pub(crate) name: String,
    /// Where their program keeps its things.
    pub(crate) home: PathBuf,
    /// Their database, as we reach it.
    pub(crate) database: PathBuf,
    talker: PathBuf,
    server: String,
    pub(crate) program: Option<Program>,
    /// What those told that are no more.
    past: Vec<Vec<String>>,
    said: u32,
}

impl Someone {
    pub(crate) fn new(name: &str, home: PathBuf, talker: &Path, server: &str) -> Self {
        Self {
            name: name.to_owned(),
            database: home.join(HISTORY),
            home,
            talker: talker.to_owned(),
            server: server.to_owned(),
            program: None,
            past: Vec::new(),
            said: 0,
        }
    }

    /// How their program is started.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.talker);
        command.arg(&self.home).args([&self.server, &self.name]);
        command
    }

    #[track_caller]
    pub(crate) fn start(&mut self) {
        let command = self.command();
        self.start_by(command);
    }

    #[track_caller]
    pub(crate) fn start_by(&mut self, command: Command) {
        self.program = Some(Program::spawn(command));
    }

    /// Whether their program has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        let program = self.program.as_mut();
        program.is_some_and(|program| program.ended().is_some())
    }

    /// Ends their program, properly or not, and keeps what it told.
    #[track_caller]
    pub(crate) fn end(&mut self, signal: Signal) {
        let program = self.program.take().expect("it was started");
        self.bury(program, signal);
    }

    /// Ends their program as a person would, and keeps what it told.
    #[track_caller]
    pub(crate) fn leaves(&mut self) {
        let mut program = self.program.take().expect("it runs");
        program.end_input();
        let status = program.end(PATIENCE);
        assert!(status.success(), "{}: {:?}", self.name, program.err().all());
        self.bury(program, Signal::TERM);
    }

    /// Ends a program that was theirs, and keeps what it told.
    #[track_caller]
    pub(crate) fn bury(&mut self, mut program: Program, signal: Signal) {
        if program.ended().is_none() {
            program.signal(signal);
        }
        let (_, out, said) = program.outcome(PATIENCE);
        assert!(!said.contains("panicked"), "{}: {said}", self.name);
        self.past.push(out.lines().map(str::to_owned).collect());
    }

    /// Says a text that nobody else says, and gives it.
    #[track_caller]
    pub(crate) fn says(&mut self) -> String {
        self.says_more("")
    }

    /// Says such a text with something after it.
    #[track_caller]
    pub(crate) fn says_more(&mut self, more: &str) -> String {
        self.said += 1;
        let text = format!("{} {}{more}", self.name, self.said);
        self.tells(&text);
        text
    }

    /// Gives a line to their program, unless it was killed.
    #[track_caller]
    pub(crate) fn tells(&mut self, line: &str) {
        let program = self.program.as_mut().expect("it runs");
        program.try_type_line(line);
    }

    /// Waits until their program has told this, with `wanted` after it.
    #[track_caller]
    pub(crate) fn hears(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        self.hears_within(PATIENCE, what, wanted)
    }

    /// [`Someone::hears`] with a deadline of one's own.
    #[track_caller]
    pub(crate) fn hears_within(
        &self,
        patience: Duration,
        what: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> String {
        let program = self.program.as_ref().expect("it runs");
        let is_wanted = |line: &str| rest(line, what).is_some_and(&wanted);
        let found = program
            .out()
            .find(patience, &format!("“{what}” of {}", self.name), is_wanted);
        rest(&found, what).unwrap_or_default().to_owned()
    }

    /// Whether their program has told this since it was started, with `wanted` after it.
    pub(crate) fn has_heard(&self, what: &str, wanted: impl Fn(&str) -> bool) -> bool {
        let lines = self.program.iter().flat_map(|program| program.out().all());
        let mut rests = lines.filter_map(|line| rest(&line, what).map(str::to_owned));
        rests.any(|rest| wanted(&rest))
    }

    /// Waits until a text is on the server's disk.
    #[track_caller]
    pub(crate) fn is_acknowledged(&self, text: &str) {
        self.is_acknowledged_within(PATIENCE, text);
    }

    /// [`Someone::is_acknowledged`] with a deadline of one's own.
    #[track_caller]
    pub(crate) fn is_acknowledged_within(&self, patience: Duration, text: &str) {
        let said = self.hears(told::SAID, |rest| rest.ends_with(&format!("\t{text}")));
        let cid = said.split('\t').next().unwrap_or_default();
        self.hears_within(patience, told::ACKNOWLEDGED, |rest| rest.starts_with(cid));
    }

    /// What each of their programs told.
    pub(crate) fn lives(&self) -> Vec<Vec<Step>> {
        let now = self.program.iter().map(|program| program.out().all());
        let lives = self.past.iter().cloned().chain(now);
        let steps = |lines: Vec<String>| lines.iter().filter_map(|line| step(line)).collect();
        lives.map(steps).collect()
    }

    /// What it holds.
    #[track_caller]
    pub(crate) fn held(&self) -> Held {
        if !self.database.exists() {
            return Held::default();
        }
        // A program that is just being started may be making its tables.
        until(PATIENCE, "a database that can be read", || {
            disk::of_client(&self.database).ok()
        })
    }
}

/// A step, from the line that told it.
fn step(line: &str) -> Option<Step> {
    let parts: Vec<&str> = line.splitn(4, '\t').collect();
    let cid = |at: usize| Some((*parts.get(at)?).to_owned());
    match *parts.first()? {
        told::SAID => Some(Step::Said {
            cid: cid(1)?,
            text: cid(2)?,
        }),
        told::QUEUED => Some(Step::Queued { cid: cid(1)? }),
        told::ACKNOWLEDGED => Some(Step::Acknowledged {
            cid: cid(1)?,
            seq: parts.get(2)?.parse().ok()?,
        }),
        told::REFUSED => Some(Step::Refused { cid: cid(1)? }),
        told::SHOWN => Some(Step::Shown {
            seq: parts.get(2)?.parse().ok()?,
            text: cid(3)?,
        }),
        _ => None,
    }
}

/// What follows the first word of a line, if it is this one.
fn rest<'a>(line: &'a str, what: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(what)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('\t')
}
