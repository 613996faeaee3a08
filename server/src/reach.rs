//! Where others can reach the room, said at the start and whenever that changes.

use std::cell::RefCell;
use std::net::IpAddr;

use hallway_core::net::Bound;
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
    bound: Vec<Bound>,
    told: RefCell<Vec<String>>,
}

impl Reach {
    /// Watches for a room that listens there; nothing where only this computer reaches it.
    pub(crate) fn new(mut bound: Vec<Bound>) -> Option<Self> {
        bound.retain(|bound| !bound.address.ip().is_loopback());
        (!bound.is_empty()).then(|| Self {
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
        let now = sentences(&self.watcher.interfaces(), &self.bound);
        let before = self.told.replace(now.clone());
        let mut news = now;
        news.retain(|sentence| !before.contains(sentence));
        news
    }
}

/// Where others can reach it, each way once.
fn sentences(interfaces: &[Interface], bound: &[Bound]) -> Vec<String> {
    let mut sentences = Vec::new();
    for bound in bound {
        let port = bound.address.port();
        for place in places(interfaces, bound.address.ip()) {
            let sentence = words::reachable(&place.words, port);
            let is_taken_in = !(bound.is_ipv6_only && place.address.ip().is_ipv4());
            if is_taken_in && !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
        }
    }
    sentences
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
    }

    #[test]
    fn several_sockets_name_each_way_once() {
        let interfaces = [interface(
            "wlan0",
            Kind::WiFi,
            &["192.168.1.20", "2001:db8::20"],
        )];
        let bound = |address: &str, is_ipv6_only| Bound {
            address: address.parse().unwrap(),
            is_ipv6_only,
        };
        let four = words::reachable("Wi-Fi wlan0 — 192.168.1.20", 4255);
        let six = words::reachable("Wi-Fi wlan0 — 2001:db8::20", 4255);
        let both = [bound("0.0.0.0:4255", false), bound("[::]:4255", true)];
        assert_eq!(sentences(&interfaces, &both), [four.as_str(), six.as_str()]);
        assert_eq!(sentences(&interfaces, &both[1..]), [six.as_str()]);
        let dual = bound("[::]:4255", false);
        assert_eq!(sentences(&interfaces, &[dual, both[0]]), [four, six]);
        assert!(Reach::new(vec![bound("127.0.0.1:4255", false)]).is_none());
    }
}
