//! Sentences about encrypted conversations, for the terminal and the window.

use hallway_core::text::visible_str;
use hallway_core::wire::Code;
use hallway_core::wire::values::Label;
use hallway_words::{gettext, gettext_f, sentence};

use super::refusal;
use crate::session::keeper;
use crate::session::talk::values::{End, Fate};

/// Nothing can be kept, and so nothing encrypted.
pub(crate) fn no_keeper(error: &keeper::Error) -> String {
    gettext_f(
        "Hallway’s own files cannot be used: {why}.",
        &[("why", &visible_str(&error.to_string()))],
    )
}

/// The system has no random bytes.
pub(crate) fn no_randomness() -> String {
    gettext("The system gives no random numbers, so nothing can be sent.")
}

/// Another server that is known is spoken to.
pub(crate) fn switched(here: &Label, before: &Label) -> String {
    gettext_f(
        "Another server that is known is at this address now: {here}, where {before} was.",
        &[("here", here.as_ref()), ("before", before.as_ref())],
    )
}

/// What was to be remembered of a server was not.
pub(crate) fn not_remembered(why: &str) -> String {
    gettext_f(
        "That this server was met could not be written down: {why}.",
        &[("why", &visible_str(why))],
    )
}

/// Why a conversation is over.
pub(crate) fn over(end: &End) -> String {
    match end {
        End::Refused(code) => refusal(code),
        End::Superseded => refusal(&Code::Superseded),
        End::Silent => sentence(&hallway_core::net::Error::PeerSilent),
        End::Numbers => refusal(&Code::OutOfOrder),
        End::Violation(detail) => gettext_f(
            "The server does not keep to the protocol: {detail}. Update the program there, or here.",
            &[("detail", &visible_str(detail))],
        ),
        End::NotStored(error) => gettext_f(
            "What came could not be stored here: {why}.",
            &[("why", &visible_str(&error.to_string()))],
        ),
        End::Pins(why) => gettext_f(
            "Which servers are known could not be looked up or written down: {why}.",
            &[("why", &visible_str(why))],
        ),
        End::Unknown | End::PlainText => gettext(
            "The other side does not encrypt, so nothing was said to it. Check the address and the port, or connect with plain text.",
        ),
    }
}

/// Why a message did not arrive.
pub(crate) fn of_message(fate: &Fate) -> String {
    match fate {
        Fate::Refused(code) => refusal(code),
        Fate::TooLong => refusal(&Code::TooLong),
        Fate::NotKept(error) => gettext_f(
            "A message could not be kept here until it is sent: {why}.",
            &[("why", &visible_str(&error.to_string()))],
        ),
        _ => gettext("A message was taken back."),
    }
}
