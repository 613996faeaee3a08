//! What both kinds of database have in common: many writes share one commit.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::{FromSql, ToSql};

use super::database;
use super::error::Error;
use super::index::Changes;

/// A database that was opened.
#[derive(Debug)]
pub struct Opened<S> {
    /// The database.
    pub store: S,
    /// The new name of the one that was damaged, if it was: people should be told.
    pub set_aside: Option<PathBuf>,
}

/// A database of ours.
pub trait Store: Send + Sized + 'static {
    /// What tells its conversations apart.
    type Conversation: ToSql + FromSql;

    /// What a line is besides what every database has, as columns: whether it was written here,
    /// its state, whether its server has lost it.
    #[doc(hidden)]
    const EXTRA: &'static str;

    /// The connection to the file.
    fn connection(&self) -> &Connection;

    /// Where the file is.
    fn path(&self) -> &Path;

    /// One more connection to the file, for reading only. It sees what was committed.
    ///
    /// # Errors
    /// The disk's.
    fn beside(path: &Path) -> Result<Self, Error>;

    /// What the transaction changes in the index.
    #[doc(hidden)]
    fn changes(&self) -> &Changes;

    /// What is to be remembered of a line that is about to be removed, within a transaction.
    ///
    /// # Errors
    /// The disk's.
    #[doc(hidden)]
    fn before_removal(&self, line: u64) -> Result<(), Error>;

    /// What goes with lines that were removed from a conversation, within a transaction.
    ///
    /// # Errors
    /// The disk's.
    #[doc(hidden)]
    fn after_removal(&self) -> Result<(), Error>;

    /// Does `work` in a transaction of its own, and returns once it is on the disk.
    ///
    /// # Errors
    /// Those of `work` and of the commit; then nothing of it was written.
    fn commit<T>(&mut self, work: impl FnOnce(&Self) -> Result<T, Error>) -> Result<T, Error> {
        self.begin()?;
        let result = work(self);
        match result {
            Ok(value) => self.finish().map(|()| value),
            Err(error) => {
                self.give_up();
                Err(self.noted(error))
            }
        }
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    /// [`Error::Locked`] and the disk's.
    fn begin(&mut self) -> Result<(), Error> {
        // A transaction that a full disk ended may have left some.
        self.changes().truncate(0);
        self.statement("BEGIN IMMEDIATE")
    }

    /// Does one piece of work within the transaction: all of it or, after an error, nothing of it.
    /// After an error that ended the transaction [`is_open`](Self::is_open) is false.
    ///
    /// # Errors
    /// Those of `work`, and the disk's.
    fn step<T>(&mut self, work: impl FnOnce(&Self) -> Result<T, Error>) -> Result<T, Error> {
        self.statement("SAVEPOINT step")?;
        let changes = self.changes().len();
        let result = work(self);
        if result.is_err() {
            self.changes().truncate(changes);
            if self.is_open() {
                self.statement("ROLLBACK TO step")?;
            }
        }
        if self.is_open() {
            self.statement("RELEASE step")?;
        }
        result.map_err(|error| self.noted(error))
    }

    /// Whether the transaction is still open: a full disk may have ended it.
    fn is_open(&self) -> bool {
        !self.connection().is_autocommit()
    }

    /// Brings the transaction to the disk.
    ///
    /// # Errors
    /// The disk's; then nothing of the transaction was written.
    fn finish(&mut self) -> Result<(), Error> {
        let result = self
            .changes()
            .apply(self.connection())
            .map_err(|error| self.noted(error.into()))
            .and_then(|()| self.statement("COMMIT"));
        if result.is_err() {
            self.give_up();
        }
        result
    }

    /// Takes the transaction back.
    fn give_up(&mut self) {
        self.changes().truncate(0);
        if self.is_open()
            && let Err(error) = self.statement("ROLLBACK")
        {
            tracing::warn!("the history: a transaction cannot be taken back: {error}");
        }
    }

    /// One statement of a transaction.
    ///
    /// # Errors
    /// The database's.
    #[doc(hidden)]
    fn statement(&self, sql: &str) -> Result<(), Error> {
        let result = self
            .connection()
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]));
        match result {
            Ok(_) => Ok(()),
            Err(error) => Err(self.noted(error.into())),
        }
    }

    /// Damage that is met is remembered for the next time that the database is opened.
    #[doc(hidden)]
    fn noted(&self, error: Error) -> Error {
        if matches!(error, Error::Damaged { .. }) {
            database::remember_damage(self.path());
        }
        error
    }
}
