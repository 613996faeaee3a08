//! Until the welcome: hello, what a person is asked for, and what the server has.

use std::rc::Rc;
use std::time::Instant;

use hallway_core::wire::frame::{About, Hello, Problem, Reset, Welcome};
use hallway_core::wire::values::Caps;
use hallway_core::wire::{Code, Frame, Pos};

use super::outgoing::Outgoing;
use super::values::{Action, End, News, Want};
use super::{Stage, Talk};

impl Talk {
    /// Says hello, perhaps again.
    pub(super) fn say_hello(&mut self) {
        let hello = Hello {
            name: self.opening.name.clone(),
            caps: Caps::default(),
            // Where nothing is held there is nothing to prove.
            cursor: self.opening.cursor.filter(|cursor| cursor.pos > Pos::ZERO),
            password: self.opening.password.clone(),
        };
        self.want(Want::Nothing);
        self.said = Some(hello.name.clone());
        self.send(Frame::Hello(hello));
    }

    fn want(&mut self, want: Want) {
        let is_other = !matches!(self.stage, Stage::Greeting(before) if before == want);
        self.stage = Stage::Greeting(want);
        if is_other {
            self.act(Action::Want(want));
        }
    }

    /// A frame before the welcome.
    pub(super) fn hear_greeting(&mut self, frame: Frame, now: Instant) {
        match frame {
            Frame::Waiting => self.want(Want::Admission),
            Frame::Welcome(welcome) => self.be_welcome(welcome, now),
            Frame::Reset(reset) => self.reset = Some(reset),
            _ => self.violation("a frame before the welcome"),
        }
    }

    fn be_welcome(&mut self, welcome: Welcome, now: Instant) {
        if welcome.id != self.opening.server {
            return self.violation("a welcome in the name of somebody else");
        }
        self.outgoing = Some(Outgoing::new(&welcome, now));
        self.opening.password = None;
        self.epoch = Some(welcome.epoch);
        let held = self.opening.cursor.filter(|cursor| cursor.pos > Pos::ZERO);
        let is_other = held.is_some_and(|cursor| cursor.epoch != welcome.epoch);
        self.stage = if is_other {
            Stage::Doubtful
        } else {
            Stage::Here
        };
        let welcome = Rc::new(welcome);
        self.act(Action::Welcomed(Rc::clone(&welcome)));
        match self.reset.take() {
            Some(reset) => self.read_again(reset),
            None if is_other => {}
            None => self.act(Action::Meet(welcome.epoch)),
        }
        // Somebody decided on another one meanwhile.
        if self
            .said
            .take()
            .is_some_and(|said| said != self.opening.name)
        {
            self.rename(self.opening.name.clone());
        }
    }

    /// What is held is not of the server's history.
    pub(super) fn read_again(&mut self, reset: Reset) {
        if self.epoch != Some(reset.epoch) {
            return self.violation("a reset to another history than the welcome's");
        }
        self.give_to_store();
        self.resets += 1;
        self.taken = Pos::ZERO;
        self.stage = Stage::Here;
        self.tell(News::Reset);
        let Reset { epoch, head } = reset;
        self.act(Action::Reset { epoch, head });
    }

    /// The server did not do something, or ends the conversation.
    pub(super) fn hear_problem(&mut self, problem: Problem, now: Instant) {
        let Problem { code, re, fatal } = problem;
        if code == Code::Superseded {
            return self.end(End::Superseded);
        }
        if fatal {
            return self.end(End::Refused(code));
        }
        if !self.is_here() {
            // Only hello can be refused here.
            match code {
                Code::Password => {
                    let again = self.opening.password.take().is_some();
                    self.want(Want::Password { again });
                }
                Code::NameTaken => self.want(Want::Name),
                // The reset follows.
                Code::CursorAhead => {}
                code => self.end(End::Refused(code)),
            }
            return;
        }
        match re {
            Some(About::Message(cid)) => self.message_refused(cid, code, now),
            Some(About::Frame(frame)) => self.frame_refused(frame, code),
            None => self.tell(News::Refused { code, re: None }),
        }
    }
}
