//! The encrypted people of a room: bookkeeping that calls nobody.
//!
//! They are no peers of the [`Room`](super::room::Room), so that relaying plain lines costs nothing
//! more where there are some, or none.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use hallway_core::net::Connection;
use hallway_core::net::address::{place, shown};
use hallway_core::text::Name;
use hallway_core::trust::{Lockout, WrongPasswords};
use hallway_core::wire::frame::Hello;
use hallway_core::wire::values::Label;
use hallway_core::wire::{self, Fingerprint, Pos, Seq};
use slab::Slab;

use super::comparing::Comparing;
use super::event::{Leaving, MessageId, PeerId, Person};
use super::guest::Guest;
use super::manners::{BEFORE_HELLO, BEFORE_HELLO_OF_PLACE};
use super::names::{Names, Skeletons};
use super::notices::NameRefused;
use super::presence::Presence;
use super::room::Renamed;
use super::seen::{RoomSeen, Unkept};
use super::stream::Stream;

/// Tells the tags of guests from those of plain peers, which are counted from 0.
const GUEST: usize = 1 << (usize::BITS - 2);

/// The tag of a connection that is nobody's.
const NOBODY: usize = usize::MAX;

/// Somebody who encrypts.
pub(super) struct Inside {
    pub(super) connection: Connection,
    pub(super) person: Rc<Person>,
    pub(super) identity: Fingerprint,
    pub(super) guest: Guest,
    /// What they said first, until they are welcome.
    pub(super) hello: Option<Hello>,
    pub(super) skeletons: Option<Skeletons>,
    pub(super) stream: Stream,
    /// Texts of the host's that they have not stored, and where these are once they are kept.
    pub(super) host_texts: VecDeque<(MessageId, Option<Pos>)>,
    /// How far others have stored what they wrote to them, and they were not told of.
    pub(super) seen: BTreeMap<Fingerprint, Seq>,
    pub(super) comparing: Option<Comparing>,
    /// Who the others are told that they are.
    pub(super) announced: Option<Rc<Person>>,
    /// They are not read until it is their turn.
    pub(super) is_paused: bool,
    /// Why it is being ended, where we do it.
    pub(super) leaving: Option<Leaving>,
}

#[derive(Default)]
pub(super) struct Guests {
    /// By the tag of the connection, without [`GUEST`].
    inside: Slab<Inside>,
    tags: HashMap<PeerId, usize>,
    /// Whoever has a name here.
    identities: HashMap<Fingerprint, usize>,
    pub(super) kept_out: HashSet<Fingerprint>,
    /// Whom the host let in, one by one: they are not asked about again.
    pub(super) let_in: HashSet<Fingerprint>,
    /// The last event that is known to be kept.
    pub(super) head: Pos,
    pub(super) presence: Presence,
    /// Who came just now, may yet encrypt, and is not told of before that is known.
    pub(super) newcomers: HashMap<PeerId, Instant>,
    pub(super) lockout: Lockout,
    wrong_passwords: WrongPasswords,
    pub(super) room_seen: RoomSeen,
    pub(super) unkept: Unkept,
    /// When news were told last.
    pub(super) told: Option<Instant>,
}

impl Guests {
    pub(super) fn is_empty(&self) -> bool {
        self.inside.is_empty()
    }

    pub(super) fn get(&self, connection: &Connection) -> Option<&Inside> {
        self.inside
            .get(connection.tag() & !GUEST)
            .filter(|_| is_guest(connection))
    }

    pub(super) fn get_mut(&mut self, connection: &Connection) -> Option<&mut Inside> {
        let inside = self.inside.get_mut(connection.tag() & !GUEST)?;
        is_guest(connection).then_some(inside)
    }

    /// Whether too many are here who have not said hello, from anywhere or from there.
    pub(super) fn has_no_room_for_a_stranger(&self, peer: SocketAddr) -> bool {
        let there = place(peer);
        let strangers = self.all().filter(|inside| inside.guest.is_strange());
        let (mut all, mut of_place) = (0, 0);
        for inside in strangers {
            all += 1;
            of_place += usize::from(place(inside.person.address) == there);
        }
        let is_own = there.is_loopback();
        all >= BEFORE_HELLO || (of_place >= BEFORE_HELLO_OF_PLACE && !is_own)
    }

    /// Somebody who may be about to say hello, and what is known of passwords before.
    pub(super) fn at_the_door(
        &mut self,
        connection: &Connection,
    ) -> Option<(&mut Inside, &mut WrongPasswords)> {
        let inside = self.inside.get_mut(connection.tag() & !GUEST)?;
        is_guest(connection).then_some((inside, &mut self.wrong_passwords))
    }

    pub(super) fn by_id(&self, id: PeerId) -> Option<&Inside> {
        self.inside.get(*self.tags.get(&id)?)
    }

