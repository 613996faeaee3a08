//! Cursors, pages of the stream, and the past.

use super::*;

#[test]
fn a_cursor_is_of_this_history_or_it_is_not() {
    let (_folder, mut store) = store();
    let first = new(insert(&mut store, &message(ANA, 1, 1, "a")));
    let second = new(insert(&mut store, &message(ANA, 2, 2, "b")));
    let epoch = *store.epoch();
    let (other, none) = (Epoch::from_bytes([0; 16]), Hash::from_bytes([0; 32]));
    let judge = |epoch, pos, hash| {
        let pos = number(pos);
        store
            .judge(&Cursor { epoch, pos, hash })
            .expect("it can be read")
    };
    assert_eq!(judge(epoch, 0, none), Standing::Continues);
    assert_eq!(judge(other, 0, none), Standing::Continues);
    assert_eq!(judge(epoch, 1, first.hash), Standing::Continues);
    assert_eq!(judge(epoch, 2, second.hash), Standing::Continues);
    assert_eq!(judge(epoch, 2, first.hash), Standing::OtherHash);
    assert_eq!(judge(epoch, 3, second.hash), Standing::Ahead);
    assert_eq!(judge(epoch, Pos::MAX.get(), second.hash), Standing::Ahead);
    assert_eq!(judge(other, 2, second.hash), Standing::OtherEpoch);
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
    let cursor = Cursor {
        epoch: *store.epoch(),
        pos: lost.pos,
        hash: lost.hash,
    };
    assert_eq!(store.judge(&cursor), Ok(Standing::Ahead));
    insert(&mut store, &message(BO, 3, 1, "other"));
    insert(&mut store, &message(BO, 4, 2, "more"));
    assert_eq!(store.judge(&cursor), Ok(Standing::OtherHash));
    // The one that was never acknowledged by this history follows.
    let lost = new(insert(&mut store, &message(ANA, 2, 2, "lost")));
    assert_eq!(lost.pos.get(), 4);
}

#[test]
fn only_the_two_read_what_is_between_them() {
    let (_folder, mut store) = store();
    let direct = Between::two(ANA, BO);
    insert(&mut store, &message(ANA, 1, 1, "to all"));
    insert(
        &mut store,
        &Message {
            between: direct,
            ..message(ANA, 2, 1, "to Bo")
        },
    );
    for (reader, expected) in [(Some(&ANA), 2), (Some(&BO), 2), (Some(&EVE), 1), (None, 2)] {
        let page = store.after(Pos::ZERO, reader).expect("it can be read");
        assert_eq!(
            (page.entries.len(), page.next.get(), page.more),
            (expected, 2, false)
        );
        let told = |reader: &Fingerprint| -> Vec<_> {
            let told = page.entries.iter().map(|entry| entry.seen_by(reader));
            told.flatten().collect()
        };
        let convs: Vec<Conv> = told(&BO).iter().map(|event| event.conv).collect();
        assert_eq!(convs, [Conv::Room, Conv::With(ANA)][..expected]);
        assert_eq!(told(&EVE).len(), 1);
    }
}

#[test]
fn a_stream_comes_in_pages_that_are_bounded() {
    let (_folder, mut store) = store();
    let large = "x".repeat(limits::TEXT);
    let said = |text: &str, between| Said {
        between,
        ..said(text)
    };
    let elsewhere = Between::two(ANA, BO);
    let count = store
        .commit(|store| {
            for _ in 0..80 {
                store.insert_said(&said(&large, Between::Room))?;
            }
            for _ in 0..600 {
                store.insert_said(&said("small", elsewhere))?;
            }
            Ok(store.insert_said(&said("last", Between::Room))?.pos)
        })
        .expect("there is room");
    let (mut events, mut pos, mut pages) = (Vec::new(), Pos::ZERO, 0);
    loop {
        let page = store.after(pos, Some(&EVE)).expect("it can be read");
        let lengths = page.entries.iter().map(|entry| entry.text.as_ref().len());
        let bytes: usize = lengths.sum();
        assert!(bytes <= limits::PAGE_BYTES + limits::TEXT && page.next > pos);
        events.extend(page.entries);
        (pos, pages) = (page.next, pages + 1);
        if !page.more {
            break;
        }
    }
    assert_eq!((events.len(), pos), (81, count));
    assert!(pages >= 8, "{pages}");
    let page = store.after(Pos::MAX, None).expect("it can be read");
    assert_eq!((page.entries.len(), page.more), (0, false));
}

#[test]
fn older_events_come_backwards_until_there_are_none() {
    let (_folder, mut store) = store();
    for n in 1..=30 {
        insert(&mut store, &message(ANA, n, n.into(), "a"));
    }
    let past = |before, limit| {
        store
            .past(&Between::Room, before, limit)
            .expect("it can be read")
    };
    let numbers =
        |past: &Past| -> Vec<u64> { past.entries.iter().map(|entry| entry.seq.get()).collect() };
    let newest = past(None, 10);
    assert_eq!(numbers(&newest), (21..=30).collect::<Vec<_>>());
    assert_eq!((newest.more, newest.gap), (true, false));
    let oldest = past(Some(number(11)), 10);
    assert_eq!(numbers(&oldest), (1..=10).collect::<Vec<_>>());
    assert_eq!((oldest.more, oldest.gap), (false, false));
    assert_eq!(past(Some(Seq::MAX), usize::MAX).entries.len(), 30);
    for nothing in [past(Some(number(1)), 10), past(Some(Seq::ZERO), 10)] {
        assert_eq!(
            (nothing.entries.len(), nothing.more, nothing.gap),
            (0, false, false)
        );
    }
    assert_eq!(past(None, 0).entries.len(), 1);
    let direct = Between::two(ANA, BO);
    let unknown = store.past(&direct, None, 10).expect("it can be read");
    assert!(unknown.entries.is_empty() && !unknown.gap);
}
