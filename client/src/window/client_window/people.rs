//! Who else is there, and whom the person talks to.

use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::glib;
use hallway_core::text::Name;
use hallway_core::wire::Conv;
use hallway_words::{gettext, gettext_f, name_error};

use super::ClientWindow;
use crate::window::attention::Spot;
use crate::window::people_list::{Entry, Kind};
use crate::window::talk::Talk;
use crate::window::words::encrypted as words;

impl ClientWindow {
    /// Shows the conversation with everyone, or with one person.
    pub(in crate::window) fn turn_to(&self, conv: Conv) {
        let Some(talk) = self.talk().filter(|talk| talk.encrypted().is_some()) else {
            return;
        };
        self.page().people().close();
        if talk.conv() != conv {
            let composer = self.page().composer();
            talk.record().keep_draft(talk.conv(), composer.text());
            talk.view().set_new_from(None);
            talk.turn_to(conv);
            self.page().hide_problem();
            self.show_view(&talk);
            self.show_state();
            self.look();
            self.show_people_soon();
        }
        self.page().composer().grab();
    }

    /// What is shown of people is others in a moment: once for all that changes meanwhile.
    pub(in crate::window) fn show_people_soon(&self) {
        if self.imp().are_people_due.replace(true) {
            return;
        }
        let window = self.downgrade();
        glib::idle_add_local_full(glib::Priority::DEFAULT_IDLE, move || {
            if let Some(window) = window.upgrade() {
                window.imp().are_people_due.set(false);
                window.show_people();
            }
            glib::ControlFlow::Break
        });
    }

    fn show_people(&self) {
        let Some(talk) = self.talk() else { return };
        let page = self.page();
        let Some(encrypted) = talk.encrypted() else {
            page.set_typing("");
            return page.people().set_entries(&[], 0, false);
        };
        page.set_typing(&words::writing(&encrypted.writers()));
        page.set_note(&Self::remark_about(&talk));
        let (others, more) = talk.others();
        let here = others.iter().filter(|other| other.is_here).count();
        let application = self.hallway();
        let unread = |conv: Conv| {
            let spot = Spot::new(talk.target(), conv);
            let application = application.as_ref();
            application.map_or(0, |application| application.notifier().unread(&spot).lines)
        };
        let everyone = Entry {
            kind: Kind::Everyone,
            name: gettext("Everyone").into(),
            is_current: talk.conv() == Conv::Room,
            unread: unread(Conv::Room),
            is_typing: false,
            is_here: true,
        };
        let mut entries = vec![everyone];
        entries.extend(others.into_iter().map(|other| {
            let conv = other.id.map(Conv::With);
            Entry {
                kind: other.id.map_or(Kind::Plain, Kind::Encrypted),
                is_current: conv == Some(talk.conv()),
                unread: conv.map_or(0, unread),
                name: other.name,
                is_typing: other.is_typing,
                is_here: other.is_here,
            }
        }));
        let count = u32::try_from(here).unwrap_or(u32::MAX).saturating_add(more);
        page.people().set_entries(&entries, count, true);
    }

    /// What the person should bear in mind in the conversation that is shown.
    fn remark_about(talk: &Talk) -> String {
        match talk.conv() {
            Conv::With(_) => gettext("The server’s host can read this"),
            Conv::Room if talk.is_overheard() => {
                gettext("Anyone on this network can read this room")
            }
            Conv::Room => String::new(),
        }
    }

    /// With whom, where that is one person.
    pub(super) fn partner(talk: &Talk) -> Option<Rc<str>> {
        match talk.conv() {
            Conv::Room => None,
            Conv::With(other) => Some(talk.encrypted()?.name_of(&other)),
        }
    }

    /// What stands in the empty composer of a conversation with one person.
    pub(super) fn placeholder_to(name: &str) -> String {
        // Translators: in an empty field; {name} is a person
        gettext_f("Message to {name}", &[("name", name)])
    }

    /// Opens the list of people.
    pub(in crate::window) fn open_people(&self) {
        if self.talk().is_some() {
            self.page().people().open();
        }
    }

    /// The person wrote that they want to be called this. False: it is no name, as is said.
    pub(super) fn change_name_to(&self, name: &str) -> bool {
        let Some(application) = self.hallway() else {
            return false;
        };
        match Name::parse(name) {
            Ok(name) => {
                self.page().hide_problem();
                application.choose_name(&name);
                self.toast(&gettext_f(
                    "Your name is {name} now",
                    &[("name", name.as_ref())],
                ));
                true
            }
            Err(error) => {
                self.page().show_problem(&name_error(&error));
                false
            }
        }
    }

    /// The person is called this from now on.
    pub(in crate::window) fn take_name(&self, name: &Name) {
        if let Some(talk) = self.talk() {
            talk.take_name(name);
            self.listen_for_names();
        }
    }

    pub(in crate::window) fn is_questioned(&self) -> bool {
        self.imp().is_questioned.get()
    }

    pub(in crate::window) fn set_questioned(&self, is_questioned: bool) {
        self.imp().is_questioned.set(is_questioned);
    }
}
