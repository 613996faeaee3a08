//! What the host decides.

use hallway_core::net::{Encryption, limits};
use hallway_core::text::Name;
use hallway_core::wire::Password;

use super::manners::Manners;

/// What the host decides.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "what the host decides, each by itself"
)]
pub struct Settings {
    /// A peer's lines go to the other peers.
    pub relay: bool,
    /// A peer gets its own lines back, byte for byte.
    pub echo: bool,
    /// Plain peers' commands are answered.
    pub commands: bool,
    /// The longest line taken, in bytes.
    pub longest_line: usize,
    /// Connections in all.
    pub connections: usize,
    /// Connections from one address.
    pub connections_per_address: usize,
    /// The host's name, which nobody else can have.
    pub host: Option<Name>,
    /// Whether people may, or must, encrypt. Without an [`Archive`](super::Archive) nobody can.
    pub encryption: Encryption,
    /// What encrypted people must know to come in.
    pub password: Option<Password>,
    /// The host is asked before somebody encrypted comes in.
    pub ask: bool,
    /// What is expected of encrypted people.
    pub manners: Manners,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            relay: true,
            echo: false,
            commands: true,
            longest_line: limits::LINE,
            connections: limits::CONNECTIONS,
            connections_per_address: limits::CONNECTIONS_PER_ADDRESS,
            host: None,
            encryption: Encryption::default(),
            password: None,
            ask: false,
            manners: Manners::default(),
        }
    }
}
