//! The encrypted way of speaking, for a session that has a keeper.
//!
//! ```text
//! Connection → who is it? (pins, on a thread) → how far? (history) → Talk ⇄ frames
//!                                                                     ├→ jobs for the history
//!                                                                     └→ standing, news
//! ```
//!
//! - `beginning`: from the handshake to hello. `doing`: what a [`Talk`] wants done.
//! - `storing`: jobs for the history, answered in their order. `ending`: the end of a connection.

mod beginning;
mod doing;
mod ending;
mod storing;

use std::cell::{Cell, RefCell};
use std::collections::{HashSet, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

use glib::subclass::prelude::*;
use hallway_core::net::{Arrivals, Connection, Timer};
use hallway_core::text::Name;
use hallway_core::trust::Address;
use hallway_core::wire::frame::Taken;
use hallway_core::wire::{Cid, Fingerprint, Password, Person};

use super::imp::Session;
use super::keeper::Keeper;
use super::talk::Talk;
use super::talk::values::{Action, End};
pub(super) use ending::After;
use storing::Jobs;

/// How far a comparison of six digits has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Comparing {
    /// There is none, or nothing more is to be told of it.
    #[default]
    Nothing,
    /// They are shown here, and at the server.
    Shown,
    /// They were the same here. At the server others may still be found.
    Same,
}

/// What a session has that speaks encrypted.
pub(super) struct Encrypted {
    pub(super) keeper: Keeper,
    /// Where the server is, as it was typed.
    address: Address,
    /// What we want to be called.
    name: RefCell<Name>,
    /// What the server calls us, should another name be somebody's.
    known_as: RefCell<Option<Name>>,
    pub(super) password: RefCell<Option<Password>>,
    /// Whose outbox is written to: the server that was met last here.
    pub(super) server: Cell<Option<Fingerprint>>,
    talk: RefCell<Option<Talk>>,
    /// Counts connections: an answer for an earlier one is none for this.
    round: Cell<u64>,
    actions: RefCell<VecDeque<Action>>,
    /// Actions are being done: more wait for their turn.
    is_acting: Cell<bool>,
    clock: RefCell<Option<Timer>>,
    jobs: Jobs,
    /// Why we close the connection.
    end: RefCell<Option<End>>,
    /// A person has decided that this is another server.
    pub(super) as_new: Cell<Option<Fingerprint>>,
    /// They did while the connection to it was being closed: another one is to follow.
    pub(super) again: Cell<bool>,
    /// Text came instead of encryption, and it was tried again.
    heard_text: Cell<bool>,
    /// Messages of this session that were never sent.
    unsent: RefCell<HashSet<Cid>>,
    pub(super) comparing: Cell<Comparing>,
    /// What the server takes, as it said last.
    pub(super) allowed: Cell<Taken>,
}

impl Encrypted {
    pub(super) fn new(keeper: Keeper, address: Address, name: Name, jobs: Jobs) -> Self {
        let server = keeper.pins().at(&address).map(|pin| pin.id);
        Self {
            keeper,
            address,
            name: RefCell::new(name),
            known_as: RefCell::default(),
            password: RefCell::default(),
            server: Cell::new(server),
            talk: RefCell::default(),
            round: Cell::default(),
            actions: RefCell::default(),
            is_acting: Cell::default(),
            clock: RefCell::default(),
            jobs,
            end: RefCell::default(),
            as_new: Cell::default(),
            again: Cell::default(),
            heard_text: Cell::default(),
            unsent: RefCell::default(),
            comparing: Cell::default(),
            allowed: Cell::default(),
        }
    }

    pub(super) fn jobs(session: &Session) -> Jobs {
        Jobs::start(&session.obj())
    }

    pub(super) fn set_name(&self, name: Name) {
        self.name.replace(name);
    }

    /// The server has told who is here.
    fn note_name(&self) {
        let me = self.keeper.fingerprint();
        let talk = self.talk.borrow();
        let people = talk.as_ref().map(|talk| talk.people().0);
        let mut people = people.into_iter().flatten();
        let label = people.find(|person| person.id == Some(me));
        if let Some(name) = label.and_then(|label| Name::parse(label.name.as_ref()).ok()) {
            self.known_as.replace(Some(name));
        }
    }

