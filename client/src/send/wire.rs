//! A connection to write to and to wait for.

use std::ops::ControlFlow;
use std::rc::{Rc, Weak};

use async_channel::{Receiver, Sender};
use hallway_core::net::{
    Arrivals, Connection, Connector, Ended, Pace, Reactor, Sink, State, limits,
};

use super::Failure;
use crate::session::Target;

/// A connection to which bytes are sent; what comes is read away.
pub(super) struct Wire {
    connection: Connection,
    /// Something about the connection is new. One word is enough, however much it was.
    news: Receiver<()>,
    _bell: Rc<Bell>,
}

struct Bell(Sender<()>);

impl Bell {
    fn ring(&self) {
        // Full: it has been rung and not been heard yet.
        let _ = self.0.try_send(());
    }
}

impl Sink for Bell {
    fn lines(&self, _connection: &Connection, arrivals: &mut Arrivals<'_>) -> ControlFlow<()> {
        while arrivals.take().is_some() {}
        ControlFlow::Continue(())
    }

    fn pace_changed(&self, _connection: &Connection, _pace: Pace) {
        self.ring();
    }

    fn acknowledged(&self, _connection: &Connection, _position: u64) {
        self.ring();
    }

    fn disconnected(&self, _connection: &Connection, _ended: &Ended) {
        self.ring();
    }
}

impl Wire {
    /// Begins to connect. A text is sent, and the connection closed, in the moment it is made: a
    /// server that says all it has to say at once, and closes, still gets it.
    pub(super) fn open(reactor: &Reactor, target: &Target, text: Option<Vec<u8>>) -> Self {
        let (sender, news) = async_channel::bounded(1);
        let bell = Rc::new(Bell(sender));
        let connection = Connection::new(reactor, limits::LINE);
        connection.set_queue_cap(limits::QUEUE);
        // Who has nothing to say may say so at once and still listen; who listens slowly has the
        // time that its TCP has.
        connection.set_half_open(true);
        connection.set_patience(limits::USER_TIMEOUT);
        let sink: Weak<dyn Sink> = Rc::<Bell>::downgrade(&bell);
        connection.set_sink(sink);
        connection.connect_ready_read(|connection| drop(connection.read(usize::MAX)));
        let ring = Rc::clone(&bell);
        connection.connect_bytes_written(move |_, _| ring.ring());
        let ring = Rc::clone(&bell);
        connection.connect_connected(move |connection| {
            // Lines would have a longest one.
            connection.read_bytes();
            if let Some(text) = &text {
                if let Err(error) = connection.write(text) {
                    tracing::error!(%error, "an empty queue refused a text");
                }
                close(connection);
            }
            ring.ring();
        });
        Connector::default().connect(&connection, target.host(), target.port());
        Self {
            connection,
            news,
            _bell: bell,
        }
    }

    /// Waits until there is a connection.
    pub(super) async fn connected(&self) -> Result<(), Failure> {
        loop {
            match self.connection.state() {
                State::Connected => return Ok(()),
                State::HostLookup | State::Connecting | State::Encrypting => self.hear().await,
                State::Unconnected | State::Closing => return Err(self.failure()),
            }
        }
    }

    /// Queues bytes as soon as there is room.
    pub(super) async fn send(&self, bytes: Rc<[u8]>) -> Result<(), Failure> {
        loop {
            if !self.connection.is_connected() {
                return Err(self.failure());
            }
            let has_room = self.connection.pace() == Pace::Flowing;
            if has_room && self.connection.queue(Rc::clone(&bytes)).is_ok() {
                return Ok(());
            }
            self.hear().await;
        }
    }

    /// Waits until nothing can be sent any more.
    pub(super) async fn over(&self) -> Failure {
        while self.connection.is_connected() {
            self.hear().await;
        }
        self.failure()
    }

    /// Sends what is queued, then FIN.
    pub(super) fn close(&self) {
        close(&self.connection);
    }

    /// Waits until everything, our FIN included, is acknowledged.
    pub(super) async fn all_acknowledged(&self) -> Result<(), Failure> {
        loop {
            if self.connection.is_fin_acknowledged() {
                return Ok(());
            }
            if self.connection.state() == State::Unconnected {
                return Err(self.failure());
            }
            self.hear().await;
        }
    }

    async fn hear(&self) {
        // The bell lives as long as we do, so there is no end to hear of.
        let _ = self.news.recv().await;
    }

    fn failure(&self) -> Failure {
        let begun = self.connection.written_position() > 0;
        Failure::of(self.connection.ended(), begun)
    }
}

/// Closes, with as much patience for a slow reader as its TCP has.
fn close(connection: &Connection) {
    connection.close_within(limits::USER_TIMEOUT);
    connection.watch_acknowledgements();
}
