//! What the history has answered: acknowledgements, events, and what plain people hear of it.

use std::rc::Rc;
use std::time::Instant;

use hallway_core::faults::{Point, reach};
use hallway_core::history::Error;
use hallway_core::history::entry::Entry;
use hallway_core::net::Connection;
use hallway_core::net::limits::TURN;
use hallway_core::text::{cut, visible_str};
use hallway_core::wire::frame::Ack;
use hallway_core::wire::{At, Between, Cid, Code, Conv, Frame, Pos, Seq, encode};

use super::archive::Archive;
use super::event::{Event, MessageId, Person};
use super::hearing::{refuse_message, tell_guest};
use super::keeper::{Answered, Outcome, Pending};
use super::stream::Sent;
use super::{Inner, abort_slow};

impl Inner {
    /// Takes what the history has answered, in its order.
    pub(super) fn take_answers(&self, answers: impl IntoIterator<Item = Answered>) {
        for (key, result) in answers {
            let pending = self.keeper.borrow_mut().end(key);
            if let Some(pending) = pending {
                self.note_health(&result);
                self.take_answer(pending, result);
            }
        }
        self.pump_all();
        self.resume_guests();
    }

    /// Tells the host once that the disk takes nothing.
    fn note_health(&self, result: &Result<Outcome, Error>) {
        let has_failed = match result {
            Ok(_) => false,
            // That is the sender's, and not the disk's.
            Err(Error::TooManyConversations { .. }) => return,
            Err(_) => true,
        };
        let is_known = std::mem::replace(&mut self.keeper.borrow_mut().has_failed, has_failed);
        if let Err(error) = result
            && !is_known
        {
            tracing::warn!("not kept: {error}");
            self.tell(&Event::NotStored(error));
        }
    }

    fn take_answer(&self, pending: Pending, result: Result<Outcome, Error>) {
        match (pending, result) {
            (Pending::Message { from, cid, to, .. }, result) => {
                self.answer_message(&from, cid, to, result);
            }
            (Pending::Lines, Ok(Outcome::Kept(entries))) => self.hand_out(&entries),
            (Pending::Host(message), Ok(Outcome::Kept(entries))) => {
                if let Some(entry) = entries.iter().find(|entry| is_text(entry)) {
                    self.place_host_text(message, entry.pos);
                    self.end_unheard(message, true);
                }
                self.hand_out(&entries);
            }
            (Pending::Lines, _) => self.lost_lines(),
            (Pending::Host(message), _) => {
                self.lost_lines();
                self.lose_host_text(message);
            }
        }
    }

    /// Lines that were to be kept are not.
    fn lost_lines(&self) {
        self.keeper.borrow_mut().lose_lines();
    }

    fn answer_message(
        &self,
        from: &Rc<Person>,
        cid: Cid,
        to: Conv,
        result: Result<Outcome, Error>,
    ) {
        let sender = {
            let guests = self.guests.borrow();
            let inside = guests.by_id(from.id);
            inside
                .filter(|inside| inside.guest.is_here())
                .map(|inside| inside.connection.clone())
        };
        let refuse = |code| {
            if let Some(sender) = &sender {
                refuse_message(sender, cid, code);
            }
        };
        let acknowledge = |seq, pos, at| acknowledge(sender.as_ref(), cid, to, (seq, pos, at));
        match result {
            Ok(Outcome::Kept(entries)) => {
                for entry in &entries {
                    acknowledge(entry.seq, entry.pos, entry.at);
                }
                self.hand_out(&entries);
                for entry in &entries {
                    self.pass_on(from, entry);
                }
            }
            Ok(Outcome::Again(receipt)) => acknowledge(receipt.seq, receipt.pos, receipt.at),
            Ok(Outcome::BadCid) => refuse(Code::BadCid),
            Ok(Outcome::OutOfOrder) => refuse(Code::OutOfOrder),
            Ok(Outcome::NotFound) => refuse(Code::NotFound),
            Err(Error::DiskFull) => refuse(Code::DiskFull),
            Err(Error::TooManyConversations { .. }) => refuse(Code::Busy),
            Err(_) => refuse(Code::Internal),
        }
    }

