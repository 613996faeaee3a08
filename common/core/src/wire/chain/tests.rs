use std::collections::HashSet;

use super::*;
use crate::wire::Fingerprint;

fn id(byte: u8) -> Fingerprint {
    Fingerprint::from_bytes([byte; 32])
}

fn person(id: Option<Fingerprint>, name: &str) -> Person {
    let name = name.parse().unwrap();
    Person { id, name }
}

/// The hash is part of every database that there will be: it must stay what it is.
#[test]
fn the_bytes_are_those_of_the_document() {
    let epoch = Epoch::from_bytes([7; 16]);
    let first = start(&epoch);
    let expected = [&b"hallway/1 history\n"[..], &[7; 16]].concat();
    assert_eq!(first.as_bytes(), Fingerprint::of_der(&expected).as_bytes());

    let event = Kept {
        pos: Pos::try_from(0x0102).unwrap(),
        seq: Seq::try_from(3).unwrap(),
        between: Between::Two(id(9), id(8)),
        from: &person(Some(id(9)), "Ana"),
        cid: &Cid::from_bytes([5; 16]),
        kind: &Kind::Text,
        text: &"走".parse().unwrap(),
        at: At::try_from(4).unwrap(),
    };
    let expected = [
        &b"hallway/1 event\n"[..],
        first.as_bytes(),
        &[0, 0, 0, 0, 0, 0, 1, 2],
        &[0, 0, 0, 0, 0, 0, 0, 3],
        &[0, 0, 0, 0, 0, 0, 0, 4],
        &[5; 16],
        &[1],
        &[8; 32],
        &[9; 32],
        &[1],
        &[9; 32],
        b"\0\0\0\x03Ana",
        b"\0\0\0\x04text",
        b"\0\0\0\x03\xE8\xB5\xB0",
    ]
    .concat();
    let hash = next(&first, &event);
    assert_eq!(hash.as_bytes(), Fingerprint::of_der(&expected).as_bytes());
    let turned = Kept {
        between: Between::Two(id(8), id(9)),
        ..event
    };
    assert_eq!(next(&first, &turned), hash, "seen from the other side");
}

#[test]
fn every_difference_makes_another_hash() {
    let first = start(&Epoch::from_bytes([7; 16]));
    let ana = person(Some(id(1)), "Ana");
    let (cid, other_cid) = (Cid::from_bytes([5; 16]), Cid::from_bytes([6; 16]));
    let (text, other_text) = ("ab".parse().unwrap(), "a".parse().unwrap());
    let base = Kept {
        pos: Pos::ZERO,
        seq: Seq::ZERO,
        between: Between::Room,
        from: &ana,
        cid: &cid,
        kind: &Kind::Text,
        text: &text,
        at: At::ZERO,
    };
    let (one, plain, moved) = (
        person(Some(id(2)), "Ana"),
        person(None, "Ana"),
        person(Some(id(1)), "Anatext"),
    );
    let other_kind = Kind::Other("texta".parse().unwrap());
    let events = [
        base,
        Kept {
            pos: Pos::MAX,
            ..base
        },
        Kept {
            seq: Seq::MAX,
            ..base
        },
        Kept {
            at: At::MAX,
            ..base
        },
        Kept {
            between: Between::Two(id(1), id(2)),
            ..base
        },
        Kept {
            between: Between::Two(id(1), id(3)),
            ..base
        },
        Kept { from: &one, ..base },
        Kept {
            from: &plain,
            ..base
        },
        Kept {
            from: &moved,
            ..base
        },
        Kept {
            cid: &other_cid,
            ..base
        },
        Kept {
            kind: &Kind::Mark,
            ..base
        },
        Kept {
            text: &other_text,
            ..base
        },
        // The same letters, otherwise divided.
        Kept {
            kind: &other_kind,
            text: &"b".parse().unwrap(),
            ..base
        },
    ];
    let mut hashes: HashSet<Hash> = events.iter().map(|event| next(&first, event)).collect();
    assert_eq!(hashes.len(), events.len());
    assert!(
        hashes.insert(next(&next(&first, &base), &base)),
        "after another event"
    );
    assert!(
        hashes.insert(next(&start(&Epoch::from_bytes([8; 16])), &base)),
        "another history"
    );
}
