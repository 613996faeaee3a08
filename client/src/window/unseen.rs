//! Conversations that go on though their windows were closed.

use gtk::prelude::*;
use hallway_widgets::background::Status;
use hallway_words::{gettext, gettext_f, ngettext_f};

use super::application::Application;
use super::client_window::ClientWindow;
use crate::cli::Opening;

impl Application {
    /// Tells of windows that are unseen, and of their end.
    pub(super) fn follow_windows(&self) {
        self.connect_window_removed(|application, _| application.tell_status());
    }

    /// The windows that were closed and go on.
    fn unseen(&self) -> Vec<ClientWindow> {
        let windows = self.client_windows().into_iter();
        windows.filter(ClientWindow::is_unseen).collect()
    }

    /// Brings windows back that go on unseen, in the place of a new one. Returns whether there
    /// were any.
    pub(super) fn show_instead(&self, opening: &Opening) -> bool {
        let unseen = self.unseen();
        let mut shown = unseen.iter().filter(|window| match opening {
            Opening::Any => true,
            Opening::Server(target, way) | Opening::Link(target, way) => {
                window.is_with(target) && window.speaks(*way)
            }
            Opening::Empty | Opening::Question => false,
        });
        let first = shown.next();
        first
            .into_iter()
            .chain(shown)
            .for_each(GtkWindowExt::present);
        first.is_some()
    }

    /// Brings windows back that go on unseen, or shows one that is there, or opens one.
    pub(super) fn show_any(&self) {
        match self.active_window() {
            Some(window) if self.unseen().is_empty() => window.present(),
            _ => self.open_with(Opening::Any),
        }
    }

    /// A window that asks for an address.
    pub(super) fn open_question(&self) {
        self.open_with(Opening::Question);
    }

    /// Tells what goes on unseen, where something does.
    pub(super) fn tell_status(&self) {
        if let Some(background) = self.background() {
            background.tell(status(&self.unseen()));
        }
    }
}

fn status(unseen: &[ClientWindow]) -> Option<Status> {
    let first = unseen.first()?;
    let count = unseen.iter().filter(|window| window.is_going_on()).count();
    let title = if count > 0 {
        gettext("Hallway stays connected")
    } else {
        gettext("Hallway is not connected any more")
    };
    let body = if unseen.len() == 1 {
        first.whereabouts()
    } else if count > 0 {
        ngettext_f(
            "{count} conversation goes on.",
            "{count} conversations go on.",
            count as u64,
            &[("count", &count.to_string())],
        )
    } else {
        gettext("Its conversations have ended.")
    };
    Some(Status { title, body })
}

/// What goes on with a server.
pub(super) fn with_server(host: &str, is_connected: bool, is_going_on: bool) -> String {
    let host = [("host", host)];
    match (is_connected, is_going_on) {
        (true, _) => gettext_f("Connected to {host}.", &host),
        (false, true) => gettext_f("Connecting to {host} again.", &host),
        (false, false) => gettext_f("The conversation with {host} has ended.", &host),
    }
}
