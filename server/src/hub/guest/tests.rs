use std::time::{Duration, Instant};

use hallway_core::text::Name;
use hallway_core::wire::frame::Rename;
use hallway_core::wire::{Caps, encode};
use proptest::prelude::*;

use super::*;

const CID: &str = "000102030405060708090a0b0c0d0e0f";

fn hello(password: Option<&str>) -> String {
    let hello = Frame::Hello(Hello {
        name: Name::parse("Ana").unwrap(),
        caps: Caps::default(),
        cursor: None,
        password: password.map(|password| password.parse().unwrap()),
    });
    String::from_utf8(encode(&hello).unwrap()).unwrap()
}

fn msg(n: u64) -> String {
    format!(r#"{{"type":"msg","cid":"{CID}","n":{n},"to":"room","text":"hello"}}"#)
}

fn hear(guest: &mut Guest, line: &str, now: Instant) -> Option<Action> {
    guest.hear(line.trim_end().as_bytes(), Door::default(), now)
}

fn here(now: Instant) -> Guest {
    let mut guest = Guest::new(Manners::default(), now);
    let entered = hear(&mut guest, &hello(None), now);
    assert!(matches!(entered, Some(Action::Enter(_))));
    guest.let_in();
    guest.welcome();
    guest
}

fn code(action: Option<Action>) -> (Code, bool) {
    match action {
        Some(Action::Send(Frame::Err(problem)) | Action::End(Some(problem), _)) => {
            (problem.code, problem.fatal)
        }
        other => panic!("nothing was refused: {other:?}"),
    }
}

#[test]
fn nothing_is_heard_before_a_hello() {
    let now = Instant::now();
    for line in [
        msg(1).as_str(),
        r#"{"type":"got","pos":1}"#,
        r#"{"type":"history","conv":"room","before":1,"limit":1}"#,
        r#"{"type":"rename","name":"Bo"}"#,
    ] {
        let mut guest = Guest::new(Manners::default(), now);
        assert_eq!(hear(&mut guest, r#"{"type":"news"}"#, now), None);
        let pong = Some(Action::Send(Frame::Pong));
        assert_eq!(hear(&mut guest, r#"{"type":"ping"}"#, now), pong);
        assert_eq!(
            code(hear(&mut guest, line, now)),
            (Code::Unauthorized, true)
        );
        assert!(guest.is_over());
        assert_eq!(hear(&mut guest, &hello(None), now), None, "too late");
    }
}

#[test]
fn what_is_no_frame_ends_it() {
    let now = Instant::now();
    for (line, expected) in [
        ("hello", Code::BadFrame),
        (r#"{"type":"news","must":true}"#, Code::Version),
        (r#"{"type":"waiting"}"#, Code::BadFrame),
        (&hello(None), Code::BadFrame),
    ] {
        let mut guest = here(now);
        assert_eq!(code(hear(&mut guest, line, now)), (expected, true));
        assert!(guest.is_over());
    }
}

#[test]
fn the_third_wrong_password_is_the_last_one_and_each_slows() {
    let mut now = Instant::now();
    let right: Password = "open sesame".parse().unwrap();
    let mut guest = Guest::new(Manners::default(), now);
    let door = Door {
        password: Some(&right),
        is_locked: false,
    };
    let try_it =
        |guest: &mut Guest, given, now| guest.hear(hello(given).trim_end().as_bytes(), door, now);
    assert_eq!(code(try_it(&mut guest, None, now)), (Code::Password, false));
    assert!(guest.may_speak(now), "it was asked for, and that is all");
    for is_last in [false, false, true] {
        let said = try_it(&mut guest, Some("open"), now);
        assert_eq!(code(said), (Code::Password, is_last));
        assert!(!guest.may_speak(now + Duration::from_millis(999)));
        now += Duration::from_secs(1);
        assert!(guest.may_speak(now));
    }
    let mut guest = Guest::new(Manners::default(), now);
    let said = try_it(&mut guest, Some("open sesame"), now);
    let Some(Action::Enter(hello)) = said else {
        panic!("the right one: {said:?}");
    };
    assert_eq!(hello.password, None, "it is kept no longer than needed");
}

#[test]
fn where_too_many_were_wrong_the_right_one_is_not_looked_at() {
    let now = Instant::now();
    let right: Password = "open sesame".parse().unwrap();
    let locked = Door {
        password: Some(&right),
        is_locked: true,
    };
    let hear = |given, door| {
        let mut guest = Guest::new(Manners::default(), now);
        guest.hear(hello(given).trim_end().as_bytes(), door, now)
    };
    assert_eq!(code(hear(Some("open sesame"), locked)), (Code::Busy, true));
    assert_eq!(code(hear(None, locked)), (Code::Password, false));
    let free = Door {
        password: None,
        ..locked
    };
    assert!(matches!(hear(Some("any"), free), Some(Action::Enter(_))));
}

#[test]
fn a_hello_is_waited_for_and_a_person_may_think_once() {
    let start = Instant::now();
    let mut guest = Guest::new(Manners::default(), start);
    let ten = start + Duration::from_secs(10);
    assert_eq!(guest.look(start + Duration::from_millis(9_999)), None);
    guest.name_is_taken(ten);
    let end = ten + Duration::from_mins(2);
    guest.name_is_taken(ten + Duration::from_secs(119));
    assert_eq!(guest.look(ten + Duration::from_millis(119_999)), None);
    assert_eq!(code(guest.look(end)), (Code::Unauthorized, true));
    assert_eq!(guest.look(end), None, "said once");
}

#[test]
fn silence_is_pinged_and_then_the_end() {
    let start = Instant::now();
    let mut guest = here(start);
    let after = |seconds| start + Duration::from_secs(seconds);
    assert_eq!(guest.look(after(24)), None);
    assert_eq!(guest.look(after(25)), Some(Action::Send(Frame::Ping)));
    assert_eq!(guest.look(after(59)), None);
    hear(&mut guest, r#"{"type":"pong"}"#, after(59));
    assert_eq!(guest.look(after(84)), Some(Action::Send(Frame::Ping)));
    guest.excuse(after(118));
    assert_eq!(guest.look(after(119)), None);
    assert_eq!(guest.look(after(178)), Some(Action::End(None, gone())));
    assert_eq!(guest.look(after(200)), None);
}

#[test]
fn messages_are_slowed_and_none_is_dropped() {
    let mut now = Instant::now();
    let mut guest = here(now);
    let mut heard = 0;
    let begun = now;
    while heard < 100 {
        if guest.may_speak(now) {
            heard += 1;
            let said = hear(&mut guest, &msg(heard), now);
            assert!(matches!(said, Some(Action::Say(_))));
        } else {
            now += Duration::from_millis(10);
        }
    }
    let took = now - begun;
    // A burst of 30, and 70 more at 10 a second.
    assert!(
        took >= Duration::from_millis(6_900) && took <= Duration::from_millis(7_100),
        "{took:?}"
    );
}

#[test]
fn what_is_stored_is_told_as_often_as_it_happens() {
    let now = Instant::now();
    let mut guest = here(now);
    for pos in 1..10_000_u64 {
        let said = hear(&mut guest, &format!(r#"{{"type":"got","pos":{pos}}}"#), now);
        assert_eq!(said, Some(Action::Got(Pos::try_from(pos).unwrap())));
    }
    assert!(guest.may_speak(now));
    for _ in 0..FRAMES_AT_ONCE {
        hear(&mut guest, r#"{"type":"ping"}"#, now);
    }
    assert!(!guest.may_speak(now), "what asks for an answer is bounded");
}

#[test]
fn one_question_at_a_time_and_one_sign_of_writing_in_three_seconds() {
    let now = Instant::now();
    let mut guest = here(now);
    let history = r#"{"type":"history","conv":"room","before":9,"limit":3}"#;
    assert!(matches!(
        hear(&mut guest, history, now),
        Some(Action::History(_))
    ));
    assert_eq!(code(hear(&mut guest, history, now)), (Code::Busy, false));
    guest.answered();
    assert!(matches!(
        hear(&mut guest, history, now),
        Some(Action::History(_))
    ));
    let typing = r#"{"type":"typing","to":"room"}"#;
    let told = Some(Action::Typing(Conv::Room));
    assert_eq!(hear(&mut guest, typing, now), told);
    let soon = now + Duration::from_millis(2_999);
    assert_eq!(hear(&mut guest, typing, soon), None);
    let later = now + Duration::from_secs(3);
    assert_eq!(hear(&mut guest, typing, later), told);
}

/// A line that may be anything, most often something that means something.
fn any_line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(hello(None)),
        Just(hello(Some("wrong"))),
        Just(hello(Some("right"))),
        (0_u64..5).prop_map(msg),
        Just(r#"{"type":"typing","to":"room"}"#.into()),
        Just(r#"{"type":"history","conv":"room","before":2,"limit":1}"#.into()),
        (0_u64..9).prop_map(|pos| format!(r#"{{"type":"got","pos":{pos}}}"#)),
        Just(r#"{"type":"ping"}"#.into()),
        Just(r#"{"type":"news"}"#.into()),
        Just(
            String::from_utf8(
                encode(&Frame::Rename(Rename {
                    name: Name::parse("Bo").unwrap()
                }))
                .unwrap()
            )
            .unwrap()
        ),
        ".{0,40}",
    ]
}

proptest! {
    /// Whatever comes: nothing is kept for somebody who was not welcomed, and after the last word
    /// there is none.
    #[test]
    fn nobody_speaks_before_they_are_welcome_or_after_the_end(
        lines in prop::collection::vec((any_line(), 0_u64..30_000, any::<bool>()), 0..60),
        has_password: bool,
    ) {
        let mut now = Instant::now();
        let right: Password = "right".parse().unwrap();
        let door = Door { password: has_password.then_some(&right), is_locked: false };
        let mut guest = Guest::new(Manners::default(), now);
        let (mut is_welcome, mut is_over, mut wrong) = (false, false, 0);
        for (line, later, grants) in lines {
            now += Duration::from_millis(later);
            let looked = guest.look(now);
            let heard = guest.hear(line.trim_end().as_bytes(), door, now);
            for action in [looked, heard].into_iter().flatten() {
                prop_assert!(!is_over, "after the end: {:?}", action);
                match action {
                    Action::Enter(_) => {
                        prop_assert!(!is_welcome);
                        prop_assert!(!has_password || line.contains("right"));
                        if grants {
                            guest.let_in();
                            guest.welcome();
                            is_welcome = true;
                        } else {
                            guest.name_is_taken(now);
                        }
                    }
                    Action::Send(Frame::Err(problem)) => {
                        prop_assert!(!problem.fatal);
                        wrong += u8::from(problem.code == Code::Password && line.contains("wrong"));
                        prop_assert!(wrong < WRONG_PASSWORDS);
                    }
                    Action::Send(_) => {}
                    Action::End(last_word, _) => {
                        prop_assert!(last_word.is_none_or(|word| word.fatal));
                        prop_assert!(guest.is_over());
                        is_over = true;
                    }
                    _ => prop_assert!(is_welcome),
                }
            }
        }
    }
}
