//! Servers that somebody else named, and what a window begins with.

use adw::prelude::*;
use gtk::glib;
use hallway_core::net::DEFAULT_PORT;
use hallway_widgets::dialogs::{Choice, ask, tell};
use hallway_words::{gettext, gettext_f};

use super::ClientWindow;
use crate::cli::Opening;
use crate::session::Target;
use crate::session::target::{ParseError, is_link};
use crate::way::Way;
use crate::words::not_an_address;

impl ClientWindow {
    /// A new window begins.
    pub(in crate::window) fn begin_with(&self, opening: Opening) {
        if matches!(opening, Opening::Any | Opening::Empty) {
            self.welcome();
        }
        let window = self.downgrade();
        glib::spawn_future_local(async move {
            let Some(window) = window.upgrade() else {
                return;
            };
            match opening {
                Opening::Any | Opening::Empty => {}
                Opening::Question => window.connect_to_address(),
                Opening::Server(target, way) => {
                    window.remember_address(&target);
                    window.talk_to_by(&target, way).await;
                }
                Opening::Link(target, way) => {
                    if window.trusts(&target).await {
                        window.talk_to_by(&target, way).await;
                    } else {
                        window.close();
                    }
                }
            }
        });
    }

    /// What is written in the dialog next time.
    fn remember_address(&self, target: &Target) {
        if let Some(application) = self.hallway() {
            let settings = application.settings();
            let written = settings.set_string("last-address", &target.to_string());
            if let Err(error) = written {
                tracing::warn!(%error, "the last address is not written");
            }
        }
    }

    /// Whether to connect to a server that a link named. A link can come from a web page, which
    /// must not make this computer connect wherever it likes.
    async fn trusts(&self, target: &Target) -> bool {
        if self.recent().contains(target) {
            return true;
        }
        let port = target.port().to_string();
        let heading = gettext_f(
            "Connect to {host}, port {port}?",
            &[("host", target.host()), ("port", &port)],
        );
        let mut body = gettext(
            "A link asks for this. You have not talked to that server before; connect only if you know whose it is.",
        );
        if target.port() != DEFAULT_PORT {
            body.push(' ');
            body.push_str(&gettext(
                "The port is not the usual one of Hallway, so something else may be there.",
            ));
        }
        let choices = [
            Choice {
                id: "cancel",
                label: &gettext("_Cancel"),
                appearance: adw::ResponseAppearance::Default,
            },
            Choice {
                id: "connect",
                label: &gettext("C_onnect"),
                appearance: adw::ResponseAppearance::Suggested,
            },
        ];
        ask(self, &heading, &body, &choices, "cancel").await == "connect"
    }

    /// A link in the conversation. Ours opens a window of its own, and so asks.
    pub(super) fn follow_link(&self, link: &str) -> bool {
        if !is_link(link) {
            return false;
        }
        match link.parse() {
            Ok(target) => {
                if let Some(application) = self.hallway() {
                    application.open_with(Opening::Link(target, Way::AsKnown));
                }
            }
            Err(error) => self.tell_bad_link(&error),
        }
        true
    }

    /// The link that was handed over names no server.
    pub(in crate::window) fn tell_bad_link(&self, error: &ParseError) {
        let sentence = not_an_address(error);
        let window = self.downgrade();
        glib::spawn_future_local(async move {
            if let Some(window) = window.upgrade() {
                tell(&window, &gettext("This Link Names No Server"), &sentence).await;
            }
        });
    }
}
