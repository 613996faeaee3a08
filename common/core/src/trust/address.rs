//! Where a server was met, in one way to write it.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use super::limits;
use crate::net::address::shown;
use crate::text::is_visible;
use crate::wire::values::string_in_json;

/// Bytes of the longest name of a host (RFC 1035, 2.3.4).
const LONGEST_HOST: usize = 253;

/// A host and a port: `hall.local:4255`, `192.168.1.20:4255`, `[fe80::1%3]:4255`.
///
/// Names are in small letters and without the dot at their end, addresses in the form of RFC 5952
/// and IPv4 where they are: what leads to one place is one text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Arc<str>);

/// Text that is no host and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a host and a port")]
pub struct NotAnAddress;

impl Address {
    /// The place that somebody typed: a name or an address, IPv6 without brackets, and a port.
    ///
    /// # Errors
    /// The host cannot be one, or the port is 0.
    pub fn new(host: &str, port: u16) -> Result<Self, NotAnAddress> {
        if port == 0 {
            return Err(NotAnAddress);
        }
        if let Ok(ip) = host.parse::<IpAddr>() {
            return SocketAddr::new(ip, port).try_into();
        }
        let text = match host.split_once('%') {
            Some((ip, scope)) => {
                let ip: Ipv6Addr = ip.parse().map_err(|_| NotAnAddress)?;
                // An interface's name or number; the kernel allows 15 bytes.
                let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
                if scope.is_empty() || scope.len() > 15 || !scope.bytes().all(fits) {
                    return Err(NotAnAddress);
                }
                format!("[{ip}%{scope}]:{port}")
            }
            None => format!("{}:{port}", name(host)?),
        };
        Ok(Self(text.into()))
    }
}

fn name(host: &str) -> Result<String, NotAnAddress> {
    let name = host.strip_suffix('.').unwrap_or(host).to_lowercase();
    let is_odd = |c: char| c.is_whitespace() || "/:@[]%?#\\\"".contains(c);
    let is_whole = name.split('.').all(|label| !label.is_empty());
    if is_whole && name.len() <= LONGEST_HOST && is_visible(&name) && !name.contains(is_odd) {
        Ok(name)
    } else {
        Err(NotAnAddress)
    }
}

impl TryFrom<SocketAddr> for Address {
    type Error = NotAnAddress;

    fn try_from(address: SocketAddr) -> Result<Self, NotAnAddress> {
        if address.port() == 0 {
            return Err(NotAnAddress);
        }
        Ok(Self(shown(address).into()))
    }
}

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        if text.len() > limits::ADDRESS {
            return Err(NotAnAddress);
        }
        let (host, port) = text.rsplit_once(':').ok_or(NotAnAddress)?;
        let port = port.parse().map_err(|_| NotAnAddress)?;
        let inside = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        Self::new(inside.unwrap_or(host), port)
    }
}

impl AsRef<str> for Address {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

string_in_json!(Address, "a host and a port");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_place_is_one_text() {
        let at = |host: &str| Address::new(host, 4255).map(|address| address.to_string());
        assert_eq!(at("Hall.Local."), Ok("hall.local:4255".to_owned()));
        assert_eq!(at("ÄRA"), Ok("ära:4255".to_owned()));
        assert_eq!(at("::ffff:10.0.0.1"), Ok("10.0.0.1:4255".to_owned()));
        assert_eq!(at("FE80:0::1"), Ok("[fe80::1]:4255".to_owned()));
        assert_eq!(at("fe80:0::1%eth0"), Ok("[fe80::1%eth0]:4255".to_owned()));
        let longest = "a".repeat(LONGEST_HOST);
        assert!(at(&longest).is_ok());
        for wrong in [
            "",
            ".",
            "..",
            ".a",
            "a..b",
            "a b",
            "a:b",
            "a/b",
            "u@a",
            "[::1]",
            "a\u{202e}b",
            "::1%",
            "a%b",
            "::1%0123456789abcdef",
            &(longest + "a"),
        ] {
            assert_eq!(at(wrong), Err(NotAnAddress), "{wrong:?}");
        }
        assert_eq!(Address::new("a", 0), Err(NotAnAddress));
        for wrong in [
            "", "a", "a:", "a:0", "a:65536", "a:+", ":1", "[::1]", "[a:1",
        ] {
            assert_eq!(wrong.parse::<Address>(), Err(NotAnAddress), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn every_address_comes_back(socket: SocketAddr, host in "\\PC{1,20}", port: u16) {
            let typed = [Address::new(&host, port), Address::new(&format!("{host}."), port)];
            for address in typed.into_iter().chain([socket.try_into()]).flatten() {
                prop_assert!(address.as_ref().len() <= limits::ADDRESS);
                prop_assert_eq!(address.as_ref().parse(), Ok(address.clone()));
            }
        }
    }
}
