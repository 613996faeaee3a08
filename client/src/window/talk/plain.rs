//! Plain lines: who says them, and how far ours have come.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use hallway_core::text::visible_str;
use hallway_core::wire::Conv;
use hallway_widgets::attention::News;
use hallway_widgets::conversation::{Content, Delivery, LineId, Tone, View};

use super::{Heard, Kind, Talk};
use crate::session::{MessageId, MessageState, Received, lines};
use crate::window::attention::name_taken;
use crate::window::hearing::{self, Speakers, hear};
use crate::window::plain_keeping::PlainKeeping;
use crate::window::words;

/// What a plain conversation has.
pub(super) struct Plain {
    speakers: RefCell<Speakers>,
    /// The name that the person took here last.
    own_name: RefCell<Option<String>>,
    /// Our messages that may still change.
    lines: RefCell<HashMap<MessageId, LineId>>,
    /// What became of messages while they were being said, before they were lines.
    early: RefCell<HashMap<MessageId, MessageState>>,
    is_saying: Cell<bool>,
    /// What keeps it.
    keeping: RefCell<Option<Rc<PlainKeeping>>>,
}

impl Plain {
    /// One with a server called `host`.
    pub(super) fn at(host: &str) -> Self {
        Self {
            speakers: RefCell::new(Speakers::at(host)),
            own_name: RefCell::default(),
            lines: RefCell::default(),
            early: RefCell::default(),
            is_saying: Cell::default(),
            keeping: RefCell::default(),
        }
    }

    /// What is said from now on is kept.
    pub(super) fn keep(&self, keeping: Rc<PlainKeeping>) {
        self.keeping.replace(Some(keeping));
    }

    pub(super) fn labels(&self) -> Vec<Rc<str>> {
        self.speakers.borrow().labels()
    }

    pub(super) fn own_name(&self) -> Option<String> {
        self.own_name.borrow().clone()
    }

    /// A person asks for it, seldom enough to look for it.
    pub(super) fn message(&self, line: LineId) -> Option<MessageId> {
        let lines = self.lines.borrow();
        let mut found = lines.iter().filter(|(_, of)| **of == line);
        found.next().map(|(id, _)| *id)
    }
}

impl Talk {
    pub(super) fn listen_plainly(self: &Rc<Self>) {
        let session = self.session();
        let talk = Rc::downgrade(self);
        session.connect_line_received(move |_, line| {
            if let Some(talk) = talk.upgrade()
                && let Kind::Plain(plain) = &talk.kind
            {
                talk.hear(plain, line);
            }
        });
        let talk = Rc::downgrade(self);
        session.connect_message_changed(move |_, id, state| {
            if let Some(talk) = talk.upgrade()
                && let Kind::Plain(plain) = &talk.kind
            {
                talk.follow(plain, id, state);
            }
        });
    }

    /// The lines of one of the conversations with people of this server.
    pub(in crate::window) fn view_of(&self, conv: &Conv) -> View {
        self.record().view(conv)
    }

    /// Says a text: each of its lines is a message.
    pub(super) fn say_plainly(&self, plain: &Plain, text: &str) -> Result<(), String> {
        plain.is_saying.set(true);
        let said = self.session().send(text);
        plain.is_saying.set(false);
        let mut early = std::mem::take(&mut *plain.early.borrow_mut());
        let said = said.map_err(|error| words::not_sent(&error))?;
        for (id, text) in said.into_iter().zip(lines(text)) {
            if let Some(name) = name_taken(text) {
                plain.own_name.replace(Some(name.to_owned()));
            }
            let state = early.remove(&id).unwrap_or_default();
            if let Some(keeping) = plain.keeping.borrow().as_ref() {
                keeping.said(id, plain.own_name().as_deref(), text, state);
            }
            let content = Content::Ours {
                text: visible_str(text).into(),
                to: None,
                delivery: delivery(state),
            };
            let line = self.record().push(content, &[&self.view()]);
            if !is_final(state) {
                plain.lines.borrow_mut().insert(id, line);
            }
        }
        Ok(())
    }

    fn hear(&self, plain: &Plain, line: &Received) {
        let is_cut = line.ending.is_none();
        let (speaker, text) = match hear(&line.text) {
            hearing::Heard::Notice(text) => return self.note(text, Tone::Quiet),
            hearing::Heard::Relayed { name, text } => {
                (plain.speakers.borrow_mut().called(name), text)
            }
            hearing::Heard::Bare(text) => (plain.speakers.borrow().server(), text),
        };
        let news = News {
            speaker: Rc::clone(&speaker.label),
            text: text.into(),
            mentions: self.names.borrow().are_in(text),
        };
        if let Some(keeping) = plain.keeping.borrow().as_ref() {
            keeping.heard(&news.speaker, text);
        }
        let view = self.view();
        let content = Content::Theirs {
            speaker,
            text: Rc::clone(&news.text),
            is_cut,
            mentions: news.mentions,
        };
        let line = self.record().push(content, &[&view]);
        self.tell(&Heard {
            news: &news,
            line,
            view: &view,
            conv: Conv::Room,
        });
    }

    fn follow(&self, plain: &Plain, id: MessageId, state: MessageState) {
        if let Some(keeping) = plain.keeping.borrow().as_ref() {
            keeping.changed(id, state);
        }
        let line = plain.lines.borrow().get(&id).copied();
        match line {
            Some(line) => self.set_delivery(line, delivery(state)),
            None if plain.is_saying.get() => drop(plain.early.borrow_mut().insert(id, state)),
            None => {}
        }
        if is_final(state) {
            plain.lines.borrow_mut().remove(&id);
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
