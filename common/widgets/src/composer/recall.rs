//! What was sent before, to be sent again.

use std::collections::VecDeque;

/// Texts kept: more than anybody goes back by hand.
const TEXTS: usize = 50;

/// Bytes kept in all of them together.
const BYTES: usize = 1024 * 1024;

/// The last texts sent, and which of them is looked at.
#[derive(Debug, Default)]
pub(super) struct Recall {
    /// Oldest first.
    texts: VecDeque<String>,
    bytes: usize,
    /// How many steps back; 0 is what comes after the newest.
    back: usize,
}

impl Recall {
    /// A text was sent. The same one twice in a row is kept once.
    pub(super) fn push(&mut self, text: &str) {
        self.back = 0;
        if self.texts.back().is_some_and(|last| last == text) {
            return;
        }
        self.bytes += text.len();
        self.texts.push_back(text.to_owned());
        while self.texts.len() > TEXTS || self.bytes > BYTES {
            let Some(oldest) = self.texts.pop_front() else {
                return;
            };
            self.bytes -= oldest.len();
        }
    }

    /// The text looked at; empty after the newest.
    pub(super) fn current(&self) -> &str {
        if self.back == 0 {
            return "";
        }
        self.texts
            .len()
            .checked_sub(self.back)
            .and_then(|at| self.texts.get(at))
            .map_or("", String::as_str)
    }

    /// Whether there is a text further back.
    pub(super) fn has_older(&self) -> bool {
        self.back < self.texts.len()
    }

    /// Whether there is something further on, be it the empty text.
    pub(super) fn has_newer(&self) -> bool {
        self.back > 0
    }

    /// One text back in time, if there is one.
    pub(super) fn older(&mut self) -> Option<&str> {
        if !self.has_older() {
            return None;
        }
        self.back += 1;
        Some(self.current())
    }

    /// One text forward in time; at last the empty one.
    pub(super) fn newer(&mut self) -> Option<&str> {
        self.back = self.back.checked_sub(1)?;
        Some(self.current())
    }

    /// Something else is written now; the next step back begins at the newest.
    pub(super) fn forget_place(&mut self) {
        self.back = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_back_and_forth() {
        let mut recall = Recall::default();
        assert_eq!(recall.older(), None);
        assert_eq!(recall.newer(), None);
        recall.push("one");
        recall.push("two");
        recall.push("two");
        assert_eq!(recall.older(), Some("two"));
        assert_eq!(recall.older(), Some("one"));
        assert_eq!(recall.older(), None);
        assert_eq!(recall.current(), "one");
        assert_eq!(recall.newer(), Some("two"));
        assert_eq!(recall.newer(), Some(""));
        assert_eq!(recall.newer(), None);
    }

    #[test]
    fn a_new_text_begins_at_the_end_again() {
        let mut recall = Recall::default();
        recall.push("one");
        recall.push("two");
        recall.older();
        recall.older();
        recall.push("three");
        assert_eq!(recall.older(), Some("three"));
        recall.forget_place();
        assert_eq!(recall.current(), "");
        assert_eq!(recall.older(), Some("three"));
    }

    #[test]
    fn keeps_a_bounded_number_of_texts_and_bytes() {
        let mut recall = Recall::default();
        for n in 0..TEXTS * 2 {
            recall.push(&n.to_string());
        }
        assert_eq!(recall.texts.len(), TEXTS);
        let long = "x".repeat(BYTES / 2);
        for n in 0..4 {
            recall.push(&format!("{n}{long}"));
        }
        assert!(recall.bytes <= BYTES);
        assert_eq!(recall.texts.len(), 1);
        recall.push(&"x".repeat(BYTES + 1));
        assert_eq!((recall.texts.len(), recall.bytes), (0, 0));
    }
}
