//! One encrypted guest: how far they have come, and what a frame of theirs asks for; pure.
//!
//! ```text
//! Strange ─ hello ─→ (Waiting, where the host is asked) ─→ Welcoming ─→ Here
//!    └ another hello after a wrong password or a name that is taken
//! ```
//!
//! A line and the time go in, and at most one [`Action`] comes out. What an action needs from
//! outside (names, the history, the host) the hub knows and tells back.

#[cfg(feature = "fuzzing")]
pub mod fuzzing;

use std::time::Instant;

use hallway_core::rate::Bucket;
use hallway_core::trust::sas::Found;
use hallway_core::wire::frame::{About, Hello, History, Msg, Problem, SAS_REVEAL};
use hallway_core::wire::values::Nonce;
use hallway_core::wire::{Code, Conv, Frame, Hash, Password, Pos, Side, parse};

use super::manners::{FRAMES, FRAMES_AT_ONCE, Manners, WRONG_PASSWORDS};
use crate::hub::event::Leaving;

/// What a hello must bring.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Door<'a> {
    pub(super) password: Option<&'a Password>,
    /// Too many wrong ones came from their address: none is looked at.
    pub(super) is_locked: bool,
}

/// How far somebody has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// No hello was taken.
    Strange,
    /// The host is asked.
    Waiting,
    /// The history is asked how far they have read.
    Welcoming,
    /// They are here.
    Here,
    /// They have heard the last word.
    Over,
}

/// What is to be done for a guest.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    /// To tell them this.
    Send(Frame),
    /// To see whether they can be let in by this name.
    Enter(Hello),
    /// To keep what they say.
    Say(Msg),
    /// To call them that.
    Rename(hallway_core::text::Name),
    /// To note that they have stored everything up to there.
    Got(Pos),
    /// To tell others that they write.
    Typing(Conv),
    /// To look up what was said.
    History(History),
    /// To answer the first step of the six digits.
    Commit(Hash),
    /// To take the last step of the six digits.
    Reveal(Nonce),
    /// To take what they found who compared the digits.
    Found(Found),
    /// To end it, with a last word where one can still be heard.
    End(Option<Problem>, Leaving),
}

#[derive(Debug)]
pub(super) struct Guest {
    stage: Stage,
    manners: Manners,
    /// When something was heard last.
    heard: Instant,
    is_pinged: bool,
    /// Until when a hello must have been taken.
    until: Instant,
    /// They were given time to think.
    has_time: bool,
    wrong_passwords: u8,
    /// Nothing more is read until then.
    slowed: Option<Instant>,
    messages: Bucket,
    frames: Bucket,
    typed: Option<Instant>,
    /// Older events are being looked up.
    is_asking: bool,
}

impl Guest {
    pub(super) fn new(manners: Manners, now: Instant) -> Self {
        Self {
            stage: Stage::Strange,
            heard: now,
            is_pinged: false,
            until: now + manners.hello,
            has_time: false,
            wrong_passwords: 0,
            slowed: None,
            messages: Bucket::new(manners.rate, manners.burst, now),
            frames: Bucket::new(FRAMES, FRAMES_AT_ONCE, now),
            typed: None,
            is_asking: false,
            manners,
        }
    }

    pub(super) fn is_strange(&self) -> bool {
        self.stage == Stage::Strange
    }

    /// How many passwords of theirs were wrong.
    pub(super) fn wrong_passwords(&self) -> u8 {
        self.wrong_passwords
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.stage == Stage::Waiting
    }

    pub(super) fn is_here(&self) -> bool {
        self.stage == Stage::Here
    }

    pub(super) fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// The last word was said.
    pub(super) fn end(&mut self) {
        self.stage = Stage::Over;
    }

    /// Whether the next frame may be read now. Else it waits, and is never dropped.
    pub(super) fn may_speak(&self, now: Instant) -> bool {
        self.slowed.is_none_or(|until| now >= until)
            && self.messages.left(now) > 0
            && self.frames.left(now) > 0
    }

    /// Their name is somebody's. They may say hello again.
    pub(super) fn name_is_taken(&mut self, now: Instant) -> Action {
        self.give_time(now);
        refusal(Code::NameTaken, "hello")
    }

    /// The host is asked.
    pub(super) fn wait(&mut self) -> Action {
        self.stage = Stage::Waiting;
        Action::Send(Frame::Waiting)
    }

    /// They are let in, and the history is asked how far they have read.
    pub(super) fn let_in(&mut self) {
        self.stage = Stage::Welcoming;
    }

    /// They were told that they are here.
    pub(super) fn welcome(&mut self) {
        self.stage = Stage::Here;
    }

    /// What they asked for was looked up.
    pub(super) fn answered(&mut self) {
        self.is_asking = false;
    }

