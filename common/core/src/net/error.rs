//! What can go wrong with a socket, typed. The programs put it into people's words; the text
//! here is for logs.

use std::io;
use std::net::SocketAddr;

use rustix::io::Errno;

use super::address::shown;
use super::holder::Holder;
use super::tls::Failure;

/// A failure of a [`Listener`](super::Listener) or a [`Connection`](super::Connection)
/// (Qt: `QAbstractSocket::SocketError` and `errorString`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, glib::Boxed)]
#[boxed_type(name = "HallwayError")]
#[non_exhaustive]
pub enum Error {
    /// The peer's computer answered that nobody listens there.
    #[error("{host}, port {port}: connection refused")]
    Refused {
        /// The name or address that was asked for.
        host: String,
        /// The TCP port.
        port: u16,
    },
    /// No connection within the deadline.
    #[error("{host}, port {port}: no answer within the deadline")]
    ConnectTimedOut {
        /// The name or address that was asked for.
        host: String,
        /// The TCP port.
        port: u16,
    },
    /// No way leads to the peer's network or computer.
    #[error("{host}, port {port}: no route")]
    NoRoute {
        /// The name or address that was asked for.
        host: String,
        /// The TCP port.
        port: u16,
    },
    /// No computer has this name.
    #[error("{host}: no such name")]
    NameNotFound {
        /// The name that was asked for.
        host: String,
    },
    /// The system's name service does not answer.
    #[error("{host}: the name service does not answer")]
    NameServiceSilent {
        /// The name that was asked for.
        host: String,
    },
    /// The proxy cannot be used: refused, unreachable, of an unknown kind, or it said no.
    #[error("proxy {proxy}: {detail}")]
    Proxy {
        /// The proxy's URI, without credentials.
        proxy: String,
        /// What GIO said.
        detail: String,
    },
    /// The proxy wants a name and a password, or did not accept those given.
    #[error("proxy {proxy}: login needed")]
    ProxyLogin {
        /// The proxy's URI, without credentials.
        proxy: String,
        /// Credentials were sent and refused.
        refused: bool,
    },
    /// Another socket has the address.
    #[error("{}: address in use", shown(*.address))]
    AddressInUse {
        /// Where we wanted to listen.
        address: SocketAddr,
        /// Who listens there, where the system tells.
        holder: Option<Holder>,
    },
    /// The address is not this computer's.
    #[error("{}: not an address of this computer", shown(*.address))]
    AddressNotOurs {
        /// Where we wanted to listen.
        address: SocketAddr,
    },
    /// Ports below 1024 need a right (`CAP_NET_BIND_SERVICE`), or a security policy forbids it.
    #[error("{}: permission denied", shown(*.address))]
    NotPermitted {
        /// Where we wanted to listen.
        address: SocketAddr,
    },
    /// The program or the system has no descriptor left.
    #[error("too many open files")]
    TooManyOpenFiles,
    /// The system has no memory left for sockets.
    #[error("out of memory for sockets")]
    OutOfMemory,
    /// This computer's network went away.
    #[error("the network is down")]
    NetworkDown,
    /// The peer broke the connection off.
    #[error("connection reset by the peer")]
    Reset,
    /// The peer stopped answering.
    #[error("the peer stopped answering")]
    PeerSilent,
    /// The peer stopped reading; what was queued for it is lost.
    #[error("the peer stopped reading with {queued} bytes queued")]
    TooSlow {
        /// Bytes that were queued, the kernel's part included.
        queued: usize,
    },
    /// The peer sent a line longer than is taken.
    #[error("a line longer than {limit} bytes")]
    LineTooLong {
        /// The longest line taken, in bytes.
        limit: usize,
    },
    /// The two sides have no protocol in common (ALPN).
    #[error("no protocol that both sides speak")]
    NoCommonProtocol,
    /// A certificate was refused.
    #[error("{} certificate was refused", if *.by_peer { "our" } else { "the peer's" })]
    CertificateRefused {
        /// Ours, by the peer; else the peer's, by whoever was asked here.
        by_peer: bool,
    },
    /// The peer did not finish the handshake in time.
    #[error("no end of the TLS handshake within the deadline")]
    HandshakeTimedOut,
    /// Encryption did not come about.
    #[error("TLS handshake: {what}")]
    HandshakeFailed {
        /// Why.
        what: Failure,
    },
    /// The peer speaks plainly, and only encryption is spoken here.
    #[error("the peer does not encrypt")]
    NotEncrypted,
    /// What came over an encrypted connection cannot be read.
    #[error("encrypted connection: {what}")]
    EncryptionBroken {
        /// Why.
        what: Failure,
    },
    /// An encrypted connection ended without the peer's word that it was to: somebody on the way
    /// may have cut it, and the last of it be missing.
    #[error("the encrypted connection was cut")]
    Truncated,
    /// Only encryption is to be spoken, and there is no certificate for it.
    #[error("no certificate to encrypt with")]
    NoIdentity,
    /// The system passed something that cannot be listened on.
    #[error("socket {number} that the system passed: {what:?}")]
    Unfit {
        /// Which one, counted from 1.
        number: usize,
        /// What it is instead.
        what: Unfit,
    },
    /// Anything else the system said.
    #[error("{message}")]
    System {
        /// The system's text.
        message: String,
    },
}

