//! The people in a room: bookkeeping that calls nobody, so that whoever holds it can be sure of
//! it.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use hallway_core::net::address::place;
use hallway_core::net::{Connection, Pace};
use hallway_core::text::Name;
use slab::Slab;

use super::deliveries::{Deliveries, Done};
use super::event::{Audience, Leaving, MessageId, PeerId, Person};
use super::names::Names;
use super::notices::NameRefused;
use super::peer::Peer;

/// The tag of a connection that is nobody's.
const NOBODY: usize = usize::MAX;

#[derive(Default)]
pub(super) struct Room {
    /// By the tag of the connection.
    peers: Slab<Peer>,
    /// The tags, by number.
    tags: HashMap<PeerId, usize>,
    pub(super) names: Names,
    kept_out: HashSet<IpAddr>,
    pub(super) deliveries: Deliveries,
    /// Peers that hold up those they hear.
    congested: usize,
    /// Peers that are not read until somebody has caught up.
    paused: usize,
    last_peer: u64,
    last_message: u64,
}

/// What became of handing a text of the host's to its receivers.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) watched: Vec<Connection>,
    pub(super) too_slow: Vec<Connection>,
    pub(super) done: Option<Done>,
}

/// Encrypted people among the receivers of a text of the host's.
#[derive(Default)]
pub(super) struct Guests {
    /// How many will be told of it and say so.
    pub(super) receivers: usize,
    /// Who cannot be told of it.
    pub(super) missing: Vec<Rc<Person>>,
    /// The disk was given it for those who come later.
    pub(super) is_given_to_disk: bool,
}

/// A peer before and after it got a name.
pub(super) struct Renamed {
    pub(super) before: Rc<Person>,
    pub(super) person: Rc<Person>,
}

impl Room {
    pub(super) fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    pub(super) fn get(&self, connection: &Connection) -> Option<&Peer> {
        self.peers.get(connection.tag())
    }

    pub(super) fn get_mut(&mut self, connection: &Connection) -> Option<&mut Peer> {
        self.peers.get_mut(connection.tag())
    }

    pub(super) fn by_id(&self, id: PeerId) -> Option<&Peer> {
        self.peers.get(*self.tags.get(&id)?)
    }

    fn by_id_mut(&mut self, id: PeerId) -> Option<&mut Peer> {
        self.peers.get_mut(*self.tags.get(&id)?)
    }

    pub(super) fn people(&self) -> Vec<Rc<Person>> {
        let mut people: Vec<_> = self
            .peers
            .iter()
            .map(|(_, peer)| Rc::clone(&peer.person))
            .collect();
        people.sort_by_key(|person| person.id);
        people
    }

    pub(super) fn connections(&self) -> Vec<Connection> {
        let peers = self.peers.iter();
        peers.map(|(_, peer)| peer.connection.clone()).collect()
    }

    /// Lets somebody in; nobody whose connection is over.
    pub(super) fn enter(&mut self, connection: &Connection) -> Option<Rc<Person>> {
        connection.set_tag(NOBODY);
        let address = connection.peer()?;
        self.last_peer += 1;
        let peer = Peer::new(PeerId(self.last_peer), connection.clone(), address);
        let person = Rc::clone(&peer.person);
        let tag = self.peers.insert(peer);
        connection.set_tag(tag);
        self.tags.insert(person.id, tag);
        Some(person)
    }

    pub(super) fn keeps_out(&self, address: SocketAddr) -> bool {
        self.kept_out.contains(&place(address))
    }

    pub(super) fn leave(&mut self, connection: &Connection) -> Option<Peer> {
        let peer = self.peers.try_remove(connection.tag())?;
        connection.set_tag(NOBODY);
        self.tags.remove(&peer.person.id);
        self.names.give_up(peer.skeletons.as_ref());
        self.congested -= usize::from(peer.is_congested());
        self.paused -= usize::from(peer.is_paused);
        Some(peer)
    }

    /// Takes out somebody who turned out to encrypt. What the host said to them went nowhere, and
    /// nobody waits for it any more.
    pub(super) fn hand_over(&mut self, connection: &Connection) -> Option<(Peer, Vec<Done>)> {
        let mut peer = self.leave(connection)?;
        let texts = peer.on_the_way.take_rest();
        let deliveries = &mut self.deliveries;
        let done = texts
            .into_iter()
            .filter_map(|message| deliveries.withdraw(message));
        let done = done.collect();
        Some((peer, done))
    }

    /// Notes why a peer is closed, if it is not being closed already.
    pub(super) fn mark_leaving(&mut self, id: PeerId, why: Leaving) -> Option<Connection> {
        let peer = self.by_id_mut(id)?;
        peer.leaving.get_or_insert(why);
        Some(peer.connection.clone())
    }

    /// Refuses an address from now on.
    pub(super) fn keep_out(&mut self, place: IpAddr) {
        self.kept_out.insert(place);
    }

    pub(super) fn let_in_again(&mut self) {
        self.kept_out.clear();
    }

    /// Gives a peer a name that nobody has.
    pub(super) fn rename(
        &mut self,
        id: PeerId,
        name: &Name,
        host: Option<&Name>,
    ) -> Result<Renamed, NameRefused> {
        let tag = *self.tags.get(&id).ok_or(NameRefused::Gone)?;
        let peer = self.peers.get_mut(tag).ok_or(NameRefused::Gone)?;
        let skeletons = self.names.claim(name, peer.skeletons.as_ref(), host)?;
        let before = Rc::clone(&peer.person);
        peer.rename(name, skeletons);
        let person = Rc::clone(&peer.person);
        Ok(Renamed { before, person })
    }

