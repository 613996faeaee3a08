//! This computer's addresses, typed so that the programs can put them into people's words.
//!
//! [`current`] reads them once, [`Watcher`] keeps them fresh, [`reachable`] tells where others find a
//! listener. Nothing here is translated: [`Kind`] says "Wi-Fi", a program says it in a language.

use std::{collections::BTreeMap, io, net::IpAddr, path::Path};

use nix::{
    ifaddrs::InterfaceAddress,
    net::if_::InterfaceFlags,
    sys::socket::{SockaddrIn, SockaddrIn6, SockaddrStorage},
};

mod address;
mod kind;
mod netlink;
mod watcher;

pub use self::{
    address::{Address, Scope},
    kind::Kind,
    watcher::Watcher,
};

/// Most addresses looked at, over all interfaces. A host of many containers has some hundreds; a list
/// for people ends long before.
const MAX_ADDRESSES: usize = 1024;

/// Where the kernel describes its interfaces.
const SYS_CLASS_NET: &str = "/sys/class/net";

/// A network interface that is up and has at least one address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Interface {
    /// The kernel's name, for example `wlan0`. Chosen by whoever set the interface up: a program makes
    /// it safe to show like any other foreign text.
    pub name: String,
    /// What people would call it.
    pub kind: Kind,
    /// Its addresses, the most useful first: IPv4, then IPv6 global, unique local and link-local.
    pub addresses: Vec<Address>,
}

/// Lists the interfaces that are up and running and have an address: real networks first, this computer
/// itself last. The same system state gives the same list.
///
/// # Errors
///
/// What `getifaddrs(3)` says, for example that no descriptor is left.
pub fn current() -> io::Result<Vec<Interface>> {
    let found = nix::ifaddrs::getifaddrs()?
        .filter_map(|entry| Found::from_system(&entry))
        .take(MAX_ADDRESSES);
    Ok(gather(found, |name, loopback| {
        kind::Facts::read(Path::new(SYS_CLASS_NET), name, loopback).kind()
    }))
}

/// Whether `ip` belongs to an interface that is connected to nothing at the moment: a cable is out,
/// a wireless network is being looked for.
pub(crate) fn is_unplugged(ip: IpAddr) -> bool {
    let Ok(mut all) = nix::ifaddrs::getifaddrs() else {
        return false;
    };
    all.any(|entry| {
        let is_idle = !entry.flags.contains(InterfaceFlags::IFF_RUNNING);
        let own = entry.address.as_ref();
        let own = own.and_then(|storage| address_from_system(storage, &entry.interface_name));
        is_idle && own.is_some_and(|own| own.ip() == ip)
    })
}

/// Where others can reach a listener bound to `bound`, the most useful address first and link-local IPv6
/// last.
///
/// An unspecified `bound` means every address except this computer's own loopback ones: of both families
/// for `::` (a dual-stack listener), IPv4 only for `0.0.0.0`. A concrete one means itself, loopback
/// included, and gets its scope from `interfaces`.
pub fn reachable(interfaces: &[Interface], bound: IpAddr) -> Vec<Address> {
    let bound = bound.to_canonical();
    let every = interfaces.iter().flat_map(|interface| {
        let own = interface.kind == Kind::ThisComputer;
        interface
            .addresses
            .iter()
            .map(move |address| (own, address))
    });
    if !bound.is_unspecified() {
        let scoped = every
            .map(|(_, address)| address)
            .find(|address| address.ip() == bound);
        return vec![scoped.cloned().unwrap_or_else(|| bound.into())];
    }
    let mut addresses: Vec<Address> = Vec::new();
    for (own, address) in every {
        let family = bound.is_ipv6() || address.ip().is_ipv4();
        if family && !own && !address.ip().is_loopback() && !addresses.contains(address) {
            addresses.push(address.clone());
        }
    }
    addresses.sort_by_key(Address::is_ipv6_link_local);
    addresses
}

/// One address as the system lists it.
#[derive(Debug)]
struct Found {
    interface: String,
    loopback: bool,
    address: Address,
}

impl Found {
    /// Nothing for other families and for interfaces that are down or without a carrier: nobody is
    /// reached through a cable that is not plugged in.
    fn from_system(entry: &InterfaceAddress) -> Option<Self> {
        let works = InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING;
        if !entry.flags.contains(works) {
            return None;
        }
        // An IPv4 address may carry a label of its own, `eth0:1`, in place of the name.
        let name = entry.interface_name.split(':').next()?;
        let storage = entry.address.as_ref()?;
        Some(Self {
            interface: name.to_owned(),
            loopback: entry.flags.contains(InterfaceFlags::IFF_LOOPBACK),
            address: address_from_system(storage, name)?,
        })
    }
}

fn address_from_system(storage: &SockaddrStorage, interface: &str) -> Option<Address> {
    let v4 = storage.as_sockaddr_in().map(SockaddrIn::ip);
    v4.map(|ip| IpAddr::from(ip).into()).or_else(|| {
        let v6: &SockaddrIn6 = storage.as_sockaddr_in6()?;
        Some(Address::scoped(v6.ip(), v6.scope_id(), interface))
    })
}

