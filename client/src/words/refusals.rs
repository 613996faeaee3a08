//! A sentence for each code by which a server refuses something, or ends a conversation.

use hallway_core::wire::Code;
use hallway_words::{gettext, gettext_f};

/// What to tell a person about a server's refusal.
pub(crate) fn refusal(code: &Code) -> String {
    match code {
        Code::BadFrame => gettext(
            "The server did not understand what was sent to it. Update the program there, or here.",
        ),
        Code::TooLong => gettext("The message is longer than the server takes. Send it in parts."),
        Code::Rate => gettext("More was sent than the server takes at a time. Try again later."),
        Code::SlowConsumer => gettext(
            "The server ended the conversation, because this computer read too slowly. Try again when it is less busy.",
        ),
        Code::Version => gettext(
            "The server needs what this Hallway cannot do. Update the older one of the two programs.",
        ),
        Code::Unauthorized => gettext("The server does not let you in. Ask there why."),
        Code::Password => gettext("The password is not the room’s."),
        Code::Superseded => gettext(
            "The same identity has connected from somewhere else, so this conversation has ended.",
        ),
        Code::OutOfOrder => gettext(
            "The server and this computer disagree about the order of the messages. Connect again.",
        ),
        Code::BadCid => {
            gettext("The server has another message under the same number. Send it again.")
        }
        Code::CursorAhead => gettext(
            "This computer has read more than the server has: an older backup may have been restored there.",
        ),
        Code::DiskFull => gettext(
            "The server cannot keep messages now, because its disk is full. Try again when there is space.",
        ),
        Code::Busy => gettext("As many people as there may be are on the server. Try again later."),
        Code::NameTaken => {
            gettext("Somebody in the room is called so already. Choose another name.")
        }
        Code::NotFound => gettext("There is nobody like that on the server."),
        Code::Internal => gettext("Something went wrong on the server. Try again later."),
        Code::Other(word) => gettext_f(
            "The server refused with the code “{code}”, which this Hallway does not know. Update it.",
            &[("code", word.as_ref())],
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_has_a_sentence_of_its_own() {
        let sentences: HashSet<String> = Code::KNOWN.iter().map(refusal).collect();
        assert_eq!(sentences.len(), Code::KNOWN.len());
        assert!(sentences.iter().all(|sentence| sentence.ends_with('.')));
        let other = refusal(&"brand-new".parse().unwrap());
        assert!(other.contains("“brand-new”"), "{other}");
    }
}
