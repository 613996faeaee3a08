//! What is measured.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::churn;
use crate::client;
use crate::effort::Effort;
use crate::figures::{Figure, Sample};
use crate::load::{self, Outcome, Plan};
use crate::section::Section;
use crate::servers::{Peer, Role, Server};
use crate::window;

/// How long a case is measured, after the servers got warm.
const TIME: Duration = Duration::from_millis(1500);

/// The same where something takes a second by itself.
const LONG_TIME: Duration = Duration::from_secs(3);

/// Idle connections from which the memory of one can be told.
const MANY: usize = 1000;

/// Something that can be measured by its name.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) work: Work,
}

/// How a part is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    /// Each of these on each server in turn.
    Cases(&'static [Case]),
    /// By a function of its own, which writes a chapter of the report: the windows are measured so.
    Own(fn(Effort) -> Result<Section>),
}

/// One measurement.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Lines, beside so many who say nothing and read nothing.
    Lines { plan: Plan, silent: usize },
    /// Clients that come and go.
    Accept,
}

pub(crate) static PARTS: [Part; 14] = [
    Part {
        name: "echo-1",
        about: "one client, one line under way",
        work: Work::Cases(&[echo("echo-1", 1, 1, 0)]),
    },
    Part {
        name: "echo-100",
        about: "100 clients, each with one line under way",
        work: Work::Cases(&[echo("echo-100", 100, 1, 0)]),
    },
    Part {
        name: "echo-pipelined",
        about: "50 clients, each with 100 lines under way",
        work: Work::Cases(&[echo("echo-pipelined", 50, 100, 0)]),
    },
    Part {
        name: "fan-50",
        about: "one sender, 50 receivers, one line under way",
        work: Work::Cases(&[fan("fan-50", 50, 1)]),
    },
    Part {
        name: "fan-500",
        about: "one sender, 500 receivers, one line under way",
        work: Work::Cases(&[fan("fan-500", 500, 1)]),
    },
    Part {
        name: "fan-50-windowed",
        about: "one sender, 50 receivers, 200 lines under way",
        work: Work::Cases(&[fan("fan-50-windowed", 50, 200)]),
    },
    Part {
        name: "mesh-50",
        about: "50 clients, all sending to all, each with 20 lines under way",
        work: Work::Cases(&[relay("mesh-50", 50, 50, 20)]),
    },
    Part {
        name: "idle-1000",
        about: "1,000 idle connections beside 10 that echo",
        work: Work::Cases(&[echo("idle-1000", 10, 1, 1000)]),
    },
    Part {
        name: "idle-9900",
        about: "9,900 idle connections beside 10 that echo",
        work: Work::Cases(&[echo("idle-9900", 10, 1, 9900)]),
    },
    Part {
        name: "accept",
        about: "64 at a time connect, say a line, read it back and close",
        work: Work::Cases(&[Case {
            name: "accept",
            kind: Kind::Accept,
        }]),
    },
    Part {
        name: "stalled",
        about: "one sender, 49 receivers, 20 lines under way, and one that never reads; without it, too",
        work: Work::Cases(&[
            stalled("stalled (none)", 0),
            stalled("stalled (1 of 51)", 1),
        ]),
    },
    Part {
        name: "window-start",
        about: "from the start of both programs to their first frames, beside an empty window",
        work: Work::Own(window::start),
    },
    Part {
        name: "window-million",
        about: "a conversation of a million lines, gone through",
        work: Work::Own(window::million),
    },
    Part {
        name: "window-flood",
        about: "50 peers talk as fast as they can into a room with a window",
        work: Work::Own(window::flood),
    },
];

const fn echo(name: &'static str, clients: usize, window: u32, silent: usize) -> Case {
    let plan = Plan {
        role: Role::Echo,
        clients,
        senders: clients,
        window,
        time: TIME,
    };
    Case {
        name,
        kind: Kind::Lines { plan, silent },
    }
}

const fn relay(name: &'static str, clients: usize, senders: usize, window: u32) -> Case {
    let plan = Plan {
        role: Role::Relay,
        clients,
        senders,
        window,
        time: TIME,
    };
    Case {
        name,
        kind: Kind::Lines { plan, silent: 0 },
    }
}

const fn fan(name: &'static str, receivers: usize, window: u32) -> Case {
    relay(name, receivers + 1, 1, window)
}

const fn stalled(name: &'static str, silent: usize) -> Case {
    let plan = Plan {
        role: Role::Relay,
        clients: 50,
        senders: 1,
        // Enough to fill all that is queued for the one that never reads.
        window: 20,
        time: LONG_TIME,
    };
    Case {
        name,
        kind: Kind::Lines { plan, silent },
    }
}

impl Case {
    /// Starts a server and measures it.
    ///
    /// # Errors
    /// A line was lost, doubled, changed or out of order, the server ended, or the system
    /// refused something.
    pub(crate) fn measure(&self, peer: Peer, effort: Effort) -> Result<Sample> {
        match self.kind {
            Kind::Lines { plan, silent } => lines(peer, plan, silent, effort),
            Kind::Accept => {
                let server = Server::start(peer, Role::Echo)?;
                Ok(sample(&churn::run(TIME, effort.warm_up(), &server)?))
            }
        }
    }
}

fn lines(peer: Peer, plan: Plan, silent: usize, effort: Effort) -> Result<Sample> {
    let server = Server::start(peer, plan.role)?;
    let before = server.memory()?;
    let silent: Vec<_> = (0..silent)
        .map(|_| client::connect(server.address(), None))
        .collect::<Result<_>>()
        .context("a silent client")?;
    let outcome = load::run(plan, effort.warm_up(), &server)?;
    let growth = server.memory()? - before;
    let mut sample = sample(&outcome);
    if silent.len() >= MANY {
        sample.push(Figure::Memory, growth / float(silent.len()));
    }
    if plan.time == LONG_TIME {
        sample.push(Figure::Growth, growth);
    }
    Ok(sample)
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

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
