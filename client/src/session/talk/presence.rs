//! Who is here, and who is writing.

use std::collections::HashMap;
use std::time::Instant;

use hallway_core::wire::limits::PEOPLE;
use hallway_core::wire::{Conv, Fingerprint, People, Person};

use super::limits;
use super::values::News;

/// The people of a server, as far as it tells.
#[derive(Debug, Default)]
pub(super) struct Presence {
    people: Vec<Person>,
    more: u32,
    typing: HashMap<Fingerprint, (Conv, Instant)>,
    /// When somebody here was last told to be writing.
    told: Option<Instant>,
}

impl Presence {
    pub(super) fn people(&self) -> (&[Person], u32) {
        (&self.people, self.more)
    }

    pub(super) fn update(&mut self, people: People) {
        match people {
            People::Here { list, more } => {
                self.people = list;
                self.more = more;
            }
            People::Changes {
                joined,
                left,
                renamed,
            } => {
                for person in &left {
                    self.leave(person);
                }
                for change in renamed {
                    let is_same = |other: &&mut Person| match change.id {
                        Some(_) => other.id == change.id,
                        None => other.id.is_none() && other.name == change.was,
                    };
                    if let Some(person) = self.people.iter_mut().find(is_same) {
                        person.name = change.name;
                    }
                }
                for person in joined {
                    self.join(person);
                }
            }
        }
    }

    fn join(&mut self, person: Person) {
        if let Some(known) = self.people.iter_mut().find(|known| is_one(known, &person)) {
            *known = person;
        } else if self.people.len() < PEOPLE {
            self.people.push(person);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    fn leave(&mut self, person: &Person) {
        match self.people.iter().position(|known| is_one(known, person)) {
            Some(at) => drop(self.people.remove(at)),
            None => self.more = self.more.saturating_sub(1),
        }
    }

    /// Somebody is writing. What is to be told of it.
    pub(super) fn writes(&mut self, who: Fingerprint, conv: Conv, now: Instant) -> Vec<News> {
        let until = now + limits::TYPING_SHOWN;
        let mut news = Vec::new();
        match self.typing.get(&who) {
            Some((before, _)) if *before == conv => {}
            Some(_) => {
                news.extend(self.stops(&who));
                news.push(typing(who, conv, true));
            }
            None if self.typing.len() >= limits::TYPISTS => return news,
            None => news.push(typing(who, conv, true)),
        }
        self.typing.insert(who, (conv, until));
        news
    }

    /// Somebody does not write any more: what they wrote came.
    pub(super) fn stops(&mut self, who: &Fingerprint) -> Option<News> {
        let (conv, _) = self.typing.remove(who)?;
        Some(typing(*who, conv, false))
    }

    /// Forgets who has been silent for long.
    pub(super) fn forget(&mut self, now: Instant) -> Vec<News> {
        let silent: Vec<_> = self
            .typing
            .iter()
            .filter(|(_, (_, until))| *until <= now)
            .map(|(who, _)| *who)
            .collect();
        silent.iter().filter_map(|who| self.stops(who)).collect()
    }

    /// Nobody is heard any more.
    pub(super) fn fall_silent(&mut self) -> Vec<News> {
        let writers = std::mem::take(&mut self.typing);
        let stop = |(who, (conv, _))| typing(who, conv, false);
        writers.into_iter().map(stop).collect()
    }

    /// When somebody is to be forgotten.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.typing.values().map(|(_, until)| *until).min()
    }

    /// Whether to tell the server that somebody here is writing.
    pub(super) fn may_tell(&mut self, now: Instant) -> bool {
        let is_soon = |told: Instant| now.saturating_duration_since(told) < limits::TYPING;
        if self.told.is_some_and(is_soon) {
            return false;
        }
        self.told = Some(now);
        true
    }
}

fn typing(who: Fingerprint, conv: Conv, is_typing: bool) -> News {
    News::Typing {
        who,
        conv,
        is_typing,
    }
}

/// Whether these are one person: by identity, and by name where there is none.
fn is_one(one: &Person, other: &Person) -> bool {
    match one.id {
        Some(_) => one.id == other.id,
        None => other.id.is_none() && one.name == other.name,
    }
}
