//! Who is here, who was, who is writing.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use hallway_core::history::kept::KeptLine;
use hallway_core::wire::{Conv, Fingerprint, Person};
use hallway_widgets::conversation::Speaker;

use super::{Encrypted, Talk};

/// Speakers and names remembered: as many as a plain conversation remembers. The next one begins
/// the list anew.
const SPEAKERS: usize = 256;

/// Somebody with whom one can talk, or only be in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::window) struct Someone {
    /// None: they speak plain text, and nobody else can be written to alone.
    pub(in crate::window) id: Option<Fingerprint>,
    pub(in crate::window) name: Rc<str>,
    pub(in crate::window) is_here: bool,
    pub(in crate::window) is_typing: bool,
}

/// Everybody but us, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Others {
    speakers: HashMap<(Option<Fingerprint>, Rc<str>), Rc<Speaker>>,
    names: HashMap<Fingerprint, Rc<str>>,
    /// Who said something, or was written to: they can be written to while they are away.
    known: BTreeSet<Fingerprint>,
    typing: HashMap<Fingerprint, Conv>,
}

impl Others {
    /// The speaker that somebody is.
    pub(super) fn heard(&mut self, from: &Person) -> Rc<Speaker> {
        let key = (from.id, Rc::from(from.name.as_ref()));
        if let Some(known) = self.speakers.get(&key) {
            return Rc::clone(known);
        }
        if self.speakers.len() >= SPEAKERS {
            self.speakers.clear();
        }
        let mut hasher = DefaultHasher::new();
        match &key.0 {
            Some(id) => id.hash(&mut hasher),
            None => key.1.hash(&mut hasher),
        }
        let speaker = Rc::new(Speaker {
            key: hasher.finish(),
            label: Rc::clone(&key.1),
        });
        self.speakers.insert(key, Rc::clone(&speaker));
        speaker
    }

    /// These are here.
    pub(super) fn meet(&mut self, people: &[Person]) {
        for person in people {
            if let Some(id) = person.id {
                self.name(id, person.name.as_ref());
            }
        }
    }

    fn name(&mut self, id: Fingerprint, name: &str) {
        if self.names.len() >= SPEAKERS && !self.names.contains_key(&id) {
            // Those who can be written to keep theirs.
            let known = &self.known;
            self.names.retain(|id, _| known.contains(id));
        }
        self.names.insert(id, name.into());
    }

    /// Somebody said something. True: it is the first that is known of them.
    pub(super) fn spoke(&mut self, from: &Person, conv: Conv) -> bool {
        if let Some(id) = from.id {
            self.name(id, from.name.as_ref());
        }
        let with = match conv {
            Conv::With(other) => Some(other),
            Conv::Room => from.id,
        };
        with.is_some_and(|id| self.known.len() < SPEAKERS && self.known.insert(id))
    }

    /// What was said before with somebody.
    pub(super) fn recall(&mut self, conv: Conv, lines: &[KeptLine]) {
        for line in lines {
            self.spoke(&line.from, conv);
        }
    }

    pub(super) fn writes(&mut self, who: Fingerprint, conv: Conv, is_typing: bool) {
        if is_typing {
            self.typing.insert(who, conv);
        } else {
            self.typing.remove(&who);
        }
    }

    /// What somebody is called, or the beginning of who they are.
    fn called(&self, id: &Fingerprint) -> Rc<str> {
        let name = self.names.get(id).cloned();
        name.unwrap_or_else(|| id.to_string().chars().take(8).collect::<String>().into())
    }
}

impl Encrypted {
    /// What those are called who are known by name.
    pub(in crate::window::talk) fn labels(&self) -> Vec<Rc<str>> {
        let others = self.others.borrow();
        let mut labels: Vec<_> = others.names.values().map(Rc::clone).collect();
        labels.sort_unstable();
        labels.dedup();
        labels
    }

    /// What somebody is called.
    pub(in crate::window) fn name_of(&self, id: &Fingerprint) -> Rc<str> {
        self.others.borrow().called(id)
    }

    /// Who is writing in the conversation that is looked at.
    pub(in crate::window) fn writers(&self) -> Vec<Rc<str>> {
        let others = self.others.borrow();
        let writers = others.typing.iter();
        let here = writers.filter(|(_, conv)| **conv == self.current());
        let mut names: Vec<_> = here.map(|(who, _)| others.called(who)).collect();
        names.sort_unstable();
        names
    }
}

impl Talk {
    /// Everybody else: those who are here, and then those who were talked to and are away. Beside
    /// it, how many more are here than the server tells.
    pub(in crate::window) fn others(&self) -> (Vec<Someone>, u32) {
        let Some(encrypted) = self.encrypted() else {
            return (Vec::new(), 0);
        };
        let (people, more) = self.session().people();
        let others = encrypted.others.borrow();
        let (me, server) = (encrypted.me(), encrypted.server.get());
        let mut all: Vec<_> = people
            .iter()
            .filter(|person| person.id != Some(me))
            .map(|person| Someone {
                id: person.id,
                name: person.name.as_ref().into(),
                is_here: true,
                is_typing: person.id.is_some_and(|id| others.typing.contains_key(&id)),
            })
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        let is_here = |id: &Fingerprint| all.iter().any(|person| person.id == Some(*id));
        let mut away: Vec<_> = others
            .known
            .iter()
            .filter(|id| **id != me && !is_here(id))
            .map(|id| Someone {
                id: Some(*id),
                name: others.called(id),
                // The host is where the server is.
                is_here: server == Some(*id) && !people.is_empty(),
                is_typing: false,
            })
            .collect();
        away.sort_by(|a, b| a.name.cmp(&b.name));
        all.extend(away);
        (all, more)
    }

    /// Whether somebody here speaks plain text, which the whole network can read.
    pub(in crate::window) fn is_overheard(&self) -> bool {
        let (people, _) = self.session().people();
        people.iter().any(|person| person.id.is_none())
    }
}
