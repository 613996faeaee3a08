//! What comes after the welcome.

use std::rc::Rc;
use std::time::Instant;

use hallway_core::history::client::Acknowledged;
use hallway_core::trust::sas::Found;
use hallway_core::wire::event::Past;
use hallway_core::wire::frame::{About, Ack, SAS_REVEAL, SasNonce, Seen};
use hallway_core::wire::values::Word;
use hallway_core::wire::{Cid, Code, Conv, Event, Frame};

use super::outgoing::Answered;
use super::values::{Action, Batch, End, Fate, News, Receipt};
use super::{Stage, Talk, limits};

impl Talk {
    /// A frame after the welcome.
    pub(super) fn hear_more(&mut self, frame: Frame, now: Instant) {
        match frame {
            Frame::Reset(reset) => self.read_again(reset),
            Frame::People(people) => {
                self.presence.update(people);
                if !std::mem::replace(&mut self.people_told, true) {
                    self.tell(News::People);
                }
            }
            _ if matches!(self.stage, Stage::Doubtful) => {
                self.violation("another history, and no reset");
            }
            Frame::Event(event) => self.take_in(event),
            Frame::CaughtUp(_) => {
                self.give_to_store();
                self.act(Action::CaughtUp);
            }
            Frame::Ack(ack) => self.acknowledged(&ack),
            Frame::Seen(seen) => self.seen(seen),
            Frame::Typing(typing) => {
                if let Some(who) = typing.from {
                    // For one person alone: what is between us is called by the other one.
                    let conv = match typing.to {
                        Conv::Room => Conv::Room,
                        Conv::With(_) => Conv::With(who),
                    };
                    for news in self.presence.writes(who, conv, now) {
                        self.tell(news);
                    }
                }
            }
            Frame::Past(past) => self.past(past),
            Frame::SasNonce(of_server) => {
                if let Some((nonce, code)) = self.comparison.reveal(&of_server.nonce) {
                    self.send(Frame::SasReveal(SasNonce { nonce }));
                    self.tell(News::Compare(code));
                }
            }
            Frame::Welcome(_) | Frame::Waiting => self.violation("a second welcome"),
            // The rest a server never sends, as the parser knows.
            _ => {}
        }
    }

    /// Something was said. What was taken before is passed over.
    fn take_in(&mut self, event: Event) {
        if event.pos <= self.taken {
            return;
        }
        self.taken = event.pos;
        if let Some(news) = event.from.id.and_then(|who| self.presence.stops(&who)) {
            self.tell(news);
        }
        self.batch_bytes += event.text.as_ref().len() + limits::EVENT_DRESS;
        self.batch.push(event);
    }

    /// What came is to be stored, in one piece.
    pub(super) fn give_to_store(&mut self) {
        let events = std::mem::take(&mut self.batch);
        let bytes = std::mem::take(&mut self.batch_bytes);
        if let Some(last) = events.last() {
            let receipt = Receipt {
                last: last.pos,
                bytes,
                resets: self.resets,
            };
            self.unstored += bytes;
            self.act(Action::Store(Batch { events, receipt }));
        }
    }

    fn acknowledged(&mut self, ack: &Ack) {
        let is_ours = self
            .outgoing
            .as_mut()
            .is_some_and(|outgoing| outgoing.acknowledged(ack));
        if !is_ours {
            return;
        }
        let Ack {
            cid,
            conv,
            seq,
            pos,
            ..
        } = *ack;
        if self.places.len() >= limits::PLACES {
            self.places.pop_front();
        }
        self.places.push_back((conv, seq, cid));
        self.act(Action::Acknowledge(Acknowledged { cid, pos }));
        self.tell(News::Message(cid, Fate::Delivered(seq)));
    }

    fn seen(&mut self, seen: Seen) {
        let Seen { conv, seq, count } = seen;
        let mut places = self.places.iter();
        let ours = places.find(|place| (place.0, place.1) == (conv, seq));
        if let Some(&(_, _, cid)) = ours {
            self.tell(News::Message(cid, Fate::SeenBy(count)));
        }
        self.tell(News::Seen { conv, seq, count });
    }

    fn past(&mut self, past: Past) {
        // What nobody asked for is not shown.
        if self
            .asked
            .front()
            .is_some_and(|asked| asked.conv == past.conv)
        {
            self.asked.pop_front();
            self.tell(News::Past(Rc::new(past)));
            self.ask_next_past();
        }
    }

    /// The server did not take a message.
    pub(super) fn message_refused(&mut self, cid: Cid, code: Code, now: Instant) {
        let Some(outgoing) = &mut self.outgoing else {
            return;
        };
        let answered = outgoing.refused(&cid, &code, now);
        let is_hopeless = outgoing.has_come_to_nothing();
        match answered {
            Answered::Unknown => {}
            Answered::Again => {
                self.tell(News::Message(cid, Fate::Queued));
                if code != Code::OutOfOrder {
                    let re = Some(About::Message(cid));
                    self.tell(News::Refused { code, re });
                }
            }
            Answered::Refused => {
                self.act(Action::Withdraw(cid));
                self.tell(News::Message(cid, Fate::Refused(code)));
            }
        }
        if is_hopeless {
            self.end(End::Numbers);
        }
    }

    /// The server did not do what a frame asked for.
    pub(super) fn frame_refused(&mut self, frame: Word, code: Code) {
        match (frame.as_ref(), code) {
            (SAS_REVEAL, code) => {
                // A comparison that was begun after it goes on.
                self.tell(News::Found(Found::told_by(&code)));
            }
            ("sas-commit", code) if self.comparison.0.take().is_some() => {
                self.tell(News::NotCompared(code));
            }
            ("rename", Code::NameTaken) => self.tell(News::NameTaken),
            ("history", code) => {
                self.asked.pop_front();
                self.ask_next_past();
                let re = Some(About::Frame(frame));
                self.tell(News::Refused { code, re });
            }
            (_, code) => {
                let re = Some(About::Frame(frame));
                self.tell(News::Refused { code, re });
            }
        }
    }
}
