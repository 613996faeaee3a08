//! What is heard, and what is to be done about it.

use std::rc::Rc;

/// How much is unread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// Lines.
    pub lines: u64,
    /// Those among them that call the person by name.
    pub mentions: u64,
}

impl Unread {
    pub(super) fn add(&mut self, mentions: bool) {
        self.lines += 1;
        self.mentions += u64::from(mentions);
    }

    pub(super) fn take(&mut self, other: Self) {
        self.lines -= other.lines;
        self.mentions -= other.mentions;
    }
}

/// A line, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Who said it.
    pub speaker: Rc<str>,
    /// What.
    pub text: Rc<str>,
    /// Whether it calls the person by name.
    pub mentions: bool,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed<K> {
    /// Shows the notification of a conversation, or replaces the one that is shown.
    Show {
        /// Which.
        of: K,
        /// What it tells: the newest line, or the newest one that mentions the person.
        news: News,
        /// How much is unread there.
        unread: Unread,
    },
    /// Shows the one notification of all conversations, or replaces it.
    Summarize {
        /// The one that was heard of last.
        newest: K,
        /// How much is unread.
        unread: Unread,
        /// In how many conversations.
        conversations: usize,
    },
    /// Takes the notification of a conversation back.
    Withdraw(K),
    /// Takes the summary back.
    WithdrawSummary,
    /// Tells how much is unread now.
    Count(Unread),
}
