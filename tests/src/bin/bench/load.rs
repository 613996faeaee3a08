//! Clients that send lines and count what comes back, in one thread.
//!
//! A sender has a window of lines under way; the next goes out when all who should have the
//! oldest have it.

use std::mem;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, EventFlags};
use rustix::io::Errno;

use crate::client::{self, Client};
use crate::effort::Pace;
use crate::histogram::Histogram;
use crate::ledger::Ledger;
use crate::peers::Role;
use crate::servers::Server;
use crate::trouble::Trouble;

/// Lines delivered at most while it is measured; time ends it earlier on most machines.
const LINES: u32 = 30_000_000;

/// How long is listened for lines too many, in the end.
const LISTEN: Duration = Duration::from_millis(20);

/// How long one wait for news may take, so that time is looked at.
pub(crate) const WAIT: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 20_000_000,
};

/// Bytes read by one call.
const READ: usize = 256 * 1024;

/// Sockets whose news are taken from the kernel in one go.
const EVENTS: usize = 256;

/// Who sends how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Whether a sender gets its lines back or the others get them.
    pub(crate) role: Role,
    pub(crate) clients: usize,
    /// How many of the clients send.
    pub(crate) senders: usize,
    /// Lines that a sender has under way.
    pub(crate) window: u32,
}

/// What was measured.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Lines delivered, or connections served.
    pub(crate) count: u32,
    pub(crate) elapsed: Duration,
    /// Processor time of the server.
    pub(crate) cpu: Duration,
    /// From sending a line until all have it.
    pub(crate) times: Histogram,
}

/// Runs a load against a server.
///
/// # Errors
/// A line was lost, doubled, changed or out of order, or the system refused something.
pub(crate) fn run(plan: Plan, pace: Pace, server: &Server) -> Result<Outcome> {
    let mut load = Load::connect(plan, pace, server.address())?;
    // The last one is accepted last: when its line has come, all are there.
    load.send(plan.senders - 1, 1)?;
    load.finish().context("the first line")?;
    load.is_sending = true;
    for sender in 0..plan.senders {
        load.send(sender, plan.window)?;
    }
    load.go_on(Instant::now() + pace.warm_up, u32::MAX)?;

    load.ledger.times = Histogram::default();
    let (before, start, cpu) = (load.ledger.deliveries, Instant::now(), server.cpu()?);
    load.go_on(start + pace.time, before.saturating_add(LINES))?;
    let outcome = Outcome {
        cpu: server.cpu()?.saturating_sub(cpu),
        elapsed: start.elapsed(),
        count: load.ledger.deliveries - before,
        times: mem::take(&mut load.ledger.times),
    };

    load.is_sending = false;
    load.finish().context("the last lines")?;
    load.go_on(Instant::now() + LISTEN, u32::MAX)?;
    let expected = load.ledger.sent() * load.ledger.audience() as u64;
    let received = u64::from(load.ledger.deliveries);
    let complaint = || format!("{received} lines came instead of {expected}");
    ensure!(received == expected, Trouble::Lines(complaint()));
    Ok(outcome)
}

struct Load {
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
    buffer: Vec<u8>,
    /// Lines about to be sent.
    lines: Vec<u8>,
    clients: Vec<Client>,
    ledger: Ledger,
    /// Who may send more does so.
    is_sending: bool,
    /// How long nothing may come until the rest counts as lost.
    patience: Duration,
    /// When something came last.
    moved: Instant,
}

impl Load {
    fn connect(plan: Plan, pace: Pace, to: SocketAddr) -> Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let clients = (0..plan.clients)
            .map(|number| {
                thread::sleep(pace.between);
                Client::connect(to, &epoll, number)
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            epoll,
            events: Vec::with_capacity(EVENTS),
            buffer: vec![0; READ],
            lines: Vec::new(),
            clients,
            ledger: Ledger::new(plan.role, plan.clients, plan.senders, plan.window),
            is_sending: false,
            patience: pace.patience,
            moved: Instant::now(),
        })
    }

    /// Goes on until the time is up or so many lines were delivered.
    fn go_on(&mut self, until: Instant, deliveries: u32) -> Result<()> {
        while Instant::now() < until && self.ledger.deliveries < deliveries {
            self.turn()?;
        }
        Ok(())
    }

    /// Goes on until all have everything.
    fn finish(&mut self) -> Result<()> {
        while !self.ledger.is_quiet() {
            self.turn()?;
        }
        Ok(())
    }

    /// Takes what news there are, and waits a moment for some.
    fn turn(&mut self) -> Result<()> {
        let mut events = mem::take(&mut self.events);
        events.clear();
        match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&WAIT)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error).context("waiting for news"),
        }
        for event in &events {
            let (client, flags) = (client::number(event), event.flags);
            if flags.contains(EventFlags::OUT) {
                self.clients[client].send(&[], &self.epoll, client)?;
            }
            if flags != EventFlags::OUT {
                self.receive(client)?;
            }
        }
        if events.is_empty() {
            ensure!(
                self.ledger.is_quiet() || self.moved.elapsed() < self.patience,
                Trouble::Froze(format!(
                    "{:?} without a line; {} came, {} were sent to {} each",
                    self.patience,
                    self.ledger.deliveries,
                    self.ledger.sent(),
                    self.ledger.audience()
                ))
            );
        }
        self.events = events;
        Ok(())
    }

    /// Reads until a short read, and lets those send who may now.
    fn receive(&mut self, client: usize) -> Result<()> {
        let mut buffer = mem::take(&mut self.buffer);
        while let Some(count) = self.clients[client].read(&mut buffer)? {
            let now = Instant::now();
            let ledger = &mut self.ledger;
            self.clients[client].split(&buffer[..count], |line| {
                let received = ledger.receive(client, line, now);
                received.map_err(|error| Trouble::Lines(format!("{error:#}")).into())
            })?;
            self.moved = now;
            if count < buffer.len() {
                break;
            }
        }
        self.buffer = buffer;
        while let Some(sender) = self.ledger.take_ready() {
            if self.is_sending {
                self.send(sender, u32::MAX)?;
            }
        }
        Ok(())
    }

    /// Sends as many lines as the window has room for, `most` at most.
    fn send(&mut self, sender: usize, most: u32) -> Result<()> {
        self.lines.clear();
        let now = Instant::now();
        self.ledger.write(sender, most, now, &mut self.lines);
        let client = self.ledger.client(sender);
        self.clients[client].send(&self.lines, &self.epoll, client)
    }
}
