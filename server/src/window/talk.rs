//! What happens in the room as lines of the conversation and rows of the sidebar.

#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use hallway_core::net::Error;
use hallway_widgets::attention::{Names, News};
use hallway_widgets::conversation::{Content, Delivery, History, LineId, Speaker, Tone, View};
use hallway_words::gettext;

use super::attention::Place;
use super::people::People;
use super::row::{Row, Section};
use crate::hub::{Audience, Event, Leaving, MessageId, PeerId, Person};
use crate::words;

/// Is told of lines that the person does not look at, or that a conversation is no more.
type Hearer = Box<dyn Fn(Place, Option<&News>)>;

/// A conversation: everything that is held of it, and who takes part.
pub(crate) struct Talk {
    history: History,
    everyone: Row,
    people: People,
    /// Who is here, by number.
    rows: RefCell<HashMap<u64, Row>>,
    /// The host's texts that somebody has not acknowledged.
    unsent: RefCell<HashMap<MessageId, Sent>>,
    /// What is read now, if anything is: nothing in it becomes unread.
    read: RefCell<Option<Row>>,
    /// What the host is called.
    names: RefCell<Names>,
    hearer: RefCell<Option<Hearer>>,
    /// Whether a peer's lines go to the others, and so are the room's.
    passes_on: Cell<bool>,
    /// Whether it was said that nobody hears the host.
    was_told_of_nobody: Cell<bool>,
}

/// A text of the host's whose fate is not known.
struct Sent {
    line: LineId,
    is_for_everyone: bool,
}

impl Talk {
    /// An empty conversation that holds so many lines.
    pub(crate) fn new(lines: usize) -> Self {
        let history = History::new(lines);
        let everyone = Row::everyone(history.view());
        Self {
            people: People::new(&everyone),
            rows: RefCell::default(),
            unsent: RefCell::default(),
            read: RefCell::new(Some(everyone.clone())),
            names: RefCell::default(),
            hearer: RefCell::default(),
            passes_on: Cell::new(true),
            was_told_of_nobody: Cell::default(),
            everyone,
            history,
        }
    }

    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    pub(crate) fn people(&self) -> &People {
        &self.people
    }

    pub(crate) fn everyone(&self) -> &Row {
        &self.everyone
    }

    /// The row of somebody who is here.
    pub(crate) fn row(&self, id: PeerId) -> Option<Row> {
        self.row_of_number(id.number())
    }

    /// The row of somebody who is here, by the number.
    pub(crate) fn row_of_number(&self, number: u64) -> Option<Row> {
        self.rows.borrow().get(&number).cloned()
    }

    /// Who is here.
    pub(crate) fn here(&self) -> Vec<Row> {
        self.rows.borrow().values().cloned().collect()
    }

    /// Host's texts whose fate is not known.
    pub(crate) fn unsent(&self) -> usize {
        self.unsent.borrow().len()
    }

    pub(crate) fn set_passes_on(&self, passes_on: bool) {
        self.passes_on.set(passes_on);
    }

    /// Notes which row is read now, if any is. Where it had unread lines, they stay marked as
    /// new until it is left.
    pub(crate) fn set_read(&self, row: Option<&Row>) {
        let before = self.read.replace(row.cloned());
        if let Some(before) = before.filter(|before| Some(before) != row) {
            before.view().set_new_from(None);
        }
        if let Some(row) = row {
            row.forget_unread();
            self.people.touch(row);
        }
    }

    /// Takes a row for read that may not be looked at.
    pub(crate) fn mark_read(&self, row: &Row) {
        row.forget_unread();
        row.view().set_new_from(None);
        self.people.touch(row);
    }

    /// A line with one of these names mentions the host.
    pub(crate) fn set_names(&self, names: Names) {
        self.names.replace(names);
    }

    /// Calls `hearer` with the lines that the person does not look at, each of them once: as one
    /// of the room, or of the person that the host alone hears; and without any, of conversations
    /// that are no more. There is one.
    pub(crate) fn connect_news(&self, hearer: impl Fn(Place, Option<&News>) + 'static) {
        self.hearer.replace(Some(Box::new(hearer)));
    }

