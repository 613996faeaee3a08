//! `hallway-server --headless`, running, and the conversation it prints.

use std::collections::HashSet;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::peer::Peer;
use crate::program::Program;
use crate::wait::{PATIENCE, until};
use crate::world::ours;

/// TCP sockets of a server that is alone.
const LISTENING: usize = 1;
/// How long a server without a connection opens and closes nothing before it counts as at rest.
const AT_REST: Duration = Duration::from_millis(300);

/// Where the number of a socket stands in a line of `/proc/PID/net/tcp` (`proc_pid_net(5)`).
const INODE: usize = 9;

/// Who speaks in a line about what happened.
const EVENT: &str = "*";

/// What a line says of a connection that is no more.
const GONE: [&str; 4] = ["disconnected", "refused", "broken off", "kept out"];

/// A line of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, as ISO 8601 writes it.
    pub time: String,
    /// Who said it, or `*`.
    pub speaker: String,
    /// What was said or what happened.
    pub text: String,
}

impl Entry {
    /// Takes a line apart; none where it is not one of the conversation.
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.splitn(3, '\t');
        let entry = Self {
            time: parts.next()?.to_owned(),
            speaker: parts.next()?.to_owned(),
            text: parts.next()?.to_owned(),
        };
        entry.time_is_iso().then_some(entry)
    }

    /// Whether it tells what happened rather than what somebody said.
    pub fn is_event(&self) -> bool {
        self.speaker == EVENT
    }

    /// Whether it is an event and has all these words in it.
    pub fn tells(&self, words: &[&str]) -> bool {
        let text = self.text.to_lowercase();
        self.is_event() && words.iter().all(|word| text.contains(&word.to_lowercase()))
    }

    /// Whether it tells that the connection from this address is no more.
    pub fn tells_end_of(&self, peer: SocketAddr) -> bool {
        let text = self.text.to_lowercase();
        self.concerns(peer) && GONE.iter().any(|word| text.contains(word))
    }

    /// Whether it is an event that names this address and port.
    pub fn concerns(&self, peer: SocketAddr) -> bool {
        self.tells(&[&peer.ip().to_string(), &peer.port().to_string()])
    }

    fn time_is_iso(&self) -> bool {
        let shape: String = self
            .time
            .chars()
            .take(19)
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        shape == "0000-00-00T00:00:00"
    }
}

/// What a process takes of the machine.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Open descriptors.
    pub descriptors: usize,
    /// Those of them that are sockets.
    pub sockets: usize,
    /// Resident memory that no file backs, in KiB.
    pub memory: usize,
    /// Processor time, in clock ticks (100 a second on Linux).
    pub ticks: u64,
}

/// A server of ours. It must be well until the end of the test, or be ended by the test.
#[derive(Debug)]
pub struct Server {
    program: Program,
    address: SocketAddr,
    ended: bool,
}

impl Server {
    /// Starts one on a port that it picks, on this computer alone unless told otherwise.
    #[track_caller]
    pub fn start(arguments: &[&str]) -> Self {
        Self::of(Program::spawn(command(arguments)))
    }

    /// Starts one whose stdout nobody reads until [`Lines::read_on`](crate::lines::Lines::read_on).
    #[track_caller]
    pub fn start_unread(arguments: &[&str]) -> Self {
        Self::of(Program::spawn_unread(command(arguments)))
    }

