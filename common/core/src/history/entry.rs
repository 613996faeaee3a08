//! What a server keeps, and what its readers are told of it.

use super::error::Error;
use super::limits;
use crate::wire::chain::Kept;
use crate::wire::event::{Event, Kind};
use crate::wire::{At, Between, Cid, Fingerprint, Hash, Person, Pos, Seq, Text};

/// Something that a server keeps, seen from nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place among all of the server's.
    pub pos: Pos,
    /// Its place in its conversation.
    pub seq: Seq,
    /// Where it belongs.
    pub between: Between,
    /// Whose it is, and what they were called then.
    pub from: Person,
    /// The identity of the message; for what came without one, random bits. No reader is told.
    pub cid: Cid,
    /// What it is.
    pub kind: Kind,
    /// What was said; of a plain line, as much as fits.
    pub text: Text,
    /// When the server took it.
    pub at: At,
    /// The [running hash](crate::wire::chain) with it.
    pub hash: Hash,
}

impl Entry {
    /// What the hash runs over: all but the hash.
    pub fn kept(&self) -> Kept<'_> {
        Kept {
            pos: self.pos,
            seq: self.seq,
            between: self.between,
            from: &self.from,
            cid: &self.cid,
            kind: &self.kind,
            text: &self.text,
            at: self.at,
        }
    }

    /// As `reader` is told of it. None where it is between others.
    pub fn seen_by(&self, reader: &Fingerprint) -> Option<Event> {
        Some(Event {
            pos: self.pos,
            seq: self.seq,
            conv: self.between.seen_by(reader)?,
            from: self.from.clone(),
            kind: self.kind.clone(),
            text: self.text.clone(),
            at: self.at,
            hash: self.hash,
        })
    }
}

/// Refuses a line that is longer than is kept.
pub(super) fn check_length(text: &str) -> Result<(), Error> {
    if text.len() > limits::TEXT {
        return Err(Error::TooLong {
            limit: limits::TEXT,
        });
    }
    Ok(())
}
