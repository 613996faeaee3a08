//! Names and times of what is kept, in words.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hallway_core::history::client::State;
use hallway_core::history::kept::KeptLine;
use hallway_core::text::visible_str;
use hallway_core::wire::At;
use hallway_core::wire::event::Kind;
use hallway_words::{gettext, gettext_f};

use super::source::Source;
use crate::time;

/// Bytes of a line that are laid out: a screen full. All of it is copied and exported.
const SHOWN: usize = 4 * 1024;

/// A moment of the wire as one of this computer's.
pub(crate) fn moment(at: At) -> SystemTime {
    let since = Duration::from_millis(at.get());
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}

/// The time of day if it was today, else the day.
pub(crate) fn when(at: At) -> String {
    let at = moment(at);
    if time::is_same_day(at, SystemTime::now()) {
        time::of_day(at)
    } else {
        time::day(at)
    }
}

/// Who said a line.
pub(super) fn speaker(source: &Source, line: &KeptLine) -> String {
    if source.is_ours(line) {
        gettext("You")
    } else {
        visible_str(line.from.name.as_ref()).into_owned()
    }
}

/// What a line says, and whether some of it is left out.
pub(super) fn text(line: &KeptLine) -> (String, bool) {
    if line.kind == Kind::Mark {
        return (gettext("Some lines are missing here."), false);
    }
    let end = line.text.floor_char_boundary(SHOWN);
    let mut shown = whole(&line.text[..end]);
    let is_cut = end < line.text.len();
    if is_cut {
        shown.push('…');
    }
    (shown, is_cut)
}

/// A text of several lines, made safe to show.
pub(super) fn whole(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(visible_str).collect();
    lines.join("\n")
}

/// What else is to be known of a line.
pub(super) fn note(line: &KeptLine, is_cut: bool) -> Option<String> {
    if is_cut {
        return Some(gettext(
            "The rest is not shown here. Copy the message, or export the conversation, to read it.",
        ));
    }
    if line.is_lost {
        return Some(gettext("The server no longer has this message."));
    }
    Some(match line.state {
        State::Received | State::Sent => return None,
        State::Queued => gettext("Not sent yet"),
        State::Perhaps => gettext("Perhaps not received"),
        State::Failed => gettext("Not sent"),
    })
}

/// A line as a screen reader says it.
pub(super) fn spoken(speaker: &str, line: &KeptLine, text: &str) -> String {
    gettext_f(
        // Translators: somebody's message, as a screen reader says it
        "{name}, {time}: {text}",
        &[("name", speaker), ("time", &when(line.at)), ("text", text)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use hallway_core::wire::Person;

    fn line(text: &str) -> KeptLine {
        KeptLine {
            id: 1,
            seq: None,
            from: Person {
                id: None,
                name: "Ana".parse().expect("a label"),
            },
            kind: Kind::Text,
            text: text.into(),
            at: At::ZERO,
            is_outgoing: false,
            state: State::Received,
            is_lost: false,
        }
    }

    #[test]
    fn what_is_shown_is_bounded_and_safe() {
        assert_eq!(text(&line("a\nb")), ("a\nb".to_owned(), false));
        assert_eq!(text(&line("\u{1b}[2J")), ("␛[2J".to_owned(), false));
        let (shown, is_cut) = text(&line(&"é".repeat(10_000)));
        assert!(is_cut && shown.len() <= SHOWN + '…'.len_utf8());
        let mark = KeptLine {
            kind: Kind::Mark,
            ..line("")
        };
        assert_eq!(text(&mark).0, "Some lines are missing here.");
    }

    #[test]
    fn notes_tell_what_became_of_a_line() {
        assert_eq!(note(&line("a"), false), None);
        let doubtful = KeptLine {
            state: State::Perhaps,
            ..line("a")
        };
        assert_eq!(
            note(&doubtful, false).as_deref(),
            Some("Perhaps not received")
        );
        let lost = KeptLine {
            is_lost: true,
            ..line("a")
        };
        assert!(note(&lost, false).is_some_and(|note| note.contains("no longer")));
    }

    #[test]
    fn any_moment_of_the_wire_can_be_told() {
        assert_eq!(moment(At::ZERO), UNIX_EPOCH);
        assert!(moment(At::MAX) > SystemTime::now());
        // The calendar may not have it.
        when(At::MAX);
    }
}
