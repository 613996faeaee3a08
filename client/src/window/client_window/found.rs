//! What the desktop's search finds in a conversation.

use adw::prelude::*;
use hallway_core::wire::Conv;
use hallway_widgets::conversation::LineId;
use hallway_widgets::search::{Found, Look, Terms, text_in};
use hallway_words::gettext_f;

use super::ClientWindow;
use crate::window::ID;

/// People of one conversation found by one search, at most; lines have a limit of their own.
const PEOPLE: usize = 3;

/// How the numbers of results begin, after the window's.
const PERSON: &str = "person:";
const LINE: &str = "line:";

impl ClientWindow {
    /// Who has all the terms in their name.
    pub(in crate::window) fn found_people(&self, terms: &Terms) -> Vec<Found> {
        let Some(talk) = self.talk() else {
            return Vec::new();
        };
        let host = talk.target().host();
        let people = talk.people().into_iter();
        let people = people.filter(|label| terms.are_in(label)).take(PEOPLE);
        people
            .map(|label| Found {
                id: format!("{}:{PERSON}{label}", self.id()),
                description: gettext_f("In the conversation with {host}", &[("host", host)]),
                name: label.to_string(),
                icon: ID,
            })
            .collect()
    }

    /// What has all the terms in it.
    pub(in crate::window) fn found_lines(&self, terms: &Terms, look: &mut Look) -> Vec<Found> {
        let Some(talk) = self.talk() else {
            return Vec::new();
        };
        let lines = look
            .through(talk.view_of(&Conv::Room).history(), terms)
            .into_iter();
        lines
            .map(|line| Found {
                id: format!("{}:{LINE}{}", self.id(), line.id.0),
                name: line.speaker().to_string(),
                description: line.description(),
                icon: ID,
            })
            .collect()
    }

    /// Goes to what was found, where it still is; `id` is that of the result without the window's.
    pub(in crate::window) fn open_found(&self, id: &str, terms: &Terms) {
        let Some(talk) = self.talk() else { return };
        self.show_conversation();
        let line = id.strip_prefix(LINE).and_then(|line| line.parse().ok());
        if let Some(line) = line.map(LineId)
            && let Some(text) = text_in(&talk.view(), line)
        {
            let words = terms.words_in(&text);
            self.page().conversation().find(&words, Some(line));
        }
    }

    /// Goes on searching in the conversation. Returns whether there is one.
    pub(in crate::window) fn find_words(&self, words: &str) -> bool {
        let is_there = self.talk().is_some();
        if is_there {
            self.show_conversation();
            self.page().conversation().find(words, None);
        }
        is_there
    }
}
