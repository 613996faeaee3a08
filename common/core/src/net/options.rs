//! Settings of a socket, those a person may choose and those we insist on.

use std::os::fd::AsFd;
use std::time::Duration;

use rustix::io::Result;
use rustix::net::{AddressFamily, sockopt};

use super::limits;

/// Settings of a connection's socket (Qt: `setSocketOption`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketOptions {
    /// Send small pieces at once (`TCP_NODELAY`); output is gathered a batch at a time anyway.
    pub no_delay: bool,
    /// Notice a peer that vanished in silence (`SO_KEEPALIVE`).
    pub keepalive: bool,
    /// Bytes of the kernel's receive buffer; else as the system chooses.
    pub receive_buffer: Option<usize>,
    /// Bytes of the kernel's send buffer; else its share of the queue's cap. What is given beyond
    /// the share can be held beyond the cap.
    pub send_buffer: Option<usize>,
    /// Type of service or traffic class (RFC 2474), where routers look at it.
    pub type_of_service: Option<u8>,
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self {
            no_delay: true,
            keepalive: true,
            receive_buffer: None,
            send_buffer: None,
            type_of_service: None,
        }
    }
}

impl SocketOptions {
    /// Applies them. Sockets accepted from a listening one inherit all of them.
    pub(crate) fn apply(&self, socket: impl AsFd, queue: usize) -> Result<()> {
        let socket = socket.as_fd();
        sockopt::set_tcp_nodelay(socket, self.no_delay)?;
        set_keepalive(socket, self.keepalive)?;
        if let Some(bytes) = self.receive_buffer {
            sockopt::set_socket_recv_buffer_size(socket, bytes)?;
        }
        let share = queue / limits::QUEUE_KERNEL_PART;
        sockopt::set_socket_send_buffer_size(socket, self.send_buffer.unwrap_or(share))?;
        if let Some(value) = self.type_of_service {
            set_type_of_service(socket, value)?;
        }
        set_user_timeout(socket, limits::USER_TIMEOUT)
    }
}

/// How long what was sent may be unacknowledged; for ever where that is zero.
pub(crate) fn set_user_timeout(socket: impl AsFd, timeout: Duration) -> Result<()> {
    let timeout = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
    sockopt::set_tcp_user_timeout(socket, timeout)
}

/// Keepalive with the times of [`limits::KEEPALIVE`].
pub(crate) fn set_keepalive(socket: impl AsFd, on: bool) -> Result<()> {
    let socket = socket.as_fd();
    sockopt::set_socket_keepalive(socket, on)?;
    if on {
        set_keepalive_times(socket, limits::KEEPALIVE)?;
    }
    Ok(())
}

/// Silence before the first probe, between probes, and how many are sent.
pub(crate) fn set_keepalive_times(
    socket: impl AsFd,
    (idle, interval, probes): (Duration, Duration, u32),
) -> Result<()> {
    let socket = socket.as_fd();
    sockopt::set_tcp_keepintvl(socket, interval)?;
    sockopt::set_tcp_keepcnt(socket, probes)?;
    // Last: it sets the timer anew, which may be due at once.
    sockopt::set_tcp_keepidle(socket, idle)
}

/// Type of service for both families: a dual-stack socket carries either.
pub(crate) fn set_type_of_service(socket: impl AsFd, value: u8) -> Result<()> {
    let socket = socket.as_fd();
    if sockopt::socket_domain(socket)? == AddressFamily::INET6 {
        sockopt::set_ipv6_tclass(socket, u32::from(value))?;
    }
    sockopt::set_ip_tos(socket, value)
}

/// What [`set_type_of_service`] set.
pub(crate) fn type_of_service(socket: impl AsFd) -> Result<u8> {
    sockopt::ip_tos(socket)
}
