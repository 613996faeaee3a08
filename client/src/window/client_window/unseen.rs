//! The conversation goes on while nobody sees its window.

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::glib;
use hallway_widgets::dialogs::{Choice, ask};
use hallway_words::gettext;

use super::ClientWindow;
use crate::session::State;
use crate::window::unseen::with_server;

/// The setting that a conversation goes on when its window is closed.
const KEEP_RUNNING: &str = "keep-running";

impl ClientWindow {
    /// The window was closed and its conversation goes on.
    pub(in crate::window) fn is_unseen(&self) -> bool {
        self.imp().is_unseen.get()
    }

    /// Whether there is a connection, or will be one without anybody doing anything.
    pub(in crate::window) fn is_going_on(&self) -> bool {
        let state = self.talk().map(|talk| talk.session().state());
        matches!(
            state,
            Some(
                State::LookingUp
                    | State::Connecting
                    | State::Connected { .. }
                    | State::Waiting { .. }
            )
        )
    }

    /// What goes on in it, as a sentence.
    pub(in crate::window) fn whereabouts(&self) -> String {
        let Some(talk) = self.talk() else {
            return String::new();
        };
        let is_connected = matches!(talk.session().state(), State::Connected { .. });
        with_server(talk.target().host(), is_connected, self.is_going_on())
    }

    /// Whether closing the window now is not the end of the conversation.
    pub(super) fn goes_on_unseen(&self) -> bool {
        let wants_to = self
            .hallway()
            .is_some_and(|hallway| hallway.settings().boolean(KEEP_RUNNING));
        wants_to && self.is_going_on()
    }

    /// Hides the window. It stays one of the application, which so goes on.
    pub(super) fn go_on_unseen(&self) {
        let Some(application) = self.hallway() else {
            return;
        };
        self.imp().is_unseen.set(true);
        self.set_visible(false);
        application.tell_status();
        let Some(background) = application.background().cloned() else {
            return;
        };
        let weak = self.downgrade();
        glib::spawn_future_local(async move {
            let reason = gettext("Conversations go on when the windows of Hallway are closed.");
            if !background.may_go_on(&reason).await
                && let Some(window) = weak.upgrade()
                && window.is_unseen()
            {
                window.present();
                window.ask_without_leave().await;
            }
        });
    }

    /// Somebody sees the window again.
    pub(super) fn come_back(&self) {
        if self.imp().is_unseen.replace(false)
            && let Some(application) = self.hallway()
        {
            application.tell_status();
        }
    }

    /// What happens in the conversation is told where nobody sees it.
    pub(super) fn tell_status(&self) {
        if self.is_unseen()
            && let Some(application) = self.hallway()
        {
            application.tell_status();
        }
    }

    /// The system wants every program that runs to have a window.
    async fn ask_without_leave(&self) {
        let choices = [
            Choice {
                id: "keep",
                label: &gettext("_Keep Window Open"),
                appearance: adw::ResponseAppearance::Default,
            },
            Choice {
                id: "close",
                label: &gettext("_Disconnect and Close"),
                appearance: adw::ResponseAppearance::Destructive,
            },
        ];
        let heading = gettext("Not Allowed to Run in the Background");
        let body = gettext(
            "The system does not let Hallway go on without a window. You can allow it in the system’s settings, among those of applications.",
        );
        if ask(self, &heading, &body, &choices, "keep").await == "close" && self.may_leave().await {
            self.leave();
            self.close();
        }
    }

    /// This computer has woken, or its network is another one.
    pub(in crate::window) fn look_after_network(&self) {
        if let Some(talk) = self.talk() {
            talk.session().look_after_network();
        }
    }
}
