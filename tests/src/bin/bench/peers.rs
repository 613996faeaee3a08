//! The programs that are measured: ours, the limit, and what people use for this today.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use hallway_tests::{qt, world};

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

/// Names another `hallway-server`, to be compared with this one in the same run.
const OTHER: &str = "HALLWAY_BENCH_OTHER";

/// A program that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The real server.
    Hallway,
    /// The same of another version, where one is [named](OTHER).
    Other,
    /// What the machine allows: [`crate::bare`].
    Loop,
    /// What a Rust engineer writes, line by line: [`crate::with_tokio`].
    TokioLines,
    /// The same by chunks of bytes.
    TokioChunks,
    /// A `QTcpServer` as its documentation shows it.
    Qt,
    /// `ncat --broker`, which passes chunks of bytes on.
    Ncat,
}

/// How a server is started.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) command: Command,
    /// The port it was told to listen on; who was told none prints `Listening on ADDRESS`.
    pub(crate) port: Option<u16>,
}

impl Peer {
    pub(crate) const ALL: [Self; 7] = [
        Self::Hallway,
        Self::Other,
        Self::Loop,
        Self::TokioLines,
        Self::TokioChunks,
        Self::Qt,
        Self::Ncat,
    ];

    /// The one that all are compared with.
    pub(crate) const LIMIT: Self = Self::Loop;

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hallway => "hallway-server",
            Self::Other => "another version",
            Self::Loop => "bare loop",
            Self::TokioLines => "tokio lines",
            Self::TokioChunks => "tokio chunks",
            Self::Qt => "Qt",
            Self::Ncat => "ncat --broker",
        }
    }

    /// Whether its failure is one of the run; that of another is a result.
    pub(crate) fn must_not_fail(self) -> bool {
        matches!(self, Self::Hallway | Self::Other | Self::Loop)
    }

    /// Whether it can be measured so at all.
    pub(crate) fn can(self, role: Role) -> bool {
        self != Self::Ncat || role == Role::Relay
    }

    /// Those that are here; who is missing is said by name.
    ///
    /// # Errors
    /// Our own server was not built.
    pub(crate) fn present() -> Result<Vec<Self>> {
        let mut present = Vec::new();
        for peer in Self::ALL {
            let is_here = match peer {
                Self::Hallway => server_of_ours().map(|_| true)?,
                Self::Other => other_server().is_some(),
                Self::Loop | Self::TokioLines | Self::TokioChunks => true,
                Self::Qt => qt::room("echo").is_some(),
                Self::Ncat => world::foreign("ncat").is_some(),
            };
            if is_here {
                present.push(peer);
            }
        }
        Ok(present)
    }

    /// How it is started.
    ///
    /// # Errors
    /// It is not there any more.
    pub(crate) fn start(self, role: Role) -> Result<Start> {
        let mut port = None;
        let command = match self {
            Self::Hallway | Self::Other => {
                let program = match self {
                    Self::Other => other_server().context("no other version is named")?,
                    _ => server_of_ours()?,
                };
                let mut command = headless(program);
                if role == Role::Echo {
                    command.args(["--echo", "--no-relay"]);
                }
                command
            }
            Self::Loop => this_program(&["loop", role.word()])?,
            Self::TokioLines => this_program(&["tokio", "lines", role.word()])?,
            Self::TokioChunks => this_program(&["tokio", "chunks", role.word()])?,
            Self::Qt => qt::room(role.word()).context("Qt has gone")?,
            Self::Ncat => {
                let free = world::free_port();
                port = Some(free);
                let mut command = world::foreign("ncat").context("ncat has gone")?;
                // It takes 100 connections unless told otherwise.
                command.args(["--listen", "--broker", "--max-conns", "1000"]);
                command.args(["127.0.0.1", &free.to_string()]);
                command
            }
        };
        Ok(Start { command, port })
    }
}

/// Our server, without a window and at any port of this computer.
///
/// # Errors
/// It was not built.
pub(crate) fn ours() -> Result<Command> {
    Ok(headless(server_of_ours()?))
}

fn headless(program: PathBuf) -> Command {
    let mut command = Command::new(program);
    command.args(["--headless", "--quiet", "--address", "127.0.0.1"]);
    command.args(["--port", "0", "--max-connections", "0"]);
    command
}

/// This program, as something else.
///
/// # Errors
/// The system does not say where it is.
pub(crate) fn this_program(arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(env::current_exe().context("the path of this program")?);
    command.args(arguments);
    Ok(command)
}

/// Another version of our server, where somebody wants to know what became of it.
fn other_server() -> Option<PathBuf> {
    env::var_os(OTHER).map(PathBuf::from)
}

/// Beside this program, where cargo builds both.
fn server_of_ours() -> Result<PathBuf> {
    let this = env::current_exe().context("the path of this program")?;
    let path = this.with_file_name("hallway-server");
    ensure!(
        path.is_file(),
        "there is no {}; build it with `cargo build --release -p hallway-server`",
        path.display()
    );
    Ok(path)
}
