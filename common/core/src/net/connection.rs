//! A TCP connection as a `GObject` (Qt: `QTcpSocket`).

mod arrivals;
mod clock;
mod encrypting;
mod imp;
mod input;
mod link;
mod output;
mod probing;
mod reading;
mod signals;
mod socket_options;
mod values;
mod writing;

use std::net::SocketAddr;
use std::rc::{Rc, Weak};

use glib::subclass::prelude::*;

use super::admission::Ticket;
use super::connector::Attempt;
use super::encryption::Encryption;
use super::error::Error;
use super::limits;
use super::options::{SocketOptions, set_user_timeout};
use super::reactor::Reactor;
use super::sink::Sink;
pub use arrivals::Arrivals;
pub(super) use encrypting::Accepting;
use input::Framing;
pub use output::{Pace, QueueFull};
pub use values::{Ended, Lines, ReceivedLine, State};

glib::wrapper! {
    /// A TCP connection that never blocks and reads lines.
    ///
    /// While its socket is open the reactor holds it: end it with [`close`](Self::close) or
    /// [`abort`](Self::abort). Received lines go to the sink, if there is one, and to whoever
    /// connected to `lines-received`.
    pub struct Connection(ObjectSubclass<imp::Connection>);
}

impl Connection {
    /// An unconnected connection that takes lines of at most `longest` bytes, for a
    /// [`Connector`](super::Connector) to connect.
    pub fn new(reactor: &Reactor, longest: usize) -> Self {
        let connection: Self = glib::Object::new();
        connection.imp().set_up(reactor.clone(), longest);
        connection
    }

    /// A connection over a socket that is connected already. Nothing is read before
    /// [`start`](Self::start).
    ///
    /// # Errors
    /// The stream has no socket of its own, or the system refuses another one.
    pub(crate) fn adopt(
        reactor: &Reactor,
        longest: usize,
        stream: gio::SocketConnection,
        peer: SocketAddr,
        ticket: Option<Ticket>,
        encryption: Option<Accepting>,
    ) -> Result<Self, Error> {
        let connection = Self::new(reactor, longest);
        connection.imp().ticket.replace(ticket);
        let state = match &encryption {
            Some(encryption) if encryption.how == Encryption::Only => State::Encrypting,
            _ => State::Connected,
        };
        connection.imp().plug_in(stream, peer, state)?;
        if let Some(encryption) = encryption {
            connection.imp().expect_tls(encryption);
        }
        Ok(connection)
    }

    /// Sends this connection's news to `sink` as well.
    pub fn set_sink(&self, sink: Weak<dyn Sink>) {
        self.imp().sink.replace(Some(sink));
    }

    /// A number of the owner's, to find what belongs to this connection.
    pub fn tag(&self) -> usize {
        self.imp().tag.get()
    }

    /// Sets [`tag`](Self::tag).
    pub fn set_tag(&self, tag: usize) {
        self.imp().tag.set(tag);
    }

    /// Begins to read an accepted connection that was held back.
    pub fn start(&self) {
        self.imp().input.borrow_mut().paused = false;
        self.imp().await_opening();
        self.imp().update_interest();
    }

    /// Whether lines can be queued: connected and not closing.
    pub fn is_connected(&self) -> bool {
        self.state() == State::Connected
    }

