//! How far each server's history was read, and what of it is held here.

use rusqlite::{OptionalExtension, params};

use super::{ClientStore, Owner};
use crate::faults::{Point, reach};
use crate::history::error::Error;
use crate::wire::{Cursor, Epoch, Event, Fingerprint, Hash, Pos, chain};

/// What became of events that a server sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The position of the newest event that was stored.
    pub pos: Pos,
    /// How many of them had not been held yet.
    pub new: usize,
    /// With these events, reading again after a reset has come to its end: so many events are
    /// held here that the server has lost.
    pub lost: Option<u64>,
}

impl ClientStore {
    /// How far this server's history is held. None for one that is unknown here; position 0 where
    /// nothing is held yet, and an epoch of zeros for one that was written to and never met.
    ///
    /// # Errors
    /// The disk's.
    pub fn held(&self, server: &Fingerprint) -> Result<Option<Cursor>, Error> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT epoch, pos, hash FROM server WHERE fingerprint = ?1")?;
        Ok(statement
            .query_row([server], |row| {
                Ok(Cursor {
                    epoch: row.get(0)?,
                    pos: row.get(1)?,
                    hash: row.get(2)?,
                })
            })
            .optional()?)
    }

    /// A session with this server begins, at its `welcome`, within a transaction: remembers which
    /// history it has.
    ///
    /// What had been acknowledged and was never seen as an event is to be sent again: an older
    /// backup may have come back that has lost it, and under its `cid` it cannot be doubled.
    ///
    /// # Errors
    /// The disk's; [`Error::Diverged`] where another history of it is known and no
    /// [`reset`](Self::reset) came.
    pub fn meet(&self, server: &Fingerprint, epoch: &Epoch) -> Result<(), Error> {
        let id = self.server(server)?;
        let held = self.held(server)?;
        if let Some(held) = held.filter(|held| held.epoch != *epoch) {
            if held.pos > Pos::ZERO {
                return Err(Error::Diverged { pos: held.pos });
            }
            self.connection.execute(
                "UPDATE server SET epoch = ?2, hash = ?3 WHERE id = ?1",
                params![id, epoch, chain::start(epoch)],
            )?;
        }
        self.send_again(id)
    }

    /// The server has another history than the one that is held, up to `head`: it is read again
    /// from its beginning, within a transaction.
    ///
    /// Everything held stays, in doubt until the new history has come up to `head`; then what was
    /// not in it is marked as lost. The outbox is as after [`meet`](Self::meet).
    ///
    /// Returns what was lost, where that is known at once.
    ///
    /// # Errors
    /// The disk's.
    pub fn reset(
        &self,
        server: &Fingerprint,
        epoch: &Epoch,
        head: Pos,
    ) -> Result<Option<u64>, Error> {
        let id = self.server(server)?;
        let connection = &self.connection;
        connection.execute(
            "UPDATE server SET epoch = ?2, pos = 0, hash = ?3, checking = ?4,
                generation = generation + 1
            WHERE id = ?1",
            params![id, epoch, chain::start(epoch), head],
        )?;
        connection.execute(
            "UPDATE line SET lost = 1 WHERE server = ?1 AND lost = 0",
            [id],
        )?;
        self.send_again(id)?;
        self.judge_lost(id, Pos::ZERO)
    }

    /// Stores events as they came, and the cursor with them, within a transaction. What was stored
    /// before is passed over.
    ///
    /// # Errors
    /// [`Error::Diverged`] for an event that is not the one held at its
    /// position, and the disk's.
    pub fn store(&self, server: &Fingerprint, events: &[Event]) -> Result<Stored, Error> {
        let id = self.server(server)?;
        let connection = &self.connection;
        let mut pos: Pos = connection
            .prepare_cached("SELECT pos FROM server WHERE id = ?1")?
            .query_row([id], |row| row.get(0))?;
        let mut new = 0;
        #[cfg(feature = "faults")]
        self.move_too_early(id, events)?;
        for event in events {
            if self.keep(server, id, event)? {
                new += 1;
            }
            if event.pos > pos {
                pos = event.pos;
                self.move_cursor(id, event)?;
            }
        }
        connection
            .prepare_cached("DELETE FROM outbox WHERE server = ?1 AND pos <= ?2")?
            .execute(params![id, pos])?;
        let lost = self.judge_lost(id, pos)?;
        Ok(Stored { pos, new, lost })
    }

    /// The server has no more events for this client now, within a transaction: needed where its
    /// newest ones are for others, so that none with the position of its head ever comes. Returns
    /// what was lost, where a history was being read again.
    ///
    /// # Errors
    /// The disk's.
    pub fn caught_up(&self, server: &Fingerprint) -> Result<Option<u64>, Error> {
        let id = self.server(server)?;
        self.judge_lost(id, Pos::MAX)
    }

    /// How many events are held here that this server has lost.
    ///
    /// # Errors
    /// The disk's.
    pub fn lost(&self, server: &Fingerprint) -> Result<u64, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*) FROM line JOIN server ON server.id = line.server
            WHERE fingerprint = ?1 AND lost = 2",
        )?;
        Ok(statement.query_row([server], |row| row.get(0))?)
    }

    /// The row of a server, made as needed: somebody may write to it before it was ever reached.
    pub(super) fn server(&self, server: &Fingerprint) -> Result<i64, Error> {
        let found = self
            .connection
            .prepare_cached("SELECT id FROM server WHERE fingerprint = ?1")?
            .query_row([server], |row| row.get(0))
            .optional()?;
        if let Some(id) = found {
            return Ok(id);
        }
        self.connection.execute(
            "INSERT INTO server (fingerprint, epoch, pos, hash) VALUES (?1, ?2, 0, ?3)",
            params![
                server,
                Epoch::from_bytes([0; 16]),
                Hash::from_bytes([0; 32])
            ],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    fn move_cursor(&self, id: i64, event: &Event) -> Result<(), Error> {
        reach(Point::BeforeCursor);
        self.connection
            .prepare_cached("UPDATE server SET pos = ?2, hash = ?3 WHERE id = ?1")?
            .execute(params![id, event.pos, event.hash])?;
        reach(Point::AfterCursor);
        Ok(())
    }

    #[cfg(feature = "faults")]
    fn move_too_early(&self, id: i64, events: &[Event]) -> Result<(), Error> {
        use crate::faults::{Fault, is_on};

        if !is_on(Fault::CursorApart) {
            return Ok(());
        }
        let Some(event) = events.last() else {
            return Ok(());
        };
        self.connection
            .prepare_cached("UPDATE server SET pos = ?2, hash = ?3 WHERE id = ?1")?
            .execute(params![id, event.pos, event.hash])?;
        // The step and its transaction end here, and others begin.
        self.connection
            .execute_batch("COMMIT; BEGIN IMMEDIATE; SAVEPOINT step;")?;
        reach(Point::AfterCursor);
        Ok(())
    }

    fn send_again(&self, id: i64) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE outbox SET pos = NULL WHERE server = ?1 AND pos NOT NULL")?
            .execute([id])?;
        Ok(())
    }

    /// Keeps one event. False where it is held already.
    fn keep(&self, server: &Fingerprint, id: i64, event: &Event) -> Result<bool, Error> {
        let connection = &self.connection;
        let held: Option<Hash> = connection
            .prepare_cached("SELECT hash FROM line WHERE server = ?1 AND pos = ?2 AND lost = 0")?
            .query_row(params![id, event.pos], |row| row.get(0))
            .optional()?;
        match held {
            Some(hash) if hash == event.hash => return Ok(false),
            Some(_) => return Err(Error::Diverged { pos: event.pos }),
            None => {}
        }
        if self.confirm(id, event)? {
            return Ok(false);
        }
        let conversation = self.conversation(&Owner::Server(*server), &event.conv)?;
        connection
            .prepare_cached(
                "INSERT INTO line (conversation, seq, sender, name, kind, text, at, hash, server,
                    pos, generation)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
                    (SELECT generation FROM server WHERE id = ?9))",
            )?
            .execute(params![
                conversation,
                event.seq,
                event.from.id,
                event.from.name,
                event.kind,
                event.text,
                event.at,
                event.hash,
                id,
                event.pos
            ])?;
        let line = connection.last_insert_rowid().unsigned_abs();
        self.changes.add(line, conversation, event.text.as_ref());
        Ok(true)
    }

    /// Whether this is an event that was in doubt: then it is so no more.
    ///
    /// Its hash stands for everything before it, so nothing before it was lost either; what the
    /// server does not send any more was removed there on purpose.
    fn confirm(&self, id: i64, event: &Event) -> Result<bool, Error> {
        let connection = &self.connection;
        let generation: Option<i64> = connection
            .prepare_cached(
                "SELECT generation FROM line
                WHERE server = ?1 AND pos = ?2 AND lost = 1 AND hash = ?3",
            )?
            .query_row(params![id, event.pos, event.hash], |row| row.get(0))
            .optional()?;
        let Some(generation) = generation else {
            return Ok(false);
        };
        connection
            .prepare_cached(
                "UPDATE line SET lost = 0,
                    generation = (SELECT generation FROM server WHERE id = ?1)
                WHERE server = ?1 AND pos <= ?2 AND lost = 1 AND generation = ?3",
            )?
            .execute(params![id, event.pos, generation])?;
        Ok(true)
    }

    /// Once a history was read again up to its head, what is still in doubt is lost.
    fn judge_lost(&self, id: i64, pos: Pos) -> Result<Option<u64>, Error> {
        let checking: Option<Pos> = self
            .connection
            .prepare_cached("SELECT checking FROM server WHERE id = ?1")?
            .query_row([id], |row| row.get(0))?;
        if checking.is_none_or(|head| pos < head) {
            return Ok(None);
        }
        self.connection
            .execute("UPDATE server SET checking = NULL WHERE id = ?1", [id])?;
        let lost = self.connection.execute(
            "UPDATE line SET lost = 2 WHERE server = ?1 AND lost = 1",
            [id],
        )?;
        Ok(Some(lost as u64))
    }
}
