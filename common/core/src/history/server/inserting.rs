//! Taking what is said.

use rusqlite::{OptionalExtension, params};

use super::{Head, Inserted, Message, Receipt, Said, ServerStore};
use crate::crypto::sha256;
use crate::history::entry::{Entry, check_length};
use crate::history::error::Error;
use crate::wire::event::Kind;
use crate::wire::limits::CONVERSATIONS;
use crate::wire::{At, Between, Cid, Fingerprint, Hash, N, Person, Pos, Seq, Text, chain};

impl ServerStore {
    /// Takes a message, within a transaction.
    ///
    /// # Errors
    /// [`Error::TooManyConversations`] and the disk's.
    pub fn insert(&self, message: &Message) -> Result<Inserted, Error> {
        if let Some(answer) = self.known(message)? {
            return Ok(answer);
        }
        let last = self.last(&message.sender, &message.between)?;
        let expected = last
            .next()
            .ok_or_else(|| at_its_end("a device's numbers"))?;
        if message.n != expected {
            return Ok(Inserted::OutOfOrder { expected });
        }
        if last == N::ZERO {
            self.may_begin(&message.sender, &message.between)?;
        }
        let conversation = self.conversation(&message.between)?;
        let from = Person {
            id: Some(message.sender),
            name: message.name.clone(),
        };
        let entry = self.append(
            conversation,
            New {
                between: message.between,
                from,
                cid: message.cid,
                kind: Kind::Text,
                text: message.text.clone(),
                whole: message.text.as_ref(),
                at: message.at,
            },
        )?;
        let connection = &self.connection;
        connection
            .prepare_cached(
                "INSERT INTO receipt (sender, digest, conversation, seq, pos, at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                message.sender,
                digest(&message.cid),
                conversation,
                entry.seq,
                entry.pos,
                entry.at
            ])?;
        connection
            .prepare_cached(
                "INSERT INTO counter (sender, conversation, n) VALUES (?1, ?2, ?3)
                ON CONFLICT DO UPDATE SET n = excluded.n",
            )?
            .execute(params![message.sender, conversation, expected])?;
        Ok(Inserted::New(entry))
    }

    /// Takes what somebody said who asks for no acknowledgement, within a transaction.
    ///
    /// # Errors
    /// [`Error::TooLong`] and the disk's.
    pub fn insert_said(&self, said: &Said) -> Result<Entry, Error> {
        check_length(&said.text)?;
        let conversation = self.conversation(&said.between)?;
        self.append(
            conversation,
            New {
                between: said.between,
                from: said.from.clone(),
                cid: Cid::random()?,
                kind: said.kind.clone(),
                text: Text::fitting(&said.text),
                whole: &said.text,
                at: said.at,
            },
        )
    }

    /// A welcome tells the numbers of all conversations that a device has written to, so they have
    /// an end. The room is always one of them.
    fn may_begin(&self, sender: &Fingerprint, between: &Between) -> Result<(), Error> {
        if *between == Between::Room {
            return Ok(());
        }
        let others: usize = self
            .connection
            .prepare_cached(
                "SELECT count(*) FROM counter
                JOIN conversation ON conversation.id = counter.conversation
                WHERE sender = ?1 AND name <> ?2",
            )?
            .query_row(params![sender, Between::Room], |row| row.get(0))?;
        if others + 1 >= CONVERSATIONS {
            return Err(Error::TooManyConversations {
                limit: CONVERSATIONS,
            });
        }
        Ok(())
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
        #[cfg(feature = "faults")]
        if crate::faults::is_on(crate::faults::Fault::NoUnique) {
            return Ok(None);
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT conversation.name, receipt.seq, receipt.pos, receipt.at, line.text
            FROM receipt JOIN conversation ON conversation.id = receipt.conversation
            LEFT JOIN line ON line.id = receipt.pos
            WHERE receipt.sender = ?1 AND receipt.digest = ?2",
        )?;
        let found = statement
            .query_row(params![message.sender, digest(&message.cid)], |row| {
                let receipt = Receipt {
                    between: row.get(0)?,
                    seq: row.get(1)?,
                    pos: row.get(2)?,
                    at: row.get(3)?,
                };
                Ok((receipt, row.get::<_, Option<Text>>(4)?))
            })
            .optional()?;
        let Some((receipt, text)) = found else {
            return Ok(None);
        };
        // A text that retention removed cannot be compared any more.
        let is_same = text.is_none_or(|text| text == message.text);
        if !is_same || receipt.between != message.between {
            return Ok(Some(Inserted::BadCid));
        }
        Ok(Some(Inserted::Again(receipt)))
    }

    /// The row of a conversation, made as needed.
    fn conversation(&self, between: &Between) -> Result<i64, Error> {
        let mut find = self
            .connection
            .prepare_cached("SELECT id FROM conversation WHERE owner = '' AND name = ?1")?;
        if let Some(id) = find.query_row([between], |row| row.get(0)).optional()? {
            return Ok(id);
        }
        self.connection
            .execute("INSERT INTO conversation (name) VALUES (?1)", [between])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Makes an entry of what was said, after the newest one.
    fn append(&self, conversation: i64, new: New<'_>) -> Result<Entry, Error> {
        let connection = &self.connection;
        let head = self.head()?;
        let seq: Seq = connection
            .prepare_cached("UPDATE conversation SET head = head + 1 WHERE id = ?1 RETURNING head")?
            .query_row([conversation], |row| row.get(0))?;
        let pos: Pos = head.pos.next().ok_or_else(|| at_its_end("the history"))?;
        let mut entry = Entry {
            pos,
            seq,
            between: new.between,
            from: new.from,
            cid: new.cid,
            kind: new.kind,
            text: new.text,
            at: new.at,
            hash: head.hash,
        };
        entry.hash = chain::next(&head.hash, &entry.kept());
        connection
            .prepare_cached(
                "INSERT INTO line (id, conversation, seq, sender, name, kind, cid, text, at, hash)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                entry.pos,
                conversation,
                entry.seq,
                entry.from.id,
                entry.from.name,
                entry.kind,
                entry.cid,
                new.whole,
                entry.at,
                entry.hash
            ])?;
        self.changes.add(entry.pos.get(), conversation, new.whole);
        connection
            .prepare_cached("UPDATE head SET pos = ?1, hash = ?2")?
            .execute(params![entry.pos, entry.hash])?;
        Ok(entry)
    }
}

/// What is to become an entry.
struct New<'a> {
    between: Between,
    from: Person,
    cid: Cid,
    kind: Kind,
    text: Text,
    /// What `text` was cut from.
    whole: &'a str,
    at: At,
}

/// What a receipt knows a message by.
fn digest(cid: &Cid) -> Hash {
    Hash::from_bytes(sha256(&[b"hallway receipt\n", cid.as_bytes()]))
}

/// Nobody counts that far.
fn at_its_end(what: &str) -> Error {
    Error::damaged(format!("{what} has come to its last number"))
}
