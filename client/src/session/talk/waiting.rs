//! Messages of the outbox that are not sent: as many as were loaded.

use std::collections::{HashSet, VecDeque};

use hallway_core::history::client::Unsent;
use hallway_core::wire::Cid;

use super::values::Page;

/// The outbox, as far as it was loaded.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// In the order of their places.
    messages: VecDeque<Unsent>,
    /// The last place that was loaded.
    last: u64,
    loaded: Loaded,
    /// Taken back by their writer, and perhaps in a page that is on its way here.
    gone: HashSet<Cid>,
}

/// How much of the outbox was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Loaded {
    /// A page is on its way.
    #[default]
    Asked,
    /// There is more.
    Some,
    /// All of it.
    All,
}

impl Waiting {
    /// Forgets what was loaded: the outbox comes from its beginning.
    pub(super) fn begin(&mut self) {
        self.messages.clear();
        self.last = 0;
    }

    /// A page came. What is sent already stays out.
    pub(super) fn load(&mut self, page: Page, is_sent: impl Fn(u64) -> bool) {
        self.loaded = if page.is_last {
            Loaded::All
        } else {
            Loaded::Some
        };
        for unsent in page.messages {
            self.last = self.last.max(unsent.place);
            if !is_sent(unsent.place) {
                self.take_in(unsent);
            }
        }
    }

    /// A message was put into the outbox. Where not all was loaded, it will be.
    pub(super) fn post(&mut self, unsent: Unsent) {
        if self.loaded == Loaded::All && unsent.place > self.last {
            self.last = unsent.place;
            self.take_in(unsent);
        }
    }

    fn take_in(&mut self, unsent: Unsent) {
        if !self.gone.contains(&unsent.message.cid) {
            self.messages.push_back(unsent);
        }
    }

    /// What goes next.
    pub(super) fn first(&self) -> Option<&Unsent> {
        self.messages.front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    pub(super) fn take_first(&mut self) -> Option<Unsent> {
        self.messages.pop_front()
    }

    /// A message goes again, in its place.
    pub(super) fn give_back(&mut self, unsent: Unsent) {
        let place = unsent.place;
        let after = self.messages.partition_point(|other| other.place < place);
        self.messages.insert(after, unsent);
    }

    /// After which place more is needed, if there is more. Told once.
    pub(super) fn ask(&mut self) -> Option<u64> {
        if self.loaded != Loaded::Some {
            return None;
        }
        self.loaded = Loaded::Asked;
        Some(self.last)
    }

    pub(super) fn take_back(&mut self, cid: &Cid) {
        self.messages.retain(|unsent| unsent.message.cid != *cid);
        self.gone.insert(*cid);
    }

    /// It is in no page that comes from now on.
    pub(super) fn taken_back(&mut self, cid: &Cid) {
        self.gone.remove(cid);
    }
}
