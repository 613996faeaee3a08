//! While lines pour in, the list has some rows only, and they show the newest lines in turn.
//!
//! The list of GTK keeps two hundred rows around those in sight, and has all of them take another
//! line when others are at its end; rows of lines that are not in it any more it throws away. In a
//! flood that is most of what a frame costs. So the list is told of nothing: its rows are.

use std::cell::RefCell;

use adw::prelude::*;
use adw::subclass::prelude::*;

use super::super::Entry;
use super::ConversationView;
use crate::focus;

/// No row is lower, in pixels.
const LEAST_HEIGHT: u32 = 20;

/// Rows by which whoever leaves the end goes up.
const AWAY: u32 = 3;

/// Rows besides those that can be seen.
const SPARE: u32 = 10;

#[derive(Default)]
pub(in super::super) struct Tail {
    /// What the rows show, from the first to the last; none while the list has all lines.
    entries: RefCell<Vec<Entry>>,
}

impl Tail {
    fn is_shown(&self) -> bool {
        !self.entries.borrow().is_empty()
    }

    /// What the row at a position shows in place of what the list has there.
    pub(super) fn entry(&self, position: u32) -> Option<Entry> {
        self.entries.borrow().get(position as usize).cloned()
    }

    /// The list has other lines.
    pub(super) fn forget(&self) {
        self.entries.take();
    }
}

impl ConversationView {
    /// Shows the newest lines, and no others, until [`show_whole`](Self::show_whole). Not to
    /// whoever is at one of them.
    pub(super) fn show_tail(&self) {
        let imp = self.imp();
        let Some(view) = self.view() else { return };
        let tail = &imp.tail;
        if !tail.is_shown() && focus::contains(&*imp.list) {
            return;
        }
        let height = imp.scroller.height().unsigned_abs();
        let count = view.n_items();
        // Never fewer than before: the list would make them anew.
        let rows = u32::try_from(tail.entries.borrow().len()).unwrap_or(u32::MAX);
        let first = count.saturating_sub(rows.max(height / LEAST_HEIGHT + SPARE));
        let lines: Vec<Entry> = (first..count)
            .filter_map(|at| view.item(at).and_downcast())
            .collect();
        let before = tail.entries.replace(lines.clone());
        if before.len() == lines.len() {
            self.take_others();
        } else {
            let list: gio::ListStore = lines.into_iter().collect();
            imp.model().set_model(Some(&list));
        }
    }

    /// Whether the rows show other lines than those that the list has.
    pub(super) fn is_tail_shown(&self) -> bool {
        self.imp().tail.is_shown()
    }

    /// Shows all lines again: the end, where it is followed, or what is in sight, or at least
    /// somewhat above the end.
    pub(super) fn show_whole(&self) {
        let imp = self.imp();
        if !imp.tail.is_shown() {
            return;
        }
        let back = if self.is_at_end() {
            1
        } else {
            self.rows_to_end() + AWAY
        };
        imp.tail.forget();
        let view = self.view();
        imp.model().set_model(view.as_ref());
        imp.scrolling.lines_are_others();
        // The list does not know yet how high its rows are, and brings this one to the top.
        self.scroll_to(imp.model().n_items().saturating_sub(back));
    }

    /// About how many rows there are from the first in sight to the last.
    fn rows_to_end(&self) -> u32 {
        let adjustment = self.imp().scroller.vadjustment();
        let rows = f64::from(self.imp().model().n_items());
        let part = 1.0 - adjustment.value() / adjustment.upper().max(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "rows of a window; what is no number becomes none"
        )]
        let rows = (rows * part).ceil() as u32;
        rows
    }
}
