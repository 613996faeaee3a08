use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::history::client::{Outgoing, PlainLine, State};
use crate::history::kept::{self, Part};
use crate::history::search::{self, Query};
use crate::history::server::{Inserted, Message, Said, Standing};
use crate::history::tests::number;
use crate::history::{ClientStore, History, Owner, ServerStore};
use crate::wire::event::Kind;
use crate::wire::{Between, Cid, Conv, Cursor, Fingerprint, Hash, Person, Pos, Seq};

fn store() -> (TempDir, ServerStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = ServerStore::open(&folder.path().join("server.db")).expect("a new one");
    (folder, opened.store)
}

fn id(byte: u8) -> Fingerprint {
    Fingerprint::from_bytes([byte; 32])
}

fn message(n: u64, between: Between, text: &str, at: u64) -> Message {
    let mut cid = [0; 16];
    cid[..8].copy_from_slice(&n.to_be_bytes());
    cid[15] = u8::from(between == Between::Room);
    Message {
        sender: id(1),
        name: "Ana".parse().expect("a label"),
        cid: Cid::from_bytes(cid),
        n: number(n),
        between,
        text: text.parse().expect("a text"),
        at: number(at),
    }
}

fn insert(store: &mut ServerStore, message: &Message) -> (Pos, Hash) {
    match store
        .commit(|store| store.insert(message))
        .expect("there is room")
    {
        Inserted::New(event) => (event.pos, event.hash),
        other => panic!("{other:?}"),
    }
}

fn found(store: &ServerStore, word: &str) -> usize {
    let query = Query::parse(word).expect("a word");
    search::find(store, &query, None, None, 200)
        .expect("it can be read")
        .found
        .len()
}

#[test]
fn each_choice_has_its_time() {
    let now = number(100 * DAY.unsigned_abs());
    assert_eq!(Retention::Forever.cutoff(now, true), None);
    assert_eq!(Retention::Days(30).cutoff(now, false), Some(70 * DAY));
    let longest = Retention::Days(u32::MAX).cutoff(At::ZERO, false);
    assert!(longest.is_some_and(|cutoff| cutoff < 0));
    assert_eq!(Retention::Session.cutoff(now, false), None);
    assert_eq!(Retention::Session.cutoff(now, true), Some(i64::MAX));
}

#[test]
fn what_is_old_goes_and_the_rest_stays_in_order() {
    let (_folder, mut store) = store();
    let mut at = Vec::new();
    for n in 1..=10 {
        let sent = message(n, Between::Room, &format!("word{n}"), n);
        at.push(insert(&mut store, &sent));
    }
    let removed = store
        .commit(|store| remove_older(store, 7))
        .expect("there is room");
    assert_eq!(
        removed,
        Removed {
            count: 6,
            more: false
        }
    );
    let past = store
        .past(&Between::Room, None, 200)
        .expect("it can be read");
    let left: Vec<u64> = past.entries.iter().map(|entry| entry.seq.get()).collect();
    assert_eq!(
        (left, past.more, past.gap),
        (vec![7, 8, 9, 10], false, true)
    );
    let past = store
        .past(&Between::Room, Some(number(7)), 200)
        .expect("it can be read");
    assert_eq!((past.entries.len(), past.more, past.gap), (0, false, true));
    let past = store.past(&Between::Room, None, 2).expect("it can be read");
    assert_eq!((past.entries.len(), past.more, past.gap), (2, true, false));
    assert_eq!((found(&store, "word3"), found(&store, "word8")), (0, 1));
    // A cursor there is still known, and so is one of another history.
    let (pos, hash) = at[2];
    let judge = |hash| {
        let epoch = *store.epoch();
        store.judge(&Cursor { epoch, pos, hash })
    };
    assert_eq!(judge(hash), Ok(Standing::Continues));
    let other = Hash::from_bytes([0; 32]);
    assert_eq!(judge(other), Ok(Standing::OtherHash));
    assert_eq!(
        store
            .after(pos, None)
            .expect("it can be read")
            .entries
            .len(),
        4
    );
    // A message that comes again is not taken again, though its text is gone.
    let again = message(3, Between::Room, "word3", 99);
    let inserted = store
        .commit(|store| store.insert(&again))
        .expect("there is room");
    assert!(matches!(inserted, Inserted::Again(receipt) if receipt.pos == pos));
    let sent = message(11, Between::Room, "next", 11);
    assert_eq!(insert(&mut store, &sent).0.get(), 11);
}

