//! What others have not read yet.

use rusqlite::{OptionalExtension, Row, params};

use super::{Arrival, Page, Past, ServerStore, Standing};
use crate::history::entry::Entry;
use crate::history::error::Error;
use crate::history::limits;
use crate::wire::limits::CONVERSATIONS;
use crate::wire::values::Numbers;
use crate::wire::{Between, Cursor, Fingerprint, N, Person, Pos, Seq, Text};

impl ServerStore {
    /// Whether a client that has read up to this cursor can go on from there.
    ///
    /// A position whose line and [receipt](limits::RECEIPTS) were removed is believed.
    ///
    /// # Errors
    /// The disk's.
    pub fn judge(&self, cursor: &Cursor) -> Result<Standing, Error> {
        if cursor.pos == Pos::ZERO {
            // Whoever has read nothing yet goes on with anything.
            return Ok(Standing::Continues);
        }
        if cursor.epoch != self.epoch {
            return Ok(Standing::OtherEpoch);
        }
        if cursor.pos > self.head()?.pos {
            return Ok(Standing::Ahead);
        }
        let kept: Option<Vec<u8>> = self
            .connection
            .prepare_cached(
                "SELECT hash FROM line WHERE id = ?1
                UNION ALL SELECT hash FROM removed WHERE pos = ?1",
            )?
            .query_row([cursor.pos], |row| row.get(0))
            .optional()?;
        match kept {
            Some(kept) if !cursor.hash.as_bytes().starts_with(&kept) => Ok(Standing::OtherHash),
            _ => Ok(Standing::Continues),
        }
    }

    /// The events after `pos` that `reader` may read; everyone's, where there is no reader.
    ///
    /// A page has at most [`PAGE_EVENTS`](limits::PAGE_EVENTS), and ends after
    /// [`PAGE_BYTES`](limits::PAGE_BYTES) of text. It may be empty though there is more.
    ///
    /// # Errors
    /// The disk's.
    pub fn after(&self, pos: Pos, reader: Option<&Fingerprint>) -> Result<Page, Error> {
        let mut page = Page {
            entries: Vec::new(),
            next: pos,
            more: false,
        };
        let mut statement = self.connection.prepare_cached(
            "SELECT line.id, line.seq, conversation.name, line.sender, line.name, line.kind,
                line.text, line.at, line.hash, line.cid
            FROM line JOIN conversation ON conversation.id = line.conversation
            WHERE line.id > ?1 ORDER BY line.id LIMIT ?2",
        )?;
        let mut rows = statement.query(params![pos, limits::PAGE_EVENTS + 1])?;
        let (mut looked_at, mut bytes) = (0, 0);
        while let Some(row) = rows.next()? {
            if looked_at == limits::PAGE_EVENTS || bytes >= limits::PAGE_BYTES {
                page.more = true;
                break;
            }
            looked_at += 1;
            page.next = row.get(0)?;
            let between: Between = row.get(2)?;
            if reader.is_none_or(|reader| between.seen_by(reader).is_some()) {
                let entry = entry(row, between)?;
                bytes += entry.text.as_ref().len();
                page.entries.push(entry);
            }
        }
        Ok(page)
    }

    /// The last events of a conversation before number `before`, or the newest: at most `limit`,
    /// and never more than [`PAST`](limits::PAST).
    ///
    /// # Errors
    /// The disk's.
    pub fn past(
        &self,
        between: &Between,
        before: Option<Seq>,
        limit: usize,
    ) -> Result<Past, Error> {
        let limit = limit.clamp(1, limits::PAST);
        let found = self
            .connection
            .prepare_cached("SELECT id, head FROM conversation WHERE owner = '' AND name = ?1")?
            .query_row([between], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, u64>(1)?))
            })
            .optional()?;
        let mut past = Past {
            entries: Vec::new(),
            more: false,
            gap: false,
        };
        let Some((id, head)) = found else {
            return Ok(past);
        };
        let end = before.map_or(head + 1, |before| before.get().min(head + 1));
        let mut statement = self.connection.prepare_cached(
            "SELECT id, seq, NULL, sender, name, kind, text, at, hash, cid FROM line
            WHERE conversation = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3",
        )?;
        let mut rows = statement.query(params![id, end, limit + 1])?;
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            if past.entries.len() == limit || bytes >= limits::PAGE_BYTES {
                past.more = true;
                break;
            }
            let entry = entry(row, *between)?;
            bytes += entry.text.as_ref().len();
            past.entries.push(entry);
        }
        past.entries.reverse();
        let start = if past.more {
            past.entries.first().map_or(end, |entry| entry.seq.get())
        } else {
            1
        };
        past.gap = (past.entries.len() as u64) < end.saturating_sub(start);
        Ok(past)
    }

    /// The last number taken from `device` in a conversation; 0 before the first.
    ///
    /// # Errors
    /// The disk's.
    pub fn last(&self, device: &Fingerprint, between: &Between) -> Result<N, Error> {
        let last = self
            .connection
            .prepare_cached(
                "SELECT n FROM counter JOIN conversation ON conversation.id = counter.conversation
                WHERE sender = ?1 AND owner = '' AND name = ?2",
            )?
            .query_row(params![device, between], |row| row.get(0))
            .optional()?;
        Ok(last.unwrap_or_default())
    }

    /// What `device` is welcomed with, who has read up to `cursor` or nothing yet.
    ///
    /// # Errors
    /// The disk's.
    pub fn arrival(&self, device: &Fingerprint, cursor: Option<&Cursor>) -> Result<Arrival, Error> {
        // One state of it: others are writing.
        let _state = self.connection.unchecked_transaction()?;
        Ok(Arrival {
            head: self.head()?,
            numbers: self.numbers(device)?,
            standing: cursor.map_or(Ok(Standing::Continues), |cursor| self.judge(cursor))?,
        })
    }

    /// Whether `person` was met: they have written something here, or something was written to
    /// them by the other one of `between`.
    ///
    /// # Errors
    /// The disk's.
    pub fn knows(&self, person: &Fingerprint, between: &Between) -> Result<bool, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM counter WHERE sender = ?1)
                OR EXISTS (SELECT 1 FROM conversation WHERE owner = '' AND name = ?2)",
        )?;
        Ok(statement.query_row(params![person, between], |row| row.get(0))?)
    }

    /// The last number taken from `device` in each conversation that it has written to, as `welcome`
    /// tells it.
    ///
    /// # Errors
    /// The disk's.
    pub fn numbers(&self, device: &Fingerprint) -> Result<Numbers, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT name, n FROM counter JOIN conversation ON conversation.id = counter.conversation
            WHERE sender = ?1 LIMIT ?2",
        )?;
        let mut rows = statement.query(params![device, CONVERSATIONS])?;
        let mut numbers = Vec::new();
        while let Some(row) = rows.next()? {
            let between: Between = row.get(0)?;
            let conv = between
                .seen_by(device)
                .ok_or_else(|| Error::damaged("a number of a device in others' conversation"))?;
            numbers.push((conv, row.get(1)?));
        }
        Ok(Numbers::new(numbers))
    }
}

fn entry(row: &Row<'_>, between: Between) -> rusqlite::Result<Entry> {
    let text = row.get_ref(6)?.as_str()?;
    Ok(Entry {
        pos: row.get(0)?,
        seq: row.get(1)?,
        between,
        from: Person {
            id: row.get(3)?,
            name: row.get(4)?,
        },
        cid: row.get(9)?,
        kind: row.get(5)?,
        text: Text::fitting(text),
        at: row.get(7)?,
        hash: row.get(8)?,
    })
}
