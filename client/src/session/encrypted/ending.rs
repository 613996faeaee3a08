//! The end of a connection, and what follows.

use glib::subclass::prelude::*;
use hallway_core::net::tls::Failure;
use hallway_core::net::{Ended, Error};
use hallway_core::wire::Code;

use super::Session;
use crate::session::standing::Standing;
use crate::session::state::{Reason, State};
use crate::session::talk::Talk;
use crate::session::talk::values::{End, News};

/// What comes after a connection.
pub(in crate::session) enum After {
    /// As after a plain one.
    AsPlain,
    /// It is tried again at once.
    Again,
    /// This state, or the attempts that this error asks for.
    Stop(State),
    /// Attempts, because of this error.
    Wait(Error),
}

impl Session {
    /// The connection is over: what follows, and what is to be told first.
    pub(in crate::session) fn conversation_ended(&self, ended: &Ended) -> After {
        let Some(encrypted) = self.encrypted() else {
            return After::AsPlain;
        };
        encrypted.clock.take();
        encrypted.actions.take();
        encrypted.comparing.take();
        let talk = encrypted.talk.take();
        for news in talk.into_iter().flat_map(Talk::connection_lost) {
            self.obj().emit_told(&news);
        }
        let is_text = matches!(
            ended,
            Ended::Failed(Error::HandshakeFailed {
                what: Failure::NotTls
            })
        );
        let end = encrypted.end.take();
        let refused = refused(ended).filter(|_| end.is_none());
        // Anybody on the way could have said it: it does not end for good what was once begun.
        let is_unproven = refused.is_some();
        let end = match end.or(refused.map(End::Refused)) {
            None if is_text && !encrypted.heard_text.replace(true) => {
                self.obj().emit_told(&News::TextInstead);
                return After::Again;
            }
            None if is_text => End::PlainText,
            None => {
                self.set_standing(Standing::Away);
                return After::AsPlain;
            }
            Some(end) => end,
        };
        if encrypted.again.replace(false) {
            return After::Again;
        }
        let error = as_error(&end);
        // A server that encrypted before is full, or has shut somebody out, and says so in plain text.
        let has_encrypted = end == End::PlainText && self.attempts.get().is_some();
        let is_passing = end.is_passing() || has_encrypted || is_unproven;
        let after = match end {
            End::Superseded => After::Stop(State::Ended {
                reason: Reason::ByServer,
            }),
            _ if is_passing => After::Wait(error),
            _ => After::Stop(State::Failed { error }),
        };
        // Who blocks is told already.
        if end != End::Unknown {
            self.set_standing(Standing::Over(end));
        }
        after
    }
}

/// What a server says that does not begin a handshake: as `err` says it, to whom there was one.
fn refused(ended: &Ended) -> Option<Code> {
    let Ended::Failed(Error::HandshakeFailed { what }) = ended else {
        return None;
    };
    match what {
        Failure::NoRoom => Some(Code::Busy),
        Failure::Unwanted => Some(Code::Unauthorized),
        _ => None,
    }
}

/// The nearest that a connection's error can say; the standing tells all of it.
fn as_error(end: &End) -> Error {
    match end {
        End::Unknown => Error::CertificateRefused { by_peer: false },
        End::Silent => Error::PeerSilent,
        End::PlainText => Error::HandshakeFailed {
            what: Failure::NotTls,
        },
        other => Error::System {
            message: other.to_string(),
        },
    }
}
