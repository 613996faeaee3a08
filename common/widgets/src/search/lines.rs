//! What was said, for the search.

use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use hallway_words::{gettext, gettext_f};

use super::Terms;
use crate::conversation::{Content, History, LineId, View, preview};
use crate::time;

/// Lines looked at for one search, over all conversations.
const LOOKED_AT: usize = 5_000;

/// Lines found by one search, at most; the shell shows five of a program.
const FOUND: usize = 10;

/// How long one search may hold the main loop: a quarter of a frame.
const TURN: Duration = Duration::from_millis(4);

/// A line that has the terms.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its number in its history.
    pub id: LineId,
    /// When it was said.
    pub at: SystemTime,
    /// What it says.
    pub content: Content,
}

/// One search through conversations, the newest lines first, until it has found enough or has
/// taken long enough.
#[derive(Debug)]
pub struct Look {
    until: Instant,
    lines: usize,
    found: usize,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            until: Instant::now() + TURN,
            lines: LOOKED_AT,
            found: FOUND,
        }
    }
}

impl Look {
    /// Looks through everything that is held of a conversation.
    pub fn through(&mut self, history: &History, terms: &Terms) -> Vec<Line> {
        let mut found = Vec::new();
        history.look_back(|id, at, content| {
            if self.is_over() {
                return false;
            }
            self.lines -= 1;
            let is_said = !matches!(content, Content::Event { .. });
            if is_said && terms.are_in(content.text()) {
                self.found -= 1;
                let content = content.clone();
                found.push(Line { id, at, content });
            }
            true
        });
        found
    }

    fn is_over(&self) -> bool {
        self.lines == 0 || self.found == 0 || Instant::now() >= self.until
    }
}

impl Line {
    /// Who said it.
    pub fn speaker(&self) -> Rc<str> {
        match &self.content {
            Content::Theirs { speaker, .. } => Rc::clone(&speaker.label),
            _ => gettext("You").into(),
        }
    }

    /// When it was said, and how it begins.
    pub fn description(&self) -> String {
        let (day, time) = (time::day(self.at), time::of_day(self.at));
        gettext_f(
            // Translators: a line that was found, such as “Today, 14:03 – Is the printer free?”
            "{day}, {time} – {text}",
            &[
                ("day", &day),
                ("time", &time),
                ("text", &preview(self.content.text())),
            ],
        )
    }
}

/// The text of a line that a view holds.
pub fn text_in(view: &View, id: LineId) -> Option<Rc<str>> {
    view.holds(id).then(|| view.history().text(id)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Speaker, Tone};

    fn said(text: &str) -> Content {
        let speaker = Speaker {
            key: 1,
            label: "Ana".into(),
        };
        Content::Theirs {
            speaker: Rc::new(speaker),
            text: text.into(),
            is_cut: false,
            mentions: false,
        }
    }

    #[test]
    fn the_newest_lines_come_first_and_few_of_them() {
        let history = History::new(100_000);
        let view = history.view();
        let event = Content::Event {
            text: "key".into(),
            tone: Tone::Quiet,
        };
        history.push(said("key, the oldest"), &[&view]);
        for number in 0..LOOKED_AT {
            history.push(said(&format!("nothing {number}")), &[&view]);
        }
        let terms = Terms::new(["key"]);
        assert!(Look::default().through(&history, &terms).is_empty());
        for number in 0..20 {
            history.push(said(&format!("Key {number}")), &[&view]);
            history.push(event.clone(), &[&view]);
        }
        let mut look = Look::default();
        let found = look.through(&history, &terms);
        assert_eq!(found.len(), FOUND);
        assert_eq!(&**found[0].content.text(), "Key 19");
        assert_eq!(&*found[0].speaker(), "Ana");
        assert!(found[0].description().ends_with("– Key 19"));
        assert!(look.through(&history, &terms).is_empty(), "it had enough");
        assert_eq!(text_in(&view, found[0].id).as_deref(), Some("Key 19"));
        assert!(text_in(&history.view(), found[0].id).is_none());
    }

    #[test]
    fn long_lines_take_no_longer() {
        let history = History::new(10_000);
        let view = history.view();
        for _ in 0..200 {
            history.push(said(&"Ünd so weiter ".repeat(4_000)), &[&view]);
        }
        let start = Instant::now();
        let terms = Terms::new(["nothing of the kind"]);
        assert!(Look::default().through(&history, &terms).is_empty());
        // Most generous: the machine may be busy. Without a bound it takes seconds.
        assert!(start.elapsed() < 50 * TURN, "{:?}", start.elapsed());
    }
}
