//! The bar for finding words.

use std::cell::RefCell;
use std::time::Duration;

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_core::net::Timer;
use hallway_words::{gettext, gettext_f};

use super::super::content::LineId;
use super::super::find::Search;
use super::super::row::Row;
use super::ConversationView;

/// After painting: a long search never makes the window stutter.
const PRIORITY: glib::Priority = glib::Priority::LOW;

#[derive(Default)]
pub(in super::super) struct Searching {
    search: RefCell<Option<Search>>,
    /// The next part of the search.
    next: RefCell<Option<Timer>>,
}

impl Searching {
    pub(super) fn stop(&self) {
        self.next.take();
        self.search.take();
    }
}

impl ConversationView {
    pub(super) fn set_up_searching(&self) {
        let imp = self.imp();
        imp.search_bar.connect_entry(&*imp.search_entry);
        let weak = self.downgrade();
        imp.search_bar
            .connect_search_mode_enabled_notify(move |bar| {
                if let Some(this) = weak.upgrade() {
                    this.set_search_mode(bar.is_search_mode());
                }
            });
        let weak = self.downgrade();
        imp.search_entry.connect_search_changed(move |entry| {
            if let Some(this) = weak.upgrade() {
                this.search(&entry.text());
            }
        });
        let next = |later: bool| {
            let weak = self.downgrade();
            move |_: &gtk::SearchEntry| {
                if let Some(this) = weak.upgrade() {
                    this.find_next(later);
                }
            }
        };
        // The newest hit is the first one: what comes next is older.
        imp.search_entry.connect_activate(next(false));
        imp.search_entry.connect_next_match(next(true));
        imp.search_entry.connect_previous_match(next(false));
        let keys = gtk::EventControllerKey::new();
        keys.set_propagation_phase(gtk::PropagationPhase::Capture);
        let weak = self.downgrade();
        keys.connect_key_pressed(move |_, key, _, state| {
            let is_back = matches!(key, gtk::gdk::Key::Return | gtk::gdk::Key::KP_Enter)
                && state.contains(gtk::gdk::ModifierType::SHIFT_MASK);
            match weak.upgrade() {
                Some(this) if is_back => {
                    this.find_next(true);
                    glib::Propagation::Stop
                }
                _ => glib::Propagation::Proceed,
            }
        });
        imp.search_entry.add_controller(keys);
        self.search("");
    }

    pub(super) fn search_mode_changed(&self, on: bool) {
        let imp = self.imp();
        if on {
            imp.search_entry.grab_focus();
        } else {
            imp.search_entry.set_text("");
            self.search("");
        }
    }

    /// Opens the bar with these words in it; goes to `line`, which has them, or to the newest one
    /// that does.
    pub fn find(&self, words: &str, line: Option<LineId>) {
        let imp = self.imp();
        self.set_search_mode(true);
        imp.search_entry.set_text(words);
        // The bar may have been open before.
        imp.search_entry.grab_focus();
        self.search(words);
        let Some(id) = line else { return };
        if let Some(search) = imp.searching.search.borrow_mut().as_mut() {
            search.set_current(id.0);
        }
        self.show_current(Some(id));
    }

    /// Looks for other words.
    fn search(&self, words: &str) {
        let searching = &self.imp().searching;
        let is_going_on = |search: &Search| search.words() == words.to_lowercase();
        if searching.search.borrow().as_ref().is_some_and(is_going_on) {
            return;
        }
        searching.stop();
        for row in self.rows() {
            row.set_found(None);
        }
        if !words.is_empty() {
            searching.search.replace(Some(Search::new(words)));
        }
        self.search_on();
        self.show_count();
    }

    /// Looks at lines that were not looked at, in turns of the main loop.
    pub(super) fn search_on(&self) {
        let searching = &self.imp().searching;
        if searching.search.borrow().is_none() || searching.next.borrow().is_some() {
            return;
        }
        let weak = self.downgrade();
        let next = Timer::once(Duration::ZERO, PRIORITY, move || {
            if let Some(this) = weak.upgrade() {
                this.search_a_part();
            }
        });
        searching.next.replace(Some(next));
    }

    fn search_a_part(&self) {
        let searching = &self.imp().searching;
        searching.next.take();
        let Some(view) = self.view() else { return };
        let (has_more, is_lost) = match searching.search.borrow_mut().as_mut() {
            Some(search) => {
                let has_more = search.go_on(&view);
                (has_more, !has_more && search.current().is_none())
            }
            None => return,
        };
        if has_more {
            self.search_on();
        } else if is_lost {
            self.find_next(false);
        }
        self.show_count();
    }

    /// Goes to the next line that has the words.
    pub(super) fn find_next(&self, later: bool) {
        let Some(view) = self.view() else { return };
        let found = match self.imp().searching.search.borrow_mut().as_mut() {
            Some(search) => search.go(&view, later),
            None => return,
        };
        self.show_current(found.map(LineId));
    }

    /// Brings what was found into view, and marks it.
    fn show_current(&self, found: Option<LineId>) {
        let position = |id| self.view()?.position(id);
        if let Some(position) = found.and_then(position) {
            self.show_whole();
            let adjustment = self.imp().scroller.vadjustment();
            // Where everything is in view the end is, too.
            if adjustment.upper() > adjustment.page_size() {
                self.stop_following();
            }
            self.scroll_to(position);
        }
        for row in self.rows() {
            self.mark_found(&row);
        }
        self.show_count();
    }

    /// Marks a row if it is the one that was found.
    pub(super) fn mark_found(&self, row: &Row) {
        let search = self.imp().searching.search.borrow();
        let id = row.entry().and_then(|entry| entry.id());
        let words = search
            .as_ref()
            .filter(|search| id.is_some() && id.map(|id| id.0) == search.current())
            .map(Search::words);
        row.set_found(words);
    }

    fn show_count(&self) {
        let imp = self.imp();
        let search = imp.searching.search.borrow();
        let words = match search.as_ref().map(Search::count) {
            None => String::new(),
            Some((0, _)) if imp.searching.next.borrow().is_some() => gettext("Searching…"),
            Some((0, _)) => gettext("Not found"),
            Some((all, None)) => all.to_string(),
            Some((all, Some(at))) => gettext_f(
                // Translators: the third of seventeen lines that were found
                "{at} of {all}",
                &[("at", &at.to_string()), ("all", &all.to_string())],
            ),
        };
        let can_go = search.as_ref().is_some_and(|search| search.count().0 > 0);
        imp.search_count.set_label(&words);
        for action in ["conversation.find-earlier", "conversation.find-later"] {
            self.action_set_enabled(action, can_go);
        }
    }
}
