//! Who is here and who hears what.
//!
//! ```text
//! Listener → Peer … → a line → command? → answer
//!                             → text → Event for the observer, echo, relay to the others
//! host's text → all or one → Deliveries → Event when everybody has it
//! ```
//!
//! Who encrypts speaks `hallway/1`, where the room has an [`Archive`]. What they say, and all that they
//! hear, goes by way of the history:
//!
//! ```text
//! frame → Guest → Action → history ─ commit ─→ ack, event for encrypted people
//!                                            → line for plain people, Event for the observer
//! plain line, host's text ──→ history (if it keeps up) ─→ event for encrypted people
//! events after a cursor ← history ← Stream: as much as somebody stores
//! ```
//!
//! - `guest`, `stream`: one of them; pure. `guests`: all of them, and `manners`: their limits.
//! - `coming`, `hearing`, `looking`: what they, and the clock, bring about.
//! - `keeper`, `keeping`, `committed`, `reading`: to the history and back.
//! - `presence`, `seen`, `comparing`: who is here, who has stored what, the six digits.
//!
//! Where the specification is silent, this is so:
//!
//! - A second hello may follow one that got `name-taken` or `password`, and nothing else may come
//!   before the welcome but `ping`. People have two minutes for it.
//! - A takeover happens at the hello: a name that is the older connection's is free for the newer one.
//!   Whom the host let in is not asked about again until the server stops.
//! - `n` and `head` of a welcome are of one moment. A message that comes again gets its first answer
//!   whatever its number is, and uses up none: what follows it in the same run of numbers is
//!   `out-of-order`, and numbered anew by the client from `n` and what was acknowledged past `head`.
//! - On one connection the `ack` of a message comes before its event.
//! - `got` of what was not sent ends it with `cursor-ahead`; such a cursor in a hello gets `cursor-ahead`,
//!   which ends nothing, and `reset`. After `reset` all events follow, without another hello.
//! - `typing` is passed on with `to` as it came, and `from` beside it. `seen` counts those who are here,
//!   without the author, for the room's last event; of two it is told once the other has stored it, or
//!   when its author, who was away, is welcomed.
//! - `people` of a welcome is who the others were told of: the newcomer is among the next changes. Who
//!   is plain is told of once that is sure, after half a second of silence at the latest.
//! - Where messages are not passed on, `msg` to the room is `unauthorized`: the room is the host's.
//! - A comparison of the six digits that was begun and not ended counts as a failure.
//! - `busy`: more than may wait, before their hello or for the disk, or conversations without an end.
//!
//! The hub knows nothing of windows, terminals or languages: it gives [`Event`]s to one observer
//! and asks [`Notices`] for what plain peers are told.

mod archive;
mod coming;
mod command;
mod committed;
mod comparing;
mod deliveries;
mod event;
mod guest;
mod guests;
mod hearing;
mod http;
mod keeper;
mod keeping;
mod known;
mod leaving;
mod listening;
mod looking;
mod manners;
mod names;
mod notices;
mod opening;
mod peer;
mod presence;
mod probing;
mod reading;
mod room;
mod seen;
mod settings;
mod speaker;
mod stream;
mod telling;

use std::cell::{Cell, OnceCell, RefCell};
use std::net::SocketAddr;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use hallway_core::net::{
    Connection, Encryption, Error, ListenAddress, Listener, Reactor, Sink, Timer, limits, tls,
};
use hallway_core::text::visible_str;

pub use archive::Archive;
pub use event::{Audience, Event, Leaving, MessageId, PeerId, Person};
#[cfg(feature = "fuzzing")]
pub use guest::fuzzing;
use guests::Guests;
use keeper::Keeper;
pub use known::Known;
pub use manners::Manners;
use manners::WAITING_HOST;
pub use notices::{NameRefused, Notices};
use room::Room;
pub use settings::Settings;
use speaker::Gathered;

/// How many labels `/who` answers with; the rest is a number.
const WHO_LABELS: usize = 100;

/// What stands before the later lines of a text, so that none can pass for somebody's.
const INDENT: &str = "    ";

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
    guests: RefCell<Guests>,
    /// What encrypted people need; without it there are none.
    archive: OnceCell<Archive>,
    keeper: RefCell<Keeper>,
    /// The clock, while somebody encrypted is here.
    looking: RefCell<Option<Timer>>,
    priority: glib::Priority,
    me: Weak<Inner>,
    /// Memory for what a speaker says, while nobody speaks.
    memory: Cell<Gathered>,
    /// Counts stops and starts: odd while stopping.
    phase: Cell<u64>,
}

