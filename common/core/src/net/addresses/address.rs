use std::{
    cmp::Ordering,
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6},
};

/// An IP address of this computer, with the scope that a link-local IPv6 one needs (RFC 4007).
///
/// Shown as `192.168.1.20` or `fe80::1%wlan0`; the part after `%` has a meaning on this computer only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    ip: IpAddr,
    scope: Option<Scope>,
}

/// The interface on which a link-local address is valid.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// The kernel's index of the interface, the scope id of a socket address.
    pub id: u32,
    /// The kernel's name of the interface.
    pub interface: String,
}

impl Address {
    /// An IPv6 address as the system lists it; a `scope_id` of 0 means that it needs no scope.
    pub(super) fn scoped(ip: Ipv6Addr, scope_id: u32, interface: &str) -> Self {
        let scope = (scope_id != 0).then(|| Scope {
            id: scope_id,
            interface: interface.to_owned(),
        });
        Self {
            ip: ip.into(),
            scope,
        }
    }

    /// The address without its scope.
    pub fn ip(&self) -> IpAddr {
        self.ip
    }

    /// The interface it is bound to, for a link-local IPv6 address.
    pub fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// With a port: what `bind` and `connect` on this computer take.
    pub fn socket_address(&self, port: u16) -> SocketAddr {
        match self.ip {
            IpAddr::V6(ip) => {
                let scope_id = self.scope.as_ref().map_or(0, |scope| scope.id);
                SocketAddrV6::new(ip, port, 0, scope_id).into()
            }
            IpAddr::V4(ip) => (ip, port).into(),
        }
    }

    /// Whether this is a link-local IPv6 address, which others can use only together with a scope of
    /// their own.
    pub fn is_ipv6_link_local(&self) -> bool {
        matches!(self.ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
    }

    /// How far down the list it belongs: the easier to use from elsewhere, the smaller.
    fn rank(&self) -> u8 {
        match self.ip {
            IpAddr::V4(ip) if !ip.is_link_local() => 0,
            IpAddr::V4(_) => 1,
            IpAddr::V6(ip) if ip.is_unicast_link_local() => 4,
            IpAddr::V6(ip) if ip.is_unique_local() => 3,
            IpAddr::V6(_) => 2,
        }
    }
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        Self { ip, scope: None }
    }
}

/// The most useful address first: IPv4, then IPv6 global, unique local and link-local.
impl Ord for Address {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |address: &Self| (address.rank(), address.ip);
        key(self)
            .cmp(&key(other))
            .then_with(|| self.scope.cmp(&other.scope))
    }
}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Some(scope) => write!(f, "{}%{}", self.ip, scope.interface),
            None => self.ip.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_shown_by_name_and_bound_by_number() {
        let address = Address::scoped("fe80::1".parse().expect("an address"), 7, "wlan0");
        assert_eq!(address.to_string(), "fe80::1%wlan0");
        assert_eq!(address.socket_address(4255).to_string(), "[fe80::1%7]:4255");
        let global = Address::scoped("2001:db8::1".parse().expect("an address"), 0, "wlan0");
        assert_eq!(global.scope(), None);
        assert_eq!(
            global.socket_address(4255).to_string(),
            "[2001:db8::1]:4255"
        );
        let v4 = Address::from(IpAddr::from([192, 168, 1, 20]));
        assert_eq!(v4.socket_address(4255).to_string(), "192.168.1.20:4255");
    }
}
