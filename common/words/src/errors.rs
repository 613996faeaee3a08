//! Sentences for what goes wrong with sockets: what happened, then what to do next.

mod encryption;

use std::borrow::Cow;
use std::net::SocketAddr;

use hallway_core::net::holder::Holder;
use hallway_core::net::{DEFAULT_PORT, Error, Unfit, address};
use hallway_core::text::{cut, visible_str};

use crate::i18n::{gettext, gettext_f};

/// The most bytes of a text from outside that go into a sentence.
const LONGEST_PART: usize = 256;

/// The first port that everybody may listen on.
const FIRST_FREE_PORT: u16 = 1024;

/// What to tell a person about `error`: one sentence that names what happened, one that says what
/// to do next. It ends in a full stop and holds no control character.
pub fn sentence(error: &Error) -> String {
    match error {
        Error::Refused { host, port } => gettext_f(
            "Nothing is listening on port {port} at {host}. Start the server there, or check the address and the port.",
            &[("host", &part(host)), ("port", &port.to_string())],
        ),
        Error::ConnectTimedOut { host, port } => gettext_f(
            "{host} did not answer on port {port} in time. Check that it is switched on and on your network, and that no firewall closes the port.",
            &[("host", &part(host)), ("port", &port.to_string())],
        ),
        Error::NoRoute { host, port } => gettext_f(
            "No way leads from this computer to {host}, port {port}. Check the address and your network connection.",
            &[("host", &part(host)), ("port", &port.to_string())],
        ),
        Error::NameNotFound { host } => gettext_f(
            "No computer with the name {host} was found. Check the spelling, or use its IP address.",
            &[("host", &part(host))],
        ),
        Error::NameServiceSilent { host } => gettext_f(
            "The name {host} could not be looked up, because the name service does not answer. Check your network connection, or use the IP address.",
            &[("host", &part(host))],
        ),
        Error::Proxy { proxy, detail } => gettext_f(
            "The proxy {proxy} could not be used: {detail}. Check the proxy, or connect without one.",
            &[("proxy", &part(proxy)), ("detail", &clause(detail))],
        ),
        Error::ProxyLogin { proxy, refused } => proxy_login(proxy, *refused),
        Error::AddressInUse { address, holder } => address_in_use(*address, holder.as_ref()),
        Error::AddressNotOurs { address } => gettext_f(
            "This computer cannot listen on port {port} at {address}, because that is not one of its addresses. Choose one of its own, or every network.",
            &[
                ("address", &ip(*address)),
                ("port", &address.port().to_string()),
            ],
        ),
        Error::NotPermitted { address } => not_permitted(*address),
        Error::LineTooLong { limit } => gettext_f(
            "The other side sent a line longer than {size}, so the connection was closed. Send shorter lines from there, or raise the limit here.",
            &[("size", &size(*limit))],
        ),
        Error::TooSlow { queued } => gettext_f(
            "The other side stopped reading while {size} waited for it. Try again when it is less busy.",
            &[("size", &size(*queued))],
        ),
        Error::Unfit { number, what } => unfit(*number, *what),
        Error::System { message } => unforeseen(message),
        other => of_no_address(other)
            .or_else(|| encryption::sentence(other))
            .unwrap_or_else(|| unforeseen(&other.to_string())),
    }
}

/// The sentences that hold nothing of the error's.
fn of_no_address(error: &Error) -> Option<String> {
    Some(match error {
        Error::TooManyOpenFiles => gettext(
            "This computer has no room for another connection: too many files are open. Close some programs, or raise the limit of open files.",
        ),
        Error::OutOfMemory => gettext(
            "This computer has no memory left for another connection. Close some programs, then try again.",
        ),
        Error::NetworkDown => gettext(
            "The network connection of this computer went away. Check the cable or the Wi-Fi, then try again.",
        ),
        Error::Reset => gettext(
            "The other side broke the connection off. Try again; if that does not help, look at the program there.",
        ),
        Error::PeerSilent => gettext(
            "The other side stopped answering. Check that it is still on the network, then try again.",
        ),
        _ => return None,
    })
}

