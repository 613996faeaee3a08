//! Six digits that the host and a guest compare.
//!
//! Whoever begins a comparison and does not end it has failed at it: else somebody in between could
//! begin until the digits fit.

use std::rc::Rc;
use std::time::Instant;

use hallway_core::net::Connection;
use hallway_core::trust::sas::{Answered, Pair};
use hallway_core::wire::frame::SasNonce;
use hallway_core::wire::values::Nonce;
use hallway_core::wire::{Code, Frame, Hash};

use super::event::{Event, PeerId};
use super::guest::refusal;
use super::guests::Inside;
use super::hearing::tell_guest;
use super::{Hub, Inner};

/// How far a comparison has come.
#[derive(Debug)]
pub(super) enum Comparing {
    /// The guest's nonce is waited for.
    Answered(Answered, Instant),
    /// Both see the digits.
    Shown(Instant),
}

impl Hub {
    /// The host has compared the six digits ([`Event::Compare`]) with those that the guest sees.
    pub fn compared(&self, id: PeerId, are_same: bool) {
        let connection = {
            let mut guests = self.0.guests.borrow_mut();
            let Some(inside) = guests.by_id_mut(id) else {
                return;
            };
            match inside.comparing.take() {
                Some(Comparing::Shown(_)) => inside.connection.clone(),
                other => {
                    inside.comparing = other;
                    return;
                }
            }
        };
        let Some(pair) = self.0.pair(&connection) else {
            return;
        };
        if are_same {
            self.0.guests.borrow_mut().lockout.succeeded(&pair);
        } else {
            self.0.fail_comparison(&connection);
            self.0
                .act(&connection, refusal(Code::Unauthorized, "sas-reveal"));
        }
    }
}

impl Inner {
    fn pair(&self, connection: &Connection) -> Option<Pair> {
        let server = self.archive()?.fingerprint();
        let client = self.guests.borrow().get(connection)?.identity;
        Some(Pair { client, server })
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
        if begun.is_some() {
            self.fail_comparison(connection);
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
            return self.act(connection, refusal(Code::BadFrame, "sas-reveal"));
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
                self.act(connection, refusal(Code::Unauthorized, "sas-reveal"));
            }
        }
    }
}

/// Whether a comparison has taken too long.
pub(super) fn is_overdue(inside: &Inside, patience: std::time::Duration, now: Instant) -> bool {
    let since = match &inside.comparing {
        Some(Comparing::Answered(_, since) | Comparing::Shown(since)) => *since,
        None => return false,
    };
    now.saturating_duration_since(since) >= patience
}
