//! Plain conversations: no numbers, no acknowledgements, and truthful states.

use rusqlite::params;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use super::{ClientStore, Owner};
use crate::history::database::Place;
use crate::history::entry::check_length;
use crate::history::error::Error;
use crate::history::limits;
use crate::history::store::Store;
use crate::wire::event::Kind;
use crate::wire::values::Label;
use crate::wire::{At, Conv};

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It came from the other end.
    Received,
    /// It is still here.
    Queued,
    /// The other end's TCP has acknowledged it.
    Sent,
    /// The connection was lost before the acknowledgement.
    Perhaps,
    /// It never left.
    Failed,
}

const STATES: [State; 5] = [
    State::Received,
    State::Queued,
    State::Sent,
    State::Perhaps,
    State::Failed,
];

impl ToSql for State {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let number: i64 = match self {
            Self::Received => 0,
            Self::Queued => 1,
            Self::Sent => 2,
            Self::Perhaps => 3,
            Self::Failed => 4,
        };
        Ok(number.into())
    }
}

impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        usize::try_from(number)
            .ok()
            .and_then(|number| STATES.get(number).copied())
            .ok_or(FromSqlError::OutOfRange(number))
    }
}

/// A line of a plain conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainLine {
    /// Whether it was written here.
    pub is_outgoing: bool,
    /// Who said it, as far as the wire told.
    pub name: Label,
    /// What it is.
    pub kind: Kind,
    /// What it says, at most [`TEXT`](limits::TEXT) bytes.
    pub text: String,
    /// When, by the clock here.
    pub at: At,
    /// What became of it.
    pub state: State,
}

impl ClientStore {
    /// Keeps a line of the conversation with whoever is at `address`, within a transaction.
    /// Returns its number, by which its state can be [changed](Self::set_state).
    ///
    /// # Errors
    /// [`Error::TooLong`] and the disk's.
    pub fn keep_plain(&self, address: &str, line: &PlainLine) -> Result<u64, Error> {
        check_length(&line.text)?;
        if address.len() > limits::ADDRESS {
            return Err(Error::TooLong {
                limit: limits::ADDRESS,
            });
        }
        let conversation = self.conversation(&Owner::Address(address.into()), &Conv::Room)?;
        self.connection
            .prepare_cached(
                "INSERT INTO line (conversation, name, kind, text, at, outgoing, state)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                conversation,
                line.name,
                line.kind,
                line.text,
                line.at,
                line.is_outgoing,
                line.state
            ])?;
        let id = self.connection.last_insert_rowid().unsigned_abs();
        self.changes.add(id, conversation, &line.text);
        Ok(id)
    }

    /// Something became of a line, within a transaction. False where it is no longer kept.
    ///
    /// # Errors
    /// The disk's.
    pub fn set_state(&self, line: u64, state: State) -> Result<bool, Error> {
        let mut statement = self
            .connection
            .prepare_cached("UPDATE line SET state = ?2 WHERE id = ?1 AND server IS NULL")?;
        Ok(statement.execute(params![line, state])? > 0)
    }

    /// Before the first plain line: what was queued or under way when the program ended is perhaps not
    /// received. Returns how many lines that were. While another program keeps plain lines here it may be
    /// on its way, and is left for the first one that begins alone. It waits for the disk.
    ///
    /// # Errors
    /// [`Error::Locked`] and the disk's.
    pub fn settle_states(&mut self) -> Result<usize, Error> {
        if self.attendance.is_some() {
            return Ok(0);
        }
        let path = self.path.clone();
        let place = Place::of(&path)?;
        // Held until it is done: whoever begins meanwhile has lines on their way after it.
        let lock = place
            .folder
            .lock(&format!("{}-plain-lock", place.name), limits::LOCK)?;
        let (attendance, is_alone) = lock.attend(&format!("{}-plain", place.name))?;
        self.attendance = Some(attendance);
        if !is_alone {
            return Ok(0);
        }
        self.commit(|store| {
            let mut statement = store
                .connection
                .prepare_cached("UPDATE line SET state = ?1 WHERE state = 1 AND server IS NULL")?;
            Ok(statement.execute([State::Perhaps])?)
        })
    }
}

#[cfg(test)]
mod tests;
