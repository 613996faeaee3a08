//! The lines of one conversation, read page by page while somebody scrolls.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use glib::{BoxedAnyObject, clone};
use gtk::{gdk, glib};
use hallway_core::history::Error;
use hallway_core::history::kept::{KeptLine, Part};
use hallway_words::gettext;

use super::pages::{PAGE, Pages};
use super::row::LineRow;
use super::source::Source;
use super::told;
use crate::accessible;

/// Is told what went wrong.
type Complain = Box<dyn Fn(&Error)>;

mod imp {
    use super::{BoxedAnyObject, Cell, Complain, HashMap, LineRow, Pages, RefCell, Source, glib};
    use adw::subclass::prelude::*;

    pub struct KeptLines {
        pub(super) list: gtk::ListView,
        pub(super) scroller: gtk::ScrolledWindow,
        pub(super) store: gio::ListStore,
        pub(super) pages: RefCell<Pages>,
        pub(super) source: RefCell<Option<(Source, i64)>>,
        /// The line that was looked for.
        pub(super) marked: Cell<Option<u64>>,
        /// Rows of lines, by the lines' numbers.
        pub(super) rows: RefCell<HashMap<u64, LineRow>>,
        /// The page that is being read.
        pub(super) reading: RefCell<Option<glib::JoinHandle<()>>>,
        pub(super) complain: RefCell<Option<Complain>>,
    }

    impl Default for KeptLines {
        fn default() -> Self {
            Self {
                list: gtk::ListView::default(),
                scroller: gtk::ScrolledWindow::default(),
                store: gio::ListStore::new::<BoxedAnyObject>(),
                pages: RefCell::default(),
                source: RefCell::default(),
                marked: Cell::default(),
                rows: RefCell::default(),
                reading: RefCell::default(),
                complain: RefCell::default(),
            }
        }
    }

    #[glib::object_subclass]
    impl ObjectSubclass for KeptLines {
        const NAME: &'static str = "HallwayKeptLines";
        type Type = super::KeptLines;
        type ParentType = adw::Bin;
    }

    impl ObjectImpl for KeptLines {
        fn constructed(&self) {
            self.parent_constructed();
            self.obj().set_up();
        }

        fn dispose(&self) {
            self.obj().stop_reading();
        }
    }

    impl WidgetImpl for KeptLines {}
    impl BinImpl for KeptLines {}
}

