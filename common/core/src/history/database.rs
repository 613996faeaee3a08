//! Opening the file: its rights, its version, and what happens when it is damaged.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::error::Error;
use super::index;
use super::limits;
use crate::files::{Folder, Lock};

/// What every database of `SQLite` begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// One change of the tables: from the version that is its place in the list to the next one.
pub(super) type Step = fn(&Transaction<'_>) -> Result<(), Error>;

/// The tables of one kind of database.
pub(super) struct Schema {
    /// Tells the databases of one program from all others (`PRAGMA application_id`).
    pub(super) application: i32,
    /// How the tables came to be. Only ever grows.
    pub(super) steps: &'static [Step],
    /// A question that has an answer in every database of this kind.
    pub(super) probe: &'static str,
}

impl Schema {
    fn version(&self) -> u32 {
        u32::try_from(self.steps.len()).expect("the steps are few")
    }
}

/// Opens the database at `path`, made or brought up to date as needed.
///
/// One that is damaged is set aside: its new name comes second, and a new one is opened.
pub(super) fn open(path: &Path, schema: &Schema) -> Result<(Connection, Option<PathBuf>), Error> {
    let place = Place::of(path)?;
    match attempt(&place, schema) {
        Err(Error::Damaged { .. }) => {}
        opened => return Ok((opened?, None)),
    }
    // Another program may have met the damage too, and made a new one: that must stay.
    let lock = place
        .folder
        .lock(&format!("{}-lock", place.name), limits::LOCK)?;
    match attempt(&place, schema) {
        Err(Error::Damaged { detail }) => {
            let aside = set_aside(&place, &lock)?;
            tracing::warn!(
                "{} is damaged ({detail}); now {}",
                path.display(),
                aside.display()
            );
            Ok((attempt(&place, schema)?, Some(aside)))
        }
        opened => Ok((opened?, None)),
    }
}

/// One more connection to a database that is open, for reading only.
pub(super) fn open_beside(path: &Path) -> Result<Connection, Error> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Remembers that damage was met, so that all is checked when it is opened the next time.
pub(super) fn remember_damage(path: &Path) {
    if let Err(error) = File::create(beside(path, "-check")) {
        tracing::warn!("{}: cannot be marked as damaged: {error}", path.display());
    }
}

/// Where a database is.
pub(super) struct Place<'a> {
    path: &'a Path,
    pub(super) folder: Folder,
    pub(super) name: &'a str,
}

impl<'a> Place<'a> {
    pub(super) fn of(path: &'a Path) -> Result<Self, Error> {
        let name = path.file_name().and_then(|name| name.to_str());
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        Ok(Self {
            path,
            name: name.ok_or_else(|| Error::Io {
                detail: format!("{}: not the name of a file in UTF-8", path.display()),
            })?,
            folder: Folder::open_as_it_is(folder)?,
        })
    }
}

fn attempt(place: &Place<'_>, schema: &Schema) -> Result<Connection, Error> {
    let path = place.path;
    // The log takes over the rights of the database.
    let mut file = place.folder.open_file(place.name)?;
    let length = file.metadata()?.len();
    let mut start = Vec::new();
    (&mut file)
        .take(MAGIC.len() as u64)
        .read_to_end(&mut start)?;
    if length > 0 && start != MAGIC {
        return Err(Error::damaged("it does not begin as a database"));
    }
    drop(file);
    let mut connection = connect(path)?;
    judge(&connection, path, schema).map_err(in_doubt_damaged)?;
    let is_marked = beside(path, "-check").exists();
    check(&connection, path, is_marked).map_err(in_doubt_damaged)?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        return Err(Error::Io {
            detail: format!("the disk allows no write-ahead log, only {mode}"),
        });
    }
    migrate(&mut connection, schema)?;
    if is_marked {
        // All else is whole, so what was met was in the index.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        index::create(&transaction)?;
        transaction.commit()?;
        fs::remove_file(beside(path, "-check"))?;
    }
    connection
        .query_row(schema.probe, [], |_| Ok(()))
        .map_err(|error| in_doubt_damaged(error.into()))?;
    Ok(connection)
}

/// Where nothing was asked for but what is in every database, "that does not work" means damage.
fn in_doubt_damaged(error: Error) -> Error {
    match error {
        Error::Internal { detail } => Error::Damaged { detail },
        error => error,
    }
}

fn connect(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(limits::LOCK)?;
    // What is acknowledged is on the disk, also when the power fails a moment later.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // What was deleted is overwritten with zeros.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "cache_size", -i64::from(limits::CACHE))?;
    connection.pragma_update_and_check(None, "journal_size_limit", limits::LOG, |_| Ok(()))?;
    connection.set_prepared_statement_cache_capacity(64);
    index::open_vocabulary(&connection)?;
    Ok(connection)
}

/// Refuses what is not ours before anything is written to it.
fn judge(connection: &Connection, path: &Path, schema: &Schema) -> Result<(), Error> {
    // One state of it: another program may be making the tables.
    let state = connection.unchecked_transaction()?;
    let application: i32 = pragma(&state, "application_id")?;
    let version: u32 = pragma(&state, "user_version")?;
    if application == 0 && version == 0 {
        let tables: u32 =
            state.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
        if tables == 0 {
            return Ok(());
        }
    }
    if application != schema.application {
        return Err(Error::Foreign { path: path.into() });
    }
    if version > schema.version() {
        return Err(Error::Newer {
            found: version,
            known: schema.version(),
        });
    }
    Ok(())
}

/// Whether the file is whole: all of it where it is small or damage was met, else its length.
fn check(connection: &Connection, path: &Path, is_marked: bool) -> Result<(), Error> {
    // What the log holds goes to where it belongs, so that the file has its length.
    let checkpoint = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
            row.get::<_, bool>(0)
        })
        .map_err(Error::from);
    let is_in_place = match checkpoint {
        Ok(busy) => !busy,
        // It can be read all the same.
        Err(Error::DiskFull) => false,
        Err(error) => return Err(error),
    };
    let pages: u64 = pragma(connection, "page_count")?;
    let size: u64 = pragma(connection, "page_size")?;
    let length = fs::metadata(path)?.len();
    if is_in_place && length < pages * size {
        return Err(Error::damaged("its end is missing"));
    }
    if length <= limits::CHECK || is_marked {
        let told: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if told != "ok" {
            return Err(Error::damaged(told));
        }
    }
    Ok(())
}

fn migrate(connection: &mut Connection, schema: &Schema) -> Result<(), Error> {
    if pragma::<u32>(connection, "user_version")? == schema.version() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Looked at again: another program may have been quicker.
    let version: u32 = pragma(&transaction, "user_version")?;
    for step in schema.steps.iter().skip(version as usize) {
        step(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", schema.application)?;
    transaction.pragma_update(None, "user_version", schema.version())?;
    transaction.commit()?;
    Ok(())
}

fn pragma<T: rusqlite::types::FromSql>(connection: &Connection, name: &str) -> Result<T, Error> {
    Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Gives the file a name that no other file has, and returns it. Its log goes with it.
fn set_aside(place: &Place<'_>, lock: &Lock<'_>) -> Result<PathBuf, Error> {
    let aside = lock.set_aside(place.name)?;
    match fs::rename(beside(place.path, "-wal"), beside(&aside, "-wal")) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    for end in ["-shm", "-check"] {
        match fs::remove_file(beside(place.path, end)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(aside)
}

#[cfg(test)]
mod tests;
