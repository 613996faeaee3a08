//! What others say.

use std::rc::Rc;

use hallway_widgets::attention::News;
use hallway_widgets::conversation::{Content, LineId, Speaker};

use super::{Talk, place};
use crate::hub::Person;
use crate::window::row::Row;

impl Talk {
    /// A peer's line is the room's; where nobody else hears it, it is for the host as well.
    pub(super) fn hear(&self, person: &Person, text: &str, is_cut: bool) {
        let Some(row) = self.row(person.id) else {
            return;
        };
        let is_private = is_cut || !self.passes_on.get();
        let rows = [&self.everyone, &row];
        let rows = if is_private { &rows[..] } else { &rows[..1] };
        self.hear_in(rows, person, text, is_cut);
    }

    /// What somebody says to the host alone stands with them and nowhere else.
    pub(super) fn hear_direct(&self, person: &Person, text: &str) {
        let Some(row) = self.row(person.id) else {
            return;
        };
        if self.hear_in(&[&row], person, text, false) {
            row.add_direct();
        }
    }

    /// Puts a line into the conversations of these rows. Returns whether it is unread.
    fn hear_in(&self, rows: &[&Row], person: &Person, text: &str, is_cut: bool) -> bool {
        self.stop_writing(person.id.number());
        let Some(row) = self.row(person.id) else {
            return false;
        };
        let speaker = row.speaker().unwrap_or_else(|| {
            Rc::new(Speaker {
                key: person.id.number(),
                label: Rc::clone(&person.label),
            })
        });
        let news = News {
            speaker: Rc::clone(&speaker.label),
            text: text.into(),
            mentions: self.names.borrow().are_in(text),
        };
        let content = Content::Theirs {
            speaker,
            text: Rc::clone(&news.text),
            is_cut,
            mentions: news.mentions,
        };
        let views: Vec<_> = rows.iter().map(|row| row.view()).collect();
        let line = self.history.push(content, &views);
        let is_private = rows.contains(&&row);
        if is_private {
            row.set_was_spoken_with(true);
        }
        let mut is_seen = false;
        for row in rows {
            is_seen |= !self.count_unread(row, line, news.mentions);
        }
        if let Some(hearer) = self.hearer.borrow().as_ref().filter(|_| !is_seen) {
            let place = place(if is_private { &row } else { &self.everyone });
            hearer(place, Some(&news));
        }
        !is_seen
    }

    /// Counts a line as unread, unless its row is looked at. Returns whether it is.
    fn count_unread(&self, row: &Row, line: LineId, mentions: bool) -> bool {
        if self.read.borrow().as_ref() == Some(row) {
            return false;
        }
        if row.unread() == 0 {
            row.view().set_new_from(Some(line));
        }
        row.add_unread(mentions);
        self.people.touch(row);
        true
    }
}