    /// One that has just been started: see [`command`].
    #[track_caller]
    pub fn of(program: Program) -> Self {
        let lines = program.out().at_least_or_end(PATIENCE, 1);
        let address = lines
            .first()
            .and_then(|line| line.strip_prefix("Listening on "))
            .and_then(|address| address.parse().ok());
        let Some(address) = address else {
            panic!(
                "hallway-server does not say where it listens. stdout: {lines:?}, stderr: {:?}",
                program.err().all()
            );
        };
        Self {
            program,
            address,
            ended: false,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process.
    pub fn program(&mut self) -> &mut Program {
        &mut self.program
    }

    /// A peer that the server knows of.
    #[track_caller]
    pub fn peer(&self) -> Peer {
        let peer = Peer::connect(self.address);
        self.knows(&peer);
        peer
    }

    /// A peer that the server knows by a name.
    #[track_caller]
    pub fn peer_named(&self, name: &str) -> Peer {
        let mut peer = self.peer();
        peer.line(&format!("/name {name}"));
        let answer = peer.answer();
        assert!(answer.contains(name), "{answer}");
        peer
    }

    /// Waits until the server has told of this peer.
    #[track_caller]
    pub fn knows(&self, peer: &Peer) {
        let address = peer.address();
        self.entry(&format!("a word about {address}"), |entry| {
            entry.concerns(address)
        });
    }

    /// The host says a line.
    #[track_caller]
    pub fn says(&mut self, text: &str) {
        self.program.type_line(text);
    }

    /// The conversation until now.
    pub fn entries(&self) -> Vec<Entry> {
        let lines = self.program.out().all();
        lines
            .iter()
            .skip(1)
            .map(|line| Entry::parse(line).unwrap_or_else(|| panic!("not an entry: {line}")))
            .collect()
    }

    /// The first entry that is `wanted`, already there or still to come.
    #[track_caller]
    pub fn entry(&self, what: &str, wanted: impl FnMut(&Entry) -> bool) -> Entry {
        self.entry_within(PATIENCE, what, wanted)
    }

    /// [`Server::entry`] with a deadline of one's own.
    #[track_caller]
    pub fn entry_within(
        &self,
        patience: Duration,
        what: &str,
        mut wanted: impl FnMut(&Entry) -> bool,
    ) -> Entry {
        let line = self.program.out().find(patience, what, |line| {
            Entry::parse(line).is_some_and(|entry| wanted(&entry))
        });
        Entry::parse(&line).expect("it was parsed before")
    }

    /// Waits until somebody has said exactly this.
    #[track_caller]
    pub fn hears(&self, text: &str) -> Entry {
        self.entry(&format!("“{text}” said by anybody"), |entry| {
            !entry.is_event() && entry.text == text
        })
    }

    /// Waits for an event with all these words in it.
    #[track_caller]
    pub fn event(&self, words: &[&str]) -> Entry {
        self.entry(&format!("an event with {words:?}"), |entry| {
            entry.tells(words)
        })
    }

    /// Waits until the server tells that the connection from this address is no more.
    #[track_caller]
    pub fn lost(&self, peer: SocketAddr) -> Entry {
        self.entry(&format!("the end of {peer}"), |entry| {
            entry.tells_end_of(peer)
        })
    }

    /// Two newcomers hear the host and each other, and the server is well.
    #[track_caller]
    pub fn serves(&mut self) {
        let mut speaker = self.peer();
        let mut listener = self.peer();
        let text = format!("still there? {}", speaker.address().port());
        speaker.line(&text);
        listener.hears(&format!("{}: {text}", speaker.address()));
        self.says(&text);
        speaker.hears(&text);
        listener.hears(&text);
        self.is_well();
    }

    /// It runs, and has not panicked on the way.
    #[track_caller]
    pub fn is_well(&mut self) {
        let said = self.program.err().all().join("\n");
        if let Some(status) = self.program.ended() {
            panic!("hallway-server ended, {status}: {said}");
        }
        for trouble in ["panicked", "CRITICAL", "GLib"] {
            assert!(!said.contains(trouble), "hallway-server complains: {said}");
        }
    }

    /// Asks it to end, and waits for that; gives the exit code.
    #[track_caller]
    pub fn end_by(&mut self, signal: Signal) -> Option<i32> {
        self.is_well();
        self.ended = true;
        self.program.signal(signal);
        let (code, _, said) = self.program.outcome(PATIENCE);
        assert!(
            !said.contains("panicked"),
            "hallway-server panicked: {said}"
        );
        code
    }

    /// Waits for the end of one that ends by itself.
    #[track_caller]
    pub fn ends(&mut self, patience: Duration) {
        self.ended = true;
        self.program.end(patience);
    }

    /// What it takes of the machine now.
    #[track_caller]
    pub fn usage(&self) -> Usage {
        let process = format!("/proc/{}", self.program.pid());
        let read = |file: &str| {
            fs::read_to_string(format!("{process}/{file}"))
                .unwrap_or_else(|error| panic!("hallway-server has no {file}: {error}"))
        };
        let status = read("status");
        let memory = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"))
            .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
            .expect("Linux tells the resident memory of a process");
        // The name of the program, in parentheses, may hold spaces (proc_pid_stat(5)).
        let stat = read("stat");
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks = after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|field| field.parse::<u64>().expect("a count of clock ticks"))
            .sum();
        // Before the descriptors: one that is closed meanwhile is then not counted.
        let tables = read("net/tcp") + &read("net/tcp6");
        let descriptors: Vec<_> = fs::read_dir(format!("{process}/fd"))
            .expect("descriptors of a child can be listed")
            // One that was closed meanwhile is no more.
            .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
            .collect();
        let connected: HashSet<_> = tables
            .lines()
            .filter_map(|line| Some(format!("socket:[{}]", line.split_whitespace().nth(INODE)?)))
            .collect();
        let is_socket = |what: &&PathBuf| connected.contains(&*what.to_string_lossy());
        Usage {
            descriptors: descriptors.len(),
            sockets: descriptors.iter().filter(is_socket).count(),
            memory,
            ticks,
        }
    }

    /// Waits until no connection is left and nothing is opened or closed any more (a bus that is
    /// looked for takes a moment); gives what it takes of the machine then.
    #[track_caller]
    pub fn usage_alone(&self) -> Usage {
        let mut same = (0, Instant::now());
        until(PATIENCE, "an end of all connections", || {
            let usage = self.usage();
            if usage.descriptors != same.0 {
                same = (usage.descriptors, Instant::now());
            }
            (usage.sockets <= LISTENING && same.1.elapsed() >= AT_REST).then_some(usage)
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !self.ended && !std::thread::panicking() {
            self.is_well();
        }
    }
}

/// `hallway-server --headless` with these arguments, on a port that it picks.
#[track_caller]
pub fn command(arguments: &[&str]) -> Command {
    let mut command = ours("hallway-server");
    command.arg("--headless");
    if !arguments.contains(&"--port") {
        command.args(["--port", "0"]);
    }
    if !arguments.contains(&"--address") {
        command.args(["--address", "127.0.0.1"]);
    }
    command.args(arguments);
    command
}