fn proxy_login(proxy: &str, refused: bool) -> String {
    let values = [("proxy", &*part(proxy))];
    if refused {
        gettext_f(
            "The proxy {proxy} did not accept the name and password. Check both, then try again.",
            &values,
        )
    } else {
        gettext_f(
            "The proxy {proxy} wants a name and a password. Give them with its address, or connect without it.",
            &values,
        )
    }
}

fn address_in_use(address: SocketAddr, holder: Option<&Holder>) -> String {
    let (place, port) = (place(address), address.port().to_string());
    let Some(Holder { pid, program }) = holder else {
        return gettext_f(
            "Port {port} on {place} is already in use by another program. Stop that program, or choose another port.",
            &[("place", &place), ("port", &port)],
        );
    };
    let pid = pid.to_string();
    let values = [
        ("place", &*place),
        ("port", &*port),
        ("pid", &*pid),
        ("program", &*part(program)),
    ];
    if program.is_empty() {
        gettext_f(
            "Port {port} on {place} is already in use by process {pid}. Stop that process, or choose another port.",
            &values,
        )
    } else {
        gettext_f(
            "Port {port} on {place} is already in use by {program} (process {pid}). Stop that program, or choose another port.",
            &values,
        )
    }
}

fn not_permitted(address: SocketAddr) -> String {
    let port = address.port();
    let values = [
        ("place", &*place(address)),
        ("port", &port.to_string()),
        ("first", &FIRST_FREE_PORT.to_string()),
        ("usual", &DEFAULT_PORT.to_string()),
    ];
    if port < FIRST_FREE_PORT {
        gettext_f(
            "You may not listen on port {port} on {place}: ports below {first} are kept for the system. Choose a higher one, such as {usual}.",
            &values,
        )
    } else {
        gettext_f(
            "You may not listen on port {port} on {place}: this system's rules forbid it. Choose another port, or ask who looks after this computer.",
            &values,
        )
    }
}

/// What the system passed to listen on cannot be listened on.
fn unfit(number: usize, what: Unfit) -> String {
    let number = number.to_string();
    let values = [("number", number.as_str())];
    match what {
        Unfit::NotASocket => gettext_f(
            "What the system passed as socket {number} is not a socket. Give it a port to listen on, in a socket unit with ListenStream=.",
            &values,
        ),
        Unfit::Unix => gettext_f(
            "Socket {number} that the system passed is a Unix socket, and people come over the network here. Give ListenStream= in the socket unit a port instead of a path.",
            &values,
        ),
        Unfit::NotTcp => gettext_f(
            "Socket {number} that the system passed is not for TCP. Use ListenStream= with a port in the socket unit.",
            &values,
        ),
        Unfit::NotListening => gettext_f(
            "Socket {number} that the system passed does not listen. Set Accept=no in the socket unit.",
            &values,
        ),
    }
}

fn unforeseen(message: &str) -> String {
    gettext_f(
        "Something unforeseen went wrong: {message}. Try again.",
        &[("message", &clause(message))],
    )
}

/// An address to listen on, as it stands after "on".
fn place(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        gettext_f("every network ({address})", &[("address", &ip(address))])
    } else {
        ip(address)
    }
}

/// The address without its port; a link-local one keeps its scope.
fn ip(address: SocketAddr) -> String {
    match address::plain(address) {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
        plain => plain.ip().to_string(),
    }
}

fn size(bytes: usize) -> String {
    glib::format_size_full(bytes as u64, glib::FormatSizeFlags::IEC_UNITS).into()
}

/// A text from outside, fit to stand in a sentence.
fn part(text: &str) -> String {
    let text: Cow<'_, str> = cut(text, LONGEST_PART);
    visible_str(&text).replace('\t', " ")
}