    /// Forgets everything that was said, and who has gone.
    pub(crate) fn clear(&self) {
        self.history.clear();
        for row in self.people.gone() {
            self.people.remove(&row);
        }
        for row in self.here().iter().chain([&self.everyone]) {
            row.forget_unread();
            row.set_was_spoken_with(false);
            self.people.touch(row);
        }
    }

    /// Takes what happened.
    pub(crate) fn take(&self, event: &Event<'_>) {
        match event {
            Event::Joined(person) => {
                self.join(person);
                self.note(event, Some(person.id));
            }
            Event::Left(person, _) => {
                self.note(event, Some(person.id));
                self.leave(person.id);
            }
            Event::Renamed { person, .. }
            | Event::Asks(person)
            | Event::Welcomed { person, .. } => {
                self.change(person.id, |row| row.set_person((*person).clone()));
                self.note(event, Some(person.id));
            }
            Event::FallingBehind(person, bytes) => {
                self.change(person.id, |row| row.set_behind(Some(*bytes)));
                self.note(event, Some(person.id));
            }
            Event::CaughtUp(person) => {
                self.change(person.id, |row| row.set_behind(None));
                self.note(event, Some(person.id));
            }
            Event::Line {
                person,
                text,
                is_cut,
            } => self.hear(person, text, *is_cut),
            Event::Said {
                audience,
                text,
                message,
            } => self.say(*audience, text, *message),
            Event::Received {
                message,
                received,
                missing,
            } => self.settle(*message, *received, missing),
            Event::Direct { person, .. } | Event::Compare { person, .. } => {
                self.note(event, Some(person.id));
            }
            Event::Typing { .. } => {}
            Event::NotKept
            | Event::NotStored(_)
            | Event::Listening(_)
            | Event::Stopped
            | Event::Refused(_)
            | Event::KeptOut(_)
            | Event::AcceptFailed(_) => self.note(event, None),
        }
    }

    fn join(&self, person: &Person) {
        let row = Row::of(person.clone(), self.history.view());
        self.people.add(&row);
        self.rows.borrow_mut().insert(person.id.number(), row);
        self.was_told_of_nobody.set(false);
        self.count();
    }

    /// Whoever was spoken with stays, so that it can be read again; and so does whoever was about
    /// to be told something.
    fn leave(&self, id: PeerId) {
        let Some(row) = self.rows.borrow_mut().remove(&id.number()) else {
            return;
        };
        row.set_behind(None);
        if row.was_spoken_with() || !row.draft().is_empty() {
            let oldest = self.people.retire(&row);
            if let (Some(oldest), Some(hearer)) = (oldest, self.hearer.borrow().as_ref()) {
                hearer(place(&oldest), None);
            }
        } else {
            self.people.remove(&row);
        }
        self.count();
    }

    /// Shows how many are here.
    fn count(&self) {
        self.everyone.set_people(self.rows.borrow().len());
        self.people.touch(&self.everyone);
    }

    fn change(&self, id: PeerId, change: impl FnOnce(&Row)) {
        if let Some(row) = self.row(id) {
            change(&row);
            self.people.touch(&row);
        }
    }

    /// Writes an event down: in the room, and with the person it is about.
    fn note(&self, event: &Event<'_>, about: Option<PeerId>) {
        let Some(text) = words::event(event) else {
            return;
        };
        let row = about.and_then(|id| self.row(id));
        let views = self.everyone.view();
        let text = text.into();
        let tone = tone(event);
        let content = Content::Event { text, tone };
        match &row {
            Some(row) => self.history.push(content, &[views, row.view()]),
            None => self.history.push(content, &[views]),
        };
    }

