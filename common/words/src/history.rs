//! Sentences for what is kept, and could not be.

use hallway_core::history::Error;
use hallway_core::text::visible_str;

use crate::i18n::{gettext, gettext_f};

/// What happened to the history, and what to do next.
pub fn history_error(error: &Error) -> String {
    match error {
        Error::DiskFull => {
            gettext("The disk is full. Make room on it, for instance in the trash, then try again.")
        }
        Error::Damaged { .. } => gettext(
            "What was kept is damaged. Start the program again: it then sets the damaged file aside, tells its name and begins anew.",
        ),
        Error::Newer { .. } => gettext(
            "A newer version of Hallway has kept these conversations. They were left alone: update this one.",
        ),
        Error::Foreign { path } => gettext_f(
            "{file} belongs to another program and was left alone. Move it away, then start again.",
            &[("file", &visible_str(&path.to_string_lossy()))],
        ),
        Error::Locked => {
            gettext("Another program is busy with what is kept. Wait a moment, then try again.")
        }
        Error::Overrun => gettext(
            "So much is being written at the moment that this had to be left out. Wait a moment, then try again.",
        ),
        Error::Closed => gettext("The program is ending, so nothing more is looked up or kept."),
        other => gettext_f(
            "What is kept cannot be used: {detail}. Check the disk and the rights to your folders, then try again.",
            &[("detail", &visible_str(&other.to_string()))],
        ),
    }
}

/// A file of our own was damaged and has another name now.
pub fn set_aside(path: &std::path::Path) -> String {
    gettext_f(
        "A file was damaged and is now {path}. A new one was begun.",
        &[("path", &visible_str(&path.to_string_lossy()))],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_says_what_to_do_and_takes_no_terminal_over() {
        let detail = "\u{1b}[2J".to_owned();
        let errors = [
            Error::DiskFull,
            Error::Io {
                detail: detail.clone(),
            },
            Error::Damaged { detail },
            Error::Newer { found: 9, known: 2 },
            Error::Foreign {
                path: "/x\u{1b}[2J/history.db".into(),
            },
            Error::Locked,
            Error::Overrun,
            Error::Closed,
        ];
        let sentences: Vec<_> = errors.iter().map(history_error).collect();
        for (at, sentence) in sentences.iter().enumerate() {
            assert!(sentence.ends_with('.'), "{sentence}");
            assert!(!sentence.contains('\u{1b}'), "{sentence}");
            assert!(!sentences[..at].contains(sentence), "{sentence}");
        }
    }
}
