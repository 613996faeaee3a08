//! A client: a socket that never blocks, and what it has not sent yet.

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::event::epoll::{self, EventFlags};
use rustix::io::Errno;
use rustix::net::sockopt::{self, Timeout};
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use rustix::{io, net};

/// How long connecting may take; the kernel by itself tries for two minutes.
const CONNECT: Duration = Duration::from_secs(10);

/// Bytes that the kernel of a stalled reader takes for it, about. Else it would be megabytes, and
/// most servers would never notice in the time of a measurement.
const STALLED_BUFFER: usize = 4096;

/// A connected socket in an epoll set.
#[derive(Debug)]
pub(crate) struct Client {
    socket: OwnedFd,
    /// The line whose LF has not come yet.
    partial: Vec<u8>,
    /// What the kernel did not take.
    unsent: Vec<u8>,
}

/// Connects from an address of this computer, or from any.
///
/// # Errors
/// There are no descriptors or no ports left, or nobody listens.
pub(crate) fn connect(to: SocketAddr, from: Option<SocketAddr>) -> Result<OwnedFd> {
    let socket = socket()?;
    if let Some(from) = from {
        net::bind(&socket, &from)?;
    }
    connect_socket(socket, to)
}

/// Connects as one whose kernel holds little of what it does not read.
///
/// # Errors
/// Those of [`connect`].
pub(crate) fn connect_to_stall(to: SocketAddr) -> Result<OwnedFd> {
    let socket = socket()?;
    sockopt::set_socket_recv_buffer_size(&socket, STALLED_BUFFER)?;
    connect_socket(socket, to)
}

fn socket() -> Result<OwnedFd> {
    let family = AddressFamily::INET;
    net::socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)
        .context("a socket could not be made; is the limit of descriptors high enough?")
}

fn connect_socket(socket: OwnedFd, to: SocketAddr) -> Result<OwnedFd> {
    sockopt::set_socket_timeout(&socket, Timeout::Send, Some(CONNECT))?;
    net::connect(&socket, &to).with_context(|| format!("connecting to {to}"))?;
    sockopt::set_tcp_nodelay(&socket, true)?;
    io::ioctl_fionbio(&socket, true)?;
    Ok(socket)
}

impl Client {
    /// Connects, to be told of by `epoll` as `number`.
    pub(crate) fn connect(to: SocketAddr, epoll: impl AsFd, number: usize) -> Result<Self> {
        let socket = connect(to, None)?;
        epoll::add(epoll, &socket, data(number), EventFlags::IN)?;
        Ok(Self {
            socket,
            partial: Vec::new(),
            unsent: Vec::new(),
        })
    }

    /// Reads once. Returns how many bytes came, none where none have come yet.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> Result<Option<usize>> {
        match io::read(&self.socket, buffer) {
            Ok(0) => bail!("the server closed a connection"),
            Ok(count) => Ok(Some(count)),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(error) => Err(error).context("reading from the server"),
        }
    }

    /// Gives every line that `bytes` completes to `each`, without its LF.
    pub(crate) fn split(
        &mut self,
        mut bytes: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        while let Some(length) = memchr::memchr(b'\n', bytes) {
            if self.partial.is_empty() {
                each(&bytes[..length])?;
            } else {
                self.partial.extend_from_slice(&bytes[..length]);
                each(&self.partial)?;
                self.partial.clear();
            }
            bytes = &bytes[length + 1..];
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }

    /// Sends `bytes` and what was left over before.
    pub(crate) fn send(&mut self, bytes: &[u8], epoll: impl AsFd, number: usize) -> Result<()> {
        let had_left = !self.unsent.is_empty();
        if had_left {
            self.unsent.extend_from_slice(bytes);
            let sent = write(&self.socket, &self.unsent)?;
            self.unsent.drain(..sent);
        } else {
            let sent = write(&self.socket, bytes)?;
            self.unsent.extend_from_slice(&bytes[sent..]);
        }
        if had_left == self.unsent.is_empty() {
            let mut interest = EventFlags::IN;
            interest.set(EventFlags::OUT, !self.unsent.is_empty());
            epoll::modify(epoll, &self.socket, data(number), interest)?;
        }
        Ok(())
    }
}

/// Writes once. Returns how many bytes the kernel took.
pub(crate) fn write(socket: impl AsFd, bytes: &[u8]) -> Result<usize> {
    match io::write(socket, bytes) {
        Ok(count) => Ok(count),
        Err(Errno::AGAIN | Errno::INTR) => Ok(0),
        Err(error) => Err(error).context("writing to a socket"),
    }
}

/// How `epoll` tells of the socket with this number.
pub(crate) fn data(number: usize) -> epoll::EventData {
    epoll::EventData::new_u64(number as u64)
}

/// The number that `epoll` tells of.
pub(crate) fn number(event: &epoll::Event) -> usize {
    usize::try_from(event.data.u64()).expect("it was a usize before")
}
