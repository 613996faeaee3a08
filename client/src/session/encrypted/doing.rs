//! What a conversation wants done.

use std::rc::Rc;
use std::time::Instant;

use glib::subclass::prelude::*;
use hallway_core::trust::Met;
use hallway_core::trust::sas::Found;
use hallway_core::wire::Fingerprint;
use hallway_core::wire::frame::Welcome;
use hallway_core::wire::{Frame, encode};

use super::{Comparing, Session};
use crate::session::keeper::NotMet;
use crate::session::standing::Standing;
use crate::session::state::State;
use crate::session::talk::Talk;
use crate::session::talk::values::{Action, End, Fate, News, Want};

impl Session {
    /// Does what the conversation wants. Whoever is told of something may want more: that is done
    /// after what is being done.
    pub(in crate::session) fn act(&self) {
        let Some(encrypted) = self.encrypted() else {
            return;
        };
        let taken = encrypted.talk.borrow_mut().as_mut().map(Talk::take_actions);
        encrypted
            .actions
            .borrow_mut()
            .extend(taken.into_iter().flatten());
        if encrypted.is_acting.replace(true) {
            return;
        }
        // Whoever is told may drop the session.
        let _alive = self.obj().clone();
        loop {
            let next = encrypted.actions.borrow_mut().pop_front();
            let Some(action) = next else {
                break;
            };
            self.perform(action);
        }
        encrypted.is_acting.set(false);
        self.set_clock();
    }

    fn perform(&self, action: Action) {
        match action {
            Action::Send(frame) => self.say_frame(&frame),
            Action::Tell(news) => self.tell_news(&news),
            Action::Want(want) => self.want(want),
            Action::Welcomed(welcome) => self.welcomed(&welcome),
            Action::End(end) => {
                if let Some(connection) = self.connection() {
                    self.end_for(&connection, end);
                }
            }
            Action::Meet(epoch) => self.store_meet(epoch),
            Action::Reset { epoch, head } => self.store_reset(epoch, head),
            Action::Store(batch) => self.store_events(batch),
            Action::CaughtUp => self.store_caught_up(),
            Action::Acknowledge(acknowledged) => self.store_acknowledged(acknowledged),
            Action::Withdraw(cid) => self.store_withdraw(cid),
            Action::Load { after } => self.store_load(after),
        }
    }

    fn say_frame(&self, frame: &Frame) {
        let Some(connection) = self.connection() else {
            return;
        };
        if let (Frame::Hello(hello), Some(encrypted)) = (frame, self.encrypted()) {
            encrypted.known_as.replace(Some(hello.name.clone()));
        }
        match encode(frame) {
            Ok(line) => {
                if connection.queue(line.into()).is_err() {
                    connection.abort_as_too_slow();
                }
            }
            Err(error) => tracing::error!(%error, "a frame was not sent"),
        }
    }

    fn tell_news(&self, news: &News) {
        if let Some(encrypted) = self.encrypted() {
            match news {
                News::Message(cid, Fate::Sent | Fate::TooLong) => {
                    encrypted.unsent.borrow_mut().remove(cid);
                }
                News::Compare(_) => encrypted.comparing.set(Comparing::Shown),
                News::Found(found) => {
                    // A server may tell this at any time, and as often as it likes.
                    let is_about_one = match encrypted.comparing.get() {
                        Comparing::Shown => true,
                        Comparing::Same => *found == Found::Different,
                        Comparing::Nothing => false,
                    };
                    if !is_about_one {
                        return;
                    }
                    encrypted.comparing.take();
                    if let (Found::Different, Some(server)) = (found, encrypted.server.get()) {
                        self.obj().note_verified(server, false);
                    }
                }
                News::NameTaken => encrypted.keep_name(),
                News::People => encrypted.note_name(),
                _ => {}
            }
        }
        self.obj().emit_told(news);
    }

    fn want(&self, want: Want) {
        let Some(encrypted) = self.encrypted() else {
            return;
        };
        self.set_standing(match want {
            Want::Nothing => Standing::Greeting,
            Want::Admission => Standing::WaitingToBeLetIn,
            Want::Name => Standing::NameWanted,
            Want::Password { again } => {
                let known = encrypted.password.borrow().clone();
                if let Some(password) = known.filter(|_| !again) {
                    self.with_talk(|talk, _| talk.password(password));
                    return;
                }
                encrypted.password.take();
                Standing::PasswordWanted { again }
            }
        });
    }

    fn welcomed(&self, welcome: &Rc<Welcome>) {
        let (Some(encrypted), Some(connection)) = (self.encrypted(), self.connection()) else {
            return;
        };
        if let Some(address) = connection.peer() {
            self.since.set(Some(Instant::now()));
            self.attempts.set(Some(self.attempts.get().unwrap_or(0)));
            self.set_state(State::Connected { address });
        }
        encrypted.allowed.set(welcome.limits);
        self.set_standing(Standing::Here {
            name: welcome.name.clone(),
            id: welcome.id,
        });
        let (id, name) = (welcome.id, welcome.name.clone());
        let as_new = encrypted.as_new.get() == Some(id);
        let (keeper, address) = (encrypted.keeper.clone(), encrypted.address.clone());
        let round = encrypted.round.get();
        let session = self.obj().downgrade();
        glib::MainContext::ref_thread_default().spawn_local(async move {
            let met = gio::spawn_blocking(move || keeper.met(id, name, address, as_new)).await;
            if let (Some(session), Ok(met)) = (session.upgrade(), met) {
                let session = session.imp();
                // Of an earlier connection: this one has asked for itself.
                if let Some(encrypted) = session.encrypted()
                    && encrypted.round.get() == round
                {
                    encrypted.as_new.set(None);
                    session.met(id, met);
                }
            }
        });
    }

    /// The server was pinned, or not.
    fn met(&self, id: Fingerprint, met: Result<Met, NotMet>) {
        let error = match met {
            Ok(Met::First) => return self.tell_news(&News::FirstContact(id)),
            Ok(Met::Again) => return,
            Err(error) => error,
        };
        let is_known = self.encrypted().is_some_and(|encrypted| {
            let pins = encrypted.keeper.pins();
            pins.get(hallway_core::trust::Role::Server, &id).is_some()
        });
        if is_known {
            return self.tell_news(&News::NotRemembered(error.to_string()));
        }
        // Whoever is there next time could not be told from somebody else.
        if let Some(connection) = self.connection() {
            self.end_for(&connection, End::Pins(error.to_string()));
        }
    }
}
