//! What the desktop's search finds in the room.

use hallway_widgets::conversation::LineId;
use hallway_widgets::search::{Found, Look, Terms};
use hallway_words::gettext;

use super::ServerWindow;
use crate::window::APPLICATION_ID;
use crate::window::row::Row;

/// People found by one search, at most; lines have a limit of their own.
const PEOPLE: usize = 3;

/// People looked at for one search: a millisecond's worth of names.
const PEOPLE_LOOKED_AT: usize = 2_000;

/// How the numbers of results begin.
const PERSON: &str = "person:";
const LINE: &str = "line:";

impl ServerWindow {
    /// Who and what has all the terms.
    pub(in crate::window) fn found(&self, terms: &Terms) -> Vec<Found> {
        let people = self.hub().people();
        let people = people
            .iter()
            .take(PEOPLE_LOOKED_AT)
            .filter(|person| person.is_named && terms.are_in(&person.label));
        let people = people.take(PEOPLE).map(|person| Found {
            id: format!("{PERSON}{}", person.id.number()),
            name: person.label.to_string(),
            description: gettext("In the room now"),
            icon: APPLICATION_ID,
        });
        let lines = Look::default().through(self.talk().history(), terms);
        let lines = lines.into_iter().map(|line| Found {
            id: format!("{LINE}{}", line.id.0),
            name: line.speaker().to_string(),
            description: line.description(),
            icon: APPLICATION_ID,
        });
        people.chain(lines).collect()
    }

    /// Goes to what was found, where it still is.
    pub(in crate::window) fn open_found(&self, id: &str, terms: &Terms) {
        let number = |kind: &str| id.strip_prefix(kind)?.parse().ok();
        let room = self.room();
        if let Some(row) = number(PERSON).and_then(|number| self.row_of_number(number)) {
            self.show_conversation();
            room.open(&row);
        } else if let Some(line) = number(LINE).map(LineId)
            && let Some(row) = self.row_of_line(line)
        {
            self.show_conversation();
            room.open(&row);
            let text = self.talk().history().text(line).unwrap_or_default();
            room.find_words(&terms.words_in(&text), Some(line));
        }
    }

    /// Goes on searching in the conversation, if there is one.
    pub(in crate::window) fn find_words(&self, words: &str) {
        let talk = self.talk();
        if !talk.history().is_empty() {
            self.show_conversation();
            let room = self.room();
            // Nearly everything is said there.
            room.open(talk.everyone());
            room.find_words(words, None);
        }
    }

    /// Where a line can be read: in the room, or with the one person it was said to.
    fn row_of_line(&self, line: LineId) -> Option<Row> {
        let talk = self.talk();
        let everyone = talk.everyone().clone();
        let mut rows = [everyone]
            .into_iter()
            .chain(talk.here())
            .chain(talk.people().gone());
        rows.find(|row| row.view().holds(line))
    }
}
