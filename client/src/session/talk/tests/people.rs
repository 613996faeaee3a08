//! Who is here, who writes, what is asked for, and the six digits.

use hallway_core::trust::sas::{Answered, Committed, Found, Pair};
use hallway_core::wire::event::Past;
use hallway_core::wire::frame::{Rename, SasNonce, Seen};
use hallway_core::wire::{People, people::Renamed};

use super::*;

fn person(id: Option<Fingerprint>, name: &str) -> Person {
    Person {
        id,
        name: name.parse().expect("a label"),
    }
}

#[test]
fn people_come_and_go() {
    let mut bench = Bench::welcome([]);
    bench.hear(&Frame::People(People::Here {
        list: vec![person(Some(BO), "Bo"), person(None, "10.0.0.7:1")],
        more: 1,
    }));
    bench.hear(&Frame::People(People::Changes {
        joined: vec![person(Some(ME), "Ana"), person(Some(BO), "Bo")],
        left: vec![person(None, "somebody not told")],
        renamed: vec![
            Renamed {
                id: None,
                was: "10.0.0.7:1".parse().unwrap(),
                name: "nc".parse().unwrap(),
            },
            Renamed {
                id: Some(BO),
                was: "Bo".parse().unwrap(),
                name: "Bob".parse().unwrap(),
            },
        ],
    }));
    assert!(bench.told().contains(&News::People));
    let (people, more) = bench.talk.people();
    let names: Vec<_> = people.iter().map(|person| person.name.as_ref()).collect();
    assert_eq!((&names[..], more), (&["Bo", "nc", "Ana"][..], 0));
    bench.hear(&Frame::People(People::Changes {
        joined: Vec::new(),
        left: vec![person(Some(BO), "whatever"), person(None, "nc")],
        renamed: Vec::new(),
    }));
    assert_eq!(bench.talk.people().0.len(), 1);
}

#[test]
fn however_often_people_change_in_one_read_it_is_told_once() {
    let mut bench = Bench::welcome([]);
    bench.told();
    for round in 0..2 {
        for number in 0..500 {
            bench.hear(&Frame::People(People::Changes {
                joined: vec![person(None, &format!("peer {round} {number}"))],
                left: Vec::new(),
                renamed: Vec::new(),
            }));
            bench.hear(&Frame::Event(event(round * 500 + number + 1)));
        }
        let told = bench.told();
        let of_people = told.iter().filter(|news| **news == News::People);
        assert_eq!(of_people.count(), 1);
    }
}

#[test]
fn a_crowd_is_counted_and_not_held() {
    let mut bench = Bench::welcome([]);
    for number in 0..1000 {
        bench.hear(&Frame::People(People::Changes {
            joined: vec![person(None, &format!("peer {number}"))],
            left: Vec::new(),
            renamed: Vec::new(),
        }));
    }
    let (people, more) = bench.talk.people();
    assert_eq!((people.len(), more), (200, 800));
}

fn writes(who: Fingerprint) -> Frame {
    Frame::Typing(Typing {
        to: Conv::Room,
        from: Some(who),
    })
}

#[test]
fn who_writes_is_forgotten_after_five_seconds_or_with_what_they_wrote() {
    let typing = |is_typing| News::Typing {
        who: BO,
        conv: Conv::Room,
        is_typing,
    };
    let mut bench = Bench::welcome([]);
    bench.actions();
    bench.hear(&writes(BO));
    assert_eq!(bench.told(), [typing(true)]);
    bench.pass(Duration::from_secs(3));
    bench.hear(&writes(BO));
    bench.pass(Duration::from_secs(4));
    assert!(bench.told().is_empty());
    let deadline = bench.talk.deadline(bench.now).unwrap();
    assert_eq!(deadline - bench.now, Duration::from_secs(1));
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.told(), [typing(false)]);
    bench.hear(&writes(BO));
    bench.actions();
    bench.hear(&Frame::Event(event(1)));
    assert_eq!(bench.told(), [typing(false)]);
    for number in 0..200 {
        bench.hear(&writes(Fingerprint::from_bytes([number; 32])));
    }
    assert_eq!(bench.told().len(), limits::TYPISTS);
}

#[test]
fn writing_is_told_once_in_three_seconds() {
    let mut bench = Bench::welcome([]);
    bench.actions();
    let mut told = 0;
    for _ in 0..100 {
        bench.talk.typing(Conv::Room, bench.now);
        let typing = |frame: &Frame| matches!(frame, Frame::Typing(_));
        told += bench.sent().into_iter().filter(typing).count();
        bench.pass(Duration::from_millis(100));
    }
    assert_eq!(told, 4);
}

