//! Rows are made as they are scrolled towards, and filled as they are seen.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::gdk;
use hallway_core::net::Timer;

use super::super::Entry;
use super::super::row::Row;
use super::ConversationView;

/// Rows that are filled as soon as they have something to show, from one layout to the next: a line
/// that came, a row that the focus goes to, what a wheel scrolls by. More of them are a jump, or a
/// flood.
const AT_ONCE: u32 = 8;

/// Pixels of a row that was never seen: as a message of one line has.
const GUESSED_HEIGHT: i32 = 44;

/// Rows above those in sight that are filled while lines pour in.
const ABOVE: u32 = 3;

/// Rows that are not seen are filled when nothing has moved for so long,
const REST: Duration = Duration::from_millis(150);

/// so many at a time: it takes a few milliseconds to make one.
const AT_REST: usize = 3;

#[derive(Default)]
pub(in super::super) struct Filling {
    /// What the list has for its rows: as many as fit into the window a few times over.
    items: RefCell<Vec<glib::WeakRef<gtk::ListItem>>>,
    /// Rows that took an entry since the last layout.
    bound: Cell<u32>,
    /// When a row was put off last.
    put_off: Cell<Option<Instant>>,
    /// What is seen: its top and its height in pixels.
    place: Cell<(f64, f64)>,
    /// The frame that was laid out last, and how often.
    layouts: Cell<(i64, u32)>,
    clock: RefCell<Option<(gdk::FrameClock, glib::SignalHandlerId)>>,
    later: RefCell<Option<Timer>>,
}

impl Filling {
    pub(super) fn stop(&self) {
        self.later.take();
        if let Some((clock, handler)) = self.clock.take() {
            clock.disconnect(handler);
        }
    }
}

impl ConversationView {
    pub(super) fn set_up_rows(&self) {
        let imp = self.imp();
        let factory = gtk::SignalListItemFactory::new();
        let weak = self.downgrade();
        factory.connect_setup(move |_, item| {
            let (Some(item), Some(this)) = (item.downcast_ref::<gtk::ListItem>(), weak.upgrade())
            else {
                return;
            };
            item.set_activatable(false);
            item.set_child(Some(&place()));
            let mut items = this.imp().filling.items.borrow_mut();
            items.retain(|item| item.upgrade().is_some());
            items.push(item.downgrade());
        });
        let weak = self.downgrade();
        factory.connect_bind(move |_, item| {
            if let (Some(item), Some(this)) = (item.downcast_ref(), weak.upgrade()) {
                this.fill_or_put_off(item);
            }
        });
        factory.connect_unbind(|_, item| {
            if let Some(row) = item.downcast_ref().and_then(row_in) {
                row.unbind();
            }
        });
        imp.list.set_factory(Some(&factory));
        imp.list.set_model(Some(imp.model()));
    }

    fn items(&self) -> Vec<gtk::ListItem> {
        let items = self.imp().filling.items.borrow();
        items.iter().filter_map(glib::WeakRef::upgrade).collect()
    }

    /// The rows that exist now.
    pub(super) fn rows(&self) -> Vec<Row> {
        self.items().iter().filter_map(row_in).collect()
    }

    /// The row at a position that the list has made, filled.
    pub(super) fn row_at(&self, position: u32) -> Option<Row> {
        let items = self.items().into_iter();
        let mut items = items.filter(|item| item.item().is_some());
        let item = items.find(|item| item.position() == position)?;
        self.fill(&item);
        row_in(&item)
    }

    /// Looks what is seen whenever the window is laid out.
    pub(super) fn follow_layout(&self) {
        let Some(clock) = self.frame_clock() else {
            return;
        };
        let weak = self.downgrade();
        let handler = clock.connect_layout(move |clock| {
            if let Some(this) = weak.upgrade() {
                this.before_layout(clock);
            }
        });
        self.imp().filling.clock.replace(Some((clock, handler)));
    }

    fn fill_or_put_off(&self, item: &gtk::ListItem) {
        let filling = &self.imp().filling;
        self.bind(item);
        let before = filling.bound.replace(filling.bound.get() + 1);
        if before < AT_ONCE && !self.imp().scrolling.is_pouring() {
            return self.fill(item);
        }
        if let Some(row) = row_in(item) {
            row.put_off();
        }
        filling.put_off.set(Some(Instant::now()));
        self.fill_later(REST);
    }

