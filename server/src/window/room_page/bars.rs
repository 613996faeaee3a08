//! What stands below the header bars.

use adw::subclass::prelude::*;
use hallway_widgets::bar::Tone;

use super::RoomPage;

impl RoomPage {
    /// Says something about the room below the header bars, with labels and actions of buttons.
    pub(crate) fn show_bar(&self, tone: Tone, sentence: &str, buttons: &[(&str, &str)]) {
        let imp = self.imp();
        imp.bar.show(tone, sentence, buttons);
        // Where both sides are seen, once is enough.
        if imp.leaflet.is_folded() {
            imp.people_bar.show(tone, sentence, buttons);
        } else {
            imp.people_bar.hide_bar();
        }
    }

    /// Puts the focus where the person goes on who has answered the bar.
    pub(crate) fn leave_bar(&self) {
        if self.is_conversation_shown() {
            self.go_on();
        } else {
            self.imp().sidebar.grab();
        }
    }

    /// Whether one side is seen and not both.
    pub(crate) fn is_folded(&self) -> bool {
        self.imp().leaflet.is_folded()
    }

    /// Says it no more.
    pub(crate) fn hide_bar(&self) {
        let imp = self.imp();
        for bar in [&imp.bar, &imp.people_bar] {
            bar.hide_bar();
        }
    }
}
