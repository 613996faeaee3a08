use proptest::prelude::*;

use super::*;
use MessageState::{OnTheWay, PerhapsNotReceived, Queued, Sent};

fn outbox(text: &str) -> Outbox {
    let mut outbox = Outbox::default();
    outbox.push(text, LineEnding::Lf).unwrap();
    outbox
}

/// Gives everything that waits to a connection that has had `position` bytes.
fn give_all(outbox: &mut Outbox, mut position: u64) -> u64 {
    while let Some(bytes) = outbox.next() {
        position += bytes.len() as u64;
        outbox.give(position);
    }
    position
}

fn shown(outbox: &Outbox) -> Vec<(String, MessageState)> {
    let unsent = outbox.unsent().into_iter();
    unsent.map(|unsent| (unsent.text, unsent.state)).collect()
}

fn expect(outbox: &Outbox, expected: &[(&str, MessageState)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(text, state)| ((*text).to_owned(), *state))
        .collect();
    assert_eq!(shown(outbox), expected);
}

#[test]
fn a_text_is_a_message_a_line() {
    let of = |text| lines(text).collect::<Vec<_>>();
    assert_eq!(of(""), Vec::<&str>::new());
    assert_eq!(of("a"), ["a"]);
    assert_eq!(of("a\n"), ["a"]);
    assert_eq!(of("\n"), [""]);
    assert_eq!(of("a\r\nb\rc\n\nd\r"), ["a", "b", "c", "", "d"]);
    assert_eq!(of("a\n\n"), ["a", ""]);
    assert_eq!(of("你\n好"), ["你", "好"]);
}

#[test]
fn endings_are_as_chosen() {
    let mut outbox = Outbox::default();
    outbox.push("a", LineEnding::CrLf).unwrap();
    assert_eq!(outbox.next().as_deref(), Some(&b"a\r\n"[..]));
    expect(&outbox, &[("a", Queued)]);
}

#[test]
fn a_message_is_on_the_way_from_its_first_byte_and_sent_with_its_last() {
    let mut outbox = outbox("ab\ncd");
    let (first, second) = (MessageId(0), MessageId(1));
    give_all(&mut outbox, 100);
    assert_eq!(outbox.settle(100, 100), []);
    assert_eq!(outbox.settle(101, 100), [(first, OnTheWay)]);
    assert_eq!(outbox.settle(103, 102), []);
    assert_eq!(outbox.settle(104, 103), [(second, OnTheWay), (first, Sent)]);
    expect(&outbox, &[("cd", OnTheWay)]);
    assert_eq!(outbox.settle(106, 106), [(second, Sent)]);
    assert_eq!((outbox.len(), outbox.bytes), (0, 0));
}

#[test]
fn what_was_not_begun_goes_again_in_order_and_what_was_begun_does_not() {
    let mut outbox = outbox("a\nb\nc\nd");
    let end = give_all(&mut outbox, 0);
    assert_eq!(end, 8);
    outbox.push("e", LineEnding::Lf).unwrap();
    let changes = outbox.lose(5, 2);
    assert!(changes.ends_with(&[
        (MessageId(0), Sent),
        (MessageId(1), PerhapsNotReceived),
        (MessageId(2), PerhapsNotReceived),
    ]));
    let doubtful = [("b", PerhapsNotReceived), ("c", PerhapsNotReceived)];
    let queued = [("d", Queued), ("e", Queued)];
    expect(&outbox, &[doubtful, queued].concat());

    assert!(outbox.retry(MessageId(2)));
    assert!(!outbox.retry(MessageId(2)));
    assert!(!outbox.retry(MessageId(3)));
    let expected = [
        ("b", PerhapsNotReceived),
        ("d", Queued),
        ("e", Queued),
        ("c", Queued),
    ];
    expect(&outbox, &expected);
}

