//! Messages and their answers, events and their cursor.

use super::*;

#[test]
fn messages_are_numbered_from_the_welcome() {
    let mut bench = Bench::new(None);
    bench.hear(&Frame::Welcome(welcome(9, 4)));
    assert!(bench.messages().is_empty(), "the outbox is not known");
    bench
        .talk
        .posted(unsent(3, Conv::Room, "too early"), bench.now);
    bench.talk.met(page([1, 2, 3]), None, bench.now);
    assert_eq!(bench.messages(), numbered(&[(5, 1), (6, 2), (7, 3)]));
    bench
        .talk
        .posted(unsent(4, Conv::With(BO), "psst"), bench.now);
    bench.talk.posted(unsent(5, Conv::Room, "more"), bench.now);
    assert_eq!(bench.messages(), numbered(&[(1, 4), (8, 5)]));
    for (message, at) in [(1, 10), (2, 11), (3, 12)] {
        bench.hear(&ack(message, at));
        let actions = bench.actions();
        assert!(actions.iter().any(|action| matches!(
            action,
            Action::Acknowledge(acknowledged) if acknowledged.cid == cid(message)
        )));
        assert!(actions.iter().any(|action| matches!(
            action,
            Action::Tell(News::Message(told, Fate::Delivered(_))) if *told == cid(message)
        )));
    }
    bench.hear(&ack(1, 10));
    assert!(bench.actions().is_empty(), "it was acknowledged");
}

#[test]
fn what_was_taken_before_uses_no_number() {
    let mut bench = Bench::new(None);
    // 1 and 2 had been taken, and their answers were lost.
    bench.hear(&Frame::Welcome(welcome(9, 2)));
    bench.talk.met(page([1, 2, 3, 4]), None, bench.now);
    let all = [(3, 1), (4, 2), (5, 3), (6, 4)];
    assert_eq!(bench.messages(), numbered(&all));
    bench.hear(&ack(1, 8));
    bench.hear(&ack(2, 9));
    bench.hear(&problem(Code::OutOfOrder, &cid(3).to_string(), false));
    assert!(bench.messages().is_empty(), "one is not answered");
    bench.hear(&problem(Code::OutOfOrder, &cid(4).to_string(), false));
    assert_eq!(bench.messages(), numbered(&[(3, 3), (4, 4)]));
    bench.hear(&ack(3, 10));
    bench.hear(&ack(4, 11));
    bench.talk.posted(unsent(5, Conv::Room, "more"), bench.now);
    assert_eq!(bench.messages(), numbered(&[(5, 5)]));
}

#[test]
fn a_refused_message_leaves_no_hole() {
    let mut bench = Bench::welcome([1, 2, 3]);
    assert_eq!(bench.messages(), numbered(&[(1, 1), (2, 2), (3, 3)]));
    bench.hear(&ack(1, 1));
    bench.actions();
    bench.hear(&problem(Code::NotFound, &cid(2).to_string(), false));
    let actions = bench.actions();
    assert!(
        actions
            .iter()
            .any(|action| matches!(action, Action::Withdraw(it) if *it == cid(2)))
    );
    assert!(actions.iter().any(|action| matches!(
        action,
        Action::Tell(News::Message(it, Fate::Refused(Code::NotFound))) if *it == cid(2)
    )));
    bench.hear(&problem(Code::OutOfOrder, &cid(3).to_string(), false));
    assert_eq!(bench.messages(), numbered(&[(2, 3)]));
}

#[test]
fn what_the_server_cannot_keep_stays_and_goes_later() {
    for code in [Code::DiskFull, Code::Busy, Code::Rate] {
        let mut bench = Bench::welcome([1, 2]);
        bench.actions();
        bench.hear(&problem(code.clone(), &cid(1).to_string(), false));
        let told = bench.told();
        assert_eq!(told[0], News::Message(cid(1), Fate::Queued), "{code}");
        assert!(matches!(&told[1], News::Refused { code: it, .. } if *it == code));
        bench.hear(&problem(Code::OutOfOrder, &cid(2).to_string(), false));
        assert!(bench.messages().is_empty());
        let deadline = bench.talk.deadline(bench.now).unwrap();
        assert_eq!(deadline - bench.now, Duration::from_secs(5));
        bench.pass(Duration::from_secs(5));
        assert_eq!(bench.messages(), numbered(&[(1, 1), (2, 2)]), "{code}");
    }
}

