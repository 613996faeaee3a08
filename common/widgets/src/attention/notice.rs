//! Titles and bodies of notifications; pure but for the language.

use hallway_words::{gettext, gettext_f, ngettext_f};

use super::news::{News, Unread};
use crate::conversation::preview;

/// What a notification says. Neither part is markup.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) title: String,
    pub(super) body: String,
}

/// What is told of a conversation that is called `place`, where the window has several.
pub(super) fn of_conversation(
    news: &News,
    unread: Unread,
    place: Option<&str>,
    with_text: bool,
) -> Words {
    if !with_text {
        let title = if news.mentions {
            gettext("You were mentioned")
        } else {
            messages(unread.lines)
        };
        let body = if news.mentions && unread.lines > 1 {
            messages(unread.lines)
        } else {
            String::new()
        };
        return Words { title, body };
    }
    let name = &*news.speaker;
    let title = match place.filter(|place| *place != name) {
        None if news.mentions => gettext_f("{name} mentioned you", &[("name", name)]),
        None => name.to_owned(),
        Some(place) => {
            let values = [("name", name), ("place", place)];
            if news.mentions {
                // Translators: who, and on which server
                gettext_f("{name} at {place} mentioned you", &values)
            } else {
                // Translators: the title of a notification: who, and on which server
                gettext_f("{name} at {place}", &values)
            }
        }
    };
    let mut body = preview(&news.text);
    if unread.lines > 1 {
        body.push('\n');
        body.push_str(&messages(unread.lines));
    }
    Words { title, body }
}

/// What is told of all conversations together.
pub(super) fn of_all(unread: Unread, conversations: usize) -> Words {
    let count = conversations.to_string();
    let body = ngettext_f(
        // Translators: below “120 new messages”
        "In {count} conversation",
        "In {count} conversations",
        conversations as u64,
        &[("count", &count)],
    );
    let title = messages(unread.lines);
    Words { title, body }
}

fn messages(count: u64) -> String {
    if count == 1 {
        return gettext("New message");
    }
    let number = count.to_string();
    ngettext_f(
        "{count} new message",
        "{count} new messages",
        count,
        &[("count", &number)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, lines: u64, mentions: bool, place: Option<&str>, shown: bool) -> Words {
        let news = News {
            speaker: "Ana".into(),
            text: text.into(),
            mentions,
        };
        let unread = Unread { lines, mentions: 0 };
        of_conversation(&news, unread, place, shown)
    }

    fn is(words: &Words, title: &str, body: &str) {
        assert_eq!((&*words.title, &*words.body), (title, body));
    }

    #[test]
    fn who_says_what() {
        is(&words("hi", 1, false, None, true), "Ana", "hi");
        is(
            &words("hi", 3, false, None, true),
            "Ana",
            "hi\n3 new messages",
        );
        is(
            &words("hi", 1, false, Some("lab"), true),
            "Ana at lab",
            "hi",
        );
        is(&words("hi", 1, false, Some("Ana"), true), "Ana", "hi");
        is(&words("hi", 1, true, None, true), "Ana mentioned you", "hi");
        is(
            &words("hi", 1, true, Some("lab"), true),
            "Ana at lab mentioned you",
            "hi",
        );
    }

    #[test]
    fn nothing_is_told_of_what_is_private() {
        is(
            &words("hi", 1, false, Some("lab"), false),
            "New message",
            "",
        );
        is(&words("hi", 2, false, None, false), "2 new messages", "");
        is(
            &words("hi", 2, true, Some("lab"), false),
            "You were mentioned",
            "2 new messages",
        );
    }

    #[test]
    fn a_long_text_is_cut() {
        let long = "字".repeat(70_000);
        assert!(words(&long, 1, false, None, true).body.len() < 1_000);
        is(&words("one\ntwo", 1, false, None, true), "Ana", "one");
    }

    #[test]
    fn all_are_summed_up() {
        let unread = Unread {
            lines: 120,
            mentions: 3,
        };
        is(&of_all(unread, 5), "120 new messages", "In 5 conversations");
        is(&of_all(unread, 1), "120 new messages", "In 1 conversation");
    }
}
