//! This computer's networks in people's words.

use hallway_core::net::addresses::{Address, Interface, Kind};
use hallway_core::text::visible_str;

use crate::{gettext, gettext_f};

/// An address and the way it leads: "Wi-Fi wlan0 — 192.168.1.20".
pub fn place(interface: &Interface, address: &Address) -> String {
    gettext_f(
        // Translators: a network, such as “Wi-Fi wlan0”, and this computer's address there
        "{network} — {address}",
        &[
            ("network", &network(interface)),
            ("address", &address.to_string()),
        ],
    )
}

/// A network, as people call it: "Wi-Fi wlan0".
pub fn network(interface: &Interface) -> String {
    let kind = match interface.kind {
        Kind::Wired => gettext("Wired"),
        Kind::WiFi => gettext("Wi-Fi"),
        Kind::Mobile => gettext("Mobile network"),
        Kind::Other => gettext("Network"),
        Kind::Vpn => gettext("VPN"),
        Kind::ContainerBridge => gettext("Containers"),
        Kind::ThisComputer => gettext("This computer"),
    };
    gettext_f(
        // Translators: the kind of a network, such as “Wi-Fi”, and the system's name for it
        "{kind} {name}",
        &[("kind", &kind), ("name", &visible_str(&interface.name))],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    #[test]
    fn a_place_names_kind_interface_and_address() {
        let address = Address::from(IpAddr::from([192, 168, 1, 20]));
        let interface = Interface {
            name: "wlan0".to_owned(),
            kind: Kind::WiFi,
            addresses: vec![address.clone()],
        };
        assert_eq!(place(&interface, &address), "Wi-Fi wlan0 — 192.168.1.20");
    }

    #[test]
    fn a_name_of_the_systems_takes_no_terminal_over() {
        let interface = Interface {
            name: "eth\u{1b}[2J".to_owned(),
            kind: Kind::Wired,
            addresses: Vec::new(),
        };
        assert_eq!(network(&interface), "Wired eth␛[2J");
    }
}