/// A sentence from outside as part of one of ours.
fn clause(text: &str) -> String {
    part(text.trim().trim_end_matches(['.', '。']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    fn with_host() -> Vec<Error> {
        let host = || "192.168.1.20".to_owned();
        let port = 4255;
        vec![
            Error::Refused { host: host(), port },
            Error::ConnectTimedOut { host: host(), port },
            Error::NoRoute { host: host(), port },
        ]
    }

    fn with_address() -> Vec<Error> {
        let holder = |program: &str| {
            let program = program.to_owned();
            Some(Holder { pid: 4711, program })
        };
        let in_use = |holder| Error::AddressInUse {
            address: at("192.168.1.20:4255"),
            holder,
        };
        let address = at("192.168.1.20:4255");
        vec![
            in_use(None),
            in_use(holder("")),
            in_use(holder("nc")),
            Error::AddressNotOurs { address },
            Error::NotPermitted { address },
        ]
    }

    /// Every variant, with trouble wherever text comes from outside.
    fn all() -> Vec<Error> {
        let bad = || "a\x1b[31m\u{202E}b\nc\t{port}.\0".to_owned();
        let unfit = |what| Error::Unfit { number: 2, what };
        let mut all = with_host();
        all.extend(with_address());
        all.extend([
            Error::NameNotFound { host: bad() },
            Error::NameServiceSilent { host: bad() },
            Error::Refused {
                host: bad(),
                port: 1,
            },
            Error::Proxy {
                proxy: bad(),
                detail: bad(),
            },
            Error::ProxyLogin {
                proxy: bad(),
                refused: false,
            },
            Error::ProxyLogin {
                proxy: bad(),
                refused: true,
            },
            Error::AddressInUse {
                address: at("[::]:80"),
                holder: Some(Holder {
                    pid: 1,
                    program: bad(),
                }),
            },
            Error::NotPermitted {
                address: at("[fe80::1%3]:80"),
            },
            Error::TooManyOpenFiles,
            Error::OutOfMemory,
            Error::NetworkDown,
            Error::Reset,
            Error::PeerSilent,
            Error::TooSlow { queued: 300_000 },
            Error::LineTooLong { limit: 65_536 },
            unfit(Unfit::NotASocket),
            unfit(Unfit::Unix),
            unfit(Unfit::NotTcp),
            unfit(Unfit::NotListening),
            Error::System { message: bad() },
            Error::System {
                message: "x".repeat(10_000),
            },
        ]);
        all.extend(encryption::every(&bad()));
        all
    }

    #[test]
    fn every_error_has_two_sentences_and_no_control() {
        for error in all() {
            let said = sentence(&error);
            assert!(said.ends_with('.'), "{error:?}: {said}");
            assert!(said.contains(". "), "{error:?}: {said}");
            assert!(!said.contains(".."), "{error:?}: {said}");
            assert!(!said.contains(char::is_control), "{error:?}: {said}");
            assert!(!said.contains('\u{202E}'), "{error:?}: {said}");
            assert!(said.len() < 1000, "{error:?}: {said}");
        }
    }

    #[test]
    fn address_and_port_are_named() {
        for error in with_host().into_iter().chain(with_address()) {
            let said = sentence(&error);
            assert!(said.contains("192.168.1.20"), "{error:?}: {said}");
            assert!(said.contains("port 4255") || said.contains("Port 4255"));
        }
    }

    #[test]
    fn the_usual_ones_read_well() {
        let [refused, ..] = &with_host()[..] else {
            unreachable!("there are three")
        };
        assert_eq!(
            sentence(refused),
            "Nothing is listening on port 4255 at 192.168.1.20. Start the server there, or check \
             the address and the port."
        );
        let in_use = |address, holder| {
            let address = at(address);
            sentence(&Error::AddressInUse { address, holder })
        };
        let nc = Holder {
            pid: 4711,
            program: "nc".to_owned(),
        };
        assert_eq!(
            in_use("[::]:4255", Some(nc)),
            "Port 4255 on every network (::) is already in use by nc (process 4711). Stop that \
             program, or choose another port."
        );
        assert!(in_use("[::ffff:10.0.0.1]:80", None).starts_with("Port 80 on 10.0.0.1 is"));
        assert!(in_use("[fe80::1%3]:80", None).starts_with("Port 80 on fe80::1%3 is"));
        let address = at("127.0.0.1:80");
        assert!(sentence(&Error::NotPermitted { address }).contains("below 1024"));
        assert_eq!(
            sentence(&Error::LineTooLong { limit: 65_536 }),
            "The other side sent a line longer than 64.0\u{a0}KiB, so the connection was closed. \
             Send shorter lines from there, or raise the limit here."
        );
    }

    #[test]
    fn what_came_from_outside_is_not_a_text_of_ours() {
        let host = "{port}".to_owned();
        let said = sentence(&Error::Refused { host, port: 80 });
        assert!(said.starts_with("Nothing is listening on port 80 at {port}."));
    }
}
