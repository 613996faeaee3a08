//! What is remembered of one conversation.

use std::rc::Rc;
use std::time::Instant;

use crate::attention::news::{News, Unread};

/// What is unread in one conversation.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    pub(super) unread: Unread,
    /// The newest line that was not told.
    pub(super) newest: Option<News>,
    /// The newest line that mentions the person: it stays what is told until it is read.
    pub(super) mention: Option<News>,
    pub(super) told_at: Option<Instant>,
    /// When what is new here may be told.
    pub(super) due: Option<Instant>,
    pub(super) is_shown: bool,
}

impl Conversation {
    /// A line arrived.
    pub(super) fn take(&mut self, news: &News) {
        if news.mentions {
            // It is kept for as long as it is unread: not all of a line that may be long.
            let text = crate::conversation::preview(&news.text).into();
            let speaker = Rc::clone(&news.speaker);
            let mentions = true;
            self.mention = Some(News {
                speaker,
                text,
                mentions,
            });
        }
        self.newest = Some(news.clone());
    }

    /// It is told now; gives what.
    pub(super) fn told(&mut self, now: Instant) -> Option<News> {
        self.due = None;
        self.told_at = Some(now);
        self.is_shown = true;
        let newest = self.newest.take();
        self.mention.clone().or(newest)
    }
}