#[test]
fn older_events_come_for_whoever_asked() {
    let past = || {
        Frame::Past(Past {
            conv: Conv::Room,
            events: vec![event(1)],
            more: false,
            gap: false,
        })
    };
    let history = History {
        conv: Conv::Room,
        before: seq(2),
        limit: 200,
    };
    let mut bench = Bench::welcome([]);
    bench.actions();
    bench.hear(&past());
    assert!(bench.actions().is_empty(), "nobody asked");
    assert!(bench.talk.ask_past(history));
    bench.hear(&past());
    assert!(matches!(&bench.told()[..], [News::Past(_)]));
    bench.actions();
    for _ in 0..limits::PAGES {
        assert!(bench.talk.ask_past(history));
    }
    assert!(!bench.talk.ask_past(history), "too many");
    // A server answers one at a time, and refuses what comes before it has.
    assert_eq!(bench.sent(), [Frame::History(history)]);
    bench.hear(&problem(Code::NotFound, "history", false));
    assert!(bench.talk.ask_past(history));
    assert_eq!(bench.sent(), [Frame::History(history)]);
    for _ in 0..limits::PAGES {
        bench.hear(&past());
    }
    let actions = bench.actions();
    let is_asked = |action: &&Action| matches!(action, Action::Send(Frame::History(_)));
    assert_eq!(actions.iter().filter(is_asked).count(), limits::PAGES - 1);
    bench.hear(&past());
    assert!(bench.actions().is_empty(), "all are answered");
}

/// The server passes on for whom it is; to us that is whoever writes.
#[test]
fn who_writes_to_us_alone_does_so_where_we_talk_to_them() {
    let mut bench = Bench::welcome([]);
    bench.actions();
    bench.hear(&Frame::Typing(Typing {
        to: Conv::With(ME),
        from: Some(BO),
    }));
    let conv = Conv::With(BO);
    let [News::Typing { conv: told, .. }] = bench.told()[..] else {
        panic!("nobody writes");
    };
    assert_eq!(told, conv);
}

#[test]
fn both_screens_show_the_same_digits() {
    let pair = Pair {
        client: ME,
        server: SERVER,
    };
    let mut bench = Bench::welcome([]);
    bench.actions();
    let (committed, commit) = Committed::new(pair).unwrap();
    assert!(bench.talk.compare(committed, commit));
    let (other, other_commit) = Committed::new(pair).unwrap();
    assert!(
        !bench.talk.compare(other, other_commit),
        "one at a time: the nonce that comes is for the first"
    );
    let Some(Frame::SasCommit(sent)) = bench.sent().pop() else {
        panic!("no commitment");
    };
    let (server, nonce) = Answered::new(pair, sent.commit).unwrap();
    bench.hear(&Frame::SasNonce(SasNonce { nonce }));
    let actions = bench.actions();
    let [
        Action::Send(Frame::SasReveal(reveal)),
        Action::Tell(News::Compare(code)),
    ] = &actions[..]
    else {
        panic!("{actions:?}");
    };
    assert_eq!(server.check(&reveal.nonce), Ok(*code));
    bench.hear(&Frame::SasNonce(SasNonce { nonce }));
    assert!(bench.actions().is_empty(), "a nonce is used once");
    let (committed, commit) = Committed::new(pair).unwrap();
    assert!(bench.talk.compare(committed, commit));
    bench.actions();
    bench.hear(&problem(Code::Busy, "sas-commit", false));
    assert_eq!(bench.told(), [News::NotCompared(Code::Busy)]);
    bench.hear(&Frame::SasNonce(SasNonce { nonce }));
    assert!(bench.actions().is_empty(), "it was refused");
}

#[test]
fn what_was_found_is_told_to_the_other_side() {
    let mut bench = Bench::welcome([]);
    bench.actions();
    bench.talk.compared(Found::Same);
    assert!(bench.sent().is_empty());
    for (found, code) in [
        (Found::Different, Code::Unauthorized),
        (Found::Nothing, Code::NotFound),
    ] {
        bench.talk.compared(found);
        let told = problem(code.clone(), "sas-reveal", false);
        assert_eq!(bench.sent(), [told]);
        bench.hear(&problem(code, "sas-reveal", false));
        assert_eq!(bench.told(), [News::Found(found)]);
    }
}

#[test]
fn a_name_can_be_changed_and_be_taken() {
    let mut bench = Bench::welcome([]);
    bench.actions();
    let name: Name = "Ana Bo".parse().unwrap();
    assert!(bench.talk.rename(name.clone()));
    assert_eq!(bench.sent(), [Frame::Rename(Rename { name })]);
    bench.hear(&problem(Code::NameTaken, "rename", false));
    assert_eq!(bench.told(), [News::NameTaken]);
}

#[test]
fn a_name_that_changed_while_the_welcome_was_waited_for_is_told_after_it() {
    let mut bench = Bench::new(None);
    bench.actions();
    let name: Name = "Bo".parse().unwrap();
    assert!(bench.talk.rename(name.clone()));
    assert_eq!(bench.sent(), []);
    bench.hear(&Frame::Welcome(welcome(0, 0)));
    assert_eq!(bench.sent(), [Frame::Rename(Rename { name })]);
}

#[test]
fn who_has_a_message_is_told_of_the_message_and_of_its_place() {
    let mut bench = Bench::welcome([1]);
    bench.actions();
    bench.hear(&ack(1, 4));
    bench.actions();
    let seen = Seen {
        conv: Conv::Room,
        seq: seq(4),
        count: 3,
    };
    bench.hear(&Frame::Seen(seen));
    let told = News::Seen {
        conv: Conv::Room,
        seq: seq(4),
        count: 3,
    };
    assert_eq!(bench.told(), [News::Message(cid(1), Fate::SeenBy(3)), told]);
}
