//! The states of a session for people.

pub(super) mod encrypted;

use std::net::{IpAddr, SocketAddr};

use hallway_core::net::{Error, limits};
use hallway_widgets::conversation::{Content, Tone, preview as beginning};
use hallway_words::{gettext, gettext_f, ngettext_f, sentence};

use crate::session::{Reason, SendError, State, Target};

/// An address and its port.
fn place(host: &str, port: u16) -> String {
    gettext_f(
        // Translators: an address and a TCP port, such as “192.168.1.20, port 4255”
        "{host}, port {port}",
        &[("host", host), ("port", &port.to_string())],
    )
}

/// Whom we are connected to. The socket's address is a proxy's where there is one, which is not
/// whom the person asked for.
fn other_side(target: &Target, address: SocketAddr, is_direct: bool) -> String {
    if is_direct {
        let scope = match address {
            SocketAddr::V6(v6) if v6.scope_id() != 0 => format!("%{}", v6.scope_id()),
            _ => String::new(),
        };
        place(&format!("{}{scope}", address.ip()), address.port())
    } else {
        place(target.host(), target.port())
    }
}

/// The state with whatever belongs to it, for a header.
pub(super) fn state(state: &State, target: &Target, is_direct: bool) -> String {
    let wanted = || place(target.host(), target.port());
    match state {
        State::LookingUp if target.host().parse::<IpAddr>().is_err() => {
            gettext_f("Looking up {host}…", &[("host", target.host())])
        }
        State::LookingUp | State::Connecting => {
            // Translators: {place} is such as “192.168.1.20, port 4255”
            gettext_f("Connecting to {place}…", &[("place", &wanted())])
        }
        State::Connected { address } => gettext_f(
            "Connected to {place}",
            &[("place", &other_side(target, *address, is_direct))],
        ),
        _ => short(state),
    }
}

/// The state in a word or two, for a list.
pub(super) fn short(state: &State) -> String {
    match state {
        State::LookingUp | State::Connecting => gettext("Connecting…"),
        State::Connected { .. } => gettext("Connected"),
        State::Closing => gettext("Disconnecting…"),
        State::Waiting { seconds, .. } => countdown(*seconds),
        State::Idle | State::Ended { .. } | State::Failed { .. } => gettext("Disconnected"),
    }
}

fn countdown(seconds: u32) -> String {
    ngettext_f(
        "Reconnecting in {n} s",
        "Reconnecting in {n} s",
        seconds.into(),
        &[],
    )
}

/// What the person should know of this state and may do about it.
///
/// `why` is what an encrypted conversation knows better.
pub(super) fn notice(state: &State, why: Option<&str>) -> Option<String> {
    let because = |error: &Error| why.map_or_else(|| sentence(error), str::to_owned);
    Some(match state {
        State::Waiting { seconds, error, .. } => gettext_f(
            // Translators: {error} is a sentence, {countdown} is such as “Reconnecting in 4 s”
            "{error} {countdown}.",
            &[
                ("error", &because(error)),
                ("countdown", &countdown(*seconds)),
            ],
        ),
        State::Failed { error } => because(error),
        State::Ended {
            reason: Reason::ByServer,
        } => why.map_or_else(
            || gettext("The server ended the conversation"),
            str::to_owned,
        ),
        State::Ended {
            reason: Reason::ByUs,
        } => gettext("Disconnected"),
        _ => return None,
    })
}

/// What the conversation keeps of the step from one state to another.
pub(super) fn event(
    before: &State,
    now: &State,
    target: &Target,
    is_direct: bool,
) -> Option<(String, Tone)> {
    Some(match now {
        State::Connected { .. } => (state(now, target, is_direct), Tone::Quiet),
        State::Ended { .. } if *before != State::Idle => (notice(now, None)?, Tone::Quiet),
        State::Waiting {
            attempt: 1, error, ..
        } if !matches!(before, State::Waiting { .. }) => (lost(error), Tone::Failure),
        State::Failed { .. } if matches!(before, State::LookingUp | State::Connecting) => {
            let place = place(target.host(), target.port());
            let text = gettext_f("Could not connect to {place}", &[("place", &place)]);
            (text, Tone::Failure)
        }
        State::Failed { error } if matches!(before, State::Connected { .. }) => {
            (lost(error), Tone::Failure)
        }
        _ => return None,
    })
}

