//! Fifty peers that talk to each other as fast as they can.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, EventFlags};
use rustix::io::Errno;

use crate::client::{self, Client};
use crate::line;

/// Who talks, and hears all the others.
pub(super) const PEERS: usize = 50;

/// Lines of each that are under way at most: the server's queue for one peer holds all of them, so
/// that nobody falls behind.
const UNDER_WAY: u64 = 40;

/// How long nothing may come until a line counts as lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long one wait for news may take, so that time is looked at.
const WAIT: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 20_000_000,
};

const READ: usize = 256 * 1024;
const EVENTS: usize = 256;

pub(super) struct Peers {
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
    buffer: Vec<u8>,
    lines: Vec<u8>,
    clients: Vec<Client>,
    /// The next number, for every peer from every other.
    expected: Vec<u32>,
    sent: Vec<u32>,
    /// Lines of each that came to somebody.
    delivered: Vec<u64>,
    moved: Instant,
}

impl Peers {
    pub(super) fn connect(to: SocketAddr) -> Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let clients = (0..PEERS)
            .map(|number| Client::connect(to, &epoll, number))
            .collect::<Result<_>>()?;
        let mut peers = Self {
            epoll,
            events: Vec::with_capacity(EVENTS),
            buffer: vec![0; READ],
            lines: Vec::new(),
            clients,
            expected: vec![0; PEERS * PEERS],
            sent: vec![0; PEERS],
            delivered: vec![0; PEERS],
            moved: Instant::now(),
        };
        // The last one is accepted last: when its line has come, all are there.
        peers.send(PEERS - 1, 1)?;
        peers.finish().context("the first line")?;
        Ok(peers)
    }

    /// Lines that were sent until now; each goes to all others.
    pub(super) fn sent(&self) -> u64 {
        self.sent.iter().map(|sent| u64::from(*sent)).sum()
    }

    /// Lets all of them talk for a time.
    pub(super) fn talk(&mut self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        for peer in 0..PEERS {
            self.send(peer, UNDER_WAY)?;
        }
        while Instant::now() < end {
            self.turn(true)?;
        }
        Ok(())
    }

    /// Waits until everything has come.
    pub(super) fn finish(&mut self) -> Result<()> {
        while (0..PEERS).any(|peer| self.under_way(peer) > 0) {
            self.turn(false)?;
        }
        Ok(())
    }

    /// Lines of a peer that have not come to all.
    fn under_way(&self, peer: usize) -> u64 {
        let audience = PEERS as u64 - 1;
        u64::from(self.sent[peer]) - self.delivered[peer] / audience
    }

    fn turn(&mut self, is_talking: bool) -> Result<()> {
        let mut events = std::mem::take(&mut self.events);
        events.clear();
        match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&WAIT)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error).context("waiting for news"),
        }
        for event in &events {
            let (peer, flags) = (client::number(event), event.flags);
            if flags.contains(EventFlags::OUT) {
                self.clients[peer].send(&[], &self.epoll, peer)?;
            }
            if flags != EventFlags::OUT {
                self.receive(peer)?;
            }
        }
        let is_quiet = self.moved.elapsed() > PATIENCE;
        ensure!(!is_quiet, "{PATIENCE:?} without a line: some are lost");
        self.events = events;
        for peer in 0..PEERS {
            let free = UNDER_WAY - self.under_way(peer).min(UNDER_WAY);
            // Half of them at once: a line at a time would be a system call each.
            if is_talking && free >= UNDER_WAY / 2 {
                self.send(peer, free)?;
            }
        }
        Ok(())
    }

    fn receive(&mut self, to: usize) -> Result<()> {
        let Self {
            clients,
            buffer,
            expected,
            delivered,
            sent,
            ..
        } = self;
        while let Some(count) = clients[to].read(buffer)? {
            clients[to].split(&buffer[..count], |text| {
                let (from, number) = line::parse(text)?;
                let next = &mut expected[to * PEERS + from];
                ensure!(
                    from != to && number == *next && number < sent[from],
                    "peer {to} got line {number} of {from} instead of {next}"
                );
                *next += 1;
                delivered[from] += 1;
                Ok(())
            })?;
            self.moved = Instant::now();
            if count < buffer.len() {
                break;
            }
        }
        Ok(())
    }

    fn send(&mut self, peer: usize, count: u64) -> Result<()> {
        self.lines.clear();
        for _ in 0..count {
            line::push(&mut self.lines, peer, self.sent[peer]);
            self.sent[peer] += 1;
        }
        self.moved = Instant::now();
        self.clients[peer].send(&self.lines, &self.epoll, peer)
    }
}
