//! A line to a frame.

use std::borrow::Cow;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::FrameError;
use super::frame::{Frame, Hello, Msg, Rename, Side};
use super::limits;
use super::values::{Caps, Cid, Conv, Cursor, Epoch, Hash, N, Password, Pos, Text};
use crate::text::Name;

/// Reads a line, without its ending. None: a frame of a kind that this version does not know and
/// may ignore.
///
/// Every value of the frame is within its bounds. Fields that are not known are skipped, whatever
/// is in them and however deep; that costs no more memory than the line has bytes. A field that is
/// there twice is refused.
///
/// # Errors
/// It is no frame that `from` may send. [`FrameError::code`] is what to answer; the connection ends
/// with it.
pub fn parse(line: &[u8], from: Side) -> Result<Option<Frame>, FrameError> {
    if line.len() > limits::FRAME {
        return Err(FrameError::TooLong(line.len()));
    }
    let line = std::str::from_utf8(line).map_err(|_| FrameError::NotUtf8)?;
    let head: Head<'_> = read(line)?;
    let mut frame = match &*head.kind {
        "hello" => Frame::Hello(hello(line)?),
        "waiting" => Frame::Waiting,
        "welcome" => Frame::Welcome(own(line)?),
        "people" => Frame::People(own(line)?),
        "rename" => Frame::Rename(rename(line)?),
        "msg" => Frame::Msg(msg(line)?),
        "ack" => Frame::Ack(own(line)?),
        "event" => Frame::Event(own(line)?),
        "caught-up" => Frame::CaughtUp(own(line)?),
        "got" => Frame::Got(own(line)?),
        "seen" => Frame::Seen(own(line)?),
        "typing" => Frame::Typing(own(line)?),
        "history" => Frame::History(own(line)?),
        "past" => Frame::Past(own(line)?),
        "reset" => Frame::Reset(own(line)?),
        "sas-commit" => Frame::SasCommit(own(line)?),
        "sas-nonce" => Frame::SasNonce(own(line)?),
        "sas-reveal" => Frame::SasReveal(own(line)?),
        "ping" => Frame::Ping,
        "pong" => Frame::Pong,
        "err" => Frame::Err(own(line)?),
        kind if head.must => return Err(FrameError::unknown(kind)),
        _ => return Ok(None),
    };
    match (&mut frame, from) {
        // Who writes is known by the session.
        (Frame::Typing(typing), Side::Client) => typing.from = None,
        (Frame::Welcome(welcome), _) => welcome.limits = welcome.limits.within_ours()?,
        _ => {}
    }
    if !frame.may_come_from(from) {
        return Err(FrameError::WrongSide);
    }
    Ok(Some(frame))
}

/// What every frame has. A first look at it alone: what the rest should be depends on it.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    must: bool,
}

fn read<'a, T: Deserialize<'a>>(line: &'a str) -> Result<T, FrameError> {
    serde_json::from_str(line).map_err(|error| FrameError::malformed(&error))
}

fn own<T: DeserializeOwned>(line: &str) -> Result<T, FrameError> {
    read(line)
}

fn hello(line: &str) -> Result<Hello, FrameError> {
    #[derive(Deserialize)]
    struct Fields<'a> {
        #[serde(borrow)]
        name: Cow<'a, str>,
        #[serde(default)]
        caps: Caps,
        epoch: Option<Epoch>,
        pos: Option<Pos>,
        hash: Option<Hash>,
        password: Option<Password>,
    }
    let fields: Fields<'_> = read(line)?;
    let cursor = match (fields.epoch, fields.pos, fields.hash) {
        (Some(epoch), Some(pos), Some(hash)) => Some(Cursor { epoch, pos, hash }),
        (None, None, None) => None,
        _ => return Err(FrameError::malformed(&"a part of a cursor")),
    };
    Ok(Hello {
        name: name(&fields.name)?,
        caps: fields.caps,
        cursor,
        password: fields.password,
    })
}

fn rename(line: &str) -> Result<Rename, FrameError> {
    #[derive(Deserialize)]
    struct Fields<'a> {
        #[serde(borrow)]
        name: Cow<'a, str>,
    }
    let fields: Fields<'_> = read(line)?;
    let name = name(&fields.name)?;
    Ok(Rename { name })
}

fn name(raw: &str) -> Result<Name, FrameError> {
    if raw.len() > limits::RAW_NAME {
        return Err(FrameError::malformed(&"a name beyond all bounds"));
    }
    Ok(Name::parse(raw)?)
}

fn msg(line: &str) -> Result<Msg, FrameError> {
    #[derive(Deserialize)]
    struct Fields<'a> {
        cid: Cid,
        n: N,
        to: Conv,
        #[serde(borrow)]
        text: Cow<'a, str>,
    }
    let fields: Fields<'_> = read(line)?;
    if fields.text.is_empty() {
        return Err(FrameError::NoText);
    }
    Ok(Msg {
        cid: fields.cid,
        n: fields.n,
        to: fields.to,
        text: Text::from_str(&fields.text)?,
    })
}

#[cfg(test)]
mod tests;
