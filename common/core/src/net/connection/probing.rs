//! Whether the peer is still there, asked on purpose.
//!
//! A protocol of lines has no question for that, but TCP has: a keepalive probe, which the peer's
//! system answers. It is sent at once while the time of silence before it is short.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::io::{Errno, Result};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with, sockopt};

use super::Ended;
use super::imp::Connection;
use super::output::Pace;
use crate::net::addresses::is_unplugged;
use crate::net::error::Error;
use crate::net::limits;
use crate::net::options::{set_keepalive, set_keepalive_times, set_user_timeout};
use crate::net::outq::unacknowledged;

/// A question that is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    since: Instant,
    /// Our own address was not there when it began.
    is_address_missing: bool,
    /// Whether keepalive was on before.
    keepalive: bool,
    /// How long what was sent may be unacknowledged meanwhile.
    timeout: Option<Duration>,
}

impl Connection {
    pub(super) fn begin_probe(&self) {
        if !self.is_connected() || self.probe.get().is_some() {
            return;
        }
        let is_address_missing = self.is_address_missing();
        let local = self.local.get();
        if !is_address_missing && local.is_some_and(|local| is_unplugged(local.ip())) {
            // No answer would prove nothing. It is asked when the cable is back, which is news.
            return;
        }
        let probe = Probe {
            since: Instant::now(),
            is_address_missing,
            keepalive: self.keepalive(),
            timeout: None,
        };
        self.probe.set(Some(probe));
        self.set_probe_timeout();
        self.set_option(hurry);
        self.start_ticking();
    }

    /// Keepalive is sent only while nothing is unacknowledged; else the time-out counts. Which it
    /// is may change while a probe is under way.
    fn set_probe_timeout(&self) {
        let Some(probe) = self.probe.get() else {
            return;
        };
        let (is_idle, may_hurry) = {
            let output = self.output.borrow();
            let acknowledged = self.with_socket(|socket| unacknowledged(socket) == Ok(0));
            let is_idle = output.bytes() == 0 && acknowledged == Some(true);
            (is_idle, output.pace == Pace::Flowing)
        };
        let timeout = match (is_idle, may_hurry) {
            // With a time-out the kernel would take the silence of before for an unanswered probe,
            // and give up after a single one.
            (true, _) => Duration::ZERO,
            (false, true) => limits::PROBE_USER_TIMEOUT,
            // A peer that is there and takes nothing acknowledges nothing either.
            (false, false) => self.user_timeout(),
        };
        if probe.timeout != Some(timeout) {
            self.probe.set(Some(Probe {
                timeout: Some(timeout),
                ..probe
            }));
            self.set_option(|socket| set_user_timeout(socket, timeout));
        }
    }

    /// What time decides about it.
    pub(super) fn look_at_probe(&self) {
        let Some(probe) = self.probe.get() else {
            return;
        };
        let elapsed = probe.since.elapsed();
        if probe.is_address_missing && elapsed >= limits::ADDRESS_GRACE {
            if self.is_address_missing() {
                return self.end_at_once(Ended::Failed(Error::NetworkDown));
            }
            let is_address_missing = false;
            self.probe.set(Some(Probe {
                is_address_missing,
                ..probe
            }));
        }
        if elapsed >= limits::PROBE {
            self.probe.take();
            self.set_option(|socket| calm(socket, probe.keepalive, self.user_timeout()));
        } else {
            self.set_probe_timeout();
        }
    }

    /// How long what was sent may be unacknowledged.
    pub(super) fn user_timeout(&self) -> Duration {
        if self.is_encrypted() {
            limits::USER_TIMEOUT_ENCRYPTED
        } else {
            limits::USER_TIMEOUT
        }
    }

    /// Whether our end of the connection is no address of this computer any more.
    fn is_address_missing(&self) -> bool {
        self.local.get().is_some_and(|local| !is_ours(local))
    }
}

/// Has the peer asked soon.
fn hurry(socket: BorrowedFd<'_>) -> Result<()> {
    sockopt::set_socket_keepalive(socket, true)?;
    set_keepalive_times(socket, limits::PROBE_KEEPALIVE)
}

/// As it was before.
fn calm(socket: BorrowedFd<'_>, keepalive: bool, timeout: Duration) -> Result<()> {
    set_user_timeout(socket, timeout)?;
    set_keepalive(socket, true)?;
    sockopt::set_socket_keepalive(socket, keepalive)
}

/// Whether this computer has an address: only then can something be bound to it. Where that cannot
/// be found out, it has.
fn is_ours(mut local: SocketAddr) -> bool {
    local.set_port(0);
    let family = match local.ip() {
        IpAddr::V4(_) => AddressFamily::INET,
        IpAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = SocketFlags::CLOEXEC;
    let Ok(socket) = socket_with(family, SocketType::DGRAM, flags, None) else {
        return true;
    };
    bind(&socket, &local) != Err(Errno::ADDRNOTAVAIL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_ours_or_not() {
        let is_ours = |text: &str| is_ours(text.parse().unwrap());
        assert!(is_ours("127.0.0.1:4255"));
        assert!(is_ours("127.3.2.1:4255"));
        // Documentation only (RFC 5737).
        assert!(!is_ours("192.0.2.77:4255"));
    }
}
