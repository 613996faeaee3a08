//! What a connection is doing, what it brought, and how it ended.

use std::rc::Rc;

use crate::net::error::Error;
use crate::net::lines::Ending;

/// What a connection is doing (Qt: `QAbstractSocket::SocketState`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, glib::Enum)]
#[enum_type(name = "HallwayConnectionState")]
pub enum State {
    /// Nothing: not yet opened, or over.
    #[default]
    Unconnected,
    /// The system is asked for the addresses of a name.
    HostLookup,
    /// An address is being tried, or a proxy talked to.
    Connecting,
    /// The TLS handshake is under way: nothing can be said yet.
    Encrypting,
    /// Both sides can send.
    Connected,
    /// What was queued is sent, then FIN, then the peer's FIN is waited for.
    Closing,
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The peer closed it properly.
    ByPeer,
    /// We closed it properly.
    ByUs,
    /// We broke it off.
    Aborted,
    /// It failed, or never came about.
    Failed(Error),
}

/// A line of its own, for signals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedLine {
    /// The bytes before the ending.
    pub bytes: Box<[u8]>,
    /// What ended it.
    pub ending: Ending,
}

/// The lines that one read brought.
#[derive(Clone, Debug, PartialEq, Eq, glib::Boxed)]
#[boxed_type(name = "HallwayLines")]
pub struct Lines(pub(super) Rc<[ReceivedLine]>);

impl std::ops::Deref for Lines {
    type Target = [ReceivedLine];

    fn deref(&self) -> &[ReceivedLine] {
        &self.0
    }
}
