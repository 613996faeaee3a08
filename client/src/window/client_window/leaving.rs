//! Closing a window without losing what is unsent.

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::glib;
use hallway_widgets::dialogs::{Choice, ask};
use hallway_words::{gettext, ngettext_f};

use super::ClientWindow;
use crate::window::farewell;

impl ClientWindow {
    /// Somebody closes the window. Where something is unsent it stays open until they were asked.
    pub(super) fn wants_to_leave(&self) -> bool {
        let is_clean = self
            .talk()
            .is_none_or(|talk| talk.session().unsent_count() == 0);
        if is_clean {
            self.part();
            return true;
        }
        let window = self.downgrade();
        glib::spawn_future_local(async move {
            if let Some(window) = window.upgrade()
                && window.may_leave().await
            {
                window.leave();
                window.close();
            }
        });
        false
    }

    /// Asks, where something is unsent, whether the window may be closed.
    pub(in crate::window) async fn may_leave(&self) -> bool {
        let Some(talk) = self.talk() else {
            return true;
        };
        if self.imp().is_asked.replace(true) {
            return false;
        }
        let count = farewell::unsent(talk.session()).await;
        let may_leave = count == 0 || {
            self.present();
            self.ask_to_leave(count, talk.target().host()).await
        };
        self.imp().is_asked.set(false);
        may_leave
    }

    async fn ask_to_leave(&self, count: usize, host: &str) -> bool {
        let choices = [
            Choice {
                id: "wait",
                label: &gettext("_Keep Waiting"),
                appearance: adw::ResponseAppearance::Default,
            },
            Choice {
                id: "close",
                label: &gettext("_Close Anyway"),
                appearance: adw::ResponseAppearance::Destructive,
            },
        ];
        let body = ngettext_f(
            "{n} message to {host} is not sent yet. It is lost if you close the window.",
            "{n} messages to {host} are not sent yet. They are lost if you close the window.",
            count as u64,
            &[("host", host)],
        );
        let heading = gettext("Close the Window?");
        ask(self, &heading, &body, &choices, "wait").await == "close"
    }

    /// Ends the conversation properly, whatever is unsent.
    pub(in crate::window) fn leave(&self) {
        self.imp().remember_size();
        self.part();
    }
}
