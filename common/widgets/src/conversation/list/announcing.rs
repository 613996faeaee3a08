//! New lines for those who listen: read out as they come, and only counted when they pour in.

use std::time::{Duration, Instant};

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_core::net::Timer;
use hallway_words::{gettext_f, ngettext_f};

use super::super::content::{Content, Tone};
use super::super::text;
use super::ConversationView;
use crate::accessible;

/// The shortest time between two announcements: speech takes longer than reading, and what is
/// announced while something is said has to wait for it.
const PAUSE: Duration = Duration::from_secs(1);

/// Decides what is said and when.
#[derive(Debug, Default)]
pub(in super::super) struct Announcer {
    /// When something was said last.
    last: Option<Instant>,
    /// Lines that nothing was said about.
    waiting: u64,
    /// The newest of them.
    newest: String,
}

impl Announcer {
    /// Takes lines that came at `now`, the newest of which reads `newest`. Returns how long to
    /// wait before saying something.
    fn take(&mut self, now: Instant, count: u64, newest: String) -> Duration {
        self.waiting += count;
        self.newest = newest;
        let since = self.last.map(|last| now.saturating_duration_since(last));
        since.map_or(Duration::ZERO, |since| PAUSE.saturating_sub(since))
    }

    /// What is to be said at `now`: a line, or how many there are.
    fn say(&mut self, now: Instant) -> Option<String> {
        let newest = std::mem::take(&mut self.newest);
        let said = match std::mem::take(&mut self.waiting) {
            0 => return None,
            1 => newest,
            count => ngettext_f("{n} new message", "{n} new messages", count, &[]),
        };
        self.last = Some(now);
        Some(said)
    }

    /// Forgets what waits, as when somebody looks elsewhere.
    fn forget(&mut self) {
        self.waiting = 0;
        self.newest.clear();
    }
}

impl ConversationView {
    /// Has a screen reader say what came, while its person is at this conversation.
    pub(super) fn announce(&self, new: u32) {
        if !self.is_in_front() {
            return self.imp().announcer.borrow_mut().forget();
        }
        let Some(view) = self.view() else { return };
        let Some((count, newest)) = view.newest(new as usize, is_news) else {
            return;
        };
        let newest = aloud(&newest);
        let imp = self.imp();
        let pause = imp
            .announcer
            .borrow_mut()
            .take(Instant::now(), count, newest);
        let mut announcing = imp.announcing.borrow_mut();
        if announcing.is_none() {
            let weak = self.downgrade();
            let say = move || {
                if let Some(this) = weak.upgrade() {
                    this.say_what_waits();
                }
            };
            *announcing = Some(Timer::once(pause, glib::Priority::DEFAULT_IDLE, say));
        }
    }

    fn say_what_waits(&self) {
        let imp = self.imp();
        imp.announcing.take();
        let said = imp.announcer.borrow_mut().say(Instant::now());
        if let Some(said) = said.filter(|_| self.is_in_front()) {
            accessible::announce(self, &said);
        }
    }

    fn is_in_front(&self) -> bool {
        let window = self.root().and_downcast::<gtk::Window>();
        self.is_mapped() && window.is_some_and(|window| window.is_active())
    }
}

/// Whether a line is said aloud when it comes. What one said oneself one knows, and a screen reader
/// must not talk on and on while people come and go.
fn is_news(content: &Content) -> bool {
    match content {
        Content::Theirs { .. } => true,
        Content::Event { tone, .. } => *tone == Tone::Failure,
        Content::Ours { .. } => false,
    }
}

fn aloud(content: &Content) -> String {
    let text = text::shape(content.text(), false).text;
    match content {
        Content::Theirs { speaker, .. } => gettext_f(
            // Translators: a person's name and what they said
            "{name}: {text}",
            &[("name", &speaker.label), ("text", &text)],
        ),
        _ => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_said_at_once_and_a_flood_is_counted() {
        let mut announcer = Announcer::default();
        let start = Instant::now();
        assert_eq!(announcer.say(start), None);
        assert_eq!(announcer.take(start, 1, "Ana: one".into()), Duration::ZERO);
        assert_eq!(announcer.say(start).as_deref(), Some("Ana: one"));
        let later = start + PAUSE / 4;
        assert_eq!(announcer.take(later, 1, "Ana: two".into()), PAUSE * 3 / 4);
        announcer.take(later, 11, "Ben: three".into());
        let then = start + PAUSE;
        assert_eq!(announcer.say(then).as_deref(), Some("12 new messages"));
        assert_eq!(announcer.say(then), None);
    }

    #[test]
    fn one_line_after_a_pause_is_said_whole() {
        let mut announcer = Announcer::default();
        let start = Instant::now();
        announcer.take(start, 5, "Ana: five".into());
        assert_eq!(announcer.say(start).as_deref(), Some("5 new messages"));
        announcer.take(start + PAUSE / 2, 1, "Ana: six".into());
        assert_eq!(announcer.say(start + PAUSE).as_deref(), Some("Ana: six"));
    }

    #[test]
    fn what_nobody_was_there_for_is_not_said_later() {
        let mut announcer = Announcer::default();
        let now = Instant::now();
        announcer.take(now, 3, "Ana: three".into());
        announcer.forget();
        announcer.take(now, 1, "Ana: four".into());
        assert_eq!(announcer.say(now).as_deref(), Some("Ana: four"));
    }
}
