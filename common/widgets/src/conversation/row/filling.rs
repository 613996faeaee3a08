//! A row takes an entry, and is filled with it when it is seen.
//!
//! A list of GTK has two hundred rows around those that are seen. To fill and to measure them takes
//! a tenth of a second: too long where other lines are shown in every frame.

use gtk::{prelude::*, subclass::prelude::*};

use super::{Entry, Row};

impl Row {
    /// Takes an entry. [`fill`](Self::fill) shows it; until then [`put_off`](Self::put_off) hides
    /// what was shown before.
    pub(in super::super) fn bind(&self, entry: &Entry) {
        self.unbind();
        let imp = self.imp();
        imp.is_whole.set(false);
        imp.is_due.set(true);
        let row = self.downgrade();
        let handler = entry.connect_changed(move |_| {
            if let Some(row) = row.upgrade() {
                row.show();
            }
        });
        imp.entry.replace(Some((entry.clone(), handler)));
    }

    pub(in super::super) fn unbind(&self) {
        self.close_menu();
        let imp = self.imp();
        imp.is_due.set(false);
        imp.found.take();
        if let Some((entry, handler)) = imp.entry.take() {
            entry.disconnect(handler);
        }
    }

    /// Hides it in the place that it takes, which is that of what it showed before.
    pub(in super::super) fn put_off(&self) {
        self.set_child_visible(false);
    }

    /// Whether it shows something else than its entry.
    pub(in super::super) fn is_due(&self) -> bool {
        self.imp().is_due.get()
    }

    /// Shows its entry, if it does not.
    pub(in super::super) fn fill(&self) {
        if self.imp().is_due.replace(false) {
            self.show();
            self.set_child_visible(true);
        }
    }
}
