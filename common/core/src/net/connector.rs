//! Connecting: look-up, addresses, proxy and deadline, on `gio::SocketClient`.

mod attempt;
mod authenticator;
mod lookup;
mod race;

use std::rc::Rc;
use std::time::Duration;

pub(super) use attempt::Attempt;
pub use authenticator::Authenticator;

use super::connection::Connection;
use super::limits;
use super::options::SocketOptions;
use lookup::Lookups;

/// How a connection is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proxy {
    /// Directly.
    #[default]
    None,
    /// As the system's settings say.
    System,
    /// Through this one: `socks5://`, `socks4a://`, `socks4://` or `http://`, with a host, a port
    /// and perhaps credentials.
    Manual(String),
}

/// Connects [`Connection`]s. Keep one for the retries of a conversation: it sees to it that
/// look-ups that were given up do not pile up.
#[derive(Clone, Debug)]
pub struct Connector {
    /// How long name look-up and connecting may take together; waiting for a person to answer
    /// a proxy's question is not counted.
    pub deadline: Duration,
    /// The way out.
    pub proxy: Proxy,
    /// Settings for the socket.
    pub options: SocketOptions,
    lookups: Rc<Lookups>,
}

impl Default for Connector {
    fn default() -> Self {
        Self {
            deadline: limits::CONNECT,
            proxy: Proxy::None,
            options: SocketOptions::default(),
            lookups: Rc::default(),
        }
    }
}

impl Connector {
    /// Connects `connection` to `host`, a name or an IPv4 or IPv6 address, and
    /// returns at once (Qt: `connectToHost`). The connection's state and signals tell how it
    /// goes; `close()` or `abort()` give it up. What the connection was before is broken off.
    pub fn connect(&self, connection: &Connection, host: &str, port: u16) {
        attempt::begin(self.clone(), connection, host, port);
    }
}
