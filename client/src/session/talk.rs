//! One encrypted conversation with a server, from hello to its end; pure.
//!
//! ```text
//! lines, times, what people want, what the store answers → Talk → Actions
//! ```
//!
//! It holds for one connection: the next one begins a new conversation, which goes on where the
//! store is. Nothing here waits, and nothing is a socket, a file or a clock. Whoever has it gives it
//! the time, calls [`Talk::tick`] when [`Talk::deadline`] is there, and does its
//! [actions](Talk::take_actions) in their order.
//!
//! Where PROTOCOL.md is silent:
//!
//! - A reset may come before the welcome or after it. A welcome with another epoch than the cursor's
//!   must be followed by one before anything is told.
//! - An acknowledgement up to the welcome's `head` is of a message that was taken before: it used
//!   no number.
//! - An event at or before the last one is passed over, as told again.
//! - After `disk-full`, `busy`, `rate` and `internal` about a message it goes again after
//!   [`limits::RETRY`]; after any other code but `out-of-order` it is refused for good.
//! - Whoever has said hello may ping, welcome or not.
//!
//! The parts:
//!
//! - [`values`]: actions and news. `limits`: every cap and every time.
//! - `greeting`: until the welcome. `hearing`: what comes after it.
//! - `wishes`: what people want. `storing`: what the store answers.
//! - `outgoing`: messages and their numbers. `waiting`: those that are not sent.
//! - `presence`: who is here, and who is writing.

mod greeting;
mod hearing;
pub mod limits;
mod outgoing;
mod presence;
mod storing;
pub mod values;
mod waiting;
mod wishes;

use std::collections::VecDeque;
use std::time::Instant;

use hallway_core::text::Name;
use hallway_core::wire::frame::{History, Problem, Reset};
use hallway_core::wire::{
    Cid, Code, Conv, Epoch, Event, Frame, FrameError, Person, Pos, Seq, Side, parse,
};

use outgoing::{Outgoing, Step};
use presence::Presence;
use values::{Action, Comparison, End, Fate, News, Opening, Want};

/// How far it is.
#[derive(Debug)]
enum Stage {
    /// Hello was said, or waits for what a person is asked for.
    Greeting(Want),
    /// The server said welcome, and has another history than we hold: its reset must come.
    Doubtful,
    /// Both sides talk.
    Here,
    /// Nothing is said any more.
    Over,
}

/// One encrypted conversation.
#[derive(Debug)]
pub struct Talk {
    opening: Opening,
    /// The name that was said in hello.
    said: Option<Name>,
    stage: Stage,
    /// A reset that came before the welcome.
    reset: Option<Reset>,
    /// What the server's history is called.
    epoch: Option<Epoch>,
    outgoing: Option<Outgoing>,
    /// Places of messages of ours, the oldest first.
    places: VecDeque<(Conv, Seq, Cid)>,
    presence: Presence,
    /// That people changed is among the actions already: whoever is told asks who is here.
    people_told: bool,
    comparison: Comparison,
    /// Conversations of which older events were asked for, in that order.
    asked: VecDeque<History>,
    /// The last event that was taken from the server.
    taken: Pos,
    /// Events that came and were not given to be stored.
    batch: Vec<Event>,
    batch_bytes: usize,
    /// Bytes given to be stored, and not stored yet.
    unstored: usize,
    resets: u32,
    heard: Instant,
    asked_at: Option<Instant>,
    actions: VecDeque<Action>,
}

impl Talk {
    /// Says hello.
    pub fn new(opening: Opening, now: Instant) -> Self {
        let taken = opening.cursor.map_or(Pos::ZERO, |cursor| cursor.pos);
        let mut talk = Self {
            opening,
            said: None,
            stage: Stage::Greeting(Want::Nothing),
            reset: None,
            epoch: None,
            outgoing: None,
            places: VecDeque::new(),
            presence: Presence::default(),
            people_told: false,
            comparison: Comparison(None),
            asked: VecDeque::new(),
            taken,
            batch: Vec::new(),
            batch_bytes: 0,
            unstored: 0,
            resets: 0,
            heard: now,
            asked_at: None,
            actions: VecDeque::new(),
        };
        talk.say_hello();
        talk
    }

    /// Takes what is to be done, in order.
    pub fn take_actions(&mut self) -> VecDeque<Action> {
        self.give_to_store();
        self.people_told = false;
        std::mem::take(&mut self.actions)
    }

    /// Whether more should be read: what came before is stored quickly enough.
    pub fn wants_input(&self) -> bool {
        self.unstored + self.batch_bytes < limits::UNSTORED
    }

    /// Whether the server said welcome, and it is not over.
    pub fn is_here(&self) -> bool {
        matches!(self.stage, Stage::Doubtful | Stage::Here)
    }

