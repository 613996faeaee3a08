//! Who may still come in: counts in all and per address.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use super::address::place;
use super::{limits, tls};

/// Why a connection was accepted only to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// As many connections as there may be in all.
    Full {
        /// The number allowed.
        limit: usize,
    },
    /// As many connections as one address may have.
    FullForAddress {
        /// The number allowed.
        limit: usize,
    },
    /// The sink does not want anybody from there.
    Unwanted,
}

impl Refusal {
    /// What a TLS client is told that has only said `ClientHello`.
    pub(super) fn alert(self) -> [u8; 7] {
        match self {
            Self::Full { .. } | Self::FullForAddress { .. } => tls::NO_ROOM,
            Self::Unwanted => tls::UNWANTED,
        }
    }
}

/// Somebody who was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, glib::Boxed)]
#[boxed_type(name = "HallwayRefused")]
pub struct Refused {
    /// Where it came from.
    pub peer: SocketAddr,
    /// Why.
    pub why: Refusal,
}

/// Counts connections. Shared by a listener and the tickets it gave out.
#[derive(Debug)]
pub(crate) struct Admission {
    pub(crate) limit: Cell<usize>,
    pub(crate) limit_per_address: Cell<usize>,
    inside: Cell<usize>,
    by_address: RefCell<HashMap<IpAddr, usize>>,
}

impl Default for Admission {
    fn default() -> Self {
        Self {
            limit: Cell::new(limits::CONNECTIONS),
            limit_per_address: Cell::new(limits::CONNECTIONS_PER_ADDRESS),
            inside: Cell::default(),
            by_address: RefCell::default(),
        }
    }
}

impl Admission {
    /// Connections that are in.
    pub(crate) fn inside(&self) -> usize {
        self.inside.get()
    }

    /// Lets `peer` in, or says why not. The ticket holds its place. Per address this computer's own
    /// are not counted.
    pub(crate) fn admit(self: &Rc<Self>, peer: SocketAddr) -> Result<Ticket, Refusal> {
        let limit = self.limit.get();
        if self.inside.get() >= limit {
            return Err(Refusal::Full { limit });
        }
        let place = Some(place(peer)).filter(|place| !place.is_loopback());
        if let Some(place) = place {
            let limit = self.limit_per_address.get();
            let mut by_address = self.by_address.borrow_mut();
            let count = by_address.get(&place).copied().unwrap_or(0);
            if count >= limit {
                return Err(Refusal::FullForAddress { limit });
            }
            by_address.insert(place, count + 1);
        }
        self.inside.set(self.inside.get() + 1);
        Ok(Ticket {
            admission: Rc::clone(self),
            place,
        })
    }
}

/// A place that a connection holds until this is dropped.
#[derive(Debug)]
pub(crate) struct Ticket {
    admission: Rc<Admission>,
    place: Option<IpAddr>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let inside = &self.admission.inside;
        inside.set(inside.get().saturating_sub(1));
        let Some(place) = self.place else { return };
        let mut by_address = self.admission.by_address.borrow_mut();
        if let Some(count) = by_address.get_mut(&place) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(limit: usize, limit_per_address: usize) -> Rc<Admission> {
        let admission = Rc::new(Admission::default());
        admission.limit.set(limit);
        admission.limit_per_address.set(limit_per_address);
        admission
    }

    fn peer(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_place_is_free_again_when_its_ticket_is_dropped() {
        let admission = admission(1, 1);
        let ticket = admission.admit(peer("192.0.2.1:1")).unwrap();
        let refused = admission.admit(peer("192.0.2.2:1")).unwrap_err();
        assert_eq!(refused, Refusal::Full { limit: 1 });
        drop(ticket);
        assert_eq!(admission.inside(), 0);
        assert!(admission.by_address.borrow().is_empty());
        assert!(admission.admit(peer("192.0.2.2:1")).is_ok());
    }

    #[test]
    fn one_network_of_ipv6_is_one_address() {
        let admission = admission(limits::NONE, 2);
        let _tickets = [
            admission.admit(peer("[2001:db8::1]:1")).unwrap(),
            admission.admit(peer("[2001:db8::2:1]:1")).unwrap(),
            admission.admit(peer("[2001:db8:0:1::1]:1")).unwrap(),
        ];
        let refused = admission.admit(peer("[2001:db8::3]:1")).unwrap_err();
        assert_eq!(refused, Refusal::FullForAddress { limit: 2 });
    }

    #[test]
    fn mapped_ipv4_counts_as_ipv4_and_this_computer_does_not_count() {
        let admission = admission(limits::NONE, 1);
        let _first = admission.admit(peer("192.0.2.1:1")).unwrap();
        assert!(admission.admit(peer("[::ffff:192.0.2.1]:2")).is_err());
        let own = [
            "127.0.0.1:1",
            "127.0.0.1:2",
            "[::ffff:127.0.0.1]:1",
            "[::1]:1",
            "[::1]:2",
        ];
        let _own: Vec<_> = own.map(|own| admission.admit(peer(own)).unwrap()).into();
        assert_eq!(admission.inside(), 6);
    }
}
