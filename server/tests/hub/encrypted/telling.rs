//! What is told besides events: the past, who writes, and who has stored what.

use std::time::{Duration, Instant};

use hallway_core::wire::frame::{History, Typing};
use hallway_core::wire::{Conv, Frame, Pos, Seq};
use hallway_server::hub::{Manners, Settings};

use super::hall::{in_hall, settings};
use crate::world::Told;

#[test]
fn older_events_are_told_page_by_page() {
    in_hall(settings(), |hall| {
        let ana = hall.join("Ana");
        for number in 0..25 {
            ana.say(&number.to_string());
        }
        hall.until_acked(&ana, 25);
        let ask = |before: u64, limit| {
            ana.forget();
            ana.send(&Frame::History(History {
                conv: Conv::Room,
                before: Seq::try_from(before).unwrap(),
                limit,
            }));
            let told = hall.until(&ana, "past", |frame| matches!(frame, Frame::Past(_)));
            let Frame::Past(past) = told else {
                unreachable!("it was looked for");
            };
            let texts: Vec<_> = past.events.iter().map(|e| e.text.to_string()).collect();
            (texts, past.more, past.gap)
        };
        let texts = |range: std::ops::Range<u32>| range.map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(ask(26, 10), (texts(15..25), true, false));
        assert_eq!(ask(16, 10), (texts(5..15), true, false));
        assert_eq!(ask(6, 10), (texts(0..5), false, false));
        assert_eq!(ask(1, 10), (vec![], false, false));
    });
}

#[test]
fn who_writes_is_told_to_those_it_is_for() {
    in_hall(settings(), |hall| {
        let (ana, bo, eve) = (hall.join("Ana"), hall.join("Bo"), hall.join("Eve"));
        let (mut nc, _) = hall.room.join();
        let typing = |to| Frame::Typing(Typing { to, from: None });
        let told = |to| {
            Frame::Typing(Typing {
                to,
                from: Some(ana.id()),
            })
        };
        ana.send(&typing(Conv::Room));
        // Too soon: it is not told.
        ana.send(&typing(Conv::With(bo.id())));
        for guest in [&bo, &eve] {
            hall.until(guest, "typing", |frame| *frame == told(Conv::Room));
        }
        hall.room.until_told(&Told::Typing("Ana".into(), false));
        bo.send(&typing(Conv::With(hall.server())));
        hall.room.until_told(&Told::Typing("Bo".into(), true));
        let of_two = |frame: &Frame| matches!(frame, Frame::Typing(t) if t.to != Conv::Room);
        for guest in [&ana, &bo, &eve] {
            assert!(!guest.heard().iter().any(of_two), "{guest:?}");
        }
        assert!(nc.has_heard(""));
    });
}

#[test]
fn how_many_have_stored_it_is_told_once_in_a_while() {
    let settings = Settings {
        manners: Manners {
            news: Duration::from_millis(300),
            look: Duration::from_millis(20),
            ..Manners::default()
        },
        ..settings()
    };
    in_hall(settings, |hall| {
        let (ana, bo, cy) = (hall.join("Ana"), hall.join("Bo"), hall.join("Cy"));
        ana.say("hello");
        for guest in [&ana, &bo, &cy] {
            hall.until_texts(guest, &["hello"]);
            guest.got(Pos::try_from(1).unwrap());
        }
        let count = |guest: &super::guest::Guest| {
            guest
                .heard()
                .into_iter()
                .rev()
                .find_map(|frame| match frame {
                    Frame::Seen(seen) => Some((seen.conv, seen.seq.get(), seen.count)),
                    _ => None,
                })
        };
        hall.room
            .until("seen by both", || count(&ana) == Some((Conv::Room, 1, 2)));
        ana.send(&Frame::Msg(ana.msg(Conv::With(bo.id()), "psst")));
        hall.until_texts(&bo, &["hello", "psst"]);
        bo.got(Pos::try_from(2).unwrap());
        let of_bo = Some((Conv::With(bo.id()), 1, 1));
        hall.room.until("seen by Bo", || count(&ana) == of_bo);
        assert_ne!(count(&cy), of_bo);
        // Many are told as one, at most once in that time.
        ana.forget();
        let begun = Instant::now();
        for number in 0..20 {
            ana.say(&number.to_string());
            hall.until_acked(&ana, number + 1);
            let last = ana.acks()[number].pos;
            hall.room.until("Bo has it", || {
                bo.events().last().is_some_and(|event| event.pos == last)
            });
            bo.got(last);
        }
        hall.room
            .until("all seen", || count(&ana) == Some((Conv::Room, 21, 1)));
        let told = ana.heard().into_iter();
        let told = told.filter(|frame| matches!(frame, Frame::Seen(_))).count();
        let most = begun.elapsed().as_millis() / 300 + 1;
        assert!(told as u128 <= most, "{told} in {:?}", begun.elapsed());
    });
}
