//! The checker finds each thing that it looks for, and nothing where there is nothing.

use super::*;

fn row(seq: u64, text: &str) -> Row {
    let text = text.to_owned();
    Row { seq, text }
}

/// Everything in order: Ana said two things, and one that is still in her outbox.
fn in_order() -> Evidence {
    let said = |cid: &str, text: &str| Step::Said {
        cid: cid.into(),
        text: text.into(),
    };
    let queued = |cid: &str| Step::Queued { cid: cid.into() };
    let acknowledged = |cid: &str, seq| Step::Acknowledged {
        cid: cid.into(),
        seq,
    };
    let shown = |seq, text: &str| Step::Shown {
        seq,
        text: text.into(),
    };
    let life = vec![
        said("a", "one"),
        queued("a"),
        acknowledged("a", 1),
        shown(1, "one"),
        said("b", "two"),
        queued("b"),
        shown(2, "two"),
        acknowledged("b", 2),
        said("c", "three"),
        queued("c"),
    ];
    let rows = vec![row(1, "one"), row(2, "two")];
    let integrity = "ok".to_owned();
    Evidence {
        server: Held {
            rows: rows.clone(),
            integrity: integrity.clone(),
            ..Held::default()
        },
        people: vec![Person {
            name: "Ana".into(),
            lives: vec![life],
            held: Held {
                rows,
                lost: Vec::new(),
                outbox: vec!["three".into()],
                integrity,
            },
        }],
    }
}

#[track_caller]
fn finds(expected: &[Finding], change: impl FnOnce(&mut Evidence)) {
    let mut evidence = in_order();
    change(&mut evidence);
    assert_eq!(judge(&evidence), expected);
}

fn ana(text: &str) -> (String, String) {
    ("Ana".into(), text.into())
}

#[test]
fn what_is_in_order_is_found_in_order() {
    finds(&[], |_| {});
    assert!(!agree(&in_order()), "something is in the outbox");
    let mut evidence = in_order();
    evidence.people[0].held.outbox.clear();
    assert!(agree(&evidence));
    evidence.people[0].lives[0].pop();
    assert!(!agree(&evidence), "it is not known whether it is kept");
}

#[test]
fn what_was_acknowledged_must_be_there_once() {
    let (who, text) = ana("two");
    let gone = Finding::AcknowledgedAndGone(who.clone(), text.clone());
    let shown = Finding::ShownOtherwise(who.clone(), text.clone());
    finds(&[gone, shown], |evidence| {
        evidence.server.rows.pop();
        evidence.people[0].held.rows.pop();
    });
    let twice = Finding::Doubled(text.clone());
    finds(&[twice], |evidence| {
        evidence.server.rows.push(row(3, "two"));
        evidence.people[0].held.rows.push(row(3, "two"));
    });
    let misplaced = Finding::Misplaced(who, text);
    finds(&[misplaced], |evidence| {
        let steps = &mut evidence.people[0].lives[0];
        let again = |cid: &str| Step::Acknowledged {
            cid: cid.into(),
            seq: 7,
        };
        steps.push(again("b"));
    });
}

#[test]
fn what_waits_must_not_be_lost() {
    let (who, text) = ana("three");
    finds(&[Finding::Lost(who, text)], |evidence| {
        evidence.people[0].held.outbox.clear();
    });
    // The server has it, and nobody was told yet.
    finds(&[], |evidence| {
        evidence.people[0].held.outbox.clear();
        let step = Step::Shown {
            seq: 3,
            text: "three".into(),
        };
        evidence.people[0].lives[0].push(step);
        evidence.server.rows.push(row(3, "three"));
        evidence.people[0].held.rows.push(row(3, "three"));
    });
    // What is refused is told of.
    finds(&[], |evidence| {
        evidence.people[0].held.outbox.clear();
        let step = Step::Refused { cid: "c".into() };
        evidence.people[0].lives[0].push(step);
    });
}

#[test]
fn the_order_is_that_in_which_it_was_said() {
    let (who, text) = ana("two");
    let reordered = Finding::Reordered(who, text);
    finds(&[reordered], |evidence| {
        let swapped = [row(1, "two"), row(2, "one")];
        evidence.server.rows = swapped.to_vec();
        evidence.people[0].held.rows = swapped.to_vec();
        for step in &mut evidence.people[0].lives[0] {
            if let Step::Acknowledged { seq, .. } | Step::Shown { seq, .. } = step {
                *seq = 3 - *seq;
            }
        }
    });
}

#[test]
fn everything_is_shown_once_and_as_it_is() {
    let (who, text) = ana("two");
    let shown = |seq| Step::Shown {
        seq,
        text: "two".into(),
    };
    let twice = Finding::ShownTwice(who.clone(), text.clone());
    finds(&[twice], |evidence| {
        // Another time that the program was started counts as well.
        evidence.people[0].lives.push(vec![shown(2)]);
    });
    let never = Finding::NeverShown(who, text);
    finds(&[never], |evidence| {
        evidence.people[0].lives[0].retain(|step| *step != shown(2));
    });
}

#[test]
fn disks_are_whole_and_agree() {
    let damaged = Finding::Damaged("the server".into(), "row 3 missing".into());
    finds(&[damaged], |evidence| {
        evidence.server.integrity = "row 3 missing".into();
    });
    let mut evidence = in_order();
    evidence.people[0].held.rows.pop();
    let findings = judge(&evidence);
    assert!(
        matches!(&findings[..], [Finding::Disagreement(who, _)] if who == "Ana"),
        "{findings:?}"
    );
    assert!(!agree(&evidence));
}
