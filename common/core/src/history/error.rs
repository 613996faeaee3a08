//! What can go wrong with the history, typed. The programs put it into people's words.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;
use rusqlite::ffi;
use rustix::io::Errno;

use crate::NoRandomness;
use crate::files;
use crate::wire::Pos;

/// Why something is not in the history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No space is left (or a quota is used up). What was to be written is not accepted; later
    /// writes work again when there is space.
    #[error("the disk is full")]
    DiskFull,
    /// The disk, or a right to it, is missing. What was to be written is not accepted.
    #[error("the disk does not do what it should: {detail}")]
    Io {
        /// What the system or `SQLite` said.
        detail: String,
    },
    /// The file is not what was written. It is set aside when it is opened the next time.
    #[error("the database is damaged: {detail}")]
    Damaged {
        /// What `SQLite` said.
        detail: String,
    },
    /// A later Hallway made the database. It was left alone.
    #[error("the database is of version {found}, and only versions up to {known} are known")]
    Newer {
        /// The version of the database.
        found: u32,
        /// The newest version that is known here.
        known: u32,
    },
    /// Another program made the database, or the other one of ours. It was left alone.
    #[error("{}: a database of another program", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Another program holds the database.
    #[error("another program holds the database")]
    Locked,
    /// More waits to be written or read than may wait; nothing of this was taken.
    #[error("more waits to be stored than may wait")]
    Overrun,
    /// The history was closed; nothing of this was taken.
    #[error("the history is closed")]
    Closed,
    /// A line has more bytes than are kept.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// How many bytes are kept.
        limit: usize,
    },
    /// The device has begun as many conversations as its numbers can be told of
    /// ([`CONVERSATIONS`](crate::wire::limits::CONVERSATIONS)). Those go on, and so does the room.
    #[error("no more than {limit} conversations are begun with one identity")]
    TooManyConversations {
        /// How many there may be, the room among them.
        limit: usize,
    },
    /// The outbox for this server holds as much as it may.
    #[error("the outbox is full")]
    OutboxFull,
    /// An event is not the one that is held at its position: the server has another history.
    #[error("the event at {pos} is not the one that is held")]
    Diverged {
        /// The position.
        pos: Pos,
    },
    /// Somebody here broke it off.
    #[error("broken off")]
    Cancelled,
    /// A mistake of ours.
    #[error("the history does not work: {detail}")]
    Internal {
        /// What `SQLite` said.
        detail: String,
    },
}

impl Error {
    /// Damage, told as such.
    pub(super) fn damaged(detail: impl Into<String>) -> Self {
        Self::Damaged {
            detail: detail.into(),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let detail = error.to_string();
        match &error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => Self::DiskFull,
                // The log's index cannot grow: the same reason, found by another call.
                ErrorCode::SystemIoFailure
                    if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE =>
                {
                    Self::DiskFull
                }
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::OutOfMemory
                | ErrorCode::NoLargeFileSupport
                | ErrorCode::FileLockingProtocolFailed => Self::Io { detail },
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged { detail },
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Locked,
                ErrorCode::OperationInterrupted => Self::Cancelled,
                _ => Self::Internal { detail },
            },
            // A value that we never write.
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..)
            | rusqlite::Error::QueryReturnedNoRows => Self::Damaged { detail },
            _ => Self::Internal { detail },
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io {
                detail: error.to_string(),
            },
        }
    }
}

impl From<files::Error> for Error {
    fn from(error: files::Error) -> Self {
        match error {
            files::Error::System {
                source: Errno::NOSPC | Errno::DQUOT,
                ..
            } => Self::DiskFull,
            files::Error::Busy { .. } => Self::Locked,
            _ => Self::Io {
                detail: error.to_string(),
            },
        }
    }
}

impl From<NoRandomness> for Error {
    fn from(error: NoRandomness) -> Self {
        Self::Io {
            detail: error.to_string(),
        }
    }
}
