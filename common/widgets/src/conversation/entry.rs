//! A row's worth of a conversation.

use std::cell::{OnceCell, RefCell};
use std::time::SystemTime;

use glib::prelude::*;
use glib::subclass::Signal;
use glib::subclass::prelude::*;

use super::content::{Content, Delivery, LineId};

/// Emitted when the delivery has changed, or whether it is new.
const CHANGED: &str = "changed";

/// What a row shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// So many lines were held before the first one that still is.
    Dropped(u64),
    /// A line.
    Line {
        id: LineId,
        at: SystemTime,
        content: Content,
        /// The same person's line stands just above.
        continues: bool,
        /// The line above, if any, is of another day.
        begins_day: bool,
        /// What came while the person looked elsewhere begins with it.
        begins_new: bool,
    },
}

mod imp {
    use std::sync::LazyLock;

    use super::{
        CHANGED, ObjectImpl, ObjectSubclass, ObjectSubclassExt, OnceCell, RefCell, Shown, Signal,
    };

    #[derive(Default)]
    pub struct Entry {
        pub(super) shown: OnceCell<RefCell<Shown>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Entry {
        const NAME: &'static str = "HallwayEntry";
        type Type = super::Entry;
    }

    impl ObjectImpl for Entry {
        fn signals() -> &'static [Signal] {
            static SIGNALS: LazyLock<Vec<Signal>> =
                LazyLock::new(|| vec![Signal::builder(CHANGED).build()]);
            &SIGNALS
        }
    }

    impl Entry {
        pub(super) fn set(&self, shown: Shown) {
            if self.shown.set(RefCell::new(shown)).is_err() {
                tracing::error!("{:?} was made twice", self.obj());
            }
        }
    }
}

glib::wrapper! {
    /// A row's worth of a conversation. Made when a row is scrolled into view.
    pub struct Entry(ObjectSubclass<imp::Entry>);
}

impl Entry {
    pub(super) fn new(shown: Shown) -> Self {
        let entry: Self = glib::Object::new();
        entry.imp().set(shown);
        entry
    }

    pub(super) fn shown(&self) -> Shown {
        let shown = self.imp().shown.get().expect("set by the constructor");
        shown.borrow().clone()
    }

    /// The line's number; none for the mark of dropped lines.
    pub fn id(&self) -> Option<LineId> {
        match self.shown() {
            Shown::Line { id, .. } => Some(id),
            Shown::Dropped(_) => None,
        }
    }

    pub(super) fn set_begins_new(&self, now: bool) {
        let shown = self.imp().shown.get().expect("set by the constructor");
        if let Shown::Line { begins_new, .. } = &mut *shown.borrow_mut() {
            *begins_new = now;
        }
        self.emit_by_name::<()>(CHANGED, &[]);
    }

    pub(super) fn set_delivery(&self, now: &Delivery) {
        let shown = self.imp().shown.get().expect("set by the constructor");
        if let Shown::Line {
            content: Content::Ours { delivery, .. },
            ..
        } = &mut *shown.borrow_mut()
        {
            delivery.clone_from(now);
        }
        self.emit_by_name::<()>(CHANGED, &[]);
    }

    pub(super) fn connect_changed(
        &self,
        handler: impl Fn(&Self) + 'static,
    ) -> glib::SignalHandlerId {
        self.connect_closure(
            CHANGED,
            false,
            glib::closure_local!(move |entry: Self| handler(&entry)),
        )
    }
}
