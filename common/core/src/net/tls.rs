//! TLS 1.3 as bytes in and bytes out; pure.
//!
//! It is rustls rather than GIO's TLS: that would need a thread a handshake and a source a
//! connection, where this one is called by whoever reads and writes the socket.
//!
//! Two kinds of sessions are there. Between our own kind, ALPN [`HALLWAY`], both show a
//! certificate. Any other program speaks lines over TLS: no ALPN, and a certificate of the server's
//! alone. Whose a certificate is nobody here judges: it may be anybody's, but its owner must hold
//! its key, and the session tells its fingerprint.

mod config;
mod failure;
mod verifier;

use std::io::{self, Read};

use rustls::server::{Accepted, AcceptedAlert, Acceptor};
use rustls::{CommonState, ProtocolVersion};

use crate::wire::Fingerprint;
pub use config::{Client, Server, Unusable};
pub use failure::Failure;

/// The protocol of our own kind (RFC 7301).
pub const HALLWAY: &[u8] = b"hallway/1";

/// Bytes of the longest certificate that is looked at. Ours has 400, one with an RSA key of 8,192
/// bits and a list of names has 4,000.
pub const CERTIFICATE: usize = 16 * 1024;

/// Bytes that a record adds to what it holds: head, kind and seal (RFC 8446, 5.2).
const RECORD_DRESS: usize = 5 + 1 + 16;

/// Bytes of text that one record holds at most (RFC 8446, 5.1).
const RECORD: usize = 16 * 1024;

/// No protocol that both speak (RFC 7301, 3.2).
const NO_APPLICATION_PROTOCOL: [u8; 7] = alert(120);

/// What a listener without room says, for whom no handshake is begun: `internal_error`, which is said where
/// memory fails too. A client of ours takes it for [`Failure::NoRoom`].
pub(super) const NO_ROOM: [u8; 7] = alert(80);

/// What a listener says to whom it does not want: `access_denied`, or [`Failure::Unwanted`].
pub(super) const UNWANTED: [u8; 7] = alert(49);

/// A fatal alert before there are keys (RFC 8446, 5.1 and 6).
const fn alert(description: u8) -> [u8; 7] {
    [0x15, 3, 3, 0, 2, 2, description]
}

/// What is spoken inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Frames of our own kind.
    Hallway,
    /// Lines, as without TLS.
    Lines,
}

impl Protocol {
    /// Its name in the handshake (ALPN); lines have none.
    pub fn alpn(self) -> &'static str {
        match self {
            Self::Hallway => "hallway/1",
            Self::Lines => "",
        }
    }
}

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// What it speaks.
    pub protocol: Protocol,
    /// Its certificate; none where it speaks lines and showed none.
    pub fingerprint: Option<Fingerprint>,
}

/// One side of an encrypted connection.
pub struct Session {
    stage: Stage,
    /// What must be spoken inside; a server learns it.
    wanted: Option<Protocol>,
    peer: Option<Peer>,
    has_ended: bool,
}

