mod model;

use tempfile::TempDir;

use super::*;
use crate::history::limits;

const ANA: Fingerprint = [1; 32];
const BO: Fingerprint = [2; 32];
const EVE: Fingerprint = [3; 32];

fn store() -> (TempDir, ServerStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = ServerStore::open(&folder.path().join("server.db")).expect("a new one");
    (folder, opened.store)
}

fn message(sender: Fingerprint, cid: u8, n: u64, text: &str) -> Message {
    Message {
        sender,
        name: "Ana".into(),
        cid: [cid; 16],
        n,
        conversation: Conversation::Room,
        kind: "msg".into(),
        text: text.into(),
        at: 1_000 + i64::from(cid),
    }
}

fn insert(store: &mut ServerStore, message: &Message) -> Inserted {
    store
        .commit(|store| store.insert(message))
        .expect("there is room")
}

fn new(inserted: Inserted) -> Event {
    match inserted {
        Inserted::New(event) => event,
        other => panic!("not new: {other:?}"),
    }
}

fn count(store: &ServerStore, table: &str) -> u64 {
    let sql = format!("SELECT count(*) FROM {table}");
    let count = store.connection().query_row(&sql, [], |row| row.get(0));
    count.expect("it can be read")
}

#[test]
fn a_message_is_there_once_however_often_it_comes() {
    let (_folder, mut store) = store();
    let sent = message(ANA, 1, 1, "hello");
    let event = new(insert(&mut store, &sent));
    assert_eq!((event.pos, event.seq, event.at), (1, 1, 1_001));
    // Numbered anew after a new start, and at another time: the first answer.
    let again = Message {
        n: 7,
        at: 9_999,
        ..sent
    };
    let receipt = Receipt {
        conversation: Conversation::Room,
        seq: 1,
        pos: 1,
        at: 1_001,
    };
    assert_eq!(insert(&mut store, &again), Inserted::Again(receipt));
    assert_eq!(store.head().expect("it can be read").pos, 1);
}

#[test]
fn one_cid_is_one_message_of_one_device() {
    let (_folder, mut store) = store();
    insert(&mut store, &message(ANA, 1, 1, "hello"));
    assert_eq!(
        insert(&mut store, &message(ANA, 1, 2, "other")),
        Inserted::BadCid
    );
    let elsewhere = Message {
        conversation: Conversation::direct(ANA, BO),
        ..message(ANA, 1, 1, "hello")
    };
    assert_eq!(insert(&mut store, &elsewhere), Inserted::BadCid);
    assert_eq!(new(insert(&mut store, &message(BO, 1, 1, "mine"))).pos, 2);
}

#[test]
fn a_gap_in_the_numbers_is_out_of_order() {
    let (_folder, mut store) = store();
    for n in [0, 2, u64::MAX] {
        let refused = Inserted::OutOfOrder { expected: 1 };
        assert_eq!(insert(&mut store, &message(ANA, 1, n, "a")), refused);
    }
    // What is refused leaves nothing behind, not even a conversation.
    assert_eq!(count(&store, "conversation"), 0);
    new(insert(&mut store, &message(ANA, 1, 1, "a")));
    let refused = Inserted::OutOfOrder { expected: 2 };
    assert_eq!(insert(&mut store, &message(ANA, 2, 1, "b")), refused);
    // Counted for each device and conversation.
    let direct = Conversation::direct(ANA, BO);
    let sent = Message {
        conversation: direct,
        ..message(ANA, 3, 1, "c")
    };
    assert_eq!(new(insert(&mut store, &sent)).seq, 1);
    let numbers = store.numbers(&ANA).expect("it can be read");
    assert_eq!(numbers, [(direct, 1), (Conversation::Room, 1)]);
    assert_eq!(store.last(&ANA, &direct), Ok(1));
    assert_eq!(store.last(&BO, &direct), Ok(0));
}

#[test]
fn what_is_too_long_is_refused_and_the_rest_of_the_commit_stays() {
    let (_folder, mut store) = store();
    store.begin().expect("nobody else writes");
    let first = store.step(|store| store.insert(&message(ANA, 1, 1, "a")));
    new(first.expect("there is room"));
    let long = "x".repeat(limits::TEXT + 1);
    let refused = store.step(|store| store.insert(&message(ANA, 2, 2, &long)));
    assert_eq!(
        refused,
        Err(Error::TooLong {
            limit: limits::TEXT
        })
    );
    let broken: Result<(), Error> = store.step(|store| {
        store.insert(&message(ANA, 3, 2, "taken back"))?;
        Err(Error::Cancelled)
    });
    assert_eq!(broken, Err(Error::Cancelled));
    let last = store.step(|store| store.insert(&message(ANA, 4, 2, "b")));
    assert_eq!(new(last.expect("there is room")).pos, 2);
    store.finish().expect("there is room");
    let texts: Vec<String> = store
        .after(0, None)
        .expect("it can be read")
        .events
        .into_iter()
        .map(|e| e.text)
        .collect();
    assert_eq!(texts, ["a", "b"]);
}

