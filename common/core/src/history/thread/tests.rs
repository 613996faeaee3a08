mod full;
mod killed;

use std::sync::mpsc;
use std::sync::{Arc, Barrier};

use tempfile::TempDir;

use super::*;
use crate::history::ServerStore;
use crate::history::server::{Inserted, Message, Said};
use crate::wire::event::Kind;
use crate::wire::{At, Between, Cid, Fingerprint, N, Person, Pos};

const ANA: Fingerprint = Fingerprint::from_bytes([1; 32]);

fn message(n: u64, text: &str) -> Message {
    let mut cid = [0; 16];
    cid[..8].copy_from_slice(&n.to_be_bytes());
    Message {
        sender: ANA,
        name: "Ana".parse().expect("a label"),
        cid: Cid::from_bytes(cid),
        n: N::try_from(n).expect("it is exact"),
        between: Between::Room,
        text: text.parse().expect("a text"),
        at: At::ZERO,
    }
}

fn store(folder: &TempDir) -> ServerStore {
    ServerStore::open(&folder.path().join("server.db"))
        .expect("it can be opened")
        .store
}

/// Keeps the writing thread busy until the barrier is met.
fn hold(history: &History<ServerStore>) -> Arc<Barrier> {
    let (inside, is_inside) = mpsc::channel();
    let barrier = Arc::new(Barrier::new(2));
    let held = barrier.clone();
    let work = move |_: &ServerStore| {
        inside.send(()).expect("the test waits");
        held.wait();
        Ok(())
    };
    history.write(work, |_| {}).expect("the queue is empty");
    is_inside.recv().expect("the thread runs");
    barrier
}

#[test]
fn many_messages_share_one_commit_and_each_gets_its_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = History::start(store(&folder)).expect("a thread");
    let barrier = hold(&history);
    let answers: Vec<_> = (1..=100)
        .map(|n| {
            // Each third comes out of order.
            let sent = message(if n % 3 == 0 { n + 1_000 } else { n - n / 3 }, "a");
            history
                .ask(move |store| store.insert(&sent))
                .expect("there is room")
        })
        .collect();
    // Nothing is answered, and nothing can be read, before the commit.
    assert!(answers.iter().all(|answer| answer.0.is_empty()));
    let head = history
        .read(ServerStore::head)
        .expect("there is room")
        .wait();
    assert_eq!(head.expect("it can be read").pos, Pos::ZERO);
    let commits = |history: &History<ServerStore>| {
        let version = |store: &ServerStore| {
            Ok(store
                .connection()
                .pragma_query_value(None, "data_version", |row| row.get(0))?)
        };
        let answer: Result<i64, Error> = history.read(version).expect("there is room").wait();
        answer.expect("it can be read")
    };
    let before = commits(&history);
    barrier.wait();
    let mut taken = 0;
    for answer in answers {
        match answer.wait().expect("there is room") {
            Inserted::New(_) => taken += 1,
            Inserted::OutOfOrder { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(taken, 67);
    assert_ne!(commits(&history), before);
    let head = history
        .read(ServerStore::head)
        .expect("there is room")
        .wait();
    assert_eq!(head.expect("it can be read").pos.get(), 67);
}

#[test]
fn one_that_fails_does_not_take_the_others_along() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = History::start(store(&folder)).expect("a thread");
    let barrier = hold(&history);
    let first = message(1, "a");
    let long = Said {
        from: Person {
            id: None,
            name: first.name.clone(),
        },
        between: Between::Room,
        kind: Kind::Text,
        text: "x".repeat(limits::TEXT + 1),
        at: At::ZERO,
    };
    let second = message(2, "b");
    let first = history
        .ask(move |store| store.insert(&first))
        .expect("there is room");
    let refused = history
        .ask(move |store| store.insert_said(&long))
        .expect("there is room");
    let second = history
        .ask(move |store| store.insert(&second))
        .expect("there is room");
    barrier.wait();
    assert!(matches!(first.wait(), Ok(Inserted::New(_))));
    assert_eq!(
        refused.wait(),
        Err(Error::TooLong {
            limit: limits::TEXT
        })
    );
    assert!(matches!(second.wait(), Ok(Inserted::New(_))));
}

#[test]
fn a_full_queue_is_told_and_nothing_waits() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = History::start_with(store(&folder), 4).expect("a thread");
    let barrier = hold(&history);
    let sent = |n| {
        let sent = message(n, "a");
        history.ask(move |store| store.insert(&sent))
    };
    let taken: Vec<_> = (1..=4).map(|n| sent(n).expect("there is room")).collect();
    assert_eq!(history.waiting(), 4);
    assert_eq!(sent(5).map(|_| ()), Err(Error::Overrun));
    barrier.wait();
    for answer in taken {
        assert!(matches!(answer.wait(), Ok(Inserted::New(_))));
    }
    // The one that was refused is not there, and can come again.
    assert!(matches!(
        sent(5).expect("there is room").wait(),
        Ok(Inserted::New(_))
    ));
}

#[test]
fn stopping_writes_what_was_taken_and_takes_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = History::start(store(&folder)).expect("a thread");
    let barrier = hold(&history);
    for n in 1..=50 {
        let sent = message(n, "a");
        history
            .write(move |store| store.insert(&sent), |_| {})
            .expect("there is room");
    }
    let stopped = history.stop();
    assert_eq!(history.ask(|_| Ok(())).map(|_| ()), Err(Error::Closed));
    assert_eq!(history.read(|_| Ok(())).map(|_| ()), Err(Error::Closed));
    barrier.wait();
    assert_eq!(stopped.wait(), Ok(()));
    // Closed properly: all of the log is in the database.
    assert!(!folder.path().join("server.db-wal").exists());
    assert_eq!(store(&folder).head().expect("it can be read").pos.get(), 50);
    assert_eq!(history.stop().wait(), Ok(()));
}

#[test]
fn an_answer_is_a_future_for_the_main_loop() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = History::start(store(&folder)).expect("a thread");
    let context = glib::MainContext::new();
    let sent = message(1, "a");
    let answer = history
        .ask(move |store| store.insert(&sent))
        .expect("there is room");
    let inserted = context.block_on(answer).expect("there is room");
    assert!(matches!(inserted, Inserted::New(_)));
    // Whoever does not wait for the answer has it written all the same.
    let sent = message(2, "b");
    drop(
        history
            .ask(move |store| store.insert(&sent))
            .expect("there is room"),
    );
    context.block_on(history.stop()).expect("it ends");
    assert_eq!(store(&folder).head().expect("it can be read").pos.get(), 2);
}