enum Stage {
    /// A server that has not got the whole `ClientHello`.
    Listening(Box<Acceptor>, Server),
    /// A server that has it, and has not reckoned yet. What came behind it waits.
    Heard(Box<Accepted>, Server, Vec<u8>),
    Open(Box<rustls::Connection>),
    /// It failed; what is left to say.
    Over(Vec<u8>),
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("peer", &self.peer)
            .field("has_ended", &self.has_ended)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// A client's side. What it says first is [output](Self::take_output) at once.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn client(config: &Client) -> Result<Self, Failure> {
        let connection = config.connect()?;
        let stage = Stage::Open(Box::new(connection.into()));
        Ok(Self::of(stage, Some(config.protocol())))
    }

    /// A server's side.
    pub fn server(config: &Server) -> Self {
        Self::of(Stage::Listening(Box::default(), config.clone()), None)
    }

    fn of(stage: Stage, wanted: Option<Protocol>) -> Self {
        Self {
            stage,
            wanted,
            peer: None,
            has_ended: false,
        }
    }

    /// Who is at the other end, once the handshake is over.
    pub fn peer(&self) -> Option<&Peer> {
        self.peer.as_ref()
    }

    /// Whether the peer has said that nothing more comes (`close_notify`).
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Whether all that a server needs to answer a client is there: [`begin`](Self::begin) goes on.
    /// The time that takes, a signature's, is why others may have to come first.
    pub fn is_waiting(&self) -> bool {
        matches!(self.stage, Stage::Heard(..))
    }

    /// Takes bytes from the wire and appends what they hold to `plain`: never more than came.
    ///
    /// # Errors
    /// The handshake failed or the bytes are damaged. What is then in `plain` is to be ignored;
    /// there may be [output](Self::take_output) that tells the peer.
    pub fn receive(&mut self, mut cipher: &[u8], plain: &mut Vec<u8>) -> Result<(), Failure> {
        if let Stage::Listening(acceptor, _) = &mut self.stage {
            loop {
                if cipher.is_empty() {
                    return Ok(());
                }
                if !matches!(acceptor.read_tls(&mut cipher), Ok(1..)) {
                    return self.fail(Failure::NotTls, Vec::new());
                }
                match acceptor.accept() {
                    Ok(None) => {}
                    Ok(Some(accepted)) => {
                        self.hear(accepted);
                        break;
                    }
                    Err((error, alert)) => return self.fail(Failure::of(&error), said(alert)),
                }
            }
        }
        match &mut self.stage {
            Stage::Heard(_, _, rest) => {
                rest.extend_from_slice(cipher);
                Ok(())
            }
            Stage::Open(_) => self.go_on(cipher, plain),
            Stage::Listening(..) | Stage::Over(_) => Ok(()),
        }
    }

    fn hear(&mut self, accepted: Accepted) {
        let before = std::mem::replace(&mut self.stage, Stage::Over(Vec::new()));
        if let Stage::Listening(_, config) = before {
            self.stage = Stage::Heard(Box::new(accepted), config, Vec::new());
        }
    }

    /// Answers a client whose `ClientHello` has been [waiting](Self::is_waiting).
    ///
    /// # Errors
    /// As [`receive`](Self::receive).
    pub fn begin(&mut self, plain: &mut Vec<u8>) -> Result<(), Failure> {
        let before = std::mem::replace(&mut self.stage, Stage::Over(Vec::new()));
        let Stage::Heard(accepted, config, rest) = before else {
            self.stage = before;
            return Ok(());
        };
        let Some(config) = config.for_client(&accepted.client_hello()) else {
            return self.fail(Failure::NoCommonProtocol, NO_APPLICATION_PROTOCOL.to_vec());
        };
        match accepted.into_connection(config) {
            Ok(mut connection) => {
                // What is sent at once is taken at once: the bound is the queue's.
                connection.set_buffer_limit(None);
                self.stage = Stage::Open(Box::new(connection.into()));
            }
            Err((error, alert)) => return self.fail(Failure::of(&error), said(alert)),
        }
        self.go_on(&rest, plain)
    }

    fn fail(&mut self, failure: Failure, output: Vec<u8>) -> Result<(), Failure> {
        self.stage = Stage::Over(output);
        Err(failure)
    }

    fn go_on(&mut self, mut cipher: &[u8], plain: &mut Vec<u8>) -> Result<(), Failure> {
        let Stage::Open(connection) = &mut self.stage else {
            return Ok(());
        };
        // Before anything is read as well: some may have come with the `ClientHello`.
        loop {
            let state = match connection.process_new_packets() {
                Ok(state) => state,
                Err(error) if self.peer.is_some() => return Err(Failure::amid(&error)),
                Err(error) if matches!(**connection, rustls::Connection::Client(_)) => {
                    return Err(Failure::of_client(&error));
                }
                Err(error) => return Err(Failure::of(&error)),
            };
            let from = plain.len();
            plain.resize(from + state.plaintext_bytes_to_read(), 0);
            let read = connection.reader().read_exact(&mut plain[from..]);
            read.map_err(|error| Failure::other(&error))?;
            if self.peer.is_none() && !connection.is_handshaking() {
                let peer = peer_of(connection)?;
                if self.wanted.is_some_and(|wanted| wanted != peer.protocol) {
                    return Err(Failure::NoCommonProtocol);
                }
                self.peer = Some(peer);
            }
            self.has_ended |= state.peer_has_closed();
            if cipher.is_empty() || self.has_ended {
                // A read of nothing: it gives back the memory of a long record, which an idle
                // connection would keep. We never ask it for the end of the stream.
                let read = connection.read_tls(&mut io::empty());
                return read.map(drop).map_err(|error| Failure::other(&error));
            }
            let read = connection.read_tls(&mut cipher);
            if read.map_err(|error| Failure::other(&error))? == 0 {
                // It takes nothing more, now or later.
                return Err(Failure::Damaged);
            }
        }
    }

    /// Takes what is to be sent, besides what [`send`](Self::send) gave: answers of the handshake
    /// and of the keys, and alerts.
    pub fn take_output(&mut self, cipher: &mut Vec<u8>) {
        match &mut self.stage {
            Stage::Open(connection) => while let Ok(1..) = connection.write_tls(cipher) {},
            Stage::Over(output) => cipher.append(output),
            Stage::Listening(..) | Stage::Heard(..) => {}
        }
    }

    /// Encrypts bytes: what is appended to `cipher` has at most [`sealed`] bytes, besides answers
    /// that had been left. Only after the handshake.
    ///
    /// # Errors
    /// There is no session to send in, or its keys are used up.
    pub fn send(&mut self, plain: &[u8], cipher: &mut Vec<u8>) -> Result<(), Failure> {
        let Stage::Open(connection) = &mut self.stage else {
            return Err(Failure::Closed);
        };
        if self.peer.is_none() {
            return Err(Failure::Closed);
        }
        let written = std::io::Write::write_all(&mut connection.writer(), plain);
        written.map_err(|error| Failure::other(&error))?;
        self.take_output(cipher);
        Ok(())
    }

    /// Says that nothing more comes. Only after the handshake, and once.
    pub fn end(&mut self, cipher: &mut Vec<u8>) {
        if let Stage::Open(connection) = &mut self.stage
            && self.peer.is_some()
        {
            connection.send_close_notify();
        }
        self.take_output(cipher);
    }
}

/// Bytes on the wire, at most, of so many bytes sent at once.
pub fn sealed(plain: usize) -> usize {
    plain.saturating_add(plain.div_ceil(RECORD).saturating_mul(RECORD_DRESS))
}

fn said(mut alert: AcceptedAlert) -> Vec<u8> {
    let mut output = Vec::new();
    // Into memory: nothing can fail.
    let _ = alert.write_all(&mut output);
    output
}

/// What both sides check after the handshake.
fn peer_of(connection: &CommonState) -> Result<Peer, Failure> {
    if connection.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
        return Err(Failure::OldVersion);
    }
    let certificates = connection.peer_certificates().unwrap_or_default();
    let fingerprint = certificates.first().map(|der| Fingerprint::of_der(der));
    let protocol = match connection.alpn_protocol() {
        Some(HALLWAY) => Protocol::Hallway,
        None => Protocol::Lines,
        Some(_) => return Err(Failure::NoCommonProtocol),
    };
    if protocol == Protocol::Hallway && fingerprint.is_none() {
        return Err(Failure::NoCertificate);
    }
    Ok(Peer {
        protocol,
        fingerprint,
    })
}

#[cfg(test)]
mod tests;