glib::wrapper! {
    /// A conversation that is kept: a part of it is held, and more is read at both ends.
    pub struct KeptLines(ObjectSubclass<imp::KeptLines>)
        @extends adw::Bin, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl KeptLines {
    fn set_up(&self) {
        let imp = self.imp();
        imp.list.add_css_class("lines");
        accessible::set_label(&imp.list, &gettext("Messages"));
        imp.list.set_factory(Some(&self.factory()));
        let selection = gtk::NoSelection::new(Some(imp.store.clone()));
        imp.list.set_model(Some(&selection));
        imp.scroller.set_hscrollbar_policy(gtk::PolicyType::Never);
        imp.scroller.set_child(Some(&imp.list));
        imp.scroller.set_vexpand(true);
        self.set_child(Some(&imp.scroller));
        imp.scroller.vadjustment().connect_value_changed(clone!(
            #[weak(rename_to = this)]
            self,
            move |adjustment| this.scrolled(adjustment)
        ));
        imp.scroller.connect_edge_reached(clone!(
            #[weak(rename_to = this)]
            self,
            move |_, edge| if edge == gtk::PositionType::Bottom {
                let news = this.imp().pages.borrow().news();
                this.read_after(news);
            }
        ));
        let keys = gtk::EventControllerKey::new();
        keys.connect_key_pressed(clone!(
            #[weak(rename_to = this)]
            self,
            #[upgrade_or]
            glib::Propagation::Proceed,
            move |_, key, _, modifiers| {
                let copies = matches!(key, gdk::Key::c | gdk::Key::Insert)
                    && modifiers.contains(gdk::ModifierType::CONTROL_MASK);
                (copies && this.copy()).into()
            }
        ));
        imp.list.add_controller(keys);
    }

    fn factory(&self) -> gtk::SignalListItemFactory {
        let factory = gtk::SignalListItemFactory::new();
        factory.connect_setup(|_, item| {
            if let Some(item) = item.downcast_ref::<gtk::ListItem>() {
                item.set_child(Some(&LineRow::default()));
                item.set_activatable(false);
            }
        });
        factory.connect_bind(clone!(
            #[weak(rename_to = this)]
            self,
            move |_, item| {
                if let Some(item) = item.downcast_ref() {
                    this.fill(item);
                }
            }
        ));
        factory.connect_unbind(clone!(
            #[weak(rename_to = this)]
            self,
            move |_, item| {
                let item = item.downcast_ref::<gtk::ListItem>();
                let line = item
                    .and_then(gtk::ListItem::item)
                    .as_ref()
                    .and_then(line_of);
                if let Some(line) = line {
                    this.imp().rows.borrow_mut().remove(&line.id);
                }
            }
        ));
        factory
    }

    fn fill(&self, item: &gtk::ListItem) {
        let imp = self.imp();
        let row = item.child().and_downcast::<LineRow>();
        let line = item.item().as_ref().and_then(line_of);
        let source = imp.source.borrow();
        if let (Some(row), Some(line), Some((source, _))) = (row, line, source.as_ref()) {
            row.show(source, &line, imp.marked.get() == Some(line.id));
            row.show_day(&line, self.line_before(item.position()).as_deref());
            imp.rows.borrow_mut().insert(line.id, row);
        }
    }

    fn line_at(&self, position: u32) -> Option<Rc<KeptLine>> {
        line_of(&self.imp().store.item(position)?)
    }

    fn line_before(&self, position: u32) -> Option<Rc<KeptLine>> {
        self.line_at(position.checked_sub(1)?)
    }

    /// Is told what cannot be read. There is one.
    pub(super) fn connect_failed(&self, complain: impl Fn(&Error) + 'static) {
        self.imp().complain.replace(Some(Box::new(complain)));
    }

    /// Shows a conversation from its newest line on, or around the line that was looked for.
    pub(super) fn show(&self, source: &Source, conversation: i64, marked: Option<u64>) {
        let imp = self.imp();
        self.clear();
        imp.source.replace(Some((source.clone(), conversation)));
        imp.marked.set(marked);
        let first = marked.map_or(Part::Newest, Part::Before);
        let older = source.history.lines(conversation, first, PAGE);
        let newer = marked.map(|id| source.history.lines(conversation, Part::From(id), PAGE));
        self.read(
            async move {
                let older = older.await?;
                let newer = match newer {
                    Some(newer) => newer.await?,
                    None => Vec::new(),
                };
                Ok((older, newer))
            },
            |this, (older, newer)| {
                this.imp()
                    .pages
                    .borrow_mut()
                    .begin(&ids(&older), &ids(&newer));
                let all: Vec<_> = older.into_iter().chain(newer).map(object).collect();
                this.imp().store.splice(0, 0, &all);
                this.go_to_place();
            },
        );
    }

    /// Shows nothing.
    pub(super) fn clear(&self) {
        let imp = self.imp();
        self.stop_reading();
        imp.source.take();
        imp.store.remove_all();
        imp.pages.take();
    }

    /// Puts the focus on the line that was looked for, else on the newest one.
    pub(super) fn focus_place(&self) {
        let imp = self.imp();
        let place = self.place();
        if let Some(position) = place {
            self.scroll_to(position);
            let line = self.line_at(position);
            let row = line.and_then(|line| imp.rows.borrow().get(&line.id).cloned());
            if let Some(row) = row.and_then(|row| row.parent()) {
                row.grab_focus();
            }
        }
    }

    fn place(&self) -> Option<u32> {
        let imp = self.imp();
        let last = imp.store.n_items().checked_sub(1);
        let Some(marked) = imp.marked.get() else {
            return last;
        };
        let position = imp.pages.borrow().position(marked);
        position.and_then(|at| u32::try_from(at).ok()).or(last)
    }

    fn go_to_place(&self) {
        let Some(position) = self.place() else {
            return;
        };
        self.scroll_to(position);
        if self.imp().marked.get().is_some() {
            self.focus_place();
        }
        // The list knows the heights of its rows only when it was laid out.
        glib::idle_add_local_once(clone!(
            #[weak(rename_to = this)]
            self,
            move || this.scroll_to(position)
        ));
    }

    fn scroll_to(&self, position: u32) {
        // A list that has gone has no such action, and nothing to scroll.
        let _ = self
            .imp()
            .list
            .activate_action("list.scroll-to-item", Some(&position.to_variant()));
    }

    fn scrolled(&self, adjustment: &gtk::Adjustment) {
        let imp = self.imp();
        if imp.reading.borrow().is_some() {
            return;
        }
        let page = adjustment.page_size();
        let (above, below) = (
            adjustment.value(),
            adjustment.upper() - adjustment.value() - page,
        );
        let (before, after) = {
            let pages = imp.pages.borrow();
            (pages.before(), pages.after())
        };
        if above < page && before.is_some() {
            self.read_before(before);
        } else if below < page {
            self.read_after(after);
        }
    }

    fn read_before(&self, part: Option<Part>) {
        self.read_page(part, |this, page| {
            let imp = this.imp();
            let excess = imp.pages.borrow_mut().add_before(&ids(&page));
            let count = page.len();
            let page: Vec<_> = page.into_iter().map(object).collect();
            imp.store.splice(0, 0, &page);
            this.drop_lines(imp.store.n_items() - small(excess), excess);
            // What was first has somebody before it now, perhaps of the same day.
            this.show_day_at(small(count));
        });
    }

    fn read_after(&self, part: Option<Part>) {
        self.read_page(part, |this, page| {
            let imp = this.imp();
            let excess = imp.pages.borrow_mut().add_after(&ids(&page));
            let page: Vec<_> = page.into_iter().map(object).collect();
            imp.store.splice(imp.store.n_items(), 0, &page);
            this.drop_lines(0, excess);
        });
    }

    fn drop_lines(&self, position: u32, count: usize) {
        if count > 0 {
            let none: [BoxedAnyObject; 0] = [];
            self.imp().store.splice(position, small(count), &none);
        }
    }

    fn show_day_at(&self, position: u32) {
        let Some(line) = self.line_at(position) else {
            return;
        };
        if let Some(row) = self.imp().rows.borrow().get(&line.id) {
            row.show_day(&line, self.line_before(position).as_deref());
        }
    }

    fn read_page(&self, part: Option<Part>, then: impl FnOnce(&Self, Vec<KeptLine>) + 'static) {
        let source = self.imp().source.borrow().clone();
        if let (Some((source, conversation)), Some(part)) = (source, part)
            && self.imp().reading.borrow().is_none()
        {
            self.read(source.history.lines(conversation, part, PAGE), then);
        }
    }

    /// Waits for an answer, in place of the one that was waited for.
    fn read<T: 'static>(
        &self,
        answer: impl Future<Output = Result<T, Error>> + 'static,
        then: impl FnOnce(&Self, T) + 'static,
    ) {
        self.stop_reading();
        let weak = self.downgrade();
        let reading = glib::spawn_future_local(async move {
            let answer = answer.await;
            let Some(this) = weak.upgrade() else { return };
            this.imp().reading.take();
            match (answer, this.imp().complain.borrow().as_ref()) {
                (Ok(value), _) => then(&this, value),
                (Err(error), Some(complain)) => complain(&error),
                (Err(_), None) => {}
            }
        });
        self.imp().reading.replace(Some(reading));
    }

    fn stop_reading(&self) {
        if let Some(reading) = self.imp().reading.take() {
            reading.abort();
        }
    }

    /// Puts all of the line that has the focus on the clipboard.
    fn copy(&self) -> bool {
        let focus = self.root().and_then(|root| root.focus());
        let row = focus.and_then(|focus| focus.first_child());
        let rows = self.imp().rows.borrow();
        let mut found = rows
            .iter()
            .filter(|(_, known)| Some(known.upcast_ref()) == row.as_ref());
        let position = found
            .next()
            .and_then(|(id, _)| self.imp().pages.borrow().position(*id));
        let line = position.and_then(|position| self.line_at(small(position)));
        let Some(line) = line else { return false };
        self.clipboard().set_text(&told::whole(&line.text));
        true
    }
}

fn ids(lines: &[KeptLine]) -> Vec<u64> {
    lines.iter().map(|line| line.id).collect()
}

fn object(line: KeptLine) -> BoxedAnyObject {
    BoxedAnyObject::new(Rc::new(line))
}

fn line_of(object: &glib::Object) -> Option<Rc<KeptLine>> {
    let boxed = object.downcast_ref::<BoxedAnyObject>()?;
    let held = boxed.try_borrow::<Rc<KeptLine>>().ok()?;
    Some(Rc::clone(&held))
}

/// What is held is a few pages.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
