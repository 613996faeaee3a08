//! Who was met, and what it means who shows up where.

mod file;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::limits;
use crate::wire::list::at_most;
use crate::wire::values::Label;
use crate::wire::{At, Fingerprint};

pub(super) use file::Unreadable;

/// What somebody is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A server that we connect to.
    Server,
    /// Somebody who connects to us.
    Person,
}

/// Somebody who was met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// What they are to us.
    pub role: Role,
    /// Who they are.
    pub id: Fingerprint,
    /// What they were called last.
    pub name: Label,
    /// Where they were met: at most [`limits::ADDRESSES`], the last one first.
    #[serde(deserialize_with = "at_most::<{ limits::ADDRESSES }, _, _>")]
    addresses: Vec<Sighting>,
    /// The six digits were compared.
    pub verified: bool,
    /// When they were met first, by the clock of then.
    pub first_seen: At,
    /// When they were met last, by the clock of then.
    pub last_seen: At,
    /// When that was among all meetings: clocks go wrong, this goes up.
    turn: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sighting {
    address: Address,
    turn: u64,
}

impl Pin {
    /// Where they were met, the last one first.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.addresses.iter().map(|sighting| &sighting.address)
    }

    /// When they were last at an address, among all meetings.
    fn turn_at(&self, address: &Address) -> Option<u64> {
        let sighting = self.addresses.iter().find(|at| at.address == *address);
        sighting.map(|sighting| sighting.turn)
    }
}

/// Who shows up at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement<'a> {
    /// Nobody was met there, and this one nowhere: to be pinned.
    FirstContact,
    /// The server that is known, here or, where nobody else was met, at a new address.
    Known(&'a Pin),
    /// A server that is known, where another one was met last: to be switched to and named.
    AnotherKnown {
        /// Who is here.
        here: &'a Pin,
        /// Who was.
        before: &'a Pin,
    },
    /// One that was never met, where another one was. It blocks: it may be a new computer, and it
    /// may be somebody who wants to be taken for the other.
    Unknown {
        /// Who was here last.
        before: &'a Pin,
    },
}

/// Whether somebody who was met is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// For the first time.
    First,
    /// As before.
    Again,
}

/// Somebody was not pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Another server was met at the address: a person must decide.
    #[error("another server was met at this address")]
    Blocked,
    /// [`limits::SERVERS`] or [`limits::PEOPLE`] are pinned: one must be forgotten first.
    #[error("as many as can be are remembered")]
    Full,
}

/// Everyone who was met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins {
    pins: BTreeMap<(Role, Fingerprint), Pin>,
    turn: u64,
}

impl Pins {
    /// Somebody who was met.
    pub fn get(&self, role: Role, id: &Fingerprint) -> Option<&Pin> {
        self.pins.get(&(role, *id))
    }

    /// All who are one thing to us, in the order of their identities.
    pub fn iter(&self, role: Role) -> impl Iterator<Item = &Pin> {
        self.pins.values().filter(move |pin| pin.role == role)
    }

    /// What it means that a server with this certificate is at this address.
    pub fn judge(&self, id: &Fingerprint, address: &Address) -> Judgement<'_> {
        match (self.get(Role::Server, id), self.at(address)) {
            (None, None) => Judgement::FirstContact,
            (None, Some(before)) => Judgement::Unknown { before },
            (Some(here), Some(before)) if before.id != *id => {
                Judgement::AnotherKnown { here, before }
            }
            (Some(pin), _) => Judgement::Known(pin),
        }
    }

    /// The server that was met last at this address.
    pub fn at(&self, address: &Address) -> Option<&Pin> {
        self.iter(Role::Server)
            .filter_map(|pin| Some((pin.turn_at(address)?, pin)))
            .max_by_key(|&(turn, _)| turn)
            .map(|(_, pin)| pin)
    }

    /// Somebody was met: pins who is new, and notes name, address and time. A person's address is
    /// one at which they can be met, if there is such: the port that they came from is not.
    ///
    /// # Errors
    /// A server that is new where another one was met; [`Pins::met_as_new`] is for when a person
    /// has decided. Or there is no room.
    pub fn met(
        &mut self,
        role: Role,
        id: Fingerprint,
        name: Label,
        address: Option<Address>,
        at: At,
    ) -> Result<Met, Refused> {
        if let (Role::Server, Some(address)) = (role, &address)
            && matches!(self.judge(&id, address), Judgement::Unknown { .. })
        {
            return Err(Refused::Blocked);
        }
        self.note(role, id, name, address, at)
    }

    /// A person has decided that another server is at an address now: *Connect as a New Server*.
    /// The pin of the one before stays.
    ///
    /// # Errors
    /// There is no room.
    pub fn met_as_new(
        &mut self,
        id: Fingerprint,
        name: Label,
        address: Address,
        at: At,
    ) -> Result<Met, Refused> {
        self.note(Role::Server, id, name, Some(address), at)
    }

    fn note(
        &mut self,
        role: Role,
        id: Fingerprint,
        name: Label,
        address: Option<Address>,
        at: At,
    ) -> Result<Met, Refused> {
        let met = if self.get(role, &id).is_some() {
            Met::Again
        } else {
            self.make_room(role)?;
            Met::First
        };
        self.turn += 1;
        let turn = self.turn;
        let pin = self.pins.entry((role, id)).or_insert_with(|| Pin {
            role,
            id,
            name: name.clone(),
            addresses: Vec::new(),
            verified: false,
            first_seen: at,
            last_seen: at,
            turn,
        });
        pin.name = name;
        pin.last_seen = at;
        pin.turn = turn;
        if let Some(address) = address {
            pin.addresses.retain(|sighting| sighting.address != address);
            pin.addresses.truncate(limits::ADDRESSES - 1);
            pin.addresses.insert(0, Sighting { address, turn });
        }
        Ok(met)
    }

    /// Notes whether the six digits of somebody were found equal. False: nobody such is known.
    pub fn set_verified(&mut self, role: Role, id: &Fingerprint, verified: bool) -> bool {
        match self.pins.get_mut(&(role, *id)) {
            Some(pin) => {
                pin.verified = verified;
                true
            }
            None => false,
        }
    }

    /// Forgets somebody. The next time is a first contact.
    pub fn forget(&mut self, role: Role, id: &Fingerprint) -> Option<Pin> {
        self.pins.remove(&(role, *id))
    }

    fn make_room(&mut self, role: Role) -> Result<(), Refused> {
        let most = most(role);
        if self.iter(role).count() < most {
            return Ok(());
        }
        // A server's pin is what protects from another one; it goes by a person's will alone.
        let stale = self
            .iter(role)
            .filter(|pin| pin.role == Role::Person && !pin.verified)
            .min_by_key(|pin| pin.turn)
            .map(|pin| pin.id)
            .ok_or(Refused::Full)?;
        self.forget(role, &stale);
        Ok(())
    }
}

/// How many of them are pinned at most.
fn most(role: Role) -> usize {
    match role {
        Role::Server => limits::SERVERS,
        Role::Person => limits::PEOPLE,
    }
}

#[cfg(test)]
mod tests;
