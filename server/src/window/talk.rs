//! What happens in the room as lines of the conversation and rows of the sidebar.

//!
//! - `hearing`: what others say; `saying`: what the host says and what becomes of it.
//! - `telling`: what happens, and what was said before; `writing`: who writes something.

mod hearing;
mod saying;
mod telling;
#[cfg(test)]
mod tests;
mod writing;

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use hallway_core::net::Timer;
use hallway_core::trust::sas::Found;
use hallway_core::wire::Fingerprint;
use hallway_widgets::attention::{Names, News};
use hallway_widgets::conversation::{History, LineId};

use super::attention::Place;
use super::people::People;
use super::row::{Row, Section};
use crate::hub::{Audience, Event, MessageId, PeerId, Person};
use saying::delivery;

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
    /// Who has compared the six digits with the host, and they were the same. As many as one person
    /// compares digits with.
    verified: RefCell<HashSet<Fingerprint>>,
    /// While somebody writes: looks whether they still do.
    watching: RefCell<Option<Timer>>,
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
            verified: RefCell::default(),
            watching: RefCell::default(),
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
    pub(crate) fn take(self: &Rc<Self>, event: &Event<'_>) {
        match event {
            Event::Joined(person) => {
                self.join(person);
                self.note(event, Some(person.id));
            }
            Event::Left(person, _) => {
                self.note(event, Some(person.id));
                self.leave(person.id);
            }
            Event::Renamed { person, .. } => {
                self.know(person, None);
                self.note(event, Some(person.id));
            }
            Event::Asks(person) => {
                self.know(person, Some(true));
                self.note(event, Some(person.id));
            }
            Event::Welcomed { person, .. } => {
                self.know(person, Some(false));
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
                is_kept,
            } => self.settle(*message, delivery(*received, missing, *is_kept)),
            Event::Direct { person, text } => self.hear_direct(person, text),
            // The dialog with the digits tells it, and then what came of it.
            Event::Compare { .. } => {}
            Event::Found { person, found } => {
                if let (Some(identity), Found::Different) = (person.identity, found) {
                    self.set_verified(identity, false);
                }
                self.note(event, Some(person.id));
            }
            Event::Typing { person, to_host } => self.write(person, *to_host),
            Event::NotKept
            | Event::NotStored(_)
            | Event::Listening(_)
            | Event::Stopped
            | Event::Refused(_)
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
        row.set_waiting(false);
        self.stop_writing(id.number());
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
        let rows = self.rows.borrow();
        let waiting = rows.values().filter(|row| row.is_waiting()).count();
        self.everyone.set_people(rows.len() - waiting);
        self.people.touch(&self.everyone);
    }

    /// Somebody is this person now, and waits to be let in or does not any more.
    fn know(&self, person: &Person, is_waiting: Option<bool>) {
        let verified = self.verified.borrow();
        let is_verified = person.identity.is_some_and(|id| verified.contains(&id));
        self.change(person.id, |row| {
            row.set_person(person.clone());
            row.set_verified(is_verified);
            if let Some(is_waiting) = is_waiting {
                row.set_waiting(is_waiting);
            }
        });
        if is_waiting.is_some() {
            self.count();
        }
    }

    /// The six digits of somebody were the same, or others.
    pub(crate) fn set_verified(&self, identity: Fingerprint, is_verified: bool) {
        if is_verified {
            self.verified.borrow_mut().insert(identity);
        } else {
            self.verified.borrow_mut().remove(&identity);
        }
        for row in self.here() {
            if row.identity() == Some(identity) {
                row.set_verified(is_verified);
                self.people.touch(&row);
            }
        }
    }

    /// Who waits to be let in, in the order they came.
    pub(crate) fn waiting(&self) -> Vec<Row> {
        let mut waiting = self.here();
        waiting.retain(Row::is_waiting);
        waiting.sort_by_key(Row::id);
        waiting
    }

    fn change(&self, id: PeerId, change: impl FnOnce(&Row)) {
        if let Some(row) = self.row(id) {
            change(&row);
            self.people.touch(&row);
        }
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
        (Section::Here, Some(id)) if !row.is_waiting() => Some(Audience::One(id)),
        _ => None,
    }
}
