//! What the tests share, and how long a large history takes: run that by hand, with `--ignored
//! --nocapture`.

use std::time::{Duration, Instant};

use super::search::{self, Query};
use super::server::{Inserted, Message, Said};
use super::{History, ServerStore, Store, kept, limits, retention};
use crate::wire::event::Kind;
use crate::wire::{At, Between, Cid, Fingerprint, N, Person};

/// A number of any kind.
pub(super) fn number<T: TryFrom<u64, Error: std::fmt::Debug>>(number: u64) -> T {
    number.try_into().expect("it is exact")
}

const LINES: usize = 1_000_000;

/// Lines of a commit while it is filled.
const COMMIT: usize = 10_000;

const WORDS: [&str; 16] = [
    "printer",
    "paper",
    "meeting",
    "at",
    "noon",
    "打印机",
    "走廊",
    "你好",
    "tomorrow",
    "the",
    "coffee",
    "is",
    "ready",
    "会议室",
    "please",
    "quick",
];

fn text(number: usize) -> String {
    let mut random = number as u64 + 1;
    let mut words: Vec<&str> = Vec::new();
    for _ in 0..8 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040);
        let word = usize::try_from(random >> 60).expect("four bits");
        words.push(WORDS[word]);
    }
    let rare = if number % 50_000 == 77 {
        " xylophone 麒麟"
    } else {
        ""
    };
    format!("{} {number}{rare}", words.join(" "))
}

#[test]
#[ignore = "a million lines take minutes: run by hand for the figures"]
fn a_million_lines_open_at_once_and_a_word_is_found_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.db");
    let mut store = ServerStore::open(&path).expect("a new one").store;
    let began = Instant::now();
    for start in (0..LINES).step_by(COMMIT) {
        let fill = |store: &ServerStore| {
            for number in start..start + COMMIT {
                store.insert_said(&Said {
                    from: Person {
                        id: Some(Fingerprint::from_bytes([1; 32])),
                        name: "Ana".parse().expect("a label"),
                    },
                    between: Between::Room,
                    kind: Kind::Text,
                    text: text(number),
                    at: At::try_from(number as u64).expect("it is small"),
                })?;
            }
            Ok(())
        };
        store.commit(fill).expect("there is room");
    }
    let size = std::fs::metadata(&path).expect("it is ours").len() / 1024 / 1024;
    println!("filled in {:?}, {size} MiB", began.elapsed());
    drop(store);
    let began = Instant::now();
    let opened = ServerStore::open(&path).expect("as before");
    let newest = kept::lines(&opened.store, 1, kept::Part::Newest, 200).expect("it can be read");
    let opening = began.elapsed();
    println!("opened in {opening:?}");
    assert_eq!((opened.set_aside, newest.len()), (None, 200));
    let mut store = opened.store;
    let mut slowest = Duration::ZERO;
    for typed in [
        "xylophone",
        "麒麟",
        "打印",
        "印",
        "printer",
        "prin",
        "p",
        "t",
        "coffee ready 走廊",
        "nothing",
        "123456",
    ] {
        let query = Query::parse(typed).expect("a word");
        let began = Instant::now();
        let results = search::find(&store, &query, Some(1), None, 50).expect("it can be read");
        let took = began.elapsed();
        // Words that are in 40 of 100 lines are not what anybody looks for.
        if !["printer", "prin", "coffee ready 走廊"].contains(&typed) {
            slowest = slowest.max(took);
        }
        println!("{typed}: {} found in {took:?}", results.found.len());
        assert_eq!(results.found.is_empty(), typed == "nothing");
    }
    let began = Instant::now();
    let told: String = store
        .connection()
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .expect("it can be read");
    println!("checked whole in {:?}: {told}", began.elapsed());
    let began = Instant::now();
    store
        .commit(|store| retention::remove_older(store, 1_000))
        .expect("there is room");
    println!("1,000 lines removed in {:?}", began.elapsed());
    let began = Instant::now();
    let (mut goes_on, mut longest) = (false, Duration::ZERO);
    loop {
        let step = Instant::now();
        let forgotten = retention::forget(&mut store, goes_on).expect("there is room");
        longest = longest.max(step.elapsed());
        goes_on = true;
        if forgotten != retention::Forgotten::Partly {
            break;
        }
    }
    println!("the longest step of merging took {longest:?}");
    println!("the index merged in {:?}", began.elapsed());
    assert!(opening.as_millis() <= 500, "{opening:?}");
    assert!(slowest.as_millis() <= 50, "{slowest:?}");
}

#[test]
#[ignore = "figures, run by hand on the disk that they are about (TMPDIR)"]
fn so_many_messages_are_acknowledged_in_a_second() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.db");
    let store = ServerStore::open(&path).expect("a new one").store;
    let history = History::start(store).expect("a thread");
    let mut sent = 0;
    // So many wait for their acknowledgement at a time, as from so many devices.
    for (together, count) in [(1, 300), (100, 20_000), (limits::QUEUE as u64, 50_000)] {
        let (told, answers) = std::sync::mpsc::channel();
        let began = Instant::now();
        let mut slowest = Duration::ZERO;
        for n in 1..=count + together {
            if n > together {
                let asked: Instant = answers.recv().expect("an answer");
                slowest = slowest.max(asked.elapsed());
            }
            if n > count {
                continue;
            }
            sent += 1;
            let message = Message {
                sender: Fingerprint::from_bytes([1; 32]),
                name: "Ana".parse().expect("a label"),
                cid: Cid::from_bytes(u128::from(sent).to_be_bytes()),
                n: N::try_from(sent).expect("it is small"),
                between: Between::Room,
                text: text(usize::try_from(sent).expect("it is small"))
                    .parse()
                    .expect("a text"),
                at: At::ZERO,
            };
            let (told, asked) = (told.clone(), Instant::now());
            let then = move |result: Result<_, _>| {
                assert!(matches!(result, Ok(Inserted::New(_))), "{result:?}");
                told.send(asked).expect("the test waits");
            };
            history
                .write(move |store| store.insert(&message), then)
                .expect("there is room");
        }
        let rate = u128::from(count) * 1_000 / began.elapsed().as_millis().max(1);
        println!("{together} at a time: {rate} a second, the slowest after {slowest:?}");
    }
}