    /// A peer's line is the room's; where nobody else hears it, it is for the host as well.
    fn hear(&self, person: &Person, text: &str, is_cut: bool) {
        let Some(row) = self.row(person.id) else {
            return;
        };
        let is_private = is_cut || !self.passes_on.get();
        let speaker = row.speaker().unwrap_or_else(|| {
            Rc::new(Speaker {
                key: person.id.number(),
                label: Rc::clone(&person.label),
            })
        });
        let news = News {
            speaker: Rc::clone(&speaker.label),
            text: text.into(),
            mentions: self.names.borrow().are_in(text),
        };
        let content = Content::Theirs {
            speaker,
            text: Rc::clone(&news.text),
            is_cut,
            mentions: news.mentions,
        };
        let everyone = &self.everyone;
        let rows = [everyone, &row];
        let rows = if is_private { &rows[..] } else { &rows[..1] };
        let line = match rows {
            [_, _] => {
                row.set_was_spoken_with(true);
                self.history.push(content, &[everyone.view(), row.view()])
            }
            _ => self.history.push(content, &[everyone.view()]),
        };
        let mut is_seen = false;
        for row in rows {
            is_seen |= !self.count_unread(row, line, news.mentions);
        }
        if let Some(hearer) = self.hearer.borrow().as_ref().filter(|_| !is_seen) {
            let place = place(if is_private { &row } else { everyone });
            hearer(place, Some(&news));
        }
    }

    /// Counts a line as unread, unless its row is looked at. Returns whether it is.
    fn count_unread(&self, row: &Row, line: LineId, mentions: bool) -> bool {
        if self.read.borrow().as_ref() == Some(row) {
            return false;
        }
        if row.unread() == 0 {
            row.view().set_new_from(Some(line));
        }
        row.add_unread(mentions);
        self.people.touch(row);
        true
    }

    fn say(&self, audience: Audience, text: &str, message: MessageId) {
        let (to, view): (Option<Rc<str>>, View) = match audience {
            Audience::Everyone => (None, self.everyone.view().clone()),
            Audience::One(id) => {
                let Some(row) = self.row(id) else { return };
                row.set_was_spoken_with(true);
                (Some(row.label().into()), row.view().clone())
            }
        };
        let content = Content::Ours {
            text: text.into(),
            to,
            delivery: Delivery::OnTheWay,
        };
        let line = self.history.push(content, &[&view]);
        let is_for_everyone = audience == Audience::Everyone;
        let sent = Sent {
            line,
            is_for_everyone,
        };
        self.unsent.borrow_mut().insert(message, sent);
    }

    fn settle(&self, message: MessageId, received: usize, missing: &[Rc<Person>]) {
        let Some(sent) = self.unsent.borrow_mut().remove(&message) else {
            return;
        };
        let delivery = delivery(received, missing);
        if delivery == Delivery::Discarded && sent.is_for_everyone {
            self.tell_of_nobody();
        }
        self.history.set_delivery(sent.line, delivery);
    }

    /// The host talks to an empty room: said once until somebody comes.
    fn tell_of_nobody(&self) {
        if !self.was_told_of_nobody.replace(true) {
            let content = Content::Event {
                text: gettext("Nobody is here to hear it").into(),
                tone: Tone::Quiet,
            };
            self.history.push(content, &[self.everyone.view()]);
        }
    }
}

/// What became of a text of the host's. The hub says nothing twice, so it is never "perhaps not
/// received", which offers to send again.
fn delivery(received: usize, missing: &[Rc<Person>]) -> Delivery {
    match (received, missing) {
        (0, []) => Delivery::Discarded,
        (_, []) => Delivery::Sent,
        _ => Delivery::Partly {
            received,
            missing: words::names(missing).into(),
        },
    }
}

/// Whether an event is bad news.
fn tone(event: &Event<'_>) -> Tone {
    match event {
        // Breaking off is how many programs take their leave.
        Event::Left(_, Leaving::Failed(Error::Reset)) => Tone::Quiet,
        Event::Left(_, Leaving::Failed(_))
        | Event::AcceptFailed(_)
        | Event::NotStored(_)
        | Event::FallingBehind(..) => Tone::Failure,
        _ => Tone::Quiet,
    }
}

/// Which conversation a row is.
pub(crate) fn place(row: &Row) -> Place {
    row.id()
        .map_or(Place::Everyone, |id| Place::Person(id.number()))
}

/// Whether a row is somebody who can be spoken to.
pub(crate) fn audience(row: &Row) -> Option<Audience> {
    match (row.section(), row.id()) {
        (Section::Everyone, _) => Some(Audience::Everyone),
        (Section::Here, Some(id)) => Some(Audience::One(id)),
        _ => None,
    }
}
