//! What travels.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::{Code, FrameError};
use super::event::{Event, Past};
use super::limits;
use super::people::People;
use super::values::{
    At, Caps, Cid, Conv, Cursor, Epoch, Fingerprint, Hash, Label, N, Nonce, NotWord, Numbers,
    Password, Pos, Seq, Text, Word, string_in_json,
};
use crate::text::Name;

/// Who sent something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Who connected.
    Client,
    /// Who was connected to.
    Server,
}

/// One frame: an object with a `type` and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Frame {
    /// Client: who I am, and how far I have read.
    Hello(Hello),
    /// Server: somebody decides whether you are let in. The hello is answered later.
    Waiting,
    /// Server: you are connected.
    Welcome(Welcome),
    /// Server: who is here.
    People(People),
    /// Client: call me that.
    Rename(Rename),
    /// Client: I say this.
    Msg(Msg),
    /// Server: it is on my disk.
    Ack(Ack),
    /// Server: this was said.
    Event(Event),
    /// Server: all that was kept has been told; what comes now is new.
    CaughtUp(CaughtUp),
    /// Client: it is on my disk, too.
    Got(Got),
    /// Server: how many have it on theirs.
    Seen(Seen),
    /// Client: I am writing. Server: somebody is.
    Typing(Typing),
    /// Client: what was said before?
    History(History),
    /// Server: that.
    Past(Past),
    /// Server: your cursor is not of this history. Read it again.
    Reset(Reset),
    /// Client: the hash of what I shall reveal.
    SasCommit(SasCommit),
    /// Server: my nonce.
    SasNonce(SasNonce),
    /// Client: mine.
    SasReveal(SasNonce),
    /// Are you there?
    Ping,
    /// I am.
    Pong,
    /// Something was refused.
    Err(Problem),
}

impl Frame {
    /// Whether this side sends such frames.
    pub fn may_come_from(&self, side: Side) -> bool {
        match self {
            Self::Hello(_)
            | Self::Rename(_)
            | Self::Msg(_)
            | Self::Got(_)
            | Self::History(_)
            | Self::SasCommit(_)
            | Self::SasReveal(_) => side == Side::Client,
            Self::Waiting
            | Self::Welcome(_)
            | Self::People(_)
            | Self::Ack(_)
            | Self::Event(_)
            | Self::CaughtUp(_)
            | Self::Seen(_)
            | Self::Past(_)
            | Self::Reset(_)
            | Self::SasNonce(_) => side == Side::Server,
            // The server tells who writes; a client is known by its session.
            Self::Typing(typing) => typing.from.is_some() == (side == Side::Server),
            Self::Ping | Self::Pong | Self::Err(_) => true,
        }
    }
}

/// The first frame of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hello {
    /// What it wants to be called.
    #[serde(serialize_with = "as_text")]
    pub name: Name,
    /// What it can do.
    pub caps: Caps,
    /// How far it has read; `epoch`, `pos` and `hash` on the wire. None: it has read nothing yet.
    #[serde(flatten)]
    pub cursor: Option<Cursor>,
    /// The password of the room, where one was asked for: by an `err` with
    /// [`Code::Password`], after which another hello may come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
}

/// The answer to a hello, and the only sign that a client is connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The server's identity, which is that of its TLS session too.
    pub id: Fingerprint,
    /// What the server is called.
    pub name: Label,
    /// Which history this is.
    pub epoch: Epoch,
    /// The last event of all.
    pub head: Pos,
    /// The last accepted number of this device in each conversation.
    pub n: Numbers,
    /// What the server takes.
    pub limits: Taken,
    /// What the server can do.
    #[serde(default)]
    pub caps: Caps,
}

/// What a server takes from a client. What it does not say is as in [`limits`]; it may take less,
/// never more. A rate of 0 is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Taken {
    /// Bytes of the longest text.
    pub text: u32,
    /// Bytes of the longest frame.
    pub frame: u32,
    /// Messages in a second, over time.
    pub rate: u32,
    /// Messages at once.
    pub burst: u32,
}

impl Default for Taken {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "both are constants of a few digits"
    )]
    fn default() -> Self {
        Self {
            text: limits::TEXT as u32,
            frame: limits::FRAME as u32,
            rate: limits::RATE,
            burst: limits::BURST,
        }
    }
}