/// What the system passed instead of a TCP socket that listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// No socket at all, or nothing.
    NotASocket,
    /// A socket of this computer's own programs (`AF_UNIX`).
    Unix,
    /// A socket of another kind: UDP, for example.
    NotTcp,
    /// A TCP socket that does not listen: it is a connection already, or nothing yet.
    NotListening,
}

impl Error {
    /// Whether trying again later may help without anybody changing anything.
    pub fn is_passing(&self) -> bool {
        !matches!(
            self,
            Self::AddressNotOurs { .. }
                | Self::NotPermitted { .. }
                | Self::LineTooLong { .. }
                | Self::NoCommonProtocol
                | Self::CertificateRefused { .. }
                | Self::NotEncrypted
                | Self::NoIdentity
                | Self::Unfit { .. }
        )
    }

    /// What `errno` means for a listener at `address`.
    pub(crate) fn listening(address: SocketAddr, errno: Errno) -> Self {
        match errno {
            Errno::ADDRINUSE => Self::AddressInUse {
                address,
                holder: super::holder::holder(address),
            },
            Errno::ADDRNOTAVAIL | Errno::NODEV | Errno::AFNOSUPPORT => {
                Self::AddressNotOurs { address }
            }
            Errno::ACCESS | Errno::PERM => Self::NotPermitted { address },
            other => Self::established(other),
        }
    }

    /// What `errno` means for a connection that was there.
    pub(crate) fn established(errno: Errno) -> Self {
        match errno {
            // Not connected any more: it was reset between two of our calls.
            Errno::CONNRESET | Errno::PIPE | Errno::CONNABORTED | Errno::NOTCONN => Self::Reset,
            Errno::TIMEDOUT | Errno::HOSTUNREACH | Errno::HOSTDOWN => Self::PeerSilent,
            Errno::NETUNREACH | Errno::NETDOWN | Errno::NETRESET => Self::NetworkDown,
            Errno::MFILE | Errno::NFILE => Self::TooManyOpenFiles,
            Errno::NOBUFS | Errno::NOMEM => Self::OutOfMemory,
            other => Self::System {
                message: io::Error::from(other).to_string(),
            },
        }
    }

    /// What GIO's `error` means for connecting to `host`.
    pub(crate) fn connecting(host: &str, port: u16, error: &glib::Error) -> Self {
        use gio::{IOErrorEnum as Io, ResolverError as Name};
        let host = host.to_owned();
        match error.kind::<Name>() {
            Some(Name::NotFound) => return Self::NameNotFound { host },
            Some(Name::TemporaryFailure) => return Self::NameServiceSilent { host },
            _ => {}
        }
        match error.kind::<Io>() {
            Some(Io::ConnectionRefused) => Self::Refused { host, port },
            Some(Io::TimedOut) => Self::ConnectTimedOut { host, port },
            Some(Io::HostUnreachable | Io::NetworkUnreachable) => Self::NoRoute { host, port },
            Some(Io::HostNotFound) => Self::NameNotFound { host },
            Some(Io::BrokenPipe) => Self::Reset,
            Some(Io::TooManyOpenFiles) => Self::TooManyOpenFiles,
            _ => Self::System {
                message: error.message().to_owned(),
            },
        }
    }
}
