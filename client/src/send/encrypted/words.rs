//! What is told at the terminal of an encrypted conversation.

use hallway_core::history;
use hallway_core::text::visible_str;
use hallway_core::wire::limits;
use hallway_words::{gettext, gettext_f, sentence};

use super::Failure;
use crate::session::SayError;
use crate::session::talk::values::News;
use crate::words::encrypted::{
    no_keeper, no_randomness, not_remembered, of_message, over, switched,
};
use crate::words::refusal;

/// What is remarkable though it is no failure.
pub(super) fn remark(news: &News) -> Option<String> {
    Some(match news {
        News::FirstContact(id) => gettext_f(
            "This server was met for the first time. Its fingerprint is {id}, and no other server will be taken for it from now on.",
            &[("id", &id.to_string())],
        ),
        News::SwitchedTo { here, before } => switched(here, before),
        News::TextInstead => gettext(
            "The other side answered in plain text. Nothing was said to it, and it is tried once more.",
        ),
        News::NotRemembered(why) => not_remembered(why),
        News::Refused { code, .. } => refusal(code),
        _ => return None,
    })
}

/// Somebody there decides.
pub(super) fn waiting() -> String {
    gettext("Waiting until somebody there lets you in. Ctrl+C gives up.")
}

/// What failed is still in the outbox.
pub(super) fn left_in_outbox(error: &history::Error) -> String {
    gettext_f(
        "What was not sent could not be taken out of the outbox, so it may be sent later: {why}.",
        &[("why", &visible_str(&error.to_string()))],
    )
}

/// Why not everything was delivered, and whether it may have been all the same.
pub(super) fn failure(failure: &Failure, is_in_doubt: bool) -> String {
    let what = what(failure);
    if is_in_doubt {
        let doubt = gettext("It cannot be known how much arrived.");
        gettext_f("{what} {doubt}", &[("what", &what), ("doubt", &doubt)])
    } else {
        what
    }
}

fn what(failure: &Failure) -> String {
    match failure {
        Failure::Keeper(error) => no_keeper(error),
        Failure::Password(error) => gettext_f(
            "The file with the password could not be read: {why}.",
            &[("why", &visible_str(&error.to_string()))],
        ),
        Failure::NoPassword => gettext_f(
            "The first line of the file with the password must have 1 to {most} bytes.",
            &[("most", &limits::PASSWORD.to_string())],
        ),
        Failure::System(error) => gettext_f(
            "Hallway could not begin to send: {why}.",
            &[("why", &visible_str(&error.to_string()))],
        ),
        Failure::Input(error) => gettext_f(
            "The standard input could not be read: {why}.",
            &[("why", &visible_str(&error.to_string()))],
        ),
        Failure::Address => gettext("No encrypted server can be remembered at such an address."),
        Failure::Connection(error) => sentence(error),
        Failure::EndedByServer => {
            gettext("The server ended the conversation before everything was sent.")
        }
        Failure::Unknown { before, here } => gettext_f(
            "Another server is at this address than {before}, and it is not known: its fingerprint is {id}. Nothing was said to it. Ask there what has changed, and connect as to a new server in Hallway’s window.",
            &[("before", before.as_ref()), ("id", &here.to_string())],
        ),
        Failure::PasswordWanted { again: false } => {
            gettext("The room has a password. Give it with --password-file.")
        }
        Failure::PasswordWanted { again: true } => gettext("The password is not the room’s."),
        Failure::NameTaken => {
            gettext("Somebody in the room is called so already. Choose another name with --name.")
        }
        Failure::Over(end) => over(end),
        Failure::Message(fate) => of_message(fate),
        Failure::NotSaid(SayError::NoRandomness(_)) => no_randomness(),
        Failure::NotSaid(SayError::NoServer | SayError::Empty) => {
            gettext("There is nothing to send.")
        }
    }
}
