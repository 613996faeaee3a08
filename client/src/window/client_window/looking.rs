//! What the person looks at, and what is unread.

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_core::wire::Conv;
use hallway_widgets::attention::{self, Front, Unread};
use hallway_words::gettext;

use super::ClientWindow;
use crate::session::Target;
use crate::window::attention::Spot;
use crate::window::talk::{Heard, Talk};

impl ClientWindow {
    /// Follows what the person looks at from now on; once only.
    pub(super) fn set_up_attention(&self) {
        let imp = self.imp();
        let weak = self.downgrade();
        let front = Front::of(self, move || {
            if let Some(window) = weak.upgrade() {
                window.look();
            }
        });
        imp.front.get_or_init(|| front);
        let weak = self.downgrade();
        imp.leaflet.connect_visible_child_notify(move |_| {
            if let Some(window) = weak.upgrade() {
                window.look();
            }
        });
    }

    /// The conversation that is shown.
    fn spot(&self) -> Option<Spot> {
        let talk = self.talk()?;
        Some(Spot::new(talk.target(), talk.conv()))
    }

    /// The conversations of the window: the room, and those with one person each.
    pub(in crate::window) fn spots(&self) -> Vec<Spot> {
        let Some(talk) = self.talk() else {
            return Vec::new();
        };
        let (others, _) = talk.others();
        let others = others.iter().filter_map(|other| other.id);
        let all = [Conv::Room].into_iter().chain(others.map(Conv::With));
        all.map(|conv| Spot::new(talk.target(), conv)).collect()
    }

    /// Whether the person looks at this conversation, here.
    pub(in crate::window) fn looks_at(&self, spot: &Spot) -> bool {
        let imp = self.imp();
        let leaflet = &imp.leaflet;
        let is_shown = !leaflet.is_folded()
            || leaflet.visible_child().as_ref() == Some(imp.content.upcast_ref());
        is_shown
            && self.spot().as_ref() == Some(spot)
            && imp.front.get().is_some_and(Front::is_active)
    }

    /// What the person looks at may be another now. Where there were unread lines, they stay
    /// marked as new until the conversation is left.
    pub(super) fn look(&self) {
        let (Some(talk), Some(application)) = (self.talk(), self.hallway()) else {
            return;
        };
        let spot = Spot::new(talk.target(), talk.conv());
        if self.looks_at(&spot) {
            application.notifier().read(&spot);
            self.show_unread();
        } else {
            talk.view().set_new_from(None);
        }
    }

    /// Nothing in a conversation is new any more.
    pub(in crate::window) fn forget_new(&self, spot: &Spot) {
        if let Some(talk) = self.talk().filter(|talk| *talk.target() == spot.target) {
            talk.view_of(&spot.conv()).set_new_from(None);
        }
    }

    /// Lets the talk tell of its lines.
    pub(super) fn listen_to(&self, talk: &Talk) {
        let weak = self.downgrade();
        talk.connect_heard(move |target, heard| {
            if let Some(window) = weak.upgrade() {
                window.on_heard(target, heard);
            }
        });
        self.listen_for_names_in(talk);
    }

    /// What the person is called may be something else now.
    pub(in crate::window) fn listen_for_names(&self) {
        if let Some(talk) = self.talk() {
            self.listen_for_names_in(&talk);
        }
    }

    fn listen_for_names_in(&self, talk: &Talk) {
        if let Some(application) = self.hallway() {
            talk.set_names(application.names(talk.own_name().as_deref()));
        }
    }

    fn on_heard(&self, target: &Target, heard: &Heard<'_>) {
        let Heard {
            news,
            line,
            view,
            conv,
        } = *heard;
        let spot = Spot::new(target, conv);
        let Some(application) = self.hallway().filter(|_| !self.looks_at(&spot)) else {
            return;
        };
        if application.notifier().unread(&spot) == Unread::default() {
            view.set_new_from(Some(line));
        }
        application.hear(self, &spot, news);
        self.show_people_soon();
    }

    /// What is unread, in the list of servers and in the title.
    pub(in crate::window) fn show_unread(&self) {
        let Some(application) = self.hallway() else {
            return;
        };
        for row in self.imp().servers.rows() {
            row.set_unread(application.unread(row.target()));
        }
        let talk = self.talk();
        let title = talk.as_ref().map_or_else(
            || gettext("Hallway"),
            |talk| talk.server_name().into_owned(),
        );
        let unread = talk.map_or_else(Unread::default, |talk| application.unread(talk.target()));
        self.set_title(Some(&attention::title(unread.lines, &title)));
    }
}
