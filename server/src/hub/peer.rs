//! One peer of a room.

use std::net::SocketAddr;
use std::rc::Rc;

use hallway_core::net::address::shown;
use hallway_core::net::{Connection, Pace};
use hallway_core::text::Name;

use super::deliveries::OnTheWay;
use super::event::{Leaving, PeerId, Person};
use super::names::Skeletons;

pub(super) struct Peer {
    pub(super) connection: Connection,
    pub(super) person: Rc<Person>,
    /// What others get before each of its lines.
    pub(super) prefix: Rc<str>,
    /// Under what its name is kept unique.
    pub(super) skeletons: Option<Skeletons>,
    /// Nothing was heard of it yet.
    pub(super) is_new: bool,
    /// How it reads what it is sent.
    pub(super) pace: Pace,
    /// It was said to be falling behind.
    pub(super) is_behind: bool,
    /// It is not read until somebody has caught up.
    pub(super) is_paused: bool,
    /// Why it is being closed, where we do it.
    pub(super) leaving: Option<Leaving>,
    pub(super) on_the_way: OnTheWay,
}

impl Peer {
    pub(super) fn new(id: PeerId, connection: Connection, address: SocketAddr) -> Self {
        let person = Person {
            id,
            label: shown(address).into(),
            is_named: false,
            address,
            identity: None,
            is_encrypted: false,
        };
        Self {
            connection,
            prefix: prefix(&person),
            person: Rc::new(person),
            skeletons: None,
            is_new: true,
            pace: Pace::Flowing,
            is_behind: false,
            is_paused: false,
            leaving: None,
            on_the_way: OnTheWay::default(),
        }
    }

    /// Whether it holds up those it hears.
    pub(super) fn is_congested(&self) -> bool {
        self.pace == Pace::Congested
    }

    pub(super) fn rename(&mut self, name: &Name, skeletons: Skeletons) {
        self.skeletons = Some(skeletons);
        self.person = Rc::new(Person {
            label: name.as_ref().into(),
            is_named: true,
            ..(*self.person).clone()
        });
        self.prefix = prefix(&self.person);
    }
}

fn prefix(person: &Person) -> Rc<str> {
    [&*person.label, ": "].concat().into()
}
