//! Encrypted conversations: the room, and one with each person.
//!
//! - `ours`: which message is which line. `loading`: what was said before. `saying`: what we say.
//! - [`people`]: who is here, who was, who is writing.

mod loading;
mod ours;
pub(in crate::window) mod people;
mod saying;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hallway_core::text::{Name, visible_str};
use hallway_core::wire::event::Kind as EventKind;
use hallway_core::wire::{At, Code, Conv, Event, Fingerprint};
use hallway_widgets::attention::News as Told;
use hallway_widgets::conversation::{Content, Delivery, LineId, Tone};

use super::{Heard, Kind, Talk};
use crate::session::Keeper;
use crate::session::talk::values::{Fate, News};
use crate::window::words::encrypted as words;
use crate::words::encrypted::{not_remembered, of_message, switched};
use crate::words::refusal;
use loading::Held;
use ours::Ours;
use people::Others;

/// Is told that people, or what they are doing, are others.
type Listener = Box<dyn Fn()>;

/// What an encrypted conversation has.
pub(in crate::window) struct Encrypted {
    keeper: Keeper,
    /// Whom the person looks at.
    current: Cell<Conv>,
    /// Whose lines are shown.
    server: Cell<Option<Fingerprint>>,
    /// News that wait for what was said before.
    held: RefCell<Option<Held>>,
    ours: RefCell<Ours>,
    others: RefCell<Others>,
    own_name: RefCell<Option<Name>>,
    /// What the server refused last, so that it is said once.
    refused: RefCell<Option<Code>>,
    listener: RefCell<Option<Listener>>,
}

impl Encrypted {
    pub(super) fn new(keeper: Keeper) -> Self {
        Self {
            keeper,
            current: Cell::new(Conv::Room),
            server: Cell::default(),
            held: RefCell::default(),
            ours: RefCell::default(),
            others: RefCell::default(),
            own_name: RefCell::default(),
            refused: RefCell::default(),
            listener: RefCell::default(),
        }
    }

    pub(super) fn current(&self) -> Conv {
        self.current.get()
    }

    pub(super) fn own_name(&self) -> Option<String> {
        self.own_name.borrow().as_ref().map(Name::to_string)
    }

    pub(in crate::window) fn set_own_name(&self, name: &Name) {
        self.own_name.replace(Some(name.clone()));
    }

    fn me(&self) -> Fingerprint {
        self.keeper.fingerprint()
    }

    /// Calls `listener` when people, or what they are doing, are others. There is one.
    pub(in crate::window) fn connect_people(&self, listener: impl Fn() + 'static) {
        self.listener.replace(Some(Box::new(listener)));
    }

    fn people_changed(&self) {
        if let Some(listener) = self.listener.borrow().as_ref() {
            listener();
        }
    }
}

impl Talk {
    pub(super) fn listen_encrypted(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        self.session().connect_told(move |_, news| {
            if let Some(talk) = weak.upgrade() {
                talk.hear_or_hold(news);
            }
        });
        let weak = Rc::downgrade(self);
        self.session().connect_standing_notify(move |_| {
            if let Some(talk) = weak.upgrade() {
                talk.look_who_is_there();
            }
        });
    }

    /// Looks at another conversation with people of this server.
    pub(in crate::window) fn turn_to(&self, conv: Conv) {
        if let Kind::Encrypted(encrypted) = &self.kind {
            encrypted.current.set(conv);
        }
    }

    /// The session may have met another server than the one whose lines are shown.
    fn look_who_is_there(self: &Rc<Self>) {
        let Kind::Encrypted(encrypted) = &self.kind else {
            return;
        };
        let Some(server) = self.session().server() else {
            return;
        };
        match encrypted.server.get() {
            Some(shown) if shown == server => {}
            shown => {
                if shown.is_some() {
                    self.record().clear();
                    encrypted.ours.take();
                    encrypted.others.take();
                }
                self.load(server, false);
            }
        }
    }

    fn hear_or_hold(self: &Rc<Self>, news: &News) {
        let Kind::Encrypted(encrypted) = &self.kind else {
            return;
        };
        let is_held = encrypted
            .held
            .borrow_mut()
            .as_mut()
            .is_some_and(|held| held.take(news));
        if !is_held {
            self.hear_news(encrypted, news);
        }
    }

    fn hear_news(&self, encrypted: &Encrypted, news: &News) {
        let quiet = |text: String| self.note(text, Tone::Quiet);
        match news {
            News::Message(cid, fate) => {
                if matches!(fate, Fate::Delivered(_)) {
                    encrypted.refused.take();
                }
                self.follow_message(encrypted, cid, fate);
            }
            News::Events(events) => {
                for event in events.iter() {
                    self.take_in(encrypted, event, true);
                }
            }
            News::Seen { conv, seq, count } if *count > 0 => {
                let lines = encrypted.ours.borrow_mut().seen(*conv, *seq, *count);
                for line in lines {
                    self.set_delivery(line, Delivery::SeenBy(*count));
                }
            }
            News::People => {
                let (people, _) = self.session().people();
                encrypted.others.borrow_mut().meet(&people);
                encrypted.people_changed();
            }
            News::Typing {
                who,
                conv,
                is_typing,
            } => {
                encrypted
                    .others
                    .borrow_mut()
                    .writes(*who, *conv, *is_typing);
                encrypted.people_changed();
            }
            News::FirstContact(id) => quiet(words::first_contact(id)),
            News::SwitchedTo { here, before } => quiet(switched(here, before)),
            News::NameTaken => self.note(words::name_kept(), Tone::Failure),
            News::Reset => {
                encrypted.ours.borrow_mut().forget_places();
                quiet(words::read_again());
            }
            News::Lost(count) if *count > 0 => self.note(words::lost(*count), Tone::Failure),
            News::Refused { code, .. } => {
                let before = encrypted.refused.replace(Some(code.clone()));
                // A full disk refuses a message every few seconds.
                if before.as_ref() != Some(code) {
                    self.note(refusal(code), Tone::Failure);
                }
            }
            News::TextInstead => quiet(words::text_instead()),
            News::NotRemembered(why) => self.note(not_remembered(why), Tone::Failure),
            // Others show it, or nobody asked.
            News::Seen { .. }
            | News::Lost(_)
            | News::CaughtUp
            | News::Past(_)
            | News::Compare(_)
            | News::NotCompared(_)
            | News::Found(_)
            | News::Verified(_) => {}
        }
    }

