//! The state of a session and what moves it.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use glib::prelude::*;
use glib::subclass::prelude::*;
use hallway_core::net::{
    self, Connection, Connector, Ended, Error, Pace, Reactor, Sink, Timer, limits,
};
use hallway_core::wire::limits::FRAME;

use super::ear::Ear;
use super::encrypted::{After, Encrypted};
use super::outbox::{Change, LineEnding, Outbox};
use super::standing::Standing;
use super::state::{Reason, State};
use super::target::Target;
use super::{BACK_OFF, LONGEST_LINE, STEADY, signals};

#[derive(Default, glib::Properties)]
#[properties(wrapper_type = super::Session)]
pub struct Session {
    reactor: OnceCell<Reactor>,
    target: OnceCell<Target>,
    pub(super) connector: RefCell<Connector>,
    ear: OnceCell<Rc<Ear>>,
    /// How it speaks, where that is encrypted.
    encrypted: OnceCell<Box<Encrypted>>,
    /// Ours while it is neither over nor replaced.
    connection: RefCell<Option<Connection>>,
    pub(super) outbox: RefCell<Outbox>,
    /// The rest of the outbox goes in a later turn.
    feeding: RefCell<Option<Timer>>,
    countdown: RefCell<Option<Timer>>,
    /// Attempts since the connection was lost; none while there was no connection since a person
    /// asked for one.
    pub(super) attempts: Cell<Option<u32>>,
    /// When the connection was made.
    pub(super) since: Cell<Option<Instant>>,
    /// Who said goodbye first, while the connection closes.
    farewell: Cell<Option<Reason>>,

    /// What the session is doing. Told each time it changes, a countdown's seconds included.
    #[property(get)]
    state: RefCell<State>,
    /// How we stand with a server that is spoken to encrypted.
    #[property(get)]
    standing: RefCell<Standing>,
    /// What a line that we send ends in.
    #[property(get, set = Self::set_line_ending, explicit_notify, builder(LineEnding::default()))]
    pub(super) line_ending: Cell<LineEnding>,
}

#[glib::object_subclass]
impl ObjectSubclass for Session {
    const NAME: &'static str = "HallwaySession";
    type Type = super::Session;
}

#[glib::derived_properties]
impl ObjectImpl for Session {
    fn signals() -> &'static [glib::subclass::Signal] {
        &signals::SIGNALS
    }

    fn dispose(&self) {
        self.feeding.take();
        self.countdown.take();
        if let Some(encrypted) = self.encrypted() {
            encrypted.stop();
        }
        if let Some(connection) = self.connection.take() {
            connection.close();
        }
    }
}

impl Session {
    pub(super) fn set_up(&self, reactor: Reactor, connector: Connector, target: Target) {
        self.connector.replace(connector);
        let first = self.reactor.set(reactor).is_ok()
            && self.target.set(target).is_ok()
            && self.ear.set(Ear::new(&self.obj())).is_ok();
        if !first {
            tracing::error!("a session was set up twice");
        }
    }

    /// From now on it speaks encrypted.
    pub(super) fn encrypt(&self, encrypted: Encrypted) {
        if self.encrypted.set(Box::new(encrypted)).is_err() {
            tracing::error!("a session was set up twice");
        }
    }

    pub(super) fn encrypted(&self) -> Option<&Encrypted> {
        self.encrypted.get().map(Box::as_ref)
    }

    pub(super) fn reactor(&self) -> &Reactor {
        self.reactor.get().expect("set by the constructor")
    }

    pub(super) fn target(&self) -> &Target {
        self.target.get().expect("set by the constructor")
    }

    pub(super) fn is_current(&self, connection: &Connection) -> bool {
        self.connection.borrow().as_ref() == Some(connection)
    }

    pub(super) fn connection(&self) -> Option<Connection> {
        self.connection.borrow().clone()
    }

    fn set_line_ending(&self, ending: LineEnding) {
        if ending != self.line_ending.replace(ending) {
            self.obj().notify_line_ending();
        }
    }

    pub(super) fn set_standing(&self, standing: Standing) {
        if *self.standing.borrow() != standing {
            self.standing.replace(standing);
            self.obj().notify_standing();
        }
    }

    pub(super) fn set_state(&self, state: State) {
        if *self.state.borrow() != state {
            self.state.replace(state);
            self.obj().notify_state();
        }
    }