#[test]
fn it_goes_in_steps() {
    let (_folder, mut store) = store();
    let said = Said {
        from: Person {
            id: None,
            name: "Ana".parse().expect("a label"),
        },
        between: Between::Room,
        kind: Kind::Text,
        text: "a".into(),
        at: number(1),
    };
    let count = limits::REMOVE_AT_ONCE + 5;
    store
        .commit(|store| (0..count).try_for_each(|_| store.insert_said(&said).map(|_| ())))
        .expect("there is room");
    let step = |store: &mut ServerStore| store.commit(|store| remove_older(store, 2));
    assert_eq!(
        step(&mut store),
        Ok(Removed {
            count: limits::REMOVE_AT_ONCE,
            more: true
        })
    );
    assert_eq!(
        step(&mut store),
        Ok(Removed {
            count: 5,
            more: false
        })
    );
    assert_eq!(
        step(&mut store),
        Ok(Removed {
            count: 0,
            more: false
        })
    );
}

/// Whether the word is anywhere in the files of the folder.
fn is_in_files(folder: &Path, word: &str) -> bool {
    fs::read_dir(folder).expect("it is ours").any(|file| {
        let bytes = fs::read(file.expect("it is ours").path()).expect("it is ours");
        memchr::memmem::find(&bytes, word.as_bytes()).is_some()
    })
}

#[test]
fn a_conversation_that_is_deleted_is_not_in_the_file_any_more() {
    let (folder, mut store) = store();
    let direct = Between::two(id(1), id(2));
    for n in 1..=300 {
        insert(
            &mut store,
            &message(n, direct, &format!("Zanzibar{n} 秘密 xylophone"), 1),
        );
        insert(
            &mut store,
            &message(n, Between::Room, &format!("harmless{n}"), 1),
        );
    }
    assert!(is_in_files(folder.path(), "Zanzibar") && is_in_files(folder.path(), "xylophone"));
    let id = kept::number(&store, None, &direct)
        .expect("it can be read")
        .expect("it is kept");
    let history = History::start(store).expect("a thread");
    let removed = history
        .ask(move |store| remove_conversation(store, id))
        .expect("room")
        .wait();
    assert_eq!(
        removed,
        Ok(Removed {
            count: 300,
            more: false
        })
    );
    let mut goes_on = false;
    loop {
        let step = history
            .between(move |store| forget(store, goes_on))
            .expect("room")
            .wait();
        if step != Ok(Forgotten::Partly) {
            assert_eq!(step, Ok(Forgotten::Wholly));
            break;
        }
        goes_on = true;
    }
    for word in [
        "Zanzibar",
        "zanzibar",
        "anzibar",
        "秘密",
        "秘",
        "xylophone",
        "ylophon",
    ] {
        assert!(!is_in_files(folder.path(), word), "{word}");
    }
    let results = history.read(|store| Ok((found(store, "zanzibar1"), found(store, "harmless7"))));
    assert_eq!(results.expect("room").wait(), Ok((0, 11)));
    let conversations = history.read(kept::conversations).expect("room").wait();
    assert_eq!(conversations.expect("it can be read").len(), 1);
    // It goes on where it was.
    let sent = message(301, direct, "again", 2);
    let inserted = history
        .ask(move |store| store.insert(&sent))
        .expect("room")
        .wait();
    assert!(matches!(inserted, Ok(Inserted::New(event)) if event.seq == number::<Seq>(301)));
}

