//! What the person is called.

use adw::prelude::*;
use gtk::glib;
use hallway_core::text::Name;
use hallway_widgets::accessible;
use hallway_widgets::dialogs::ask_text;
use hallway_words::{gettext, gettext_f, name_error};

use super::application::Application;
use super::client_window::ClientWindow;
use crate::words;

const KEY: &str = "name";

impl Application {
    /// What the person is called in rooms.
    pub(super) fn own_name(&self) -> Name {
        let chosen = Name::parse(&self.settings().string(KEY));
        chosen.unwrap_or_else(|_| words::own_name())
    }

    /// Whether the person chose it.
    pub(super) fn has_chosen_name(&self) -> bool {
        Name::parse(&self.settings().string(KEY)).is_ok()
    }

    /// The person wants to be called this, everywhere.
    pub(super) fn choose_name(&self, name: &Name) {
        if let Err(error) = self.settings().set_string(KEY, name.as_ref()) {
            tracing::warn!(%error, "the name is not written");
        }
        for window in self.client_windows() {
            window.take_name(name);
        }
    }

    /// The preference of it.
    pub(super) fn name_group(&self) -> adw::PreferencesGroup {
        let own = self.own_name();
        let row = adw::EntryRow::builder()
            .title(gettext("Your Name"))
            .show_apply_button(true)
            .text(own.as_ref())
            .sensitive(self.settings().is_writable(KEY))
            .build();
        accessible::tell_entry(&row);
        let group = adw::PreferencesGroup::builder()
            .title(gettext("Name"))
            .description(gettext("What others in encrypted rooms see"))
            .build();
        group.add(&row);
        let problem = gtk::Label::builder()
            .wrap(true)
            .xalign(0.0)
            .margin_top(6)
            .visible(false)
            .css_classes(["error", "caption"])
            .build();
        group.add(&problem);
        let weak = problem.downgrade();
        row.connect_changed(move |row| {
            row.remove_css_class("error");
            if let Some(problem) = weak.upgrade() {
                problem.set_visible(false);
            }
        });
        let application = self.downgrade();
        row.connect_apply(move |row| match Name::parse(&row.text()) {
            Ok(name) => {
                if let Some(application) = application.upgrade() {
                    application.choose_name(&name);
                }
            }
            Err(error) => {
                let sentence = name_error(&error);
                row.add_css_class("error");
                problem.set_text(&sentence);
                problem.set_visible(true);
                accessible::announce(row, &sentence);
            }
        });
        group
    }
}

impl ClientWindow {
    /// Asks what the person wants to be called.
    pub(super) fn change_name(&self) {
        self.ask_for_name(false);
    }

    /// As [`change_name`](Self::change_name), perhaps because the name is somebody's.
    pub(super) fn ask_for_name(&self, is_taken: bool) {
        let Some(application) = self.hallway() else {
            return;
        };
        if is_taken && self.is_questioned() {
            return;
        }
        let own = application.own_name();
        let heading = if is_taken {
            gettext_f(
                "Somebody Is Called {name} Already",
                &[("name", own.as_ref())],
            )
        } else {
            gettext("Your Name")
        };
        let body = if is_taken {
            gettext("Choose another name for this room.")
        } else {
            gettext("What others in the room see.")
        };
        let window = self.downgrade();
        self.set_questioned(true);
        glib::spawn_future_local(async move {
            let Some(window) = window.upgrade() else {
                return;
            };
            let check = |text: &str| match Name::parse(text) {
                Ok(_) => Ok(()),
                Err(error) => Err(name_error(&error)),
            };
            let (label, accept) = (gettext("Name"), gettext("_Change"));
            let answer = ask_text(
                &window,
                &heading,
                &body,
                &label,
                own.as_ref(),
                &accept,
                check,
            );
            let answer = answer.await;
            window.set_questioned(false);
            match answer.and_then(|text| Name::parse(&text).ok()) {
                Some(name) => application.choose_name(&name),
                // Without one nobody gets in.
                None if is_taken => window.end_conversation(),
                None => {}
            }
        });
    }
}
