//! Sockets on the GLib main loop.
//!
//! ```text
//! Listener (gio::SocketService) ─┐
//!                                ├→ Connection ⇄ Reactor (one epoll set) ⇄ sockets
//! Connector (gio::SocketClient) ─┘      └→ lines → a Sink, and signals for whoever asks
//! ```
//!
//! Where a connection is encrypted, [`tls`] stands between the socket and the lines.
//!
//! `lines`, `tls`, `limits`, `admission` and the queue of a connection are pure; the rest runs on
//! the thread-default main context of the thread that made the [`Reactor`] and never blocks it.

pub mod address;
pub mod addresses;
mod admission;
mod confined;
pub mod connection;
pub mod connector;
pub mod descriptors;
mod encryption;
mod error;
mod gate;
pub mod holder;
pub mod limits;
pub mod lines;
pub mod listener;
mod options;
mod outq;
mod reactor;
mod signals;
mod sink;
mod timer;
pub mod tls;
mod wake;

pub use address::{DEFAULT_PORT, ListenAddress};
pub use admission::{Refusal, Refused};
pub use connection::{Arrivals, Connection, Ended, Pace, State};
pub use connector::Connector;
pub use encryption::{Encryption, Question};
pub use error::{Error, Unfit};
pub use listener::{Bound, Listener};
pub use options::SocketOptions;
pub use reactor::Reactor;
pub use sink::Sink;
pub use timer::Timer;
pub use wake::Wake;
