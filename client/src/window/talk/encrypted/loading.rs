//! What was said before, and what is still to be sent: read from the disk, shown before anything new.

use std::collections::BTreeSet;
use std::rc::Rc;

use hallway_core::history::client::{Owner, Unsent};
use hallway_core::history::kept::{self, KeptLine, Part};
use hallway_core::history::limits::OUTBOX_PAGE;
use hallway_core::history::{ClientStore, Error};
use hallway_core::wire::event::Kind as EventKind;
use hallway_core::wire::{At, Conv, Fingerprint, Seq};
use hallway_widgets::conversation::{Content, Delivery, Tone};

use super::{Encrypted, Talk, shown, time};
use crate::session::talk::values::News;
use crate::window::talk::Kind;
use crate::window::words::encrypted as words;

/// Lines shown of the room when a conversation begins: some screens full. What is older is looked
/// for in the history.
const ROOM_LINES: usize = 200;

/// The same of a conversation with one person.
const LINES: usize = 100;

/// Conversations with one person each that are shown again; each costs a question to the disk.
const CONVERSATIONS: usize = 64;

/// News that wait for what was said before, at most. When there are more, all of it is read again:
/// what is told is on the disk.
const HELD: usize = 1024;

/// What was said before.
#[derive(Debug, Default)]
struct Before {
    conversations: Vec<(Conv, Vec<KeptLine>)>,
    unsent: Vec<Unsent>,
}

impl Before {
    fn read(store: &ClientStore, server: Fingerprint) -> Result<Self, Error> {
        let mut before = Self::default();
        let owner = Owner::Server(server);
        let mut others = CONVERSATIONS;
        for kept in kept::conversations(store)? {
            if kept.owner.as_ref() != Some(&owner) {
                continue;
            }
            let most = match kept.conversation {
                Conv::Room => ROOM_LINES,
                Conv::With(_) if others == 0 => continue,
                Conv::With(_) => {
                    others -= 1;
                    LINES
                }
            };
            let lines = kept::lines(store, kept.id, Part::Newest, most)?;
            before.conversations.push((kept.conversation, lines));
        }
        loop {
            let after = before.unsent.last().map_or(0, |unsent| unsent.place);
            let page = store.unsent(&server, after)?;
            let is_last = page.len() < OUTBOX_PAGE;
            before.unsent.extend(page);
            if is_last {
                return Ok(before);
            }
        }
    }
}

/// News that wait.
#[derive(Debug, Default)]
pub(super) struct Held {
    news: Vec<News>,
    /// There were too many events: they are to be read.
    is_over: bool,
}

impl Held {
    /// Holds news back. False for what need not wait.
    pub(super) fn take(&mut self, news: &News) -> bool {
        if !matches!(
            news,
            News::Events(_) | News::Message(..) | News::Seen { .. }
        ) {
            return false;
        }
        if self.news.len() < HELD {
            self.news.push(news.clone());
        } else {
            self.is_over = true;
        }
        true
    }
}

impl Talk {
    /// Shows what was said before with this server, and what is to be sent to it. Connects then,
    /// if that is wanted.
    pub(in crate::window::talk) fn load(self: &Rc<Self>, server: Fingerprint, connect: bool) {
        let Kind::Encrypted(encrypted) = &self.kind else {
            return;
        };
        encrypted.server.set(Some(server));
        encrypted.held.replace(Some(Held::default()));
        let history = encrypted.keeper.history();
        let asked = history.read(move |store| Before::read(store, server));
        let weak = Rc::downgrade(self);
        glib::spawn_future_local(async move {
            let before = match asked {
                Ok(answer) => answer.await,
                Err(error) => Err(error),
            };
            if let Some(talk) = weak.upgrade() {
                talk.loaded(server, before);
                if connect {
                    talk.session().connect();
                }
            }
        });
    }

    fn loaded(self: &Rc<Self>, server: Fingerprint, before: Result<Before, Error>) {
        let Kind::Encrypted(encrypted) = &self.kind else {
            return;
        };
        if encrypted.server.get() != Some(server) {
            // Another one was met meanwhile, whose lines are on their way.
            return;
        }
        let held = encrypted.held.take().unwrap_or_default();
        if held.is_over {
            return self.load(server, false);
        }
        let shown = match before {
            Ok(before) => self.show_before(encrypted, before),
            Err(error) => {
                self.note(words::not_read(&error), Tone::Failure);
                BTreeSet::new()
            }
        };
        for news in held.news {
            match news {
                News::Events(events) => {
                    for event in events.iter() {
                        if !shown.contains(&(event.conv, event.seq, event.at)) {
                            self.take_in(encrypted, event, true);
                        }
                    }
                }
                news => self.hear_news(encrypted, &news),
            }
        }
        encrypted.people_changed();
    }

    /// Returns which events are shown.
    fn show_before(&self, encrypted: &Encrypted, before: Before) -> BTreeSet<(Conv, Seq, At)> {
        let mut events = BTreeSet::new();
        for (conv, lines) in before.conversations {
            encrypted.others.borrow_mut().recall(conv, &lines);
            for line in lines {
                self.show_kept(encrypted, conv, &line);
                events.extend(line.seq.map(|seq| (conv, seq, line.at)));
            }
        }
        for Unsent { message, .. } in before.unsent {
            // What was said while this was being read is there already.
            if encrypted.ours.borrow().line(&message.cid).is_some() {
                continue;
            }
            let text: Rc<str> = shown(message.text.as_ref()).into();
            let content = Content::Ours {
                text: Rc::clone(&text),
                to: None,
                delivery: Delivery::Queued,
            };
            let view = self.view_of(&message.to);
            let line = self.record().push_at(time(message.at), content, &view);
            let mut ours = encrypted.ours.borrow_mut();
            ours.said(message.cid, message.to, text, line);
        }
        events
    }

    fn show_kept(&self, encrypted: &Encrypted, conv: Conv, line: &KeptLine) {
        let view = self.view_of(&conv);
        let text: Rc<str> = shown(&line.text).into();
        let is_ours = line.from.id == Some(encrypted.me());
        let content = match &line.kind {
            EventKind::Text if is_ours => Content::Ours {
                text,
                to: None,
                delivery: Delivery::Delivered,
            },
            EventKind::Text => Content::Theirs {
                speaker: encrypted.others.borrow_mut().heard(&line.from),
                text,
                is_cut: false,
                mentions: false,
            },
            EventKind::Mark => Content::Event {
                text: words::gap().into(),
                tone: Tone::Quiet,
            },
            EventKind::Other(_) => Content::Event {
                text: words::newer().into(),
                tone: Tone::Quiet,
            },
        };
        let at = self.record().push_at(time(line.at), content, &view);
        if let Some(seq) = line.seq.filter(|_| is_ours && !line.is_lost) {
            encrypted.ours.borrow_mut().place(conv, seq, at);
        }
    }
}
