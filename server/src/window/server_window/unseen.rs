//! The room goes on while nobody sees its window.

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_widgets::Background;
use hallway_widgets::background::Status;
use hallway_widgets::dialogs::{self, Choice};
use hallway_words::{gettext, gettext_f, ngettext_f};

use super::{Phase, ServerWindow};
use crate::window::application::Application;

/// The setting that a room goes on when its window is closed.
const KEEP_RUNNING: &str = "keep-running";

const KEEP_OPEN: &str = "keep";
const CLOSE_ANYWAY: &str = "close";

impl ServerWindow {
    pub(super) fn set_up_unseen(&self) {
        self.connect_visible_notify(|window| {
            if window.is_visible() {
                window.imp().is_unseen.set(false);
                window.tell_status();
            }
        });
        let weak = self.downgrade();
        self.talk().everyone().connect_changed(move |_| {
            if let Some(window) = weak.upgrade() {
                window.tell_status();
            }
        });
    }

    fn background(&self) -> Option<Background> {
        let application = self.application().and_downcast::<Application>()?;
        application.background().cloned()
    }

    /// Whether closing the window now is not the end of the room.
    pub(super) fn goes_on_unseen(&self) -> bool {
        let settings = self.imp().settings.get();
        self.background().is_some()
            && settings.is_some_and(|settings| settings.boolean(KEEP_RUNNING))
    }

    /// Hides the window. It stays one of the application, which so goes on.
    pub(super) fn go_on_unseen(&self) {
        let Some(background) = self.background() else {
            return;
        };
        self.imp().is_unseen.set(true);
        self.set_visible(false);
        self.tell_status();
        let weak = self.downgrade();
        glib::spawn_future_local(async move {
            let reason =
                gettext("The room stays open when the window of Hallway Server is closed.");
            if !background.may_go_on(&reason).await
                && let Some(window) = weak.upgrade()
                && window.imp().is_unseen.get()
            {
                window.present();
                window.ask_without_leave().await;
            }
        });
    }

    /// The system wants every program that runs to have a window.
    async fn ask_without_leave(&self) {
        let heading = gettext("Not Allowed to Run in the Background");
        let body = gettext(
            "The system does not let Hallway Server go on without a window. You can allow it in the system’s settings, among those of applications.",
        );
        let choices = [
            Choice {
                id: KEEP_OPEN,
                label: &gettext("_Keep Window Open"),
                appearance: adw::ResponseAppearance::Default,
            },
            Choice {
                id: CLOSE_ANYWAY,
                label: &gettext("_Stop and Close"),
                appearance: adw::ResponseAppearance::Destructive,
            },
        ];
        let answer = dialogs::ask(self, &heading, &body, &choices, KEEP_OPEN).await;
        if answer == CLOSE_ANYWAY {
            self.quit();
        }
    }

    /// Tells what goes on unseen, where something does.
    pub(super) fn tell_status(&self) {
        let Some(background) = self.background() else {
            return;
        };
        let is_open = matches!(self.imp().phase.get(), Phase::Open(_));
        let status = (is_open && self.imp().is_unseen.get()).then(|| Status {
            title: gettext("Hallway Server goes on listening"),
            body: self.whereabouts(),
        });
        background.tell(status);
    }

    /// Where the room is, and how many are in it.
    fn whereabouts(&self) -> String {
        let place = self.room().place().unwrap_or_default();
        let place = [("place", place.as_str())];
        let people = self.talk().everyone().people();
        if people == 0 {
            // Translators: {place} is such as “192.168.1.20, port 4255”
            return gettext_f("{place}. Nobody is here.", &place);
        }
        let count = people.to_string();
        ngettext_f(
            // Translators: {place} is such as “192.168.1.20, port 4255”
            "{place}. {count} person is here.",
            "{place}. {count} people are here.",
            people as u64,
            &[place[0], ("count", &count)],
        )
    }
}
