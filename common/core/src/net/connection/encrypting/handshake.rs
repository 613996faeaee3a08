//! The handshake: its turn, its end, and what time makes of it.

use std::rc::Rc;
use std::time::Instant;

use glib::subclass::prelude::*;

use super::{Connection, Stage, Tls};
use crate::net::connection::{Ended, Pace, State};
use crate::net::encryption::Question;
use crate::net::error::Error;
use crate::net::gate::Pass;
use crate::net::limits;
use crate::net::options::set_user_timeout;
use crate::net::tls::{self, Failure, Peer, Protocol, Session};

/// What a plain peer reads where only encryption is spoken.
const NOTICE: &[u8] = b"* Only encrypted connections are taken here.\n";

impl Connection {
    /// Begins a client's handshake, unless the connection has been ended meanwhile.
    pub(in super::super) fn begin_handshake(&self, config: &tls::Client) {
        if self.state.get() != State::Encrypting {
            return;
        }
        let mut tls = Tls::new(Stage::Shaking);
        let session = Session::client(config);
        let result = session.map(|session| tls.session = Some(session));
        self.tls.replace(Some(tls));
        self.start_ticking();
        self.go_on(result, &[]);
    }

    /// The peer began with TLS. What waited for it was meant for a plain peer.
    pub(super) fn answer_handshake(&self) {
        self.output.borrow_mut().clear();
        // Nobody waits for a handshake that does not go on.
        self.set_pace(Pace::Flowing);
        self.with_tls(|tls| {
            let accepting = tls.accepting.as_ref();
            tls.session = accepting.map(|accepting| Session::server(&accepting.config));
            // Of one that had to speak TLS the time runs already.
            if tls.stage != Stage::Awaiting {
                tls.since = Instant::now();
            }
            tls.stage = Stage::Shaking;
        });
        self.set_state(State::Encrypting);
        self.start_ticking();
    }

    /// Says that only encryption is spoken, and closes.
    pub(super) fn turn_away(&self, error: Error) {
        let notice = self
            .sink()
            .and_then(|sink| sink.needs_encryption(&self.obj()));
        self.set_stage(Stage::Failed);
        self.say_past_tls(notice.as_deref().unwrap_or(NOTICE));
        self.begin_closing(Ended::Failed(error), limits::CLOSE);
    }

    pub(super) fn decrypt(&self, bytes: &[u8]) {
        let mut plain = Vec::new();
        let result = self.with_session(|session| session.receive(bytes, &mut plain));
        self.go_on(result.unwrap_or(Err(Failure::Closed)), &plain);
    }

    /// What follows from what the session was given, or said.
    fn go_on(&self, result: Result<(), Failure>, plain: &[u8]) {
        let mut answer = Vec::new();
        let is_waiting = self.with_session(|session| {
            session.take_output(&mut answer);
            session.is_waiting()
        });
        self.say_past_tls(&answer);
        if let Err(failure) = result {
            return self.session_failed(failure);
        }
        if self.owes_too_much(answer.len()) {
            let queued = self.held();
            return self.end_at_once(Ended::Failed(Error::TooSlow { queued }));
        }
        if is_waiting == Some(true) {
            return self.wait_at_gate();
        }
        if self.stage() == Some(Stage::Shaking) && !self.try_open() {
            return;
        }
        if !plain.is_empty() && self.is_connected() {
            let is_first = self.with_tls(|tls| !std::mem::replace(&mut tls.has_begun, true));
            let is_line = self.tls_peer().map(|peer| peer.protocol) == Some(Protocol::Lines);
            self.plain_arrived(plain, is_line && is_first == Some(true));
        }
        self.look_for_end();
    }

    /// Whether the peer has us answer, so many bytes now, and never reads.
    fn owes_too_much(&self, answer: usize) -> bool {
        if answer == 0 || self.stage() != Some(Stage::Open) {
            return false;
        }
        let is_alone = self.output.borrow().bytes() <= answer;
        let waiting = self.with_tls(|tls| {
            let before = if is_alone { 0 } else { tls.answers };
            tls.answers = before + answer;
            tls.answers
        });
        waiting > Some(limits::ANSWERS)
    }

