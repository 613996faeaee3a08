//! One conversation with one server, as a list of lines.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use hallway_core::net::Connector;
use hallway_core::net::connector::Proxy;
use hallway_core::text::visible_str;
use hallway_widgets::attention::{Names, News};
use hallway_widgets::conversation::{Content, Delivery, History, LineId, View};

use super::attention::name_taken;
use super::hearing::{self, Speakers, hear};
use super::words;
use crate::session::{MessageId, MessageState, Received, SendError, Session, State, Target, lines};

/// What was said with one server. It outlives its sessions.
#[derive(Clone)]
pub(super) struct Record {
    history: History,
    pub(super) view: View,
    /// What was written and not sent when the conversation left the window.
    pub(super) draft: Rc<RefCell<String>>,
}

impl Record {
    /// An empty one that holds the newest `cap` lines.
    pub(super) fn new(cap: usize) -> Self {
        let history = History::new(cap);
        let view = history.view();
        let draft = Rc::default();
        Self {
            history,
            view,
            draft,
        }
    }

    pub(super) fn clear(&self) {
        self.history.clear();
    }

    /// Holds the newest `cap` lines from now on.
    pub(super) fn set_cap(&self, cap: usize) {
        self.history.set_cap(cap);
    }

    fn push(&self, content: Content) -> LineId {
        self.history.push(content, &[&self.view])
    }
}

/// Somebody's line, as it was written down.
pub(super) struct Heard<'a> {
    pub(super) news: &'a News,
    pub(super) line: LineId,
    pub(super) view: &'a View,
}

