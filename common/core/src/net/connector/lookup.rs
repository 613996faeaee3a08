//! Names to addresses.
//!
//! The system's look-up cannot be cancelled: given up, it holds a thread until its own
//! time-out. So a name is never asked for twice at once, and never more than a few.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;

use async_channel::{Receiver, TryRecvError};
use gio::prelude::*;

use crate::net::error::Error;
use crate::net::limits;

type Answer = Result<Vec<IpAddr>, glib::Error>;

/// Look-ups that the system may still be busy with, by name.
#[derive(Debug, Default)]
pub(super) struct Lookups(RefCell<HashMap<String, Receiver<Answer>>>);

impl Lookups {
    /// The addresses of `host`, in the order they should be tried. Joins a look-up of the same
    /// name that was given up before it ended.
    pub(super) async fn addresses(&self, host: &str, port: u16) -> Result<Vec<IpAddr>, Error> {
        let answer = self.begin(host)?;
        let addresses = answer.recv().await;
        self.0.borrow_mut().remove(host);
        match addresses {
            Ok(Ok(addresses)) if !addresses.is_empty() => Ok(in_turn(addresses)),
            Ok(Ok(_)) => Err(Error::NameNotFound {
                host: host.to_owned(),
            }),
            Ok(Err(error)) => Err(Error::connecting(host, port, &error)),
            Err(_) => Err(Error::NameServiceSilent {
                host: host.to_owned(),
            }),
        }
    }

    fn begin(&self, host: &str) -> Result<Receiver<Answer>, Error> {
        let mut under_way = self.0.borrow_mut();
        // What ended after it was given up is old news.
        under_way.retain(|_, answer| answer.is_empty() && !answer.is_closed());
        if let Some(answer) = under_way.get(host) {
            return Ok(answer.clone());
        }
        let (sender, receiver) = async_channel::bounded(1);
        if under_way.len() >= limits::LOOKUPS {
            return Err(Error::NameServiceSilent {
                host: host.to_owned(),
            });
        }
        let name = host.to_owned();
        // Without a main context of its own and without a cancellable: the blocking call runs in
        // this thread of GLib's pool and nowhere else.
        gio::spawn_blocking(move || {
            let found = gio::Resolver::default().lookup_by_name(&name, gio::Cancellable::NONE);
            let addresses = found.map(|found| found.into_iter().map(IpAddr::from).collect());
            drop(sender.try_send(addresses));
        });
        under_way.insert(host.to_owned(), receiver.clone());
        debug_assert_ne!(receiver.try_recv().err(), Some(TryRecvError::Closed));
        Ok(receiver)
    }
}

/// IPv6 and IPv4 by turns, beginning with the kind the system put first (RFC 8305, section 4).
fn in_turn(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let first_is_v6 = addresses.first().is_some_and(IpAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut turns = Vec::new();
    loop {
        match (first.next(), second.next()) {
            (None, None) => break,
            (one, other) => turns.extend(one.into_iter().chain(other)),
        }
    }
    turns.truncate(limits::CONNECT_ADDRESSES);
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_addresses_are_tried_by_turns() {
        let addresses = |text: &[&str]| -> Vec<IpAddr> {
            text.iter()
                .map(|address| address.parse().unwrap())
                .collect()
        };
        let found = addresses(&["::1", "::2", "::3", "10.0.0.1"]);
        assert_eq!(
            in_turn(found),
            addresses(&["::1", "10.0.0.1", "::2", "::3"])
        );
        assert_eq!(in_turn(Vec::new()), addresses(&[]));
    }
}
