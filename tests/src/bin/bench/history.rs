//! A history of a million lines: opened, and asked what its window asks.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use hallway_core::history::client::{PlainLine, State};
use hallway_core::history::kept::{self, Part};
use hallway_core::history::search::{self, Query};
use hallway_core::history::{ClientStore, Store, limits};
use hallway_core::wire::At;
use hallway_core::wire::event::Kind;

use crate::effort::Effort;
use crate::section::Section;
use crate::servers;
use crate::table::Table;

const ABOUT: &str = "What a client has kept, opened and asked by the calls of its window, each time \
as if the program had just been started; the median of the rounds, in ms. A search gives the newest \
200. The rare one is in a line of 50,000, the others in every second or third.";

const LINES: u64 = 1_000_000;
const SHORT_LINES: u64 = 20_000;

/// Lines of a commit.
const COMMIT: u64 = 10_000;

/// Conversations that the lines are in: most in the first.
const ADDRESSES: [&str; 3] = ["lab.local:4255", "192.168.1.20:4255", "studio:4255"];

const NAMES: [&str; 4] = ["Ana", "陈伟", "Ben", "Marie"];

/// Of which a line has so many, and its number.
const WORDS_OF_A_LINE: usize = 7;
const WORDS: [&str; 12] = [
    "printer",
    "paper",
    "meeting",
    "at",
    "noon",
    "打印机",
    "走廊",
    "你好",
    "tomorrow",
    "coffee",
    "会议室",
    "please",
];

/// One line of so many has these as well.
const RARELY: u64 = 50_000;
const RARE: &str = "xylophone 麒麟";

/// What is looked for, and the name of the figure.
const SEARCHES: [(&str, &str); 8] = [
    ("find_rare_word_ms", "xylophone"),
    ("find_rare_character_ms", "麒"),
    ("find_frequent_word_ms", "coffee"),
    ("find_beginning_ms", "co"),
    ("find_beginnings_of_numbers_ms", "123"),
    ("find_frequent_phrase_ms", "打印"),
    ("find_two_frequent_words_ms", "coffee meeting"),
    ("find_frequent_and_rare_word_ms", "coffee xylophone"),
];

/// Milliseconds between two lines, and when the last one was said: in November 2026.
const STEP: u64 = 37_000;
const LAST: u64 = 1_795_000_000_000;

/// Measures it.
///
/// # Errors
/// The disk's, or a word is not found.
pub(crate) fn measure(effort: Effort) -> Result<Section> {
    let count = match effort {
        Effort::Full => LINES,
        Effort::Short => SHORT_LINES,
    };
    let folder = servers::folder()?;
    let path = folder.path().join("history.db");
    fill(&path, count)?;
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for _ in 0..effort.rounds() {
        ask(&path, |name, time| {
            times.entry(name).or_default().push(time);
        })?;
    }
    let mut table = Table::new("history", "A history of a million lines");
    for (name, times) in times {
        table.push_median(name, times);
    }
    table.goal(
        "open_ms",
        "opened, its newest page there, in ms: 500",
        |time| time <= 500.0,
    );
    for (name, words) in SEARCHES {
        table.goal(name, &format!("{words} found, in ms: 50"), |time| {
            time <= 50.0
        });
    }
    Ok(table.section(ABOUT))
}

/// Writes so many lines.
fn fill(path: &Path, count: u64) -> Result<()> {
    let mut store = ClientStore::open(path)?.store;
    for start in (0..count).step_by(usize::try_from(COMMIT)?) {
        let end = count.min(start + COMMIT);
        store.commit(|store| {
            (start..end).try_for_each(|number| {
                let line = line(number, count);
                store.keep_plain(address(number), &line).map(|_| ())
            })
        })?;
    }
    Ok(())
}

/// What a window asks, in milliseconds, each time of a database that was just opened.
fn ask(path: &Path, mut tell: impl FnMut(&'static str, f64)) -> Result<()> {
    let mut began = Instant::now();
    let store = ClientStore::open(path)?.store;
    let all = kept::overview(&store)?;
    let first = all.first().context("nothing is kept")?.kept.id;
    let page = kept::lines(&store, first, Part::Newest, limits::PAST)?;
    tell("open_ms", began.elapsed().as_secs_f64() * 1e3);
    ensure!(!page.is_empty(), "the newest page is empty");
    for (name, words) in SEARCHES {
        let store = ClientStore::beside(path)?;
        let query = Query::parse(words).context("nothing to look for")?;
        began = Instant::now();
        let found = search::find(&store, &query, None, None, limits::FOUND)?.found;
        tell(name, began.elapsed().as_secs_f64() * 1e3);
        ensure!(!found.is_empty(), "{words} is not found");
    }
    Ok(())
}

fn address(number: u64) -> &'static str {
    match number % 100 {
        0 => ADDRESSES[2],
        1..=9 => ADDRESSES[1],
        _ => ADDRESSES[0],
    }
}

fn line(number: u64, count: u64) -> PlainLine {
    // Knuth's generator: the words are the same in each run.
    let mut random = number + 1;
    let mut words = Vec::new();
    for _ in 0..WORDS_OF_A_LINE {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040);
        words.push(pick(&WORDS, random >> 60));
    }
    if number % RARELY == 77 {
        words.push(RARE);
    }
    PlainLine {
        is_outgoing: false,
        name: pick(&NAMES, random >> 50).parse().expect("a label"),
        kind: Kind::Text,
        text: format!("{} {number}", words.join(" ")),
        at: At::try_from(LAST - (count - number) * STEP).unwrap_or_default(),
        state: State::Received,
    }
}

fn pick<'a>(all: &[&'a str], random: u64) -> &'a str {
    let at = usize::try_from(random).unwrap_or_default() % all.len();
    all[at]
}
