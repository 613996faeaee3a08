//! Who is here and who hears what.
//!
//! ```text
//! Listener → Peer … → a line → command? → answer
//!                             → text → Event for the observer, echo, relay to the others
//! host's text → all or one → Deliveries → Event when everybody has it
//! ```
//!
//! The hub knows nothing of windows, terminals or languages: it gives [`Event`]s to one observer
//! and asks [`Notices`] for what plain peers are told.

mod command;
mod deliveries;
mod event;
mod http;
mod listening;
mod notices;
mod opening;
mod peer;
mod probing;
mod room;
mod speaker;

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use hallway_core::net::{Connection, Ended, Error, ListenAddress, Listener, Reactor, Sink, limits};
use hallway_core::text::{Name, visible_str};

pub use event::{Audience, Event, Leaving, MessageId, PeerId, Person};
pub use notices::{NameRefused, Notices};
use room::{Renamed, Room};
use speaker::Gathered;

/// How many labels `/who` answers with; the rest is a number.
const WHO_LABELS: usize = 100;

/// How often closing is looked at while the server stops.
const STOP_LOOK: Duration = Duration::from_millis(10);

/// How long the last connections may take to be let go after the deadline: two of the reactor's
/// slowest looks at the clock.
const STOP_REST: Duration = Duration::from_millis(500);

/// What the host decides.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        }
    }
}

/// A room: a listener, the people in it, and what they say. Clones are the same room.
#[derive(Clone)]
pub struct Hub(Rc<Inner>);

