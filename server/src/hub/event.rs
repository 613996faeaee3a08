//! What happens in a room, as data. The programs put it into words.

use std::net::SocketAddr;
use std::rc::Rc;

use hallway_core::history;
use hallway_core::net::{Error, Refused};
use hallway_core::trust::sas;
use hallway_core::wire::{Code, Fingerprint};

/// A peer for as long as it is here; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerId(pub(super) u64);

impl PeerId {
    /// It as a number, for where a key is needed.
    pub fn number(self) -> u64 {
        self.0
    }

    #[cfg(all(test, feature = "gui"))]
    pub(crate) fn of(number: u64) -> Self {
        Self(number)
    }
}

/// A text of the host's; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub(super) u64);

#[cfg(all(test, feature = "gui"))]
impl MessageId {
    pub(crate) fn of(number: u64) -> Self {
        Self(number)
    }
}

/// Who hears a text of the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everyone who is here.
    Everyone,
    /// One peer and nobody else.
    One(PeerId),
}

/// Who a peer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Its number.
    pub id: PeerId,
    /// Its name, or its address and port until it has one.
    pub label: Rc<str>,
    /// Whether it has a name of its own.
    pub is_named: bool,
    /// Where it is.
    pub address: SocketAddr,
    /// Its certificate's, where it speaks `hallway/1`.
    pub identity: Option<Fingerprint>,
    /// What is said is encrypted.
    pub is_encrypted: bool,
}

/// Why a peer left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// It closed the connection properly.
    ByPeer,
    /// It said `/quit`.
    Quit,
    /// The host disconnected it.
    ByHost,
    /// The host broke the connection off.
    Aborted,
    /// The host keeps its address out.
    KeptOut,
    /// The server stopped.
    Stopped,
    /// It spoke HTTP.
    Http,
    /// It wanted to encrypt.
    Encrypted,
    /// It speaks `hallway/1` and was told that this is why.
    Refused(Code),
    /// The host did not let it in.
    NotLetIn,
    /// The connection failed.
    Failed(Error),
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// Connecting is possible now.
    Listening(SocketAddr),
    /// Everybody has gone after [`Hub::stop`](super::Hub::stop).
    Stopped,
    /// Somebody connected.
    Joined(&'a Person),
    /// Somebody went.
    Left(&'a Person, &'a Leaving),
    /// Somebody has another name.
    Renamed {
        /// Who, by the new name.
        person: &'a Person,
        /// The label before.
        before: &'a str,
    },
    /// Somebody said a line, as it may be shown; somebody encrypted perhaps several, once they are
    /// kept.
    Line {
        /// Who.
        person: &'a Person,
        /// What.
        text: &'a str,
        /// It was longer than a line may be; this is its beginning, and nobody else heard it.
        is_cut: bool,
    },
    /// The host said something, as it may be shown.
    Said {
        /// To whom.
        audience: Audience,
        /// What; it may have several lines.
        text: &'a str,
        /// Its number.
        message: MessageId,
    },
    /// All receivers of a text of the host's have acknowledged it or are gone.
    Received {
        /// Which text.
        message: MessageId,
        /// How many acknowledged it.
        received: usize,
        /// Who may not have received it.
        missing: &'a [Rc<Person>],
        /// Nobody was there to receive it, and it is on the disk for who encrypts and comes later.
        is_kept: bool,
    },
    /// Somebody encrypted wants to come in: [`Hub::let_in`](super::Hub::let_in) answers.
    Asks(&'a Person),
    /// Somebody encrypted is here now, by the name they chose.
    Welcomed {
        /// Who, by that name.
        person: &'a Person,
        /// The label before.
        before: &'a str,
    },
    /// Somebody encrypted said something to the host alone, as it may be shown; it may have several
    /// lines.
    Direct {
        /// Who.
        person: &'a Person,
        /// What.
        text: &'a str,
    },
    /// Somebody encrypted is writing: in the room, or to the host alone.
    Typing {
        /// Who.
        person: &'a Person,
        /// To the host alone.
        to_host: bool,
    },
    /// Somebody encrypted compares six digits, which are on their screen too if nobody is between:
    /// [`Hub::compared`](super::Hub::compared) answers.
    Compare {
        /// Who.
        person: &'a Person,
        /// The digits.
        code: sas::Code,
    },
    /// Somebody has compared the digits and found others, even if the host found the same; or the
    /// comparison is over since nobody came to an end with it.
    Found {
        /// Who.
        person: &'a Person,
        /// What.
        found: sas::Found,
    },
    /// More plain lines come than are kept: encrypted people see a mark instead, and the same is not
    /// told again before all are kept again.
    NotKept,
    /// The disk does not take what is said. It is told once until it does.
    NotStored(&'a history::Error),
    /// Somebody has read nothing for a while; so many bytes wait.
    FallingBehind(&'a Person, usize),
    /// Somebody reads again.
    CaughtUp(&'a Person),
    /// Somebody was refused because of a limit, or because the address is kept out.
    Refused(Refused),
    /// Accepting failed; it is tried again by itself.
    AcceptFailed(&'a Error),
}
