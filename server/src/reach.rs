//! Where others can reach the room, said at the start and whenever that changes.

use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};

use hallway_core::net::addresses::{Address, Interface, Kind, Watcher, reachable};
use hallway_words::places::{network, place};

use crate::words;

/// Addresses named at most. Who has more knows them.
const PLACES: usize = 8;

/// An address under which others find the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The network in people's words.
    pub(crate) network: String,
    /// This computer's address there.
    pub(crate) address: Address,
    /// Both as one text.
    pub(crate) words: String,
}

/// Watches this computer's addresses for a room.
pub(crate) struct Reach {
    watcher: Watcher,
    bound: SocketAddr,
    told: RefCell<Vec<String>>,
}

impl Reach {
    /// Watches for a room that listens at `bound`; nothing where only this computer reaches it.
    pub(crate) fn new(bound: SocketAddr) -> Option<Self> {
        (!bound.ip().is_loopback()).then(|| Self {
            watcher: Watcher::new(),
            bound,
            told: RefCell::default(),
        })
    }

    /// Calls `then` whenever this computer's addresses have changed.
    pub(crate) fn connect_changed(&self, then: impl Fn() + 'static) {
        self.watcher.connect_changed(move |_| then());
    }

    /// A sentence for every address that was not told before. What is gone may be told again.
    pub(crate) fn news(&self) -> Vec<String> {
        let now: Vec<_> = places(&self.watcher.interfaces(), self.bound.ip())
            .into_iter()
            .map(|place| place.words)
            .collect();
        let before = self.told.replace(now.clone());
        let mut news = now;
        news.retain(|place| !before.contains(place));
        let port = self.bound.port();
        news.iter()
            .map(|place| words::reachable(place, port))
            .collect()
    }
}

/// Where somebody else can reach what listens at `bound`; what people would rather not be told is
/// left out.
pub(crate) fn places(interfaces: &[Interface], bound: IpAddr) -> Vec<Place> {
    let interface_of = |address: &Address| {
        let has_address = |interface: &&Interface| interface.addresses.contains(address);
        interfaces.iter().find(has_address)
    };
    reachable(interfaces, bound)
        .into_iter()
        // Nobody types a link-local address, and nobody but containers is behind their bridge.
        .filter(|address| !address.is_ipv6_link_local())
        .filter_map(|address| Some((interface_of(&address)?, address)))
        .filter(|(interface, _)| interface.kind != Kind::ContainerBridge)
        .map(|(interface, address)| Place {
            network: network(interface),
            words: place(interface, &address),
            address,
        })
        .take(PLACES)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(name: &str, kind: Kind, addresses: &[&str]) -> Interface {
        let addresses = addresses.iter().map(|text| {
            let ip: IpAddr = text.parse().unwrap();
            Address::from(ip)
        });
        Interface {
            name: name.to_owned(),
            kind,
            addresses: addresses.collect(),
        }
    }

    #[test]
    fn only_what_others_can_use_is_named() {
        let interfaces = [
            interface("wlan0", Kind::WiFi, &["192.168.1.20", "2001:db8::20"]),
            interface("docker0", Kind::ContainerBridge, &["172.17.0.1"]),
            interface("lo", Kind::ThisComputer, &["127.0.0.1", "::1"]),
        ];
        let at = |bound: &str| {
            let places = places(&interfaces, bound.parse().unwrap());
            let words = places.into_iter().map(|place| place.words);
            words.collect::<Vec<_>>()
        };
        let wifi = "Wi-Fi wlan0 — 192.168.1.20";
        assert_eq!(at("::"), [wifi, "Wi-Fi wlan0 — 2001:db8::20"]);
        assert_eq!(at("0.0.0.0"), [wifi]);
        assert_eq!(at("192.168.1.20"), [wifi]);
        assert!(Reach::new("127.0.0.1:4255".parse().unwrap()).is_none());
    }
}
