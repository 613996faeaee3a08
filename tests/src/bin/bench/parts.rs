//! What is measured.

use anyhow::Result;

use crate::churn;
use crate::effort::Effort;
use crate::encrypted;
use crate::history;
use crate::load::Plan;
use crate::peers::Role;
use crate::scale;
use crate::section::Section;
use crate::window;

/// Descriptors beside those of connections: streams, epoll sets, and what our server keeps free.
const DESCRIPTORS_BESIDE: usize = 80;

/// Something that can be measured by its name.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) work: Work,
    /// It is measured only when it is named.
    pub(crate) is_extra: bool,
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
    pub(crate) kind: Kind,
}

/// What is done with a server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Lines, beside so many who say nothing and read nothing.
    Lines {
        plan: Plan,
        silent: usize,
        /// It takes some seconds until the server has dealt with the silent.
        is_long: bool,
    },
    /// Clients that come and go.
    Accept,
}

impl Part {
    /// Descriptors that it takes here and, as many, in a server.
    pub(crate) fn descriptors(&self) -> u64 {
        let Work::Cases(cases) = self.work else {
            return 0;
        };
        let of_case = |case: &Case| match case.kind {
            Kind::Lines { plan, silent, .. } => plan.clients + silent + DESCRIPTORS_BESIDE,
            Kind::Accept => churn::AT_ONCE + DESCRIPTORS_BESIDE,
        };
        cases.iter().map(of_case).max().unwrap_or(0) as u64
    }
}

pub(crate) static PARTS: &[Part] = &[
    part(
        "echo-1",
        "one client, one line under way",
        &[echo("echo-1", 1, 1, 0)],
    ),
    part(
        "echo-100",
        "100 clients, each with one line under way",
        &[echo("echo-100", 100, 1, 0)],
    ),
    part(
        "echo-pipelined",
        "50 clients, each with 100 lines under way",
        &[echo("echo-pipelined", 50, 100, 0)],
    ),
    part(
        "fan-50",
        "one sender, 50 receivers, one line under way",
        &[fan("fan-50", 50, 1)],
    ),
    part(
        "fan-500",
        "one sender, 500 receivers, one line under way",
        &[fan("fan-500", 500, 1)],
    ),
    part(
        "fan-50-windowed",
        "one sender, 50 receivers, 200 lines under way",
        &[fan("fan-50-windowed", 50, 200)],
    ),
    part(
        "fan-500-windowed",
        "one sender, 500 receivers, 200 lines under way",
        &[fan("fan-500-windowed", 500, 200)],
    ),
    part(
        "mesh-50",
        "50 clients, all sending to all, each with 20 lines under way",
        &[relay("mesh-50", 50, 50, 20)],
    ),
    part(
        "idle",
        "1,000, 5,000 and 9,900 idle connections beside 10 that echo",
        &[
            echo("idle-1000", 10, 1, 1000),
            echo("idle-5000", 10, 1, 5000),
            echo("idle-9900", 10, 1, 9900),
        ],
    ),
    part(
        "accept",
        "64 at a time connect, say a line, read it back and close",
        &[Case {
            name: "accept",
            kind: Kind::Accept,
        }],
    ),
    part(
        "stalled",
        "one sender, 49 receivers, 50 lines under way, and one that never reads; without it, too",
        &[
            stalled("stalled (none)", 0),
            stalled("stalled (1 of 51)", 1),
        ],
    ),
    own(
        "encrypted",
        "handshakes, lines over TLS, messages that are on the disk when they are acknowledged",
        encrypted::measure,
    ),
    own(
        "history",
        "a history of a million lines, opened and searched",
        history::measure,
    ),
    own(
        "window-start",
        "from the start of both programs to their first frames, beside an empty window",
        window::start,
    ),
    own(
        "window-million",
        "a conversation of a million lines, gone through",
        window::million,
    ),
    own(
        "window-flood",
        "50 peers talk as fast as they can into a room with a window",
        window::flood,
    ),
    Part {
        name: "scale",
        about: "how cost grows with connections, receivers and lines: the points of docs/scale.md",
        work: Work::Own(scale::measure),
        is_extra: true,
    },
];

const fn part(name: &'static str, about: &'static str, cases: &'static [Case]) -> Part {
    Part {
        name,
        about,
        work: Work::Cases(cases),
        is_extra: false,
    }
}

const fn own(
    name: &'static str,
    about: &'static str,
    measure: fn(Effort) -> Result<Section>,
) -> Part {
    Part {
        name,
        about,
        work: Work::Own(measure),
        is_extra: false,
    }
}

const fn echo(name: &'static str, clients: usize, window: u32, silent: usize) -> Case {
    let plan = Plan {
        role: Role::Echo,
        clients,
        senders: clients,
        window,
    };
    lines(name, plan, silent, false)
}

const fn relay(name: &'static str, clients: usize, senders: usize, window: u32) -> Case {
    let plan = Plan {
        role: Role::Relay,
        clients,
        senders,
        window,
    };
    lines(name, plan, 0, false)
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
        window: 50,
    };
    lines(name, plan, silent, true)
}

const fn lines(name: &'static str, plan: Plan, silent: usize, is_long: bool) -> Case {
    let kind = Kind::Lines {
        plan,
        silent,
        is_long,
    };
    Case { name, kind }
}
