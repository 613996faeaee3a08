//! What is told of unread lines, and when; pure.
//!
//! Each conversation has one notification, which is replaced. What a flood brings is told
//! together, in one notification for all conversations, until it has been quiet for a [`SPAN`].

mod conversation;

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::{Duration, Instant};

use super::news::{Deed, News, Unread};
use conversation::Conversation;

/// How long lines are gathered before the first of them is told: a text of several lines is one
/// piece of news.
pub(super) const GATHERING: Duration = Duration::from_millis(200);

/// The notification of one conversation is replaced at most once in this time: to read one takes
/// as long.
pub const UPDATES: Duration = Duration::from_secs(5);

/// The time for which notifications are counted.
pub const SPAN: Duration = Duration::from_mins(1);

/// Notifications in a [`SPAN`], of all conversations and of all kinds: more of them nobody reads.
pub const IN_SPAN: usize = 10;

/// How many of those may be of one conversation each; the others are kept for summaries.
const EACH_IN_SPAN: usize = 8;

/// A summary is replaced at most once in this time.
pub const SUMMARIES: Duration = Duration::from_secs(15);

/// How often the number of unread lines is told, at most.
const COUNTS: Duration = Duration::from_secs(1);

/// How news are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    /// In a notification of each conversation.
    #[default]
    Each,
    /// All together, since there is too much of it.
    Together,
}

/// Remembers what is unread in conversations `K`, and says what is to be done about it.
#[derive(Debug)]
pub struct Watch<K> {
    /// Where something is unread.
    conversations: HashMap<K, Conversation>,
    total: Unread,
    counted: Unread,
    counted_at: Option<Instant>,
    /// Where something is new that was not told; of many that are told together, the first.
    pending: Vec<K>,
    way: Way,
    summary_at: Option<Instant>,
    has_summary: bool,
    /// When notifications were shown in the last [`SPAN`].
    sent: VecDeque<Instant>,
    notifies: bool,
}

impl<K> Default for Watch<K> {
    fn default() -> Self {
        Self {
            conversations: HashMap::new(),
            total: Unread::default(),
            counted: Unread::default(),
            counted_at: None,
            pending: Vec::new(),
            way: Way::default(),
            summary_at: None,
            has_summary: false,
            sent: VecDeque::new(),
            notifies: true,
        }
    }
}

impl<K: Clone + Eq + Hash> Watch<K> {
    /// Somebody else's line arrived in a conversation that the person does not look at. Returns
    /// whether something is to be told that was not before: then [`Watch::tell`] wants to be
    /// asked soon.
    pub fn hear(&mut self, of: &K, news: &News, now: impl FnOnce() -> Instant) -> bool {
        let was_counted = self.counted == self.total;
        self.total.add(news.mentions);
        let conversation = match self.conversations.get_mut(of) {
            Some(known) => known,
            None => self
                .conversations
                .entry(of.clone())
                .or_insert(Conversation {
                    unread: Unread::default(),
                    newest: None,
                    mention: None,
                    told_at: None,
                    due: None,
                    is_shown: false,
                }),
        };
        conversation.unread.add(news.mentions);
        if !self.notifies {
            return was_counted;
        }
        if self.way == Way::Together {
            if !self.pending.is_empty() {
                return was_counted;
            }
            let now = now();
            self.forget_sent(now);
            if !self.sent.is_empty() {
                self.pending.push(of.clone());
                return true;
            }
            self.way = Way::Each;
            self.await_turn(of, news, now);
            return true;
        }
        if conversation.due.is_some() {
            conversation.take(news);
            return was_counted;
        }
        self.await_turn(of, news, now());
        if self.pending.len() > EACH_IN_SPAN {
            self.gather();
        }
        true
    }

    /// What is new in a conversation is told when its time has come.
    fn await_turn(&mut self, of: &K, news: &News, now: Instant) {
        if let Some(conversation) = self.conversations.get_mut(of) {
            let after = conversation.told_at.map(|at| at + UPDATES);
            conversation.due = after.max(Some(now + GATHERING));
            conversation.take(news);
            self.pending.push(of.clone());
        }
    }

    /// From now on everything is told together, and no texts are kept.
    fn gather(&mut self) {
        self.way = Way::Together;
        for conversation in self.conversations.values_mut() {
            conversation.newest = None;
            conversation.mention = None;
            conversation.due = None;
        }
        self.pending.drain(..self.pending.len().saturating_sub(1));
    }

    fn forget_sent(&mut self, now: Instant) {
        while self.sent.front().is_some_and(|at| *at + SPAN <= now) {
            self.sent.pop_front();
        }
    }

    /// What is to be done now, and when to ask again unless a line comes before.
    pub fn tell(&mut self, now: Instant) -> (Vec<Deed<K>>, Option<Instant>) {
        let mut deeds = Vec::new();
        self.forget_sent(now);
        let mut next = match self.way {
            Way::Each => self.tell_each(now, &mut deeds),
            Way::Together => None,
        };
        if self.way == Way::Together {
            next = self.tell_together(now, &mut deeds);
        }
        let count_at = self.count(now, &mut deeds);
        next = [next, count_at].into_iter().flatten().min();
        (deeds, next)
    }

