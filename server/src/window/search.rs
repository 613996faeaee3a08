//! The server in the desktop's search: who is in the room, and what was said.

use gtk::prelude::*;
use hallway_widgets::raising::raise;
use hallway_widgets::search::{Found, Provider, Searched, Terms};

use super::application::Application;

/// Where the search asks.
const PATH: &str = "/chat/hallway/Server/SearchProvider";

/// Answers searches from now on, where that is possible.
pub(super) fn export(application: &Application, bus: &gio::DBusConnection) -> Option<Provider> {
    Provider::export(application, bus, PATH)
        .inspect_err(|error| tracing::warn!(%error, "the search cannot ask us"))
        .ok()
}

impl Searched for Application {
    fn found(&self, terms: &Terms) -> Vec<Found> {
        self.window()
            .map_or_else(Vec::new, |window| window.found(terms))
    }

    fn open(&self, id: &str, terms: &Terms, time: u32) {
        self.activate();
        if let Some(window) = self.window() {
            window.open_found(id, terms);
            raise(&window, time);
        }
    }

    fn search(&self, words: &str, time: u32) {
        self.activate();
        if let Some(window) = self.window() {
            window.find_words(words);
            raise(&window, time);
        }
    }
}
