//! What the databases hold, read beside the programs that write to them.

use std::fs;
use std::ops::Deref;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, Result};
use tempfile::TempDir;

use crate::checker::{Held, Row};

const OF_SERVER: &str = "SELECT seq, text FROM line
    WHERE conversation = (SELECT id FROM conversation WHERE name = 'room') ORDER BY id";

const OF_CLIENT: &str = "SELECT seq, text FROM line
    WHERE server NOT NULL AND lost = 0 ORDER BY pos, id";

/// What a server's database holds.
pub(crate) fn of_server(path: &Path) -> Result<Held> {
    let database = open(path)?;
    Ok(Held {
        rows: rows(&database, OF_SERVER)?,
        ..Held::default()
    })
}

/// What a client's database holds.
pub(crate) fn of_client(path: &Path) -> Result<Held> {
    let database = open(path)?;
    let lost = "SELECT text FROM line WHERE lost = 2 ORDER BY id";
    Ok(Held {
        rows: rows(&database, OF_CLIENT)?,
        lost: texts(&database, lost)?,
        outbox: texts(&database, "SELECT text FROM outbox ORDER BY id")?,
        integrity: String::new(),
    })
}

/// What `SQLite` says of it. It reads all of it.
pub(crate) fn integrity(path: &Path) -> String {
    let told = open(path).and_then(|database| {
        database.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0))
    });
    told.unwrap_or_else(|error| error.to_string())
}

/// A database that is open, and where it is if it had to be copied.
struct Opened {
    database: Connection,
    _copy: Option<TempDir>,
}

impl Deref for Opened {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.database
    }
}

fn open(path: &Path) -> Result<Opened> {
    let copy = path.starts_with("/proc").then(|| copied(path));
    let name = path.file_name().expect("it is a file");
    let path = match &copy {
        Some(copy) => copy.path().join(name),
        None => path.to_owned(),
    };
    Ok(Opened {
        database: Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        _copy: copy,
    })
}

/// A copy of a database that another process sees and we do not: `SQLite` follows a link such as
/// `/proc/PID/root` by its text, which is wrong. It is whole if nothing is written meanwhile.
fn copied(path: &Path) -> TempDir {
    let folder = TempDir::new().expect("there is room for a folder");
    for end in ["", "-wal"] {
        let mut name = path.file_name().expect("it is a file").to_owned();
        name.push(end);
        // Then it cannot be opened.
        let _ = fs::copy(path.with_file_name(&name), folder.path().join(&name));
    }
    folder
}

fn rows(database: &Connection, sql: &str) -> Result<Vec<Row>> {
    let mut statement = database.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        Ok(Row {
            seq: row.get(0)?,
            text: row.get(1)?,
        })
    })?;
    rows.collect()
}

fn texts(database: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut statement = database.prepare(sql)?;
    statement.query_map([], |row| row.get(0))?.collect()
}

/// Copies a database that nobody has open.
pub(crate) fn copy_database(from: &Path, to: &Path) {
    settle(from);
    settle(to);
    fs::copy(from, to).expect("there is a database");
}

/// Brings all of a database that nobody has open into its file.
pub(crate) fn settle(database: &Path) {
    if database.exists() {
        let opened = Connection::open(database).expect("a database of ours");
        // Whoever is the last to close it takes the log along.
        opened
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .expect("nobody else has it open");
    }
}
