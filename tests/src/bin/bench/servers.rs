//! The servers that are measured, and what the kernel counts for them.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// What a server does with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Gives it back to who sent it.
    Echo,
    /// Gives it to all others.
    Relay,
}

impl Role {
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Echo, Self::Relay]
            .into_iter()
            .find(|role| role.word() == word)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Relay => "relay",
        }
    }
}

/// A program that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The real server.
    Hallway,
    /// What the machine allows: [`crate::bare`].
    Loop,
}

impl Peer {
    pub(crate) const ALL: [Self; 2] = [Self::Hallway, Self::Loop];

    /// The one that all are compared with.
    pub(crate) const LIMIT: Self = Self::Loop;

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hallway => "hallway-server",
            Self::Loop => "bare loop",
        }
    }

    /// Where its program is.
    ///
    /// # Errors
    /// It was not built.
    pub(crate) fn find(self) -> Result<PathBuf> {
        let this = env::current_exe().context("the path of this program")?;
        if self == Self::Loop {
            return Ok(this);
        }
        let path = this.with_file_name("hallway-server");
        ensure!(
            path.is_file(),
            "there is no {}; build it with `cargo build --release -p hallway-server`",
            path.display()
        );
        Ok(path)
    }

    fn command(self, role: Role) -> Result<Command> {
        let mut command = Command::new(self.find()?);
        match self {
            Self::Loop => {
                command.args(["loop", role.word()]);
            }
            Self::Hallway => {
                command.args(["--headless", "--quiet", "--address", "127.0.0.1"]);
                command.args(["--port", "0", "--max-connections", "0"]);
                if role == Role::Echo {
                    command.args(["--echo", "--no-relay"]);
                }
            }
        }
        Ok(command)
    }
}

/// A server that is running; it is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Held, so that what it says later does not fail.
    _stdout: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Server {
    /// Starts one and waits until it listens.
    ///
    /// # Errors
    /// It is missing, or does not say where it listens.
    pub(crate) fn start(peer: Peer, role: Role) -> Result<Self> {
        let mut child = peer
            .command(role)?
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} does not start", peer.name()))?;
        let stdout = child.stdout.take().expect("a pipe was asked for");
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        let read = stdout.read_line(&mut line);
        let address = line
            .trim_end()
            .strip_prefix("Listening on ")
            .and_then(|address| address.parse().ok());
        let mut server = Self {
            child,
            _stdout: stdout,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        read?;
        server.address = address
            .with_context(|| format!("{} does not say where it listens: {line:?}", peer.name()))?;
        Ok(server)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The processor time it took until now.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let process = self.process();
        scheduled(&process)
            .or_else(|| ticks(&process))
            .context("the kernel does not tell the processor time; has the server ended?")
    }

    /// Its resident memory that no file backs, in KiB.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(self.process().join("status"))?;
        status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"))
            .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
            .context("the kernel does not tell the memory; has the server ended?")
    }

    fn process(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}", self.child.id()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which a client has noticed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the scheduler counted for all threads, in nanoseconds; not every kernel does.
fn scheduled(process: &Path) -> Option<Duration> {
    let threads = fs::read_dir(process.join("task")).ok()?;
    let times = threads.map(|thread| {
        let counts = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        let nanos = counts.split_whitespace().next()?.parse().ok()?;
        Some(Duration::from_nanos(nanos))
    });
    times
        .sum::<Option<Duration>>()
        .filter(|time| !time.is_zero())
}

/// What the clock's ticks found running (`proc_pid_stat`(5)): 100 a second on Linux.
fn ticks(process: &Path) -> Option<Duration> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    // The name of the program, in parentheses, may hold spaces.
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields = after_name.split_whitespace().skip(11).take(2);
    let ticks = fields.map(|field| field.parse::<u64>().ok());
    Some(Duration::from_millis(10 * ticks.sum::<Option<u64>>()?))
}
