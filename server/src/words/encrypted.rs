//! What happens among encrypted people, as translated sentences.

use hallway_core::history;
use hallway_core::trust::sas::{self, Found};
use hallway_core::wire::Code;
use hallway_words::{gettext, gettext_f};

use super::{did_not_read, named};
use crate::hub::Person;

/// Somebody wants to come in.
pub(super) fn asks(person: &Person) -> String {
    gettext_f("{name} wants to come in", &[("name", &named(person))])
}

/// Somebody is here, encrypted.
pub(super) fn welcomed(person: &Person, before: &str) -> String {
    gettext_f(
        // Translators: {address} is an address with a port, {name} a person's name
        "{address} is now {name}, encrypted",
        &[("address", before), ("name", &person.label)],
    )
}

/// Somebody said a line to the host alone.
pub(crate) fn direct(person: &Person, line: &str) -> String {
    gettext_f(
        "{name} says to you alone: {text}",
        &[("name", &named(person)), ("text", line)],
    )
}

/// The six digits.
pub(super) fn compare(person: &Person, code: sas::Code) -> String {
    gettext_f(
        "{name} should see these digits: {digits}",
        &[("name", &named(person)), ("digits", &code.to_string())],
    )
}

/// What somebody found who compared the six digits.
pub(super) fn found(person: &Person, found: Found) -> String {
    let name = named(person);
    let name = [("name", name.as_str())];
    match found {
        Found::Same => gettext_f("{name} found the same digits", &name),
        Found::Different => gettext_f(
            "{name} is not verified: they found other digits. Somebody may be between you, so say nothing secret and compare again.",
            &name,
        ),
        Found::Nothing => gettext_f("The digits were not compared with {name}", &name),
    }
}

/// Plain lines are left out of the history.
pub(super) fn not_kept() -> String {
    gettext("Lines come faster than they are kept; encrypted people see where some are missing")
}

/// The history takes nothing.
pub(super) fn not_stored(error: &history::Error) -> String {
    match error {
        history::Error::DiskFull => {
            gettext("The disk is full: what encrypted people say is not taken until there is space")
        }
        error => gettext_f(
            "What is said cannot be kept: {why}",
            &[("why", &error.to_string())],
        ),
    }
}

/// Why somebody encrypted was sent away; `name` is theirs.
pub(super) fn refused(code: &Code, name: &[(&str, &str)]) -> String {
    match code {
        Code::Superseded => gettext_f("Disconnected: {name} has another connection now", name),
        Code::Password => gettext_f("Refused: {name} does not know the password", name),
        Code::SlowConsumer => did_not_read(name),
        Code::Busy => gettext_f("Refused: {name}, because too many come at once", name),
        Code::Unauthorized => gettext_f("Refused: {name} may not come in", name),
        Code::Internal => gettext_f(
            "Disconnected: {name}, because the history does not work",
            name,
        ),
        code => {
            let code = code.to_string();
            let values: Vec<_> = name.iter().copied().chain([("code", &*code)]).collect();
            gettext_f(
                // Translators: {code} is a word of the protocol, like “bad-frame”
                "Disconnected: {name} does not keep to the protocol ({code})",
                &values,
            )
        }
    }
}
