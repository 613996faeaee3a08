//! What people here want, besides sending messages.

use std::time::Instant;

use hallway_core::text::Name;
use hallway_core::trust::sas;
use hallway_core::wire::frame::{History, Problem, Rename, SAS_REVEAL, SasCommit, Typing};
use hallway_core::wire::{Cid, Conv, Frame, Hash, Password};

use super::values::{Comparison, Want};
use super::{Stage, Talk, limits};

impl Talk {
    /// Takes a message back that is not in flight: it is not sent any more. The store has to take
    /// it out of the outbox, and [`taken_back`](Self::taken_back) is to be called then.
    pub fn take_back(&mut self, cid: &Cid) -> bool {
        let outgoing = self.outgoing.as_mut();
        outgoing.is_none_or(|outgoing| outgoing.take_back(cid))
    }

    /// The store has taken a message out of the outbox.
    pub fn taken_back(&mut self, cid: &Cid) {
        if let Some(outgoing) = &mut self.outgoing {
            outgoing.taken_back(cid);
        }
    }

    /// Somebody here is writing. The server is told as often as it may be.
    pub fn typing(&mut self, to: Conv, now: Instant) {
        if matches!(self.stage, Stage::Here) && self.presence.may_tell(now) {
            self.send(Frame::Typing(Typing { to, from: None }));
        }
    }

    /// Asks for events before one. False: not now, or too much is asked for already.
    pub fn ask_past(&mut self, history: History) -> bool {
        let may = matches!(self.stage, Stage::Here) && self.asked.len() < limits::PAGES;
        if may {
            self.asked.push_back(history);
            // A server answers one at a time.
            if self.asked.len() == 1 {
                self.send(Frame::History(history));
            }
        }
        may
    }

    /// The one before was answered.
    pub(super) fn ask_next_past(&mut self) {
        if let Some(&next) = self.asked.front() {
            self.send(Frame::History(next));
        }
    }

    /// Begins to compare six digits. False: not now.
    pub fn compare(&mut self, committed: sas::Committed, commit: Hash) -> bool {
        // Another one before the server has answered would be answered for the first.
        let may = self.is_here() && self.comparison.0.is_none();
        if may {
            self.comparison = Comparison(Some(committed));
            self.send(Frame::SasCommit(SasCommit { commit }));
        }
        may
    }

    /// A person has compared the digits. The server is told of what is not the same.
    pub fn compared(&mut self, found: sas::Found) {
        if let Some(code) = found.code()
            && self.is_here()
        {
            let re = SAS_REVEAL.parse().ok();
            let fatal = false;
            self.send(Frame::Err(Problem { code, re, fatal }));
        }
    }

    /// Wants to be called something else. False: not now. Until the welcome it is what hello says.
    pub fn rename(&mut self, name: Name) -> bool {
        match self.stage {
            Stage::Greeting(want) => {
                self.opening.name = name;
                if want == Want::Name {
                    self.say_hello();
                }
            }
            Stage::Here | Stage::Doubtful => {
                self.send(Frame::Rename(Rename { name }));
            }
            Stage::Over => return false,
        }
        true
    }

    /// The password that was asked for. False: none was.
    pub fn password(&mut self, password: Password) -> bool {
        let is_wanted = matches!(self.stage, Stage::Greeting(Want::Password { .. }));
        if is_wanted {
            self.opening.password = Some(password);
            self.say_hello();
        }
        is_wanted
    }
}
