//! Sentences that the command line and the window both say.

pub(crate) mod encrypted;
mod refusals;

use hallway_core::text::{Name, cut, visible_str};
use hallway_words::{gettext, gettext_f};

pub(crate) use refusals::refusal;

use crate::session::target::ParseError;

/// The most bytes of what was typed that go into a sentence.
const LONGEST_PART: usize = 256;

/// Why what was typed is not the address of a server.
pub(crate) fn not_an_address(error: &ParseError) -> String {
    match error {
        ParseError::Empty => gettext("Give the name or the address of a server."),
        ParseError::Scheme(scheme) => gettext_f(
            "“{scheme}://” is not an address that Hallway knows. Write hallway:// or leave it out.",
            &[("scheme", &part(scheme))],
        ),
        ParseError::Port(port) => gettext_f(
            "“{port}” is not a port. Give a number from 1 to 65535.",
            &[("port", &part(port))],
        ),
        ParseError::Address(address) => gettext_f(
            "“{address}” is not an IP address. An IPv4 address has four numbers up to 255; an IPv6 address with a port stands in brackets.",
            &[("address", &part(address))],
        ),
        ParseError::Name(name) => gettext_f(
            "“{name}” cannot be the name of a computer. Check the spelling.",
            &[("name", &part(name))],
        ),
    }
}

/// What was typed, fit to stand in a sentence.
fn part(text: &str) -> String {
    visible_str(&cut(text, LONGEST_PART)).into_owned()
}

/// What we are called where no name was given: the person's real name, else the login.
pub(crate) fn own_name() -> Name {
    let real = glib::real_name();
    let login = glib::user_name();
    // GLib says so where the system knows no name.
    let candidates = [real.to_string_lossy(), login.to_string_lossy()];
    candidates
        .iter()
        .filter(|name| *name != "Unknown")
        .find_map(|name| Name::parse(name).ok())
        .unwrap_or_else(|| Name::parse("Hallway").expect("a plain word is a name"))
}

/// The window is not part of this build.
#[cfg(not(feature = "gui"))]
pub(crate) fn no_window() -> String {
    gettext(
        "This Hallway was built without its window. Send a message with: hallway send HOST[:PORT] TEXT",
    )
}
