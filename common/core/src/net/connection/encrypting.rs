//! TLS between the socket and the lines: who speaks it, what is said in it, and its end.

mod handshake;

use std::rc::Rc;
use std::time::Instant;

use glib::subclass::prelude::*;

use super::imp::Connection;
use super::output::{Pace, QueueFull};
use crate::net::Encryption;
use crate::net::error::Error;
use crate::net::gate::{Gate, Pass};
use crate::net::tls::{self, Failure, Peer, Session, sealed};
use crate::wire::Opening;

/// How far a connection is that is encrypted or may become so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The first byte decides. Lines for the peer wait.
    Undecided,
    /// It has been silent for long: what is said to it from now on is said plainly.
    Silent,
    /// The first byte must be TLS.
    Awaiting,
    /// The handshake is under way.
    Shaking,
    /// What is said is encrypted.
    Open,
    /// It failed.
    Failed,
}

/// How a listener's connections encrypt.
#[derive(Clone)]
pub(crate) struct Accepting {
    pub(in crate::net) how: Encryption,
    pub(in crate::net) config: tls::Server,
    pub(in crate::net) gate: Rc<Gate>,
}

/// What plain connections have nothing of.
pub(super) struct Tls {
    stage: Stage,
    /// Since when a first byte, or the end of the handshake, is waited for.
    since: Instant,
    session: Option<Session>,
    /// What a server answers with, until it does.
    accepting: Option<Accepting>,
    pass: Option<Pass>,
    /// The first byte inside has been told.
    has_begun: bool,
    /// Bytes of answers queued since the queue was empty.
    answers: usize,
    /// What sending met; nobody could be told there.
    failure: Option<Failure>,
    peer: Option<Peer>,
}

impl Tls {
    fn new(stage: Stage) -> Box<Self> {
        Box::new(Self {
            stage,
            since: Instant::now(),
            session: None,
            accepting: None,
            pass: None,
            has_begun: false,
            answers: 0,
            failure: None,
            peer: None,
        })
    }
}

impl super::Connection {
    /// Speaks TLS when it is connected next, and never plainly; or plainly, which is how it
    /// begins. `connected` is then told after the handshake.
    pub fn set_encryption(&self, encryption: Option<tls::Client>) {
        self.imp().outgoing.replace(encryption.map(Box::new));
    }

    /// Who is at the other end, where the connection is encrypted; also after the end.
    pub fn tls_peer(&self) -> Option<Peer> {
        self.imp().tls_peer()
    }
}

impl Connection {
    fn stage(&self) -> Option<Stage> {
        self.tls.borrow().as_ref().map(|tls| tls.stage)
    }

    /// What `work` finds, where there is TLS.
    fn with_tls<T>(&self, work: impl FnOnce(&mut Tls) -> T) -> Option<T> {
        self.tls.borrow_mut().as_deref_mut().map(work)
    }

    fn with_session<T>(&self, work: impl FnOnce(&mut Session) -> T) -> Option<T> {
        self.with_tls(|tls| tls.session.as_mut().map(work))?
    }

    fn set_stage(&self, stage: Stage) {
        self.with_tls(|tls| tls.stage = stage);
    }

    /// Whether the connection is encrypted, or may yet be.
    pub(super) fn may_be_encrypted(&self) -> bool {
        self.tls.borrow().is_some()
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.stage() == Some(Stage::Open) && self.link.borrow().is_some()
    }

    /// Who is at the other end; also after the end.
    pub(super) fn tls_peer(&self) -> Option<Peer> {
        self.tls.borrow().as_ref().and_then(|tls| tls.peer)
    }

    pub(super) fn peer_fingerprint(&self) -> String {
        let fingerprint = self.tls_peer().and_then(|peer| peer.fingerprint);
        fingerprint.map_or_else(String::new, |fingerprint| fingerprint.to_string())
    }

    pub(super) fn protocol(&self) -> String {
        let protocol = self.tls_peer().map(|peer| peer.protocol);
        protocol.map_or("", tls::Protocol::alpn).to_owned()
    }

    /// Lines wait until it is known how to say them.
    pub(super) fn holds_lines(&self) -> bool {
        self.stage() == Some(Stage::Undecided)
    }

    /// The peer of an accepted connection may speak TLS.
    pub(super) fn expect_tls(&self, accepting: Accepting) {
        let stage = match accepting.how {
            Encryption::Off => return,
            Encryption::WhenBothCan => Stage::Undecided,
            Encryption::Only => Stage::Awaiting,
        };
        let mut tls = Tls::new(stage);
        tls.accepting = Some(accepting);
        self.tls.replace(Some(tls));
    }

    /// Reading begins, and with it the time of who must say something.
    pub(super) fn await_opening(&self) {
        if self.with_tls(|tls| tls.since = Instant::now()).is_some() {
            self.start_ticking();
        }
    }

