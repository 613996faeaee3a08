use hallway_core::history::Store;
use hallway_core::history::kept::{self, KeptLine, Part};
use tempfile::TempDir;

use super::*;

fn target() -> Target {
    "lab:4255".parse().unwrap()
}

fn history() -> (TempDir, History<ClientStore>) {
    let folder = tempfile::tempdir().unwrap();
    let opened = ClientStore::open(&folder.path().join("history.db")).unwrap();
    (folder, History::start(opened.store).unwrap())
}

/// Waits until all is written.
fn finish(history: &History<ClientStore>) {
    history.stop().wait().unwrap();
}

fn read(folder: &TempDir) -> Vec<KeptLine> {
    let store = ClientStore::beside(&folder.path().join("history.db")).unwrap();
    let all = kept::conversations(&store).unwrap();
    assert_eq!(all.len(), 1);
    kept::lines(&store, all[0].id, Part::Newest, 200).unwrap()
}

fn in_a_main_loop(work: impl FnOnce()) {
    let context = glib::MainContext::new();
    context.with_thread_default(work).unwrap();
}

#[test]
fn what_is_said_early_is_kept_and_so_is_what_becomes_of_it() {
    let (folder, history) = history();
    let keeping = PlainKeeping::new(&target());
    keeping.heard("Ana", "hello");
    let (queued, lost) = (MessageId(1), MessageId(2));
    keeping.said(queued, Some("Me"), "hi", MessageState::Queued);
    keeping.said(lost, None, "gone", MessageState::OnTheWay);
    keeping.changed(queued, MessageState::Sent);
    keeping.changed(lost, MessageState::PerhapsNotReceived);
    in_a_main_loop(|| keeping.open(Some(history.clone())));
    // It goes with its window.
    drop(keeping);
    finish(&history);
    let read = read(&folder);
    let seen: Vec<_> = read
        .iter()
        .map(|line| (line.text.as_str(), line.is_outgoing, line.state))
        .collect();
    assert_eq!(
        seen,
        [
            ("hello", false, State::Received),
            ("hi", true, State::Sent),
            ("gone", true, State::Perhaps),
        ]
    );
    assert_eq!(read[0].from.name.as_ref(), "Ana");
    assert_eq!(read[1].from.name.as_ref(), "Me");
}

#[test]
fn a_flood_leaves_a_mark_and_no_more_than_may_wait() {
    let keeping = PlainKeeping::new(&target());
    for number in 0..WAITING + 5_000 {
        keeping.heard("flood", &number.to_string());
    }
    assert_eq!(keeping.0.borrow().waiting.len(), WAITING);
    assert!(keeping.0.borrow().owes_mark);
    keeping.0.borrow_mut().waiting.drain(..10);
    keeping.heard("Ana", "after it");
    let inner = keeping.0.borrow();
    let mut last = inner.waiting.iter().rev();
    let mut next = || match last.next() {
        Some(Change::Line(line, _)) => line.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(next().text, "after it");
    assert_eq!(next().kind, Kind::Mark);
    drop(inner);
    let long = PlainKeeping::new(&target());
    for _ in 0..1_000 {
        long.heard("long", &"x".repeat(TEXT + 1));
    }
    assert!(long.0.borrow().bytes <= WAITING_BYTES);
}

#[test]
fn without_a_history_nothing_waits() {
    let keeping = PlainKeeping::new(&target());
    keeping.heard("Ana", "hello");
    keeping.open(None);
    keeping.heard("Ana", "hello");
    let inner = keeping.0.borrow();
    assert!(inner.waiting.is_empty() && inner.bytes == 0);
}

#[test]
fn batches_follow_each_other_until_all_is_kept() {
    let (folder, history) = history();
    let context = glib::MainContext::default();
    let _owned = context.acquire().unwrap();
    let keeping = PlainKeeping::new(&target());
    keeping.open(Some(history.clone()));
    for number in 0..BATCH * 3 {
        keeping.heard("Ana", &number.to_string());
    }
    while keeping.0.borrow().is_busy {
        context.iteration(true);
    }
    assert!(keeping.0.borrow().waiting.is_empty());
    let count = history
        .read(|store| kept::count(store, 1))
        .unwrap()
        .wait()
        .unwrap();
    assert_eq!(count, BATCH as u64 * 3);
    drop(keeping);
    finish(&history);
    assert_eq!(read(&folder).len(), 200);
}

#[test]
fn any_name_is_a_label_and_any_text_fits() {
    assert_eq!(label("Ana").as_ref(), "Ana");
    assert_eq!(label("").as_ref(), "…");
    assert_eq!(label("a\u{1b}b").as_ref(), "a␛b");
    assert!(label(&"é".repeat(10_000)).as_ref().len() <= LABEL);
    assert!(cut_to_fit(&"é".repeat(TEXT)).len() <= TEXT);
}
