//! The servers that are measured, and what the kernel counts for them.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hallway_tests::world;
use tempfile::TempDir;

use crate::peers::{self, Peer, Role, Start};

/// How long a server may take to listen.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often is looked whether it listens.
const LOOK: Duration = Duration::from_millis(2);

/// A server that is running; it is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Held, so that what it says later does not fail.
    stdout: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Server {
    /// Starts one and waits until it listens.
    ///
    /// # Errors
    /// It is missing, or does not say where it listens.
    pub(crate) fn start(peer: Peer, role: Role) -> Result<Self> {
        Self::of(peer.start(role)?, peer.name())
    }

    /// Our server with these options.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub(crate) fn of_ours(options: &[&OsStr]) -> Result<Self> {
        let mut command = peers::ours()?;
        command.args(options);
        let port = None;
        Self::of(Start { command, port }, "hallway-server")
    }

    /// This program as a server.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub(crate) fn of_this_program(arguments: &[&str]) -> Result<Self> {
        let command = peers::this_program(arguments)?;
        let port = None;
        Self::of(Start { command, port }, arguments[0])
    }

    fn of(start: Start, name: &str) -> Result<Self> {
        let Start { mut command, port } = start;
        let mut child = command
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} does not start"))?;
        let stdout = child.stdout.take().expect("a pipe was asked for");
        let mut server = Self {
            child,
            stdout: BufReader::new(stdout),
            address: SocketAddr::from(([127, 0, 0, 1], port.unwrap_or_default())),
        };
        match port {
            Some(port) => server.wait_for(port)?,
            None => server.address = server.told_address()?,
        }
        Ok(server)
    }

    fn told_address(&mut self) -> Result<SocketAddr> {
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        line.trim_end()
            .strip_prefix("Listening on ")
            .and_then(|address| address.parse().ok())
            .with_context(|| format!("it does not say where it listens: {line:?}"))
    }

    fn wait_for(&mut self, port: u16) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while !world::is_listening(port) {
            let ended = self.child.try_wait()?;
            ensure!(ended.is_none(), "it has ended before it listened");
            ensure!(Instant::now() < end, "it does not listen on port {port}");
            thread::sleep(LOOK);
        }
        Ok(())
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

/// Where a server keeps what is said: beside what was built, which is on a disk.
///
/// # Errors
/// The disk refuses.
pub(crate) fn folder() -> Result<TempDir> {
    let beside = std::env::current_exe()?;
    let beside = beside.parent().unwrap_or(Path::new("."));
    Ok(TempDir::new_in(beside)?)
}