    pub(super) fn next_message(&mut self) -> MessageId {
        self.last_message += 1;
        MessageId(self.last_message)
    }

    /// Queues a text of the host's for its receivers.
    pub(super) fn send(
        &mut self,
        audience: Audience,
        message: MessageId,
        chunk: &Rc<[u8]>,
        guests: Guests,
    ) -> Sent {
        let mut sent = Sent::default();
        let mut missing = guests.missing;
        for (_, peer) in &mut self.peers {
            let hears = match audience {
                Audience::Everyone => true,
                Audience::One(id) => peer.person.id == id,
            };
            if !hears || !peer.connection.is_connected() {
                continue;
            }
            if queue(peer, chunk, &mut self.congested, &mut sent.too_slow) {
                let end = peer.connection.queued_position();
                peer.on_the_way.push(end, message);
                sent.watched.push(peer.connection.clone());
            } else {
                missing.push(Rc::clone(&peer.person));
            }
        }
        let receivers = sent.watched.len() + guests.receivers;
        if receivers == 0 && missing.is_empty() && guests.is_given_to_disk {
            self.deliveries.begin_for_disk(message);
        } else {
            sent.done = self.deliveries.begin(message, receivers, missing);
        }
        sent
    }

    /// Queues a chunk for everybody, but for `from`. Returns who does not read at all.
    pub(super) fn relay(&mut self, from: Option<&Connection>, chunk: &Rc<[u8]>) -> Vec<Connection> {
        let from = from.map(Connection::tag);
        let mut too_slow = Vec::new();
        for (tag, peer) in &mut self.peers {
            if Some(tag) != from {
                queue(peer, chunk, &mut self.congested, &mut too_slow);
            }
        }
        too_slow
    }

    /// Sends bytes to one peer. Returns it where it does not read at all.
    pub(super) fn answer(&mut self, to: &Connection, bytes: &[u8]) -> Option<Connection> {
        let peer = self.peers.get_mut(to.tag())?;
        match peer.connection.send(bytes) {
            Ok(pace) => {
                note_pace(peer, pace, &mut self.congested);
                None
            }
            Err(_full) => Some(peer.connection.clone()),
        }
    }

    /// Peers that hold up those they hear.
    pub(super) fn congested(&self) -> usize {
        self.congested
    }

    /// Notes how a peer reads. Returns its person where it has begun or ceased to fall behind.
    pub(super) fn set_pace(
        &mut self,
        connection: &Connection,
        pace: Pace,
    ) -> Option<(Rc<Person>, bool)> {
        let peer = self.peers.get_mut(connection.tag())?;
        note_pace(peer, pace, &mut self.congested);
        let is_behind = match pace {
            Pace::Stalled => true,
            Pace::Flowing => false,
            Pace::Congested => peer.is_behind,
        };
        let changed = is_behind != std::mem::replace(&mut peer.is_behind, is_behind);
        changed.then(|| (Rc::clone(&peer.person), is_behind))
    }

    /// Whether a peer may be read now; if not, it is noted that it waits. None: it is no plain peer.
    pub(super) fn may_read(&mut self, connection: &Connection, relay: bool) -> Option<bool> {
        let congested = self.congested;
        let peer = self.peers.get_mut(connection.tag())?;
        let may_read = is_free(peer, congested, relay);
        self.paused -= usize::from(std::mem::replace(&mut peer.is_paused, !may_read));
        self.paused += usize::from(!may_read);
        Some(may_read)
    }

    /// Takes those who waited and need not any more.
    pub(super) fn resumed(&mut self, relay: bool) -> Vec<Connection> {
        let mut resumed = Vec::new();
        // Asked whenever somebody leaves or catches up, and nearly always nobody waits.
        if self.paused == 0 {
            return resumed;
        }
        for (_, peer) in &mut self.peers {
            if peer.is_paused && is_free(peer, self.congested, relay) {
                peer.is_paused = false;
                resumed.push(peer.connection.clone());
            }
        }
        self.paused -= resumed.len();
        resumed
    }
}

/// Whether a peer may be read: its own queue flows, and where the others hear it nobody of them
/// is behind but reading. Who does not read at all holds up nobody but itself.
fn is_free(peer: &Peer, congested: usize, relay: bool) -> bool {
    peer.pace == Pace::Flowing && !(relay && congested > 0)
}

/// Queues a chunk. Returns whether there was room.
fn queue(
    peer: &mut Peer,
    chunk: &Rc<[u8]>,
    congested: &mut usize,
    too_slow: &mut Vec<Connection>,
) -> bool {
    match peer.connection.queue(Rc::clone(chunk)) {
        Ok(pace) => {
            note_pace(peer, pace, congested);
            true
        }
        Err(_full) => {
            too_slow.push(peer.connection.clone());
            false
        }
    }
}

fn note_pace(peer: &mut Peer, pace: Pace, congested: &mut usize) {
    if peer.pace != pace {
        *congested -= usize::from(peer.is_congested());
        peer.pace = pace;
        *congested += usize::from(peer.is_congested());
    }
}
