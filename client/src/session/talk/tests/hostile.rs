//! Servers that send whatever they like, whenever they like.

use hallway_core::wire::People;
use hallway_core::wire::event::Past;
use hallway_core::wire::frame::{CaughtUp, SasNonce, Seen};
use hallway_core::wire::values::Nonce;
use proptest::prelude::*;

use super::*;

/// Any frame of a server's, about few enough things that they meet.
fn frame() -> impl Strategy<Value = Frame> {
    let small = 0..12_u64;
    let conv = prop_oneof![Just(Conv::Room), Just(Conv::With(BO)), Just(Conv::With(ME))];
    let code = proptest::sample::select(Code::KNOWN);
    let re = prop_oneof![
        Just(String::new()),
        Just("hello".to_owned()),
        Just("history".to_owned()),
        Just("sas-commit".to_owned()),
        small.clone().prop_map(|number| cid(number).to_string()),
    ];
    prop_oneof![
        1 => Just(Frame::Waiting),
        4 => (small.clone(), small.clone(), any::<bool>()).prop_map(|(head, last, is_other)| {
            let mut welcome = welcome(head, last);
            if is_other {
                welcome.epoch = OTHER;
            }
            Frame::Welcome(welcome)
        }),
        2 => (small.clone(), any::<bool>()).prop_map(|(head, is_other)| Frame::Reset(Reset {
            epoch: if is_other { OTHER } else { EPOCH },
            head: pos(head),
        })),
        8 => small.clone().prop_map(|number| Frame::Event(event(number))),
        8 => (small.clone(), small.clone()).prop_map(|(message, at)| ack(message, at)),
        6 => (code, re, prop::bool::weighted(0.05))
            .prop_map(|(code, re, fatal)| problem(code, &re, fatal)),
        1 => small.clone().prop_map(|at| Frame::CaughtUp(CaughtUp { pos: pos(at) })),
        2 => (conv.clone(), small.clone()).prop_map(|(conv, at)| Frame::Seen(Seen {
            conv,
            seq: seq(at),
            count: 1,
        })),
        2 => conv.clone().prop_map(|to| Frame::Typing(Typing { to, from: Some(BO) })),
        1 => conv.prop_map(|conv| Frame::Past(Past {
            conv,
            events: Vec::new(),
            more: false,
            gap: false,
        })),
        1 => Just(Frame::People(People::Here { list: Vec::new(), more: 3 })),
        1 => Just(Frame::SasNonce(SasNonce { nonce: Nonce::from_bytes([5; 32]) })),
        1 => Just(Frame::Ping),
        1 => Just(Frame::Pong),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Frame(Frame),
    Line(String),
    Pass(u64),
    Post,
    TakeBack(u64),
    /// The store answers what it was asked first.
    Answer,
    Fail,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => frame().prop_map(Step::Frame),
        1 => "\\PC{0,40}".prop_map(Step::Line),
        3 => (0..20_000_u64).prop_map(Step::Pass),
        4 => Just(Step::Post),
        1 => (0..12_u64).prop_map(Step::TakeBack),
        10 => Just(Step::Answer),
        1 => Just(Step::Fail),
    ]
}

proptest! {
    #[test]
    fn nothing_makes_it_panic_or_go_on_after_its_end(
        steps in prop::collection::vec(step(), 0..60),
        held in prop::option::of(0..12_u64),
    ) {
        let mut bench = Bench::new(held.map(cursor));
        let mut jobs = VecDeque::new();
        let mut posted = 0;
        let mut is_over = false;
        let mut unanswered: Vec<Cid> = Vec::new();
        for step in steps {
            match step {
                Step::Frame(frame) => {
                    if let Frame::Ack(ack) = &frame {
                        unanswered.retain(|cid| *cid != ack.cid);
                    }
                    if let Frame::Err(problem) = &frame
                        && let Some(hallway_core::wire::frame::About::Message(re)) = &problem.re
                    {
                        unanswered.retain(|cid| cid != re);
                    }
                    bench.hear(&frame);
                }
                Step::Line(line) => bench.talk.receive(line.as_bytes(), bench.now),
                Step::Pass(ms) => bench.pass(Duration::from_millis(ms)),
                Step::Post => {
                    posted += 1;
                    let unsent = unsent(posted, Conv::Room, "hello");
                    bench.talk.posted(unsent, bench.now);
                }
                Step::TakeBack(place) => {
                    bench.talk.take_back(&cid(place));
                }
                Step::Answer => match jobs.pop_front() {
                    Some(Action::Meet(_) | Action::Reset { .. }) => {
                        bench.talk.met(page(1..=posted), None, bench.now);
                    }
                    Some(Action::Load { after }) => {
                        bench.talk.loaded(page(after + 1..=posted), bench.now);
                    }
                    Some(Action::Store(batch)) => bench.talk.stored(batch.receipt, None),
                    Some(Action::Withdraw(cid)) => bench.talk.taken_back(&cid),
                    _ => {}
                },
                Step::Fail => bench.talk.store_failed(hallway_core::history::Error::DiskFull),
            }
            let actions = bench.actions();
            prop_assert!(!is_over || actions.is_empty(), "after the end: {actions:?}");
            for action in actions {
                match action {
                    Action::End(_) => is_over = true,
                    Action::Send(frame) => {
                        if let Frame::Msg(msg) = &frame {
                            // Never sent twice without an answer in between.
                            prop_assert!(!unanswered.contains(&msg.cid), "{:?}", msg);
                            unanswered.push(msg.cid);
                        }
                        prop_assert!(encode(&frame).is_ok());
                    }
                    Action::Tell(_) | Action::Want(_) | Action::Welcomed(_) => {}
                    job => jobs.push_back(job),
                }
            }
            prop_assert_eq!(bench.talk.deadline(bench.now).is_none(), is_over);
        }
    }
}
