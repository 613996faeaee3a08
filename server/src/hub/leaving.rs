//! How people leave, how they are called, and how the room closes.

use std::rc::Rc;
use std::time::{Duration, Instant};

use hallway_core::net::address::place;
use hallway_core::net::{Connection, Ended, Refusal, limits};
use hallway_core::text::Name;
use hallway_core::wire::frame::Problem;
use hallway_core::wire::{Code, Frame};

use super::event::{Event, Leaving, PeerId, Person};
use super::hearing::tell_guest;
use super::notices::{self, NameRefused};
use super::room::Renamed;
use super::{Hub, Inner};

/// How often closing is looked at while the server stops.
const STOP_LOOK: Duration = Duration::from_millis(10);

/// How long the last connections may take to be let go after the deadline: two of the reactor's
/// slowest looks at the clock.
const STOP_REST: Duration = Duration::from_millis(500);

impl Hub {
    /// Closes the room: nobody comes in any more, and everybody who is here is told and gets what
    /// is queued for them, in `deadline` for all together. [`Event::Stopped`] tells the end, unless
    /// the room is opened again before.
    pub fn stop(&self, deadline: Duration) {
        if self.0.is_stopping() {
            return;
        }
        self.0.next_phase();
        self.0.listener.close();
        self.0.room.borrow_mut().let_in_again();
        self.0.guests.borrow_mut().let_in_again();
        let last_words = self.0.notices.stopped();
        for id in self.ids() {
            self.0
                .send_away(id, Leaving::Stopped, Some(&last_words), deadline);
        }
        self.0.wait_until_empty(deadline);
    }

    /// Disconnects a peer properly.
    pub fn disconnect(&self, id: PeerId) {
        let last_words = self.0.notices.disconnected();
        self.0
            .send_away(id, Leaving::ByHost, Some(&last_words), limits::CLOSE);
    }

    /// Breaks a peer's connection off.
    pub fn abort(&self, id: PeerId) {
        if let Some(connection) = self.0.mark_leaving(id, Leaving::Aborted) {
            connection.abort();
        }
    }

    /// Disconnects a peer and whoever else is at its address, and refuses the address, and its
    /// identity where it has one, until the server stops.
    pub fn keep_out(&self, id: PeerId) {
        let people = self.people();
        let Some(kept) = people.iter().find(|person| person.id == id) else {
            return;
        };
        let there = place(kept.address);
        self.0.room.borrow_mut().keep_out(there);
        if let Some(identity) = kept.identity {
            self.0.guests.borrow_mut().kept_out.insert(identity);
        }
        let last_words = self.0.notices.refused(Refusal::Unwanted);
        for person in &people {
            let is_same = person.identity.is_some() && person.identity == kept.identity;
            if is_same || place(person.address) == there {
                let why = Leaving::KeptOut;
                self.0
                    .send_away(person.id, why, Some(&last_words), limits::CLOSE);
            }
        }
    }

    /// Gives a peer a name.
    ///
    /// # Errors
    /// The name breaks the rules, somebody has it or one that looks like it, or the peer has gone.
    pub fn rename(&self, id: PeerId, name: &str) -> Result<(), NameRefused> {
        let name = Name::parse(name).map_err(NameRefused::Rules)?;
        self.0.rename(id, &name).map(drop)
    }

    fn ids(&self) -> Vec<PeerId> {
        self.people().iter().map(|person| person.id).collect()
    }
}

impl Inner {
    /// Ends a peer's connection properly, with last words. To encrypted people there are none but
    /// where they are not to come again.
    pub(super) fn send_away(
        &self,
        id: PeerId,
        why: Leaving,
        last_words: Option<&str>,
        deadline: Duration,
    ) {
        let is_kept_out = why == Leaving::KeptOut;
        let Some(connection) = self.mark_leaving(id, why) else {
            return;
        };
        if self.guests.borrow().get(&connection).is_some() {
            self.retire(&connection);
            if is_kept_out {
                let last_word = Problem {
                    code: Code::Unauthorized,
                    re: None,
                    fatal: true,
                };
                tell_guest(&connection, &Frame::Err(last_word));
            }
        } else if let Some(words) = last_words {
            // A queue that is full has no room for last words either.
            let _ = connection.write(&notices::marked(words));
        }
        connection.close_within(deadline);
    }

