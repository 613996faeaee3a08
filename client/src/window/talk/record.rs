//! What was said with a server.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::SystemTime;

use hallway_core::wire::Conv;
use hallway_widgets::conversation::{Content, Delivery, History, LineId, View};

/// What was said with one server. It outlives its sessions.
#[derive(Clone)]
pub(in crate::window) struct Record {
    pub(in crate::window) is_encrypted: bool,
    history: History,
    room: View,
    /// What was said with one person each. Made as they are met.
    others: Rc<RefCell<BTreeMap<Conv, View>>>,
    /// What was written and not sent when a conversation left the window.
    drafts: Rc<RefCell<BTreeMap<Conv, String>>>,
}

impl Record {
    /// An empty one that holds the newest `cap` lines.
    pub(in crate::window) fn new(cap: usize, is_encrypted: bool) -> Self {
        let history = History::new(cap);
        let room = history.view();
        Self {
            is_encrypted,
            history,
            room,
            others: Rc::default(),
            drafts: Rc::default(),
        }
    }

    /// Forgets everything, in all its conversations.
    pub(in crate::window) fn clear(&self) {
        self.history.clear();
    }

    /// Holds the newest `cap` lines from now on.
    pub(in crate::window) fn set_cap(&self, cap: usize) {
        self.history.set_cap(cap);
    }

    /// The drafts of `other` become its own.
    pub(in crate::window) fn with_drafts_of(mut self, other: &Self) -> Self {
        self.drafts = Rc::clone(&other.drafts);
        self
    }

    pub(in crate::window) fn keep_draft(&self, conv: Conv, text: String) {
        let mut drafts = self.drafts.borrow_mut();
        if text.is_empty() {
            drafts.remove(&conv);
        } else {
            drafts.insert(conv, text);
        }
    }

    pub(in crate::window) fn take_draft(&self, conv: &Conv) -> String {
        self.drafts.borrow_mut().remove(conv).unwrap_or_default()
    }

    pub(super) fn view(&self, conv: &Conv) -> View {
        if *conv == Conv::Room {
            return self.room.clone();
        }
        let mut others = self.others.borrow_mut();
        let view = others.entry(*conv).or_insert_with(|| self.history.view());
        view.clone()
    }

    pub(super) fn push(&self, content: Content, views: &[&View]) -> LineId {
        self.history.push(content, views)
    }

    pub(super) fn push_at(&self, at: SystemTime, content: Content, view: &View) -> LineId {
        self.history.push_at(at, content, &[view])
    }

    pub(super) fn set_delivery(&self, line: LineId, delivery: Delivery) {
        self.history.set_delivery(line, delivery);
    }

    /// Whether a line of ours is not known to have arrived.
    pub(super) fn is_unsettled(&self, line: LineId) -> bool {
        let delivery = self.history.delivery(line);
        matches!(delivery, Some(Delivery::Queued | Delivery::OnTheWay))
    }
}
