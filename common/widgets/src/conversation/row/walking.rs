//! A row by keyboard: one stop for a screen reader, and its links and buttons after it.

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::DirectionType;

use super::Row;
use crate::focus;

impl Row {
    /// Puts the focus on all of the row. The list's own row has it, which is what a screen reader
    /// reads.
    pub(in super::super) fn focus_whole(&self) -> bool {
        self.parent().is_some_and(|row| row.grab_focus())
    }

    pub(in super::super) fn is_focused_whole(&self) -> bool {
        self.parent().is_some_and(|row| row.is_focus())
    }

    /// Marks all of the text, for the part of it that is wanted to be chosen by keyboard.
    pub(super) fn select_text(&self) {
        let label = self.text_label();
        label.grab_focus();
        label.select_region(0, -1);
    }

    /// Goes to the next of the links and buttons. Where the focus comes from elsewhere, it is for
    /// the whole row.
    pub(super) fn tab(&self, direction: DirectionType) -> bool {
        if !self.is_focused_whole() && !focus::contains(self) {
            return false;
        }
        let stops = self.stops();
        let stops: Vec<_> = stops.iter().collect();
        // A text goes through its links itself.
        let within = stops.iter().find(|stop| focus::contains(**stop));
        if within.is_some_and(|stop| stop.child_focus(direction)) {
            return true;
        }
        let comes_back = within.is_none() && direction == DirectionType::TabBackward;
        !comes_back && focus::tab_through(&stops, direction).unwrap_or_default()
    }

    /// What of the row takes the focus after the row itself.
    fn stops(&self) -> Vec<gtk::Widget> {
        let imp = self.imp();
        let text = imp.has_links.get().then(|| self.text_label().upcast());
        let buttons = [&imp.more, &imp.retry, &imp.discard].map(|button| button.get().upcast());
        text.into_iter()
            .chain(buttons)
            .filter(gtk::Widget::is_mapped)
            .collect()
    }

    /// The label of what is shown, a message or an event.
    fn text_label(&self) -> gtk::Label {
        let imp = self.imp();
        if imp.message.is_visible() {
            imp.text.get()
        } else {
            imp.event_text.get()
        }
    }
}