    /// Notes why somebody is closed, if they are not being closed already.
    fn mark_leaving(&self, id: PeerId, why: Leaving) -> Option<Connection> {
        if let Some(inside) = self.guests.borrow_mut().by_id_mut(id) {
            inside.leaving.get_or_insert(why);
            return Some(inside.connection.clone());
        }
        self.room.borrow_mut().mark_leaving(id, why)
    }

    pub(super) fn rename(&self, id: PeerId, name: &Name) -> Result<Rc<Person>, NameRefused> {
        let host = self.settings.borrow().host.clone();
        let host = host.as_ref();
        let is_guest = self.guests.borrow().by_id(id).is_some();
        let Renamed { before, person } = if is_guest {
            let names = &mut self.room.borrow_mut().names;
            self.guests.borrow_mut().rename(id, name, names, host)?
        } else {
            self.room.borrow_mut().rename(id, name, host)?
        };
        if before.label != person.label {
            self.note_presence(Some(&before), Some(&person));
            self.tell(&Event::Renamed {
                person: &person,
                before: &before.label,
            });
        }
        Ok(person)
    }

    /// A guest's connection is over.
    pub(super) fn guest_left(&self, connection: &Connection, ended: &Ended) {
        self.give_up_comparison(connection);
        self.retire(connection);
        let left = {
            let mut guests = self.guests.borrow_mut();
            let left = guests.leave(connection);
            if guests.is_empty() {
                // Nobody is told, and whoever comes next is told of everyone.
                guests.presence.forget();
                guests.newcomers.clear();
            }
            left
        };
        let Some(mut inside) = left else { return };
        let done: Vec<_> = {
            let deliveries = &mut self.room.borrow_mut().deliveries;
            let missed = inside.host_texts.drain(..);
            missed
                .filter_map(|(message, _)| deliveries.missed(message, &inside.person))
                .collect()
        };
        let why = Self::leaving(ended, inside.leaving.take());
        self.keep_stored();
        self.tell(&Event::Left(&inside.person, &why));
        self.tell_received(done);
    }

    /// Tells the end of stopping, once everybody has gone. Who has not when the time is up is
    /// left to the system, which goes on sending what it has taken.
    fn wait_until_empty(self: &Rc<Self>, deadline: Duration) {
        let inner = Rc::downgrade(self);
        let phase = self.phase.get();
        glib::MainContext::ref_thread_default().spawn_local(async move {
            let mut until = Instant::now() + deadline;
            let mut is_late = false;
            loop {
                let Some(inner) = inner.upgrade() else { return };
                if inner.phase.get() != phase {
                    // Opened again: who is here now may stay.
                    return;
                }
                let is_due = Instant::now() >= until;
                let is_empty = inner.room.borrow().is_empty() && inner.guests.borrow().is_empty();
                if is_empty || (is_due && is_late) {
                    inner.tell(&Event::Stopped);
                    return;
                }
                if is_due {
                    is_late = true;
                    until += STOP_REST;
                    let mut late = inner.room.borrow().connections();
                    late.extend(inner.guests.borrow().connections());
                    for connection in late {
                        connection.close_within(Duration::ZERO);
                    }
                }
                drop(inner);
                glib::timeout_future(STOP_LOOK).await;
            }
        });
    }

    /// What is told of a peer that has gone.
    pub(super) fn leaving(ended: &Ended, decided: Option<Leaving>) -> Leaving {
        match (ended, decided) {
            // What we decided is why, however the connection then ended.
            (_, Some(decided)) => decided,
            (Ended::ByPeer | Ended::ByUs, None) => Leaving::ByPeer,
            (Ended::Aborted, None) => Leaving::Aborted,
            (Ended::Failed(error), None) => Leaving::Failed(error.clone()),
        }
    }
}
