//! Taking what is said.

use rusqlite::{OptionalExtension, params};

use super::{Head, Inserted, Message, Receipt, Said, ServerStore};
use crate::history::chain;
use crate::history::error::Error;
use crate::history::event::{Conversation, Event, check_lengths};

impl ServerStore {
    /// Takes a message, within a transaction.
    ///
    /// # Errors
    /// [`Error::TooLong`] and the disk's.
    pub fn insert(&self, message: &Message) -> Result<Inserted, Error> {
        check_lengths(&message.name, &message.kind, &message.text)?;
        if let Some(answer) = self.known(message)? {
            return Ok(answer);
        }
        let expected = self.last(&message.sender, &message.conversation)? + 1;
        if message.n != expected {
            return Ok(Inserted::OutOfOrder { expected });
        }
        let conversation = self.conversation(&message.conversation)?;
        let event = self.append(
            conversation,
            &Said {
                sender: Some(message.sender),
                name: message.name.clone(),
                conversation: message.conversation,
                kind: message.kind.clone(),
                text: message.text.clone(),
                at: message.at,
            },
        )?;
        let connection = &self.connection;
        connection
            .prepare_cached(
                "INSERT INTO receipt (sender, cid, conversation, seq, pos, at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                message.sender,
                message.cid,
                conversation,
                event.seq,
                event.pos,
                event.at
            ])?;
        connection
            .prepare_cached(
                "INSERT INTO counter (sender, conversation, n) VALUES (?1, ?2, ?3)
                ON CONFLICT DO UPDATE SET n = excluded.n",
            )?
            .execute(params![message.sender, conversation, expected])?;
        Ok(Inserted::New(event))
    }

    /// Takes what somebody said who asks for no acknowledgement, within a transaction.
    ///
    /// # Errors
    /// [`Error::TooLong`] and the disk's.
    pub fn insert_said(&self, said: &Said) -> Result<Event, Error> {
        check_lengths(&said.name, &said.kind, &said.text)?;
        let conversation = self.conversation(&said.conversation)?;
        self.append(conversation, said)
    }

    /// The newest event.
    ///
    /// # Errors
    /// The disk's.
    pub fn head(&self) -> Result<Head, Error> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT pos, hash FROM head")?;
        Ok(statement.query_row([], |row| {
            Ok(Head {
                pos: row.get(0)?,
                hash: row.get(1)?,
            })
        })?)
    }

    /// What is answered to a message that was taken before.
    fn known(&self, message: &Message) -> Result<Option<Inserted>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT conversation.name, receipt.seq, receipt.pos, receipt.at, line.text
            FROM receipt JOIN conversation ON conversation.id = receipt.conversation
            LEFT JOIN line ON line.id = receipt.pos
            WHERE receipt.sender = ?1 AND receipt.cid = ?2",
        )?;
        let found = statement
            .query_row((message.sender, message.cid), |row| {
                let name: String = row.get(0)?;
                let text: Option<String> = row.get(4)?;
                Ok((name, row.get(1)?, row.get(2)?, row.get(3)?, text))
            })
            .optional()?;
        let Some((name, seq, pos, at, text)) = found else {
            return Ok(None);
        };
        let conversation = parsed(&name)?;
        // A text that retention removed cannot be compared any more.
        let is_same = text.is_none_or(|text| text == message.text);
        if !is_same || conversation != message.conversation {
            return Ok(Some(Inserted::BadCid));
        }
        Ok(Some(Inserted::Again(Receipt {
            conversation,
            seq,
            pos,
            at,
        })))
    }

    /// The row of a conversation, made as needed.
    fn conversation(&self, conversation: &Conversation) -> Result<i64, Error> {
        let name = conversation.to_string();
        let mut find = self
            .connection
            .prepare_cached("SELECT id FROM conversation WHERE owner = '' AND name = ?1")?;
        if let Some(id) = find.query_row([&name], |row| row.get(0)).optional()? {
            return Ok(id);
        }
        self.connection
            .execute("INSERT INTO conversation (name) VALUES (?1)", [&name])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Makes an event of what was said, after the newest one.
    fn append(&self, conversation: i64, said: &Said) -> Result<Event, Error> {
        let connection = &self.connection;
        let head = self.head()?;
        let seq = connection
            .prepare_cached("UPDATE conversation SET head = head + 1 WHERE id = ?1 RETURNING head")?
            .query_row([conversation], |row| row.get(0))?;
        let mut event = Event {
            pos: head.pos + 1,
            seq,
            conversation: said.conversation,
            sender: said.sender,
            name: said.name.clone(),
            kind: said.kind.clone(),
            text: said.text.clone(),
            at: said.at,
            hash: head.hash,
        };
        event.hash = chain::next(&head.hash, &event);
        connection
            .prepare_cached(
                "INSERT INTO line (id, conversation, seq, sender, name, kind, text, at, hash)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                event.pos,
                conversation,
                event.seq,
                event.sender,
                event.name,
                event.kind,
                event.text,
                event.at,
                event.hash
            ])?;
        self.changes.add(event.pos, conversation, &event.text);
        connection
            .prepare_cached("UPDATE head SET pos = ?1, hash = ?2")?
            .execute(params![event.pos, event.hash])?;
        Ok(event)
    }
}

/// A name of a conversation that we wrote.
pub(super) fn parsed(name: &str) -> Result<Conversation, Error> {
    name.parse()
        .map_err(|_| Error::damaged("a conversation has no name of ours"))
}
