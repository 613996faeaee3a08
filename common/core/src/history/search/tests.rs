use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::history::server::Said;
use crate::history::{ServerStore, schema};
use crate::wire::event::Kind;
use crate::wire::{At, Between, Cid, Epoch, Fingerprint, Person, Seq, chain};

const ELSEWHERE: Between = Between::Two(
    Fingerprint::from_bytes([1; 32]),
    Fingerprint::from_bytes([2; 32]),
);

fn said(text: &str) -> Said {
    Said {
        from: Person {
            id: None,
            name: "Ana".parse().expect("a label"),
        },
        between: Between::Room,
        kind: Kind::Text,
        text: text.into(),
        at: At::ZERO,
    }
}

fn store(texts: &[&str]) -> (TempDir, ServerStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.db");
    let mut store = ServerStore::open(&path).expect("a new one").store;
    store
        .commit(|store| {
            texts
                .iter()
                .try_for_each(|text| store.insert_said(&said(text)).map(|_| ()))
        })
        .expect("there is room");
    (folder, store)
}

fn results(store: &ServerStore, typed: &str) -> Results {
    let query = Query::parse(typed).expect("something to look for");
    find(store, &query, None, None, limits::FOUND).expect("it can be read")
}

fn found(store: &ServerStore, typed: &str) -> Vec<u64> {
    results(store, typed)
        .found
        .iter()
        .map(|found| found.line.id)
        .collect()
}

fn marked(store: &ServerStore, typed: &str) -> Vec<String> {
    let results = results(store, typed).found.into_iter();
    results
        .map(|found| {
            found
                .mark
                .map_or_else(String::new, |mark| found.line.text[mark].into())
        })
        .collect()
}

#[test]
fn chinese_is_found_by_any_of_its_characters() {
    let (_folder, store) = store(&["打印机在走廊", "你好，世界", "印打", "没有", "再打印 2 份"]);
    assert_eq!(found(&store, "打印"), [5, 1]);
    assert_eq!(found(&store, "你好"), [2]);
    assert_eq!(found(&store, "印"), [5, 3, 1]);
    assert_eq!(found(&store, "廊"), [1]);
    // A word that was typed is one phrase; two of them are two.
    assert_eq!(found(&store, "打印走廊"), [0; 0]);
    assert_eq!(found(&store, "走廊 打印"), [1]);
    assert_eq!(marked(&store, "印机"), ["印机"]);
}

#[test]
fn other_words_are_found_by_their_beginning() {
    let (_folder, store) = store(&[
        "The printer is out of paper",
        "PRINTING…",
        "a blueprint",
        "Café Größe",
        "don't",
        "x1-carbon at 192.168.1.20:4255",
    ]);
    assert_eq!(found(&store, "prin"), [2, 1]);
    assert_eq!(found(&store, "P"), [2, 1]);
    assert_eq!(found(&store, "paper printer"), [1]);
    assert_eq!(found(&store, "cafe"), [4]);
    assert_eq!(found(&store, "CAFÉ"), [4]);
    assert_eq!(marked(&store, "cafe\u{301}"), ["Café"]);
    assert_eq!(found(&store, "don't"), [5]);
    assert_eq!(found(&store, "192.168"), [6]);
    assert_eq!(found(&store, "1-car"), [0; 0]);
    assert_eq!(marked(&store, "x1-car"), ["x1-carbon"]);
}

