//! What is not kept any longer: by age, or because somebody wants a conversation gone.
//!
//! Both go in steps of [`REMOVE_AT_ONCE`](limits::REMOVE_AT_ONCE) lines, each a piece of a commit;
//! [`forget`] then sees to it that nothing of the texts is left in the file.
//!
//! What stays on a server: who wrote how much and when, so that a message that comes again is
//! still known, and eight bytes of each hash; not the random bits without which texts could be
//! tried against the hashes. On a client: the outbox, and how far each server was
//! read.

use std::time::Duration;

use rusqlite::{Row, params};

use super::error::Error;
use super::index;
use super::limits;
use super::store::Store;
use super::thread::History;
use crate::wire::At;

/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// How long lines are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// Until somebody deletes them.
    Forever,
    /// So many days.
    Days(u32),
    /// Until the program ends, or starts the next time.
    Session,
}

/// The words by which settings and command lines choose.
pub const WORDS: [(&str, Retention); 3] = [
    ("forever", Retention::Forever),
    ("30-days", Retention::Days(30)),
    ("session", Retention::Session),
];

impl Retention {
    /// What one of the [`WORDS`] stands for.
    pub fn of_word(word: &str) -> Option<Self> {
        let found = WORDS.iter().find(|(known, _)| *known == word);
        found.map(|(_, retention)| *retention)
    }

    /// Lines from before this time are to be removed: milliseconds since 1970, as [`At`] has them,
    /// but before and after all that it can tell. When a session ends, or begins after one that did
    /// not end properly, `at_end` is true.
    pub fn cutoff(self, now: At, at_end: bool) -> Option<i64> {
        match self {
            Self::Days(days) => Some(now.get().cast_signed() - i64::from(days) * DAY),
            Self::Session if at_end => Some(i64::MAX),
            Self::Forever | Self::Session => None,
        }
    }
}

/// What a step of removing has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Lines that it removed.
    pub count: usize,
    /// Whether there are more to remove.
    pub more: bool,
}

/// Removes the lines from before this time, within a transaction: a step of it.
///
/// # Errors
/// The disk's.
pub fn remove_older(store: &impl Store, cutoff: i64) -> Result<Removed, Error> {
    let sql = "SELECT id, conversation, text FROM line WHERE at < ?1 ORDER BY at LIMIT ?2";
    remove(store, sql, cutoff)
}

/// Removes a conversation, within a transaction: a step of it.
///
/// # Errors
/// The disk's.
pub fn remove_conversation(store: &impl Store, conversation: i64) -> Result<Removed, Error> {
    let sql =
        "SELECT id, conversation, text FROM line WHERE conversation = ?1 ORDER BY id LIMIT ?2";
    remove(store, sql, conversation)
}

/// How far what was removed is out of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgotten {
    /// Not yet: there are more steps.
    Partly,
    /// Nothing of it is left.
    Wholly,
    /// Nothing of it is left but in the log: somebody is reading (an export), so the log could not
    /// be emptied. One more step later will do it.
    ButForTheLog,
}

/// Takes what was removed out of the file too: a step of it, between commits
/// ([`History::between`]). The first step has `goes_on` false. All of them together take seconds
/// for a million lines; what is written meanwhile waits for one step only.
///
/// [`History::between`]: super::History::between
///
/// # Errors
/// The disk's.
pub fn forget<S: Store>(store: &mut S, goes_on: bool) -> Result<Forgotten, Error> {
    // Deleted rows are zeros already; the index still has their words in pieces to be merged.
    if !store.commit(|store| Ok(index::merge(store.connection(), goes_on)?))? {
        return Ok(Forgotten::Partly);
    }
    let connection = store.connection();
    // Whoever reads is not waited for: others want to write.
    connection.busy_timeout(Duration::ZERO)?;
    let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
    let busy = connection.query_row(sql, [], |row| row.get(0));
    connection.busy_timeout(limits::LOCK)?;
    Ok(if busy? {
        Forgotten::ButForTheLog
    } else {
        Forgotten::Wholly
    })
}

/// Removes what is not to be kept any longer, and takes it out of the file, step by step between
/// what others write. Returns how many lines that were. `at_end` is as in [`Retention::cutoff`].
///
/// Dropped, it leaves the rest to the next time.
///
/// # Errors
/// [`Error::Overrun`] while others write more than the disk takes, and the disk's.
pub async fn keep<S: Store>(
    history: &History<S>,
    retention: Retention,
    now: At,
    at_end: bool,
) -> Result<usize, Error> {
    let Some(cutoff) = retention.cutoff(now, at_end) else {
        return Ok(0);
    };
    let count = steps(history, move |store| remove_older(store, cutoff)).await?;
    if count > 0 {
        forget_all(history).await?;
    }
    Ok(count)
}

/// Removes a conversation, and takes it out of the file, as [`keep`] does.
///
/// # Errors
/// As [`keep`].
pub async fn delete<S: Store>(history: &History<S>, conversation: i64) -> Result<usize, Error> {
    let count = steps(history, move |store| {
        remove_conversation(store, conversation)
    });
    let count = count.await?;
    forget_all(history).await?;
    Ok(count)
}

async fn steps<S: Store>(
    history: &History<S>,
    step: impl Fn(&S) -> Result<Removed, Error> + Clone + Send + 'static,
) -> Result<usize, Error> {
    let mut count = 0;
    loop {
        let removed = history.ask(step.clone())?.await?;
        count += removed.count;
        if !removed.more {
            return Ok(count);
        }
    }
}

async fn forget_all<S: Store>(history: &History<S>) -> Result<(), Error> {
    let mut goes_on = false;
    loop {
        match history
            .between(move |store| forget(store, goes_on))?
            .await?
        {
            Forgotten::Partly => goes_on = true,
            // The log goes when the file is closed.
            Forgotten::Wholly | Forgotten::ButForTheLog => return Ok(()),
        }
    }
}

fn remove(store: &impl Store, sql: &str, what: i64) -> Result<Removed, Error> {
    let connection = store.connection();
    let mut statement = connection.prepare_cached(sql)?;
    let values = |row: &Row<'_>| {
        Ok((
            row.get::<_, u64>(0)?,
            row.get::<_, i64>(1)?,
            row.get::<_, String>(2)?,
        ))
    };
    let lines = statement
        .query_map(params![what, limits::REMOVE_AT_ONCE], values)?
        .collect::<Result<Vec<_>, _>>()?;
    let count = lines.len();
    let mut delete = connection.prepare_cached("DELETE FROM line WHERE id = ?1")?;
    for (id, conversation, text) in lines {
        store.before_removal(id)?;
        delete.execute([id])?;
        store.changes().remove(id, conversation, text);
    }
    store.after_removal()?;
    Ok(Removed {
        count,
        more: count == limits::REMOVE_AT_ONCE,
    })
}

#[cfg(test)]
mod tests;
