//! What happens, and what was said before, as lines.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use hallway_core::history::entry::Entry;
use hallway_core::net::Error;
use hallway_core::text::visible;
use hallway_core::trust::sas::Found;
use hallway_core::wire::Fingerprint;
use hallway_core::wire::event::Kind;
use hallway_widgets::conversation::{Content, Delivery, Speaker, Tone};
use hallway_words::gettext;

use super::Talk;
use crate::hub::{Event, Leaving, PeerId};
use crate::words;

/// What tells speakers of before from those who are here, whose keys are small numbers.
const BEFORE: u64 = 1 << 63;

impl Talk {
    /// Writes an event down: in the room, and with the person it is about.
    pub(super) fn note(&self, event: &Event<'_>, about: Option<PeerId>) {
        let Some(text) = words::event(event) else {
            return;
        };
        let row = about.and_then(|id| self.row(id));
        let views = self.everyone.view();
        let text = text.into();
        let tone = tone(event);
        let content = Content::Event { text, tone };
        match &row {
            Some(row) => self.history.push(content, &[views, row.view()]),
            None => self.history.push(content, &[views]),
        };
    }

    /// Says something in the room that no event of the hub tells.
    pub(crate) fn tell(&self, text: &str, tone: Tone) {
        let text = text.into();
        let content = Content::Event { text, tone };
        self.history.push(content, &[self.everyone.view()]);
    }

    /// The same, also with the person that it is about.
    pub(crate) fn tell_of(&self, id: PeerId, text: &str, tone: Tone) {
        let Some(row) = self.row(id) else {
            return self.tell(text, tone);
        };
        let text = text.into();
        let content = Content::Event { text, tone };
        self.history
            .push(content, &[self.everyone.view(), row.view()]);
    }

    /// Shows what was said in the room before, by the host where it is `me`; only where nothing else
    /// stands there yet, since lines are in the order of their time.
    pub(crate) fn recall(&self, earlier: &[Entry], me: &Fingerprint) {
        let view = self.everyone.view();
        let Some(first) = earlier.first().filter(|_| view.is_empty()) else {
            return;
        };
        let mark = Content::Event {
            // Translators: above what was said before the server was started
            text: gettext("Earlier").into(),
            tone: Tone::Quiet,
        };
        self.history.push_at(time(first), mark, &[view]);
        for entry in earlier {
            if let Some(content) = line(entry, me) {
                self.history.push_at(time(entry), content, &[view]);
            }
        }
    }

    /// The host talks to an empty room: said once until somebody comes.
    pub(super) fn tell_of_nobody(&self, is_kept: bool) {
        if !self.was_told_of_nobody.replace(true) {
            let text = if is_kept {
                gettext("Nobody is here; who encrypts and comes later reads it then")
            } else {
                gettext("Nobody is here to hear it")
            };
            self.tell(&text, Tone::Quiet);
        }
    }
}

fn time(entry: &Entry) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(entry.at.get())
}

/// A kept line as one of the conversation. What a newer version has kept is left out.
fn line(entry: &Entry, me: &Fingerprint) -> Option<Content> {
    let text: Rc<str> = visible_lines(entry.text.as_ref()).into();
    let content = match entry.kind {
        Kind::Text if entry.from.id.as_ref() == Some(me) => Content::Ours {
            text,
            to: None,
            delivery: Delivery::Kept,
        },
        Kind::Text => Content::Theirs {
            speaker: Rc::new(Speaker {
                key: key(entry),
                label: entry.from.name.as_ref().into(),
            }),
            text,
            is_cut: false,
            mentions: false,
        },
        Kind::Mark => Content::Event {
            text: gettext("Lines are missing here: they came faster than they are kept").into(),
            tone: Tone::Quiet,
        },
        Kind::Other(_) => return None,
    };
    Some(content)
}

/// One for each identity, and for each name of people who have none.
fn key(entry: &Entry) -> u64 {
    let mut hasher = DefaultHasher::new();
    match &entry.from.id {
        Some(id) => id.hash(&mut hasher),
        None => entry.from.name.as_ref().hash(&mut hasher),
    }
    hasher.finish() | BEFORE
}

/// Each line as it may be shown.
fn visible_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| visible(line.as_bytes())).collect();
    lines.join("\n")
}

/// Whether an event is bad news.
fn tone(event: &Event<'_>) -> Tone {
    match event {
        // Breaking off is how many programs take their leave.
        Event::Left(_, Leaving::Failed(Error::Reset)) => Tone::Quiet,
        Event::Left(_, Leaving::Failed(_))
        | Event::Found {
            found: Found::Different,
            ..
        }
        | Event::AcceptFailed(_)
        | Event::NotStored(_)
        | Event::FallingBehind(..) => Tone::Failure,
        _ => Tone::Quiet,
    }
}
