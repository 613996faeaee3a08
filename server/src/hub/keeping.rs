//! What is given to the history.

use std::rc::Rc;
use std::time::Instant;

use hallway_core::history::ServerStore;
use hallway_core::history::limits::TEXT;
use hallway_core::history::server::{Inserted, Message, Said};
use hallway_core::history::{Error, entry::Entry};
use hallway_core::net::Connection;
use hallway_core::text::cut;
use hallway_core::wire::event::Kind;
use hallway_core::wire::frame::Msg;
use hallway_core::wire::{self, At, Between, Code, Conv};

use super::archive::Archive;
use super::event::{Audience, Event, MessageId, Person};
use super::guests::label;
use super::hearing::refuse_message;
use super::keeper::{Lines, Outcome, Pending, Whose};
use super::manners::WAITING_PLAIN;
use super::{Inner, room};

/// Bytes of a line that is cut to fit into the history, without the ellipsis.
const CUT: usize = TEXT - '…'.len_utf8();

impl Inner {
    /// How much waits for the disk.
    pub(super) fn waiting(&self) -> usize {
        self.archive()
            .map_or(0, |archive| archive.history().waiting())
    }

    /// Gives work to the history, as part of the next commit. The answer comes to
    /// [`take_answers`](Self::take_answers).
    ///
    /// # Errors
    /// It was not taken, and is given back.
    fn keep(
        &self,
        archive: &Archive,
        pending: Pending,
        work: impl FnOnce(&ServerStore) -> Result<Outcome, Error> + Send + 'static,
    ) -> Result<(), Pending> {
        let (key, answers) = self.keeper.borrow_mut().begin(pending);
        let tell = move |result| {
            // The room is no more.
            let _ = answers.try_send((key, result));
        };
        match archive.history().write(work, tell) {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::warn!("not kept: {error}");
                let pending = self.keeper.borrow_mut().end(key);
                Err(pending.unwrap_or(Pending::Lines))
            }
        }
    }

    /// Keeps what a guest says. They are told once it is kept.
    pub(super) fn keep_message(&self, connection: &Connection, msg: Msg) {
        let Some(archive) = self.archive() else {
            return;
        };
        let (person, sender, unknown) = {
            let guests = self.guests.borrow();
            let Some(inside) = guests.get(connection) else {
                return;
            };
            let sender = inside.identity;
            let is_here = |other| {
                let other = guests.by_identity(other);
                other.is_some_and(|other| other.guest.is_here())
            };
            let unknown = match msg.to {
                Conv::With(other)
                    if other != sender && other != archive.fingerprint() && !is_here(&other) =>
                {
                    Some(other)
                }
                _ => None,
            };
            (Rc::clone(&inside.person), sender, unknown)
        };
        if msg.to == Conv::Room && !self.settings.borrow().relay {
            return refuse_message(connection, msg.cid, Code::Unauthorized);
        }
        let length = msg.text.as_ref().len();
        let message = Message {
            sender,
            name: label(&person),
            cid: msg.cid,
            n: msg.n,
            between: Between::of(msg.to, sender),
            text: msg.text,
            at: At::now(),
        };
        let pending = Pending::Message {
            from: person,
            cid: msg.cid,
            to: msg.to,
            length,
        };
        let kept = self.keep(archive, pending, move |store| {
            if let Some(other) = unknown
                && !store.knows(&other, &message.between)?
            {
                return Ok(Outcome::NotFound);
            }
            Ok(match store.insert(&message)? {
                Inserted::New(entry) => Outcome::Kept(vec![entry]),
                Inserted::Again(receipt) => Outcome::Again(receipt),
                Inserted::BadCid => Outcome::BadCid,
                Inserted::OutOfOrder { .. } => Outcome::OutOfOrder,
            })
        });
        if kept.is_err() {
            refuse_message(connection, msg.cid, Code::Busy);
        }
    }

    /// For the lines of somebody plain, or of the host, where they are kept.
    pub(super) fn lines_to_keep(&self, whose: Whose) -> Option<Lines> {
        let waiting = self.archive()?.history().waiting();
        let mut keeper = self.keeper.borrow_mut();
        Some(keeper.lines(whose, waiting, Instant::now()))
    }

    /// Keeps the lines of somebody plain.
    pub(super) fn keep_lines(&self, person: &Person, lines: Lines) {
        let from = wire::Person {
            id: None,
            name: label(person),
        };
        self.keep_said(&from, lines, Pending::Lines);
    }

    /// Keeps lines of the room, and the mark for what was left out.
    fn keep_said(&self, from: &wire::Person, lines: Lines, pending: Pending) -> bool {
        let Some(archive) = self.archive() else {
            return false;
        };
        let (is_owed, is_new_gap, is_cut) = {
            let mut keeper = self.keeper.borrow_mut();
            let is_owed = keeper.take_owed();
            let is_new_gap = keeper.settle(&lines, Instant::now());
            (is_owed, is_new_gap, keeper.take_owed())
        };
        let are_kept = !lines.texts.is_empty();
        let mut all: Vec<_> = is_owed.then(|| mark(archive)).into_iter().collect();
        all.extend(lines.texts.into_iter().map(|text| Said {
            from: from.clone(),
            between: Between::Room,
            kind: Kind::Text,
            text: fitting(text),
            at: At::now(),
        }));
        all.extend(is_cut.then(|| mark(archive)));
        if !all.is_empty() && !self.keep_all(archive, pending, all) {
            return false;
        }
        if is_new_gap {
            self.tell(&Event::NotKept);
        }
        are_kept
    }

    /// Writes the mark that is owed and could not be written.
    pub(super) fn keep_mark(&self) {
        let Some(archive) = self.archive() else {
            return;
        };
        if self.waiting() < WAITING_PLAIN && self.keeper.borrow_mut().take_owed() {
            self.keep_all(archive, Pending::Lines, vec![mark(archive)]);
        }
    }

    /// Returns whether they were taken; else they are lost.
    fn keep_all(&self, archive: &Archive, pending: Pending, all: Vec<Said>) -> bool {
        let kept = self.keep(archive, pending, move |store| insert_all(store, &all));
        if kept.is_err() {
            self.keeper.borrow_mut().lose_lines();
        }
        kept.is_ok()
    }

    /// Keeps a text of the host's, and tells who of the encrypted people will have it.
    pub(super) fn keep_host_text(
        &self,
        audience: Audience,
        message: MessageId,
        text: &str,
    ) -> room::Guests {
        let Some(archive) = self.archive() else {
            return room::Guests::default();
        };
        let (people, between) = {
            let guests = self.guests.borrow();
            match audience {
                Audience::Everyone => {
                    let people = guests.here().map(|inside| Rc::clone(&inside.person));
                    (people.collect::<Vec<_>>(), Between::Room)
                }
                Audience::One(id) => match guests.by_id(id) {
                    Some(inside) if inside.guest.is_here() => (
                        vec![Rc::clone(&inside.person)],
                        Between::two(archive.fingerprint(), inside.identity),
                    ),
                    Some(inside) => {
                        return room::Guests {
                            missing: vec![Rc::clone(&inside.person)],
                            ..room::Guests::default()
                        };
                    }
                    None => return room::Guests::default(),
                },
            }
        };
        let from = host(archive);
        let is_kept = if between == Between::Room {
            let mut lines = self.lines_to_keep(Whose::Host);
            if let Some(lines) = &mut lines {
                lines.take(text);
            }
            lines.is_some_and(|lines| self.keep_said(&from, lines, Pending::Host(message)))
        } else {
            let said = Said {
                from,
                between,
                kind: Kind::Text,
                text: fitting(text.to_owned()),
                at: At::now(),
            };
            let work = move |store: &ServerStore| insert_all(store, std::slice::from_ref(&said));
            self.keep(archive, Pending::Host(message), work).is_ok()
        };
        if !is_kept {
            return room::Guests {
                missing: people,
                ..room::Guests::default()
            };
        }
        let mut guests = self.guests.borrow_mut();
        for person in &people {
            if let Some(inside) = guests.by_id_mut(person.id) {
                inside.host_texts.push_back((message, None));
            }
        }
        room::Guests {
            receivers: people.len(),
            missing: Vec::new(),
            is_given_to_disk: true,
        }
    }
}

/// The host, as encrypted people know them: by the server's identity.
fn host(archive: &Archive) -> wire::Person {
    wire::Person {
        id: Some(archive.fingerprint()),
        name: archive.name(),
    }
}

/// What stands where lines are missing.
fn mark(archive: &Archive) -> Said {
    Said {
        from: host(archive),
        between: Between::Room,
        kind: Kind::Mark,
        text: String::new(),
        at: At::now(),
    }
}

/// A text, or as much of it as is kept.
fn fitting(text: String) -> String {
    if text.len() <= TEXT {
        return text;
    }
    cut(&text, CUT).into_owned()
}

fn insert_all(store: &ServerStore, all: &[Said]) -> Result<Outcome, Error> {
    let entries: Result<Vec<Entry>, Error> =
        all.iter().map(|said| store.insert_said(said)).collect();
    entries.map(Outcome::Kept)
}
