//! Names to addresses.
//!
//! The system's look-up cannot be cancelled: given up, it holds a thread until its own
//! time-out. So a name is never asked for twice at once, and never more than a few.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;

use async_channel::{Receiver, Sender};
use gio::prelude::*;

use crate::net::error::Error;
use crate::net::limits;

type Answer = Result<Vec<IpAddr>, glib::Error>;

/// Where an answer comes out. It is put back for others who wait for the same one.
type UnderWay = (Sender<Answer>, Receiver<Answer>);

/// Look-ups that the system may still be busy with, by name.
#[derive(Debug, Default)]
pub(super) struct Lookups(RefCell<HashMap<String, UnderWay>>);

impl Lookups {
    /// The addresses of `host`, in the order they should be tried. Joins a look-up of the same
    /// name that is under way, whether somebody waits for it or it was given up.
    pub(super) async fn addresses(&self, host: &str, port: u16) -> Result<Vec<IpAddr>, Error> {
        let (others, answer) = self.begin(host)?;
        let addresses = answer.recv().await;
        if let Ok(addresses) = &addresses {
            drop(others.try_send(addresses.clone()));
        }
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

    fn begin(&self, host: &str) -> Result<UnderWay, Error> {
        let mut under_way = self.0.borrow_mut();
        // What has been answered is old news.
        under_way.retain(|_, (_, answer)| answer.is_empty());
        if let Some(same) = under_way.get(host) {
            return Ok(same.clone());
        }
        if under_way.len() >= limits::LOOKUPS {
            return Err(Error::NameServiceSilent {
                host: host.to_owned(),
            });
        }
        let (sender, receiver) = async_channel::bounded(1);
        under_way.insert(host.to_owned(), (sender.clone(), receiver.clone()));
        let (name, answer) = (host.to_owned(), sender.clone());
        // Without a main context of its own and without a cancellable: the blocking call runs in
        // this thread of GLib's pool and nowhere else.
        gio::spawn_blocking(move || {
            let found = gio::Resolver::default().lookup_by_name(&name, gio::Cancellable::NONE);
            let addresses = found.map(|found| found.into_iter().map(IpAddr::from).collect());
            drop(answer.try_send(addresses));
        });
        Ok((sender, receiver))
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