    fn follow_message(&self, encrypted: &Encrypted, cid: &hallway_core::wire::Cid, fate: &Fate) {
        let mut ours = encrypted.ours.borrow_mut();
        let (line, delivery) = match fate {
            Fate::Queued => (ours.line(cid), Delivery::Queued),
            Fate::Sent => (ours.line(cid), Delivery::OnTheWay),
            Fate::Delivered(seq) => (ours.delivered(cid, *seq), Delivery::Delivered),
            // Told of the whole conversation as well.
            Fate::SeenBy(_) => return,
            Fate::Refused(code) => {
                let can_retry = words::may_be_said_again(code);
                let why = of_message(fate).into();
                let line = ours.refused(cid, can_retry);
                (line, Delivery::Refused { why, can_retry })
            }
            Fate::TooLong => {
                let why = of_message(fate).into();
                let can_retry = false;
                let line = ours.refused(cid, can_retry);
                (line, Delivery::Refused { why, can_retry })
            }
            Fate::NotKept(_) => {
                let why = of_message(fate).into();
                let can_retry = true;
                let line = ours.refused(cid, can_retry);
                (line, Delivery::Refused { why, can_retry })
            }
            Fate::TakenBack { perhaps_received } => {
                let delivery = if *perhaps_received {
                    let why = words::taken_back_late().into();
                    let can_retry = false;
                    Delivery::Refused { why, can_retry }
                } else {
                    Delivery::Discarded
                };
                (ours.refused(cid, false), delivery)
            }
        };
        drop(ours);
        if let Some(line) = line {
            self.set_delivery(line, delivery);
        }
    }

    /// Something was said. What was said before this window was there is no news.
    fn take_in(&self, encrypted: &Encrypted, event: &Event, is_news: bool) {
        let text: Rc<str> = shown(event.text.as_ref()).into();
        let view = self.view_of(&event.conv);
        let at = time(event.at);
        let quiet = |text: String| Content::Event {
            text: text.into(),
            tone: Tone::Quiet,
        };
        match &event.kind {
            EventKind::Text if event.from.id == Some(encrypted.me()) => {
                self.take_in_ours(encrypted, event, text);
            }
            EventKind::Text => {
                let speaker = encrypted.others.borrow_mut().heard(&event.from);
                let mentions = self.names.borrow().are_in(&text);
                let told = Told {
                    speaker: Rc::clone(&speaker.label),
                    text: Rc::clone(&text),
                    mentions,
                };
                let content = Content::Theirs {
                    speaker,
                    text,
                    is_cut: false,
                    mentions,
                };
                let line = self.record().push_at(at, content, &view);
                if is_news {
                    self.tell(&Heard {
                        news: &told,
                        line,
                        view: &view,
                        conv: event.conv,
                    });
                }
            }
            EventKind::Mark => {
                self.record().push_at(at, quiet(words::gap()), &view);
            }
            EventKind::Other(_) => {
                self.record().push_at(at, quiet(words::newer()), &view);
            }
        }
        if encrypted.others.borrow_mut().spoke(&event.from, event.conv) {
            encrypted.people_changed();
        }
    }

    fn take_in_ours(&self, encrypted: &Encrypted, event: &Event, text: Rc<str>) {
        let (conv, seq) = (event.conv, event.seq);
        let known = encrypted.ours.borrow_mut().came(conv, seq, &text);
        if let Some(line) = known {
            // An earlier session sent it, and nobody was told that it arrived.
            let is_pending = |line: LineId| self.record().is_unsettled(line);
            if is_pending(line) {
                self.set_delivery(line, Delivery::Delivered);
            }
            return;
        }
        let content = Content::Ours {
            text,
            to: None,
            delivery: Delivery::Delivered,
        };
        let view = self.view_of(&conv);
        let line = self.record().push_at(time(event.at), content, &view);
        encrypted.ours.borrow_mut().place(conv, seq, line);
    }
}

/// A text of several lines, fit to be shown.
fn shown(text: &str) -> String {
    let lines = text.split('\n');
    let lines: Vec<_> = lines
        .map(|line| visible_str(line.strip_suffix('\r').unwrap_or(line)))
        .collect();
    lines.join("\n")
}

fn time(at: At) -> SystemTime {
    let since = Duration::from_millis(at.get());
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines_and_nothing_hides() {
        assert_eq!(shown("one\ntwo\r\n你好"), "one\ntwo\n你好");
        assert_eq!(shown("a\u{1b}b\n\u{202e}c"), "a␛b\n⟨U+202E⟩c");
    }

    #[test]
    fn no_time_of_a_server_is_too_much() {
        assert_eq!(time(At::ZERO), UNIX_EPOCH);
        assert!(time(At::MAX) > UNIX_EPOCH);
    }
}
