//! What a person looks through: conversations and their lines, in either database.

use rusqlite::{OptionalExtension, Row, params};

use super::client::{Owner, State};
use super::error::Error;
use super::limits;
use super::store::Store;
use crate::wire::event::Kind;
use crate::wire::{At, Person, Seq};

/// A conversation that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptConversation<C> {
    /// Its number in this database.
    pub id: i64,
    /// Whose it is; none in a server's own database.
    pub owner: Option<Owner>,
    /// Which one of its owner's it is.
    pub conversation: C,
}

/// A line that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLine {
    /// Its number in this database: later lines have higher ones.
    pub id: u64,
    /// Its number in its conversation, where a server gave it one.
    pub seq: Option<Seq>,
    /// Whose it is, and what they were called then.
    pub from: Person,
    /// What it is.
    pub kind: Kind,
    /// What was said.
    pub text: String,
    /// When.
    pub at: At,
    /// Whether it was written here, in a plain conversation.
    pub is_outgoing: bool,
    /// What became of it, in a plain conversation.
    pub state: State,
    /// Whether its server has lost it.
    pub is_lost: bool,
}

/// A conversation as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview<C> {
    /// Which one.
    pub kept: KeptConversation<C>,
    /// Its last line's number and time.
    pub last: (u64, At),
    /// Whoever said something there of late, each once, the last one first.
    pub people: Vec<Person>,
}

/// Which lines to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The newest.
    Newest,
    /// The last ones before the line with this number.
    Before(u64),
    /// The line with this number, and the next ones.
    From(u64),
}

/// The conversations of which something is kept, the one that began last first: at most
/// [`CONVERSATIONS`](limits::CONVERSATIONS).
///
/// # Errors
/// The disk's.
pub fn conversations<S: Store>(store: &S) -> Result<Vec<KeptConversation<S::Conversation>>, Error> {
    let mut statement = store.connection().prepare_cached(
        "SELECT id, owner, name FROM conversation
            WHERE EXISTS (SELECT 1 FROM line WHERE line.conversation = conversation.id)
            ORDER BY id DESC LIMIT ?1",
    )?;
    let mut rows = statement.query([limits::CONVERSATIONS])?;
    let mut conversations = Vec::new();
    while let Some(row) = rows.next()? {
        let owner: String = row.get(1)?;
        conversations.push(KeptConversation {
            id: row.get(0)?,
            owner: match owner.as_str() {
                "" => None,
                key => {
                    let strange = || Error::damaged("a conversation is nobody's");
                    Some(Owner::of_key(key).ok_or_else(strange)?)
                }
            },
            conversation: row.get(2)?,
        });
    }
    Ok(conversations)
}

/// What a list of all [`conversations`] shows, the one with the newest line first.
///
/// # Errors
/// The disk's.
pub fn overview<S: Store>(store: &S) -> Result<Vec<Overview<S::Conversation>>, Error> {
    let mut late = store.connection().prepare_cached(
        "SELECT id, at, sender, name FROM line WHERE conversation = ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let mut all = Vec::new();
    for kept in conversations(store)? {
        let mut rows = late.query(params![kept.id, limits::LATE])?;
        let mut last = None;
        let mut people: Vec<Person> = Vec::new();
        while let Some(row) = rows.next()? {
            if last.is_none() {
                last = Some((row.get(0)?, row.get(1)?));
            }
            let person = Person {
                id: row.get(2)?,
                name: row.get(3)?,
            };
            let is_known = |known: &Person| match person.id {
                Some(_) => known.id == person.id,
                None => *known == person,
            };
            if !people.iter().any(is_known) {
                people.push(person);
            }
        }
        // Removed between the two questions.
        let Some(last) = last else { continue };
        all.push(Overview { kept, last, people });
    }
    all.sort_by_key(|overview| std::cmp::Reverse(overview.last.0));
    Ok(all)
}

/// How many lines of a conversation are kept. A million take some 50 ms.
///
/// # Errors
/// The disk's.
pub fn count<S: Store>(store: &S, conversation: i64) -> Result<u64, Error> {
    let mut statement = store
        .connection()
        .prepare_cached("SELECT count(*) FROM line WHERE conversation = ?1")?;
    Ok(statement.query_row([conversation], |row| row.get(0))?)
}

/// The number of a conversation in this database, if anything of it is kept. In a server's own
/// there is no owner.
///
/// # Errors
/// The disk's.
pub fn number<S: Store>(
    store: &S,
    owner: Option<&Owner>,
    conversation: &S::Conversation,
) -> Result<Option<i64>, Error> {
    let mut statement = store
        .connection()
        .prepare_cached("SELECT id FROM conversation WHERE owner = ?1 AND name = ?2")?;
    let owner = owner.map(Owner::key).unwrap_or_default();
    let found = statement.query_row(params![owner, conversation], |row| row.get(0));
    Ok(found.optional()?)
}

/// Lines of a conversation, in order: at most `limit`, and never more than [`PAST`](limits::PAST).
///
/// # Errors
/// The disk's.
pub fn lines<S: Store>(
    store: &S,
    conversation: i64,
    part: Part,
    limit: usize,
) -> Result<Vec<KeptLine>, Error> {
    let (condition, order, id) = match part {
        Part::Newest => ("<", "DESC", i64::MAX),
        Part::Before(id) => ("<", "DESC", clamped(id)),
        Part::From(id) => (">=", "ASC", clamped(id)),
    };
    let mut statement = store.connection().prepare_cached(&format!(
        "{} WHERE conversation = ?1 AND id {condition} ?2 ORDER BY id {order} LIMIT ?3",
        select::<S>()
    ))?;
    let limit = limit.clamp(1, limits::PAST);
    let mut lines = statement
        .query_map(params![conversation, id, limit], line)?
        .collect::<Result<Vec<_>, _>>()?;
    if order == "DESC" {
        lines.reverse();
    }
    Ok(lines)
}

/// What [`line()`] reads.
pub(super) fn select<S: Store>() -> String {
    format!(
        "SELECT id, seq, sender, name, kind, text, at, {} FROM line",
        S::EXTRA
    )
}

pub(super) fn line(row: &Row<'_>) -> rusqlite::Result<KeptLine> {
    let lost: i64 = row.get(9)?;
    Ok(KeptLine {
        id: row.get(0)?,
        seq: row.get(1)?,
        from: Person {
            id: row.get(2)?,
            name: row.get(3)?,
        },
        kind: row.get(4)?,
        text: row.get(5)?,
        at: row.get(6)?,
        is_outgoing: row.get(7)?,
        state: row.get(8)?,
        is_lost: lost == 2,
    })
}

/// A number from outside, as large as `SQLite` can hold it.
pub(super) fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
