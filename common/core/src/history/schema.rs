//! The tables. A step that was ever released is never changed; a new one follows it.
//!
//! Both kinds of database have `conversation` and `line` with the same columns as far as searching,
//! removing and exporting look at them: `line.id` is `pos` on a server and the order of arrival on a
//! client.

use rusqlite::Transaction;

use super::database::Schema;
use super::error::Error;
use super::index;
use crate::wire::{Epoch, Pos, chain};

/// What a server keeps.
pub(super) const SERVER: Schema = Schema {
    // "HlSv"
    application: 0x486c_5376,
    steps: &[server_tables, index::create, server_readers],
    probe: "SELECT epoch, pos, hash FROM head",
};

/// What a client keeps.
pub(super) const CLIENT: Schema = Schema {
    // "HlCl"
    application: 0x486c_436c,
    steps: &[client_tables, index::create],
    probe: "SELECT count(*), max(pos) FROM server",
};

/// `head` has one row: the newest position, its hash and what the hashes began with.
///
/// `receipt` is who sent what (`UNIQUE(sender, cid)`); it outlives the line that it is about, so it
/// has a digest of the `cid` and not the `cid`: that goes with the text, which could be tried
/// against the hashes otherwise.
/// `counter` is the last number of a device in a conversation. `removed` holds the beginnings of
/// the hashes of lines that are gone, so that a cursor there can still be judged.
fn server_tables(transaction: &Transaction<'_>) -> Result<(), Error> {
    transaction.execute_batch(
        "CREATE TABLE head (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            epoch BLOB NOT NULL, pos INTEGER NOT NULL, hash BLOB NOT NULL);
        CREATE TABLE conversation (
            id INTEGER PRIMARY KEY, owner TEXT NOT NULL DEFAULT '', name TEXT NOT NULL,
            head INTEGER NOT NULL DEFAULT 0, UNIQUE (owner, name));
        CREATE TABLE line (
            id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL REFERENCES conversation,
            seq INTEGER NOT NULL, sender BLOB, name TEXT NOT NULL, kind TEXT NOT NULL,
            cid BLOB NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL, hash BLOB NOT NULL,
            UNIQUE (conversation, seq));
        CREATE INDEX line_in_conversation ON line (conversation, id);
        CREATE INDEX line_at ON line (at);
        CREATE TABLE receipt (
            sender BLOB NOT NULL, digest BLOB NOT NULL,
            conversation INTEGER NOT NULL REFERENCES conversation, seq INTEGER NOT NULL,
            pos INTEGER NOT NULL UNIQUE, at INTEGER NOT NULL,
            PRIMARY KEY (sender, digest)) WITHOUT ROWID;
        CREATE TABLE counter (
            sender BLOB NOT NULL, conversation INTEGER NOT NULL REFERENCES conversation,
            n INTEGER NOT NULL, PRIMARY KEY (sender, conversation)) WITHOUT ROWID;
        CREATE TABLE removed (pos INTEGER PRIMARY KEY, hash BLOB NOT NULL);",
    )?;
    let epoch = Epoch::random()?;
    transaction.execute(
        "INSERT INTO head (only, epoch, pos, hash) VALUES (1, ?1, ?2, ?3)",
        (epoch, Pos::ZERO, chain::start(&epoch)),
    )?;
    #[cfg(feature = "faults")]
    if crate::faults::is_on(crate::faults::Fault::NoUnique) {
        transaction.execute_batch(
            "DROP TABLE receipt;
            CREATE TABLE receipt (sender, digest, conversation, seq, pos, at);",
        )?;
    }
    Ok(())
}

/// `reader` is how far people have stored everything to whom somebody has written.
fn server_readers(transaction: &Transaction<'_>) -> Result<(), Error> {
    transaction.execute_batch(
        "CREATE TABLE reader (identity BLOB PRIMARY KEY, pos INTEGER NOT NULL) WITHOUT ROWID;",
    )?;
    Ok(())
}

/// `server` holds a cursor for each server: `checking` is the head up to which a history is read
/// again after a reset, and `generation` counts the resets; a line has that of the history that it
/// was last seen in.
///
/// `line.lost` is 0 for what its server has or what never was a server's, 1 for what it may have
/// lost, 2 for what it has lost. `outbox.pos` is what an acknowledgement said, until that event
/// has arrived.
fn client_tables(transaction: &Transaction<'_>) -> Result<(), Error> {
    transaction.execute_batch(
        "CREATE TABLE server (
            id INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL UNIQUE, epoch BLOB NOT NULL,
            pos INTEGER NOT NULL, hash BLOB NOT NULL, checking INTEGER,
            generation INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE conversation (
            id INTEGER PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL,
            UNIQUE (owner, name));
        CREATE TABLE line (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation INTEGER NOT NULL REFERENCES conversation,
            seq INTEGER, sender BLOB, name TEXT NOT NULL, kind TEXT NOT NULL,
            text TEXT NOT NULL, at INTEGER NOT NULL, hash BLOB,
            server INTEGER REFERENCES server, pos INTEGER, generation INTEGER,
            outgoing INTEGER NOT NULL DEFAULT 0, state INTEGER NOT NULL DEFAULT 0,
            lost INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX line_in_conversation ON line (conversation, id);
        CREATE INDEX line_at ON line (at);
        CREATE UNIQUE INDEX line_of_server ON line (server, pos)
            WHERE server IS NOT NULL AND lost = 0;
        CREATE INDEX line_in_doubt ON line (server, pos) WHERE lost = 1;
        CREATE INDEX line_lost ON line (server) WHERE lost = 2;
        CREATE INDEX line_queued ON line (id) WHERE state = 1;
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT, server INTEGER NOT NULL REFERENCES server,
            conversation TEXT NOT NULL, cid BLOB NOT NULL, text TEXT NOT NULL,
            bytes INTEGER NOT NULL, at INTEGER NOT NULL, pos INTEGER, UNIQUE (server, cid));
        CREATE INDEX outbox_size ON outbox (server, bytes);",
    )?;
    Ok(())
}
