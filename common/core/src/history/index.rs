//! Which words a text has, and the index of all of them.
//!
//! Scripts without spaces are indexed character by character, and what is looked for is a phrase of
//! such characters: so 打印 is found in 打印机, and one character is found too. (FTS5's trigrams find
//! neither.) Words of other scripts are found by their beginning.

use std::cell::RefCell;
use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::error::Error;

/// One word of a text, or one character of a script without spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// As it is indexed: small letters without accents.
    pub(super) folded: String,
    /// Its bytes in the text.
    pub(super) place: Range<usize>,
    /// Whether it is such a character: then nothing longer begins with it.
    pub(super) is_single: bool,
}

/// The words of a text, in order.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut is_open = false;
    for (start, character) in text.char_indices() {
        let place = start..start + character.len_utf8();
        if is_combining_mark(character) {
            if let Some(last) = words.last_mut().filter(|_| is_open) {
                last.place.end = place.end;
            }
            continue;
        }
        let mut folded = [character].into_iter().nfkd();
        let is_single = is_single(character);
        let is_letter = folded.clone().any(char::is_alphanumeric);
        let folded = folded
            .by_ref()
            .filter(|part| !is_combining_mark(*part) && (is_single || part.is_alphanumeric()))
            .flat_map(char::to_lowercase);
        match words.last_mut() {
            Some(last) if is_open && is_letter && !is_single && !last.is_single => {
                last.folded.extend(folded);
                last.place.end = place.end;
            }
            _ if is_letter || is_single => words.push(Word {
                folded: folded.collect(),
                place,
                is_single,
            }),
            _ => {}
        }
        is_open = is_letter || is_single;
    }
    words.retain(|word| !word.folded.is_empty());
    words
}

/// Whether words are not told apart by spaces around this character, or it is a word by itself.
fn is_single(character: char) -> bool {
    matches!(character,
        // Thai and Lao; Burmese; Khmer.
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        // Korean letters; Kana, Bopomofo and the other signs of Chinese and Japanese; Han.
        | '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}'
        | '\u{3021}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ffdc}' | '\u{1b000}'..='\u{1b2ff}'
        | '\u{20000}'..='\u{3ffff}')
        // Emoji and other pictures.
        || character.general_category() == GeneralCategory::OtherSymbol
}

/// A text as the index takes it.
fn indexed(text: &str) -> String {
    words(text).iter().fold(String::new(), |mut all, word| {
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(&word.folded);
        all
    })
}

/// Which conversation a line is in, as a word that stands beside the text's.
pub(super) fn place(conversation: i64) -> String {
    format!("c{conversation}")
}

/// Characters of the longest beginning of words that has an index of its own.
pub(super) const SHORT: usize = 2;

/// Makes the index, and indexes what is kept.
///
/// It holds no text of its own (`content=''`), so what is taken out must be what was put in:
/// [`words`] may change only together with a step that makes the index anew.
pub(super) fn create(transaction: &Transaction<'_>) -> Result<(), Error> {
    transaction.execute_batch(
        "DROP TABLE IF EXISTS search;
        CREATE VIRTUAL TABLE search USING fts5 (
            place, words, content = '', columnsize = 0, prefix = '1 2',
            tokenize = \"unicode61 remove_diacritics 2 categories 'L* N* Co So'\");",
    )?;
    let mut lines = transaction.prepare("SELECT id, conversation, text FROM line ORDER BY id")?;
    let mut rows = lines.query([])?;
    while let Some(row) = rows.next()? {
        let text: String = row.get(2)?;
        let values = params![row.get::<_, i64>(0)?, place(row.get(1)?), indexed(&text)];
        transaction.prepare_cached(ADD)?.execute(values)?;
    }
    Ok(())
}

/// Makes the words of the index readable on this connection: nothing of it is in the file.
pub(super) fn open_vocabulary(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "PRAGMA temp_store = memory;
        CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, search, instance);",
    )
}

/// The words that begin so, where they are not more than `most`. None where they are, and where
/// there is none: FTS5 folds a few letters further than [`words`], and only it knows.
pub(super) fn beginning_with(
    connection: &Connection,
    beginning: &str,
    most: usize,
) -> rusqlite::Result<Option<Vec<String>>> {
    let mut statement =
        connection.prepare_cached("SELECT term FROM vocabulary WHERE term >= ?1 LIMIT 1")?;
    let mut found = Vec::new();
    let mut after = String::from(beginning);
    while let Some(word) = statement
        .query_row([&after], |row| row.get::<_, String>(0))
        .optional()?
        .filter(|word| word.starts_with(beginning))
    {
        if found.len() == most {
            return Ok(None);
        }
        // No word has this sign, and it is before all that they have: so the next word is asked for
        // without a look at each place of this one.
        after.clone_from(&word);
        after.push('\u{1}');
        found.push(word);
    }
    Ok(Some(found).filter(|found| !found.is_empty()))
}

/// What is to be done to the index before the commit.
///
/// Not at once: each savepoint makes FTS5 write down what it has so far, and a message would cost
/// ten times as much.
#[derive(Debug)]
pub(super) struct Change {
    is_removal: bool,
    line: u64,
    conversation: i64,
    text: String,
}

/// The changes of the transaction that is open.
#[derive(Debug, Default)]
pub struct Changes(RefCell<Vec<Change>>);

impl Changes {
    /// Puts a line into the index.
    pub(super) fn add(&self, line: u64, conversation: i64, text: &str) {
        self.0.borrow_mut().push(Change {
            is_removal: false,
            line,
            conversation,
            text: text.into(),
        });
    }

    /// Takes a line out of the index, which had this text.
    pub(super) fn remove(&self, line: u64, conversation: i64, text: String) {
        self.0.borrow_mut().push(Change {
            is_removal: true,
            line,
            conversation,
            text,
        });
    }

    pub(super) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Forgets what was added since there were so many.
    pub(super) fn truncate(&self, count: usize) {
        self.0.borrow_mut().truncate(count);
    }

    /// Does them, in order.
    pub(super) fn apply(&self, connection: &Connection) -> rusqlite::Result<()> {
        let changes = self.0.take();
        changes.iter().try_for_each(|change| {
            let sql = if change.is_removal { REMOVE } else { ADD };
            let values = (
                change.line,
                place(change.conversation),
                indexed(&change.text),
            );
            connection.prepare_cached(sql)?.execute(values).map(|_| ())
        })
    }
}

const ADD: &str = "INSERT INTO search (rowid, place, words) VALUES (?1, ?2, ?3)";

const REMOVE: &str =
    "INSERT INTO search (search, rowid, place, words) VALUES ('delete', ?1, ?2, ?3)";

/// Begins to write the index anew as one piece, or goes on with it: then nothing stays of what was
/// taken out of it. True once it is one piece. All of it takes seconds for a million lines, one
/// step a fraction of that.
pub(super) fn merge(connection: &Connection, goes_on: bool) -> rusqlite::Result<bool> {
    let before = connection.total_changes();
    let pages = if goes_on { MERGE } else { -MERGE };
    connection
        .prepare_cached("INSERT INTO search (search, rank) VALUES ('merge', ?1)")?
        .execute([pages])?;
    // The statement itself counts as one.
    Ok(connection.total_changes() - before < 2)
}

/// Pages of the index that one step of merging writes: about 0.1 s.
const MERGE: i64 = 500;
