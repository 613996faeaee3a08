//! What a row says in words, besides what people said.

use std::time::SystemTime;

use hallway_words::{gettext, gettext_f, ngettext_f};

use crate::conversation::content::{Content, Delivery};
use crate::conversation::text;
use crate::time;

/// What a screen reader says of a line where new ones begin.
pub(super) fn spoken_first(line: &str) -> String {
    // Translators: for screen readers: what came while the person looked elsewhere begins here
    gettext_f("New messages. {line}", &[("line", line)])
}

/// What a screen reader says of a line.
pub(super) fn spoken(content: &Content, at: SystemTime) -> String {
    let time = time::of_day(at);
    let shape = text::shape(content.text(), false);
    let text = shape.text.as_ref();
    match content {
        Content::Theirs {
            speaker,
            mentions: true,
            ..
        } => gettext_f(
            // Translators: for screen readers: who wrote the person's name, when and in what
            "{name} mentions you, {time}: {text}",
            &[("name", &speaker.label), ("time", &time), ("text", text)],
        ),
        Content::Theirs { speaker, .. } => gettext_f(
            // Translators: for screen readers: who said what and when
            "{name}, {time}: {text}",
            &[("name", &speaker.label), ("time", &time), ("text", text)],
        ),
        Content::Ours { to, delivery, .. } => {
            let state = state(delivery);
            let values = [("time", &*time), ("text", text), ("state", &*state)];
            match to {
                None => gettext_f("You, {time}: {text}, {state}", &values),
                Some(to) => gettext_f(
                    "You to {name} only, {time}: {text}, {state}",
                    &[("name", to), values[0], values[1], values[2]],
                ),
            }
        }
        Content::Event { .. } => gettext_f(
            // Translators: for screen readers: when what happened
            "{time}: {text}",
            &[("time", &time), ("text", text)],
        ),
    }
}

pub(super) fn dropped(count: u64) -> String {
    ngettext_f(
        "{n} earlier line is not held any more",
        "{n} earlier lines are not held any more",
        count,
        &[],
    )
}

pub(super) fn only_to(label: &str) -> String {
    gettext_f("To {name} only", &[("name", label)])
}

pub(super) fn icon(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Queued => "document-open-recent-symbolic",
        Delivery::OnTheWay => "emblem-synchronizing-symbolic",
        Delivery::Sent => "object-select-symbolic",
        Delivery::Kept => "document-save-symbolic",
        Delivery::Delivered => "emblem-default-symbolic",
        Delivery::SeenBy(_) => "view-reveal-symbolic",
        Delivery::PerhapsNotReceived | Delivery::Refused { .. } | Delivery::Partly { .. } => {
            "dialog-warning-symbolic"
        }
        Delivery::Discarded => "window-close-symbolic",
    }
}

/// A state in a word or two.
pub(super) fn state(delivery: &Delivery) -> String {
    match delivery {
        Delivery::Queued => gettext("Waiting to be sent"),
        Delivery::OnTheWay => gettext("On the way"),
        Delivery::Sent => gettext("Sent"),
        // Translators: of a message that is on the disk
        Delivery::Kept => gettext("Kept"),
        Delivery::Delivered => gettext("Delivered"),
        Delivery::SeenBy(count) => ngettext_f(
            "Seen by {n} person",
            "Seen by {n} people",
            u64::from(*count),
            &[],
        ),
        Delivery::PerhapsNotReceived => gettext("Perhaps not received"),
        Delivery::Discarded => gettext("Not sent"),
        Delivery::Refused { .. } => gettext("Not delivered"),
        Delivery::Partly { .. } => gettext("Not received by everyone"),
    }
}

/// What stands under a text that may not have arrived.
pub(super) fn doubt(delivery: &Delivery) -> Option<String> {
    match delivery {
        Delivery::PerhapsNotReceived => Some(gettext(
            "Perhaps not received: the connection ended before it was acknowledged.",
        )),
        Delivery::Discarded => Some(gettext("Not sent")),
        Delivery::Refused { why, .. } => Some(gettext_f(
            // Translators: {why} is a sentence
            "Not delivered. {why}",
            &[("why", why)],
        )),
        Delivery::Partly { received, missing } => {
            let received = received.to_string();
            Some(gettext_f(
                "Received by {received}; perhaps not by {names}",
                &[("received", &received), ("names", missing)],
            ))
        }
        Delivery::Queued
        | Delivery::OnTheWay
        | Delivery::Sent
        | Delivery::Kept
        | Delivery::Delivered
        | Delivery::SeenBy(_) => None,
    }
}