    /// A person wants a connection.
    pub(super) fn connect(&self) {
        let state = self.state.borrow().clone();
        match state {
            State::Idle | State::Ended { .. } | State::Failed { .. } => {
                self.attempts.set(None);
                self.may_hear_text(true);
                self.begin();
            }
            State::Waiting { .. } => self.reconnect_now(),
            State::LookingUp | State::Connecting | State::Connected { .. } | State::Closing => {}
        }
    }

    pub(super) fn reconnect_now(&self) {
        if matches!(*self.state.borrow(), State::Waiting { .. }) {
            self.countdown.take();
            self.begin();
        }
    }

    pub(super) fn look_after_network(&self) {
        self.reconnect_now();
        let connection = self.connection.borrow().clone();
        if let Some(connection) = connection {
            connection.probe();
        }
    }

    pub(super) fn cancel_reconnect(&self) {
        let state = self.state.borrow().clone();
        if let State::Waiting { error, .. } = state {
            self.countdown.take();
            self.set_state(State::Failed { error });
        }
    }

    pub(super) fn close(&self) {
        let reason = Reason::ByUs;
        self.may_hear_text(false);
        if matches!(*self.state.borrow(), State::Waiting { .. }) {
            self.countdown.take();
            return self.set_state(State::Ended { reason });
        }
        let connection = self.connection.borrow().clone();
        if let Some(connection) = connection {
            connection.close();
        }
    }

    /// Begins an attempt. Each has a connection of its own, so no news of an earlier one count.
    fn begin(&self) {
        let target = self.target();
        let ear = self.ear.get().expect("set by the constructor");
        let (longest, cap) = match self.encrypted() {
            Some(_) => (FRAME, limits::queue(FRAME)),
            // What waits is better kept here, where it can still be taken back.
            None => (LONGEST_LINE, limits::QUEUE),
        };
        let connection = Connection::new(self.reactor(), longest);
        connection.set_queue_cap(cap);
        if let Some(encrypted) = self.encrypted() {
            connection.set_encryption(Some(encrypted.keeper.tls()));
            self.next_round();
        }
        connection.set_patience(limits::USER_TIMEOUT);
        let sink: Rc<dyn Sink> = ear.clone();
        let sink: Weak<dyn Sink> = Rc::downgrade(&sink);
        connection.set_sink(sink);
        ear.listen(&connection);
        self.farewell.take();
        self.connection.replace(Some(connection.clone()));
        let connector = self.connector.borrow().clone();
        connector.connect(&connection, target.host(), target.port());
    }

    /// The connection's state changed.
    pub(super) fn follow(&self, connection: &Connection) {
        match connection.state() {
            net::State::HostLookup => self.set_state(State::LookingUp),
            net::State::Connecting | net::State::Encrypting => self.set_state(State::Connecting),
            // Nobody is connected before the server says welcome.
            net::State::Connected if self.encrypted().is_some() => {
                self.encryption_began(connection);
            }
            net::State::Connected => {
                let Some(address) = connection.peer() else {
                    return tracing::error!("a connection without a peer");
                };
                self.since.set(Some(Instant::now()));
                self.attempts.set(Some(self.attempts.get().unwrap_or(0)));
                self.set_state(State::Connected { address });
                self.feed();
            }
            net::State::Closing => {
                self.farewell.set(match connection.ended() {
                    Some(Ended::ByPeer) => Some(Reason::ByServer),
                    Some(Ended::ByUs) => Some(Reason::ByUs),
                    _ => None,
                });
                self.set_state(State::Closing);
            }
            // Told by `disconnected`, with the reason.
            net::State::Unconnected => {}
        }
    }