    /// Takes a line.
    pub(super) fn hear(&mut self, line: &[u8], door: Door<'_>, now: Instant) -> Option<Action> {
        if self.stage == Stage::Over {
            return None;
        }
        self.heard = now;
        self.is_pinged = false;
        let frame = match parse(line, Side::Client) {
            Ok(Some(frame)) => frame,
            Ok(None) => {
                self.frames.take(1, now);
                return None;
            }
            Err(error) => return Some(self.fail(error.code(), None)),
        };
        match &frame {
            Frame::Msg(_) => self.messages.take(1, now),
            Frame::Got(_) | Frame::Pong => {}
            _ => self.frames.take(1, now),
        }
        match (self.stage, frame) {
            (_, Frame::Ping) => Some(Action::Send(Frame::Pong)),
            (Stage::Here, Frame::Err(Problem { code, re, .. }))
                if re.as_ref().is_some_and(About::is_sas_reveal) =>
            {
                Some(Action::Found(Found::told_by(&code)))
            }
            (_, Frame::Pong | Frame::Err(_)) => None,
            (Stage::Strange, Frame::Hello(hello)) => Some(self.hello(hello, door, now)),
            (Stage::Here, frame) => self.obey(frame, now),
            (_, frame) => Some(self.fail(Code::Unauthorized, about(kind(&frame)))),
        }
    }

    fn hello(&mut self, mut hello: Hello, door: Door<'_>, now: Instant) -> Action {
        let given = hello.password.take();
        if door.password.is_none() {
            return Action::Enter(hello);
        }
        if door.is_locked && given.is_some() {
            return self.fail(Code::Busy, about("hello"));
        }
        if given.as_ref() == door.password {
            return Action::Enter(hello);
        }
        self.give_time(now);
        if given.is_some() {
            self.wrong_passwords += 1;
            self.slowed = Some(now + self.manners.slowed);
            if self.wrong_passwords >= WRONG_PASSWORDS {
                return self.fail(Code::Password, about("hello"));
            }
        }
        refusal(Code::Password, "hello")
    }

    /// What somebody who is here asks for.
    fn obey(&mut self, frame: Frame, now: Instant) -> Option<Action> {
        Some(match frame {
            Frame::Msg(msg) => Action::Say(msg),
            Frame::Rename(rename) => Action::Rename(rename.name),
            Frame::Got(got) => Action::Got(got.pos),
            Frame::Typing(typing) => {
                let is_early = self
                    .typed
                    .is_some_and(|typed| now < typed + self.manners.typing);
                if is_early {
                    return None;
                }
                self.typed = Some(now);
                Action::Typing(typing.to)
            }
            Frame::History(_) if self.is_asking => refusal(Code::Busy, "history"),
            Frame::History(history) => {
                self.is_asking = true;
                Action::History(history)
            }
            Frame::SasCommit(commit) => Action::Commit(commit.commit),
            Frame::SasReveal(reveal) => Action::Reveal(reveal.nonce),
            frame => self.fail(Code::BadFrame, about(kind(&frame))),
        })
    }

    /// They are not read at present: that they are silent is ours.
    pub(super) fn excuse(&mut self, now: Instant) {
        self.heard = now;
    }

    /// What time decides.
    pub(super) fn look(&mut self, now: Instant) -> Option<Action> {
        let silence = now.saturating_duration_since(self.heard);
        match self.stage {
            Stage::Strange if now >= self.until => {
                let last_word = self.last_word(Code::Unauthorized, about("hello"));
                Some(Action::End(Some(last_word), gone()))
            }
            Stage::Over | Stage::Strange => None,
            _ if silence >= self.manners.dead => {
                self.stage = Stage::Over;
                Some(Action::End(None, gone()))
            }
            _ if silence >= self.manners.idle && !self.is_pinged => {
                self.is_pinged = true;
                Some(Action::Send(Frame::Ping))
            }
            _ => None,
        }
    }

    /// Ends it because of this.
    pub(super) fn fail(&mut self, code: Code, re: Option<About>) -> Action {
        let last_word = self.last_word(code.clone(), re);
        Action::End(Some(last_word), Leaving::Refused(code))
    }

    fn last_word(&mut self, code: Code, re: Option<About>) -> Problem {
        self.stage = Stage::Over;
        Problem {
            code,
            re,
            fatal: true,
        }
    }

    /// A person has to think now. That is granted once.
    fn give_time(&mut self, now: Instant) {
        if !std::mem::replace(&mut self.has_time, true) {
            self.until = now + self.manners.answer;
        }
    }
}

/// That they are silent is all that is known.
fn gone() -> Leaving {
    Leaving::Failed(hallway_core::net::Error::PeerSilent)
}

/// A type of frame, as something that was refused.
pub(super) fn about(kind: &str) -> Option<About> {
    kind.parse().ok().map(About::Frame)
}

/// Says no, and goes on.
pub(super) fn refusal(code: Code, kind: &str) -> Action {
    let re = about(kind);
    Action::Send(problem(code, re))
}

/// Something was refused, and it goes on.
pub(super) fn problem(code: Code, re: Option<About>) -> Frame {
    let fatal = false;
    Frame::Err(Problem { code, re, fatal })
}

/// The type of a frame that a client sends.
fn kind(frame: &Frame) -> &'static str {
    match frame {
        Frame::Hello(_) => "hello",
        Frame::Rename(_) => "rename",
        Frame::Msg(_) => "msg",
        Frame::Got(_) => "got",
        Frame::Typing(_) => "typing",
        Frame::History(_) => "history",
        Frame::SasCommit(_) => "sas-commit",
        Frame::SasReveal(_) => SAS_REVEAL,
        // Others come from servers alone, or may always come.
        _ => "err",
    }
}

#[cfg(test)]
mod tests;
