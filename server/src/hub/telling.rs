//! Who is here, as encrypted people are told of them.

use std::time::Instant;

use hallway_core::net::limits::OPENING;
use hallway_core::wire::{self, Frame};

use super::Inner;
use super::event::Person;
use super::guests::told;
use super::presence::{News, Who};

impl Inner {
    /// Everyone of whom is told.
    pub(super) fn told_people(&self) -> Vec<(Who, wire::Person)> {
        let plain = self.room.borrow().people();
        let guests = self.guests.borrow();
        let encrypted = guests.all().filter_map(|inside| inside.announced.as_ref());
        let plain = plain
            .iter()
            .filter(|person| !guests.newcomers.contains_key(&person.id));
        let all = encrypted.chain(plain);
        all.map(|person| (Who::of(person), told(person))).collect()
    }

    /// Somebody was accepted of whom it is not known yet what they speak.
    pub(super) fn note_newcomer(&self, person: &Person) {
        let mut guests = self.guests.borrow_mut();
        if !guests.is_empty() {
            guests.newcomers.insert(person.id, Instant::now());
        }
    }

    /// Somebody came, went, or has another name. Where nobody would be told, nothing is noted.
    pub(super) fn note_presence(&self, before: Option<&Person>, now: Option<&Person>) {
        let mut guests = self.guests.borrow_mut();
        let Some(person) = now.or(before) else {
            return;
        };
        if guests.is_empty() {
            return;
        }
        if guests.newcomers.contains_key(&person.id) && person.identity.is_none() {
            if now.is_none() {
                guests.newcomers.remove(&person.id);
            }
            return;
        }
        guests
            .presence
            .note(Who::of(person), before.map(told), now.map(told));
    }

    /// Whoever has been silent for long, or has spoken, does not encrypt.
    pub(super) fn note_plain_newcomers(&self, now: Instant) {
        let plain: Vec<_> = {
            let room = self.room.borrow();
            let mut guests = self.guests.borrow_mut();
            let mut plain = Vec::new();
            guests.newcomers.retain(|id, since| {
                let Some(peer) = room.by_id(*id) else {
                    return false;
                };
                let is_decided = now.saturating_duration_since(*since) >= OPENING
                    && peer.connection.is_connected();
                if is_decided {
                    plain.push(std::rc::Rc::clone(&peer.person));
                }
                !is_decided
            });
            plain
        };
        for person in plain {
            self.note_presence(None, Some(&person));
        }
    }

    /// Tells what has changed.
    pub(super) fn tell_presence(&self) {
        let news = self.guests.borrow_mut().presence.take();
        let people = match news {
            None => return,
            Some(News::Changes(people)) => people,
            Some(News::Everyone) => {
                let here = self.told_people();
                self.guests.borrow().presence.as_told(here)
            }
        };
        self.tell_everyone_here(&Frame::People(people), None);
    }
}
