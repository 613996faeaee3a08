//! What a conversation wants done, and what it tells.

use std::rc::Rc;

use hallway_core::history::Error as Store;
use hallway_core::history::client::{Acknowledged, Unsent};
use hallway_core::text::Name;
use hallway_core::trust::sas;
use hallway_core::wire::event::Past;
use hallway_core::wire::frame::{About, Welcome};
use hallway_core::wire::values::{Label, Nonce};
use hallway_core::wire::{
    Cid, Code, Conv, Cursor, Epoch, Event, Fingerprint, Frame, Password, Pos, Seq,
};

/// Who says hello to whom.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The server, as the TLS session shows it.
    pub server: Fingerprint,
    /// What we want to be called.
    pub name: Name,
    /// How far the server's history is held here.
    pub cursor: Option<Cursor>,
    /// The password of the room, where it is known that one is asked for.
    pub password: Option<Password>,
}

/// Something to be done, in the order given.
#[derive(Debug)]
pub enum Action {
    /// Sends a frame.
    Send(Frame),
    /// Begins a session in the store: [`ClientStore::meet`](hallway_core::history::ClientStore).
    /// Answered by [`met`](super::Talk::met), with the outbox after it.
    Meet(Epoch),
    /// Reads the server's history again. Answered by [`met`](super::Talk::met) as well.
    Reset {
        /// Which history it has now.
        epoch: Epoch,
        /// Its last event.
        head: Pos,
    },
    /// Stores events. Answered by [`stored`](super::Talk::stored).
    Store(Batch),
    /// Tells the store that nothing more was kept.
    CaughtUp,
    /// Notes in the store that the server has a message.
    Acknowledge(Acknowledged),
    /// Takes a message out of the outbox that was refused for good.
    Withdraw(Cid),
    /// Gives the outbox after a place. Answered by [`loaded`](super::Talk::loaded).
    Load {
        /// The place.
        after: u64,
    },
    /// The server said welcome: it is to be remembered.
    Welcomed(Rc<Welcome>),
    /// Tells whoever shows it.
    Tell(News),
    /// Something is wanted of a person, or not any more.
    Want(Want),
    /// Closes the connection. Nothing comes after it.
    End(End),
}

/// Events to be stored together.
#[derive(Debug)]
pub struct Batch {
    /// The events, in order.
    pub events: Vec<Event>,
    /// What is to be given back with the answer.
    pub receipt: Receipt,
}

/// What tells a batch from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub(super) last: Pos,
    pub(super) bytes: usize,
    /// How many resets came before it.
    pub(super) resets: u32,
}

/// The messages in the outbox after a place.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// In the order in which they were written.
    pub messages: Vec<Unsent>,
    /// There is nothing after them.
    pub is_last: bool,
}

/// What is missing for a welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Nothing but the server's answer.
    Nothing,
    /// The password of the room.
    Password {
        /// One was given, and it is another one.
        again: bool,
    },
    /// Another name: somebody is called that.
    Name,
    /// That somebody there lets us in.
    Admission,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is in the outbox here, and goes when it can.
    Queued,
    /// It is on its way.
    Sent,
    /// It is on the server's disk, at this place of its conversation.
    Delivered(Seq),
    /// So many others have it on theirs.
    SeenBy(u32),
    /// The server does not take it. It is in the outbox no more.
    Refused(Code),
    /// It is longer than this server takes. It is in the outbox no more.
    TooLong,
    /// It is not in the outbox: it could not be written there. Nothing was sent.
    NotKept(Store),
    /// Its writer took it back.
    TakenBack {
        /// It had been sent once without an answer: the server may have it.
        perhaps_received: bool,
    },
}

/// What a conversation tells.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// Something became of a message of ours.
    Message(Cid, Fate),
    /// This was said, and is stored here now. Each event knows its conversation.
    Events(Rc<[Event]>),
    /// All that the server had kept has been told.
    CaughtUp,
    /// So many people have stored a conversation up to here.
    Seen {
        /// The conversation.
        conv: Conv,
        /// The event.
        seq: Seq,
        /// How many.
        count: u32,
    },
    /// Who is here is different.
    People,
    /// Somebody begins to write, or has stopped.
    Typing {
        /// Who.
        who: Fingerprint,
        /// In which conversation.
        conv: Conv,
        /// Whether they are.
        is_typing: bool,
    },
    /// Older events that were asked for.
    Past(Rc<Past>),
    /// The name that was asked for is somebody's; the one before stays.
    NameTaken,
    /// The six digits, to be compared with those on the server's screen.
    Compare(sas::Code),
    /// The comparison does not begin: the server refuses it.
    NotCompared(Code),
    /// Somebody at the server has compared the digits, and did not find the same.
    Found(sas::Found),
    /// It is written down that the server's digits were the same, or that they were not.
    Verified(bool),
    /// The server reads from another history: all of it is read again.
    Reset,
    /// The server has lost so many events that are held here; they are kept and marked.
    Lost(u64),
    /// The server did not do what it was asked.
    Refused {
        /// Why.
        code: Code,
        /// What.
        re: Option<About>,
    },
    /// This server was met for the first time.
    FirstContact(Fingerprint),
    /// Another server that is known is at the address: it is spoken to.
    SwitchedTo {
        /// Who is there.
        here: Label,
        /// Who was.
        before: Label,
    },
    /// Text came where encryption should have begun: it is tried once more.
    TextInstead,
    /// What was to be remembered of the server could not be written.
    NotRemembered(String),
}

/// Why a conversation is over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum End {
    /// The server ended it, or did not begin it.
    #[error("the server refuses: {0}")]
    Refused(Code),
    /// Another connection of this identity took over.
    #[error("another connection of this identity took over")]
    Superseded,
    /// The server stopped answering.
    #[error("the server stopped answering")]
    Silent,
    /// What the server sent is not of the protocol.
    #[error("the server does not keep to the protocol: {0}")]
    Violation(String),
    /// The server and we count its messages differently, and do not come to terms.
    #[error("the numbers of the messages do not agree")]
    Numbers,
    /// What came could not be stored here.
    #[error("it cannot be stored: {0}")]
    NotStored(Store),
    /// The pins cannot be read or written.
    #[error("who the server is cannot be looked up: {0}")]
    Pins(String),
    /// At the address where another server was met is one that is not known.
    #[error("another server is at this address")]
    Unknown,
    /// The server answered in plain text, twice.
    #[error("the server answers in plain text")]
    PlainText,
}

impl End {
    /// Whether a later attempt may succeed without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Refused(code) => matches!(
                code,
                Code::Busy | Code::DiskFull | Code::Internal | Code::Rate | Code::SlowConsumer
            ),
            // A disk may have room again. What is damaged, or another program's, stays so.
            Self::NotStored(error) => matches!(
                error,
                Store::DiskFull | Store::Io { .. } | Store::Locked | Store::Overrun
            ),
            Self::Silent | Self::Numbers => true,
            Self::Superseded
            | Self::Violation(_)
            | Self::Pins(_)
            | Self::Unknown
            | Self::PlainText => false,
        }
    }
}

/// What a step of the comparison gives to the next.
#[derive(Debug)]
pub(super) struct Comparison(pub(super) Option<sas::Committed>);

impl Comparison {
    /// The server's nonce came. None where nobody waits for it.
    pub(super) fn reveal(&mut self, of_server: &Nonce) -> Option<(Nonce, sas::Code)> {
        Some(self.0.take()?.reveal(of_server))
    }
}
