//! Where a connection's news go when there is one taker for many connections.

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::rc::Rc;

use super::admission::Refusal;
use super::connection::{Arrivals, Connection, Ended, Pace};
use super::encryption::Question;
use super::tls::Peer;

/// Takes the news of many connections without a signal emission each; the connections' signals
/// tell the same to whoever connected to them.
///
/// Every call may close or abort the connection it is about, or any other.
pub trait Sink {
    /// Whether nobody from there is to be accepted: who is, is refused as
    /// [`Refusal::Unwanted`].
    fn is_unwanted(&self, _peer: SocketAddr) -> bool {
        false
    }

    /// A connection was accepted and will be read from now on.
    fn accepted(&self, _connection: &Connection) {}

    /// The first byte of all arrived, or the first of the lines in TLS; lines follow unless the connection is closed now.
    fn first_byte(&self, _connection: &Connection, _byte: u8) {}

    /// The peer has shown its certificate, and nothing was said yet: the question can be refused now.
    fn certificate_questioned(&self, _connection: &Connection, _question: &Question) {}

    /// From here on everything is encrypted. What was queued before is gone.
    fn encrypted(&self, _connection: &Connection, _peer: &Peer) {}

    /// What to tell a plain peer where only encryption is spoken, as bytes for the wire; else it
    /// is told so in English.
    fn needs_encryption(&self, _connection: &Connection) -> Option<Rc<[u8]>> {
        None
    }

    /// Whether the connection should be read now. Asked before each read; after a no, reading
    /// waits for [`Connection::resume_reading`].
    fn wants_input(&self, _connection: &Connection) -> bool {
        true
    }

    /// Lines arrived, to be taken one after the other. Those that are left wait for
    /// [`Connection::resume_reading`] after a `Break`, and come again soon after a `Continue`.
    fn lines(&self, connection: &Connection, arrivals: &mut Arrivals<'_>) -> ControlFlow<()>;

    /// A line was longer than is taken; `start` is as much of it as a line may have. What is
    /// queued now is still sent, then the connection is closed.
    fn line_too_long(&self, _connection: &Connection, _start: &[u8]) {}

    /// The peer reads more slowly than it is sent to, or has caught up. What
    /// [`Connection::queue`] returned is not told again.
    fn pace_changed(&self, _connection: &Connection, _pace: Pace) {}

    /// The peer's TCP has acknowledged the output up to here; told only while
    /// [`Connection::watch_acknowledgements`] asks for it.
    fn acknowledged(&self, _connection: &Connection, _position: u64) {}

    /// The connection is over.
    fn disconnected(&self, _connection: &Connection, _ended: &Ended) {}

    /// What to tell a connection that is refused, as bytes for the wire. Who begins with TLS gets an
    /// alert instead.
    fn refusal(&self, _refusal: Refusal) -> Option<Rc<[u8]>> {
        None
    }
}
