//! Words found in what is kept.

use std::ops::Range;
use std::time::Instant;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::error::Error;
use super::index::{self, Word};
use super::kept::{self, KeptLine, clamped};
use super::limits;
use super::store::Store;

/// What is looked for.
///
/// Each word that was typed must be in the line, in any order; its last part may be the beginning
/// of a longer one. Nothing that is typed has a special meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Words that were typed: each is a sequence of words of the index.
    phrases: Vec<Vec<Word>>,
}

impl Query {
    /// What somebody typed. None where no letter, digit or picture is in it. Only the first
    /// [`QUERY_BYTES`](limits::QUERY_BYTES) and [`QUERY_WORDS`](limits::QUERY_WORDS) count.
    pub fn parse(typed: &str) -> Option<Self> {
        let end = typed.floor_char_boundary(limits::QUERY_BYTES);
        let phrases: Vec<_> = typed[..end]
            .split_whitespace()
            .map(index::words)
            .filter(|phrase| !phrase.is_empty())
            .take(limits::QUERY_WORDS)
            .collect();
        (!phrases.is_empty()).then_some(Self { phrases })
    }

    /// As FTS5 takes it: every word is a string in quotation marks.
    fn expression(
        &self,
        connection: &Connection,
        conversation: Option<i64>,
    ) -> Result<String, Error> {
        let phrases: Result<Vec<_>, _> = self
            .phrases
            .iter()
            .map(|phrase| quoted(connection, phrase))
            .collect();
        let words = format!("{{words}} : ({})", phrases?.join(" AND "));
        Ok(match conversation {
            Some(conversation) => {
                format!("{words} AND {{place}} : \"{}\"", index::place(conversation))
            }
            None => words,
        })
    }

    /// Where the first phrase is that the text has, in bytes.
    fn place_in(&self, text: &str) -> Option<Range<usize>> {
        let words = index::words(text);
        self.phrases
            .iter()
            .filter_map(|phrase| place_of(phrase, &words))
            .min_by_key(|place| place.start)
    }
}

/// One phrase in FTS5's own words. No quotation mark is in a word of the index, as it has nothing
/// but letters, digits and pictures; one is doubled all the same.
///
/// For a beginning FTS5 puts the lists of all words that begin so together before it gives the
/// first line: a third of a second where they are in half of a million lines. The lists of words
/// that are named are read as far as lines are asked for, and so is that of a short beginning.
fn quoted(connection: &Connection, phrase: &[Word]) -> rusqlite::Result<String> {
    let Some((last, before)) = phrase.split_last() else {
        return Ok(String::new());
    };
    let before: String = before
        .iter()
        .map(|word| word.folded.clone() + " ")
        .collect();
    let quoted = |last: &str| format!("\"{}\"", format!("{before}{last}").replace('"', "\"\""));
    if last.is_single {
        return Ok(quoted(&last.folded));
    }
    let named = if last.folded.chars().count() > index::SHORT {
        index::beginning_with(connection, &last.folded, limits::BEGINNINGS)?
    } else {
        None
    };
    Ok(match named {
        Some(words) => {
            let phrases: Vec<_> = words.iter().map(|word| quoted(word)).collect();
            format!("({})", phrases.join(" OR "))
        }
        None => quoted(&last.folded) + "*",
    })
}

fn place_of(phrase: &[Word], words: &[Word]) -> Option<Range<usize>> {
    let (last, firsts) = phrase.split_last()?;
    words.windows(phrase.len()).find_map(|window| {
        let (end, starts) = window.split_last()?;
        let begins = starts
            .iter()
            .zip(firsts)
            .all(|(word, sought)| word.folded == sought.folded);
        let is_here = begins && end.folded.starts_with(&last.folded);
        let start = window.first()?.place.start;
        is_here.then_some(start..end.place.end)
    })
}

/// A line that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The conversation's number in this database.
    pub conversation: i64,
    /// The line; its text is a [snippet](limits::SNIPPET) of what it says.
    pub line: KeptLine,
    /// Whether there is more of the text before the snippet, and after it.
    pub is_cut: (bool, bool),
    /// Where in the snippet the first of what was looked for is, in bytes. None where only the
    /// index can tell.
    pub mark: Option<Range<usize>>,
}

/// What a search has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Results {
    /// The lines, newest first.
    pub found: Vec<Found>,
    /// Whether older ones are still to be looked for: before the last one that was found.
    pub more: bool,
}

/// Looks for lines, newest first, in all conversations or in one: at most `limit`, and never more
/// than [`FOUND`](limits::FOUND). With `before`, those before the line with that number. After
/// [`SEARCH`](limits::SEARCH) it ends with what was found.
///
/// # Errors
/// The disk's.
pub fn find<S: Store>(
    store: &S,
    query: &Query,
    conversation: Option<i64>,
    before: Option<u64>,
    limit: usize,
) -> Result<Results, Error> {
    let limit = limit.clamp(1, limits::FOUND);
    let began = Instant::now();
    let connection = store.connection();
    // Without a bound FTS5 goes through its lists backwards by itself.
    let (condition, values) = match before {
        Some(before) => ("AND rowid < ?2", vec![Value::Integer(clamped(before))]),
        None => ("", Vec::new()),
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT rowid FROM search WHERE search MATCH ?1 {condition} ORDER BY rowid DESC"
    ))?;
    let expression = Value::Text(query.expression(connection, conversation)?);
    let mut rows = statement.query(params_from_iter([expression].into_iter().chain(values)))?;
    let mut get = connection.prepare_cached(&format!(
        "{} WHERE id = ?1",
        kept::select::<S>().replace(" FROM line", ", conversation FROM line")
    ))?;
    let mut results = Results {
        found: Vec::new(),
        more: false,
    };
    while let Some(row) = rows.next()? {
        if results.found.len() == limit || began.elapsed() > limits::SEARCH {
            results.more = true;
            break;
        }
        let id: u64 = row.get(0)?;
        let found = get.query_row([id], |row| Ok((kept::line(row)?, row.get::<_, i64>(10)?)));
        // The index is written with the lines, so a line that is missing is damage.
        let (line, conversation) = found?;
        results.found.push(shortened(query, conversation, line));
    }
    Ok(results)
}

/// Cuts the text to a part around the first of what was looked for.
fn shortened(query: &Query, conversation: i64, mut line: KeptLine) -> Found {
    let text = &line.text;
    let place = query.place_in(text);
    let from = place.as_ref().map_or(0, |place| {
        if place.end <= limits::SNIPPET {
            0
        } else {
            // A third of it before the place.
            text.ceil_char_boundary(place.start.saturating_sub(limits::SNIPPET / 3))
        }
    });
    let to = text.floor_char_boundary(from + limits::SNIPPET);
    let is_cut = (from > 0, to < text.len());
    let mark = place.map(|place| place.start - from..place.end.min(to) - from);
    line.text = text[from..to].into();
    Found {
        conversation,
        line,
        is_cut,
        mark,
    }
}

#[cfg(test)]
mod tests;