#[test]
fn what_the_connection_has_cannot_be_taken_back() {
    let mut outbox = outbox("a\nb\nc");
    outbox.give(2);
    assert!(!outbox.discard(MessageId(0)));
    assert!(outbox.discard(MessageId(1)));
    assert!(!outbox.discard(MessageId(1)));
    outbox.lose(1, 0);
    assert!(outbox.discard(MessageId(0)));
    expect(&outbox, &[("c", Queued)]);
    assert_eq!(outbox.bytes, 2);
}

#[test]
fn the_outbox_is_bounded_and_takes_all_or_nothing() {
    let mut outbox = outbox("a");
    let full = SendError::OutboxFull {
        messages: 1,
        bytes: 2,
    };
    let many = "\n".repeat(OUTBOX_MESSAGES);
    assert_eq!(outbox.push(&many, LineEnding::Lf), Err(full));
    assert_eq!(
        outbox.push(&many[1..], LineEnding::Lf).map(|ids| ids.len()),
        Ok(OUTBOX_MESSAGES - 1)
    );

    let mut outbox = Outbox::default();
    let line = "x".repeat(limits::LINE_HIGHEST);
    for _ in 0..15 {
        outbox.push(&line, LineEnding::Lf).unwrap();
    }
    assert!(outbox.push(&line, LineEnding::Lf).is_err());
    let length = limits::LINE_HIGHEST + 1;
    assert_eq!(
        outbox.push(&(line + "x"), LineEnding::Lf),
        Err(SendError::LineTooLong { length })
    );
}

/// A step in the life of an outbox.
#[derive(Clone, Debug)]
enum Step {
    Push(String),
    Give(usize),
    Settle(u64, u64),
    Lose(u64, u64),
    Retry(u64),
    Discard(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => "[a-c\n]{0,12}".prop_map(Step::Push),
        3 => (0_usize..6).prop_map(Step::Give),
        3 => (0_u64..9, 0_u64..9).prop_map(|(w, a)| Step::Settle(w, a)),
        1 => (0_u64..9, 0_u64..9).prop_map(|(w, a)| Step::Lose(w, a)),
        1 => (0_u64..20).prop_map(Step::Retry),
        1 => (0_u64..20).prop_map(Step::Discard),
    ]
}

proptest! {
    #[test]
    fn no_message_is_lost_and_none_has_two_ends(steps in prop::collection::vec(step(), 0..60)) {
        let mut outbox = Outbox::default();
        let (mut said, mut over) = (0, std::collections::BTreeSet::new());
        let (mut queued, mut written, mut acknowledged) = (0, 0, 0);
        for step in steps {
            let mut changes = Vec::new();
            match step {
                Step::Push(text) => said += outbox.push(&text, LineEnding::Lf).unwrap().len(),
                Step::Give(count) => {
                    for _ in 0..count {
                        queued += outbox.next().map_or(0, |bytes| bytes.len() as u64);
                        outbox.give(queued);
                    }
                }
                Step::Settle(more_written, more_acknowledged) => {
                    written = queued.min(written + more_written);
                    acknowledged = written.min(acknowledged + more_acknowledged);
                    changes = outbox.settle(written, acknowledged);
                }
                Step::Lose(more_written, more_acknowledged) => {
                    written = queued.min(written + more_written);
                    acknowledged = written.min(acknowledged + more_acknowledged);
                    changes = outbox.lose(written, acknowledged);
                    (queued, written, acknowledged) = (0, 0, 0);
                }
                Step::Retry(id) => drop(outbox.retry(MessageId(id))),
                Step::Discard(id) => {
                    if outbox.discard(MessageId(id)) {
                        prop_assert!(over.insert(MessageId(id)));
                    }
                }
            }
            for (id, state) in changes {
                if state == Sent {
                    prop_assert!(over.insert(id));
                }
            }
            let unsent = outbox.unsent();
            prop_assert_eq!(unsent.len() + over.len(), said);
            prop_assert_eq!(unsent.len(), outbox.len());
            let bytes: usize = unsent.iter().map(|unsent| unsent.text.len() + 1).sum();
            prop_assert_eq!(bytes, outbox.bytes);
            prop_assert!(unsent.iter().all(|unsent| !over.contains(&unsent.id)));
        }
    }
}
