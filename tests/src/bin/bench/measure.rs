//! One server, one measurement.

use std::fs;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::churn;
use crate::client;
use crate::effort::{Effort, Pace};
use crate::figures::{Figure, Sample};
use crate::load::{self, Outcome, Plan};
use crate::parts::Kind;
use crate::peers::{Peer, Role};
use crate::servers::Server;
use crate::trouble::Trouble;

/// Idle connections from which the memory of one can be told.
const MANY: usize = 900;

/// How long connecting the silent ones may take together: a second or two, unless the kernel turns
/// newcomers away and each of them tries again a second later.
const ALL_CONNECTED: Duration = Duration::from_mins(1);

impl Kind {
    /// What a server does with a line here.
    pub(crate) fn role(self) -> Role {
        match self {
            Self::Lines { plan, .. } => plan.role,
            Self::Accept => Role::Echo,
        }
    }

    /// Whether one measurement takes seconds.
    pub(crate) fn is_long(self) -> bool {
        matches!(self, Self::Lines { is_long: true, .. })
    }

    /// Starts a server and measures it.
    ///
    /// # Errors
    /// A line was lost, doubled, changed or out of order, the server ended, or the system
    /// refused something.
    pub(crate) fn measure(self, peer: Peer, effort: Effort) -> Result<Sample> {
        match self {
            Self::Lines {
                plan,
                silent,
                is_long,
            } => {
                let mut sample = lines(peer, plan, silent, effort.pace(peer, is_long))?;
                if !is_long {
                    sample.forget(Figure::Growth);
                }
                Ok(sample)
            }
            Self::Accept => {
                let server = Server::start(peer, Role::Echo)?;
                Ok(sample(&churn::run(effort.pace(peer, false), &server)?))
            }
        }
    }
}

/// Lines, beside so many who say nothing and read nothing.
///
/// # Errors
/// Those of [`Kind::measure`].
pub(crate) fn lines(peer: Peer, plan: Plan, silent: usize, pace: Pace) -> Result<Sample> {
    let server = Server::start(peer, plan.role)?;
    let (before, kernel) = (server.memory()?, kernel_memory()?);
    let silent = silent_clients(silent, plan.role, &server)?;
    let outcome = load::run(plan, pace, &server)?;
    let growth = server.memory()? - before;
    let mut sample = sample(&outcome);
    if silent.len() >= MANY {
        sample.push(Figure::Memory, growth / float(silent.len()));
        let kernel = kernel_memory()? - kernel;
        sample.push(Figure::Kernel, kernel / float(silent.len()));
    }
    sample.push(Figure::Growth, growth);
    Ok(sample)
}

/// Clients that say nothing and read nothing.
fn silent_clients(count: usize, role: Role, server: &Server) -> Result<Vec<OwnedFd>> {
    let end = Instant::now() + ALL_CONNECTED;
    let mut clients = Vec::with_capacity(count);
    while clients.len() < count {
        let complaint = || format!("{} of {count} were connected in time", clients.len());
        ensure!(Instant::now() < end, Trouble::Froze(complaint()));
        let client = match role {
            Role::Echo => client::connect(server.address(), None),
            // It is told things that it does not read.
            Role::Relay => client::connect_to_stall(server.address()),
        };
        clients.push(client.context("a silent client")?);
    }
    Ok(clients)
}

fn sample(outcome: &Outcome) -> Sample {
    let count = f64::from(outcome.count.max(1));
    let mut sample = Sample::default();
    sample.push(Figure::Cpu, micros(outcome.cpu) / count);
    sample.push(Figure::Rate, count / outcome.elapsed.as_secs_f64() / 1e3);
    for (figure, percent) in [(Figure::Median, 50), (Figure::Tail, 99)] {
        if let Some(time) = outcome.times.percentile(percent) {
            sample.push(figure, micros(time));
        }
    }
    sample.push(Figure::Longest, micros(outcome.times.longest()) / 1e3);
    sample
}

/// What the kernel holds in its own structures, sockets among them, in KiB.
fn kernel_memory() -> Result<f64> {
    let memory = fs::read_to_string("/proc/meminfo")?;
    memory
        .lines()
        .find_map(|line| line.strip_prefix("Slab:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .context("the kernel does not tell its memory")
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

pub(crate) fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
