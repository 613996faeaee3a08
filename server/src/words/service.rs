//! What a service says to whoever looks after it.

use std::net::SocketAddr;

use hallway_core::net::address::shown;
use hallway_core::text::visible_str;
use hallway_words::{gettext, gettext_f, ngettext_f};

use super::listening;

/// `--address` or `--port` where the system passed sockets.
pub(crate) fn sockets_were_passed() -> String {
    gettext(
        "The system passed the sockets to listen on, so --address and --port are left out. Set the port where the sockets come from.",
    )
}

/// What the system says of the sockets it passed makes no sense.
pub(crate) fn not_a_count(value: &str) -> String {
    gettext_f(
        "LISTEN_FDS is “{value}”, which is no number of sockets. Look at what starts the server.",
        &[("value", &visible_str(value))],
    )
}

/// Why a socket that the system passed cannot be used, with its name there.
pub(crate) fn socket_named(name: &str, why: &str) -> String {
    gettext_f(
        // Translators: the reason, a full sentence, and the system's name for a socket
        "{why} The system calls it “{name}”.",
        &[("why", why), ("name", &visible_str(name))],
    )
}

/// How the room is, for whoever looks after services.
pub(crate) fn status(bound: &[SocketAddr], people: usize) -> String {
    let place = match bound {
        [one] => listening(*one),
        several => {
            let addresses: Vec<_> = several.iter().copied().map(shown).collect();
            // Translators: several addresses with their ports
            gettext_f(
                "Listening on {addresses}",
                &[("addresses", &addresses.join(", "))],
            )
        }
    };
    let count = people.to_string();
    let people = match people {
        0 => gettext("nobody is here"),
        people => ngettext_f(
            "{count} person is here",
            "{count} people are here",
            people as u64,
            &[("count", &count)],
        ),
    };
    // Translators: where the server listens, and how many people are here
    gettext_f(
        "{place}; {people}",
        &[("place", &place), ("people", &people)],
    )
}

/// How the room is while it closes.
pub(crate) fn status_stopping() -> String {
    gettext("Closing the connections")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_where_and_how_many() {
        let every: SocketAddr = "[::]:4255".parse().unwrap();
        assert_eq!(
            status(&[every], 0),
            "Listening on every network, port 4255; nobody is here"
        );
        let two = ["192.168.1.20:80", "[::1]:81"].map(|text| text.parse().unwrap());
        assert_eq!(
            status(&two[..1], 1),
            "Listening on 192.168.1.20, port 80; 1 person is here"
        );
        assert_eq!(
            status(&two, 2),
            "Listening on 192.168.1.20:80, [::1]:81; 2 people are here"
        );
    }
}