    fn tell_each(&mut self, now: Instant, deeds: &mut Vec<Deed<K>>) -> Option<Instant> {
        let mut next = None;
        let mut waiting = Vec::new();
        for of in std::mem::take(&mut self.pending) {
            let Some(conversation) = self.conversations.get_mut(&of) else {
                continue;
            };
            let is_full = self.sent.len() >= EACH_IN_SPAN;
            match conversation.due {
                Some(due) if due <= now && !is_full => {
                    let Some(news) = conversation.told(now) else {
                        continue;
                    };
                    if std::mem::take(&mut self.has_summary) {
                        deeds.push(Deed::WithdrawSummary);
                    }
                    let unread = conversation.unread;
                    self.sent.push_back(now);
                    deeds.push(Deed::Show { of, news, unread });
                }
                due => {
                    next = [next, due].into_iter().flatten().min();
                    waiting.push(of);
                }
            }
        }
        self.pending = waiting;
        if next.is_some_and(|due| due <= now) {
            // Its turn has come, and there is no room for it.
            self.gather();
        }
        next
    }

    fn tell_together(&mut self, now: Instant, deeds: &mut Vec<Deed<K>>) -> Option<Instant> {
        let newest = self.pending.first()?;
        let after = self.summary_at.map(|at| at + SUMMARIES);
        let room = self.sent.len().checked_sub(IN_SPAN);
        let room = room.and_then(|at| Some(*self.sent.get(at)? + SPAN));
        if let Some(due) = after.max(room).filter(|due| *due > now) {
            return Some(due);
        }
        let newest = newest.clone();
        for (of, conversation) in &mut self.conversations {
            if std::mem::take(&mut conversation.is_shown) {
                deeds.push(Deed::Withdraw(of.clone()));
            }
        }
        deeds.push(Deed::Summarize {
            newest,
            unread: self.total,
            conversations: self.conversations.len(),
        });
        self.pending.clear();
        self.sent.push_back(now);
        self.summary_at = Some(now);
        self.has_summary = true;
        None
    }

    fn count(&mut self, now: Instant, deeds: &mut Vec<Deed<K>>) -> Option<Instant> {
        if self.counted == self.total {
            return None;
        }
        let due = self.counted_at.map(|at| at + COUNTS);
        if due.is_some_and(|due| due > now) {
            return due;
        }
        self.counted_at = Some(now);
        self.counted = self.total;
        deeds.push(Deed::Count(self.total));
        None
    }

    /// A conversation was looked at, taken for read, or is no more.
    pub fn read(&mut self, of: &K) -> Vec<Deed<K>> {
        let mut deeds = Vec::new();
        let Some(conversation) = self.conversations.remove(of) else {
            return deeds;
        };
        self.total.take(conversation.unread);
        self.pending.retain(|other| other != of);
        if conversation.is_shown {
            deeds.push(Deed::Withdraw(of.clone()));
        }
        if self.conversations.is_empty() {
            self.end_flood(&mut deeds);
        }
        self.counted = self.total;
        deeds.push(Deed::Count(self.total));
        deeds
    }

    /// All conversations were looked at.
    pub fn read_all(&mut self) -> Vec<Deed<K>> {
        let mut deeds = self.withdraw();
        if !self.conversations.is_empty() {
            self.conversations.clear();
            self.total = Unread::default();
            self.counted = self.total;
            deeds.push(Deed::Count(self.total));
        }
        deeds
    }

    /// Lets notifications be shown, or not. Lines are counted nonetheless.
    pub fn set_notifies(&mut self, notifies: bool) -> Vec<Deed<K>> {
        self.notifies = notifies;
        if notifies {
            return Vec::new();
        }
        self.withdraw()
    }

    /// Takes back all that is shown.
    fn withdraw(&mut self) -> Vec<Deed<K>> {
        let mut deeds = Vec::new();
        self.gather();
        self.pending.clear();
        for (of, conversation) in &mut self.conversations {
            if std::mem::take(&mut conversation.is_shown) {
                deeds.push(Deed::Withdraw(of.clone()));
            }
        }
        self.end_flood(&mut deeds);
        deeds
    }

    fn end_flood(&mut self, deeds: &mut Vec<Deed<K>>) {
        self.way = Way::Each;
        if std::mem::take(&mut self.has_summary) {
            deeds.push(Deed::WithdrawSummary);
        }
    }

    /// Whether something is new that no notification has told.
    pub fn has_news(&self) -> bool {
        !self.pending.is_empty()
    }

    /// How much is unread in a conversation.
    pub fn unread(&self, of: &K) -> Unread {
        let conversation = self.conversations.get(of);
        conversation.map_or_else(Unread::default, |conversation| conversation.unread)
    }

    /// How much is unread in all of them.
    pub fn total(&self) -> Unread {
        self.total
    }
}

#[cfg(test)]
mod tests;
