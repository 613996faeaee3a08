//! Following the end while the reader is there.

use std::cell::Cell;

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_words::ngettext_f;

use super::ConversationView;

/// Pixels from the end at which the reader still counts as being there.
const NEAR: f64 = 6.0;

/// Frames in which the end is looked for after something changed: heights are estimates until rows
/// are drawn.
const SETTLING: u32 = 4;

pub(in super::super) struct Scrolling {
    /// The reader is at the end and wants to stay there.
    is_following: Cell<bool>,
    /// Frames that are left of looking for the end.
    settling: Cell<u32>,
    /// Lines that came since the reader left the end.
    unseen: Cell<u64>,
    /// Where the list was: its value and its height, in pixels.
    last: Cell<(f64, f64)>,
}

impl Default for Scrolling {
    fn default() -> Self {
        Self {
            is_following: Cell::new(true),
            settling: Cell::default(),
            unseen: Cell::default(),
            last: Cell::default(),
        }
    }
}

impl ConversationView {
    /// Shows the newest line and follows the end again.
    pub fn scroll_to_end(&self) {
        let scrolling = &self.imp().scrolling;
        scrolling.is_following.set(true);
        scrolling.unseen.set(0);
        self.show_news();
        self.settle();
    }

    /// Whether the newest line is in view and will be.
    pub fn is_at_end(&self) -> bool {
        self.imp().scrolling.is_following.get()
    }

    pub(super) fn set_up_scrolling(&self) {
        let adjustment = self.imp().scroller.vadjustment();
        let weak = self.downgrade();
        adjustment.connect_value_changed(move |adjustment| {
            if let Some(this) = weak.upgrade() {
                this.scrolled(adjustment);
            }
        });
        let weak = self.downgrade();
        adjustment.connect_changed(move |_| {
            if let Some(this) = weak.upgrade()
                && this.is_at_end()
            {
                this.settle();
            }
        });
    }

    pub(super) fn lines_pushed(&self, new: u32) {
        let scrolling = &self.imp().scrolling;
        if scrolling.is_following.get() {
            self.settle();
        } else {
            scrolling
                .unseen
                .set(scrolling.unseen.get() + u64::from(new));
            self.show_news();
        }
    }

    /// The reader looks at something that is not the end.
    pub(super) fn stop_following(&self) {
        let scrolling = &self.imp().scrolling;
        scrolling.is_following.set(false);
        scrolling.settling.set(0);
    }

    fn scrolled(&self, adjustment: &gtk::Adjustment) {
        let scrolling = &self.imp().scrolling;
        let (value, height) = (adjustment.value(), adjustment.upper());
        let (last_value, last_height) = scrolling.last.replace((value, height));
        if value + adjustment.page_size() >= height - NEAR {
            if !scrolling.is_following.replace(true) {
                scrolling.unseen.set(0);
                self.show_news();
            }
        } else if value < last_value - 1.0 && height >= last_height && scrolling.settling.get() == 0
        {
            // Upwards, and not because something above became shorter.
            scrolling.is_following.set(false);
        }
    }

    /// Goes to the end in this frame and the next ones.
    fn settle(&self) {
        let scrolling = &self.imp().scrolling;
        if scrolling.settling.replace(SETTLING) > 0 {
            return;
        }
        self.add_tick_callback(|this, _| {
            let settling = &this.imp().scrolling.settling;
            let left = settling.get();
            if left == 0 {
                return glib::ControlFlow::Break;
            }
            settling.set(left - 1);
            this.go_to_end();
            if left == 1 {
                glib::ControlFlow::Break
            } else {
                glib::ControlFlow::Continue
            }
        });
    }

    fn go_to_end(&self) {
        let imp = self.imp();
        let Some(last) = imp.model().n_items().checked_sub(1) else {
            return;
        };
        let adjustment = imp.scroller.vadjustment();
        let end = adjustment.upper() - adjustment.page_size();
        if adjustment.value() < end - 0.5 || end <= 0.0 {
            self.scroll_to(last);
            adjustment.set_value(adjustment.upper() - adjustment.page_size());
        }
    }

    fn show_news(&self) {
        let imp = self.imp();
        let unseen = imp.scrolling.unseen.get();
        imp.news.set_visible(unseen > 0);
        if unseen > 0 {
            imp.news.set_label(&ngettext_f(
                "{n} new message",
                "{n} new messages",
                unseen,
                &[],
            ));
        }
    }
}