#[test]
fn a_beginning_stands_for_any_number_of_words() {
    for count in [1, limits::BEGINNINGS, limits::BEGINNINGS + 1] {
        let mut texts: Vec<String> = (0..count)
            .map(|at| format!("well-known{at} done"))
            .collect();
        texts.extend(["known", "well done, KNOW", "unknown"].map(String::from));
        let (_folder, store) = store(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let all = (1..=count as u64 + 2).rev().collect::<Vec<_>>();
        assert_eq!(found(&store, "know"), all, "{count}");
        assert_eq!(found(&store, "well-know"), all[2..], "{count}");
        assert_eq!(found(&store, "don know"), [&all[..1], &all[2..]].concat());
    }
    // FTS5 knows that the letter at the end is that in the middle.
    let (_folder, store) = store(&["λόγος", "λόγοσυ"]);
    assert_eq!(found(&store, "λόγος"), [2, 1]);
}

#[test]
fn mixed_text_and_other_scripts_are_found() {
    let (_folder, store) = store(&[
        "用printer打印",
        "ｆｕｌｌ ｗｉｄｔｈ",
        "ひらがなとカタカナ",
        "안녕하세요",
        "well done 👍🏽",
        "Привет",
        "ภาษาไทย",
    ]);
    assert_eq!(found(&store, "printer"), [1]);
    assert_eq!(found(&store, "用print"), [1]);
    assert_eq!(marked(&store, "printer打"), ["printer打"]);
    assert_eq!(found(&store, "full"), [2]);
    assert_eq!(found(&store, "タカ"), [3]);
    assert_eq!(found(&store, "녕하"), [4]);
    assert_eq!(found(&store, "👍"), [5]);
    assert_eq!(found(&store, "прив"), [6]);
    assert_eq!(found(&store, "ไทย"), [7]);
}

#[test]
fn nothing_that_is_typed_has_a_special_meaning() {
    let (_folder, store) = store(&["a OR b", "words NEAR place", "c1"]);
    assert_eq!(found(&store, "a OR b"), [1]);
    assert_eq!(found(&store, "OR"), [1]);
    assert_eq!(found(&store, "NOT"), [0; 0]);
    assert_eq!(found(&store, "place"), [2]);
    // The word for the conversation is in no text.
    assert_eq!(found(&store, "c1"), [3]);
    assert_eq!(found(&store, "\"a\" (*"), [1]);
    for nothing in ["", "  ", "\"", "*", "( ) : ^ -", "\u{301}"] {
        assert_eq!(Query::parse(nothing), None, "{nothing}");
    }
}

#[test]
fn the_newest_come_first_and_the_rest_later() {
    let texts: Vec<String> = (1..=450).map(|number| format!("word {number}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (_folder, mut store) = store(&texts);
    let elsewhere = Said {
        between: ELSEWHERE,
        ..said("word elsewhere")
    };
    store
        .commit(|store| store.insert_said(&elsewhere))
        .expect("there is room");
    let query = Query::parse("word").expect("a word");
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = find(&store, &query, None, before, usize::MAX).expect("it can be read");
        assert!(page.found.len() <= limits::FOUND);
        all.extend(page.found.iter().map(|found| found.line.id));
        before = all.last().copied();
        if !page.more {
            break;
        }
    }
    assert_eq!(all, (1..=451).rev().collect::<Vec<_>>());
    let id = kept::number(&store, None, &ELSEWHERE)
        .expect("it can be read")
        .expect("it is kept");
    let only = find(&store, &query, Some(id), None, 10).expect("it can be read");
    assert_eq!(only.found.len(), 1);
    assert_eq!(
        (only.found[0].conversation, only.found[0].line.seq),
        (id, Seq::ZERO.next())
    );
    let none = find(&store, &query, None, Some(0), 10).expect("it can be read");
    assert_eq!((none.found.len(), none.more), (0, false));
}

#[test]
fn a_long_text_is_cut_around_what_was_found() {
    let long = format!("{} 打印 {}", "前".repeat(1_000), "后".repeat(1_000));
    let (_folder, store) = store(&[&long, "打印"]);
    let results = results(&store, "打印");
    let [short, long] = results.found.as_slice() else {
        panic!("{results:?}");
    };
    assert_eq!(
        (short.is_cut, short.mark.clone()),
        ((false, false), Some(0..6))
    );
    assert_eq!(long.is_cut, (true, true));
    assert!(long.line.text.len() <= limits::SNIPPET);
    assert_eq!(
        &long.line.text[long.mark.clone().expect("it is marked")],
        "打印"
    );
}

#[test]
fn a_database_without_an_index_gets_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.db");
    let mut connection = Connection::open(&path).expect("a database");
    let transaction = connection.transaction().expect("nobody else writes");
    schema::SERVER.steps[0](&transaction).expect("it is new");
    transaction
        .pragma_update(None, "application_id", schema::SERVER.application)
        .expect("new");
    transaction
        .pragma_update(None, "user_version", 1)
        .expect("new");
    transaction
        .execute_batch("INSERT INTO conversation (id, name, head) VALUES (1, 'room', 1)")
        .expect("new");
    transaction
        .execute(
            "INSERT INTO line (id, conversation, seq, name, kind, cid, text, at, hash)
            VALUES (1, 1, 1, 'Ana', 'text', ?1, '打印机', 5, ?2)",
            (
                Cid::from_bytes([0; 16]),
                chain::start(&Epoch::from_bytes([0; 16])),
            ),
        )
        .expect("new");
    transaction
        .execute_batch("UPDATE head SET pos = 1")
        .expect("new");
    transaction.commit().expect("there is room");
    drop(connection);
    let mut store = ServerStore::open(&path).expect("version 1").store;
    assert_eq!(found(&store, "打印"), [1]);
    store
        .commit(|store| store.insert_said(&said("打印")))
        .expect("there is room");
    assert_eq!(found(&store, "打印"), [2, 1]);
    drop(store);
    assert_eq!(ServerStore::open(&path).expect("version 2").set_aside, None);
}

#[test]
fn what_was_taken_back_is_not_in_the_index() {
    let (_folder, mut store) = store(&[]);
    let taken_back = |store: &ServerStore| -> Result<(), Error> {
        store.insert_said(&said("word taken back"))?;
        Err(Error::Cancelled)
    };
    store.begin().expect("nobody else writes");
    store
        .step(|store| store.insert_said(&said("word one")))
        .expect("there is room");
    assert_eq!(store.step(taken_back), Err(Error::Cancelled));
    store
        .step(|store| store.insert_said(&said("word two")))
        .expect("there is room");
    store.finish().expect("there is room");
    assert_eq!(store.commit(taken_back), Err(Error::Cancelled));
    store.begin().expect("nobody else writes");
    store
        .step(|store| store.insert_said(&said("word given up")))
        .expect("there is room");
    store.give_up();
    store
        .commit(|store| store.insert_said(&said("word three")))
        .expect("there is room");
    assert_eq!(found(&store, "word"), [3, 2, 1]);
    // Its number was given to another line, which must not be found by its words.
    for gone in ["taken", "given"] {
        assert_eq!(found(&store, gone), [0; 0]);
    }
}

#[test]
fn a_client_finds_what_was_said_to_it() {
    use crate::history::ClientStore;
    use crate::history::client::{PlainLine, State};
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("client.db");
    let mut store = ClientStore::open(&path).expect("a new one").store;
    let line = PlainLine {
        is_outgoing: true,
        name: "Bo".parse().expect("a label"),
        kind: Kind::Text,
        text: "打印机 printer".into(),
        at: At::ZERO,
        state: State::Sent,
    };
    let id = store
        .commit(|store| store.keep_plain("a:1", &line))
        .expect("there is room");
    let query = Query::parse("print 打印").expect("words");
    let results = find(&store, &query, None, None, 10).expect("it can be read");
    assert_eq!(results.found[0].line.id, id);
    assert_eq!(results.found[0].line.state, State::Sent);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_typed_is_looked_for(typed in "\\PC{0,60}", text in "\\PC{0,400}") {
        let (_folder, store) = store(&[&text]);
        if let Some(query) = Query::parse(&typed) {
            let results = find(&store, &query, Some(1), None, 10);
            prop_assert!(results.is_ok(), "{results:?}");
        }
    }

    #[test]
    fn every_piece_of_chinese_is_found(text in "[一-龥]{1,40}", from in 0..40_usize, to in 1..40_usize) {
        let characters: Vec<char> = text.chars().collect();
        let from = from.min(characters.len() - 1);
        let to = to.clamp(from + 1, characters.len().max(from + 1));
        let piece: String = characters[from..to].iter().collect();
        let (_folder, store) = store(&["另外", &text]);
        let found = results(&store, &piece).found;
        prop_assert!(found.iter().any(|found| found.line.id == 2));
        prop_assert_eq!(found[0].mark.clone().map(|mark| found[0].line.text[mark].to_owned()), Some(piece));
    }

    #[test]
    fn every_word_is_found_by_each_of_its_beginnings(
        texts in prop::collection::vec("[abé]{1,6}( [abé]{1,6}){0,3}", 1..12), typed in "[abé]{1,5}",
    ) {
        let (_folder, store) = store(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let sought = typed.replace('é', "e");
        let has_it = |text: &String| {
            index::words(text).iter().any(|word| word.folded.starts_with(&sought))
        };
        let mut expected: Vec<_> = (1..).zip(&texts).filter(|(_, text)| has_it(text)).collect();
        expected.reverse();
        let expected: Vec<u64> = expected.into_iter().map(|(number, _)| number).collect();
        prop_assert_eq!(found(&store, &typed), expected);
    }

    #[test]
    fn the_places_of_words_are_in_the_text(text in "\\PC{0,200}") {
        let mut end = 0;
        for word in index::words(&text) {
            prop_assert!(word.place.start >= end && text.get(word.place.clone()).is_some());
            prop_assert!(!word.folded.is_empty());
            end = word.place.end;
        }
    }
}