type Observer = Rc<dyn Fn(&Event<'_>)>;

struct Inner {
    listener: Listener,
    settings: RefCell<Settings>,
    notices: Box<dyn Notices>,
    observer: RefCell<Option<Observer>>,
    room: RefCell<Room>,
    /// Memory for what a speaker says, while nobody speaks.
    memory: Cell<Gathered>,
    /// Counts stops and starts: odd while stopping.
    phase: Cell<u64>,
}

impl Hub {
    /// A room that nobody can enter yet.
    pub fn new(reactor: &Reactor, settings: Settings, notices: Box<dyn Notices>) -> Self {
        let hub = Self(Rc::new(Inner {
            listener: Listener::new(reactor),
            settings: RefCell::new(settings),
            notices,
            observer: RefCell::default(),
            room: RefCell::default(),
            memory: Cell::default(),
            phase: Cell::default(),
        }));
        let sink: Weak<dyn Sink> = Rc::<Inner>::downgrade(&hub.0);
        hub.0.listener.set_sink(sink);
        let inner = Rc::downgrade(&hub.0);
        hub.0.listener.connect_accept_error(move |_, error| {
            if let Some(inner) = inner.upgrade() {
                inner.tell(&Event::AcceptFailed(&error));
            }
        });
        let inner = Rc::downgrade(&hub.0);
        hub.0
            .listener
            .connect_connection_refused(move |_, refused| {
                if let Some(inner) = inner.upgrade() {
                    inner.tell(&Event::Refused(refused));
                }
            });
        hub
    }

    /// Tells `observer` what happens from now on, instead of who was told before.
    pub fn observe(&self, observer: impl Fn(&Event<'_>) + 'static) {
        self.0.observer.replace(Some(Rc::new(observer)));
    }

    /// The listener, for what it can be asked.
    pub fn listener(&self) -> &Listener {
        &self.0.listener
    }

    /// What the host decided.
    pub fn settings(&self) -> Settings {
        self.0.settings.borrow().clone()
    }

    /// Changes what the host decides. Limits count for who comes from now on.
    pub fn set_settings(&self, settings: Settings) {
        self.apply_limits(&settings);
        self.0.settings.replace(settings);
        // Who waited because everybody hears everybody may not have to any more.
        self.0.resume_readers();
    }

    fn apply_limits(&self, settings: &Settings) {
        let listener = &self.0.listener;
        listener.set_longest_line(settings.longest_line);
        listener.set_limits(settings.connections, settings.connections_per_address);
    }

    /// Opens the room. Returns where it can be reached.
    ///
    /// # Errors
    /// As [`Listener::listen`].
    pub fn start(&self, address: ListenAddress, port: u16) -> Result<SocketAddr, Error> {
        self.open(|listener| listener.listen(address, port))
    }

    /// Closes the room: nobody comes in any more, and everybody who is here is told and gets what
    /// is queued for them, in `deadline` for all together. [`Event::Stopped`] tells the end, unless
    /// the room is opened again before.
    pub fn stop(&self, deadline: Duration) {
        if self.0.is_stopping() {
            return;
        }
        self.0.next_phase();
        self.0.listener.close();
        self.0.room.borrow_mut().let_in_again();
        let last_words = self.0.notices.stopped();
        for id in self.ids() {
            self.0
                .send_away(id, Leaving::Stopped, Some(&last_words), deadline);
        }
        self.0.wait_until_empty(deadline);
    }

    /// Everybody who is here, in the order they came.
    pub fn people(&self) -> Vec<Rc<Person>> {
        self.0.room.borrow().people()
    }

    /// A peer's connection, for what it can be asked.
    pub fn connection(&self, id: PeerId) -> Option<Connection> {
        let room = self.0.room.borrow();
        room.by_id(id).map(|peer| peer.connection.clone())
    }

    /// Says `text` to everyone or to one, later lines indented so that none can pass for
    /// somebody's. Controls are made visible. [`Event::Received`] tells what became of it.
    pub fn say(&self, audience: Audience, text: &str) -> MessageId {
        let lines: Vec<_> = text.lines().map(visible_str).collect();
        let message = self.0.room.borrow_mut().next_message();
        let text = lines.join("\n");
        self.0.tell(&Event::Said {
            audience,
            text: &text,
            message,
        });
        self.0.send(audience, message, &lines.join("\n    "));
        message
    }

    /// Whether what the host says next should wait for receivers that are behind but reading.
    pub fn is_crowded(&self) -> bool {
        self.0.room.borrow().congested() > 0
    }

    /// Disconnects a peer properly.
    pub fn disconnect(&self, id: PeerId) {
        let last_words = self.0.notices.disconnected();
        self.0
            .send_away(id, Leaving::ByHost, Some(&last_words), limits::CLOSE);
    }

    /// Breaks a peer's connection off.
    pub fn abort(&self, id: PeerId) {
        let connection = self.0.room.borrow_mut().mark_leaving(id, Leaving::Aborted);
        if let Some(connection) = connection {
            connection.abort();
        }
    }

    /// Disconnects a peer and whoever else is at its address, and refuses the address until the
    /// server stops.
    pub fn keep_out(&self, id: PeerId) {
        let at_address = self.0.room.borrow_mut().keep_out(id);
        let last_words = self.0.notices.kept_out();
        for id in at_address {
            self.0
                .send_away(id, Leaving::KeptOut, Some(&last_words), limits::CLOSE);
        }
    }

    /// Gives a peer a name.
    ///
    /// # Errors
    /// The name breaks the rules, somebody has it or one that looks like it, or the peer has gone.
    pub fn rename(&self, id: PeerId, name: &str) -> Result<(), NameRefused> {
        self.0.rename(id, name).map(drop)
    }

    fn ids(&self) -> Vec<PeerId> {
        self.people().iter().map(|person| person.id).collect()
    }
}

impl Inner {
    fn is_stopping(&self) -> bool {
        self.phase.get() % 2 == 1
    }

    fn next_phase(&self) {
        self.phase.set(self.phase.get() + 1);
    }

    fn tell(&self, event: &Event<'_>) {
        // The observer may ask the hub for anything, or replace itself.
        let observer = self.observer.borrow().clone();
        if let Some(observer) = observer {
            observer(event);
        }
    }

    /// Ends a peer's connection properly, with last words.
    fn send_away(&self, id: PeerId, why: Leaving, last_words: Option<&str>, deadline: Duration) {
        let connection = self.room.borrow_mut().mark_leaving(id, why);
        let Some(connection) = connection else { return };
        if let Some(words) = last_words {
            // A queue that is full has no room for last words either.
            let _ = connection.write(&notices::marked(words));
        }
        connection.close_within(deadline);
    }

    /// Sends a text of the host's on its way.
    fn send(&self, audience: Audience, message: MessageId, text: &str) {
        let chunk: Rc<[u8]> = [text.as_bytes(), b"\n"].concat().into();
        let sent = self.room.borrow_mut().send(audience, message, &chunk);
        for connection in &sent.watched {
            connection.watch_acknowledgements();
        }
        abort_slow(&sent.too_slow);
        self.tell_received(sent.done);
    }

    fn tell_received(&self, done: impl IntoIterator<Item = deliveries::Done>) {
        for done in done {
            self.tell(&Event::Received {
                message: done.message,
                received: done.received,
                missing: &done.missing,
            });
        }
    }

    /// Reads those again who waited for somebody to catch up.
    fn resume_readers(&self) {
        let relay = self.settings.borrow().relay;
        let resumed = self.room.borrow_mut().resumed(relay);
        for connection in resumed {
            connection.resume_reading();
        }
    }

    fn rename(&self, id: PeerId, name: &str) -> Result<Rc<Person>, NameRefused> {
        let name = Name::parse(name).map_err(NameRefused::Rules)?;
        let host = self.settings.borrow().host.clone();
        let Renamed { before, person } = self.room.borrow_mut().rename(id, &name, host.as_ref())?;
        if before.label != person.label {
            self.tell(&Event::Renamed {
                person: &person,
                before: &before.label,
            });
        }
        Ok(person)
    }

    /// Tells the end of stopping, once everybody has gone. Who has not when the time is up is
    /// left to the system, which goes on sending what it has taken.
    fn wait_until_empty(self: &Rc<Self>, deadline: Duration) {
        let inner = Rc::downgrade(self);
        let phase = self.phase.get();
        glib::MainContext::ref_thread_default().spawn_local(async move {
            let mut until = Instant::now() + deadline;
            let mut is_late = false;
            loop {
                let Some(inner) = inner.upgrade() else { return };
                if inner.phase.get() != phase {
                    // Opened again: who is here now may stay.
                    return;
                }
                let is_due = Instant::now() >= until;
                if inner.room.borrow().is_empty() || (is_due && is_late) {
                    inner.tell(&Event::Stopped);
                    return;
                }
                if is_due {
                    is_late = true;
                    until += STOP_REST;
                    let late = inner.room.borrow().connections();
                    for connection in late {
                        connection.close_within(Duration::ZERO);
                    }
                }
                drop(inner);
                glib::timeout_future(STOP_LOOK).await;
            }
        });
    }

    /// What is told of a peer that has gone.
    fn leaving(ended: &Ended, decided: Option<Leaving>) -> Leaving {
        match (ended, decided) {
            // What we decided is why, however the connection then ended.
            (_, Some(decided)) => decided,
            (Ended::ByPeer | Ended::ByUs, None) => Leaving::ByPeer,
            (Ended::Aborted, None) => Leaving::Aborted,
            (Ended::Failed(error), None) => Leaving::Failed(error.clone()),
        }
    }
}

/// Breaks off connections whose queue is full.
fn abort_slow(slow: &[Connection]) {
    for connection in slow {
        connection.abort_as_too_slow();
    }
}