impl Taken {
    /// The same, no higher than what this version may send at all.
    pub(super) fn within_ours(self) -> Result<Self, FrameError> {
        if self.text == 0 || self.frame == 0 {
            return Err(FrameError::malformed(&"a limit of nothing"));
        }
        let ours = Self::default();
        Ok(Self {
            text: self.text.min(ours.text),
            frame: self.frame.min(ours.frame),
            ..self
        })
    }
}

/// A client wants to be called something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rename {
    /// What.
    #[serde(serialize_with = "as_text")]
    pub name: Name,
}

/// A message on its way to the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Msg {
    /// Which message it is.
    pub cid: Cid,
    /// Its number among this device's messages of this conversation.
    pub n: N,
    /// For whom.
    pub to: Conv,
    /// What is said; never empty.
    pub text: Text,
}

/// A message is kept. Sent after the commit, never before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// Which message.
    pub cid: Cid,
    /// Its conversation: what `to` was.
    pub conv: Conv,
    /// Its place in the conversation.
    pub seq: Seq,
    /// Its place among all events.
    pub pos: Pos,
    /// When it was accepted.
    pub at: At,
}

/// A client has been told everything up to a place that it may read. It is no cursor: those are of
/// events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaughtUp {
    /// The place.
    pub pos: Pos,
}

/// A client has stored everything up to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Got {
    /// The place.
    pub pos: Pos,
}

/// How far a conversation is stored with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The conversation.
    pub conv: Conv,
    /// The event.
    pub seq: Seq,
    /// How many people have stored it.
    pub count: u32,
}

/// Somebody is writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    /// For whom.
    pub to: Conv,
    /// Who, from the server. What a client says here is not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Fingerprint>,
}

/// A client wants to read older events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Asked")]
pub struct History {
    /// The conversation.
    pub conv: Conv,
    /// Older than this one.
    pub before: Seq,
    /// How many at most: 1 to [`limits::HISTORY`].
    pub limit: u16,
}

#[derive(Deserialize)]
struct Asked {
    conv: Conv,
    before: Seq,
    limit: u16,
}

impl TryFrom<Asked> for History {
    type Error = &'static str;

    fn try_from(asked: Asked) -> Result<Self, Self::Error> {
        let Asked {
            conv,
            before,
            limit,
        } = asked;
        if !(1..=limits::HISTORY).contains(&usize::from(limit)) {
            return Err("a limit out of its bounds");
        }
        Ok(Self {
            conv,
            before,
            limit,
        })
    }
}

/// A client's cursor is of another history, or of one that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reset {
    /// Which history this is.
    pub epoch: Epoch,
    /// Its last event.
    pub head: Pos,
}

/// The first step of the six digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SasCommit {
    /// What binds the client to its nonce.
    pub commit: Hash,
}

/// The second and the third step of the six digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SasNonce {
    /// The nonce of the side that sends it.
    pub nonce: Nonce,
}

/// Something was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Why.
    pub code: Code,
    /// What.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub re: Option<About>,
    /// The connection ends with it.
    #[serde(default)]
    pub fatal: bool,
}

/// The type of the last step of the six digits. A refusal of it also tells what a person found there.
pub const SAS_REVEAL: &str = "sas-reveal";

/// What was refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum About {
    /// A message.
    Message(Cid),
    /// A frame of this type.
    Frame(Word),
}

impl About {
    /// Whether it is the last step of the six digits.
    pub fn is_sas_reveal(&self) -> bool {
        matches!(self, Self::Frame(kind) if kind.as_ref() == SAS_REVEAL)
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(cid) => cid.fmt(f),
            Self::Frame(kind) => kind.fmt(f),
        }
    }
}

impl FromStr for About {
    type Err = NotWord;

    /// 32 digits are a message: no type of frame looks like them.
    fn from_str(text: &str) -> Result<Self, NotWord> {
        match text.parse() {
            Ok(cid) => Ok(Self::Message(cid)),
            Err(_) => text.parse().map(Self::Frame),
        }
    }
}

string_in_json!(About, "the identity of a message or a type of frame");

fn as_text<S: serde::Serializer>(name: &Name, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name.as_ref())
}
