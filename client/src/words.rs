//! Sentences that the command line and the window both say.

mod refusals;

use hallway_core::text::name::{MAX_BYTES, MAX_GRAPHEMES};
use hallway_core::text::{Name, NameError, cut, visible_str};
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

/// Why what was typed is not the name of a person.
pub(crate) fn name_error(error: &NameError) -> String {
    match error {
        NameError::Empty => gettext("A name needs letters that can be seen."),
        NameError::TooLong { .. } => gettext_f(
            "A name has at most {characters} characters and {bytes} bytes.",
            &[
                ("characters", &MAX_GRAPHEMES.to_string()),
                ("bytes", &MAX_BYTES.to_string()),
            ],
        ),
        NameError::TooManyMarks { .. } => gettext("A name has only a few marks on a letter."),
        NameError::LooksLikeAddress { word } => gettext_f(
            "“{word}” looks like an address, and a name must not.",
            &[("word", &visible_str(word))],
        ),
        NameError::HasColon => gettext("A name has no colon at its end or before a space."),
        NameError::StartsWithStar => gettext("A name does not begin with an asterisk."),
        NameError::StartsWithSlash => gettext("A name does not begin with a slash."),
    }
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
