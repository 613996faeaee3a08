//! The rows of the sidebar as a list that announces its changes once a frame.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use gio::prelude::*;
use gio::subclass::prelude::*;
use hallway_core::net::Timer;

use super::row::{Row, Section};

/// A frame: more often nobody sees it.
const FRAME: Duration = Duration::from_millis(16);

/// Before sockets are read (125) and the window is painted (120), after its events (0).
const ANNOUNCING: i32 = 110;

/// People who have gone that are kept at most; the oldest go first.
const GONE: usize = 100;

/// The place of a row: its section, then the order in which they came there.
type Key = (Section, u64);

mod imp {
    use super::{BTreeMap, Cell, Key, RefCell, Row, Timer};
    use gio::prelude::*;
    use gio::subclass::prelude::*;

    #[derive(Default)]
    pub struct People {
        /// What there is.
        pub(super) rows: RefCell<BTreeMap<Key, Row>>,
        /// What was announced.
        pub(super) shown: RefCell<Vec<(Key, Row)>>,
        pub(super) touched: RefCell<Vec<Row>>,
        pub(super) timer: RefCell<Option<Timer>>,
        pub(super) last: Cell<u64>,
        /// Whether rows were added or removed since.
        pub(super) is_stale: Cell<bool>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for People {
        const NAME: &'static str = "HallwayServerPeople";
        type Type = super::People;
        type Interfaces = (gio::ListModel,);
    }

    impl ObjectImpl for People {
        fn dispose(&self) {
            self.timer.take();
        }
    }

    impl ListModelImpl for People {
        fn item_type(&self) -> glib::Type {
            Row::static_type()
        }

        fn n_items(&self) -> u32 {
            u32::try_from(self.shown.borrow().len()).unwrap_or(u32::MAX)
        }

        fn item(&self, position: u32) -> Option<glib::Object> {
            let shown = self.shown.borrow();
            let (_, row) = shown.get(position as usize)?;
            Some(row.clone().upcast())
        }
    }
}

glib::wrapper! {
    /// Everyone, who is here in the order they came, and who has gone.
    pub struct People(ObjectSubclass<imp::People>) @implements gio::ListModel;
}

impl People {
    /// A list of `everyone` alone.
    pub(crate) fn new(everyone: &Row) -> Self {
        let people: Self = glib::Object::new();
        people.add(everyone);
        people.publish();
        people
    }

    /// Adds a row at the end of its section.
    pub(crate) fn add(&self, row: &Row) {
        let imp = self.imp();
        imp.last.set(imp.last.get() + 1);
        row.imp().order.set(imp.last.get());
        imp.rows.borrow_mut().insert(key(row), row.clone());
        imp.is_stale.set(true);
        self.touch(row);
    }

    /// Removes a row.
    pub(crate) fn remove(&self, row: &Row) {
        let imp = self.imp();
        imp.rows.borrow_mut().remove(&key(row));
        imp.is_stale.set(true);
        self.touch(row);
    }

    /// Moves a row to those who have gone. Returns whom that pushes out.
    pub(crate) fn retire(&self, row: &Row) -> Option<Row> {
        self.remove(row);
        row.set_section(Section::Gone);
        self.add(row);
        let gone = self.gone();
        let oldest = gone.first().filter(|_| gone.len() > GONE)?;
        self.remove(oldest);
        Some(oldest.clone())
    }

    /// Who has gone, the oldest first.
    pub(crate) fn gone(&self) -> Vec<Row> {
        let rows = self.imp().rows.borrow();
        let gone = rows.range((Section::Gone, 0)..);
        gone.map(|(_, row)| row.clone()).collect()
    }

    /// Where a row stands in what was announced.
    pub(crate) fn position(&self, row: &Row) -> Option<u32> {
        let shown = self.imp().shown.borrow();
        let at = shown.iter().position(|(_, other)| other == row)?;
        u32::try_from(at).ok()
    }

    /// Something of `row` is to be shown anew.
    pub(crate) fn touch(&self, row: &Row) {
        if row.imp().is_touched.replace(true) {
            return;
        }
        let imp = self.imp();
        imp.touched.borrow_mut().push(row.clone());
        let mut timer = imp.timer.borrow_mut();
        if timer.is_none() {
            let weak = self.downgrade();
            let then = move || {
                if let Some(people) = weak.upgrade() {
                    people.publish();
                }
            };
            *timer = Some(Timer::once(FRAME, ANNOUNCING.into(), then));
        }
    }

    /// Announces what has changed.
    pub(crate) fn publish(&self) {
        let imp = self.imp();
        imp.timer.take();
        let touched = imp.touched.take();
        if imp.is_stale.replace(false) {
            self.announce_rows();
        }
        for row in touched {
            row.imp().is_touched.set(false);
            row.emit_changed();
        }
    }

    /// Announces all additions and removals as one change: a row that moved is in both, and so
    /// keeps its selection and its widget.
    fn announce_rows(&self) {
        let imp = self.imp();
        let now: Vec<_> = imp
            .rows
            .borrow()
            .iter()
            .map(|(key, row)| (*key, row.clone()))
            .collect();
        let (start, removed, added) = {
            let shown = imp.shown.borrow();
            difference(&shown, &now, |one, other| one.0 == other.0)
        };
        let headed = head(&now);
        imp.shown.replace(now);
        if removed + added > 0 {
            let as_count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            self.items_changed(as_count(start), as_count(removed), as_count(added));
        }
        for row in headed {
            row.emit_changed();
        }
    }
}

fn key(row: &Row) -> Key {
    (row.section(), row.imp().order.get())
}

/// Gives the first row of each section its heading. Returns those for which that is new.
fn head(rows: &[(Key, Row)]) -> Vec<Row> {
    let mut before = None;
    let mut headed = Vec::new();
    for ((section, _), row) in rows {
        if row.set_has_heading(before != Some(*section)) {
            headed.push(row.clone());
        }
        before = Some(*section);
    }
    headed
}

/// Where `old` and `new` begin to differ, and how much of each differs from there.
fn difference<T>(old: &[T], new: &[T], same: impl Fn(&T, &T) -> bool) -> (usize, usize, usize) {
    let pairs = old.iter().zip(new);
    let start = pairs.take_while(|(one, other)| same(one, other)).count();
    let (old, new) = (&old[start..], &new[start..]);
    let pairs = old.iter().rev().zip(new.iter().rev());
    let end = pairs.take_while(|(one, other)| same(one, other)).count();
    (start, old.len() - end, new.len() - end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_announced() {
        let difference = |old: &[u8], new: &[u8]| difference(old, new, |a, b| a == b);
        assert_eq!(difference(&[1, 2, 3], &[1, 2, 3]), (3, 0, 0));
        assert_eq!(difference(&[1, 2], &[1, 2, 3, 4]), (2, 0, 2));
        assert_eq!(difference(&[1, 2, 3], &[1, 3]), (1, 1, 0));
        assert_eq!(difference(&[1, 2, 3, 9], &[1, 3, 4, 9]), (1, 2, 2));
        assert_eq!(difference(&[], &[1]), (0, 0, 1));
        assert_eq!(difference(&[1, 1], &[1]), (1, 1, 0));
    }
}
