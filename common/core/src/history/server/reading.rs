//! What others have not read yet.

use rusqlite::{OptionalExtension, Row, params};

use super::inserting::parsed;
use super::{Cursor, Page, Past, ServerStore};
use crate::history::chain::Hash;
use crate::history::error::Error;
use crate::history::event::{Conversation, Epoch, Event, Fingerprint};
use crate::history::kept::clamped;
use crate::history::limits;

impl ServerStore {
    /// Whether a client that has read up to `pos`, where the running hash was `hash`, can go on
    /// from there.
    ///
    /// A position whose line and [receipt](limits::RECEIPTS) were removed is believed.
    ///
    /// # Errors
    /// The disk's.
    pub fn cursor(&self, epoch: &Epoch, pos: u64, hash: &Hash) -> Result<Cursor, Error> {
        if *epoch != self.epoch {
            // Whoever has read nothing yet goes on with anything.
            return Ok(if pos == 0 {
                Cursor::Continues
            } else {
                Cursor::OtherEpoch
            });
        }
        if pos == 0 {
            return Ok(Cursor::Continues);
        }
        if pos > self.head()?.pos {
            return Ok(Cursor::Ahead);
        }
        let kept: Option<Vec<u8>> = self
            .connection
            .prepare_cached(
                "SELECT hash FROM line WHERE id = ?1
                UNION ALL SELECT hash FROM removed WHERE pos = ?1",
            )?
            .query_row([pos], |row| row.get(0))
            .optional()?;
        match kept {
            Some(kept) if !hash.starts_with(&kept) => Ok(Cursor::OtherHash),
            _ => Ok(Cursor::Continues),
        }
    }

    /// The events after `pos` that `reader` may read; everyone's, where there is no reader.
    ///
    /// A page has at most [`PAGE_EVENTS`](limits::PAGE_EVENTS), and ends after
    /// [`PAGE_BYTES`](limits::PAGE_BYTES) of text. It may be empty though there is more.
    ///
    /// # Errors
    /// The disk's.
    pub fn after(&self, pos: u64, reader: Option<&Fingerprint>) -> Result<Page, Error> {
        let mut page = Page {
            events: Vec::new(),
            next: pos,
            more: false,
        };
        let mut statement = self.connection.prepare_cached(
            "SELECT line.id, line.seq, conversation.name, line.sender, line.name, line.kind,
                line.text, line.at, line.hash
            FROM line JOIN conversation ON conversation.id = line.conversation
            WHERE line.id > ?1 ORDER BY line.id LIMIT ?2",
        )?;
        let mut rows = statement.query(params![clamped(pos), limits::PAGE_EVENTS + 1])?;
        let (mut looked_at, mut bytes) = (0, 0);
        while let Some(row) = rows.next()? {
            if looked_at == limits::PAGE_EVENTS || bytes >= limits::PAGE_BYTES {
                page.more = true;
                break;
            }
            looked_at += 1;
            page.next = row.get(0)?;
            let conversation = parsed(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?;
            if reader.is_none_or(|reader| conversation.includes(reader)) {
                let event = event(row, conversation)?;
                bytes += event.text.len();
                page.events.push(event);
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
        conversation: &Conversation,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Past, Error> {
        let limit = limit.clamp(1, limits::PAST);
        let found = self
            .connection
            .prepare_cached("SELECT id, head FROM conversation WHERE owner = '' AND name = ?1")?
            .query_row([conversation.to_string()], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, u64>(1)?))
            })
            .optional()?;
        let mut past = Past {
            events: Vec::new(),
            more: false,
            gap: false,
        };
        let Some((id, head)) = found else {
            return Ok(past);
        };
        let end = before.map_or(head + 1, |before| before.min(head + 1));
        let mut statement = self.connection.prepare_cached(
            "SELECT id, seq, NULL, sender, name, kind, text, at, hash FROM line
            WHERE conversation = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3",
        )?;
        let mut rows = statement.query(params![id, end, limit + 1])?;
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            if past.events.len() == limit || bytes >= limits::PAGE_BYTES {
                past.more = true;
                break;
            }
            let event = event(row, *conversation)?;
            bytes += event.text.len();
            past.events.push(event);
        }
        past.events.reverse();
        let start = if past.more {
            past.events.first().map_or(end, |event| event.seq)
        } else {
            1
        };
        past.gap = (past.events.len() as u64) < end.saturating_sub(start);
        Ok(past)
    }

    /// The last number taken from `device` in a conversation; 0 before the first.
    ///
    /// # Errors
    /// The disk's.
    pub fn last(&self, device: &Fingerprint, conversation: &Conversation) -> Result<u64, Error> {
        let last = self
            .connection
            .prepare_cached(
                "SELECT n FROM counter JOIN conversation ON conversation.id = counter.conversation
                WHERE sender = ?1 AND owner = '' AND name = ?2",
            )?
            .query_row(params![device, conversation.to_string()], |row| row.get(0))
            .optional()?;
        Ok(last.unwrap_or(0))
    }

    /// The last number taken from `device` in each conversation that it has written to, as `welcome`
    /// tells it; at most [`CONVERSATIONS`](limits::CONVERSATIONS), those that began last.
    ///
    /// # Errors
    /// The disk's.
    pub fn numbers(&self, device: &Fingerprint) -> Result<Vec<(Conversation, u64)>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT name, n FROM counter JOIN conversation ON conversation.id = counter.conversation
            WHERE sender = ?1 ORDER BY conversation.id DESC LIMIT ?2",
        )?;
        let mut rows = statement.query(params![device, limits::CONVERSATIONS])?;
        let mut numbers = Vec::new();
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            numbers.push((parsed(&name)?, row.get(1)?));
        }
        Ok(numbers)
    }
}

fn event(row: &Row<'_>, conversation: Conversation) -> rusqlite::Result<Event> {
    Ok(Event {
        pos: row.get(0)?,
        seq: row.get(1)?,
        conversation,
        sender: row.get(3)?,
        name: row.get(4)?,
        kind: row.get(5)?,
        text: row.get(6)?,
        at: row.get(7)?,
        hash: row.get(8)?,
    })
}
