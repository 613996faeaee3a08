//! Clients that come, say one line, read it back and go.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, EventFlags};
use rustix::io;

use crate::client;
use crate::effort::Pace;
use crate::histogram::Histogram;
use crate::line;
use crate::load::{Outcome, WAIT};
use crate::servers::Server;
use crate::trouble::Trouble;

/// Clients that are there at the same time.
pub(crate) const AT_ONCE: usize = 64;

/// Clients at most.
const CLIENTS: u32 = 500_000;

/// Who has gone blocks its port for a minute. Loopback has 16 million addresses with 28,000
/// ports each, so they are taken in turn.
const ADDRESSES: u32 = 250;

/// Lets clients come and go.
///
/// # Errors
/// One was not answered with its own line, or the system refused something.
pub(crate) fn run(pace: Pace, server: &Server) -> Result<Outcome> {
    let mut churn = Churn::new(server.address())?;
    churn.go_on(Instant::now() + pace.warm_up)?;
    churn.times = Histogram::default();
    let (before, start, cpu) = (churn.served, Instant::now(), server.cpu()?);
    churn.go_on(start + pace.time)?;
    let outcome = Outcome {
        cpu: server.cpu()?.saturating_sub(cpu),
        elapsed: start.elapsed(),
        count: churn.served - before,
        times: std::mem::take(&mut churn.times),
    };
    churn.is_coming = false;
    let end = Instant::now() + pace.patience;
    while churn.served < churn.came {
        let complaint = || format!("{} of {} were answered", churn.served, churn.came);
        ensure!(Instant::now() < end, Trouble::Froze(complaint()));
        churn.turn()?;
    }
    Ok(outcome)
}

struct Churn {
    server: SocketAddr,
    epoll: OwnedFd,
    /// Each with when it began to connect.
    clients: Vec<Option<(OwnedFd, Instant)>>,
    events: Vec<epoll::Event>,
    line: Vec<u8>,
    came: u32,
    served: u32,
    is_coming: bool,
    times: Histogram,
}

impl Churn {
    fn new(server: SocketAddr) -> Result<Self> {
        let mut churn = Self {
            server,
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            clients: Vec::new(),
            events: Vec::with_capacity(AT_ONCE),
            line: Vec::new(),
            came: 0,
            served: 0,
            is_coming: true,
            times: Histogram::default(),
        };
        line::push(&mut churn.line, 0, 0);
        for place in 0..AT_ONCE {
            churn.clients.push(None);
            churn.come(place)?;
        }
        Ok(churn)
    }

    fn go_on(&mut self, until: Instant) -> Result<()> {
        while Instant::now() < until && self.served < CLIENTS {
            self.turn()?;
        }
        Ok(())
    }

    fn turn(&mut self) -> Result<()> {
        let mut events = std::mem::take(&mut self.events);
        events.clear();
        epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&WAIT))?;
        for event in &events {
            let place = client::number(event);
            self.go(place)?;
            if self.is_coming {
                self.come(place)?;
            }
        }
        self.events = events;
        Ok(())
    }

    /// Connects and says a line.
    fn come(&mut self, place: usize) -> Result<()> {
        let start = Instant::now();
        let number = Ipv4Addr::new(127, 0, 1, 1).to_bits() + self.came % ADDRESSES;
        let from = SocketAddr::from((Ipv4Addr::from_bits(number), 0));
        let socket = client::connect(self.server, Some(from))?;
        let sent = client::write(&socket, &self.line)?;
        ensure!(
            sent == self.line.len(),
            "a new socket took {sent} bytes only"
        );
        epoll::add(&self.epoll, &socket, client::data(place), EventFlags::IN)?;
        self.clients[place] = Some((socket, start));
        self.came += 1;
        Ok(())
    }

    /// Reads the line and closes.
    fn go(&mut self, place: usize) -> Result<()> {
        let (socket, start) = self.clients[place].take().context("news of nobody")?;
        let mut bytes = [0; 2 * line::LENGTH];
        let count = io::read(&socket, &mut bytes).context("reading the first line")?;
        if bytes[..count] != self.line[..] {
            let got = bytes[..count].escape_ascii();
            bail!(Trouble::Lines(format!("a newcomer got “{got}”")));
        }
        self.times.add(start.elapsed());
        self.served += 1;
        Ok(())
    }
}
