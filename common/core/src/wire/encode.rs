//! A frame to a line.

use super::frame::Frame;
use super::limits;

/// A frame that is too large to be sent: it holds more than one may, or is longer than
/// [`limits::FRAME`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a frame that is too large to be sent")]
pub struct TooLarge;

/// The line that a frame is, with its LF.
///
/// # Errors
/// The frame is too large. Of what comes through [`parse`](super::parse()) none is, nor of what was
/// made by [`Past::fitting`](super::Past::fitting).
pub fn encode(frame: &Frame) -> Result<Vec<u8>, TooLarge> {
    let fits = match frame {
        Frame::People(people) => people.fits(),
        Frame::Past(past) => past.events.len() <= limits::HISTORY,
        _ => true,
    };
    if !fits {
        return Err(TooLarge);
    }
    // What a frame is made of is all strings, numbers, lists and objects with strings for keys.
    let mut line = serde_json::to_vec(frame).map_err(|_| TooLarge)?;
    if line.len() > limits::FRAME {
        return Err(TooLarge);
    }
    line.push(b'\n');
    Ok(line)
}