#[test]
fn a_session_leaves_nothing_but_what_was_not_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("client.db");
    let mut store = ClientStore::open(&path).expect("a new one").store;
    let line = PlainLine {
        is_outgoing: false,
        name: "Bo".parse().expect("a label"),
        kind: Kind::Text,
        text: "secret".into(),
        at: At::MAX,
        state: State::Received,
    };
    let unsent = Outgoing {
        cid: Cid::from_bytes([1; 16]),
        to: Conv::Room,
        text: "unsent".parse().expect("a text"),
        at: number(1),
    };
    store
        .commit(|store| {
            store.post(&id(9), &unsent)?;
            store.keep_plain("somewhere:4255", &line)
        })
        .expect("there is room");
    let owner = Owner::Address("somewhere:4255".into());
    let row = |store: &ClientStore| {
        kept::number(store, Some(&owner), &Conv::Room).expect("it can be read")
    };
    let place = row(&store).expect("it is kept");
    let cutoff = Retention::Session
        .cutoff(number(1), true)
        .expect("it has one");
    store
        .commit(|store| remove_older(store, cutoff))
        .expect("there is room");
    let mut goes_on = false;
    while forget(&mut store, goes_on) == Ok(Forgotten::Partly) {
        goes_on = true;
    }
    assert_eq!(row(&store), None);
    assert!(
        kept::lines(&store, place, Part::Newest, 10)
            .expect("it can be read")
            .is_empty()
    );
    for word in ["secret", "somewhere:4255"] {
        assert!(!is_in_files(folder.path(), word), "{word}");
    }
    assert_eq!(store.unsent(&id(9), 0).expect("it can be read").len(), 1);
}

#[test]
fn an_export_keeps_the_log_and_one_more_step_empties_it() {
    let (folder, mut store) = store();
    let path = folder.path().join("server.db");
    insert(&mut store, &message(1, Between::Room, "Zanzibar", 1));
    let reader = ServerStore::open_beside(&path).expect("it is open");
    let reading = reader
        .connection()
        .unchecked_transaction()
        .expect("it is free");
    let count: i64 = reading
        .query_row("SELECT count(*) FROM line", [], |row| row.get(0))
        .expect("it can be read");
    assert_eq!(count, 1);
    store
        .commit(|store| remove_older(store, 2))
        .expect("there is room");
    let end = |store: &mut ServerStore| {
        let mut goes_on = false;
        loop {
            match forget(store, goes_on).expect("there is room") {
                Forgotten::Partly => goes_on = true,
                end => break end,
            }
        }
    };
    assert_eq!(end(&mut store), Forgotten::ButForTheLog);
    drop(reading);
    assert_eq!(end(&mut store), Forgotten::Wholly);
    assert!(!is_in_files(folder.path(), "anzibar"));
}

/// With the random bits whoever has the file could try texts against what is left of the hashes.
#[test]
fn the_random_bits_of_a_message_go_with_its_text() {
    let (folder, mut store) = store();
    let is_there = |cid: Cid| {
        fs::read_dir(folder.path())
            .expect("it is ours")
            .any(|file| {
                let bytes = fs::read(file.expect("it is ours").path()).expect("it is ours");
                memchr::memmem::find(&bytes, cid.as_bytes()).is_some()
            })
    };
    let mut sent = message(1, Between::Room, "yes", 1);
    sent.cid = Cid::random().expect("there are some");
    insert(&mut store, &sent);
    assert!(is_there(sent.cid));
    store
        .commit(|store| remove_older(store, 2))
        .expect("there is room");
    let mut goes_on = false;
    while forget(&mut store, goes_on) == Ok(Forgotten::Partly) {
        goes_on = true;
    }
    assert!(!is_there(sent.cid));
    let again = store.commit(|store| store.insert(&sent));
    assert!(matches!(again, Ok(Inserted::Again(_))), "{again:?}");
}

#[test]
fn a_history_that_is_open_is_rid_of_what_is_old_and_of_a_conversation() {
    let (folder, mut store) = store();
    let direct = Between::two(id(1), id(2));
    for n in 1..=10 {
        insert(&mut store, &message(n, Between::Room, "walrus", n));
    }
    insert(&mut store, &message(1, direct, "narwhal", 20));
    let history = History::start(store).expect("a thread");
    let context = glib::MainContext::new();
    let now = number(DAY.unsigned_abs() + 7);
    let keep = |retention, at_end| {
        let removed = keep(&history, retention, now, at_end);
        context.block_on(removed).expect("there is room")
    };
    assert_eq!(keep(Retention::Forever, true), 0);
    assert_eq!(keep(Retention::Session, false), 0);
    assert_eq!(keep(Retention::Days(1), false), 6);
    let number = history.read(move |store| kept::number(store, None, &direct));
    let number = number.expect("there is room").wait();
    let number = number.expect("it can be read").expect("it is kept");
    assert_eq!(context.block_on(delete(&history, number)), Ok(1));
    assert_eq!(keep(Retention::Session, true), 4);
    history.stop().wait().expect("it ends");
    assert!(!is_in_files(folder.path(), "walrus"));
    assert!(!is_in_files(folder.path(), "narwhal"));
}
