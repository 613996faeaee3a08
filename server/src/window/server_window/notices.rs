//! What stands below the header bars: who wants to come in, what went wrong, who can read the room.

use std::cell::{Cell, RefCell};

use adw::subclass::prelude::*;
use hallway_core::net::Encryption;
use hallway_widgets::bar::Tone;
use hallway_words::{gettext, gettext_f, ngettext_f};

use super::{Phase, ServerWindow};
use crate::window::actions::{self, person};
use crate::window::room_page::RoomPage;
use crate::window::row::{Row, Section};

/// What could be said.
#[derive(Default)]
pub(super) struct Notices {
    warning: RefCell<Option<String>>,
    /// The host has read that anyone can read the room.
    knows_it_is_readable: Cell<bool>,
    shown: RefCell<Option<(bool, Notice)>>,
}

/// What is said, the most urgent first.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Notice {
    /// Somebody wants to come in, and so many others.
    Asks {
        number: u64,
        name: String,
        others: usize,
    },
    Warning(String),
    Readable,
}

impl Notice {
    fn tone(&self) -> Tone {
        match self {
            Self::Warning(_) => Tone::Failure,
            Self::Asks { .. } | Self::Readable => Tone::Info,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Asks {
                name, others: 0, ..
            } => gettext_f("{name} wants to come in.", &[("name", name)]),
            Self::Asks { name, others, .. } => {
                let count = others.to_string();
                ngettext_f(
                    "{name} wants to come in, and {count} other person.",
                    "{name} wants to come in, and {count} other people.",
                    *others as u64,
                    &[("name", name), ("count", &count)],
                )
            }
            Self::Warning(sentence) => sentence.clone(),
            Self::Readable => gettext("Anyone on this network can read this room."),
        }
    }

    /// Labels, and names of actions with their targets.
    fn buttons(&self) -> Vec<(String, String)> {
        match self {
            Self::Asks { number, .. } => {
                let of = |action: &str| format!("{action}(uint64 {number})");
                vec![
                    (gettext("Let In"), of(person::LET_IN)),
                    (gettext("Decline"), of(person::DECLINE)),
                ]
            }
            Self::Warning(_) | Self::Readable => {
                vec![(gettext("Got It"), actions::DISMISS.to_owned())]
            }
        }
    }
}

impl ServerWindow {
    /// Says what went wrong until the host has read it, or the room closes.
    pub(super) fn warn(&self, sentence: &str) {
        let notices = &self.imp().notices;
        notices.warning.replace(Some(sentence.to_owned()));
        self.show_notice();
    }

    /// The host has read what stands there.
    pub(in crate::window) fn dismiss_notice(&self) {
        let notices = &self.imp().notices;
        let shown = notices.shown.borrow().clone();
        match shown {
            Some((_, Notice::Warning(_))) => drop(notices.warning.take()),
            Some((_, Notice::Readable)) => notices.knows_it_is_readable.set(true),
            Some((_, Notice::Asks { .. })) | None => {}
        }
        self.show_notice();
        self.leave_notice();
    }

    /// Whoever has answered goes on where they were.
    pub(super) fn leave_notice(&self) {
        if self.is_room_shown() {
            self.room().leave_bar();
        }
    }

    /// The room is closed: what was wrong with it is over.
    pub(super) fn forget_warning(&self) {
        self.imp().notices.warning.take();
    }

    /// Says what is most urgent now.
    pub(super) fn show_notice(&self) {
        let imp = self.imp();
        // Before the room is open there is nothing to say.
        let Some(room) = imp.room.get() else { return };
        let notice = self.notice().map(|notice| (room.is_folded(), notice));
        if *imp.notices.shown.borrow() == notice {
            return;
        }
        match &notice {
            Some((_, notice)) => {
                let buttons = notice.buttons();
                let buttons: Vec<_> = buttons
                    .iter()
                    .map(|(label, action)| (&**label, &**action))
                    .collect();
                room.show_bar(notice.tone(), &notice.sentence(), &buttons);
            }
            None => room.hide_bar(),
        }
        imp.notices.shown.replace(notice);
    }

    fn notice(&self) -> Option<Notice> {
        let imp = self.imp();
        if !matches!(imp.phase.get(), Phase::Open(_)) {
            return None;
        }
        let waiting = self.talk().waiting();
        if let Some((number, row)) = waiting.first().and_then(|row| Some((row.id()?, row))) {
            return Some(Notice::Asks {
                number: number.number(),
                name: name_and_place(row),
                others: waiting.len() - 1,
            });
        }
        if let Some(warning) = &*imp.notices.warning.borrow() {
            return Some(Notice::Warning(warning.clone()));
        }
        // What is said with one person is another matter, which stands there.
        let shown = imp.room.get().and_then(RoomPage::shown);
        let is_room = shown.is_none_or(|row| row.section() == Section::Everyone);
        let is_readable = is_room && self.hub().settings().encryption != Encryption::Only;
        let is_news = is_readable && !imp.notices.knows_it_is_readable.get();
        is_news.then_some(Notice::Readable)
    }
}

/// Anybody can choose a name: the address tells more.
pub(super) fn name_and_place(row: &Row) -> String {
    gettext_f(
        // Translators: a person’s name, and the address in parentheses
        "{name} ({address})",
        &[("name", &row.label()), ("address", &row.place())],
    )
}
