//! Finding words in what a view holds, a part at a time; no widgets.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::view::View;

/// Lines looked at in one turn of the main loop: about a millisecond's worth.
pub(super) const AT_ONCE: usize = 2_000;

/// How long one turn may take where lines are very long.
const TURN: Duration = Duration::from_millis(8);

/// Words being looked for.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// In lower case.
    words: String,
    /// The lines that have them, in order.
    hits: Vec<u64>,
    /// The last line that was looked at.
    last: Option<u64>,
    /// The line that the reader is at.
    current: Option<u64>,
}

impl Search {
    /// A search that has not begun.
    pub(super) fn new(words: &str) -> Self {
        Self {
            words: words.to_lowercase(),
            ..Self::default()
        }
    }

    pub(super) fn words(&self) -> &str {
        &self.words
    }

    /// The reader goes to this line, whether it was looked at or not.
    pub(super) fn set_current(&mut self, id: u64) {
        self.current = Some(id);
    }

    pub(super) fn current(&self) -> Option<u64> {
        self.current
    }

    /// How many lines have the words, and which of them is the current one, counted from one.
    pub(super) fn count(&self) -> (usize, Option<usize>) {
        let at = self
            .current
            .and_then(|current| self.hits.binary_search(&current).ok());
        (self.hits.len(), at.map(|at| at + 1))
    }

    /// Looks at the next lines; returns whether there are more.
    pub(super) fn go_on(&mut self, view: &View) -> bool {
        let ids = view.ids_after(self.last, AT_ONCE);
        let start = Instant::now();
        for (count, id) in ids.iter().enumerate() {
            let is_hit = view
                .history()
                .with_line(*id, |line| contains(line.content.text(), &self.words));
            if is_hit == Some(true) {
                self.hits.push(*id);
            }
            self.last = Some(*id);
            if start.elapsed() > TURN {
                return count + 1 < ids.len() || ids.len() == AT_ONCE;
            }
        }
        ids.len() == AT_ONCE
    }

    /// Goes to the next hit in a direction, around the ends, past those that are not held any
    /// more. Without a current one the newest comes first.
    pub(super) fn go(&mut self, view: &View, later: bool) -> Option<u64> {
        let first = view.ids_after(None, 1).first().copied().unwrap_or(u64::MAX);
        let gone = self.hits.partition_point(|hit| *hit < first);
        self.hits.drain(..gone);
        let at = match self.current {
            Some(current) if later => self.hits.partition_point(|hit| *hit <= current),
            Some(current) => self
                .hits
                .partition_point(|hit| *hit < current)
                .wrapping_sub(1),
            None => self.hits.len().wrapping_sub(1),
        };
        let around = if later {
            self.hits.first()
        } else {
            self.hits.last()
        };
        self.current = self.hits.get(at).or(around).copied();
        self.current
    }
}

/// Whether a text has words that are in lower case, in whatever case.
fn contains(text: &str, words: &str) -> bool {
    !words.is_empty() && text.to_lowercase().contains(words)
}

/// Where a text has words that are in lower case, in bytes.
pub(super) fn places(text: &str, words: &str) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut from = 0;
    while from < text.len() {
        let length = prefix(&text[from..], words);
        let step = text[from..].chars().next().map_or(1, char::len_utf8);
        if length > 0 {
            places.push(from..from + length);
        }
        from += length.max(step);
    }
    places
}

/// Bytes at the beginning of a text that are these words; 0 where they are not.
fn prefix(text: &str, words: &str) -> usize {
    let mut wanted = words.chars();
    let mut length = 0;
    while !wanted.as_str().is_empty() {
        let Some(character) = text[length..].chars().next() else {
            return 0;
        };
        if !character
            .to_lowercase()
            .all(|lower| wanted.next() == Some(lower))
        {
            return 0;
        }
        length += character.len_utf8();
    }
    length
}

#[cfg(test)]
mod tests {
    use super::super::{Content, History, Tone};
    use super::*;

    fn event(text: &str) -> Content {
        Content::Event {
            text: text.into(),
            tone: Tone::Quiet,
        }
    }

    #[test]
    fn words_are_found_in_whatever_case() {
        assert_eq!(places("Ana, ANA und Ÿ", "ana"), [0..3, 5..8]);
        assert_eq!(places("Straße ÉÉ", "é"), [8..10, 10..12]);
        assert_eq!(places("打印机在三楼", "三楼"), vec![12..18]);
        assert!(places("abc", "").is_empty());
        assert!(contains("Éa", "é") && !contains("x", ""));
    }

    #[test]
    fn hits_are_walked_around_the_ends_and_past_what_is_gone() {
        let history = History::new(3);
        let view = history.view();
        for text in ["Key one", "nothing", "two keys", "KEY"] {
            history.push(event(text), &[&view]);
        }
        let mut search = Search::new("key");
        assert!(!search.go_on(&view));
        assert_eq!(search.count(), (3, None));
        assert_eq!(search.go(&view, false), Some(3));
        assert_eq!(search.go(&view, false), Some(2));
        assert_eq!(search.count(), (3, Some(2)));
        assert_eq!(search.go(&view, false), Some(0));
        assert_eq!(search.go(&view, false), Some(3));
        history.announce();
        assert_eq!(
            search.go(&view, true),
            Some(2),
            "the first is not held any more"
        );
        history.push(event("a key more"), &[&view]);
        search.go_on(&view);
        assert_eq!(search.count(), (3, Some(1)));
    }
}
