//! What a server keeps: every event, in one order.

mod inserting;
mod reading;
mod stored;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::entry::Entry;
use super::error::Error;
use super::index::Changes;
use super::store::{Opened, Store};
use super::{database, limits, schema};
use crate::wire::event::Kind;
use crate::wire::values::{Label, Numbers};
use crate::wire::{At, Between, Cid, Epoch, Fingerprint, Hash, N, Person, Pos, Seq, Text};

/// Bytes of a hash that stay when its line is removed: enough to tell two histories apart.
const REMOVED_HASH: usize = 8;

/// The database of a server.
///
/// What is written belongs to a commit: see [`Store::commit`], or let a
/// [`History`](super::History) do it.
#[derive(Debug)]
pub struct ServerStore {
    connection: Connection,
    path: PathBuf,
    changes: Changes,
    epoch: Epoch,
}

/// The newest event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its position; 0 where there is none yet.
    pub pos: Pos,
    /// The running hash there.
    pub hash: Hash,
}

/// A message of a device, as it was received.
#[derive(Clone, Debug)]
pub struct Message {
    /// Who sent it: by its TLS session.
    pub sender: Fingerprint,
    /// What the sender is called now.
    pub name: Label,
    /// The message's identity.
    pub cid: Cid,
    /// Its number among this device's in this conversation.
    pub n: N,
    /// Where it goes.
    pub between: Between,
    /// What is said.
    pub text: Text,
    /// When it came.
    pub at: At,
}

/// What is said by somebody who cannot ask for an acknowledgement: a plain peer, or the host.
#[derive(Clone, Debug)]
pub struct Said {
    /// Whose it is, and what they are called now.
    pub from: Person,
    /// Where it goes.
    pub between: Between,
    /// What it is.
    pub kind: Kind,
    /// What is said, at most [`TEXT`](limits::TEXT) bytes. All of it is kept; readers are told
    /// [as much as fits](Text::fitting).
    pub text: String,
    /// When it came.
    pub at: At,
}

/// What an acknowledgement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Where the message is.
    pub between: Between,
    /// Its number there.
    pub seq: Seq,
    /// Its number among all.
    pub pos: Pos,
    /// When it was taken.
    pub at: At,
}

/// What became of a message. True only once the commit that it is part of has succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is the newest event.
    New(Entry),
    /// It had been taken before: the first answer again.
    Again(Receipt),
    /// Another message was taken under this `cid` (`bad-cid`).
    BadCid,
    /// Its number is not the next one (`out-of-order`).
    OutOfOrder {
        /// The number that the next message must have.
        expected: N,
    },
}

/// How a cursor of a client stands to this history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Everything before it is the same here: go on from there.
    Continues,
    /// It is of another database (`reset`).
    OtherEpoch,
    /// Something else is at its position: a backup came back and has grown since (`reset`).
    OtherHash,
    /// It is past the newest event: a backup came back (`cursor-ahead`, then `reset`).
    Ahead,
}

/// What a welcome tells, all of it as of one moment: a message of this device that comes again and
/// is at the head or before it is counted in the numbers already, and no other is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The newest event.
    pub head: Head,
    /// The last number taken from the device in each conversation.
    pub numbers: Numbers,
    /// How its cursor stands to this history.
    pub standing: Standing,
}

/// A part of the stream of events for one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What the reader may read of it, in order.
    pub entries: Vec<Entry>,
    /// Where to go on: everything up to here has been looked at.
    pub next: Pos,
    /// Whether there is more after it now.
    pub more: bool,
}

/// Older events of one conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// They, in order.
    pub entries: Vec<Entry>,
    /// Whether older ones are kept.
    pub more: bool,
    /// Whether some among these, or all before them, were removed.
    pub gap: bool,
}

impl ServerStore {
    /// Opens the database at `path`, made as needed, in a folder that nobody else may look into.
    ///
    /// # Errors
    /// [`Error::Newer`] and [`Error::Foreign`] leave the file alone; the others are the disk's.
    pub fn open(path: &Path) -> Result<Opened<Self>, Error> {
        let (connection, set_aside) = database::open(path, &schema::SERVER)?;
        Ok(Opened {
            store: Self::of(connection, path)?,
            set_aside,
        })
    }

    /// One more connection, for reading only.
    ///
    /// # Errors
    /// The disk's, or the file is not a server's database.
    pub fn open_beside(path: &Path) -> Result<Self, Error> {
        Self::of(database::open_beside(path)?, path)
    }

    fn of(connection: Connection, path: &Path) -> Result<Self, Error> {
        let epoch = connection.query_row("SELECT epoch FROM head", [], |row| row.get(0))?;
        Ok(Self {
            connection,
            path: path.into(),
            changes: Changes::default(),
            epoch,
        })
    }

    /// What tells this database from every other one.
    pub fn epoch(&self) -> &Epoch {
        &self.epoch
    }
}

impl Store for ServerStore {
    type Conversation = Between;

    const EXTRA: &'static str = "0, 0, 0";

    fn connection(&self) -> &Connection {
        &self.connection
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn changes(&self) -> &Changes {
        &self.changes
    }

    fn beside(path: &Path) -> Result<Self, Error> {
        Self::open_beside(path)
    }

    fn before_removal(&self, line: u64) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO removed (pos, hash) SELECT id, substr(hash, 1, ?2) FROM line
                WHERE id = ?1",
            )?
            .execute((line, REMOVED_HASH))?;
        Ok(())
    }

    fn after_removal(&self) -> Result<(), Error> {
        let oldest = self.head()?.pos.get().saturating_sub(limits::RECEIPTS);
        self.connection
            .prepare_cached(
                "DELETE FROM receipt
                WHERE pos <= ?1 AND NOT EXISTS (SELECT 1 FROM line WHERE id = receipt.pos)",
            )?
            .execute([oldest])?;
        self.connection
            .prepare_cached("DELETE FROM removed WHERE pos <= ?1")?
            .execute([oldest])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
