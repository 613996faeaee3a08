//! Addresses that others type to join; pure.

use std::net::{IpAddr, SocketAddr};

use hallway_core::net::address::plain;
use hallway_core::net::addresses::{Address, Interface, reachable};
use hallway_words::{gettext, gettext_f};

use crate::reach::places;

/// An address to join at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meeting {
    /// The network it belongs to, in people's words.
    pub(crate) network: String,
    host: String,
    port: u16,
    /// Address and port as programs take them.
    pub(crate) copied: String,
}

impl Meeting {
    fn new(network: String, host: String, port: u16) -> Self {
        let copied = if host.contains(':') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        };
        Self {
            network,
            host,
            port,
            copied,
        }
    }

    /// Address and port as people read them.
    pub(crate) fn shown(&self) -> String {
        let (address, port) = (self.host.as_str(), self.port.to_string());
        gettext_f(
            "{address}, port {port}",
            &[("address", address), ("port", &port)],
        )
    }

    /// What joins from a terminal.
    pub(crate) fn command(&self) -> String {
        format!("nc {} {}", self.host, self.port)
    }
}

/// Where a room that listens at `bound` can be joined, the best first and this computer last. There
/// is at least one.
pub(crate) fn meetings(interfaces: &[Interface], bound: SocketAddr) -> Vec<Meeting> {
    let port = bound.port();
    let ip = plain(bound).ip();
    if ip.is_loopback() {
        return vec![this_computer(port)];
    }
    let mut meetings: Vec<_> = places(interfaces, ip)
        .into_iter()
        .map(|place| Meeting::new(place.network, place.address.to_string(), port))
        .collect();
    if meetings.is_empty() {
        meetings = remaining(interfaces, ip, port);
    }
    if ip.is_unspecified() {
        meetings.push(this_computer(port));
    }
    meetings
}

/// What is left where there is no address that people like to type.
fn remaining(interfaces: &[Interface], ip: IpAddr, port: u16) -> Vec<Meeting> {
    let meeting = |address: &Address| {
        let network = gettext("This network only");
        Meeting::new(network, address.to_string(), port)
    };
    reachable(interfaces, ip).iter().map(meeting).collect()
}

fn this_computer(port: u16) -> Meeting {
    Meeting::new(gettext("This computer"), "localhost".to_owned(), port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hallway_core::net::addresses::Kind;

    fn interface(addresses: &[&str]) -> Interface {
        let addresses = addresses.iter().map(|text| {
            let ip: IpAddr = text.parse().unwrap();
            Address::from(ip)
        });
        Interface {
            name: "wlan0".to_owned(),
            kind: Kind::WiFi,
            addresses: addresses.collect(),
        }
    }

    fn copied(interfaces: &[Interface], bound: &str) -> Vec<String> {
        let meetings = meetings(interfaces, bound.parse().unwrap());
        meetings.into_iter().map(|meeting| meeting.copied).collect()
    }

    #[test]
    fn the_best_address_is_first_and_this_computer_last() {
        let wifi = [interface(&["192.168.1.20", "2001:db8::20", "fe80::1"])];
        assert_eq!(
            copied(&wifi, "[::]:4255"),
            ["192.168.1.20:4255", "[2001:db8::20]:4255", "localhost:4255"]
        );
        assert_eq!(copied(&wifi, "192.168.1.20:5000"), ["192.168.1.20:5000"]);
        assert_eq!(copied(&wifi, "127.0.0.1:5000"), ["localhost:5000"]);
    }

    #[test]
    fn there_is_always_one() {
        assert_eq!(copied(&[], "[::]:1"), ["localhost:1"]);
        assert_eq!(copied(&[], "10.0.0.5:1"), ["10.0.0.5:1"]);
        let bare = [interface(&["fe80::1"])];
        assert_eq!(copied(&bare, "[::]:1"), ["[fe80::1]:1", "localhost:1"]);
    }

    #[test]
    fn a_terminal_joins_with_nc() {
        let wifi = [interface(&["192.168.1.20"])];
        let meetings = meetings(&wifi, "0.0.0.0:4255".parse().unwrap());
        assert_eq!(meetings[0].command(), "nc 192.168.1.20 4255");
        assert_eq!(meetings[0].shown(), "192.168.1.20, port 4255");
    }
}