#[test]
fn who_never_agrees_about_numbers_is_left() {
    let mut bench = Bench::welcome([1]);
    for _ in 0..2 {
        assert_eq!(bench.messages(), numbered(&[(1, 1)]));
        bench.hear(&problem(Code::OutOfOrder, &cid(1).to_string(), false));
    }
    assert_eq!(bench.messages(), numbered(&[(1, 1)]));
    bench.hear(&problem(Code::OutOfOrder, &cid(1).to_string(), false));
    assert_eq!(bench.ended(), End::Numbers);
}

#[test]
fn the_rate_and_the_limits_of_the_server_hold() {
    let mut bench = Bench::new(None);
    let mut strict = welcome(0, 0);
    strict.limits = Taken {
        text: 8,
        rate: 2,
        burst: 3,
        ..Taken::default()
    };
    bench.hear(&Frame::Welcome(strict));
    bench.talk.met(page(1..=6), None, bench.now);
    assert!(bench.messages().is_empty(), "each is too long");
    for place in 7..=12 {
        bench
            .talk
            .posted(unsent(place, Conv::Room, "short"), bench.now);
    }
    assert_eq!(bench.messages(), numbered(&[(1, 7), (2, 8), (3, 9)]));
    let deadline = bench.talk.deadline(bench.now).unwrap();
    assert_eq!(deadline - bench.now, Duration::from_millis(500));
    bench.pass(Duration::from_millis(499));
    assert!(bench.messages().is_empty());
    bench.pass(Duration::from_millis(1));
    assert_eq!(bench.messages(), numbered(&[(4, 10)]));
}

#[test]
fn what_is_in_flight_is_bounded() {
    let mut bench = Bench::new(None);
    let mut generous = welcome(0, 0);
    generous.limits.rate = 0;
    bench.hear(&Frame::Welcome(generous));
    let mut first = page(1..=200);
    first.is_last = false;
    bench.talk.met(first, None, bench.now);
    assert_eq!(bench.messages().len(), limits::IN_FLIGHT);
    for place in 1..=200 {
        bench.hear(&ack(place, place));
    }
    let actions = bench.actions();
    let loads = |action: &&Action| matches!(action, Action::Load { after: 200 });
    assert_eq!(actions.iter().filter(loads).count(), 1);
    bench.talk.loaded(page([201]), bench.now);
    assert_eq!(bench.messages(), numbered(&[(201, 201)]));
    // Long ones by their bytes.
    let long = "\u{1}".repeat(hallway_core::wire::limits::TEXT);
    for place in 202..=210 {
        bench
            .talk
            .posted(unsent(place, Conv::Room, &long), bench.now);
    }
    assert_eq!(bench.messages().len(), 2);
    assert_eq!(
        bench.talk.deadline(bench.now),
        Some(bench.now + limits::IDLE),
        "time alone helps nothing"
    );
    bench.hear(&ack(201, 201));
    bench.hear(&ack(202, 202));
    assert_eq!(bench.messages().len(), 1);
}

#[test]
fn what_is_taken_back_is_not_sent() {
    let mut bench = Bench::new(None);
    bench.hear(&Frame::Welcome(welcome(0, 0)));
    assert!(bench.talk.take_back(&cid(2)), "its page is on its way");
    bench.talk.met(page([1, 2, 3]), None, bench.now);
    assert_eq!(bench.messages(), numbered(&[(1, 1), (2, 3)]));
    assert!(!bench.talk.take_back(&cid(3)), "it is in flight");
    bench.talk.taken_back(&cid(2));
}

#[test]
fn events_are_confirmed_once_they_are_stored() {
    let mut bench = Bench::new(Some(cursor(3)));
    bench.hear(&Frame::Welcome(welcome(5, 0)));
    bench.actions();
    for number in [2, 3, 4, 5, 4, 5] {
        bench.hear(&Frame::Event(event(number)));
    }
    let actions = bench.actions();
    let [Action::Store(batch)] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!(batch.events, [event(4), event(5)]);
    assert!(bench.sent().is_empty(), "not stored");
    bench.talk.stored(batch.receipt, None);
    let got = hallway_core::wire::frame::Got { pos: pos(5) };
    assert_eq!(bench.sent(), [Frame::Got(got)]);
}