/// Collects addresses by interface, in the order promised by [`current`].
fn gather(found: impl Iterator<Item = Found>, kind: impl Fn(&str, bool) -> Kind) -> Vec<Interface> {
    let mut by_name: BTreeMap<String, Interface> = BTreeMap::new();
    for Found {
        interface: name,
        loopback,
        address,
    } in found
    {
        by_name
            .entry(name)
            .or_insert_with_key(|name| Interface {
                name: name.clone(),
                kind: kind(name, loopback),
                addresses: Vec::new(),
            })
            .addresses
            .push(address);
    }
    let mut interfaces: Vec<_> = by_name.into_values().collect();
    for interface in &mut interfaces {
        interface.addresses.sort();
        interface.addresses.dedup();
    }
    // Stable: interfaces of one kind stay in the order of their names.
    interfaces.sort_by_key(|interface| interface.kind);
    interfaces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(interface: &str, ip: &str, scope_id: u32) -> Found {
        let address = match ip.parse().expect("the test gives an address") {
            IpAddr::V6(v6) => Address::scoped(v6, scope_id, interface),
            v4 @ IpAddr::V4(_) => v4.into(),
        };
        Found {
            interface: interface.to_owned(),
            loopback: interface == "lo",
            address,
        }
    }

    fn office() -> Vec<Interface> {
        let found = [
            found("lo", "127.0.0.1", 0),
            found("docker0", "172.17.0.1", 0),
            found("wlan0", "fe80::2", 3),
            found("wlan0", "fd00::2", 0),
            found("wlan0", "2001:db8::2", 0),
            found("wlan0", "192.168.1.20", 0),
            found("eth1", "169.254.7.7", 0),
            found("eth1", "10.0.0.5", 0),
            found("eth1", "10.0.0.5", 0),
            found("eth0", "fe80::2", 2),
            found("tun0", "10.8.0.2", 0),
            found("lo", "::1", 0),
        ];
        gather(found.into_iter(), |name, loopback| match name {
            _ if loopback => Kind::ThisComputer,
            "docker0" => Kind::ContainerBridge,
            "tun0" => Kind::Vpn,
            "wlan0" => Kind::WiFi,
            _ => Kind::Wired,
        })
    }

    fn shown(addresses: &[Address]) -> Vec<String> {
        addresses.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn real_networks_come_first_and_useful_addresses_before_others() {
        let office = office();
        let names: Vec<_> = office
            .iter()
            .map(|interface| interface.name.as_str())
            .collect();
        assert_eq!(names, ["eth0", "eth1", "wlan0", "tun0", "docker0", "lo"]);
        assert_eq!(shown(&office[1].addresses), ["10.0.0.5", "169.254.7.7"]);
        assert_eq!(
            shown(&office[2].addresses),
            ["192.168.1.20", "2001:db8::2", "fd00::2", "fe80::2%wlan0"]
        );
    }

    #[test]
    fn every_network_is_reached_everywhere_but_on_loopback() {
        let v4 = [
            "10.0.0.5",
            "169.254.7.7",
            "192.168.1.20",
            "10.8.0.2",
            "172.17.0.1",
        ];
        let bound = |text: &str| text.parse::<IpAddr>().expect("the test gives an address");
        assert_eq!(shown(&reachable(&office(), bound("0.0.0.0"))), v4);
        assert_eq!(shown(&reachable(&office(), bound("::ffff:0.0.0.0"))), v4);
        assert_eq!(
            shown(&reachable(&office(), bound("::"))),
            [
                "10.0.0.5",
                "169.254.7.7",
                "192.168.1.20",
                "2001:db8::2",
                "fd00::2",
                "10.8.0.2",
                "172.17.0.1",
                "fe80::2%eth0",
                "fe80::2%wlan0",
            ]
        );
    }

    #[test]
    fn one_address_is_reached_at_itself() {
        for (bound, expected) in [
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "::1"),
            ("192.168.1.20", "192.168.1.20"),
            ("::ffff:192.168.1.20", "192.168.1.20"),
            ("203.0.113.1", "203.0.113.1"),
            ("fe80::2", "fe80::2%eth0"),
            ("fe80::9", "fe80::9"),
        ] {
            let bound = bound.parse().expect("the test gives an address");
            assert_eq!(shown(&reachable(&office(), bound)), [expected]);
        }
    }

    #[test]
    fn this_computer_is_always_there() {
        let interfaces = current().expect("the system lists its interfaces");
        let own = interfaces.last().expect("there is loopback");
        assert_eq!(own.kind, Kind::ThisComputer);
        assert_eq!(shown(&own.addresses)[0], "127.0.0.1");
        assert_eq!(
            interfaces,
            current().expect("the system lists its interfaces")
        );
    }
}