fn lost(error: &Error) -> String {
    match error {
        Error::Reset => gettext("The connection was lost: the other side broke it off"),
        Error::PeerSilent => gettext("The connection was lost: the other side stopped answering"),
        Error::NetworkDown => gettext("The connection was lost: this computer’s network went away"),
        Error::LineTooLong { .. } => {
            gettext("The connection was closed: the other side sent a line that is too long")
        }
        _ => gettext("The connection was lost"),
    }
}

/// One line about the newest line of a conversation.
pub(super) fn preview(content: &Content) -> Option<String> {
    Some(match content {
        Content::Theirs { speaker, text, .. } => gettext_f(
            // Translators: a person's name and what they said
            "{name}: {text}",
            &[("name", &speaker.label), ("text", &beginning(text))],
        ),
        Content::Ours { text, .. } => gettext_f("You: {text}", &[("text", &beginning(text))]),
        Content::Event { .. } => return None,
    })
}

/// What stands in the empty composer.
pub(super) fn placeholder(server: &str, state: &State) -> String {
    let host = [("host", server)];
    if matches!(state, State::Connected { .. }) {
        gettext_f("Message {host}", &host)
    } else {
        gettext_f("Message {host} — sent when connected", &host)
    }
}

/// Why a text was not taken.
pub(super) fn not_sent(error: &SendError) -> String {
    match error {
        SendError::OutboxFull { messages, .. } => ngettext_f(
            "{n} message waits to be sent already. Wait until it is on its way, or send less.",
            "{n} messages wait to be sent already. Wait until some are on their way, or send less.",
            *messages as u64,
            &[],
        ),
        SendError::LineTooLong { length } => gettext_f(
            "This line is {size} long, and no server takes more than {limit}. Break it into shorter ones.",
            &[
                ("size", &size(*length)),
                ("limit", &size(limits::LINE_HIGHEST)),
            ],
        ),
    }
}

fn size(bytes: usize) -> String {
    glib::format_size_full(bytes as u64, glib::FormatSizeFlags::IEC_UNITS).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        text.parse().unwrap()
    }

    fn connected(address: &str) -> State {
        let address = address.parse().unwrap();
        State::Connected { address }
    }

    fn waiting(attempt: u32, seconds: u32) -> State {
        State::Waiting {
            attempt,
            seconds,
            error: Error::Reset,
        }
    }

    #[test]
    fn states_name_the_place() {
        let lab = target("lab:80");
        let said = |now: &State| state(now, &lab, true);
        assert_eq!(said(&State::LookingUp), "Looking up lab…");
        assert_eq!(said(&State::Connecting), "Connecting to lab, port 80…");
        let here = connected("10.0.0.1:80");
        assert_eq!(said(&here), "Connected to 10.0.0.1, port 80");
        assert_eq!(state(&here, &lab, false), "Connected to lab, port 80");
        let local = connected("[fe80::1%3]:80");
        assert_eq!(said(&local), "Connected to fe80::1%3, port 80");
        let address = target("10.0.0.1");
        assert_eq!(
            state(&State::LookingUp, &address, true),
            "Connecting to 10.0.0.1, port 4255…"
        );
        assert_eq!(said(&waiting(3, 4)), "Reconnecting in 4 s");
    }

    #[test]
    fn only_what_is_new_becomes_an_event() {
        let lab = target("lab");
        let told =
            |before: &State, now: &State| event(before, now, &lab, true).map(|(text, _)| text);
        let here = connected("10.0.0.1:80");
        assert!(told(&State::Connecting, &here).is_some());
        let lost = told(&here, &waiting(1, 1)).unwrap();
        assert!(lost.contains("broke it off"), "{lost}");
        assert_eq!(told(&waiting(1, 2), &waiting(1, 1)), None);
        assert_eq!(told(&State::Connecting, &waiting(2, 2)), None);
        let refused = State::Failed {
            error: Error::Reset,
        };
        assert_eq!(
            told(&State::Connecting, &refused).as_deref(),
            Some("Could not connect to lab, port 4255")
        );
        assert_eq!(told(&waiting(1, 1), &refused), None);
    }

    #[test]
    fn what_waits_for_the_person_has_a_notice() {
        let said = notice(&waiting(1, 4), None).unwrap();
        assert!(said.ends_with(". Reconnecting in 4 s."), "{said}");
        assert!(notice(&State::Connecting, None).is_none());
        assert!(notice(&connected("10.0.0.1:80"), None).is_none());
    }
}
