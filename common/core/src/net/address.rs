//! Socket addresses as people know them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The TCP port of Hallway: HALL on the keys of a phone.
pub const DEFAULT_PORT: u16 = 4255;

/// The same address with an IPv4 peer of a dual-stack socket (`::ffff:a.b.c.d`) as IPv4.
pub fn plain(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V6(v6) => match v6.ip().to_ipv4_mapped() {
            Some(v4) => SocketAddr::from((v4, v6.port())),
            None => address,
        },
        SocketAddr::V4(_) => address,
    }
}

/// What counts as one place: an IPv4 address, an IPv6 network of 64 bits, which is what one
/// computer may choose its addresses from.
pub fn place(address: SocketAddr) -> IpAddr {
    match plain(address).ip() {
        IpAddr::V6(ip) if !ip.is_loopback() => {
            let network = ip.to_bits() & !u128::from(u64::MAX);
            Ipv6Addr::from_bits(network).into()
        }
        ip => ip,
    }
}

/// `192.168.1.20:4255`, `[fe80::1%3]:4255`.
pub fn shown(address: SocketAddr) -> String {
    plain(address).to_string()
}

/// Where a [`Listener`](super::Listener) listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ListenAddress {
    /// Every network, IPv4 and IPv6 on one socket where the system has both.
    #[default]
    Everywhere,
    /// This computer only: both loopback addresses.
    ThisComputer,
    /// One address; for link-local IPv6 with its scope. `0.0.0.0` is every IPv4 network.
    One(SocketAddr),
}

/// Text that is no address of a listener.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an IP address")]
pub struct NotAnAddress(pub String);

impl std::str::FromStr for ListenAddress {
    type Err = NotAnAddress;

    /// `*` and `::` are everywhere, `localhost` is this computer; else an IPv4 or IPv6 address,
    /// IPv6 with or without brackets and with `%scope` (an interface's name or number).
    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        match text {
            "*" | "::" | "[::]" => return Ok(Self::Everywhere),
            "localhost" => return Ok(Self::ThisComputer),
            _ => {}
        }
        let bare = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(text);
        let wrong = || NotAnAddress(text.to_owned());
        if let Some((ip, scope)) = bare.split_once('%') {
            let ip: Ipv6Addr = ip.parse().map_err(|_| wrong())?;
            let scope = scope_id(scope).ok_or_else(wrong)?;
            let address = std::net::SocketAddrV6::new(ip, 0, 0, scope);
            return Ok(Self::One(address.into()));
        }
        let ip: IpAddr = bare.parse().map_err(|_| wrong())?;
        Ok(Self::One(SocketAddr::new(ip, 0)))
    }
}

/// The number of an interface that is given by name or by number.
fn scope_id(scope: &str) -> Option<u32> {
    if let Ok(number) = scope.parse() {
        return Some(number);
    }
    nix::net::if_::if_nametoindex(scope).ok()
}

impl ListenAddress {
    /// The socket addresses to bind, in order. Those after the first are bound where the system
    /// has them; a port of 0 means the one the first got.
    pub(crate) fn candidates(self, port: u16) -> Vec<SocketAddr> {
        match self {
            Self::Everywhere => vec![(Ipv6Addr::UNSPECIFIED, port).into()],
            Self::ThisComputer => vec![
                (Ipv4Addr::LOCALHOST, port).into(),
                (Ipv6Addr::LOCALHOST, port).into(),
            ],
            Self::One(mut address) => {
                address.set_port(port);
                vec![address]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_address_is_shown_as_ipv4() {
        let mapped = "[::ffff:192.168.1.20]:4255".parse().unwrap();
        assert_eq!(shown(mapped), "192.168.1.20:4255");
        assert_eq!(shown("[::1]:80".parse().unwrap()), "[::1]:80");
    }

    #[test]
    fn addresses_are_read_as_people_write_them() {
        let read = |text: &str| text.parse::<ListenAddress>();
        assert_eq!(read("*"), Ok(ListenAddress::Everywhere));
        assert_eq!(read("::"), Ok(ListenAddress::Everywhere));
        assert_eq!(read(" localhost "), Ok(ListenAddress::ThisComputer));
        let one = |address: &str| Ok(ListenAddress::One(address.parse().unwrap()));
        assert_eq!(read("0.0.0.0"), one("0.0.0.0:0"));
        assert_eq!(read("[::1]"), one("[::1]:0"));
        assert_eq!(read("::1"), one("[::1]:0"));
        assert_eq!(read("fe80::1%1"), one("[fe80::1%1]:0"));
        assert_eq!(read("fe80::1%lo"), one("[fe80::1%1]:0"));
        for wrong in [
            "",
            "300.1.1.1",
            "host",
            "1.2.3.4:80",
            "fe80::1%nosuch0",
            "1.2.3.4%lo",
        ] {
            assert_eq!(read(wrong), Err(NotAnAddress(wrong.to_owned())));
        }
    }
}
