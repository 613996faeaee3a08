//! The running hash over everything that is kept.
//!
//! A client shows by it that the events it holds are those of this history and not of one that an
//! older backup brought back. The server alone reckons it, over all events in the order of their
//! `pos`:
//!
//! ```text
//! hash(0) = SHA-256("hallway/1 history\n" ‖ epoch)
//! hash(p) = SHA-256("hallway/1 event\n" ‖ hash(before p) ‖ event)
//! event   = pos ‖ seq ‖ at ‖ cid ‖ conversation ‖ from ‖ kind ‖ text
//! ```
//!
//! `pos`, `seq` and `at` are 8 bytes, the highest first; epoch and `cid` their 16 bytes. A
//! conversation is the byte 0 for the room, or 1 and the 32 bytes of both identities, the lower one
//! first. `from` is the byte 0, or 1 and the 32 bytes of an identity, and then the name. Name, kind
//! and text are their length in 4 bytes, the highest first, and their UTF-8. So no two events have
//! the same bytes.
//!
//! `cid` is in it as 128 bits that a reader of other people's events does not know: without them
//! whoever has the hashes before and after a direct message could try what was said in it.

use super::event::Kind;
use super::people::Person;
use super::values::{At, Between, Cid, Epoch, Hash, Pos, Seq, Text};
use crate::crypto::sha256;

/// What of an event the hash runs over.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// Its place among all events.
    pub pos: Pos,
    /// Its place in its conversation.
    pub seq: Seq,
    /// Its conversation.
    pub between: Between,
    /// Whose it is.
    pub from: &'a Person,
    /// The identity of the message; for what came without one, random bits that the server chose.
    pub cid: &'a Cid,
    /// What it is.
    pub kind: &'a Kind,
    /// What was said.
    pub text: &'a Text,
    /// When.
    pub at: At,
}

/// The hash of a history in which nothing is yet.
pub fn start(epoch: &Epoch) -> Hash {
    Hash::from_bytes(sha256(&[b"hallway/1 history\n", epoch.as_bytes()]))
}

/// The hash with one event more.
pub fn next(before: &Hash, event: &Kept<'_>) -> Hash {
    let numbers = [event.pos.get(), event.seq.get(), event.at.get()].map(u64::to_be_bytes);
    let (tag, lower, higher) = match &event.between {
        Between::Room => (0, &[][..], &[][..]),
        Between::Two(one, other) => (
            1,
            &one.min(other).as_bytes()[..],
            &one.max(other).as_bytes()[..],
        ),
    };
    let (from_tag, from) = match &event.from.id {
        None => (0, &[][..]),
        Some(id) => (1, &id.as_bytes()[..]),
    };
    let name = event.from.name.as_ref();
    let kind = event.kind.to_string();
    let text = event.text.as_ref();
    Hash::from_bytes(sha256(&[
        b"hallway/1 event\n",
        before.as_bytes(),
        numbers.as_flattened(),
        event.cid.as_bytes(),
        &[tag],
        lower,
        higher,
        &[from_tag],
        from,
        &length(name),
        name.as_bytes(),
        &length(&kind),
        kind.as_bytes(),
        &length(text),
        text.as_bytes(),
    ]))
}

/// The length of what is bounded to far less than four bytes can tell.
fn length(text: &str) -> [u8; 4] {
    u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests;
