//! What was written and is not acknowledged yet.

use std::collections::HashMap;

use rusqlite::params;

use super::ClientStore;
use crate::faults::{Point, reach};
use crate::history::error::Error;
use crate::history::limits;
use crate::wire::values::Numbers;
use crate::wire::{At, Cid, Conv, Fingerprint, N, Pos, Text};

/// A message that somebody here wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its identity, random.
    pub cid: Cid,
    /// Where it goes.
    pub to: Conv,
    /// What it says.
    pub text: Text,
    /// When it was written, by the clock here.
    pub at: At,
}

/// A message that waits in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// Its place in the outbox: the order in which they were written.
    pub place: u64,
    /// The message.
    pub message: Outgoing,
}

/// What an acknowledgement says about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// Which message.
    pub cid: Cid,
    /// The position that it has now.
    pub pos: Pos,
}

/// Gives numbers to messages as they are sent: from what the server has taken last in each
/// conversation (`welcome.n`), anew at each start of a session and after a refusal.
#[derive(Clone, Debug, Default)]
pub struct Numbering(HashMap<Conv, N>);

impl Numbering {
    /// The last numbers that the server has taken.
    pub fn new(last: &Numbers) -> Self {
        Self(last.iter().map(|(conv, n)| (*conv, n)).collect())
    }

    /// The number of the next message in this conversation. None where the server has told the
    /// highest there is.
    pub fn next(&mut self, conv: &Conv) -> Option<N> {
        let last = self.0.entry(*conv).or_default();
        *last = last.next()?;
        Some(*last)
    }
}

impl ClientStore {
    /// Puts a message into the outbox, within a transaction; it may be sent after the commit. The
    /// same message again changes nothing. Returns its place.
    ///
    /// # Errors
    /// [`Error::OutboxFull`] and the disk's.
    pub fn post(&self, server: &Fingerprint, message: &Outgoing) -> Result<u64, Error> {
        let length = message.text.as_ref().len();
        let id = self.server(server)?;
        let connection = &self.connection;
        let (count, bytes): (usize, usize) = connection
            .prepare_cached("SELECT count(*), ifnull(sum(bytes), 0) FROM outbox WHERE server = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if count >= limits::OUTBOX || bytes + length > limits::OUTBOX_BYTES {
            return Err(Error::OutboxFull);
        }
        connection
            .prepare_cached(
                "INSERT INTO outbox (server, conversation, cid, text, bytes, at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                id,
                message.to,
                message.cid,
                message.text,
                length,
                message.at
            ])?;
        let place = connection
            .prepare_cached("SELECT id FROM outbox WHERE server = ?1 AND cid = ?2")?
            .query_row(params![id, message.cid], |row| row.get(0))?;
        Ok(place)
    }

    /// The messages to send to this server after `place`, in order: at most
    /// [`OUTBOX_PAGE`](limits::OUTBOX_PAGE). 0 is before the first.
    ///
    /// # Errors
    /// The disk's.
    pub fn unsent(&self, server: &Fingerprint, place: u64) -> Result<Vec<Unsent>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT outbox.id, conversation, cid, text, at
            FROM outbox JOIN server ON server.id = outbox.server
            WHERE fingerprint = ?1 AND outbox.pos IS NULL AND outbox.id > ?2
            ORDER BY outbox.id LIMIT ?3",
        )?;
        let mut rows = statement.query(params![server, place, limits::OUTBOX_PAGE])?;
        let mut unsent = Vec::new();
        while let Some(row) = rows.next()? {
            unsent.push(Unsent {
                place: row.get(0)?,
                message: Outgoing {
                    cid: row.get(2)?,
                    to: row.get(1)?,
                    text: row.get(3)?,
                    at: row.get(4)?,
                },
            });
        }
        Ok(unsent)
    }

    /// The server has it: it is not sent any more, within a transaction. The text stays until its
    /// event has arrived. False for a message that is not in the outbox.
    ///
    /// # Errors
    /// The disk's.
    pub fn acknowledge(
        &self,
        server: &Fingerprint,
        acknowledged: &Acknowledged,
    ) -> Result<bool, Error> {
        reach(Point::BeforeAcknowledgement);
        let id = self.server(server)?;
        let connection = &self.connection;
        let changed = connection
            .prepare_cached("UPDATE outbox SET pos = ?3 WHERE server = ?1 AND cid = ?2")?
            .execute(params![id, acknowledged.cid, acknowledged.pos])?;
        connection
            .prepare_cached(
                "DELETE FROM outbox WHERE server = ?1 AND cid = ?2
                AND pos <= (SELECT pos FROM server WHERE id = ?1)",
            )?
            .execute(params![id, acknowledged.cid])?;
        reach(Point::AfterAcknowledgement);
        Ok(changed > 0)
    }

    /// Takes a message back that was refused for good, or that its writer gave up, within a
    /// transaction. False for one that is not in the outbox, or has been acknowledged.
    ///
    /// # Errors
    /// The disk's.
    pub fn withdraw(&self, server: &Fingerprint, cid: &Cid) -> Result<bool, Error> {
        let id = self.server(server)?;
        let mut statement = self
            .connection
            .prepare_cached("DELETE FROM outbox WHERE server = ?1 AND cid = ?2 AND pos IS NULL")?;
        Ok(statement.execute(params![id, cid])? > 0)
    }
}