    /// The new name is somebody's.
    fn keep_name(&self) {
        if let Some(known) = self.known_as.borrow().clone() {
            self.name.replace(known);
        }
    }

    /// Whether more should be read: nothing before it is known who speaks.
    pub(super) fn wants_input(&self) -> bool {
        let talk = self.talk.borrow();
        talk.as_ref().is_some_and(Talk::wants_input)
    }

    /// Who is at the other end, if the server said welcome.
    fn opposite(&self) -> Option<Fingerprint> {
        let is_here = self.talk.borrow().as_ref().is_some_and(Talk::is_here);
        self.server.get().filter(|_| is_here)
    }

    /// The session is gone.
    pub(super) fn stop(&self) {
        self.clock.take();
        self.talk.take();
        self.actions.take();
    }
}

impl Session {
    /// Has the conversation of the moment do something, and does what follows. None: there is
    /// none.
    pub(super) fn with_talk<T>(&self, work: impl FnOnce(&mut Talk, Instant) -> T) -> Option<T> {
        let encrypted = self.encrypted()?;
        let now = Instant::now();
        let result = encrypted
            .talk
            .borrow_mut()
            .as_mut()
            .map(|talk| work(talk, now));
        if result.is_some() {
            self.act();
        }
        result
    }

    /// As [`with_talk`](Self::with_talk), for the conversation of one connection.
    fn with_talk_of(&self, round: u64, work: impl FnOnce(&mut Talk, Instant)) {
        if self.encrypted().is_some_and(|it| it.round.get() == round) {
            self.with_talk(work);
        }
    }

    /// Who is at the other end, and where, if the server said welcome.
    pub(super) fn opposite(&self) -> Option<(&Encrypted, Fingerprint, SocketAddr)> {
        let encrypted = self.encrypted()?;
        let peer = self.connection()?.peer()?;
        Some((encrypted, encrypted.opposite()?, peer))
    }

    pub(super) fn people(&self) -> (Vec<Person>, u32) {
        let talk = self.encrypted().map(|encrypted| encrypted.talk.borrow());
        let talk = talk.as_ref().and_then(|talk| talk.as_ref());
        talk.map_or_else(Default::default, |talk| {
            let (people, more) = talk.people();
            (people.to_vec(), more)
        })
    }

    /// Whether text instead of encryption is a reason to try again: it is for a person who wants a
    /// connection, and not for one who does not.
    pub(super) fn may_hear_text(&self, may: bool) {
        if let Some(encrypted) = self.encrypted() {
            encrypted.heard_text.set(!may);
        }
    }

    /// Lines of frames arrived.
    pub(super) fn frames_arrived(&self, arrivals: &mut Arrivals<'_>) {
        let Some(encrypted) = self.encrypted() else {
            return;
        };
        let now = Instant::now();
        if let Some(talk) = encrypted.talk.borrow_mut().as_mut() {
            // What is done about them comes after, together.
            while let Some(line) = arrivals.take() {
                talk.receive(line.bytes, now);
            }
        }
        self.act();
    }

    /// Wakes the conversation when it wants to be.
    fn set_clock(&self) {
        let Some(encrypted) = self.encrypted() else {
            return;
        };
        let now = Instant::now();
        let talk = encrypted.talk.borrow();
        let deadline = talk.as_ref().and_then(|talk| talk.deadline(now));
        let session = self.obj().downgrade();
        let clock = deadline.map(|at| {
            let delay = at.saturating_duration_since(now);
            Timer::once(delay, self.reactor().priority(), move || {
                if let Some(session) = session.upgrade() {
                    session.imp().with_talk(Talk::tick);
                }
            })
        });
        encrypted.clock.replace(clock);
    }

    /// Closes the connection for a reason of ours.
    fn end_for(&self, connection: &Connection, end: End) {
        if let Some(encrypted) = self.encrypted() {
            encrypted.end.borrow_mut().get_or_insert(end);
        }
        connection.close();
    }
}
