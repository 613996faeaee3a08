//! The window of all conversations that are kept.
//!
//! - `listing`: the conversations, and what is shown of each. `finding`: words in all of them.
//! - `doing`: exporting and deleting the one that is shown.

mod doing;
mod finding;
mod imp;
mod listing;

use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use glib::clone;
use gtk::glib;
use hallway_core::history::Error;
use hallway_words::{gettext, history_error};

use super::source::{Conversation, Source};

/// Pages of the sidebar.
const CONVERSATIONS: &str = "conversations";
const FOUND: &str = "found";
const MESSAGE: &str = "message";

/// Pages beside it.
const NOTHING: &str = "nothing";
const LINES: &str = "lines";

glib::wrapper! {
    /// What was said earlier: all conversations, words found in them, and the chosen one.
    pub struct KeptWindow(ObjectSubclass<imp::KeptWindow>)
        @extends adw::Window, gtk::Window, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget, gtk::Native, gtk::Root,
            gtk::ShortcutManager;
}

#[gtk::template_callbacks]
impl KeptWindow {
    /// Opens the window; it goes with `parent`. What it shows is given to it with
    /// [`look_through`](Self::look_through).
    pub fn open(parent: &impl IsA<gtk::Window>) -> Self {
        let window: Self = glib::Object::builder()
            .property("application", parent.as_ref().application())
            .property("transient-for", parent)
            .property("destroy-with-parent", true)
            .build();
        window.present();
        window.imp().search.grab_focus();
        window
    }

    /// Shows what is kept there.
    pub fn look_through(&self, source: Source) {
        self.imp().source.replace(Some(source));
        self.list_conversations(true);
    }

    /// Says in the window what somebody should know.
    pub fn toast(&self, text: &str) {
        let toast = adw::Toast::new(&glib::markup_escape_text(text));
        self.imp().toasts.add_toast(toast);
    }

    /// Says why there is nothing to look through.
    pub fn tell_unusable(&self, why: &str) {
        let title = gettext("Conversations Cannot Be Shown");
        self.show_message("dialog-warning-symbolic", &title, why);
        self.show_nothing(&title, why);
    }

    fn source(&self) -> Option<Source> {
        self.imp().source.borrow().clone()
    }

    fn complain(&self, error: &Error) {
        if *error != Error::Cancelled {
            self.toast(&history_error(error));
        }
    }

    /// Says something in place of the list.
    fn show_message(&self, icon: &str, title: &str, description: &str) {
        let imp = self.imp();
        imp.message.set_icon_name(Some(icon));
        imp.message.set_title(&glib::markup_escape_text(title));
        imp.message
            .set_description(Some(&glib::markup_escape_text(description)));
        imp.lists.set_visible_child_name(MESSAGE);
    }

    /// Shows no conversation.
    fn show_nothing(&self, title: &str, description: &str) {
        let imp = self.imp();
        imp.shown.take();
        imp.lines.clear();
        imp.title.set_title("");
        imp.title.set_subtitle("");
        imp.menu.set_visible(false);
        self.enable_doing(false);
        imp.nothing.set_title(&glib::markup_escape_text(title));
        imp.nothing
            .set_description(Some(&glib::markup_escape_text(description)));
        imp.pages.set_visible_child_name(NOTHING);
    }

    /// Shows a conversation from its newest line on, or around the line with this number.
    fn show_conversation(&self, conversation: &Rc<Conversation>, line: Option<u64>) {
        let imp = self.imp();
        let Some(source) = self.source() else { return };
        imp.title.set_title(&conversation.title.name);
        imp.title.set_subtitle(&conversation.title.place);
        imp.menu.set_visible(true);
        self.enable_doing(true);
        imp.pages.set_visible_child_name(LINES);
        imp.lines.show(&source, conversation.id, line);
        imp.shown.replace(Some(Rc::clone(conversation)));
        self.count(&source, conversation);
    }

    /// Turns to the conversation where there is room for one side only.
    fn read_on(&self) {
        let imp = self.imp();
        imp.leaflet.set_visible_child(&*imp.content);
        imp.lines.focus_place();
    }

    pub(super) fn go_back(&self) {
        let imp = self.imp();
        let is_read = imp.leaflet.visible_child().as_ref() == Some(imp.content.upcast_ref());
        if imp.leaflet.is_folded() && is_read {
            imp.leaflet.set_visible_child(&*imp.sidebar);
            imp.lists.child_focus(gtk::DirectionType::TabForward);
        }
    }

    pub(super) fn search(&self) {
        let imp = self.imp();
        imp.leaflet.set_visible_child(&*imp.sidebar);
        imp.search.grab_focus();
    }

    #[template_callback]
    fn on_search_changed(&self) {
        self.find();
    }

    #[template_callback]
    fn on_search_activated(&self) {
        self.go_to_first();
    }

    #[template_callback]
    fn on_search_stopped(&self) {
        let search = &self.imp().search;
        if search.text().is_empty() {
            self.close();
        } else {
            search.set_text("");
        }
    }

    #[template_callback]
    fn on_conversation_activated(&self, position: u32) {
        if let Some(conversation) = self.conversation_at(position) {
            self.show_conversation(&conversation, None);
            self.read_on();
        }
    }

    #[template_callback]
    fn on_found_activated(&self, position: u32) {
        self.go_to_found(position);
    }

    #[template_callback]
    fn on_found_edge(&self, edge: gtk::PositionType) {
        if edge == gtk::PositionType::Bottom {
            self.find_older();
        }
    }

    fn set_up(&self) {
        let imp = self.imp();
        imp.lines.connect_failed(clone!(
            #[weak(rename_to = window)]
            self,
            move |error| window.complain(error)
        ));
        self.set_up_conversations();
        self.set_up_found();
        self.show_nothing(&gettext("No Conversation Chosen"), "");
    }
}
