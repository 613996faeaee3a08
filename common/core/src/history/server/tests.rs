mod model;
mod reading;

use tempfile::TempDir;

use super::*;
use crate::history::tests::number;
use crate::history::{kept, limits};
use crate::wire::limits::CONVERSATIONS;
use crate::wire::values::Numbers;
use crate::wire::{Conv, Cursor};

const ANA: Fingerprint = Fingerprint::from_bytes([1; 32]);
const BO: Fingerprint = Fingerprint::from_bytes([2; 32]);
const EVE: Fingerprint = Fingerprint::from_bytes([3; 32]);

fn store() -> (TempDir, ServerStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = ServerStore::open(&folder.path().join("server.db")).expect("a new one");
    (folder, opened.store)
}

fn message(sender: Fingerprint, cid: u8, n: u64, text: &str) -> Message {
    Message {
        sender,
        name: "Ana".parse().expect("a label"),
        cid: Cid::from_bytes([cid; 16]),
        n: number(n),
        between: Between::Room,
        text: text.parse().expect("a text"),
        at: number(1_000 + u64::from(cid)),
    }
}

fn said(text: &str) -> Said {
    Said {
        from: Person {
            id: None,
            name: "10.0.0.7:40112".parse().expect("a label"),
        },
        between: Between::Room,
        kind: Kind::Text,
        text: text.into(),
        at: At::ZERO,
    }
}

fn insert(store: &mut ServerStore, message: &Message) -> Inserted {
    store
        .commit(|store| store.insert(message))
        .expect("there is room")
}

fn new(inserted: Inserted) -> Entry {
    match inserted {
        Inserted::New(entry) => entry,
        other => panic!("not new: {other:?}"),
    }
}

fn count(store: &ServerStore, table: &str) -> u64 {
    let sql = format!("SELECT count(*) FROM {table}");
    let count = store.connection().query_row(&sql, [], |row| row.get(0));
    count.expect("it can be read")
}

#[test]
fn an_arrival_is_told_what_is_so() {
    let (_folder, mut store) = store();
    let nothing = store.arrival(&ANA, None).expect("it can be read");
    assert_eq!(nothing.head.pos, Pos::ZERO);
    assert_eq!(nothing.standing, Standing::Continues);
    let entry = new(insert(&mut store, &message(ANA, 1, 1, "hello")));
    let mut cursor = Cursor {
        epoch: *store.epoch(),
        pos: entry.pos,
        hash: entry.hash,
    };
    let known = store.arrival(&ANA, Some(&cursor)).unwrap();
    assert_eq!((known.head.pos, known.head.hash), (entry.pos, entry.hash));
    assert_eq!(known.numbers.get(&Conv::Room), number(1));
    assert_eq!(known.standing, Standing::Continues);
    cursor.pos = number(9);
    let ahead = store.arrival(&BO, Some(&cursor)).unwrap();
    assert_eq!(ahead.standing, Standing::Ahead);
    assert_eq!(ahead.numbers, Numbers::default());
    // Nothing is left open by it.
    new(insert(&mut store, &message(ANA, 2, 2, "again")));
}

#[test]
fn whoever_wrote_or_was_written_to_is_known() {
    let (_folder, mut store) = store();
    let both = Between::two(ANA, BO);
    assert!(!store.knows(&BO, &both).expect("it can be read"));
    assert!(!store.knows(&ANA, &Between::two(ANA, EVE)).unwrap());
    let mut sent = message(ANA, 1, 1, "hello");
    sent.between = both;
    new(insert(&mut store, &sent));
    assert!(store.knows(&BO, &both).unwrap(), "by the conversation");
    assert!(store.knows(&ANA, &Between::two(ANA, EVE)).unwrap());
    assert!(!store.knows(&BO, &Between::two(BO, EVE)).unwrap());
}

#[test]
fn a_message_is_there_once_however_often_it_comes() {
    let (_folder, mut store) = store();
    let sent = message(ANA, 1, 1, "hello");
    let event = new(insert(&mut store, &sent));
    let numbers = (event.pos.get(), event.seq.get(), event.at.get());
    assert_eq!(numbers, (1, 1, 1_001));
    // Numbered anew after a new start, and at another time: the first answer.
    let again = Message {
        n: number(7),
        at: number(9_999),
        ..sent
    };
    let receipt = Receipt {
        between: Between::Room,
        seq: number(1),
        pos: number(1),
        at: number(1_001),
    };
    assert_eq!(insert(&mut store, &again), Inserted::Again(receipt));
    assert_eq!(store.head().expect("it can be read").pos.get(), 1);
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
        between: Between::two(ANA, BO),
        ..message(ANA, 1, 1, "hello")
    };
    assert_eq!(insert(&mut store, &elsewhere), Inserted::BadCid);
    assert_eq!(
        new(insert(&mut store, &message(BO, 1, 1, "mine")))
            .pos
            .get(),
        2
    );
}