impl Hub {
    /// A room that nobody can enter yet.
    pub fn new(reactor: &Reactor, settings: Settings, notices: Box<dyn Notices>) -> Self {
        let (keeper, answers) = Keeper::new(&settings.manners);
        let hub = Self(Rc::new_cyclic(|me| Inner {
            listener: Listener::new(reactor),
            settings: RefCell::new(settings),
            notices,
            observer: RefCell::default(),
            room: RefCell::default(),
            guests: RefCell::default(),
            archive: OnceCell::new(),
            keeper: RefCell::new(keeper),
            looking: RefCell::default(),
            priority: reactor.priority(),
            me: me.clone(),
            memory: Cell::default(),
            phase: Cell::default(),
        }));
        hub.0.listen_to_history(answers);
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

    /// Lets people encrypt, as the settings say; without an archive nobody can. The first one that is
    /// given counts.
    ///
    /// # Errors
    /// The certificate cannot be used. Nobody can encrypt then.
    pub fn set_archive(&self, archive: Archive) -> Result<(), tls::Unusable> {
        if self.0.archive().is_none() {
            self.0.listener.set_identity(archive.identity())?;
        }
        let head = archive.head();
        if self.0.archive.set(archive).is_ok() {
            self.0.guests.borrow_mut().head = head;
        }
        self.apply_limits(&self.0.settings.borrow());
        Ok(())
    }

    /// The listener, for what it can be asked.
    pub fn listener(&self) -> &Listener {
        &self.0.listener
    }

    /// What the host decided.
    pub fn settings(&self) -> Settings {
        self.0.settings.borrow().clone()
    }

    /// Changes what the host decides. Limits count for who comes from now on; who waits for the host's word
    /// comes in when that is not asked for any more.
    pub fn set_settings(&self, settings: Settings) {
        self.apply_limits(&settings);
        if let (Some(archive), Some(host)) = (self.0.archive(), &settings.host) {
            archive.set_name(host.into());
        }
        let is_open = !settings.ask;
        let before = self.0.settings.replace(settings);
        if before.ask && is_open {
            self.0.let_all_in();
        }
        // Who waited because everybody hears everybody may not have to any more.
        self.0.resume_readers();
    }

    fn apply_limits(&self, settings: &Settings) {
        let listener = &self.0.listener;
        listener.set_longest_line(settings.longest_line);
        listener.set_limits(settings.connections, settings.connections_per_address);
        let can_encrypt = self.0.archive().is_some();
        listener.set_encryption(if can_encrypt {
            settings.encryption
        } else {
            Encryption::Off
        });
    }

    /// Opens the room. Returns where it can be reached.
    ///
    /// # Errors
    /// As [`Listener::listen`].
    pub fn start(&self, address: ListenAddress, port: u16) -> Result<SocketAddr, Error> {
        self.open(|listener| listener.listen(address, port))
    }

    /// Everybody who is here, in the order they came.
    pub fn people(&self) -> Vec<Rc<Person>> {
        self.0.people()
    }

    /// A peer's connection, for what it can be asked.
    pub fn connection(&self, id: PeerId) -> Option<Connection> {
        let room = self.0.room.borrow();
        if let Some(peer) = room.by_id(id) {
            return Some(peer.connection.clone());
        }
        let guests = self.0.guests.borrow();
        guests.by_id(id).map(|inside| inside.connection.clone())
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
        let guests = self.0.keep_host_text(audience, message, &text);
        let text = lines.join(&["\n", INDENT].concat());
        self.0.send(audience, message, &text, guests);
        message
    }

    /// Whether what the host says next should wait for receivers that are behind but reading, or for
    /// the disk.
    pub fn is_crowded(&self) -> bool {
        self.0.room.borrow().congested() > 0 || self.0.waiting() >= WAITING_HOST
    }
}

impl Inner {
    fn archive(&self) -> Option<&Archive> {
        self.archive.get()
    }

    fn people(&self) -> Vec<Rc<Person>> {
        let mut people = self.room.borrow().people();
        let guests = self.guests.borrow();
        if !guests.is_empty() {
            people.extend(guests.all().map(|inside| Rc::clone(&inside.person)));
            people.sort_by_key(|person| person.id);
        }
        people
    }

    /// Takes what the history answers.
    fn listen_to_history(&self, answers: async_channel::Receiver<keeper::Answered>) {
        let me = self.me.clone();
        let listening = async move {
            while let Ok(first) = answers.recv().await {
                let Some(inner) = me.upgrade() else { return };
                // What was committed together is told together, as far as a turn goes.
                let until = Instant::now() + limits::TURN;
                let rest = std::iter::from_fn(|| {
                    let is_time = Instant::now() < until;
                    is_time.then(|| answers.try_recv().ok()).flatten()
                });
                inner.take_answers(std::iter::once(first).chain(rest));
                drop(inner);
                // Everybody else has a turn before the next ones.
                glib::timeout_future(Duration::ZERO).await;
            }
        };
        glib::MainContext::ref_thread_default().spawn_local_with_priority(self.priority, listening);
    }

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

    /// Sends a text of the host's on its way.
    fn send(&self, audience: Audience, message: MessageId, text: &str, guests: room::Guests) {
        let chunk: Rc<[u8]> = [text.as_bytes(), b"\n"].concat().into();
        let sent = self
            .room
            .borrow_mut()
            .send(audience, message, &chunk, guests);
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
                is_kept: done.is_kept,
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
        self.resume_guests();
    }
}

/// Breaks off connections whose queue is full.
fn abort_slow(slow: &[Connection]) {
    for connection in slow {
        connection.abort_as_too_slow();
    }
}