    /// Waits until others have been answered. Meanwhile nothing more is read.
    fn wait_at_gate(&self) {
        let gate = self.with_tls(|tls| tls.accepting.as_ref().map(|a| Rc::clone(&a.gate)));
        let handler = self
            .link
            .borrow()
            .as_ref()
            .map(|link| Rc::clone(&link.handler));
        let (Some(Some(gate)), Some(handler), Some(peer)) = (gate, handler, self.peer.get()) else {
            return;
        };
        let pass = gate.ask(self.reactor(), peer, handler);
        let is_inside = pass.is_inside();
        self.with_tls(|tls| tls.pass = Some(pass));
        self.input.borrow_mut().is_at_gate = true;
        if is_inside {
            self.pass_gate();
        }
    }

    /// Answers the client, if its turn has come.
    pub(in super::super) fn pass_gate(&self) {
        let is_inside = self.with_tls(|tls| tls.pass.as_ref().is_some_and(Pass::is_inside));
        if is_inside != Some(true) || !std::mem::take(&mut self.input.borrow_mut().is_at_gate) {
            return;
        }
        let mut plain = Vec::new();
        let result = self.with_session(|session| session.begin(&mut plain));
        self.go_on(result.unwrap_or(Err(Failure::Closed)), &plain);
        self.update_interest();
    }

    /// Is encrypted from now on if the handshake is over and nobody objects to the peer. Returns
    /// whether it is.
    fn try_open(&self) -> bool {
        let peer = self.with_session(|session| session.peer().copied());
        let Some(peer) = peer.flatten() else {
            return false;
        };
        let left = self.with_tls(|tls| {
            tls.stage = Stage::Open;
            tls.peer = Some(peer);
            // Only a client has none to answer with.
            (tls.pass.take(), tls.accepting.take())
        });
        let is_client = left.is_some_and(|(_, accepting)| accepting.is_none());
        self.set_option(|socket| set_user_timeout(socket, limits::USER_TIMEOUT_ENCRYPTED));
        if self.is_objected_to(&peer) {
            let ended = Ended::Failed(Error::CertificateRefused { by_peer: false });
            self.begin_closing(ended, limits::CLOSE);
            return false;
        }
        if self.state.get() != State::Encrypting {
            return false;
        }
        let obj = self.obj();
        self.set_state(State::Connected);
        obj.notify_is_encrypted();
        obj.notify_peer_fingerprint();
        obj.notify_protocol();
        if let Some(sink) = self.sink() {
            sink.encrypted(&obj, &peer);
        }
        obj.emit_encrypted();
        if is_client && self.is_connected() {
            obj.emit_connected();
        }
        true
    }

    fn is_objected_to(&self, peer: &Peer) -> bool {
        let Some(question) = Question::about(peer) else {
            return false;
        };
        let obj = self.obj();
        if let Some(sink) = self.sink() {
            sink.certificate_questioned(&obj, &question);
        }
        obj.emit_certificate_questioned(&question);
        question.is_refused()
    }

    pub(super) fn session_failed(&self, failure: Failure) {
        let before = self.stage();
        self.with_tls(|tls| {
            tls.stage = Stage::Failed;
            drop(tls.pass.take());
        });
        let error = match (before, failure) {
            (_, Failure::CertificateRefused) => Error::CertificateRefused { by_peer: true },
            (Some(Stage::Open), what) => Error::EncryptionBroken { what },
            (_, Failure::NoCommonProtocol) => Error::NoCommonProtocol,
            (_, what) => Error::HandshakeFailed { what },
        };
        self.begin_closing(Ended::Failed(error), limits::CLOSE);
    }

    /// What time decides.
    pub(in super::super) fn look_at_handshake(&self) {
        let Some((stage, waited)) = self.with_tls(|tls| (tls.stage, tls.since.elapsed())) else {
            return;
        };
        match stage {
            Stage::Undecided if waited >= limits::OPENING => {
                if self.output.borrow().bytes() > 0 {
                    self.be_plain();
                } else {
                    self.set_stage(Stage::Silent);
                }
            }
            // A plain peer may be waiting for a word.
            Stage::Awaiting if waited >= limits::HANDSHAKE && !self.is_closing() => {
                self.turn_away(Error::HandshakeTimedOut);
            }
            Stage::Shaking if waited >= limits::HANDSHAKE && !self.is_closing() => {
                self.with_tls(|tls| {
                    tls.stage = Stage::Failed;
                    drop(tls.pass.take());
                });
                self.begin_closing(Ended::Failed(Error::HandshakeTimedOut), limits::CLOSE);
            }
            _ => {}
        }
    }
}
