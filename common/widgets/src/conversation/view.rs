//! Some lines of a history as a list model.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use gio::prelude::*;
use gio::subclass::prelude::*;
use glib::WeakRef;
use glib::subclass::Signal;

use super::content::{Content, Delivery, LineId};
use super::entry::{Entry, Shown};
use super::history::{History, Line};
use crate::time;

/// Emitted with the number of new lines after they were announced.
const PUSHED: &str = "pushed";

/// A pause after which a person's next line begins a group of its own.
const GROUP_PAUSE: Duration = Duration::from_mins(5);

/// Entries remembered before those that nobody holds any more are looked for.
const ENTRIES_BEFORE_SWEEP: usize = 1024;

mod imp {
    use super::{
        Cell, Delivery, ENTRIES_BEFORE_SWEEP, Entry, HashMap, History, LazyLock, ListModelImpl,
        OnceCell, PUSHED, RefCell, Shown, Signal, VecDeque, WeakRef,
    };
    use gio::prelude::*;
    use gio::subclass::prelude::*;

    #[derive(Default)]
    pub struct View {
        pub(super) history: OnceCell<History>,
        /// The lines' numbers, those that are not announced last.
        pub(super) ids: RefCell<VecDeque<u64>>,
        announced: Cell<usize>,
        /// How many older lines were let go.
        pub(super) dropped: Cell<u64>,
        /// The first line that is new to the person.
        pub(super) new_from: Cell<Option<u64>>,
        entries: RefCell<HashMap<u64, WeakRef<Entry>>>,
        sweep_at: Cell<usize>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for View {
        const NAME: &'static str = "HallwayView";
        type Type = super::View;
        type Interfaces = (gio::ListModel,);
    }

    impl ObjectImpl for View {
        fn signals() -> &'static [Signal] {
            static SIGNALS: LazyLock<Vec<Signal>> = LazyLock::new(|| {
                vec![
                    Signal::builder(PUSHED)
                        .param_types([u32::static_type()])
                        .build(),
                ]
            });
            &SIGNALS
        }
    }

    impl ListModelImpl for View {
        fn item_type(&self) -> glib::Type {
            Entry::static_type()
        }

        fn n_items(&self) -> u32 {
            as_u32(self.announced.get()) + self.mark()
        }

        fn item(&self, position: u32) -> Option<glib::Object> {
            if position == 0 && self.mark() == 1 {
                return Some(Entry::new(Shown::Dropped(self.dropped.get())).upcast());
            }
            let at = (position - self.mark()) as usize;
            if at >= self.announced.get() {
                return None;
            }
            self.entry(at).map(Cast::upcast)
        }
    }

    impl View {
        /// Rows before the first line.
        pub(super) fn mark(&self) -> u32 {
            u32::from(self.dropped.get() > 0)
        }

        pub(super) fn announced(&self) -> usize {
            self.announced.get()
        }

        pub(in super::super) fn push(&self, id: u64) {
            self.ids.borrow_mut().push_back(id);
        }

        /// The entry of a line, the same one for as long as somebody holds it.
        fn entry(&self, at: usize) -> Option<Entry> {
            let id = *self.ids.borrow().get(at)?;
            let known = self.known(id);
            if known.is_some() {
                return known;
            }
            let entry = Entry::new(self.obj().shown(at)?);
            let mut entries = self.entries.borrow_mut();
            entries.insert(id, entry.downgrade());
            if entries.len() > self.sweep_at.get().max(ENTRIES_BEFORE_SWEEP) {
                entries.retain(|_, entry| entry.upgrade().is_some());
                self.sweep_at.set(2 * entries.len());
            }
            Some(entry)
        }

        /// The entry of a line, where somebody holds it.
        pub(super) fn known(&self, id: u64) -> Option<Entry> {
            self.entries.borrow().get(&id).and_then(WeakRef::upgrade)
        }

        pub(in super::super) fn set_delivery(&self, id: u64, delivery: &Delivery) {
            if let Some(entry) = self.known(id) {
                entry.set_delivery(delivery);
            }
        }

        /// Forgets all lines before this one, which are all that were announced.
        pub(in super::super) fn clear(&self, end: u64) {
            let before = self.n_items();
            self.ids.borrow_mut().retain(|id| *id >= end);
            self.entries.take();
            self.announced.set(0);
            self.dropped.set(0);
            self.obj().items_changed(0, before, 0);
        }

        /// Tells listeners what happened since the last time; `first` is the first line held.
        pub(in super::super) fn announce(&self, first: u64) {
            self.announce_dropped(first);
            let (from, total) = (self.announced.get(), self.ids.borrow().len());
            let new = as_u32(total - from);
            if new > 0 {
                self.announced.set(total);
                let position = as_u32(from) + self.mark();
                self.obj().items_changed(position, 0, new);
                self.obj().emit_by_name::<()>(PUSHED, &[&new]);
            }
        }

        fn announce_dropped(&self, first: u64) {
            let gone = self.ids.borrow().partition_point(|id| *id < first);
            if gone == 0 {
                return;
            }
            let mark = self.mark();
            self.ids.borrow_mut().drain(..gone);
            self.dropped.set(self.dropped.get() + gone as u64);
            let announced = self.announced.get();
            let removed = gone.min(announced);
            self.announced.set(announced - removed);
            // What is first now has nothing above it: its row is made anew.
            let again = usize::from(removed > 0 && announced > removed);
            if again == 1
                && let Some(id) = self.ids.borrow().front()
            {
                self.entries.borrow_mut().remove(id);
            }
            self.obj()
                .items_changed(0, as_u32(removed + again) + mark, 1 + as_u32(again));
        }
    }