    /// Gives new events to everybody who has been told all before them. The others read them later, and
    /// so does everybody what would take longer than a turn.
    fn hand_out(&self, entries: &[Entry]) {
        let mut too_slow = Vec::new();
        let began = Instant::now();
        for entry in entries {
            let mut guests = self.guests.borrow_mut();
            guests.head = guests.head.max(entry.pos);
            guests.room_seen.note(entry);
            if began.elapsed() >= TURN {
                continue;
            }
            // The room's events are the same for all.
            let mut common: Option<Rc<[u8]>> = None;
            for inside in guests.all_mut() {
                if !inside.guest.is_here() || !inside.stream.takes_fresh(entry.pos) {
                    continue;
                }
                let Some(event) = entry.seen_by(&inside.identity) else {
                    inside.stream.skip_to(entry.pos);
                    continue;
                };
                let line = match &common {
                    Some(line) => Rc::clone(line),
                    None => match encode(&Frame::Event(event)) {
                        Ok(line) => Rc::from(line),
                        Err(error) => {
                            tracing::error!("{error}: an event");
                            continue;
                        }
                    },
                };
                if entry.between == Between::Room {
                    common = Some(Rc::clone(&line));
                }
                let bytes = line.len();
                if inside.connection.queue(line).is_err() {
                    too_slow.push(inside.connection.clone());
                }
                inside.stream.send(sent(entry, bytes));
            }
        }
        abort_slow(&too_slow);
    }

    /// Tells plain people and the host what an encrypted person said, now that it is kept.
    fn pass_on(&self, from: &Person, entry: &Entry) {
        let lines: Vec<_> = entry.text.as_ref().lines().map(visible_str).collect();
        let text = lines.join("\n");
        if entry.between == Between::Room {
            let longest = self.settings.borrow().longest_line;
            let mut chunk = Vec::new();
            for (number, line) in lines.iter().enumerate() {
                match number {
                    0 => chunk.extend_from_slice([&*from.label, ": "].concat().as_bytes()),
                    _ => chunk.extend_from_slice(super::INDENT.as_bytes()),
                }
                chunk.extend_from_slice(cut(line, longest).as_bytes());
                chunk.push(b'\n');
            }
            let too_slow = self.room.borrow_mut().relay(None, &chunk.into());
            abort_slow(&too_slow);
            self.tell(&Event::Line {
                person: from,
                text: &text,
                is_cut: false,
            });
        } else if self.is_for_host(entry) {
            self.tell(&Event::Direct {
                person: from,
                text: &text,
            });
        }
    }

    fn is_for_host(&self, entry: &Entry) -> bool {
        let host = self.archive().map(Archive::fingerprint);
        host.is_some_and(|host| entry.between.seen_by(&host).is_some())
    }

    /// A text of the host's is kept at `pos`.
    fn place_host_text(&self, message: MessageId, pos: Pos) {
        for inside in self.guests.borrow_mut().all_mut() {
            // It is among the last ones.
            let mut texts = inside.host_texts.iter_mut().rev();
            if let Some(text) = texts.find(|(text, _)| *text == message) {
                text.1 = Some(pos);
            }
        }
    }

    /// A text of the host's could not be kept: no encrypted person will have it.
    fn lose_host_text(&self, message: MessageId) {
        let mut missed = Vec::new();
        for inside in self.guests.borrow_mut().all_mut() {
            let before = inside.host_texts.len();
            inside.host_texts.retain(|(text, _)| *text != message);
            if inside.host_texts.len() < before {
                missed.push(Rc::clone(&inside.person));
            }
        }
        let done: Vec<_> = {
            let deliveries = &mut self.room.borrow_mut().deliveries;
            let done = missed
                .iter()
                .filter_map(|person| deliveries.missed(message, person));
            done.collect()
        };
        self.tell_received(done);
        self.end_unheard(message, false);
    }

    /// The disk has answered for a text of the host's that nobody was there for.
    fn end_unheard(&self, message: MessageId, is_kept: bool) {
        let done = {
            let deliveries = &mut self.room.borrow_mut().deliveries;
            deliveries.answered_by_disk(message, is_kept)
        };
        self.tell_received(done);
    }
}

fn is_text(entry: &Entry) -> bool {
    entry.kind == hallway_core::wire::event::Kind::Text
}

/// What is known of an event that was sent.
pub(super) fn sent(entry: &Entry, bytes: usize) -> Sent {
    let of = match entry.between {
        Between::Room => None,
        Between::Two(..) => entry.from.id.map(|author| (author, entry.seq)),
    };
    Sent {
        pos: entry.pos,
        bytes,
        of,
    }
}

fn acknowledge(sender: Option<&Connection>, cid: Cid, conv: Conv, (seq, pos, at): (Seq, Pos, At)) {
    let ack = Ack {
        cid,
        conv,
        seq,
        pos,
        at,
    };
    if let Some(sender) = sender {
        reach(Point::BeforeAcknowledgement);
        tell_guest(sender, &Frame::Ack(ack));
        reach(Point::AfterAcknowledgement);
    }
}
