//! One conversation with one server, as lists of lines.
//!
//! - `record`: what was said. `plain`, [`encrypted`]: how the two kinds of sessions are heard and
//!   written to.

pub(super) mod encrypted;
mod plain;
mod record;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use hallway_core::net::Connector;
use hallway_core::net::connector::Proxy;
use hallway_core::text::{Name, visible_str};
use hallway_core::trust::Role;
use hallway_core::wire::Conv;
use hallway_widgets::attention::{Names, News};
use hallway_widgets::conversation::{Content, Delivery, LineId, Tone, View};

use super::plain_keeping::PlainKeeping;
use super::words;
use crate::session::{Keeper, Session, Standing, State, Target};
use encrypted::Encrypted;
use plain::Plain;
pub(super) use record::Record;

/// Somebody's line, as it was written down.
pub(super) struct Heard<'a> {
    pub(super) news: &'a News,
    pub(super) line: LineId,
    pub(super) view: &'a View,
    /// Where it was said.
    pub(super) conv: Conv,
}

/// Is told of somebody's lines.
type Hearer = Box<dyn Fn(&Target, &Heard<'_>)>;

/// How it is spoken.
enum Kind {
    Plain(Box<Plain>),
    Encrypted(Box<Encrypted>),
}

/// A session whose news become lines.
pub(super) struct Talk {
    session: Session,
    record: Record,
    /// No proxy stands between: the address of the connection is the server's.
    is_direct: Cell<bool>,
    /// What the person is called by.
    names: RefCell<Names>,
    hearer: RefCell<Option<Hearer>>,
    before: RefCell<State>,
    kind: Kind,
}

impl Talk {
    /// Lets the news of `session`, which has not begun, become lines of `record`.
    pub(super) fn new(session: Session, record: Record, is_direct: bool) -> Rc<Self> {
        let kind = match session.keeper() {
            Some(keeper) => Kind::Encrypted(Box::new(Encrypted::new(keeper.clone()))),
            None => Kind::Plain(Box::new(Plain::at(session.target().host()))),
        };
        let talk = Rc::new(Self {
            before: RefCell::new(session.state()),
            session,
            record,
            is_direct: Cell::new(is_direct),
            names: RefCell::default(),
            hearer: RefCell::default(),
            kind,
        });
        match &talk.kind {
            Kind::Plain(_) => talk.listen_plainly(),
            Kind::Encrypted(_) => talk.listen_encrypted(),
        }
        let weak = Rc::downgrade(&talk);
        talk.session.connect_state_notify(move |_| {
            if let Some(talk) = weak.upgrade() {
                talk.step();
            }
        });
        talk
    }

    /// Connects, once what was said before is shown.
    pub(super) fn begin(self: &Rc<Self>) {
        match self.session.server() {
            Some(server) if self.encrypted().is_some() => self.load(server, true),
            _ => self.session.connect(),
        }
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    pub(super) fn target(&self) -> &Target {
        self.session.target()
    }

    /// What the server is called: by its name where it is known by its certificate, else by its host.
    pub(super) fn server_name(&self) -> Cow<'_, str> {
        if let Standing::Here { name, .. } = self.session.standing() {
            return visible_str(name.as_ref()).into_owned().into();
        }
        let server = self.keeper().zip(self.session.server());
        let pins = server.map(|(keeper, id)| (keeper.pins(), id));
        let pin = pins
            .as_ref()
            .and_then(|(pins, id)| pins.get(Role::Server, id));
        pin.map_or(self.target().host().into(), |pin| {
            visible_str(pin.name.as_ref()).into_owned().into()
        })
    }

    pub(super) fn record(&self) -> &Record {
        &self.record
    }

    /// What is known of it where it is encrypted.
    pub(super) fn encrypted(&self) -> Option<&Encrypted> {
        match &self.kind {
            Kind::Encrypted(encrypted) => Some(encrypted),
            Kind::Plain(_) => None,
        }
    }

    /// What keeps it where it is encrypted.
    pub(super) fn keeper(&self) -> Option<&Keeper> {
        self.session.keeper()
    }

    /// The lines that are looked at.
    pub(super) fn view(&self) -> View {
        self.view_of(&self.conv())
    }

    /// Which of the conversations with people of this server is looked at.
    pub(super) fn conv(&self) -> Conv {
        self.encrypted().map_or(Conv::Room, Encrypted::current)
    }

    /// Who has said something of late.
    pub(super) fn people(&self) -> Vec<Rc<str>> {
        match &self.kind {
            Kind::Plain(plain) => plain.labels(),
            Kind::Encrypted(encrypted) => encrypted.labels(),
        }
    }

    pub(super) fn is_direct(&self) -> bool {
        self.is_direct.get()
    }

    /// The name that the person took here last, where that is known only here.
    pub(super) fn own_name(&self) -> Option<String> {
        match &self.kind {
            Kind::Plain(plain) => plain.own_name(),
            Kind::Encrypted(encrypted) => encrypted.own_name(),
        }
    }

    /// The person wants to be called this.
    pub(super) fn take_name(&self, name: &Name) {
        match &self.kind {
            Kind::Encrypted(encrypted) => {
                encrypted.set_own_name(name);
                self.session.set_name(name.clone());
            }
            Kind::Plain(_) => {
                if matches!(self.session.state(), State::Connected { .. }) {
                    // A full outbox tells of itself when something is written.
                    drop(self.say(&format!("/name {name}")));
                }
            }
        }
    }

    /// A line with one of these names mentions the person.
    pub(super) fn set_names(&self, names: Names) {
        self.names.replace(names);
    }

    /// Calls `hearer` with every line that somebody else says. There is one.
    pub(super) fn connect_heard(&self, hearer: impl Fn(&Target, &Heard<'_>) + 'static) {
        self.hearer.replace(Some(Box::new(hearer)));
    }

    /// Gives what is said plainly to `keeping`.
    pub(super) fn keep_with(&self, keeping: Rc<PlainKeeping>) {
        if let Kind::Plain(plain) = &self.kind {
            plain.keep(keeping);
        }
    }

    /// Connects in this way from the next attempt on.
    pub(super) fn set_connector(&self, connector: Connector) {
        let state = self.session.state();
        if !matches!(state, State::Connected { .. } | State::Closing) {
            self.is_direct.set(connector.proxy == Proxy::None);
            self.session.set_connector(connector);
        }
    }

    /// Says a text in the conversation that is looked at.
    ///
    /// # Errors
    /// A sentence about why it was not taken.
    pub(super) fn say(&self, text: &str) -> Result<(), String> {
        match &self.kind {
            Kind::Plain(plain) => self.say_plainly(plain, text),
            Kind::Encrypted(encrypted) => self.say_encrypted(encrypted, text),
        }
    }

    /// Sends again what was perhaps not received, or was refused.
    pub(super) fn retry(&self, line: LineId) {
        match &self.kind {
            Kind::Plain(plain) => {
                plain.message(line).map(|id| self.session.retry(id));
            }
            Kind::Encrypted(encrypted) => self.say_again(encrypted, line),
        }
    }

    /// Takes a message back.
    pub(super) fn discard(&self, line: LineId) {
        if let Kind::Plain(plain) = &self.kind
            && let Some(id) = plain.message(line)
        {
            self.session.discard(id);
        }
    }

    /// The session is over and will not begin again: what is unsent goes with it, but for what is
    /// in the outbox on the disk.
    pub(super) fn give_up(&self) {
        for unsent in self.session.unsent() {
            self.session.discard(unsent.id);
        }
    }

    /// Something happened, which belongs to whatever is looked at.
    fn note(&self, text: impl Into<Rc<str>>, tone: Tone) {
        let text = text.into();
        let content = Content::Event { text, tone };
        let (room, current) = (self.view_of(&Conv::Room), self.view());
        if room == current {
            self.record.push(content, &[&room]);
        } else {
            self.record.push(content, &[&room, &current]);
        }
    }

    /// As [`note`](Self::note), for what is part of the day.
    pub(super) fn note_quietly(&self, text: String) {
        self.note(text, Tone::Quiet);
    }

    fn set_delivery(&self, line: LineId, delivery: Delivery) {
        self.record.set_delivery(line, delivery);
    }

    /// Somebody else said something.
    fn tell(&self, heard: &Heard<'_>) {
        if let Some(hearer) = self.hearer.borrow().as_ref() {
            hearer(self.target(), heard);
        }
    }

    fn step(&self) {
        let now = self.session.state();
        let before = self.before.replace(now.clone());
        let event = words::event(&before, &now, self.target(), self.is_direct());
        if let Some((text, tone)) = event {
            self.note(text, tone);
        }
    }
}