    /// The connection is gone: what is to be told of that. Messages that were sent and not answered
    /// go again by themselves; nobody is here or writes any more.
    pub fn connection_lost(mut self) -> Vec<News> {
        let outgoing = self.outgoing.as_ref();
        let in_flight = outgoing.map(Outgoing::in_flight).unwrap_or_default();
        let queued = |cid| News::Message(cid, Fate::Queued);
        let mut news: Vec<_> = in_flight.into_iter().map(queued).collect();
        news.extend(self.presence.fall_silent());
        news.push(News::People);
        news
    }

    /// Who is here, and how many more than are told.
    pub fn people(&self) -> (&[Person], u32) {
        self.presence.people()
    }

    /// Takes a line that the server sent, without its ending.
    pub fn receive(&mut self, line: &[u8], now: Instant) {
        self.heard = now;
        self.asked_at = None;
        if matches!(self.stage, Stage::Over) {
            return;
        }
        match parse(line, Side::Server) {
            Ok(Some(frame)) => self.hear(frame, now),
            // Of a newer version.
            Ok(None) => {}
            Err(error) => self.refuse(&error),
        }
        self.send_messages(now);
    }

    /// A line was longer than any frame.
    pub fn line_too_long(&mut self, bytes: usize) {
        self.refuse(&FrameError::TooLong(bytes));
    }

    fn hear(&mut self, frame: Frame, now: Instant) {
        match frame {
            Frame::Ping => self.send(Frame::Pong),
            Frame::Pong => {}
            Frame::Err(problem) => self.hear_problem(problem, now),
            frame if self.is_here() => self.hear_more(frame, now),
            frame => self.hear_greeting(frame, now),
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Instant) {
        if matches!(self.stage, Stage::Over) {
            return;
        }
        if !self.wants_input() {
            // We did not listen.
            self.heard = now;
        }
        let silence = now.saturating_duration_since(self.heard);
        if silence >= limits::DEAD {
            return self.end(End::Silent);
        }
        let since = self.asked_at.unwrap_or(self.heard);
        if now.saturating_duration_since(since) >= limits::IDLE {
            self.asked_at = Some(now);
            self.send(Frame::Ping);
        }
        for news in self.presence.forget(now) {
            self.tell(news);
        }
        self.send_messages(now);
    }

    /// When [`tick`](Self::tick) is to be called, if nothing else happens before. None once it is
    /// over.
    pub fn deadline(&self, now: Instant) -> Option<Instant> {
        if matches!(self.stage, Stage::Over) {
            return None;
        }
        let ping = self.asked_at.unwrap_or(self.heard) + limits::IDLE;
        let next = ping.min(self.heard + limits::DEAD);
        let message = self.outgoing.as_ref().and_then(|out| out.deadline(now));
        let forgotten = self.presence.deadline();
        [message, forgotten]
            .into_iter()
            .flatten()
            .min()
            .map_or(Some(next), |at| Some(at.min(next)))
    }

    fn send_messages(&mut self, now: Instant) {
        while matches!(self.stage, Stage::Here)
            && let Some(outgoing) = &mut self.outgoing
        {
            match outgoing.step(now) {
                Step::Send(frame) => {
                    if let Frame::Msg(msg) = &frame {
                        let cid = msg.cid;
                        self.tell(News::Message(cid, Fate::Sent));
                    }
                    self.send(frame);
                }
                Step::TooLong(cid) => {
                    self.act(Action::Withdraw(cid));
                    self.tell(News::Message(cid, Fate::TooLong));
                }
                Step::Load(after) => self.act(Action::Load { after }),
                Step::Nothing => return,
            }
        }
    }

    /// Ends it because of something that is no frame.
    fn refuse(&mut self, error: &FrameError) {
        let code = error.code();
        self.send(Frame::Err(Problem {
            code,
            re: None,
            fatal: true,
        }));
        self.end(End::Violation(error.to_string()));
    }

    /// Ends it because of a frame that is out of place.
    fn violation(&mut self, what: &'static str) {
        self.send(Frame::Err(Problem {
            code: Code::BadFrame,
            re: None,
            fatal: true,
        }));
        self.end(End::Violation(what.to_owned()));
    }

    fn end(&mut self, end: End) {
        if !matches!(self.stage, Stage::Over) {
            self.give_to_store();
            self.stage = Stage::Over;
            self.actions.push_back(Action::End(end));
        }
    }

    fn send(&mut self, frame: Frame) {
        self.act(Action::Send(frame));
    }

    fn tell(&mut self, news: News) {
        self.act(Action::Tell(news));
    }

    fn act(&mut self, action: Action) {
        if !matches!(self.stage, Stage::Over) {
            self.actions.push_back(action);
        }
    }
}

#[cfg(test)]
mod tests;
