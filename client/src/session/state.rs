//! What a session is doing.

use std::net::SocketAddr;

use hallway_core::net::Error;

/// What a session is doing, with what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, glib::Boxed)]
#[boxed_type(name = "HallwaySessionState")]
pub enum State {
    /// Nothing yet.
    #[default]
    Idle,
    /// The system is asked for the addresses of the server's name.
    LookingUp,
    /// An address is being tried, or a proxy talked to.
    Connecting,
    /// Both sides can talk.
    Connected {
        /// The server's address, IPv4 where it is IPv4; behind a proxy the proxy's.
        address: SocketAddr,
    },
    /// What is with the connection is still sent, then the conversation is over.
    Closing,
    /// The connection was lost and will be made again.
    Waiting {
        /// Which attempt comes next; the first is 1.
        attempt: u32,
        /// Seconds until then, told anew each second.
        seconds: u32,
        /// Why there is no connection.
        error: Error,
    },
    /// The conversation was ended properly.
    Ended {
        /// Who ended it.
        reason: Reason,
    },
    /// There is no connection, and none will be made by itself.
    Failed {
        /// Why.
        error: Error,
    },
}

/// Who ended a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The server.
    ByServer,
    /// We did.
    ByUs,
}