    pub(super) fn by_id_mut(&mut self, id: PeerId) -> Option<&mut Inside> {
        self.inside.get_mut(*self.tags.get(&id)?)
    }

    /// Whoever has said hello as this identity.
    pub(super) fn by_identity(&self, identity: &Fingerprint) -> Option<&Inside> {
        self.inside.get(*self.identities.get(identity)?)
    }

    pub(super) fn by_identity_mut(&mut self, identity: &Fingerprint) -> Option<&mut Inside> {
        self.inside.get_mut(*self.identities.get(identity)?)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Inside> {
        self.inside.iter().map(|(_, inside)| inside)
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Inside> {
        self.inside.iter_mut().map(|(_, inside)| inside)
    }

    /// Those who were welcomed.
    pub(super) fn here(&self) -> impl Iterator<Item = &Inside> {
        self.all().filter(|inside| inside.guest.is_here())
    }

    pub(super) fn connections(&self) -> Vec<Connection> {
        self.all().map(|inside| inside.connection.clone()).collect()
    }

    /// Takes in somebody who encrypts.
    pub(super) fn enter(
        &mut self,
        connection: &Connection,
        person: Person,
        identity: Fingerprint,
        guest: Guest,
    ) {
        let id = person.id;
        let tag = self.inside.insert(Inside {
            connection: connection.clone(),
            person: Rc::new(person),
            identity,
            guest,
            hello: None,
            skeletons: None,
            stream: Stream::after(Pos::ZERO),
            host_texts: VecDeque::new(),
            seen: BTreeMap::new(),
            comparing: None,
            announced: None,
            is_paused: false,
            leaving: None,
        });
        connection.set_tag(GUEST | tag);
        self.tags.insert(id, tag);
    }

    /// They are called that from now on, and are the one who has this identity.
    pub(super) fn name(&mut self, connection: &Connection, name: &Name, skeletons: Skeletons) {
        let tag = connection.tag() & !GUEST;
        let Some(inside) = self.get_mut(connection) else {
            return;
        };
        inside.skeletons = Some(skeletons);
        inside.person = Rc::new(Person {
            label: name.as_ref().into(),
            is_named: true,
            ..(*inside.person).clone()
        });
        if let Some(announced) = &mut inside.announced {
            *announced = Rc::clone(&inside.person);
        }
        let identity = inside.identity;
        self.identities.insert(identity, tag);
    }

    /// Calls somebody who is here something else.
    pub(super) fn rename(
        &mut self,
        id: PeerId,
        name: &Name,
        names: &mut Names,
        host: Option<&Name>,
    ) -> Result<Renamed, NameRefused> {
        let inside = self.by_id(id).filter(|inside| inside.guest.is_here());
        let inside = inside.ok_or(NameRefused::Gone)?;
        let skeletons = names.claim(name, inside.skeletons.as_ref(), host)?;
        let connection = inside.connection.clone();
        let before = Rc::clone(&inside.person);
        self.name(&connection, name, skeletons);
        let person = self.by_id(id).map(|inside| Rc::clone(&inside.person));
        let person = person.ok_or(NameRefused::Gone)?;
        Ok(Renamed { before, person })
    }

    /// Nobody is kept out any more, and nobody was let in.
    pub(super) fn let_in_again(&mut self) {
        self.kept_out.clear();
        self.let_in.clear();
    }

    /// They are nobody any more to the others, though their connection may have to be closed yet.
    /// Returns the name that is free now.
    pub(super) fn retire(&mut self, connection: &Connection) -> Option<Skeletons> {
        let tag = connection.tag() & !GUEST;
        let inside = self.get_mut(connection)?;
        let skeletons = inside.skeletons.take();
        inside.hello = None;
        let identity = inside.identity;
        if self.identities.get(&identity) == Some(&tag) {
            self.identities.remove(&identity);
        }
        skeletons
    }

    pub(super) fn leave(&mut self, connection: &Connection) -> Option<Inside> {
        if !is_guest(connection) {
            return None;
        }
        let inside = self.inside.try_remove(connection.tag() & !GUEST)?;
        connection.set_tag(NOBODY);
        self.tags.remove(&inside.person.id);
        Some(inside)
    }
}

fn is_guest(connection: &Connection) -> bool {
    connection.tag() & GUEST != 0
}

/// Somebody, as encrypted people are told of them.
pub(super) fn told(person: &Person) -> wire::Person {
    wire::Person {
        id: person.identity,
        name: label(person),
    }
}

/// What somebody is called in frames.
pub(super) fn label(person: &Person) -> Label {
    let label = person.label.parse().ok();
    // Labels here are names and addresses, which all are labels there.
    label.unwrap_or_else(|| person.address.into())
}

/// What somebody is called before they have a name.
pub(super) fn unnamed(person: &Person) -> String {
    shown(person.address)
}
