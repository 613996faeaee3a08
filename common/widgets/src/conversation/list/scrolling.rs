//! Following the end while the reader is there.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::gdk;
use hallway_core::net::Timer;
use hallway_words::ngettext_f;

use super::super::history::POURING;
use super::ConversationView;

/// Pixels from the end at which the reader still counts as being there.
const NEAR: f64 = 6.0;

/// Frames in which the end is looked for after something changed: heights are estimates until rows
/// are drawn.
const SETTLING: u32 = 4;

/// Lines pour in no more when they did not for so long.
const CALM: Duration = Duration::from_secs(1);

/// Frames after which a line that came has its place.
const MOVING: u32 = 2;

/// Keys that go up.
const UPWARDS: [gdk::Key; 6] = [
    gdk::Key::Up,
    gdk::Key::KP_Up,
    gdk::Key::Page_Up,
    gdk::Key::KP_Page_Up,
    gdk::Key::Home,
    gdk::Key::KP_Home,
];

pub(in super::super) struct Scrolling {
    /// The reader is at the end and wants to stay there.
    is_following: Cell<bool>,
    /// Frames that are left of looking for the end.
    settling: Cell<u32>,
    /// While lines pour in: what comes when they do so no more.
    pouring: RefCell<Option<Timer>>,
    /// Lines that came since the reader left the end.
    unseen: Cell<u64>,
    /// Where the list was, in pixels.
    last: Cell<f64>,
    /// Heights were measured anew: what moves now was not moved by the reader.
    is_measured_anew: Cell<bool>,
    /// Frames in which lines that came may still move what is shown.
    moving: Cell<u32>,
    /// Other lines are shown, and nothing of them was measured: heights are those of before.
    is_unmeasured: Cell<bool>,
}

impl Default for Scrolling {
    fn default() -> Self {
        Self {
            is_following: Cell::new(true),
            settling: Cell::default(),
            pouring: RefCell::default(),
            unseen: Cell::default(),
            last: Cell::default(),
            is_measured_anew: Cell::default(),
            moving: Cell::default(),
            is_unmeasured: Cell::default(),
        }
    }
}

impl Scrolling {
    /// Whether lines pour in, so that whatever is shown is gone in a moment.
    pub(super) fn is_pouring(&self) -> bool {
        self.pouring.borrow().is_some()
    }

    pub(super) fn stop(&self) {
        self.pouring.take();
    }

