//! What the store answers.

use std::time::Instant;

use hallway_core::history;
use hallway_core::history::client::Unsent;
use hallway_core::wire::Frame;
use hallway_core::wire::frame::Got;

use super::values::{End, News, Page, Receipt};
use super::{Stage, Talk};

impl Talk {
    /// The store has begun a session, or a reset, and this is the outbox after it. `lost`: so many
    /// events the server is known to have lost.
    pub fn met(&mut self, mut page: Page, lost: Option<u64>, now: Instant) {
        self.lost(lost);
        // Acknowledged after the outbox was read: there it is no more.
        let places = &self.places;
        page.messages
            .retain(|unsent| places.iter().all(|place| place.2 != unsent.message.cid));
        if let Some(outgoing) = &mut self.outgoing {
            outgoing.begin(page);
        }
        self.send_messages(now);
    }

    /// The outbox goes on.
    pub fn loaded(&mut self, page: Page, now: Instant) {
        if let Some(outgoing) = &mut self.outgoing {
            outgoing.load(page);
        }
        self.send_messages(now);
    }

    /// A message is in the outbox now.
    pub fn posted(&mut self, unsent: Unsent, now: Instant) {
        if let Some(outgoing) = &mut self.outgoing {
            outgoing.post(unsent);
        }
        self.send_messages(now);
    }

    /// A batch is stored.
    pub fn stored(&mut self, receipt: Receipt, lost: Option<u64>) {
        self.unstored = self.unstored.saturating_sub(receipt.bytes);
        // What was before a reset is of another history.
        if receipt.resets == self.resets && !matches!(self.stage, Stage::Over) {
            self.lost(lost);
            self.send(Frame::Got(Got { pos: receipt.last }));
        }
    }

    /// The store knows that nothing more was kept.
    pub fn lost(&mut self, lost: Option<u64>) {
        if let Some(lost) = lost.filter(|lost| *lost > 0) {
            self.tell(News::Lost(lost));
        }
    }

    /// The store failed at something that the conversation cannot do without.
    pub fn store_failed(&mut self, error: history::Error) {
        self.end(End::NotStored(error));
    }
}