/// Is told of somebody's lines.
type Hearer = Box<dyn Fn(&Target, &Heard<'_>)>;

/// A session whose news become lines.
pub(super) struct Talk {
    session: Session,
    record: Record,
    /// No proxy stands between: the address of the connection is the server's.
    is_direct: Cell<bool>,
    speakers: RefCell<Speakers>,
    /// The name that the person took here last.
    own_name: RefCell<Option<String>>,
    /// What the person is called by.
    names: RefCell<Names>,
    hearer: RefCell<Option<Hearer>>,
    /// Our messages that may still change.
    lines: RefCell<HashMap<MessageId, LineId>>,
    /// What became of messages while they were being said, before they were lines.
    early: RefCell<HashMap<MessageId, MessageState>>,
    is_saying: Cell<bool>,
    before: RefCell<State>,
}

impl Talk {
    /// Lets the news of `session`, which has not begun, become lines of `record`.
    pub(super) fn new(session: Session, record: Record, is_direct: bool) -> Rc<Self> {
        let talk = Rc::new(Self {
            speakers: RefCell::new(Speakers::at(session.target().host())),
            before: RefCell::new(session.state()),
            session,
            record,
            is_direct: Cell::new(is_direct),
            own_name: RefCell::default(),
            names: RefCell::default(),
            hearer: RefCell::default(),
            lines: RefCell::default(),
            early: RefCell::default(),
            is_saying: Cell::default(),
        });
        talk.listen();
        talk
    }

    fn listen(self: &Rc<Self>) {
        let session = &self.session;
        let talk = Rc::downgrade(self);
        session.connect_line_received(move |_, line| {
            if let Some(talk) = talk.upgrade() {
                talk.hear(line);
            }
        });
        let talk = Rc::downgrade(self);
        session.connect_message_changed(move |_, id, state| {
            if let Some(talk) = talk.upgrade() {
                talk.follow(id, state);
            }
        });
        let talk = Rc::downgrade(self);
        session.connect_state_notify(move |_| {
            if let Some(talk) = talk.upgrade() {
                talk.step();
            }
        });
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    pub(super) fn target(&self) -> &Target {
        self.session.target()
    }

    pub(super) fn record(&self) -> &Record {
        &self.record
    }

    pub(super) fn view(&self) -> &View {
        &self.record.view
    }

    /// Who has said something of late.
    pub(super) fn people(&self) -> Vec<Rc<str>> {
        self.speakers.borrow().labels()
    }

    pub(super) fn is_direct(&self) -> bool {
        self.is_direct.get()
    }

    /// The name that the person took here last.
    pub(super) fn own_name(&self) -> Option<String> {
        self.own_name.borrow().clone()
    }

    /// A line with one of these names mentions the person.
    pub(super) fn set_names(&self, names: Names) {
        self.names.replace(names);
    }

    /// Calls `hearer` with every line that somebody else says. There is one.
    pub(super) fn connect_heard(&self, hearer: impl Fn(&Target, &Heard<'_>) + 'static) {
        self.hearer.replace(Some(Box::new(hearer)));
    }

    /// Connects in this way from the next attempt on.
    pub(super) fn set_connector(&self, connector: Connector) {
        let state = self.session.state();
        if !matches!(state, State::Connected { .. } | State::Closing) {
            self.is_direct.set(connector.proxy == Proxy::None);
            self.session.set_connector(connector);
        }
    }

    /// Says a text: each of its lines is a message.
    pub(super) fn say(&self, text: &str) -> Result<(), SendError> {
        self.is_saying.set(true);
        let said = self.session.send(text);
        self.is_saying.set(false);
        let mut early = std::mem::take(&mut *self.early.borrow_mut());
        for (id, text) in said?.into_iter().zip(lines(text)) {
            if let Some(name) = name_taken(text) {
                self.own_name.replace(Some(name.to_owned()));
            }
            let state = early.remove(&id).unwrap_or_default();
            let line = self.record.push(Content::Ours {
                text: visible_str(text).into(),
                to: None,
                delivery: delivery(state),
            });
            if !is_final(state) {
                self.lines.borrow_mut().insert(id, line);
            }
        }
        Ok(())
    }

    /// Sends again what was perhaps not received.
    pub(super) fn retry(&self, line: LineId) {
        if let Some(id) = self.message(line) {
            self.session.retry(id);
        }
    }

    /// Takes a message back.
    pub(super) fn discard(&self, line: LineId) {
        if let Some(id) = self.message(line) {
            self.session.discard(id);
        }
    }

    /// The session is over and will not begin again: what is unsent goes with it.
    pub(super) fn give_up(&self) {
        for unsent in self.session.unsent() {
            self.session.discard(unsent.id);
        }
    }

    /// A person asks for it, seldom enough to look for it.
    fn message(&self, line: LineId) -> Option<MessageId> {
        let lines = self.lines.borrow();
        let mut found = lines.iter().filter(|(_, of)| **of == line);
        found.next().map(|(id, _)| *id)
    }

    fn hear(&self, line: &Received) {
        let is_cut = line.ending.is_none();
        let (speaker, text) = match hear(&line.text) {
            hearing::Heard::Notice(text) => {
                let text = text.into();
                let tone = hallway_widgets::conversation::Tone::Quiet;
                self.record.push(Content::Event { text, tone });
                return;
            }
            hearing::Heard::Relayed { name, text } => {
                (self.speakers.borrow_mut().called(name), text)
            }
            hearing::Heard::Bare(text) => (self.speakers.borrow().server(), text),
        };
        let news = News {
            speaker: Rc::clone(&speaker.label),
            text: text.into(),
            mentions: self.names.borrow().are_in(text),
        };
        let line = self.record.push(Content::Theirs {
            speaker,
            text: Rc::clone(&news.text),
            is_cut,
            mentions: news.mentions,
        });
        if let Some(hearer) = self.hearer.borrow().as_ref() {
            let view = self.view();
            let news = &news;
            hearer(self.target(), &Heard { news, line, view });
        }
    }

    fn follow(&self, id: MessageId, state: MessageState) {
        let line = self.lines.borrow().get(&id).copied();
        match line {
            Some(line) => self.record.history.set_delivery(line, delivery(state)),
            None if self.is_saying.get() => drop(self.early.borrow_mut().insert(id, state)),
            None => {}
        }
        if is_final(state) {
            self.lines.borrow_mut().remove(&id);
        }
    }

    fn step(&self) {
        let now = self.session.state();
        let before = self.before.replace(now.clone());
        let event = words::event(&before, &now, self.target(), self.is_direct());
        if let Some((text, tone)) = event {
            let text = text.into();
            self.record.push(Content::Event { text, tone });
        }
    }
}

/// The session forgets such messages.
fn is_final(state: MessageState) -> bool {
    matches!(state, MessageState::Sent | MessageState::Discarded)
}

fn delivery(state: MessageState) -> Delivery {
    match state {
        MessageState::Queued => Delivery::Queued,
        MessageState::OnTheWay => Delivery::OnTheWay,
        MessageState::Sent => Delivery::Sent,
        MessageState::PerhapsNotReceived => Delivery::PerhapsNotReceived,
        MessageState::Discarded => Delivery::Discarded,
    }
}