#[test]
fn a_slow_store_stops_reading_and_silence_is_our_own() {
    let mut bench = Bench::welcome([]);
    let mut number = 0;
    while bench.talk.wants_input() {
        number += 1;
        bench.hear(&Frame::Event(event(number)));
    }
    let batch = bench.actions().into_iter().find_map(|action| match action {
        Action::Store(batch) => Some(batch),
        _ => None,
    });
    bench.pass(Duration::from_mins(10));
    assert!(
        bench.actions().is_empty(),
        "nobody is asked, nobody is gone"
    );
    bench.talk.stored(batch.unwrap().receipt, None);
    assert!(bench.talk.wants_input());
}

#[test]
fn a_reset_reads_again_in_either_order() {
    let reset = || {
        Frame::Reset(Reset {
            epoch: EPOCH,
            head: pos(2),
        })
    };
    for is_first in [true, false] {
        let mut bench = Bench::new(Some(cursor(9)));
        bench.actions();
        let mut frames = vec![Frame::Welcome(welcome(2, 0)), reset()];
        if is_first {
            frames.reverse();
        }
        for frame in frames {
            bench.hear(&frame);
        }
        let actions = bench.actions();
        let resets =
            |action: &Action| matches!(action, Action::Reset { head, .. } if head.get() == 2);
        assert!(actions.iter().any(resets));
        bench.hear(&Frame::Event(event(1)));
        let [Action::Store(batch)] = &bench.actions()[..] else {
            panic!("read again");
        };
        bench.talk.stored(batch.receipt, Some(7));
        assert!(bench.told().contains(&News::Lost(7)));
    }
}

#[test]
fn what_was_acknowledged_while_the_outbox_was_read_again_goes_once() {
    let mut bench = Bench::welcome([1, 2]);
    assert_eq!(bench.messages().len(), 2);
    bench.hear(&Frame::Reset(Reset {
        epoch: EPOCH,
        head: pos(2),
    }));
    // The outbox was read before this came.
    bench.hear(&ack(1, 1));
    bench.talk.met(page([1, 2]), None, bench.now);
    bench.hear(&ack(2, 2));
    bench.actions();
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.messages(), []);
}

#[test]
fn another_history_needs_a_reset() {
    let held = Cursor {
        epoch: OTHER,
        ..cursor(9)
    };
    let mut bench = Bench::new(Some(held));
    bench.hear(&Frame::Welcome(welcome(2, 0)));
    let meets = |action: &Action| matches!(action, Action::Meet(_));
    assert!(!bench.actions().iter().any(meets));
    bench.hear(&Frame::Event(event(1)));
    assert!(matches!(bench.ended(), End::Violation(_)));
}

#[test]
fn what_was_stored_before_a_reset_is_not_confirmed() {
    let mut bench = Bench::new(None);
    bench.hear(&Frame::Welcome(welcome(2, 0)));
    bench.hear(&Frame::Event(event(1)));
    bench.hear(&Frame::Reset(Reset {
        epoch: EPOCH,
        head: pos(2),
    }));
    let actions = bench.actions();
    let place = |what: fn(&Action) -> bool| actions.iter().position(what).unwrap();
    let store = place(|action| matches!(action, Action::Store(_)));
    assert!(store < place(|action| matches!(action, Action::Reset { .. })));
    let Action::Store(batch) = &actions[store] else {
        unreachable!("found as such");
    };
    bench.talk.stored(batch.receipt, None);
    assert!(bench.sent().is_empty());
}

#[test]
fn a_store_that_fails_ends_it_and_a_full_one_may_have_room_later() {
    use hallway_core::history::Error;

    for (error, is_passing) in [
        (Error::DiskFull, true),
        (Error::Overrun, true),
        (Error::Closed, false),
        (Error::Diverged { pos: pos(3) }, false),
    ] {
        let mut bench = Bench::welcome([1]);
        bench.talk.store_failed(error.clone());
        let end = bench.ended();
        assert_eq!(end.is_passing(), is_passing, "{error}");
        assert_eq!(end, End::NotStored(error));
    }
}
