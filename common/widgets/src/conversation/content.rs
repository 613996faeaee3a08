//! What a line of a conversation says.

use std::rc::Rc;

/// The number of a line that is or was held; never given twice by one history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(pub u64);

/// Who said a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// Lines with the same key are one person's: they stand in one group.
    pub key: u64,
    /// What the person is called.
    pub label: Rc<str>,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Somebody else said it.
    Theirs {
        /// Who.
        speaker: Rc<Speaker>,
        /// What, as it may be shown.
        text: Rc<str>,
        /// It was longer than a line may be; this is its beginning.
        is_cut: bool,
        /// It calls the person at this window by name.
        mentions: bool,
    },
    /// The person at this window said it.
    Ours {
        /// What; it may have several lines.
        text: Rc<str>,
        /// The label of the only one who hears it, where it is not for everyone.
        to: Option<Rc<str>>,
        /// How far it has come.
        delivery: Delivery,
    },
    /// Something happened.
    Event {
        /// What, as a sentence.
        text: Rc<str>,
        /// How loudly it is said.
        tone: Tone,
    },
}

impl Content {
    /// What is read of it.
    pub fn text(&self) -> &Rc<str> {
        match self {
            Self::Theirs { text, .. } | Self::Ours { text, .. } | Self::Event { text, .. } => text,
        }
    }
}

/// How far a text of ours has come. Plain TCP cannot say that it was delivered, so neither do we
/// there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It waits for a connection.
    Queued,
    /// It was handed to the system and is not acknowledged.
    OnTheWay,
    /// The other side's system has acknowledged all of it.
    Sent,
    /// Nobody was there to receive it, and it is on the disk for those who come later; or it was said
    /// before, and that is all that is known.
    Kept,
    /// It is on the server's disk.
    Delivered,
    /// So many others have it on theirs.
    SeenBy(u32),
    /// It was on the way when the connection ended.
    PerhapsNotReceived,
    /// It was not taken.
    Refused {
        /// Why, as a sentence.
        why: Rc<str>,
        /// Sending it again may help.
        can_retry: bool,
    },
    /// It was taken back.
    Discarded,
    /// Not everybody whom it was for has acknowledged it.
    Partly {
        /// How many did.
        received: usize,
        /// Who did not, as people are named.
        missing: Rc<str>,
    },
}

impl Delivery {
    /// It was refused, and sending it again may help.
    pub(super) fn can_retry(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                can_retry: true,
                ..
            }
        )
    }
}

/// How loudly an event is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It is part of the day.
    Quiet,
    /// Something went wrong.
    Failure,
}