    /// The rows take other entries, although the list was told of none. Those in sight are filled,
    /// and some above them: lines may be lower than those before.
    pub(super) fn take_others(&self) {
        let items = self.items().into_iter();
        let items: Vec<_> = items.filter(|item| item.item().is_some()).collect();
        let seen = items.iter().filter(|item| is_seen(item));
        let seen = seen.map(gtk::ListItem::position).min().unwrap_or(0);
        for item in &items {
            self.bind(item);
            if item.position() + ABOVE >= seen {
                self.fill(item);
            } else if let Some(row) = row_in(item) {
                row.put_off();
            }
        }
        // There is no need to look who else is in sight: others come at once.
        self.imp().filling.put_off.take();
    }

    fn bind(&self, item: &gtk::ListItem) {
        if let (Some(row), Some(entry)) = (row_in(item), self.entry_of(item)) {
            row.bind(&entry);
            self.mark_found(&row);
        }
    }

    /// What a row is to show.
    fn entry_of(&self, item: &gtk::ListItem) -> Option<Entry> {
        let other = self.imp().tail.entry(item.position());
        other.or_else(|| item.item().and_downcast())
    }

    /// Shows an entry in its place.
    fn fill(&self, item: &gtk::ListItem) {
        let row = row_in(item).or_else(|| {
            let entry = self.entry_of(item)?;
            let row = Row::new();
            row.bind(&entry);
            self.mark_found(&row);
            item.set_child(Some(&row));
            Some(row)
        });
        if let Some(row) = row {
            row.fill();
        }
    }

    /// The window is about to be laid out. The first time in a frame it is not known where rows will
    /// be that were put off, so it is laid out again. What is seen only because of that is filled in
    /// the next frame: GTK gives up where a frame is laid out again and again.
    fn before_layout(&self, clock: &gdk::FrameClock) {
        let imp = self.imp();
        let filling = &imp.filling;
        let has_bound = filling.bound.take() > 0;
        if filling.put_off.get().is_none() {
            return;
        }
        let frame = clock.frame_counter();
        let (before, count) = filling.layouts.get();
        let count = if before == frame { count + 1 } else { 1 };
        filling.layouts.set((frame, count));
        let adjustment = imp.scroller.vadjustment();
        let place = (adjustment.value(), adjustment.page_size());
        // Where nothing has moved, nothing else is seen.
        let has_moved = filling.place.replace(place) != place;
        if count == 1 && (has_bound || has_moved) {
            clock.request_phase(gdk::FrameClockPhase::LAYOUT);
        } else if count == 2 && self.fill_seen() {
            self.add_tick_callback(|this, _| {
                this.fill_seen();
                glib::ControlFlow::Break
            });
        }
    }

    /// Fills the rows that are seen. Returns whether there were any.
    fn fill_seen(&self) -> bool {
        let mut has_filled = false;
        for item in self.items().iter().filter(|item| is_due(item)) {
            if is_seen(item) {
                self.fill(item);
                has_filled = true;
            }
        }
        has_filled
    }

    /// Fills the others when there is nothing better to do: whoever reads the window without
    /// looking at it finds them, too.
    fn fill_later(&self, delay: Duration) {
        let mut later = self.imp().filling.later.borrow_mut();
        if later.is_none() {
            let weak = self.downgrade();
            let then = move || {
                if let Some(this) = weak.upgrade() {
                    this.imp().filling.later.take();
                    this.fill_at_rest();
                }
            };
            *later = Some(Timer::once(delay, glib::Priority::LOW, then));
        }
    }

    fn fill_at_rest(&self) {
        let filling = &self.imp().filling;
        let since = filling.put_off.get().map(|at| at.elapsed());
        if let Some(wait) = since.and_then(|since| REST.checked_sub(since)) {
            return self.fill_later(wait);
        }
        let due: Vec<_> = self.items().into_iter().filter(is_due).collect();
        for item in due.iter().take(AT_REST) {
            self.fill(item);
        }
        if due.len() > AT_REST {
            self.fill_later(Duration::ZERO);
        } else {
            filling.put_off.take();
        }
    }
}

/// What stands for a row that was never seen. A row has two dozen widgets, and the list has two
/// hundred rows.
fn place() -> gtk::Widget {
    let place = gtk::Box::new(gtk::Orientation::Vertical, 0);
    place.set_height_request(GUESSED_HEIGHT);
    place.upcast()
}

fn row_in(item: &gtk::ListItem) -> Option<Row> {
    item.child().and_downcast()
}

/// Whether a row is in sight: the list hides its own around the others.
fn is_seen(item: &gtk::ListItem) -> bool {
    let own = item.child().and_then(|child| child.parent());
    own.is_some_and(|own| own.is_child_visible())
}

/// Whether something else is shown than the entry, or nothing yet.
fn is_due(item: &gtk::ListItem) -> bool {
    item.item().is_some() && row_in(item).is_none_or(|row| row.is_due())
}
