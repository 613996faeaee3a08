//! What encrypted people say, and what they are told.

use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Instant;

use hallway_core::net::{Arrivals, Connection, limits};
use hallway_core::text::Name;
use hallway_core::wire::frame::{Problem, Typing};
use hallway_core::wire::people::Renamed;
use hallway_core::wire::{Code, Conv, Frame, People, encode};

use super::Inner;
use super::event::{Event, Leaving};
use super::guest::{Action, Door, about, problem, refusal};
use super::guests::label;

impl Inner {
    /// Whether the next frame of a guest may be read now; if not, it is noted that they wait.
    pub(super) fn may_hear(&self, connection: &Connection) -> bool {
        let is_behind = self.must_guests_wait();
        let mut guests = self.guests.borrow_mut();
        let Some(inside) = guests.get_mut(connection) else {
            return true;
        };
        if inside.guest.is_over() {
            return false;
        }
        let may = !is_behind && inside.guest.may_speak(Instant::now());
        inside.is_paused = !may;
        may
    }

    /// Takes the frames that one read brought.
    pub(super) fn hear_guest(
        &self,
        connection: &Connection,
        arrivals: &mut Arrivals<'_>,
    ) -> ControlFlow<()> {
        while self.may_hear(connection) {
            let Some(line) = arrivals.take() else {
                return ControlFlow::Continue(());
            };
            let action = {
                let settings = self.settings.borrow();
                let mut guests = self.guests.borrow_mut();
                let Some((inside, wrong_passwords)) = guests.at_the_door(connection) else {
                    return ControlFlow::Break(());
                };
                let now = Instant::now();
                let peer = inside.person.address;
                let door = Door {
                    password: settings.password.as_ref(),
                    is_locked: wrong_passwords.locked_until(peer, now).is_some(),
                };
                let before = inside.guest.wrong_passwords();
                let action = inside.guest.hear(line.bytes, door, now);
                if inside.guest.wrong_passwords() > before {
                    wrong_passwords.failed(peer, now);
                }
                action
            };
            if let Some(action) = action {
                self.act(connection, action);
            }
        }
        ControlFlow::Break(())
    }

    /// Does what a guest, or time, asks for.
    pub(super) fn act(&self, connection: &Connection, action: Action) {
        match action {
            Action::Send(frame) => tell_guest(connection, &frame),
            Action::Enter(hello) => self.enter(connection, hello),
            Action::Say(msg) => self.keep_message(connection, msg),
            Action::Rename(name) => self.rename_guest(connection, &name),
            Action::Got(pos) => self.note_stored(connection, pos),
            Action::Typing(to) => self.tell_typing(connection, to),
            Action::History(history) => self.look_up(connection, history),
            Action::Commit(commit) => self.answer_commit(connection, commit),
            Action::Reveal(nonce) => self.check_reveal(connection, &nonce),
            Action::Found(found) => self.found_there(connection, found),
            Action::End(last_word, why) => self.end_guest(connection, last_word, why),
        }
    }

    /// Tells all who were welcomed, but for one.
    pub(super) fn tell_everyone_here(&self, frame: &Frame, but: Option<&Connection>) {
        let Ok(line) = encode(frame) else {
            return tracing::error!("a frame that is too large: {frame:?}");
        };
        let line: Rc<[u8]> = line.into();
        let mut too_slow = Vec::new();
        for inside in self.guests.borrow().here() {
            let connection = &inside.connection;
            if Some(connection) != but && connection.queue(Rc::clone(&line)).is_err() {
                too_slow.push(connection.clone());
            }
        }
        super::abort_slow(&too_slow);
    }

    /// Ends a guest's connection, with a last word where they may still hear one.
    pub(super) fn end_guest(
        &self,
        connection: &Connection,
        last_word: Option<Problem>,
        why: Leaving,
    ) {
        let is_known = match self.guests.borrow_mut().get_mut(connection) {
            Some(inside) => {
                inside.leaving.get_or_insert(why);
                true
            }
            None => false,
        };
        if !is_known {
            return;
        }
        self.retire(connection);
        match last_word {
            Some(last_word) => {
                tell_guest(connection, &Frame::Err(last_word));
                connection.close_within(limits::CLOSE);
            }
            None => connection.abort(),
        }
    }

    /// To the others they are gone.
    pub(super) fn retire(&self, connection: &Connection) {
        let (skeletons, person) = {
            let mut guests = self.guests.borrow_mut();
            let skeletons = guests.retire(connection);
            let Some(inside) = guests.get_mut(connection) else {
                return;
            };
            inside.guest.end();
            (skeletons, inside.announced.take())
        };
        self.room.borrow_mut().names.give_up(skeletons.as_ref());
        if let Some(person) = person {
            self.note_presence(Some(&person), None);
        }
    }

    /// They want to be called something else. The answer is among the news of who is here.
    fn rename_guest(&self, connection: &Connection, name: &Name) {
        let before = match self.guests.borrow().get(connection) {
            Some(inside) => Rc::clone(&inside.person),
            None => return,
        };
        match self.rename(before.id, name) {
            Err(_) => self.act(connection, refusal(Code::NameTaken, "rename")),
            // Nobody else is told of what did not change.
            Ok(person) if person.label == before.label => {
                let renamed = Renamed {
                    id: person.identity,
                    was: label(&before),
                    name: label(&person),
                };
                let changes = People::Changes {
                    joined: Vec::new(),
                    left: Vec::new(),
                    renamed: vec![renamed],
                };
                tell_guest(connection, &Frame::People(changes));
            }
            Ok(_) => {}
        }
    }

    /// They write, to everyone or to one.
    fn tell_typing(&self, connection: &Connection, to: Conv) {
        let Some(archive) = self.archive() else {
            return;
        };
        let (person, identity) = match self.guests.borrow().get(connection) {
            Some(inside) => (Rc::clone(&inside.person), inside.identity),
            None => return,
        };
        let from = Some(identity);
        match to {
            Conv::Room => {
                if self.settings.borrow().relay && self.keeper.borrow_mut().may_tell_typing() {
                    let typing = Frame::Typing(Typing { to, from });
                    self.tell_everyone_here(&typing, Some(connection));
                }
            }
            Conv::With(other) if other == archive.fingerprint() => {}
            Conv::With(other) => {
                let other = match self.guests.borrow().by_identity(&other) {
                    Some(inside) if inside.guest.is_here() => inside.connection.clone(),
                    _ => return,
                };
                let typing = Frame::Typing(Typing { to, from });
                return tell_guest(&other, &typing);
            }
        }
        self.tell(&Event::Typing {
            person: &person,
            to_host: to != Conv::Room,
        });
    }

    /// A guest's line was longer than a frame.
    pub(super) fn frame_too_long(&self, connection: &Connection) {
        self.with_guest(connection, |inside| {
            Some(inside.guest.fail(Code::TooLong, about("frame")))
        });
    }
}

/// Tells a guest something. Whoever has a queue that is full is broken off.
pub(super) fn tell_guest(connection: &Connection, frame: &Frame) {
    match encode(frame) {
        Ok(line) => {
            if connection.queue(line.into()).is_err() {
                connection.abort_as_too_slow();
            }
        }
        Err(error) => tracing::error!("{error}: {frame:?}"),
    }
}

/// Says no to a message, and goes on.
pub(super) fn refuse_message(connection: &Connection, cid: hallway_core::wire::Cid, code: Code) {
    let re = Some(hallway_core::wire::frame::About::Message(cid));
    tell_guest(connection, &problem(code, re));
}
