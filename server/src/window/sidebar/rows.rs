//! The widgets of the rows that can be seen.

use std::cell::RefCell;

use gtk::prelude::*;

use super::Sidebar;
use crate::window::person_row::PersonRow;
use crate::window::row::Row;

/// The rows that show somebody now.
#[derive(Default)]
pub(super) struct Rows(RefCell<Vec<PersonRow>>);

impl Rows {
    fn add(&self, row: PersonRow) {
        self.0.borrow_mut().push(row);
    }

    fn remove(&self, row: &PersonRow) {
        self.0.borrow_mut().retain(|other| other != row);
    }

    /// The widget that shows somebody.
    pub(super) fn of(&self, wanted: &Row) -> Option<PersonRow> {
        let rows = self.0.borrow();
        let found = rows
            .iter()
            .find(|widget| widget.row().as_ref() == Some(wanted));
        found.cloned()
    }

    /// Shows those anew that `update` says are different now.
    pub(super) fn refresh(&self, update: impl Fn(&Row) -> bool) {
        for widget in self.0.borrow().iter() {
            if widget.row().is_some_and(|row| update(&row)) {
                widget.refresh();
            }
        }
    }
}

impl Sidebar {
    /// Makes the widgets of the list and tells them whom to show.
    pub(super) fn factory(&self) -> gtk::SignalListItemFactory {
        let factory = gtk::SignalListItemFactory::new();
        let weak = self.downgrade();
        factory.connect_setup(move |_, item| {
            if let (Some(sidebar), Some(item)) = (weak.upgrade(), item.downcast_ref()) {
                sidebar.set_up(item);
            }
        });
        let weak = self.downgrade();
        factory.connect_bind(move |_, item| {
            if let (Some(sidebar), Some(item)) = (weak.upgrade(), item.downcast_ref()) {
                sidebar.bind(item);
            }
        });
        let weak = self.downgrade();
        factory.connect_unbind(move |_, item| {
            let widget = item.downcast_ref().and_then(widget);
            if let (Some(sidebar), Some(widget)) = (weak.upgrade(), widget) {
                widget.set_row(None);
                sidebar.rows().remove(&widget);
            }
        });
        factory
    }

    fn set_up(&self, item: &gtk::ListItem) {
        let widget = PersonRow::new();
        let weak = self.downgrade();
        widget.connect_chosen(move |widget| {
            if let (Some(sidebar), Some(row)) = (weak.upgrade(), widget.row()) {
                sidebar.choose(&row);
            }
        });
        let weak = self.downgrade();
        widget.connect_menu_requested(move |widget, x, y| {
            if let Some(sidebar) = weak.upgrade() {
                sidebar.open_menu(widget, x, y);
            }
        });
        // The list's own row, which a screen reader reads, is the parent from now on.
        widget.connect_parent_notify(|widget| {
            if let Some(row) = widget.row() {
                widget.name_for_screen_readers(&row);
            }
        });
        item.set_child(Some(&widget));
    }

    fn bind(&self, item: &gtk::ListItem) {
        let row = item.item().and_downcast::<Row>();
        if let (Some(widget), Some(row)) = (widget(item), row) {
            widget.set_row(Some(&row));
            self.rows().add(widget);
        }
    }
}

fn widget(item: &gtk::ListItem) -> Option<PersonRow> {
    item.child().and_downcast()
}
