//! What a client keeps: what it has not got rid of yet, what servers told, and plain conversations.

mod cursor;
mod outbox;
mod plain;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use super::error::Error;
use super::index::Changes;
use super::store::{Opened, Store};
use super::{database, schema};
use crate::files::Attendance;
use crate::wire::{Conv, Fingerprint};

pub use cursor::Stored;
pub use outbox::{Acknowledged, Numbering, Outgoing, Unsent};
pub use plain::{PlainLine, State};

/// The database of a client.
///
/// What is written belongs to a commit: see [`Store::commit`], or let a
/// [`History`](super::History) do it.
#[derive(Debug)]
pub struct ClientStore {
    connection: Connection,
    path: PathBuf,
    changes: Changes,
    /// Plain lines are kept by this one.
    attendance: Option<Attendance>,
}

/// Whose a conversation is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The server with this certificate, wherever it is.
    Server(Fingerprint),
    /// Whoever speaks plain text at this address, as it was typed or found.
    Address(String),
}

impl Owner {
    /// As it is in the database.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Server(fingerprint) => format!("server {fingerprint}"),
            Self::Address(address) => format!("plain {address}"),
        }
    }

    /// The reverse of `key`.
    pub(super) fn of_key(key: &str) -> Option<Self> {
        match key.split_once(' ')? {
            ("server", fingerprint) => Some(Self::Server(fingerprint.parse().ok()?)),
            ("plain", address) => Some(Self::Address(address.into())),
            _ => None,
        }
    }
}

impl ClientStore {
    /// Opens the database at `path`, made as needed, in a folder that nobody else may look into.
    ///
    /// # Errors
    /// [`Error::Newer`] and [`Error::Foreign`] leave the file alone; the others are the disk's.
    pub fn open(path: &Path) -> Result<Opened<Self>, Error> {
        let (connection, set_aside) = database::open(path, &schema::CLIENT)?;
        Ok(Opened {
            store: Self {
                connection,
                path: path.into(),
                changes: Changes::default(),
                attendance: None,
            },
            set_aside,
        })
    }

    /// The row of a conversation, made as needed.
    fn conversation(&self, owner: &Owner, conv: &Conv) -> Result<i64, Error> {
        let owner = owner.key();
        let found = self
            .connection
            .prepare_cached("SELECT id FROM conversation WHERE owner = ?1 AND name = ?2")?
            .query_row(params![owner, conv], |row| row.get(0))
            .optional()?;
        if let Some(id) = found {
            return Ok(id);
        }
        self.connection.execute(
            "INSERT INTO conversation (owner, name) VALUES (?1, ?2)",
            params![owner, conv],
        )?;
        Ok(self.connection.last_insert_rowid())
    }
}

impl Store for ClientStore {
    type Conversation = Conv;

    const EXTRA: &'static str = "line.outgoing, line.state, line.lost";

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
        Ok(Self {
            connection: database::open_beside(path)?,
            path: path.into(),
            changes: Changes::default(),
            attendance: None,
        })
    }

    fn before_removal(&self, _line: u64) -> Result<(), Error> {
        Ok(())
    }

    /// An address is not kept longer than what was said there.
    fn after_removal(&self) -> Result<(), Error> {
        self.connection.execute(
            "DELETE FROM conversation
            WHERE NOT EXISTS (SELECT 1 FROM line WHERE conversation = conversation.id)",
            [],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
