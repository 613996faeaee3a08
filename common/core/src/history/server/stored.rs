//! How far readers have stored what was written to them alone: whoever wrote it may be away when they do.

use std::cmp::Reverse;
use std::collections::HashMap;

use rusqlite::{OptionalExtension, params};

use super::ServerStore;
use crate::history::error::Error;
use crate::history::limits;
use crate::wire::limits::CONVERSATIONS;
use crate::wire::{Between, Conv, Fingerprint, Pos, Seq};

impl ServerStore {
    /// Notes, within a transaction, that `reader` has stored everything up to `pos`. That is done of those
    /// alone to whom somebody has written: there are no more of them than conversations.
    ///
    /// # Errors
    /// The disk's.
    pub fn note_stored(&self, reader: &Fingerprint, pos: Pos) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO reader (identity, pos) VALUES (?1, ?2)
                ON CONFLICT DO UPDATE SET pos = max(pos, excluded.pos)",
            )?
            .execute(params![reader, pos])?;
        Ok(())
    }

    /// Up to where others have stored what `author` and they have written to each other: the newest
    /// [`SEEN`](limits::SEEN) conversations in which the author has written. `later` is what is known of
    /// readers and not noted yet.
    ///
    /// # Errors
    /// The disk's.
    pub fn stored_by_others(
        &self,
        author: &Fingerprint,
        later: &HashMap<Fingerprint, Pos>,
    ) -> Result<Vec<(Fingerprint, Seq)>, Error> {
        let mut conversations = self.connection.prepare_cached(
            "SELECT conversation.id, conversation.name FROM counter
            JOIN conversation ON conversation.id = counter.conversation
            WHERE counter.sender = ?1 LIMIT ?2",
        )?;
        let mut last = self.connection.prepare_cached(
            "SELECT id, seq FROM line WHERE conversation = ?1 AND id <= ?2
            ORDER BY id DESC LIMIT 1",
        )?;
        let mut stored: Vec<(Pos, Fingerprint, Seq)> = Vec::new();
        let mut rows = conversations.query(params![author, CONVERSATIONS])?;
        while let Some(row) = rows.next()? {
            let between: Between = row.get(1)?;
            let Some(Conv::With(reader)) = between.seen_by(author) else {
                continue;
            };
            let noted = self.stored_by(&reader)?;
            let until = noted.max(later.get(&reader).copied());
            let Some(until) = until.filter(|_| reader != *author) else {
                continue;
            };
            let found = last
                .query_row(params![row.get::<_, i64>(0)?, until], |row| {
                    Ok((row.get(0)?, reader, row.get(1)?))
                })
                .optional()?;
            stored.extend(found);
        }
        stored.sort_unstable_by_key(|(pos, ..)| Reverse(*pos));
        stored.truncate(limits::SEEN);
        Ok(stored
            .into_iter()
            .map(|(_, reader, seq)| (reader, seq))
            .collect())
    }

    /// Who wrote to `reader` what is not noted as stored, up to `pos` where they have stored everything, and
    /// the number of the last. So many [events](limits::PAGE_EVENTS) before it are looked at: what was
    /// stored and not told of was under way.
    ///
    /// # Errors
    /// The disk's.
    pub fn newly_stored(
        &self,
        reader: &Fingerprint,
        pos: Pos,
    ) -> Result<Vec<(Fingerprint, Seq)>, Error> {
        let noted = self.stored_by(reader)?.unwrap_or_default();
        let mut statement = self.connection.prepare_cached(
            "SELECT conversation.name, line.seq, line.sender FROM line
            JOIN conversation ON conversation.id = line.conversation
            WHERE line.id > ?1 AND line.id <= ?2 ORDER BY line.id DESC LIMIT ?3",
        )?;
        let mut rows = statement.query(params![noted, pos, limits::PAGE_EVENTS])?;
        let mut stored: HashMap<Fingerprint, Seq> = HashMap::new();
        while let Some(row) = rows.next()? {
            let between: Between = row.get(0)?;
            let author: Option<Fingerprint> = row.get(2)?;
            if let Some(Conv::With(other)) = between.seen_by(reader)
                && author == Some(other)
                && other != *reader
            {
                stored.entry(other).or_insert(row.get(1)?);
            }
        }
        Ok(stored.into_iter().collect())
    }

    fn stored_by(&self, reader: &Fingerprint) -> Result<Option<Pos>, Error> {
        let pos = self
            .connection
            .prepare_cached("SELECT pos FROM reader WHERE identity = ?1")?
            .query_row([reader], |row| row.get(0))
            .optional()?;
        Ok(pos)
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use tempfile::TempDir;

    use super::*;
    use crate::history::server::{Inserted, Message};
    use crate::history::{Store, schema};
    use crate::wire::{At, Cid, N};

    const ANA: Fingerprint = Fingerprint::from_bytes([1; 32]);
    const BO: Fingerprint = Fingerprint::from_bytes([2; 32]);
    const EVE: Fingerprint = Fingerprint::from_bytes([3; 32]);

    fn store() -> (TempDir, ServerStore) {
        let folder = tempfile::tempdir().expect("a folder");
        let opened = ServerStore::open(&folder.path().join("server.db")).expect("a new one");
        (folder, opened.store)
    }

    fn pos(number: u64) -> Pos {
        Pos::try_from(number).expect("small")
    }

    fn seq(number: u64) -> Seq {
        Seq::try_from(number).expect("small")
    }

    /// Returns where it is.
    fn write(store: &mut ServerStore, from: Fingerprint, between: Between, n: u64) -> Pos {
        let message = Message {
            sender: from,
            name: "Somebody".parse().expect("a label"),
            cid: Cid::random().expect("random bytes"),
            n: N::try_from(n).expect("small"),
            between,
            text: "psst".parse().expect("a text"),
            at: At::ZERO,
        };
        match store.commit(|store| store.insert(&message)) {
            Ok(Inserted::New(entry)) => entry.pos,
            other => panic!("not new: {other:?}"),
        }
    }

    fn note(store: &mut ServerStore, reader: &Fingerprint, at: u64) {
        store
            .commit(|store| store.note_stored(reader, pos(at)))
            .expect("there is room");
    }

    #[test]
    fn an_author_knows_how_far_the_others_have_stored_it() {
        let (_folder, mut store) = store();
        let (of_bo, of_eve) = (Between::two(ANA, BO), Between::two(ANA, EVE));
        write(&mut store, ANA, of_bo, 1);
        write(&mut store, ANA, Between::Room, 1);
        write(&mut store, ANA, of_eve, 1);
        write(&mut store, ANA, of_bo, 2);
        write(&mut store, BO, of_bo, 1);
        let none = HashMap::new();
        let told = |store: &ServerStore, who, later: &HashMap<_, _>| {
            store.stored_by_others(&who, later).expect("it reads")
        };
        assert_eq!(told(&store, ANA, &none), [], "nobody has said so");
        note(&mut store, &BO, 1);
        assert_eq!(told(&store, ANA, &none), [(BO, seq(1))]);
        note(&mut store, &BO, 4);
        note(&mut store, &BO, 2);
        assert_eq!(
            told(&store, ANA, &none),
            [(BO, seq(2))],
            "it never goes back"
        );
        // The newest first, and what is not noted yet counts.
        let later = HashMap::from([(EVE, pos(3)), (BO, pos(1))]);
        assert_eq!(told(&store, ANA, &later), [(BO, seq(2)), (EVE, seq(1))]);
        assert_eq!(told(&store, BO, &later), [], "Ana has not said so");
        assert_eq!(told(&store, EVE, &later), [], "Eve wrote to nobody");
    }

    #[test]
    fn a_database_from_before_learns_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("server.db");
        let mut connection = Connection::open(&path).expect("a database");
        let transaction = connection.transaction().expect("nobody else writes");
        for step in &schema::SERVER.steps[..2] {
            step(&transaction).expect("it is new");
        }
        for (pragma, value) in [
            ("application_id", schema::SERVER.application),
            ("user_version", 2),
        ] {
            transaction.pragma_update(None, pragma, value).expect("new");
        }
        transaction.commit().expect("there is room");
        drop(connection);
        let mut store = ServerStore::open(&path).expect("version 2").store;
        write(&mut store, ANA, Between::two(ANA, BO), 1);
        note(&mut store, &BO, 1);
        drop(store);
        let opened = ServerStore::open(&path).expect("version 3");
        let told = opened.store.stored_by_others(&ANA, &HashMap::new());
        assert_eq!(told.expect("it reads"), [(BO, seq(1))]);
        assert_eq!(opened.set_aside, None);
    }

    #[test]
    fn what_a_reader_stored_without_saying_so_is_found_once() {
        let (_folder, mut store) = store();
        let between = Between::two(ANA, BO);
        write(&mut store, ANA, between, 1);
        write(&mut store, ANA, between, 2);
        write(&mut store, EVE, Between::two(EVE, BO), 1);
        write(&mut store, BO, between, 1);
        let newly = |store: &ServerStore, at| {
            let mut newly = store.newly_stored(&BO, pos(at)).expect("it reads");
            newly.sort_unstable();
            newly
        };
        assert_eq!(newly(&store, 1), [(ANA, seq(1))]);
        assert_eq!(newly(&store, 4), [(ANA, seq(2)), (EVE, seq(1))]);
        note(&mut store, &BO, 2);
        assert_eq!(newly(&store, 4), [(EVE, seq(1))]);
        note(&mut store, &BO, 4);
        assert_eq!(newly(&store, 4), []);
        assert_eq!(store.newly_stored(&EVE, pos(4)).expect("it reads"), []);
        // However much it was, a page of it is looked at.
        let late = (0..limits::PAGE_EVENTS as u64).map(|n| n + 1);
        let at = late.fold(pos(4), |_, n| write(&mut store, EVE, Between::Room, n));
        assert_eq!(store.newly_stored(&ANA, at).expect("it reads"), []);
        assert_eq!(
            store.newly_stored(&ANA, pos(4)).expect("it reads"),
            [(BO, seq(3))]
        );
    }
}