#[test]
fn a_gap_in_the_numbers_is_out_of_order() {
    let (_folder, mut store) = store();
    for n in [0, 2, N::MAX.get()] {
        let refused = Inserted::OutOfOrder {
            expected: number(1),
        };
        assert_eq!(insert(&mut store, &message(ANA, 1, n, "a")), refused);
    }
    // What is refused leaves nothing behind, not even a conversation.
    assert_eq!(count(&store, "conversation"), 0);
    new(insert(&mut store, &message(ANA, 1, 1, "a")));
    let refused = Inserted::OutOfOrder {
        expected: number(2),
    };
    assert_eq!(insert(&mut store, &message(ANA, 2, 1, "b")), refused);
    // Counted for each device and conversation.
    let direct = Between::two(ANA, BO);
    let sent = Message {
        between: direct,
        ..message(ANA, 3, 1, "c")
    };
    assert_eq!(new(insert(&mut store, &sent)).seq.get(), 1);
    let expected = Numbers::new([(Conv::With(BO), number(1)), (Conv::Room, number(1))]);
    assert_eq!(store.numbers(&ANA), Ok(expected));
    assert_eq!(store.numbers(&BO), Ok(Numbers::default()));
    assert_eq!(store.last(&ANA, &direct), Ok(number(1)));
    assert_eq!(store.last(&BO, &direct), Ok(N::ZERO));
}

#[test]
fn what_is_too_long_is_refused_and_the_rest_of_the_commit_stays() {
    let (_folder, mut store) = store();
    store.begin().expect("nobody else writes");
    let first = store.step(|store| store.insert(&message(ANA, 1, 1, "a")));
    new(first.expect("there is room"));
    let long = "x".repeat(limits::TEXT + 1);
    let refused = store.step(|store| store.insert_said(&said(&long)));
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
    assert_eq!(new(last.expect("there is room")).pos.get(), 2);
    store.finish().expect("there is room");
    let texts: Vec<String> = store
        .after(Pos::ZERO, None)
        .expect("it can be read")
        .entries
        .iter()
        .map(|entry| entry.text.to_string())
        .collect();
    assert_eq!(texts, ["a", "b"]);
}

#[test]
fn all_of_a_plain_line_is_kept_and_what_fits_is_told() {
    let (_folder, mut store) = store();
    let long = "走".repeat(limits::TEXT / 3);
    let entry = store
        .commit(|store| store.insert_said(&said(&long)))
        .expect("there is room");
    assert_eq!(entry.text, Text::fitting(&long));
    assert_ne!(entry.text.as_ref(), long);
    let read = store
        .after(Pos::ZERO, None)
        .expect("it can be read")
        .entries;
    assert_eq!(read, [entry]);
    let lines = kept::lines(&store, 1, kept::Part::Newest, 1).expect("it can be read");
    assert_eq!(lines[0].text, long);
}

/// Two lines that look the same have bits that nobody can guess.
#[test]
fn what_came_without_an_identity_gets_one() {
    let (_folder, mut store) = store();
    let keep = |store: &ServerStore| store.insert_said(&said("a"));
    let first = store.commit(keep).expect("there is room");
    let second = store.commit(keep).expect("there is room");
    assert_ne!(first.cid, second.cid);
}

#[test]
fn one_identity_begins_so_many_conversations_and_no_more() {
    let (_folder, mut store) = store();
    let to = |other: usize| {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&other.to_be_bytes());
        Message {
            cid: Cid::from_bytes((other as u128).to_be_bytes()),
            between: Between::two(ANA, Fingerprint::from_bytes(id)),
            ..message(ANA, 0, 1, "hello")
        }
    };
    store
        .commit(|store| {
            // The room has its place though it comes last.
            for other in 1..CONVERSATIONS {
                new(store.insert(&to(other))?);
            }
            Ok(())
        })
        .expect("there is room");
    let refused = store.commit(|store| store.insert(&to(CONVERSATIONS)));
    let expected = Error::TooManyConversations {
        limit: CONVERSATIONS,
    };
    assert_eq!(refused, Err(expected));
    assert_eq!(count(&store, "conversation"), CONVERSATIONS as u64 - 1);
    // What was begun goes on, what was taken is still known, and others begin theirs.
    let second = Message {
        n: number(2),
        cid: Cid::from_bytes([1; 16]),
        ..to(1)
    };
    new(insert(&mut store, &second));
    assert!(matches!(insert(&mut store, &to(7)), Inserted::Again(_)));
    new(insert(&mut store, &message(ANA, 2, 1, "to all")));
    let answer = Message {
        sender: BO,
        between: Between::two(ANA, BO),
        ..message(BO, 3, 1, "hello")
    };
    new(insert(&mut store, &answer));
    let numbers = store.numbers(&ANA).expect("it can be read");
    assert_eq!(numbers.iter().count(), CONVERSATIONS);
    assert_eq!(numbers.get(&Conv::Room), number(1));
}