    /// Bytes came where there is TLS, or may be.
    pub(super) fn cipher_arrived(&self, bytes: &[u8], is_first: bool) {
        let opening = bytes.first().map(|first| Opening::of(*first));
        match (self.stage(), opening) {
            (Some(Stage::Undecided | Stage::Silent), Some(Opening::Plain)) => {
                self.be_plain();
                self.plain_arrived(bytes, is_first);
            }
            (Some(Stage::Undecided | Stage::Silent | Stage::Awaiting), Some(Opening::Tls)) => {
                self.answer_handshake();
                self.decrypt(bytes);
            }
            (Some(Stage::Awaiting), Some(Opening::Plain)) => self.turn_away(Error::NotEncrypted),
            (Some(Stage::Shaking | Stage::Open), _) => self.decrypt(bytes),
            _ => {}
        }
    }

    /// The peer speaks plainly: from here on nothing of this is left.
    pub(super) fn be_plain(&self) {
        if matches!(self.stage(), Some(Stage::Undecided | Stage::Silent)) {
            self.tls.take();
            self.mark();
        }
    }

    /// Queues bytes as they are. They are few: an alert, or a notice.
    fn say_past_tls(&self, bytes: &[u8]) {
        if !bytes.is_empty() && self.link.borrow().is_some() {
            self.output.borrow_mut().push_at_once(bytes.into());
            self.mark();
        }
    }

    /// Queues bytes where there is TLS, or may be. Calls nobody.
    pub(super) fn queue_in_tls(&self, bytes: &[u8]) -> Result<Pace, QueueFull> {
        match self.stage() {
            Some(Stage::Undecided) => {
                let mut output = self.output.borrow_mut();
                let pushed = self.with_socket(|socket| {
                    output.push(bytes.into(), socket)?;
                    // It cannot read yet, and that will soon be over: senders should wait.
                    if output.is_crowded(socket) && output.pace == Pace::Flowing {
                        output.pace = Pace::Congested;
                    }
                    Ok(output.pace)
                });
                pushed.unwrap_or(Ok(output.pace))
            }
            Some(Stage::Silent) => {
                self.be_plain();
                self.queue(bytes.into())
            }
            Some(Stage::Open) => self.queue_encrypted(bytes),
            _ => Ok(Pace::Flowing),
        }
    }

    fn queue_encrypted(&self, bytes: &[u8]) -> Result<Pace, QueueFull> {
        let room = {
            let output = self.output.borrow();
            self.with_socket(|socket| output.check_room(sealed(bytes.len()), socket))
        };
        // Before it is encrypted: what is encrypted must be sent.
        room.unwrap_or(Ok(()))?;
        let mut cipher = Vec::new();
        let sent = self.with_session(|session| session.send(bytes, &mut cipher));
        match sent {
            Some(Ok(())) => self.queue_as_is(cipher.into(), false),
            Some(Err(failure)) => {
                self.with_tls(|tls| tls.failure = Some(failure));
                self.mark();
                Ok(Pace::Flowing)
            }
            None => Ok(Pace::Flowing),
        }
    }

    /// Tells what sending met.
    pub(super) fn tell_failure(&self) {
        let failure = self.with_tls(|tls| tls.failure.take());
        if let Some(Some(failure)) = failure {
            self.session_failed(failure);
        }
    }

    /// Says that nothing more comes, if the peer would know what that means.
    pub(super) fn say_goodbye(&self) {
        if self.stage() != Some(Stage::Open) {
            return;
        }
        let mut cipher = Vec::new();
        self.with_session(|session| session.end(&mut cipher));
        self.say_past_tls(&cipher);
    }

    /// Whether the peer has ended the session and all that it said was taken.
    pub(super) fn is_at_end(&self) -> bool {
        let has_ended = self.with_session(|session| session.has_ended()) == Some(true);
        let input = self.input.borrow();
        has_ended && input.stash.is_empty() && !input.paused && !input.finished
    }

    /// The end of the session is the end of the stream.
    pub(super) fn look_for_end(&self) {
        if self.is_connected() && self.is_at_end() {
            self.input_finished();
        }
    }

    /// What an end of the stream is that TLS has not told.
    pub(super) fn cut_short(&self) -> Option<Error> {
        if self.is_closing() {
            return None;
        }
        match self.stage()? {
            Stage::Undecided | Stage::Silent => {
                self.be_plain();
                None
            }
            Stage::Awaiting | Stage::Shaking => Some(Error::HandshakeFailed {
                what: Failure::Closed,
            }),
            Stage::Open => {
                let has_ended = self.with_session(|session| session.has_ended());
                (has_ended != Some(true)).then_some(Error::Truncated)
            }
            Stage::Failed => None,
        }
    }

    /// Whether time decides something here.
    pub(super) fn is_encryption_pending(&self) -> bool {
        let pending = [Stage::Undecided, Stage::Awaiting, Stage::Shaking];
        self.stage().is_some_and(|stage| pending.contains(&stage))
    }

    /// The connection is over: who it was with is kept, and nothing else.
    pub(super) fn end_tls(&self) {
        let left = self.with_tls(|tls| {
            let before = std::mem::replace(&mut tls.stage, Stage::Failed);
            let parts = (tls.session.take(), tls.pass.take(), tls.accepting.take());
            (before, parts)
        });
        if let Some((Stage::Open, _)) = left {
            self.obj().notify_is_encrypted();
        }
    }
}
