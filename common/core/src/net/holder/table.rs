//! Rows of `/proc/net/tcp` and `tcp6`; pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// `TCP_LISTEN` in `include/net/tcp_states.h`, as the tables write it.
const LISTEN: &str = "0A";

/// Digits of an address: 32-bit words in hexadecimal, one for IPv4 and four for IPv6.
const WORD: usize = 8;

/// What a row tells about a socket.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) local: SocketAddr,
    pub(super) listening: bool,
    /// 0 where no process has the socket open any more.
    pub(super) inode: u64,
}

/// Whether two sockets on one port exclude each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conflict {
    Certain,
    /// If the IPv6 one serves IPv4 too, which the tables do not tell.
    Possible,
}

impl Row {
    /// Nothing for the heading and for whatever is not a row.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split_ascii_whitespace();
        let local = parse_address(fields.nth(1)?)?;
        let listening = fields.nth(1)? == LISTEN;
        // After the state: both queues, the timer, retransmissions, user and probes.
        let inode = fields.nth(5)?.parse().ok()?;
        Some(Self {
            local,
            listening,
            inode,
        })
    }
}

/// `0100007F:109F`: every word as the machine holds it, the port as people read it.
fn parse_address(text: &str) -> Option<SocketAddr> {
    let (words, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let ip: IpAddr = match words.len() {
        WORD => Ipv4Addr::from(parse_word(words)?).into(),
        len if len == 4 * WORD => {
            let mut bytes = [0; 16];
            for (index, four) in bytes.chunks_exact_mut(4).enumerate() {
                let word = words.get(index * WORD..(index + 1) * WORD)?;
                four.copy_from_slice(&parse_word(word)?);
            }
            Ipv6Addr::from(bytes).into()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip.to_canonical(), port))
}

/// The bytes in the order of the network, whatever the machine's own is.
fn parse_word(word: &str) -> Option<[u8; 4]> {
    Some(u32::from_str_radix(word, 16).ok()?.to_ne_bytes())
}

/// Whether a socket listening on `held` keeps another from listening on `wanted`.
pub(super) fn conflict(held: SocketAddr, wanted: SocketAddr) -> Option<Conflict> {
    if held.port() != wanted.port() {
        return None;
    }
    let (held, wanted) = (held.ip().to_canonical(), wanted.ip().to_canonical());
    let any = held.is_unspecified() || wanted.is_unspecified();
    let any_v6 = [held, wanted].contains(&Ipv6Addr::UNSPECIFIED.into());
    if held == wanted || any && held.is_ipv4() == wanted.is_ipv4() {
        Some(Conflict::Certain)
    } else if any_v6 {
        Some(Conflict::Possible)
    } else {
        None
    }
}

/// The number in `socket:[12345]`, the target of a descriptor's link.
pub(super) fn socket_inode(target: &str) -> Option<u64> {
    target
        .strip_prefix("socket:[")?
        .strip_suffix(']')?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use proptest::prelude::*;

    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("the test gives an address and a port")
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn rows_of_both_families_are_read() {
        const TCP: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1065 1 00000000d4b3c4f4 100 0 0 10 0
   1: 0100007F:109F 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 38713 1 0000000000000000 100 0 0 10 0
   2: 020200C0:AAE4 507100CB:0050 06 00000000:00000000 03:000016A4 00000000     0        0 0 3 00000000f297cd0c
";
        const TCP6: &str = "\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:109F 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21 1 0 100 0 0 10 0
   1: 00000000000000000000000001000000:0277 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 22 1 0 100 0 0 10 0
   2: B80D0120000000000000000002000100:109F 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 23 1 0 100 0 0 10 0
   3: 0000000000000000FFFF00001401A8C0:109F 00000000000000000000000000000000:0000 01 00000000:00000000 00:00000000 00000000     0        0 24 1 0 100 0 0 10 0
";
        let rows = |table: &str| -> Vec<_> {
            table
                .lines()
                .filter_map(Row::parse)
                .map(|row| (row.local.to_string(), row.listening, row.inode))
                .collect()
        };
        let expected = |rows: &[(&str, bool, u64)]| -> Vec<_> {
            rows.iter()
                .map(|&(local, listening, inode)| (local.to_owned(), listening, inode))
                .collect()
        };
        assert_eq!(
            rows(TCP),
            expected(&[
                ("0.0.0.0:2024", true, 1065),
                ("127.0.0.1:4255", true, 38713),
                ("192.0.2.2:43748", false, 0),
            ])
        );
        assert_eq!(
            rows(TCP6),
            expected(&[
                ("[::]:4255", true, 21),
                ("[::1]:631", true, 22),
                ("[2001:db8::1:2]:4255", true, 23),
                ("192.168.1.20:4255", false, 24),
            ])
        );
    }

    #[test]
    fn a_conflict_is_an_equal_or_wider_address_on_the_same_port() {
        for (held, wanted, expected) in [
            ("127.0.0.1:1", "127.0.0.1:1", Some(Conflict::Certain)),
            ("127.0.0.1:1", "127.0.0.1:2", None),
            ("127.0.0.1:1", "127.0.0.2:1", None),
            ("0.0.0.0:1", "127.0.0.1:1", Some(Conflict::Certain)),
            ("127.0.0.1:1", "0.0.0.0:1", Some(Conflict::Certain)),
            ("[::]:1", "[::1]:1", Some(Conflict::Certain)),
            ("[::1]:1", "[::]:1", Some(Conflict::Certain)),
            ("[::]:1", "[::]:1", Some(Conflict::Certain)),
            ("[::]:1", "127.0.0.1:1", Some(Conflict::Possible)),
            ("[::]:1", "0.0.0.0:1", Some(Conflict::Possible)),
            ("0.0.0.0:1", "[::]:1", Some(Conflict::Possible)),
            ("127.0.0.1:1", "[::]:1", Some(Conflict::Possible)),
            ("[::1]:1", "127.0.0.1:1", None),
            ("0.0.0.0:1", "[::1]:1", None),
            (
                "[::ffff:127.0.0.1]:1",
                "127.0.0.1:1",
                Some(Conflict::Certain),
            ),
            ("[::ffff:0.0.0.0]:1", "127.0.0.1:1", Some(Conflict::Certain)),
        ] {
            assert_eq!(
                conflict(address(held), address(wanted)),
                expected,
                "{held} {wanted}"
            );
        }
    }

    #[test]
    fn links_of_descriptors_tell_the_inode() {
        assert_eq!(socket_inode("socket:[1065]"), Some(1065));
        for other in [
            "pipe:[1065]",
            "socket:[]",
            "socket:[1065",
            "socket:[-1]",
            "/dev/null",
            "",
        ] {
            assert_eq!(socket_inode(other), None);
        }
    }

    proptest! {
        #[test]
        fn nothing_in_a_table_panics(line in "\\PC*", words in "[0-9A-Fa-f:+é ]{0,200}") {
            let _ = Row::parse(&line);
            let _ = Row::parse(&words);
            let _ = parse_address(&words);
        }

        #[test]
        fn addresses_survive_being_written_as_the_kernel_does(ip: IpAddr, port: u16) {
            let bytes = match ip {
                IpAddr::V4(ip) => ip.octets().to_vec(),
                IpAddr::V6(ip) => ip.octets().to_vec(),
            };
            let mut words = String::new();
            for word in bytes.chunks_exact(4) {
                let word = u32::from_ne_bytes(word.try_into().expect("four bytes"));
                write!(words, "{word:08X}").expect("a string takes everything");
            }
            let expected = SocketAddr::new(ip.to_canonical(), port);
            prop_assert_eq!(parse_address(&format!("{words}:{port:04X}")), Some(expected));
        }
    }
}
