//! What the host says, and what becomes of it.

use std::rc::Rc;

use hallway_widgets::conversation::{Content, Delivery, View};

use super::{Sent, Talk};
use crate::hub::{Audience, MessageId, Person};
use crate::words;

impl Talk {
    pub(super) fn say(&self, audience: Audience, text: &str, message: MessageId) {
        let (to, view): (Option<Rc<str>>, View) = match audience {
            Audience::Everyone => (None, self.everyone.view().clone()),
            Audience::One(id) => {
                let Some(row) = self.row(id) else { return };
                row.set_was_spoken_with(true);
                (Some(row.label().into()), row.view().clone())
            }
        };
        let content = Content::Ours {
            text: text.into(),
            to,
            delivery: Delivery::OnTheWay,
        };
        let line = self.history.push(content, &[&view]);
        let is_for_everyone = audience == Audience::Everyone;
        let sent = Sent {
            line,
            is_for_everyone,
        };
        self.unsent.borrow_mut().insert(message, sent);
    }

    pub(super) fn settle(&self, message: MessageId, delivery: Delivery) {
        let Some(sent) = self.unsent.borrow_mut().remove(&message) else {
            return;
        };
        if sent.is_for_everyone && matches!(delivery, Delivery::Discarded | Delivery::Kept) {
            self.tell_of_nobody(delivery == Delivery::Kept);
        }
        self.history.set_delivery(sent.line, delivery);
    }
}

/// What became of a text of the host's. The hub says nothing twice, so it is never "perhaps not
/// received", which offers to send again.
pub(super) fn delivery(received: usize, missing: &[Rc<Person>], is_kept: bool) -> Delivery {
    match (received, missing) {
        (0, []) if is_kept => Delivery::Kept,
        (0, []) => Delivery::Discarded,
        (_, []) => Delivery::Sent,
        _ => Delivery::Partly {
            received,
            missing: words::names(missing).into(),
        },
    }
}
