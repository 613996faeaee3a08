//! What the menu and the keys do.

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_widgets::dialogs::{self, Choice};
use hallway_widgets::{conversation, focus, program};
use hallway_words::{gettext, gettext_f};

use super::{FIRST_RUN_KEY, ROOM, SETUP, ServerWindow, WELCOME};
use crate::window::actions;
use crate::window::row::Section;

const CANCEL: &str = "cancel";
const CLEAR: &str = "clear";

const SHORTCUTS: &str = include_str!("../shortcuts.ui");

impl ServerWindow {
    /// Says something that may be missed.
    pub(crate) fn toast(&self, text: &str) {
        // A title is markup, and this may be a peer's words.
        let toast = adw::Toast::new(&glib::markup_escape_text(text));
        self.imp().toasts.add_toast(toast);
    }

    /// Says what this is, to a person who has never seen it.
    pub(super) fn welcome(&self) {
        let imp = self.imp();
        imp.welcome.set_visible(true);
        imp.stack.set_visible_child_name(WELCOME);
        self.set_default_widget(Some(&*imp.get_started));
        imp.get_started.grab_focus();
        self.enable_conversation(false);
        let weak = self.downgrade();
        // A start that opens the room at once never shows the page.
        imp.welcome.connect_map(move |_| {
            if let Some(settings) = weak.upgrade().and_then(|w| w.imp().settings.get().cloned()) {
                // A key that an administrator has locked stays as it is.
                let _ = settings.set_boolean(FIRST_RUN_KEY, false);
            }
        });
    }

    pub(in crate::window) fn show_setup(&self) {
        let imp = self.imp();
        imp.setup
            .set_has_conversation(!self.talk().everyone().view().is_empty());
        imp.stack.set_visible_child_name(SETUP);
        self.set_default_widget(Some(imp.setup.start_button()));
        self.enable_conversation(false);
        imp.setup.grab();
    }

    pub(in crate::window) fn show_conversation(&self) {
        let imp = self.imp();
        let room = self.room();
        room.set_visible(true);
        imp.stack.set_visible_child_name(ROOM);
        self.set_default_widget(gtk::Widget::NONE);
        self.enable_conversation(true);
        room.go_on();
    }

    /// Lets find, export and clear be done where one sees what they are about.
    fn enable_conversation(&self, is_shown: bool) {
        for name in [actions::FIND, actions::EXPORT, actions::CLEAR] {
            actions::set_enabled(self, name, is_shown);
        }
    }

    /// Puts the focus where one writes, if that can be seen.
    pub(in crate::window) fn write(&self) {
        if self.is_room_shown() {
            self.room().composer().grab();
        }
    }

    pub(super) fn is_room_shown(&self) -> bool {
        self.imp().stack.visible_child_name().as_deref() == Some(ROOM)
    }

    pub(in crate::window) fn find(&self) {
        self.room().find();
    }

    pub(in crate::window) fn export(&self) {
        let Some(row) = self.room().shown() else {
            return;
        };
        let weak = self.downgrade();
        glib::spawn_future_local(async move {
            let Some(window) = weak.upgrade() else { return };
            let name = match row.section() {
                Section::Everyone => gettext("Hallway.txt"),
                _ => gettext_f("Hallway – {name}.txt", &[("name", &row.label())]),
            };
            conversation::export(&window, row.view(), &name).await;
        });
    }

    pub(in crate::window) fn clear(&self) {
        let weak = self.downgrade();
        glib::spawn_future_local(async move {
            let Some(window) = weak.upgrade() else { return };
            let choices = [
                Choice {
                    id: CANCEL,
                    label: &gettext("_Cancel"),
                    appearance: adw::ResponseAppearance::Default,
                },
                Choice {
                    id: CLEAR,
                    label: &gettext("C_lear"),
                    appearance: adw::ResponseAppearance::Destructive,
                },
            ];
            let heading = gettext("Clear the Conversation?");
            let body = gettext(
                "Everything that was said goes from this window, private messages too. It cannot be brought back.",
            );
            let answer = dialogs::ask(&window, &heading, &body, &choices, CANCEL).await;
            if answer == CLEAR {
                window.talk().clear();
                window.forget_news();
                // Where the focus was, there may be nothing any more.
                window.room().composer().grab();
            }
        });
    }

    pub(in crate::window) fn step(&self, rows: i32) {
        if self.is_room_shown() {
            self.room().sidebar().step(rows);
        }
    }

    /// Goes to what was said last, wherever the focus is.
    pub(in crate::window) fn show_newest(&self) {
        if self.is_room_shown() {
            self.room().show_newest();
        }
    }

    /// Goes to the next part of the page, or to the one before.
    pub(in crate::window) fn step_region(&self, is_forward: bool) {
        let imp = self.imp();
        if self.is_room_shown() {
            focus::step(&self.room().regions(), is_forward);
        } else {
            focus::step(&imp.setup.regions(), is_forward);
        }
    }

    pub(in crate::window) fn open_menu(&self) {
        if self.is_room_shown() {
            self.room().open_menu();
        } else {
            self.imp().setup.open_menu();
        }
    }

    pub(in crate::window) fn show_shortcuts(&self) {
        if self.help_overlay().is_none() {
            let builder = gtk::Builder::from_string(SHORTCUTS);
            // As the window's overlay it knows the keys of the actions.
            self.set_help_overlay(builder.object("shortcuts").as_ref());
        }
        if let Some(shortcuts) = self.help_overlay() {
            shortcuts.present();
        }
    }

    pub(in crate::window) fn show_about(&self) {
        let name = gettext("Hallway Server");
        let comments =
            gettext("Opens a room on the local network that anything with a socket can join");
        program::about(self, &name, super::super::APPLICATION_ID, &comments);
    }
}
