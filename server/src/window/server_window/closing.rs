//! The end of the room and of the window.

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_core::net::limits;
use hallway_widgets::dialogs::{self, Choice};
use hallway_words::{gettext, ngettext_f};

use super::{Phase, ServerWindow};

const KEEP_WAITING: &str = "wait";
const CLOSE_ANYWAY: &str = "close";

impl ServerWindow {
    /// The window goes when everybody was told; it asks first where something is not sent yet.
    pub(super) fn on_close_request(&self) -> glib::Propagation {
        match self.imp().phase.get() {
            Phase::Closed => return glib::Propagation::Proceed,
            Phase::Open(_) if self.goes_on_unseen() => self.go_on_unseen(),
            Phase::Open(_) | Phase::Closing { .. } => self.quit(),
        }
        glib::Propagation::Stop
    }

    /// Ends the room and the window, whatever goes on otherwise when a window is closed.
    pub(crate) fn quit(&self) {
        match self.imp().phase.get() {
            Phase::Open(_) if self.talk().unsent() > 0 => {
                self.present();
                self.ask_before_closing();
            }
            _ => self.close_properly(),
        }
    }

    fn ask_before_closing(&self) {
        if self.imp().is_asking.replace(true) {
            return;
        }
        let weak = self.downgrade();
        glib::spawn_future_local(async move {
            let Some(window) = weak.upgrade() else { return };
            let answer = window.ask_whether_to_close().await;
            window.imp().is_asking.set(false);
            if answer == CLOSE_ANYWAY {
                window.close_properly();
            }
        });
    }

    async fn ask_whether_to_close(&self) -> String {
        let count = self.talk().unsent() as u64;
        let body = ngettext_f(
            "{count} message has not reached everyone yet. It is lost for them if the window closes now.",
            "{count} messages have not reached everyone yet. They are lost for them if the window closes now.",
            count,
            &[("count", &count.to_string())],
        );
        let choices = [
            Choice {
                id: KEEP_WAITING,
                label: &gettext("_Keep Waiting"),
                appearance: adw::ResponseAppearance::Default,
            },
            Choice {
                id: CLOSE_ANYWAY,
                label: &gettext("Close _Anyway"),
                appearance: adw::ResponseAppearance::Destructive,
            },
        ];
        let heading = gettext("Close With Unsent Messages?");
        dialogs::ask(self, &heading, &body, &choices, KEEP_WAITING).await
    }

    /// Hides the window, tells everybody, and ends with the last of them.
    pub(crate) fn close_properly(&self) {
        let phase = self.imp().phase.get();
        if phase == Phase::Closed {
            self.destroy();
            return;
        }
        self.set_phase(Phase::Closing { window_too: true });
        self.set_visible(false);
        if matches!(phase, Phase::Open(_)) {
            self.hub().stop(limits::CLOSE);
        }
    }

    /// Somebody wants the window again before it has gone.
    pub(crate) fn keep(&self) {
        if let Phase::Closing { window_too: true } = self.imp().phase.get() {
            self.set_phase(Phase::Closing { window_too: false });
        }
    }

    /// Everybody has gone.
    pub(super) fn on_stopped(&self) {
        let phase = self.imp().phase.get();
        self.set_phase(Phase::Closed);
        if let Phase::Closing { window_too: true } = phase {
            self.destroy();
        } else {
            self.show_setup();
        }
    }
}
