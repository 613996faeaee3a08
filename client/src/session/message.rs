//! What was said and what was heard: the values that a session gives out.

use std::time::SystemTime;

use hallway_core::net::lines::{Ending, Line};
use hallway_core::text::visible;

/// The number of a message; later messages of a session have greater ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u64);

/// How far a message has come. Plain TCP cannot say "delivered", so neither do we.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, glib::Enum)]
#[enum_type(name = "HallwayMessageState")]
pub enum MessageState {
    /// Still ours: the system has no byte of it. It goes out when there is a connection.
    #[default]
    Queued,
    /// Handed to the system, or a part of it, and not acknowledged.
    OnTheWay,
    /// The TCP of the server's computer has acknowledged all of it. The session forgets it.
    Sent,
    /// It was on the way when the connection ended. It is never sent again by itself.
    PerhapsNotReceived,
    /// Taken back by the person. The session forgets it.
    Discarded,
}

/// A message that the session still has to do with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// Its number.
    pub id: MessageId,
    /// What was typed: one line.
    pub text: String,
    /// How far it has come.
    pub state: MessageState,
}

/// A line that the server sent.
#[derive(Clone, Debug, PartialEq, Eq, glib::Boxed)]
#[boxed_type(name = "HallwayReceived")]
pub struct Received {
    /// When it arrived.
    pub at: SystemTime,
    /// What may be shown of it.
    pub text: String,
    /// What ended it on the wire; none where it was cut because it was too long.
    pub ending: Option<Ending>,
    /// The bytes before the ending, where they are not those of `text`.
    raw: Option<Box<[u8]>>,
}

impl Received {
    pub(super) fn new(line: Line<'_>) -> Self {
        Self {
            ending: Some(line.ending),
            ..Self::cut(line.bytes)
        }
    }

    pub(super) fn cut(bytes: &[u8]) -> Self {
        let text = visible(bytes).into_owned();
        Self {
            at: SystemTime::now(),
            raw: (text.as_bytes() != bytes).then(|| bytes.into()),
            text,
            ending: None,
        }
    }

    /// The bytes before the ending, as they came.
    pub fn bytes(&self) -> &[u8] {
        self.raw.as_deref().unwrap_or(self.text.as_bytes())
    }
}
