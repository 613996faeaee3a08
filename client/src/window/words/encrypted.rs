//! What is said of an encrypted conversation.

use hallway_core::history;
use hallway_core::text::visible_str;
use hallway_core::trust::Pin;
use hallway_core::wire::{Code, Fingerprint};
use hallway_words::{gettext, gettext_f, ngettext_f};

use crate::session::{SayError, Standing};
use crate::words::encrypted::{no_randomness, over};

/// Characters of a fingerprint in a group, and groups of one that is shortened: enough for people
/// to compare, and for an attacker to need years of a farm of computers.
const GROUP: usize = 4;
const GROUPS: usize = 8;

/// The beginning of a fingerprint, in groups that can be read aloud.
pub(in crate::window) fn short_fingerprint(id: &Fingerprint) -> String {
    let digits = id.to_string().to_uppercase();
    let digits: Vec<char> = digits.chars().take(GROUP * GROUPS).collect();
    let groups = digits.chunks(GROUP).map(|group| group.iter().collect());
    groups.collect::<Vec<String>>().join(" ")
}

pub(in crate::window) fn first_contact(id: &Fingerprint) -> String {
    gettext_f(
        "You meet this server for the first time. Its fingerprint begins with {id}, and no other server is taken for it from now on.",
        &[("id", &short_fingerprint(id))],
    )
}

pub(in crate::window) fn name_kept() -> String {
    gettext("Somebody in the room is called so already, so your name stays as it was.")
}

pub(in crate::window) fn read_again() -> String {
    gettext("The server has another history than before. It is read again.")
}

pub(in crate::window) fn lost(count: u64) -> String {
    ngettext_f(
        "The server has lost {n} message that is still kept here.",
        "The server has lost {n} messages that are still kept here.",
        count,
        &[],
    )
}

pub(in crate::window) fn text_instead() -> String {
    gettext(
        "The other side answered in plain text. Nothing was said to it, and it is tried once more.",
    )
}

pub(in crate::window) fn gap() -> String {
    gettext("Some lines are missing here: the server could not keep them.")
}

pub(in crate::window) fn newer() -> String {
    gettext("Here stands something that only a newer Hallway can show.")
}

pub(in crate::window) fn taken_back_late() -> String {
    gettext("It was taken back, but the server may have it all the same.")
}

pub(in crate::window) fn not_read(error: &history::Error) -> String {
    gettext_f(
        "What was said before could not be read: {why}.",
        &[("why", &visible_str(&error.to_string()))],
    )
}

/// A text is longer than the server takes.
pub(in crate::window) fn too_long(bytes: usize, most: usize) -> String {
    ngettext_f(
        "The message has {n} byte, and the server takes {most}. Send it in parts.",
        "The message has {n} bytes, and the server takes {most}. Send it in parts.",
        bytes as u64,
        &[("most", &most.to_string())],
    )
}

/// Why a text was not taken.
pub(in crate::window) fn not_said(error: SayError) -> String {
    match error {
        SayError::NoServer => gettext(
            "This server was never met, so nothing can wait for it. Connect first, and send it then.",
        ),
        SayError::Empty => gettext("There is nothing to send."),
        SayError::NoRandomness(_) => no_randomness(),
    }
}

/// Whether the same message may be taken later.
pub(in crate::window) fn may_be_said_again(code: &Code) -> bool {
    matches!(code, Code::Unauthorized | Code::NotFound | Code::BadCid)
}

/// What is missing for a welcome, for a header.
pub(in crate::window) fn standing(standing: &Standing) -> Option<String> {
    Some(match standing {
        Standing::PasswordWanted { .. } => gettext("Waiting for the password"),
        Standing::NameWanted => gettext("Waiting for another name"),
        Standing::WaitingToBeLetIn => gettext("Waiting to be let in"),
        Standing::Blocked { .. } => gettext("Another server is here"),
        Standing::Away | Standing::Greeting | Standing::Here { .. } | Standing::Over(_) => {
            return None;
        }
    })
}

/// Why it is over.
pub(in crate::window) fn why(standing: &Standing) -> Option<String> {
    match standing {
        Standing::Over(end) => Some(over(end)),
        Standing::Blocked { before, .. } => Some(gettext_f(
            "Another server is at this address than {name}. Nothing was said to it.",
            &[("name", before.name.as_ref())],
        )),
        _ => None,
    }
}

pub(in crate::window) fn letting_in() -> String {
    gettext("Waiting until somebody there lets you in")
}

pub(in crate::window) fn not_encrypted() -> String {
    gettext(
        "This server speaks plain text, or something else that Hallway cannot encrypt. Nothing was said to it. With plain text, anyone on this network can read what you write.",
    )
}

/// What it means that a conversation is encrypted, and with whom it is.
pub(in crate::window) fn lock(standing: &Standing, pin: Option<&Pin>) -> String {
    let mut parts = vec![gettext(
        "Encrypted: nobody on the way can read or change what is written. The server keeps it, and its host can read it.",
    )];
    if let Standing::Here { name, id } = standing {
        parts.push(gettext_f(
            "This server is {name}. Its fingerprint begins with {id}.",
            &[("name", name.as_ref()), ("id", &short_fingerprint(id))],
        ));
    }
    if let Some(pin) = pin {
        parts.push(if pin.verified {
            gettext("You have compared six digits with its host.")
        } else {
            gettext("You have not compared six digits with its host yet.")
        });
    }
    parts.join("\n\n")
}

/// Who is writing.
pub(in crate::window) fn writing(names: &[std::rc::Rc<str>]) -> String {
    match names {
        [] => String::new(),
        [one] => gettext_f(
            // Translators: somebody types a message at this moment
            "{name} is writing…",
            &[("name", one)],
        ),
        [one, other] => gettext_f(
            "{name} and {other} are writing…",
            &[("name", one), ("other", other)],
        ),
        _ => gettext("Several people are writing…"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_can_be_read_aloud() {
        let id = Fingerprint::from_bytes([0xab; 32]);
        let short = short_fingerprint(&id);
        assert_eq!(short.len(), GROUPS * (GROUP + 1) - 1);
        assert!(short.starts_with("ABAB ABAB "), "{short}");
    }

    #[test]
    fn those_who_write_are_named_while_they_are_few() {
        let names: Vec<std::rc::Rc<str>> = ["Ana", "Bo", "Cy"].map(Into::into).into();
        assert_eq!(writing(&names[..0]), "");
        assert_eq!(writing(&names[..1]), "Ana is writing…");
        assert_eq!(writing(&names[..2]), "Ana and Bo are writing…");
        assert_eq!(writing(&names), "Several people are writing…");
    }
}
