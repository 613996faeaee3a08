//! Whose conversation it is, who hears it, and whether anything can be said.

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_widgets::{accessible, focus};
use hallway_words::{gettext, gettext_f, ngettext_f};

use super::RoomPage;
use crate::window::lock::Lock;
use crate::window::menus;
use crate::window::row::{self, Row, Section};

impl RoomPage {
    /// Says whose conversation this is, who hears it, and whether anything can be said.
    pub(super) fn describe(&self) {
        let imp = self.imp();
        let Some(row) = self.shown() else { return };
        let label = row.label();
        imp.title.set_title(&label);
        let subtitle = self.who_hears(&row);
        imp.title.set_subtitle(&subtitle);
        let (can_send, placeholder) = self.invitation(&row);
        imp.composer.set_can_send(can_send);
        if !can_send && focus::contains(&*imp.composer) {
            imp.conversation.focus_newest();
        }
        imp.composer.set_sensitive(can_send);
        imp.composer.set_placeholder(placeholder);
        let menu = menus::of_person(&row);
        imp.person_menu_button.set_visible(menu.is_some());
        imp.person_menu_button.set_menu_model(menu.as_ref());
        accessible::set_label(
            &*imp.conversation,
            &gettext_f("Conversation with {name}", &[("name", &label)]),
        );
    }

    /// Who hears what is written; shorter where there is little room.
    fn who_hears(&self, row: &Row) -> String {
        let name = row.label();
        let is_narrow = self.is_folded();
        if let Some(words) = row.writers().words().filter(|_| self.is_open()) {
            return words;
        }
        match row.section() {
            _ if !self.is_open() => gettext("Not Listening"),
            Section::Gone => gettext("Gone"),
            Section::Here if row.is_waiting() => gettext("Wants to come in"),
            Section::Here if is_narrow => row.place(),
            Section::Here if row.lock() == Some(Lock::Open) => {
                gettext_f("Only {name} hears this, as plain text", &[("name", &name)])
            }
            Section::Here => gettext_f("Only {name} hears this, encrypted", &[("name", &name)]),
            Section::Everyone if is_narrow || row.people() == 0 => row::people(row.people()),
            Section::Everyone => {
                let count = row.people().to_string();
                ngettext_f(
                    "{count} person hears this",
                    "{count} people hear this",
                    row.people() as u64,
                    &[("count", &count)],
                )
            }
        }
    }

    /// Whether something can be said, and what stands in the empty composer.
    fn invitation(&self, row: &Row) -> (bool, String) {
        let name = row.label();
        match row.section() {
            Section::Gone => (false, gettext_f("{name} has gone", &[("name", &name)])),
            _ if !self.is_open() => (false, gettext("Not listening")),
            Section::Here if row.is_waiting() => (
                false,
                gettext_f("{name} waits to be let in", &[("name", &name)]),
            ),
            Section::Here => (true, gettext_f("Message {name}", &[("name", &name)])),
            Section::Everyone => (true, gettext("Message everyone")),
        }
    }
}
