//! Who came, went and changed names since encrypted people were last told; pure.
//!
//! Whoever comes and goes in between was never here to them.

use std::collections::HashMap;

use hallway_core::wire::limits::PEOPLE;
use hallway_core::wire::people::Renamed;
use hallway_core::wire::{Fingerprint, People, Person};

use super::event::PeerId;

/// Who somebody is, also in another connection where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
    Encrypted(Fingerprint),
    Plain(PeerId),
}

impl Who {
    pub(super) fn of(person: &super::Person) -> Self {
        match person.identity {
            Some(identity) => Self::Encrypted(identity),
            None => Self::Plain(person.id),
        }
    }
}

/// Somebody as they were told of, and as they are. None: not here.
#[derive(Clone, Debug)]
struct Change {
    told: Option<Person>,
    now: Option<Person>,
}

/// What is to be told. It has as many entries as people who are here or were told of.
#[derive(Debug, Default)]
pub(super) struct Presence(HashMap<Who, Change>);

/// What to tell.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News {
    /// This.
    Changes(People),
    /// Who is here, anew: too much has changed.
    Everyone,
}

impl Presence {
    /// Somebody is `now`, and was `before`.
    pub(super) fn note(&mut self, who: Who, before: Option<Person>, now: Option<Person>) {
        let change = self.0.entry(who).or_insert(Change {
            told: before,
            now: None,
        });
        change.now = now;
        if change.told == change.now {
            self.0.remove(&who);
        }
    }

    /// What nobody need be told any more.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    /// Takes what has changed since it was told.
    pub(super) fn take(&mut self) -> Option<News> {
        if self.0.is_empty() {
            return None;
        }
        let (mut joined, mut left, mut renamed) = (Vec::new(), Vec::new(), Vec::new());
        for (_, change) in self.0.drain() {
            match (change.told, change.now) {
                (None, Some(now)) => joined.push(now),
                (Some(told), None) => left.push(told),
                (Some(told), Some(now)) => renamed.push(Renamed {
                    id: now.id,
                    was: told.name,
                    name: now.name,
                }),
                (None, None) => {}
            }
        }
        if joined.len().max(left.len()).max(renamed.len()) > PEOPLE {
            return Some(News::Everyone);
        }
        Some(News::Changes(People::Changes {
            joined,
            left,
            renamed,
        }))
    }

    /// Who is here, as everybody else was told, when these are: a newcomer then understands what
    /// is told next.
    pub(super) fn as_told(&self, here: impl IntoIterator<Item = (Who, Person)>) -> People {
        let unchanged = here
            .into_iter()
            .filter(|(who, _)| !self.0.contains_key(who))
            .map(|(_, person)| person);
        let told = self.0.values().filter_map(|change| change.told.clone());
        let mut list: Vec<_> = unchanged.chain(told).collect();
        // Whoever can be written to comes first.
        list.sort_by_key(|person| person.id.is_none());
        let more = list.len().saturating_sub(PEOPLE);
        list.truncate(PEOPLE);
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        People::Here { list, more }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(byte: u8, name: &str) -> (Who, Person) {
        let id = Fingerprint::from_bytes([byte; 32]);
        let name = name.parse().unwrap();
        (Who::Encrypted(id), Person { id: Some(id), name })
    }

    fn plain(number: u64) -> (Who, Person) {
        let name = format!("10.0.0.7:{number}").parse().unwrap();
        (Who::Plain(PeerId(number)), Person { id: None, name })
    }

    #[test]
    fn what_comes_to_nothing_is_not_told() {
        let mut presence = Presence::default();
        let (ana, as_ana) = person(1, "Ana");
        presence.note(ana, None, Some(as_ana.clone()));
        presence.note(ana, Some(as_ana.clone()), None);
        assert_eq!(presence.take(), None);
        // Another connection takes over.
        presence.note(ana, Some(as_ana.clone()), None);
        presence.note(ana, None, Some(as_ana.clone()));
        assert_eq!(presence.take(), None);
        let (_, as_bo) = person(1, "Bo");
        presence.note(ana, Some(as_ana.clone()), None);
        presence.note(ana, None, Some(as_bo.clone()));
        let renamed = Renamed {
            id: as_bo.id,
            was: as_ana.name,
            name: as_bo.name,
        };
        let expected = People::Changes {
            joined: vec![],
            left: vec![],
            renamed: vec![renamed],
        };
        assert_eq!(presence.take(), Some(News::Changes(expected)));
        assert_eq!(presence.take(), None);
    }

    #[test]
    fn a_newcomer_is_told_what_the_others_were() {
        let mut presence = Presence::default();
        let (ana, bo, plain) = (person(1, "Ana"), person(2, "Bo"), plain(3));
        presence.note(ana.0, None, Some(ana.1.clone()));
        presence.note(bo.0, Some(bo.1.clone()), None);
        let list = presence.as_told([ana, plain.clone()]);
        let expected = People::Here {
            list: vec![bo.1, plain.1],
            more: 0,
        };
        assert_eq!(list, expected);
    }

    #[test]
    fn a_crowd_is_told_in_one_list() {
        let mut presence = Presence::default();
        let people: Vec<_> = (0..=PEOPLE as u64).map(plain).collect();
        for (who, person) in people.clone() {
            presence.note(who, None, Some(person));
        }
        assert_eq!(presence.take(), Some(News::Everyone));
        let People::Here { list, more } = presence.as_told(people) else {
            panic!("not a list");
        };
        assert_eq!((list.len(), more), (PEOPLE, 1));
    }
}