    /// The connection is over.
    pub(super) fn lost(&self, connection: &Connection, ended: &Ended) {
        self.feeding.take();
        self.connection.take();
        let (written, acknowledged) = positions(connection);
        let changes = self.outbox.borrow_mut().lose(written, acknowledged);
        let steady = self.since.take().is_some_and(|at| at.elapsed() >= STEADY);
        if steady {
            self.attempts.set(Some(0));
        }
        let farewell = self.farewell.take();
        match self.conversation_ended(ended) {
            After::AsPlain => {}
            After::Again => return self.begin(),
            After::Stop(state) => return self.set_state(state),
            After::Wait(error) => return self.wait_or_fail(error),
        }
        match (ended, farewell) {
            // What fails after a goodbye does not make it an accident.
            (_, Some(reason)) => self.set_state(State::Ended { reason }),
            (Ended::ByPeer, None) => self.set_state(State::Ended {
                reason: Reason::ByServer,
            }),
            (Ended::ByUs | Ended::Aborted, None) => self.set_state(State::Ended {
                reason: Reason::ByUs,
            }),
            (Ended::Failed(error), None) if helps_to_wait(error) => {
                self.wait_or_fail(error.clone());
            }
            (Ended::Failed(error), None) => self.set_state(State::Failed {
                error: error.clone(),
            }),
        }
        self.tell(changes);
    }

    /// Waits for the next attempt, where there was a connection.
    fn wait_or_fail(&self, error: Error) {
        match self.attempts.get() {
            Some(attempts) => self.wait(attempts + 1, error),
            None => self.set_state(State::Failed { error }),
        }
    }

    /// Counts down to an attempt.
    fn wait(&self, attempt: u32, error: Error) {
        self.attempts.set(Some(attempt));
        let longest = BACK_OFF.len() - 1;
        let at = usize::try_from(attempt - 1).map_or(longest, |at| at.min(longest));
        let session = self.obj().downgrade();
        let second = Duration::from_secs(1);
        let countdown = Timer::repeating(second, self.reactor().priority(), move || {
            if let Some(session) = session.upgrade() {
                session.imp().second_passed();
                glib::ControlFlow::Continue
            } else {
                glib::ControlFlow::Break
            }
        });
        self.countdown.replace(Some(countdown));
        self.set_state(State::Waiting {
            attempt,
            seconds: BACK_OFF[at],
            error,
        });
    }

    fn second_passed(&self) {
        let state = self.state.borrow().clone();
        match state {
            State::Waiting { seconds: 0..=1, .. } => self.reconnect_now(),
            State::Waiting {
                attempt,
                seconds,
                error,
            } => self.set_state(State::Waiting {
                attempt,
                seconds: seconds - 1,
                error,
            }),
            _ => {}
        }
    }

    /// Gives the connection of the outbox what its pace allows.
    pub(super) fn feed(&self) {
        let connection = self.connection().filter(|_| self.encrypted().is_none());
        let Some(connection) = connection.filter(Connection::is_connected) else {
            return;
        };
        let until = Instant::now() + limits::TURN;
        let before = connection.queued_position();
        let mut pace = connection.pace();
        while pace == Pace::Flowing {
            let Some(bytes) = self.outbox.borrow().next() else {
                break;
            };
            match connection.queue(bytes) {
                Ok(now) => pace = now,
                // Told again when something was written.
                Err(net::connection::QueueFull { .. }) => break,
            }
            let mut outbox = self.outbox.borrow_mut();
            outbox.give(connection.queued_position());
            if Instant::now() >= until {
                drop(outbox);
                self.feed_later();
                break;
            }
        }
        if connection.queued_position() > before {
            connection.watch_acknowledgements();
        }
    }

    fn feed_later(&self) {
        let session = self.obj().downgrade();
        let later = Timer::soon(self.reactor().priority(), move || {
            if let Some(session) = session.upgrade() {
                session.imp().feed();
            }
        });
        self.feeding.replace(Some(later));
    }

    /// Finds out how far the messages have come.
    pub(super) fn settle(&self) {
        let connection = self.connection.borrow().clone();
        if let Some(connection) = connection {
            let (written, acknowledged) = positions(&connection);
            let changes = self.outbox.borrow_mut().settle(written, acknowledged);
            self.tell(changes);
        }
    }

    pub(super) fn tell(&self, changes: impl IntoIterator<Item = Change>) {
        for (id, state) in changes {
            self.obj().emit_message_changed(id, state);
        }
    }
}

/// Bytes written and acknowledged since the connection began.
fn positions(connection: &Connection) -> (u64, u64) {
    (
        connection.written_position(),
        connection.acknowledged_position(),
    )
}

/// Whether the same attempt may succeed later without anybody doing anything.
fn helps_to_wait(error: &Error) -> bool {
    error.is_passing() && !matches!(error, Error::ProxyLogin { .. })
}
