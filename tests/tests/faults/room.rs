//! A server and people who talk, as real programs that can be killed and started again.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use hallway_tests::program::Program;
use hallway_tests::server::{self, Server};
use hallway_tests::talker::told;
use hallway_tests::wait::{PATIENCE, until};
use hallway_tests::world::{free_port, ours};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::checker::{self, Evidence, Finding, HEALED, Person, Step};
use crate::disk;
use crate::someone::Someone;

/// The file of the history, of both programs.
pub(crate) const HISTORY: &str = "history.db";

/// Which programs.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    pub(crate) server: PathBuf,
    pub(crate) talker: PathBuf,
}

impl Programs {
    /// Those that people get, and the talker.
    pub(crate) fn usual() -> Self {
        Self {
            server: ours("hallway-server").get_program().into(),
            talker: env!("CARGO_BIN_EXE_talker").into(),
        }
    }
}

/// A room.
#[derive(Debug)]
pub(crate) struct Room {
    folder: TempDir,
    programs: Programs,
    /// Where the server listens.
    host: String,
    port: u16,
    /// The server's database, as we reach it.
    pub(crate) database: PathBuf,
    pub(crate) server: Option<Server>,
    pub(crate) people: Vec<Someone>,
}

impl Room {
    /// A server that runs, and people who have met it.
    #[track_caller]
    pub(crate) fn new(names: &[&str]) -> Self {
        let mut room = Self::of(Programs::usual(), names);
        room.start_server();
        for person in &mut room.people {
            person.start();
        }
        room.wait_until_here();
        room
    }

    /// A room in which nothing runs yet.
    pub(crate) fn of(programs: Programs, names: &[&str]) -> Self {
        Self::at("127.0.0.1", programs, names)
    }

    /// A room in which nothing runs yet, where its server has this address.
    pub(crate) fn at(host: &str, programs: Programs, names: &[&str]) -> Self {
        let folder = TempDir::new().expect("there is room for a folder");
        let port = free_port();
        let server = format!("{host}:{port}");
        let people = names.iter().map(|name| {
            let home = folder.path().join(name);
            Someone::new(name, home, &programs.talker, &server)
        });
        Self {
            people: people.collect(),
            database: folder.path().join("server").join(HISTORY),
            folder,
            programs,
            host: host.to_owned(),
            port,
            server: None,
        }
    }

    /// Where the server keeps its things.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("server")
    }

    /// How the server is started.
    pub(crate) fn server_command(&self) -> Command {
        let (data, port) = (self.data(), self.port.to_string());
        let data = data.to_str().expect("a path of ours is UTF-8");
        let usual = server::command(&[
            "--encryption",
            "only",
            "--data",
            data,
            "--port",
            &port,
            "--address",
            &self.host,
        ]);
        let mut command = Command::new(&self.programs.server);
        command.args(usual.get_args());
        command
    }

    #[track_caller]
    pub(crate) fn start_server(&mut self) {
        let command = self.server_command();
        self.start_server_by(command);
    }

    /// Starts the server with something more on its command line or around it.
    #[track_caller]
    pub(crate) fn start_server_with(&mut self, change: impl FnOnce(&mut Command)) {
        let mut command = self.server_command();
        change(&mut command);
        self.start_server_by(command);
    }

    #[track_caller]
    pub(crate) fn start_server_by(&mut self, command: Command) {
        self.server = Some(Server::of(Program::spawn(command)));
    }

    /// Ends the server, properly or not.
    #[track_caller]
    pub(crate) fn end_server(&mut self, signal: Signal) {
        let mut server = self.server.take().expect("it runs");
        server.end_by(signal);
    }

    /// Whether the server has ended by itself.
    pub(crate) fn server_has_ended(&mut self) -> bool {
        let server = self.server.as_mut();
        server.is_some_and(|server| server.program().ended().is_some())
    }

    /// Waits for the end of a server that kills itself.
    #[track_caller]
    pub(crate) fn server_ends(&mut self) {
        let mut server = self.server.take().expect("it ran");
        server.ends(PATIENCE);
    }

    /// Waits until everybody was welcome, and knows the server.
    #[track_caller]
    pub(crate) fn wait_until_here(&self) {
        for person in &self.people {
            person.hears(told::CAUGHT_UP, |_| true);
        }
    }

    /// What there is to judge by.
    ///
    /// # Panics
    /// A database cannot be read.
    #[track_caller]
    pub(crate) fn evidence(&self) -> Evidence {
        // First: what is told is on a disk by then.
        let lives: Vec<_> = self.people.iter().map(Someone::lives).collect();
        let held = self.people.iter().map(Someone::held);
        let people = self.people.iter().zip(held).zip(lives);
        Evidence {
            people: people
                .map(|((person, held), lives)| Person {
                    name: person.name.clone(),
                    lives,
                    held,
                })
                .collect(),
            server: until(PATIENCE, "the server's database", || {
                disk::of_server(&self.database).ok()
            }),
        }
    }

    /// Waits until everybody agrees, and has all of it judged. What is not in order within
    /// [`HEALED`] is a finding.
    #[track_caller]
    pub(crate) fn judge(&self) -> Vec<Finding> {
        self.judge_within(HEALED)
    }

    /// [`Room::judge`] with a deadline of one's own.
    #[track_caller]
    pub(crate) fn judge_within(&self, patience: Duration) -> Vec<Finding> {
        let healed = Instant::now();
        let evidence = loop {
            let evidence = self.evidence();
            if checker::agree(&evidence) || healed.elapsed() > patience {
                break evidence;
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        self.judge_now(evidence)
    }

    /// Has what there is judged.
    fn judge_now(&self, mut evidence: Evidence) -> Vec<Finding> {
        evidence.server.integrity = disk::integrity(&self.database);
        for (person, judged) in self.people.iter().zip(&mut evidence.people) {
            judged.held.integrity = disk::integrity(&person.database);
        }
        checker::judge(&evidence)
    }

    /// Everything must be as it should.
    #[track_caller]
    pub(crate) fn is_in_order(&self) {
        let findings = self.judge();
        assert!(findings.is_empty(), "{findings:#?}");
    }

    /// Somebody who was not here yet, and is not judged.
    pub(crate) fn newcomer(&self, name: &str) -> Someone {
        let server = format!("{}:{}", self.host, self.port);
        let home = self.folder.path().join(name);
        Someone::new(name, home, &self.programs.talker, &server)
    }

    /// Sends a signal to the program of somebody.
    pub(crate) fn signal_person(&self, index: usize, signal: Signal) {
        let program = self.people[index].program.as_ref();
        program.expect("it runs").signal(signal);
    }

    /// How many messages were acknowledged until now.
    pub(crate) fn acknowledged(&self) -> usize {
        let lives = self.people.iter().flat_map(Someone::lives);
        let steps = lives.flatten();
        steps
            .filter(|step| matches!(step, Step::Acknowledged { .. }))
            .count()
    }
}