    /// The list shows other lines from now on.
    pub(super) fn lines_are_others(&self) {
        self.is_unmeasured.set(true);
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
                this.imp().scrolling.is_measured_anew.set(true);
                this.settle();
            }
        });
        self.set_up_leaving();
    }

    /// Notices by the reader's hand that the end is left: while lines pour in, the list moves in
    /// every frame, and its place tells nothing about who moved it.
    fn set_up_leaving(&self) {
        let scroller = &self.imp().scroller;
        let wheel = gtk::EventControllerScroll::new(gtk::EventControllerScrollFlags::VERTICAL);
        wheel.set_propagation_phase(gtk::PropagationPhase::Capture);
        let weak = self.downgrade();
        wheel.connect_scroll(move |_, _, down| {
            let is_left = weak
                .upgrade()
                .is_some_and(|this| down < 0.0 && this.leave_end());
            glib::Propagation::from(is_left)
        });
        scroller.add_controller(wheel);
        let keys = gtk::EventControllerKey::new();
        keys.set_propagation_phase(gtk::PropagationPhase::Capture);
        let weak = self.downgrade();
        keys.connect_key_pressed(move |_, key, _, _| {
            let is_left = weak
                .upgrade()
                .is_some_and(|this| UPWARDS.contains(&key) && this.leave_end());
            glib::Propagation::from(is_left)
        });
        scroller.add_controller(keys);
        let finger = gtk::GestureDrag::builder()
            .touch_only(true)
            .propagation_phase(gtk::PropagationPhase::Capture)
            .build();
        let weak = self.downgrade();
        finger.connect_drag_update(move |_, _, down| {
            if let Some(this) = weak.upgrade()
                && down > NEAR
            {
                this.leave_end();
            }
        });
        scroller.add_controller(finger);
        // The bar's handle is a range inside of it.
        let range = scroller
            .vscrollbar()
            .first_child()
            .and_downcast::<gtk::Range>();
        if let Some(range) = range {
            let weak = self.downgrade();
            range.connect_change_value(move |range, _, value| {
                if let Some(this) = weak.upgrade()
                    && value < range.value() - NEAR
                {
                    this.leave_end();
                }
                glib::Propagation::Proceed
            });
        }
    }

    /// The reader goes up, where there is something above. Returns whether that is done already:
    /// where the list has all its lines again, it does not know yet how high they are.
    fn leave_end(&self) -> bool {
        let had_tail = self.is_tail_shown();
        let adjustment = self.imp().scroller.vadjustment();
        if adjustment.value() > adjustment.lower() {
            self.stop_following();
        }
        had_tail && !self.is_tail_shown()
    }

    pub(super) fn lines_pushed(&self, new: u32) {
        let scrolling = &self.imp().scrolling;
        // A burst is over before it is worth the trouble.
        let has_poured = scrolling.is_pouring();
        if new >= POURING {
            self.pour();
        }
        if scrolling.is_following.get() {
            scrolling.moving.set(MOVING);
            if has_poured {
                self.show_tail();
            }
            // Before the list is laid out: it grows upwards then, and nothing jumps.
            if let Some(last) = self.imp().model().n_items().checked_sub(1) {
                self.scroll_to(last);
            }
            self.settle();
        } else {
            scrolling
                .unseen
                .set(scrolling.unseen.get() + u64::from(new));
            self.show_news();
        }
    }

    /// Shows everything, and looks for its exact end, when lines pour in no more.
    fn pour(&self) {
        let weak = self.downgrade();
        let calm = move || {
            if let Some(this) = weak.upgrade() {
                this.imp().scrolling.stop();
                this.show_whole();
                if this.is_at_end() {
                    this.settle();
                }
            }
        };
        let calm = Timer::once(CALM, glib::Priority::DEFAULT_IDLE, calm);
        self.imp().scrolling.pouring.replace(Some(calm));
    }

    /// The reader looks at something that is not the end.
    pub(super) fn stop_following(&self) {
        let scrolling = &self.imp().scrolling;
        scrolling.is_following.set(false);
        scrolling.settling.set(0);
        self.show_whole();
    }

    fn scrolled(&self, adjustment: &gtk::Adjustment) {
        let scrolling = &self.imp().scrolling;
        let value = adjustment.value();
        let last = scrolling.last.replace(value);
        let is_of_itself = scrolling.is_measured_anew.take() || scrolling.moving.get() > 0;
        if value + adjustment.page_size() >= adjustment.upper() - NEAR {
            if !scrolling.is_following.replace(true) {
                scrolling.unseen.set(0);
                self.show_news();
            }
        } else if value < last - 1.0 && !is_of_itself {
            self.stop_following();
        }
    }

    /// Goes to the end in this frame and the next ones.
    fn settle(&self) {
        let scrolling = &self.imp().scrolling;
        if scrolling.settling.replace(SETTLING) > 0 {
            return;
        }
        self.add_tick_callback(|this, _| {
            let scrolling = &this.imp().scrolling;
            scrolling.is_measured_anew.set(false);
            scrolling
                .moving
                .set(scrolling.moving.get().saturating_sub(1));
            let settling = &scrolling.settling;
            let left = settling.get();
            if left == 0 {
                return glib::ControlFlow::Break;
            }
            settling.set(left - 1);
            if !scrolling.is_pouring() {
                this.go_to_end();
            }
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
        if imp.scrolling.is_unmeasured.take() {
            // To its end by number, and by height in the next frame.
            return self.scroll_to(last);
        }
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