#[test]
fn a_cursor_is_of_this_history_or_it_is_not() {
    let (_folder, mut store) = store();
    let first = new(insert(&mut store, &message(ANA, 1, 1, "a")));
    let second = new(insert(&mut store, &message(ANA, 2, 2, "b")));
    let epoch = *store.epoch();
    let judge = |epoch, pos, hash| store.cursor(&epoch, pos, &hash).expect("it can be read");
    assert_eq!(judge(epoch, 0, [0; 32]), Cursor::Continues);
    assert_eq!(judge([0; 16], 0, [0; 32]), Cursor::Continues);
    assert_eq!(judge(epoch, 1, first.hash), Cursor::Continues);
    assert_eq!(judge(epoch, 2, second.hash), Cursor::Continues);
    assert_eq!(judge(epoch, 2, first.hash), Cursor::OtherHash);
    assert_eq!(judge(epoch, 3, second.hash), Cursor::Ahead);
    assert_eq!(judge(epoch, u64::MAX, second.hash), Cursor::Ahead);
    assert_eq!(judge([0; 16], 2, second.hash), Cursor::OtherEpoch);
}

#[test]
fn an_older_backup_is_found_out_also_when_it_has_grown() {
    let (folder, mut store) = store();
    insert(&mut store, &message(ANA, 1, 1, "a"));
    drop(store);
    let path = folder.path().join("server.db");
    let backup = std::fs::read(&path).expect("it is ours");
    let mut store = ServerStore::open(&path).expect("as before").store;
    let lost = new(insert(&mut store, &message(ANA, 2, 2, "lost")));
    drop(store);
    std::fs::write(&path, backup).expect("there is room");
    let mut store = ServerStore::open(&path).expect("a backup").store;
    let epoch = *store.epoch();
    assert_eq!(
        store.cursor(&epoch, lost.pos, &lost.hash),
        Ok(Cursor::Ahead)
    );
    insert(&mut store, &message(BO, 3, 1, "other"));
    insert(&mut store, &message(BO, 4, 2, "more"));
    assert_eq!(
        store.cursor(&epoch, lost.pos, &lost.hash),
        Ok(Cursor::OtherHash)
    );
    // The one that was never acknowledged by this history follows.
    assert_eq!(new(insert(&mut store, &message(ANA, 2, 2, "lost"))).pos, 4);
}

#[test]
fn only_the_two_read_what_is_between_them() {
    let (_folder, mut store) = store();
    let direct = Conversation::direct(ANA, BO);
    insert(&mut store, &message(ANA, 1, 1, "to all"));
    insert(
        &mut store,
        &Message {
            conversation: direct,
            ..message(ANA, 2, 1, "to Bo")
        },
    );
    for (reader, expected) in [(Some(&ANA), 2), (Some(&BO), 2), (Some(&EVE), 1), (None, 2)] {
        let page = store.after(0, reader).expect("it can be read");
        assert_eq!(
            (page.events.len(), page.next, page.more),
            (expected, 2, false)
        );
    }
}

#[test]
fn a_stream_comes_in_pages_that_are_bounded() {
    let (_folder, mut store) = store();
    let large = "x".repeat(limits::TEXT);
    let said = |text: &str, conversation| Said {
        sender: None,
        name: "plain".into(),
        conversation,
        kind: "plain".into(),
        text: text.into(),
        at: 0,
    };
    let elsewhere = Conversation::direct(ANA, BO);
    let count = store
        .commit(|store| {
            for _ in 0..20 {
                store.insert_said(&said(&large, Conversation::Room))?;
            }
            for _ in 0..600 {
                store.insert_said(&said("small", elsewhere))?;
            }
            Ok(store.insert_said(&said("last", Conversation::Room))?.pos)
        })
        .expect("there is room");
    let (mut events, mut pos, mut pages) = (Vec::new(), 0, 0);
    loop {
        let page = store.after(pos, Some(&EVE)).expect("it can be read");
        let bytes: usize = page.events.iter().map(|event| event.text.len()).sum();
        assert!(bytes <= limits::PAGE_BYTES + limits::TEXT && page.next > pos);
        events.extend(page.events);
        (pos, pages) = (page.next, pages + 1);
        if !page.more {
            break;
        }
    }
    assert_eq!((events.len(), pos), (21, count));
    assert!(pages >= 8, "{pages}");
    let page = store.after(u64::MAX, None).expect("it can be read");
    assert_eq!((page.events.len(), page.more), (0, false));
}

#[test]
fn older_events_come_backwards_until_there_are_none() {
    let (_folder, mut store) = store();
    for number in 1..=30 {
        insert(&mut store, &message(ANA, number, number.into(), "a"));
    }
    let past = |before, limit| {
        store
            .past(&Conversation::Room, before, limit)
            .expect("it can be read")
    };
    let numbers = |past: &Past| -> Vec<u64> { past.events.iter().map(|event| event.seq).collect() };
    let newest = past(None, 10);
    assert_eq!(numbers(&newest), (21..=30).collect::<Vec<_>>());
    assert_eq!((newest.more, newest.gap), (true, false));
    let oldest = past(Some(11), 10);
    assert_eq!(numbers(&oldest), (1..=10).collect::<Vec<_>>());
    assert_eq!((oldest.more, oldest.gap), (false, false));
    assert_eq!(past(Some(u64::MAX), usize::MAX).events.len(), 30);
    for nothing in [past(Some(1), 10), past(Some(0), 10)] {
        assert_eq!(
            (nothing.events.len(), nothing.more, nothing.gap),
            (0, false, false)
        );
    }
    assert_eq!(past(None, 0).events.len(), 1);
    let direct = Conversation::direct(ANA, BO);
    let unknown = store.past(&direct, None, 10).expect("it can be read");
    assert!(unknown.events.is_empty() && !unknown.gap);
}
