//! Where others can reach the room, said at the start and whenever that changes.

use std::cell::RefCell;
use std::net::SocketAddr;

use hallway_core::net::addresses::{Address, Interface, Kind, Watcher, reachable};
use hallway_words::places::place;

use crate::words;

/// Addresses named at most. Who has more knows them.
const PLACES: usize = 8;

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
        let now = places(&self.watcher.interfaces(), self.bound);
        let before = self.told.replace(now.clone());
        let mut news = now;
        news.retain(|place| !before.contains(place));
        let port = self.bound.port();
        news.iter()
            .map(|place| words::reachable(place, port))
            .collect()
    }
}

/// Where somebody else can reach what listens at `bound`, in people's words.
fn places(interfaces: &[Interface], bound: SocketAddr) -> Vec<String> {
    let interface_of = |address: &Address| {
        let has_address = |interface: &&Interface| interface.addresses.contains(address);
        interfaces.iter().find(has_address)
    };
    reachable(interfaces, bound.ip())
        .iter()
        // Nobody types a link-local address, and nobody but containers is behind their bridge.
        .filter(|address| !address.is_ipv6_link_local())
        .filter_map(|address| Some((interface_of(address)?, address)))
        .filter(|(interface, _)| interface.kind != Kind::ContainerBridge)
        .map(|(interface, address)| place(interface, address))
        .take(PLACES)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

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
        let at = |bound: &str| places(&interfaces, bound.parse().unwrap());
        let wifi = "Wi-Fi wlan0 — 192.168.1.20";
        assert_eq!(at("[::]:4255"), [wifi, "Wi-Fi wlan0 — 2001:db8::20"]);
        assert_eq!(at("0.0.0.0:4255"), [wifi]);
        assert_eq!(at("192.168.1.20:4255"), [wifi]);
        assert!(Reach::new("127.0.0.1:4255".parse().unwrap()).is_none());
    }
}
