//! The places to choose from when the room is opened; pure.

use std::net::SocketAddr;

use hallway_core::net::ListenAddress;
use hallway_core::net::addresses::{Interface, Kind};
use hallway_words::places::place;
use hallway_words::{gettext, gettext_f};

/// A place to listen at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) address: ListenAddress,
    /// What a person calls it.
    pub(crate) words: String,
    /// What the settings call it; the command line understands it too.
    pub(crate) stored: String,
}

/// What there is to choose from, `chosen` among it even where this computer does not have it now, or
/// where it is not known yet what it has.
pub(crate) fn choices(interfaces: Option<&[Interface]>, chosen: ListenAddress) -> Vec<Choice> {
    let mut choices = vec![choice(
        ListenAddress::Everywhere,
        gettext("Every network"),
        "",
    )];
    for interface in interfaces.unwrap_or_default() {
        choices.extend(of_interface(interface));
    }
    let is_known = |choice: &Choice| choice.address == chosen;
    if let ListenAddress::One(address) = chosen
        && !choices.iter().any(is_known)
    {
        choices.push(unusual(address, interfaces.is_some()));
    }
    let own = gettext("This computer only");
    choices.push(choice(ListenAddress::ThisComputer, own, "localhost"));
    choices
}

/// Who can join a room there.
pub(crate) fn invitation(address: ListenAddress) -> String {
    match address {
        ListenAddress::ThisComputer => gettext("Only programs on this computer can join."),
        ListenAddress::One(address) if address.ip().to_canonical().is_loopback() => {
            gettext("Only programs on this computer can join.")
        }
        ListenAddress::One(address) if !address.ip().is_unspecified() => {
            gettext("Anyone on this network can join, no account needed.")
        }
        ListenAddress::One(_) | ListenAddress::Everywhere => {
            gettext("Anyone on your networks can join, no account needed.")
        }
    }
}

/// An interface's addresses. Link-local IPv6 only where there is nothing that is easier to type.
fn of_interface(interface: &Interface) -> Vec<Choice> {
    if interface.kind == Kind::ThisComputer {
        return Vec::new();
    }
    let addresses = || interface.addresses.iter();
    let has_other = addresses().any(|address| !address.is_ipv6_link_local());
    addresses()
        .filter(|address| !(has_other && address.is_ipv6_link_local()))
        .map(|address| {
            let listen = ListenAddress::One(address.socket_address(0));
            choice(listen, place(interface, address), &address.to_string())
        })
        .collect()
}

/// An address that no interface has now, as far as that is known, or that stands for several.
fn unusual(address: SocketAddr, is_known: bool) -> Choice {
    let ip = match address {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
        _ => address.ip().to_string(),
    };
    let values = [("address", ip.as_str())];
    let words = if address.ip().is_unspecified() {
        gettext_f("Every IPv4 network — {address}", &values)
    } else if address.ip().is_loopback() {
        gettext_f("This computer only — {address}", &values)
    } else if is_known {
        gettext_f("Not connected now — {address}", &values)
    } else {
        ip.clone()
    };
    choice(ListenAddress::One(address), words, &ip)
}

fn choice(address: ListenAddress, words: String, stored: &str) -> Choice {
    let stored = stored.to_owned();
    Choice {
        address,
        words,
        stored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hallway_core::net::addresses::Address;
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

    fn words(choices: &[Choice]) -> Vec<&str> {
        choices.iter().map(|choice| &*choice.words).collect()
    }

    #[test]
    fn every_network_first_and_this_computer_last() {
        let interfaces = [
            interface("eth0", Kind::Wired, &["fe80::1"]),
            interface("wlan0", Kind::WiFi, &["192.168.1.20", "fd00::2", "fe80::2"]),
            interface("lo", Kind::ThisComputer, &["127.0.0.1", "::1"]),
        ];
        let choices = choices(Some(&interfaces), ListenAddress::Everywhere);
        let expected = [
            "Every network",
            "Wired eth0 — fe80::1",
            "Wi-Fi wlan0 — 192.168.1.20",
            "Wi-Fi wlan0 — fd00::2",
            "This computer only",
        ];
        assert_eq!(words(&choices), expected);
        let stored: Vec<_> = choices.iter().map(|choice| &*choice.stored).collect();
        assert_eq!(
            stored,
            ["", "fe80::1", "192.168.1.20", "fd00::2", "localhost"]
        );
    }

    #[test]
    fn what_was_chosen_stays_when_its_network_goes() {
        let chosen = |text: &str| choices(Some(&[]), text.parse().unwrap());
        let there = |text| words(&chosen(text)).join(" | ");
        let text = "Every network | Not connected now — 10.0.0.5 | This computer only";
        assert_eq!(there("10.0.0.5"), text);
        assert_eq!(there("localhost"), "Every network | This computer only");
        assert!(there("0.0.0.0").contains("Every IPv4 network — 0.0.0.0"));
        assert!(there("127.0.0.1").contains("This computer only — 127.0.0.1"));
        assert_eq!(chosen("fe80::1%7")[1].stored, "fe80::1%7");
        let unknown = choices(None, "10.0.0.5".parse().unwrap());
        let text = "Every network | 10.0.0.5 | This computer only";
        assert_eq!(words(&unknown).join(" | "), text);
    }

    #[test]
    fn people_are_told_who_can_join() {
        let told = |text: &str| invitation(text.parse().unwrap());
        assert_eq!(told("localhost"), told("::1"));
        assert_eq!(told("*"), told("0.0.0.0"));
        assert_ne!(told("10.0.0.5"), told("*"));
    }
}
