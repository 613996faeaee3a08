//! Who is writing a message right now.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hallway_words::{gettext, gettext_f};

/// How long somebody is taken to be writing who said so: programs say it again every three seconds,
/// and one that was lost may be missing.
const SHOWN: Duration = Duration::from_secs(5);

/// Writers remembered at most: of more than two no name is shown.
const MOST: usize = 16;

/// Who writes in one conversation, the first one first.
#[derive(Debug, Default)]
pub(crate) struct Writers(RefCell<Vec<Writer>>);

#[derive(Debug)]
struct Writer {
    number: u64,
    label: Rc<str>,
    until: Instant,
}

impl Writers {
    /// Somebody writes. Returns whether that is new.
    pub(crate) fn add(&self, number: u64, label: &Rc<str>, now: Instant) -> bool {
        let mut writers = self.0.borrow_mut();
        let until = now + SHOWN;
        if let Some(writer) = writers.iter_mut().find(|writer| writer.number == number) {
            writer.until = until;
            return false;
        }
        if writers.len() >= MOST {
            return false;
        }
        writers.push(Writer {
            number,
            label: Rc::clone(label),
            until,
        });
        true
    }

    /// Somebody has said it, or has gone. Returns whether they wrote.
    pub(crate) fn remove(&self, number: u64) -> bool {
        self.retain(|writer| writer.number != number)
    }

    /// Forgets those of whom nothing more was heard. Returns whether there were any.
    pub(crate) fn look(&self, now: Instant) -> bool {
        self.retain(|writer| writer.until > now)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// It as a sentence.
    pub(crate) fn words(&self) -> Option<String> {
        match &self.0.borrow()[..] {
            [] => None,
            [one] => Some(gettext_f("{name} is writing…", &[("name", &one.label)])),
            [one, other] => Some(gettext_f(
                // Translators: two people’s names
                "{name} and {other} are writing…",
                &[("name", &one.label), ("other", &other.label)],
            )),
            _ => Some(gettext("Several people are writing…")),
        }
    }

    fn retain(&self, keep: impl Fn(&Writer) -> bool) -> bool {
        let mut writers = self.0.borrow_mut();
        let before = writers.len();
        writers.retain(keep);
        writers.len() != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_are_named_as_long_as_they_write() {
        let writers = Writers::default();
        let now = Instant::now();
        assert_eq!(writers.words(), None);
        assert!(writers.add(1, &"Ana".into(), now));
        assert!(!writers.add(1, &"Ana".into(), now + Duration::from_secs(3)));
        assert!(writers.add(2, &"Bo".into(), now));
        assert_eq!(writers.words().as_deref(), Some("Ana and Bo are writing…"));
        assert!(writers.look(now + SHOWN), "Bo has stopped");
        assert_eq!(writers.words().as_deref(), Some("Ana is writing…"));
        assert!(writers.remove(1) && !writers.remove(1) && writers.is_empty());
        for number in 0..100 {
            writers.add(number, &"x".into(), now);
        }
        assert_eq!(writers.0.borrow().len(), MOST);
        assert_eq!(
            writers.words().as_deref(),
            Some("Several people are writing…")
        );
    }
}
