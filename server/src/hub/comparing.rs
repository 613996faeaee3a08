//! Six digits that the host and a guest compare.
//!
//! Whoever begins a comparison and does not end it has failed at it: else somebody in between could
//! begin until the digits fit.

use std::rc::Rc;
use std::time::Instant;

use hallway_core::net::Connection;
use hallway_core::trust::sas::{Answered, Found, Pair};
use hallway_core::wire::frame::{SAS_REVEAL, SasNonce};
use hallway_core::wire::values::Nonce;
use hallway_core::wire::{Code, Frame, Hash};

use super::archive::Archive;
use super::event::{Event, PeerId};
use super::guest::refusal;
use super::guests::{Inside, label};
use super::hearing::tell_guest;
use super::{Hub, Inner};

/// How far a comparison has come.
#[derive(Debug)]
pub(super) enum Comparing {
    /// The guest's nonce is waited for.
    Answered(Answered, Instant),
    /// Both see the digits.
    Shown(Instant),
    /// The host found the same; the guest may still find others.
    Same,
}

impl Hub {
    /// The host has compared the six digits ([`Event::Compare`]) with those that the guest sees. False:
    /// that comparison is over.
    pub fn compared(&self, id: PeerId, found: Found) -> bool {
        let connection = {
            let mut guests = self.0.guests.borrow_mut();
            let Some(inside) = guests.by_id_mut(id) else {
                return false;
            };
            if !matches!(inside.comparing, Some(Comparing::Shown(_))) {
                return false;
            }
            inside.comparing = (found == Found::Same).then_some(Comparing::Same);
            inside.connection.clone()
        };
        match found.code() {
            None => {
                if let Some(pair) = self.0.pair(&connection) {
                    self.0.guests.borrow_mut().lockout.succeeded(&pair);
                }
                self.0.remember(&connection, true);
            }
            Some(code) => {
                self.0.fail_comparison(&connection);
                if found == Found::Different {
                    self.0.remember(&connection, false);
                }
                self.0.act(&connection, refusal(code, SAS_REVEAL));
            }
        }
        true
    }
}

impl Inner {
    fn pair(&self, connection: &Connection) -> Option<Pair> {
        let server = self.archive()?.fingerprint();
        let client = self.guests.borrow().get(connection)?.identity;
        Some(Pair { client, server })
    }

    /// Somebody is who they say they are, or is doubted: that is written down, where there is a place
    /// for it.
    fn remember(&self, connection: &Connection, is_verified: bool) {
        let Some(known) = self.archive().and_then(Archive::known) else {
            return;
        };
        let guests = self.guests.borrow();
        if let Some(inside) = guests.get(connection) {
            let name = label(&inside.person);
            known.note_later(inside.identity, name, is_verified);
        }
    }

    /// A comparison has failed, or was not ended.
    fn fail_comparison(&self, connection: &Connection) {
        if let (Some(pair), Some(peer)) = (self.pair(connection), connection.peer()) {
            let lockout = &mut self.guests.borrow_mut().lockout;
            lockout.failed(pair, peer, Instant::now());
        }
    }

    /// Somebody is about to be forgotten who may have begun a comparison.
    pub(super) fn give_up_comparison(&self, connection: &Connection) {
        let begun = self
            .guests
            .borrow_mut()
            .get_mut(connection)
            .and_then(|inside| inside.comparing.take());
        if matches!(begun, Some(Comparing::Answered(..) | Comparing::Shown(_))) {
            self.fail_comparison(connection);
        }
    }

    /// Nobody came to an end with a comparison.
    pub(super) fn end_comparison(&self, connection: &Connection) {
        self.give_up_comparison(connection);
        self.act(connection, refusal(Code::NotFound, SAS_REVEAL));
        self.tell_found(connection, Found::Nothing);
    }

    /// A guest has compared the digits, and did not find the same.
    pub(super) fn found_there(&self, connection: &Connection, found: Found) {
        let is_about_one = {
            let mut guests = self.guests.borrow_mut();
            let Some(inside) = guests.get_mut(connection) else {
                return;
            };
            // The host found the same: that they looked no further takes nothing of it.
            let is_about_one = match inside.comparing {
                Some(Comparing::Shown(_)) => true,
                Some(Comparing::Same) => found == Found::Different,
                Some(Comparing::Answered(..)) | None => false,
            };
            if is_about_one {
                inside.comparing = None;
            }
            is_about_one
        };
        if is_about_one {
            self.fail_comparison(connection);
            if found == Found::Different {
                self.remember(connection, false);
            }
            self.tell_found(connection, found);
        }
    }

    fn tell_found(&self, connection: &Connection, found: Found) {
        let person = {
            let guests = self.guests.borrow();
            let inside = guests.get(connection);
            inside.map(|inside| Rc::clone(&inside.person))
        };
        if let Some(person) = person {
            self.tell(&Event::Found {
                person: &person,
                found,
            });
        }
    }

    /// The first step came.
    pub(super) fn answer_commit(&self, connection: &Connection, commit: Hash) {
        self.give_up_comparison(connection);
        let (Some(pair), Some(peer)) = (self.pair(connection), connection.peer()) else {
            return;
        };
        let now = Instant::now();
        let locked = self.guests.borrow().lockout.locked_until(&pair, peer, now);
        if locked.is_some() {
            return self.act(connection, refusal(Code::Unauthorized, "sas-commit"));
        }
        let Ok((answered, nonce)) = Answered::new(pair, commit) else {
            return self.act(connection, refusal(Code::Internal, "sas-commit"));
        };
        if let Some(inside) = self.guests.borrow_mut().get_mut(connection) {
            inside.comparing = Some(Comparing::Answered(answered, now));
        }
        tell_guest(connection, &Frame::SasNonce(SasNonce { nonce }));
    }

    /// The last step came.
    pub(super) fn check_reveal(&self, connection: &Connection, nonce: &Nonce) {
        let begun = {
            let mut guests = self.guests.borrow_mut();
            let Some(inside) = guests.get_mut(connection) else {
                return;
            };
            let person = Rc::clone(&inside.person);
            match inside.comparing.take() {
                Some(Comparing::Answered(answered, since)) => Some((answered, since, person)),
                other => {
                    inside.comparing = other;
                    None
                }
            }
        };
        let Some((answered, since, person)) = begun else {
            return self.act(connection, refusal(Code::BadFrame, SAS_REVEAL));
        };
        match answered.check(nonce) {
            Ok(code) => {
                if let Some(inside) = self.guests.borrow_mut().get_mut(connection) {
                    inside.comparing = Some(Comparing::Shown(since));
                }
                self.tell(&Event::Compare {
                    person: &person,
                    code,
                });
            }
            Err(_not_committed) => {
                self.fail_comparison(connection);
                self.act(connection, refusal(Code::Unauthorized, SAS_REVEAL));
            }
        }
    }
}

/// Whether a comparison has taken too long.
pub(super) fn is_overdue(inside: &Inside, patience: std::time::Duration, now: Instant) -> bool {
    let since = match &inside.comparing {
        Some(Comparing::Answered(_, since) | Comparing::Shown(since)) => *since,
        Some(Comparing::Same) | None => return false,
    };
    now.saturating_duration_since(since) >= patience
}