    /// A history holds far fewer lines than fit.
    fn as_u32(count: usize) -> u32 {
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

glib::wrapper! {
    /// Some lines of a [`History`], as a list of entries that are made only as they are asked
    /// for. It announces once a frame whatever happened since the last time. Where older lines
    /// were let go, one row before the first says how many.
    pub struct View(ObjectSubclass<imp::View>) @implements gio::ListModel;
}

impl View {
    pub(super) fn new(history: History) -> Self {
        let view: Self = glib::Object::new();
        if view.imp().history.set(history).is_err() {
            tracing::error!("a view was made twice");
        }
        view
    }

    /// What holds the lines.
    ///
    /// # Panics
    /// Never: [`History::view`] is the only way to make one.
    pub fn history(&self) -> &History {
        self.imp().history.get().expect("set by the constructor")
    }

    /// Lines of this view that are held, announced or not.
    pub fn len(&self) -> usize {
        self.imp().ids.borrow().len()
    }

    /// Whether no line of this view is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The newest line.
    pub fn last(&self) -> Option<Content> {
        let id = *self.imp().ids.borrow().back()?;
        Some(self.history().line(id)?.content)
    }

    /// Whether a line is held and of this view.
    pub fn holds(&self, id: LineId) -> bool {
        self.imp().ids.borrow().binary_search(&id.0).is_ok()
    }

    /// Of the newest lines, `most` of them: how many are such ones, and the newest of these.
    pub(super) fn newest(
        &self,
        most: usize,
        is_such: impl Fn(&Content) -> bool,
    ) -> Option<(u64, Content)> {
        let ids = self.imp().ids.borrow();
        let is_such = |id: &&u64| {
            let found = self
                .history()
                .with_line(**id, |line| is_such(&line.content));
            found == Some(true)
        };
        let mut ids = ids.iter().rev().take(most).filter(is_such);
        let newest = self.history().line(*ids.next()?)?.content;
        Some((1 + ids.count() as u64, newest))
    }

    /// Tells how many lines are new, after they were announced: at most once a frame.
    pub fn connect_pushed(&self, handler: impl Fn(&Self, u32) + 'static) -> glib::SignalHandlerId {
        self.connect_closure(
            PUSHED,
            false,
            glib::closure_local!(move |view: Self, new: u32| handler(&view, new)),
        )
    }

    /// The position of a line that is held and announced.
    pub fn position(&self, id: LineId) -> Option<u32> {
        let imp = self.imp();
        let ids = imp.ids.borrow();
        let at = ids.binary_search(&id.0).ok()?;
        let at = (at < imp.announced()).then_some(at)?;
        Some(u32::try_from(at).ok()? + imp.mark())
    }

    /// Marks the line from which on everything is new to the person; or none.
    pub fn set_new_from(&self, id: Option<LineId>) {
        let imp = self.imp();
        let now = id.map(|id| id.0);
        let before = imp.new_from.replace(now);
        if before == now {
            return;
        }
        for id in [before, now].into_iter().flatten() {
            if let Some(entry) = imp.known(id) {
                entry.set_begins_new(Some(id) == now);
            }
        }
    }

    /// How many older lines were let go.
    pub fn dropped(&self) -> u64 {
        self.imp().dropped.get()
    }

    /// Lines that follow `after`, at most `most`: where a longer look goes on.
    pub(super) fn ids_after(&self, after: Option<u64>, most: usize) -> Vec<u64> {
        let ids = self.imp().ids.borrow();
        let from = after.map_or(0, |after| ids.partition_point(|id| *id <= after));
        ids.range(from..ids.len().min(from + most))
            .copied()
            .collect()
    }

    fn at(&self, range: Range<usize>) -> Vec<Line> {
        let ids = self.imp().ids.borrow();
        let ids = ids.range(range);
        ids.filter_map(|id| self.history().line(*id)).collect()
    }

    fn shown(&self, at: usize) -> Option<Shown> {
        let id = *self.imp().ids.borrow().get(at)?;
        let mut lines = self.at(at.saturating_sub(1)..at + 1);
        let line = lines.pop()?;
        let above = lines.pop();
        let begins_day = above
            .as_ref()
            .is_none_or(|above| !time::is_same_day(above.at, line.at));
        Some(Shown::Line {
            id: LineId(id),
            at: line.at,
            continues: !begins_day && above.is_some_and(|above| continues(&above, &line)),
            content: line.content,
            begins_day,
            begins_new: self.imp().new_from.get() == Some(id),
        })
    }
}

/// Whether a line belongs to the group of the line above it.
fn continues(above: &Line, line: &Line) -> bool {
    let pause = |earlier: SystemTime| line.at.duration_since(earlier).unwrap_or_default();
    if pause(above.at) > GROUP_PAUSE {
        return false;
    }
    match (&above.content, &line.content) {
        (Content::Theirs { speaker: a, .. }, Content::Theirs { speaker: b, .. }) => a == b,
        (Content::Ours { to: a, .. }, Content::Ours { to: b, .. }) => a == b,
        _ => false,
    }
}
