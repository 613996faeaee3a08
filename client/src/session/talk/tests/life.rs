//! From hello to the end.

use super::*;

#[test]
fn hello_tells_how_far_was_read() {
    for (held, told) in [
        (None, None),
        (Some(cursor(0)), None),
        (Some(cursor(5)), Some(cursor(5))),
    ] {
        let hello = Hello {
            name: "Ana".parse().unwrap(),
            caps: hallway_core::wire::Caps::default(),
            cursor: told,
            password: None,
        };
        assert_eq!(Bench::new(held).sent(), [Frame::Hello(hello)]);
    }
}

#[test]
fn a_password_and_a_name_are_asked_for_and_hello_is_said_again() {
    let mut bench = Bench::new(None);
    let first = "open".parse::<hallway_core::wire::Password>().unwrap();
    assert!(!bench.talk.password(first.clone()), "nobody asked");
    bench.actions();
    bench.hear(&problem(Code::Password, "hello", false));
    let wanted = |bench: &mut Bench| match bench.actions().pop() {
        Some(Action::Want(want)) => want,
        other => panic!("{other:?}"),
    };
    assert_eq!(wanted(&mut bench), Want::Password { again: false });
    assert!(bench.talk.password(first.clone()));
    let said = |bench: &mut Bench| match bench.sent().pop() {
        Some(Frame::Hello(hello)) => (hello.name.to_string(), hello.password.is_some()),
        other => panic!("{other:?}"),
    };
    assert_eq!(said(&mut bench), ("Ana".to_owned(), true));
    bench.hear(&problem(Code::Password, "hello", false));
    assert_eq!(wanted(&mut bench), Want::Password { again: true });
    assert!(bench.talk.password(first));
    bench.actions();
    bench.hear(&problem(Code::NameTaken, "hello", false));
    assert_eq!(wanted(&mut bench), Want::Name);
    assert!(bench.talk.rename("Ana Bo".parse().unwrap()));
    assert_eq!(said(&mut bench), ("Ana Bo".to_owned(), true));
    bench.hear(&Frame::Waiting);
    assert_eq!(wanted(&mut bench), Want::Admission);
    bench.hear(&Frame::Welcome(welcome(0, 0)));
    assert!(bench.talk.is_here());
}

#[test]
fn what_is_out_of_place_ends_it() {
    let stranger = Welcome {
        id: BO,
        ..welcome(0, 0)
    };
    for frames in [
        vec![Frame::Event(event(1))],
        vec![ack(1, 1)],
        vec![Frame::Welcome(stranger)],
        vec![Frame::Welcome(welcome(0, 0)), Frame::Welcome(welcome(0, 0))],
        vec![
            Frame::Welcome(welcome(0, 0)),
            Frame::Reset(Reset {
                epoch: OTHER,
                head: pos(1),
            }),
        ],
    ] {
        let mut bench = Bench::new(None);
        for frame in frames {
            bench.hear(&frame);
        }
        assert!(matches!(bench.ended(), End::Violation(_)));
        bench.hear(&Frame::Ping);
        assert!(bench.actions().is_empty(), "it is over");
    }
    let mut bench = Bench::welcome([]);
    bench.talk.receive(b"not a frame", bench.now);
    let actions = bench.actions();
    let is_fatal = |action: &Action| matches!(action, Action::Send(Frame::Err(problem)) if problem.fatal && problem.code == Code::BadFrame);
    assert!(actions.iter().any(is_fatal));
    assert!(matches!(
        actions.last(),
        Some(Action::End(End::Violation(_)))
    ));
}

#[test]
fn a_silent_server_is_asked_and_given_up() {
    let mut bench = Bench::welcome([]);
    bench.actions();
    let start = bench.now;
    let deadline = bench.talk.deadline(start).unwrap();
    assert_eq!(deadline - start, Duration::from_secs(25));
    bench.pass(Duration::from_secs(24));
    assert!(bench.sent().is_empty());
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.sent(), [Frame::Ping]);
    bench.pass(Duration::from_secs(1));
    assert!(bench.sent().is_empty(), "asked once");
    bench.hear(&Frame::Pong);
    bench.pass(Duration::from_secs(25));
    assert_eq!(bench.sent(), [Frame::Ping]);
    bench.pass(Duration::from_secs(25));
    assert_eq!(bench.sent(), [Frame::Ping]);
    let heard = start + Duration::from_secs(26);
    let deadline = bench.talk.deadline(bench.now).unwrap();
    assert_eq!(deadline - heard, Duration::from_mins(1));
    bench.pass(Duration::from_secs(10));
    assert_eq!(bench.ended(), End::Silent);
    assert_eq!(bench.talk.deadline(bench.now), None);
}

#[test]
fn a_ping_is_answered() {
    let mut bench = Bench::new(None);
    bench.actions();
    bench.hear(&Frame::Ping);
    assert_eq!(bench.sent(), [Frame::Pong]);
}

#[test]
fn every_code_ends_it_where_it_is_fatal() {
    for code in Code::KNOWN {
        for is_here in [false, true] {
            let mut bench = if is_here {
                Bench::welcome([])
            } else {
                Bench::new(None)
            };
            bench.hear(&problem(code.clone(), "", true));
            let end = bench.ended();
            let is_passing = end.is_passing();
            match code {
                Code::Superseded => assert_eq!(end, End::Superseded),
                code => assert_eq!(end, End::Refused(code.clone())),
            }
            let expected = matches!(
                code,
                Code::Rate | Code::SlowConsumer | Code::DiskFull | Code::Busy | Code::Internal
            );
            assert_eq!(is_passing, expected, "{code}");
        }
    }
    let mut bench = Bench::welcome([]);
    bench.hear(&problem(Code::Superseded, "", false));
    assert_eq!(bench.ended(), End::Superseded);
}
