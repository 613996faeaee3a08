//! The limit: a server that is nothing but an epoll loop. No names, no limits, no politeness.
//!
//! It reads until a short read. Echo writes back what was read. Relay appends the complete lines
//! to the queue of every other connection and writes each queue once, at the end of the batch.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;

use anyhow::{Context, Result};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, EventFlags};
use rustix::io::{self, Errno};
use rustix::net;
use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};
use rustix::process::{Signal, set_parent_process_death_signal};

use crate::client::{data, number, write};
use crate::peers::Role;

/// How `epoll` tells of the listening socket.
const LISTENER: usize = usize::MAX;

/// Those that the real server has, so that they do not make the difference.
const BACKLOG: i32 = 4096;
const ACCEPT_BATCH: usize = 64;
const READ: usize = 64 * 1024;
const EVENTS: usize = 256;

struct Peer {
    socket: OwnedFd,
    /// The line whose LF has not come yet.
    partial: Vec<u8>,
    queue: Vec<u8>,
    is_marked: bool,
    /// The kernel takes no more now, and tells when it does.
    is_full: bool,
}

impl Peer {
    fn write(&mut self, epoll: &OwnedFd, place: usize) -> Result<()> {
        if !self.queue.is_empty() {
            let written = write(&self.socket, &self.queue)?;
            self.queue.drain(..written);
        }
        let is_full = !self.queue.is_empty();
        if is_full != std::mem::replace(&mut self.is_full, is_full) {
            let mut interest = EventFlags::IN;
            interest.set(EventFlags::OUT, is_full);
            epoll::modify(epoll, &self.socket, data(place), interest)?;
        }
        Ok(())
    }
}

struct Bare {
    role: Role,
    listener: OwnedFd,
    epoll: OwnedFd,
    peers: Vec<Option<Peer>>,
    free: Vec<usize>,
    /// Who is written to at the end of the batch.
    marked: Vec<usize>,
}

/// Serves until it is killed, or whoever started it has ended.
///
/// # Errors
/// The system refuses something.
pub(crate) fn run(role: Role) -> Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let mut bare = Bare::listen(role)?;
    let mut events = Vec::with_capacity(EVENTS);
    let mut buffer = vec![0; READ];
    loop {
        events.clear();
        match epoll::wait(&bare.epoll, spare_capacity(&mut events), None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error).context("waiting for news"),
        }
        for event in &events {
            match number(event) {
                LISTENER => bare.accept()?,
                place => bare.ready(place, event.flags, &mut buffer),
            }
        }
        bare.flush();
    }
}

impl Bare {
    fn listen(role: Role) -> Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let listener = net::socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
        // Inherited by those that are accepted.
        sockopt::set_tcp_nodelay(&listener, true)?;
        net::bind(&listener, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        net::listen(&listener, BACKLOG)?;
        let address = SocketAddr::try_from(net::getsockname(&listener)?)?;
        println!("Listening on {address}");
        std::io::stdout().flush()?;
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &listener, data(LISTENER), EventFlags::IN)?;
        Ok(Self {
            role,
            listener,
            epoll,
            peers: Vec::new(),
            free: Vec::new(),
            marked: Vec::new(),
        })
    }

    fn accept(&mut self) -> Result<()> {
        for _ in 0..ACCEPT_BATCH {
            let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
            let socket = match net::accept_with(&self.listener, flags) {
                Ok(socket) => socket,
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR | Errno::CONNABORTED) => continue,
                Err(error) => return Err(error).context("accepting"),
            };
            let place = self.free.pop().unwrap_or_else(|| {
                self.peers.push(None);
                self.peers.len() - 1
            });
            epoll::add(&self.epoll, &socket, data(place), EventFlags::IN)?;
            self.peers[place] = Some(Peer {
                socket,
                partial: Vec::new(),
                queue: Vec::new(),
                is_marked: false,
                is_full: false,
            });
        }
        Ok(())
    }

    fn ready(&mut self, place: usize, flags: EventFlags, buffer: &mut [u8]) {
        if flags.contains(EventFlags::OUT) {
            self.write(place);
        }
        if flags != EventFlags::OUT {
            self.read(place, buffer);
        }
    }

    fn read(&mut self, place: usize, buffer: &mut [u8]) {
        // A socket that was closed amid a batch may still have news in it.
        while let Some(peer) = &mut self.peers[place] {
            let count = match io::read(&peer.socket, &mut *buffer) {
                Ok(count) if count > 0 => count,
                Err(Errno::AGAIN | Errno::INTR) => return,
                Ok(_) | Err(_) => return self.close(place),
            };
            match self.role {
                Role::Echo => self.echo(place, &buffer[..count]),
                Role::Relay => self.relay(place, &buffer[..count]),
            }
            if count < buffer.len() {
                return;
            }
        }
    }

    fn echo(&mut self, place: usize, bytes: &[u8]) {
        let Some(peer) = &mut self.peers[place] else {
            return;
        };
        let mut written = 0;
        if peer.queue.is_empty() {
            match write(&peer.socket, bytes) {
                Ok(count) => written = count,
                Err(_) => return self.close(place),
            }
        }
        if written < bytes.len() {
            peer.queue.extend_from_slice(&bytes[written..]);
            self.write(place);
        }
    }

    fn relay(&mut self, from: usize, bytes: &[u8]) {
        let Some(mut partial) = self.peers[from]
            .as_mut()
            .map(|peer| std::mem::take(&mut peer.partial))
        else {
            return;
        };
        let whole = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        if whole > 0 {
            for (place, peer) in self.peers.iter_mut().enumerate() {
                let Some(peer) = peer.as_mut().filter(|_| place != from) else {
                    continue;
                };
                peer.queue.extend_from_slice(&partial);
                peer.queue.extend_from_slice(&bytes[..whole]);
                if !std::mem::replace(&mut peer.is_marked, true) {
                    self.marked.push(place);
                }
            }
            partial.clear();
        }
        partial.extend_from_slice(&bytes[whole..]);
        if let Some(peer) = &mut self.peers[from] {
            peer.partial = partial;
        }
    }

    /// Writes the queues of those who are marked.
    fn flush(&mut self) {
        for at in 0..self.marked.len() {
            let place = self.marked[at];
            if let Some(peer) = &mut self.peers[place] {
                peer.is_marked = false;
                if !peer.is_full {
                    self.write(place);
                }
            }
        }
        self.marked.clear();
    }

    /// Writes of a queue what the kernel takes.
    fn write(&mut self, place: usize) {
        let Some(peer) = &mut self.peers[place] else {
            return;
        };
        if peer.write(&self.epoll, place).is_err() {
            self.close(place);
        }
    }

    fn close(&mut self, place: usize) {
        if self.peers[place].take().is_some() {
            self.free.push(place);
        }
    }
}
