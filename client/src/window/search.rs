//! The client in the desktop's search: servers, people and what was said.

use gtk::prelude::*;
use hallway_widgets::raising::raise;
use hallway_widgets::search::{Found, Look, Provider, Searched, Terms};
use hallway_words::gettext;

use super::ID;
use super::application::Application;
use super::client_window::ClientWindow;
use super::recent::Recent;
use crate::cli::Opening;
use crate::session::Target;
use crate::way::Way;

/// Where the search asks.
const PATH: &str = "/chat/hallway/Client/SearchProvider";

/// Servers found by one search, at most: the shell shows five results, and some should be lines.
const SERVERS: usize = 3;

/// People found by one search, at most.
const PEOPLE: usize = 3;

/// How the results begin that are servers; others begin with the number of their window.
const SERVER: &str = "server:";

/// Answers searches from now on, where that is possible.
pub(super) fn export(application: &Application, bus: &gio::DBusConnection) -> Option<Provider> {
    Provider::export(application, bus, PATH)
        .inspect_err(|error| tracing::warn!(%error, "the search cannot ask us"))
        .ok()
}

impl Application {
    fn found_servers(&self, terms: &Terms) -> impl Iterator<Item = Found> {
        let recent = Recent::new(self.settings()).all().into_iter();
        let named = recent.map(|target| (target.to_string(), target));
        let found = named.filter(|(name, _)| terms.are_in(name)).take(SERVERS);
        found.map(|(name, target)| {
            let is_open = self
                .window_with(&target)
                .is_some_and(|window| window.is_going_on());
            Found {
                id: format!("{SERVER}{name}"),
                name,
                description: if is_open {
                    gettext("Go to the conversation")
                } else {
                    gettext("Connect to this server")
                },
                icon: ID,
            }
        })
    }

    fn window_of_id(&self, id: u32) -> Option<ClientWindow> {
        let mut windows = self.client_windows().into_iter();
        windows.find(|window| window.id() == id)
    }

    fn open_found_server(&self, target: Target, time: u32) {
        let window = self.window_with(&target);
        match window.filter(ClientWindow::is_going_on) {
            Some(window) => raise(&window, time),
            None => self.open_with(Opening::Server(target, Way::AsKnown)),
        }
    }
}

impl Searched for Application {
    fn found(&self, terms: &Terms) -> Vec<Found> {
        let mut found: Vec<_> = self.found_servers(terms).collect();
        let windows = self.client_windows();
        let people = windows.iter().flat_map(|window| window.found_people(terms));
        found.extend(people.take(PEOPLE));
        let mut look = Look::default();
        for window in &windows {
            found.extend(window.found_lines(terms, &mut look));
        }
        found
    }

    fn open(&self, id: &str, terms: &Terms, time: u32) {
        if let Some(server) = id.strip_prefix(SERVER) {
            match server.parse() {
                Ok(target) => self.open_found_server(target, time),
                Err(_) => self.show_any(),
            }
            return;
        }
        let parts = id.split_once(':');
        let window = parts.and_then(|(number, _)| self.window_of_id(number.parse().ok()?));
        match (window, parts) {
            (Some(window), Some((_, rest))) => {
                window.open_found(rest, terms);
                raise(&window, time);
            }
            _ => self.show_any(),
        }
    }

    fn search(&self, words: &str, time: u32) {
        let windows = self.client_windows().into_iter();
        match windows.rev().find(|window| window.find_words(words)) {
            Some(window) => raise(&window, time),
            None => self.show_any(),
        }
    }
}