    /// The peer's address, IPv4 where it is IPv4; known from accepting or connecting on, also
    /// after the end. Behind a proxy it is the proxy's.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.imp().peer.get()
    }

    /// Our own address of the connection; known from connecting on.
    pub fn local(&self) -> Option<SocketAddr> {
        self.imp().local.get()
    }

    /// How the connection ended, once it has.
    pub fn ended(&self) -> Option<Ended> {
        // While it is closing, how it will end may still change.
        if self.imp().is_closing() {
            return None;
        }
        self.imp().ended.borrow().clone()
    }

    /// Queues a copy of bytes, as [`queue`](Self::queue) does (Qt: `write`).
    ///
    /// # Errors
    /// The queue is full. Nothing was queued.
    pub fn write(&self, bytes: &[u8]) -> Result<Pace, QueueFull> {
        self.queue(Rc::from(bytes))
    }

    /// Queues bytes that may be shared with other connections. Where nothing can be sent, because
    /// the connection is not connected or closing, they are dropped: ask
    /// [`is_connected`](Self::is_connected). Says how well the peer keeps up; neither the sink
    /// nor a signal is called from here.
    ///
    /// # Errors
    /// The queue is full. Nothing was queued.
    pub fn queue(&self, chunk: Rc<[u8]>) -> Result<Pace, QueueFull> {
        self.imp().queue(chunk)
    }

    /// Sends bytes as [`queue`](Self::queue) does, but without a copy of what the kernel takes at
    /// once: for what one peer alone gets, and much of it.
    ///
    /// # Errors
    /// The queue is full. Nothing was sent.
    pub fn send(&self, bytes: &[u8]) -> Result<Pace, QueueFull> {
        self.imp().send(bytes)
    }

    /// How well the peer keeps up.
    pub fn pace(&self) -> Pace {
        self.imp().output.borrow().pace
    }

    /// Bytes queued and not acknowledged, the kernel's part included; 0 where the kernel has
    /// taken all.
    pub fn held(&self) -> usize {
        self.imp().held()
    }

    /// Bytes a queue may hold, the kernel's part included. Set it before there is a connection.
    pub fn set_queue_cap(&self, bytes: usize) {
        self.imp().output.borrow_mut().cap = bytes;
    }

    /// How long the peer may take nothing of its queue before the connection fails as
    /// [`TooSlow`](Error::TooSlow); [`limits::TOO_SLOW`] unless set.
    pub fn set_patience(&self, patience: std::time::Duration) {
        self.imp().patience.set(Some(patience));
    }

    /// Goes on sending after the peer's FIN, until [`close`](Self::close). Else the FIN begins our
    /// own closing: what is queued is still sent.
    pub fn set_half_open(&self, half_open: bool) {
        self.imp().half_open.set(half_open);
    }

    /// Bytes queued since the beginning, as they are on the wire: the position after what was queued last.
    pub fn queued_position(&self) -> u64 {
        self.imp().output.borrow().total()
    }

    /// Bytes the kernel has taken since the beginning.
    pub fn written_position(&self) -> u64 {
        self.imp().output.borrow().written()
    }

    /// Bytes the peer's TCP has acknowledged since the beginning (`SIOCOUTQ`), also after the
    /// end: what was known then.
    pub fn acknowledged_position(&self) -> u64 {
        self.imp().acknowledged()
    }

    /// Bytes received since the beginning, as they were on the wire.
    pub fn received(&self) -> u64 {
        self.imp().input.borrow().total
    }

    /// Tells the sink and `bytes-acknowledged` until everything queued by now is acknowledged.
    pub fn watch_acknowledgements(&self) {
        self.imp().watch_acknowledgements();
    }

    /// Stops reading: the peer is slowed down by its own TCP.
    pub fn pause_reading(&self) {
        self.imp().pause_reading();
    }

    /// Reads again. What was read before the pause is told first, in the next turn.
    pub fn resume_reading(&self) {
        self.imp().resume_reading();
    }

    /// The longest line taken from here on, in bytes: for whoever learns only from the peer what is
    /// spoken. What of a line had arrived is kept. Not while lines are being taken.
    pub fn set_longest_line(&self, bytes: usize) {
        self.imp().set_longest_line(bytes);
    }

    /// Takes bytes as they come instead of lines: `ready-read` and [`read`](Self::read). What of
    /// a line had arrived comes first.
    pub fn read_bytes(&self) {
        let mut input = self.imp().input.borrow_mut();
        if let Framing::Lines(splitter) = &mut input.framing {
            let begun = splitter.take_pending();
            input.framing = Framing::Bytes(begun);
        }
    }

    /// Takes lines again. What was received and not read stays in front of what comes.
    pub fn read_lines(&self) {
        self.imp().read_lines();
    }

    /// Takes at most `most` of the bytes that have arrived (Qt: `read`); reading the socket
    /// pauses while 64 KiB wait here.
    pub fn read(&self, most: usize) -> Vec<u8> {
        self.imp().read(most)
    }

    /// Sends what is queued, then FIN, and waits for the peer's FIN at most
    /// [`limits::CLOSE`] after the last progress (Qt: `disconnectFromHost`). Before there is a
    /// connection, stops connecting.
    pub fn close(&self) {
        self.close_within(limits::CLOSE);
    }

    /// [`close`](Self::close) with a deadline of the caller's.
    pub fn close_within(&self, deadline: std::time::Duration) {
        self.imp().begin_closing(Ended::ByUs, deadline);
    }

    /// Breaks the connection off at once with RST; what is queued is lost (Qt: `abort`).
    pub fn abort(&self) {
        self.imp().end_at_once(Ended::Aborted);
    }

    /// Breaks the connection off because the peer does not read.
    pub fn abort_as_too_slow(&self) {
        let queued = self.held();
        self.imp()
            .end_at_once(Ended::Failed(Error::TooSlow { queued }));
    }

    /// Asks the peer's TCP whether it is still there, where it would otherwise be asked after
    /// minutes: for when this computer has slept or its network has changed. A peer that is gone
    /// ends the connection within [`limits::PROBE`]; so does an address of ours that is gone, after
    /// [`limits::ADDRESS_GRACE`]. Nothing of it reaches a peer's program. While the cable is out
    /// nobody is asked: silence would prove nothing.
    pub fn probe(&self) {
        self.imp().begin_probe();
    }

    /// Bytes a queue may hold, the kernel's part included.
    pub(in crate::net) fn queue_cap(&self) -> usize {
        self.imp().output.borrow().cap
    }

    pub(in crate::net) fn set_attempt(&self, attempt: Attempt) {
        self.imp().attempt.replace(Some(attempt));
    }

    pub(in crate::net) fn with_attempt(&self, work: impl FnOnce(&mut Attempt)) {
        if let Some(attempt) = self.imp().attempt.borrow_mut().as_mut() {
            work(attempt);
        }
    }

    /// The attempt has come this far.
    pub(in crate::net) fn set_connecting(&self, state: State) {
        self.imp().set_state(state);
    }

    pub(in crate::net) fn attempt_succeeded(
        &self,
        stream: gio::SocketConnection,
        peer: SocketAddr,
    ) {
        // Not dropped here: this runs inside it.
        let attempt = self.imp().attempt.take();
        let encryption = self.imp().outgoing.borrow().as_deref().cloned();
        // Nothing must be said before it is encrypted.
        let state = match encryption {
            Some(_) => State::Encrypting,
            None => State::Connected,
        };
        match self.imp().plug_in(stream, peer, state) {
            Ok(()) => {
                // First: who is told may pause reading.
                self.start();
                match encryption {
                    Some(encryption) => self.imp().begin_handshake(&encryption),
                    None => self.emit_connected(),
                }
            }
            Err(error) => self.attempt_failed(error),
        }
        drop(attempt);
    }

    pub(in crate::net) fn attempt_failed(&self, error: Error) {
        self.imp().end_at_once(Ended::Failed(error));
    }

    /// Whether everything that was queued, and our FIN after it, is acknowledged; also after the
    /// end: what was known then.
    pub fn is_fin_acknowledged(&self) -> bool {
        self.imp().is_fin_acknowledged()
    }

    /// Applies `options` to an open socket.
    ///
    /// # Errors
    /// The system does not take one of them.
    pub fn set_options(&self, options: &SocketOptions) -> Result<(), Error> {
        let cap = self.imp().output.borrow().cap;
        self.imp()
            .with_socket(|socket| {
                options.apply(socket, cap)?;
                set_user_timeout(socket, self.imp().user_timeout())
            })
            .unwrap_or(Ok(()))
            .map_err(Error::established)
    }
}
