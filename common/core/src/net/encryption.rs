//! Whether connections are encrypted, and whether a certificate will do.

use std::cell::Cell;
use std::rc::Rc;

use super::tls::{Peer, Protocol};
use crate::wire::Fingerprint;

/// Whether a [`Listener`](super::Listener) encrypts (Qt: `QSslSocket::SslMode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, glib::Enum)]
#[enum_type(name = "HallwayEncryption")]
pub enum Encryption {
    /// Nobody is answered in TLS.
    #[default]
    Off,
    /// The first byte of each client decides.
    WhenBothCan,
    /// Who speaks plainly is told so and closed.
    Only,
}

/// Whether to speak with the owner of a certificate. Nothing was said yet; who does not answer
/// has no objection.
#[derive(Clone, Debug, glib::Boxed)]
#[boxed_type(name = "HallwayQuestion")]
pub struct Question(Rc<Asked>);

#[derive(Debug)]
struct Asked {
    fingerprint: Fingerprint,
    protocol: Protocol,
    refused: Cell<bool>,
}

impl Question {
    /// About `peer`, if it showed a certificate.
    pub(crate) fn about(peer: &Peer) -> Option<Self> {
        let fingerprint = peer.fingerprint?;
        Some(Self(Rc::new(Asked {
            fingerprint,
            protocol: peer.protocol,
            refused: Cell::new(false),
        })))
    }

    /// Whose certificate it is: the peer has shown that it holds the key.
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint
    }

    /// What is to be spoken with it.
    pub fn protocol(&self) -> Protocol {
        self.0.protocol
    }

    /// No. It counts while the signal is emitted.
    pub fn refuse(&self) {
        self.0.refused.set(true);
    }

    /// Whether somebody said no.
    pub fn is_refused(&self) -> bool {
        self.0.refused.get()
    }
}
