//! Cursors: going on where one was, and reading again.

use std::collections::BTreeSet;

use hallway_core::wire::{Code, Cursor, Epoch, Frame, Hash, Pos};

use super::hall::{Place, in_hall, in_hall_at, settings};

#[test]
fn who_comes_again_gets_what_is_missing_and_nothing_twice() {
    let place = Place::new();
    let mut cursor = None;
    let mut told = Vec::new();
    for round in 0..3 {
        // The server too is another one each time.
        in_hall_at(&place, settings(), |hall| {
            let bo = hall.join(&format!("Bo {round}"));
            for number in 0..10 {
                bo.say(&format!("{round} {number}"));
            }
            hall.until_acked(&bo, 10);
            let ana = hall.connect();
            ana.hello_with("Ana", cursor, None);
            hall.until_caught_up(&ana);
            assert_eq!(ana.texts().len(), 10, "in round {round}");
            bo.say(&format!("{round} live"));
            hall.room.until("the live one", || ana.texts().len() == 11);
            told.extend(ana.events());
            cursor = ana.cursor();
        });
    }
    let positions: Vec<_> = told.iter().map(|event| event.pos.get()).collect();
    assert_eq!(positions, (1..=33).collect::<Vec<_>>());
    let texts: BTreeSet<_> = told.iter().map(|event| event.text.to_string()).collect();
    assert_eq!(texts.len(), 33);
}

#[test]
fn a_cursor_of_another_history_is_told_and_all_is_read_again() {
    in_hall(settings(), |hall| {
        let bo = hall.join("Bo");
        for number in 0..5 {
            bo.say(&number.to_string());
        }
        hall.room.until("all", || bo.texts().len() == 5);
        let good = bo.cursor().unwrap();
        let foreign = Cursor {
            epoch: Epoch::from_bytes([9; 16]),
            ..good
        };
        let grown = Cursor {
            hash: Hash::from_bytes([9; 32]),
            pos: Pos::try_from(3).unwrap(),
            ..good
        };
        let ahead = Cursor {
            pos: Pos::try_from(99).unwrap(),
            ..good
        };
        for (number, cursor) in [foreign, grown, ahead].into_iter().enumerate() {
            let ana = hall.connect();
            ana.hello_with(&format!("Ana {number}"), Some(cursor), None);
            hall.until_caught_up(&ana);
            let reset = ana.heard().into_iter().position(|frame| {
                matches!(frame, Frame::Reset(reset)
                    if reset.epoch == good.epoch && reset.head == good.pos)
            });
            let first = ana
                .heard()
                .into_iter()
                .position(|frame| matches!(frame, Frame::Event(_)));
            assert!(reset.unwrap() < first.unwrap());
            assert_eq!(ana.texts(), ["0", "1", "2", "3", "4"]);
            let is_ahead = cursor == ahead;
            let expected = (Code::CursorAhead, "hello".to_owned(), false);
            let expected = is_ahead.then_some(expected);
            assert_eq!(ana.refusals(), Vec::from_iter(expected));
        }
        let fine = hall.connect();
        fine.hello_with("Fine", Some(good), None);
        hall.until_caught_up(&fine);
        assert!(fine.texts().is_empty() && fine.refusals().is_empty());
        assert!(
            !fine
                .heard()
                .iter()
                .any(|frame| matches!(frame, Frame::Reset(_)))
        );
    });
}

#[test]
fn what_is_told_while_the_past_is_read_comes_after_it() {
    in_hall(settings(), |hall| {
        let bo = hall.join("Bo");
        let count = 300;
        // More than a page: by the host, who is not slowed.
        for number in 0..count {
            hall.room
                .hub
                .say(hallway_server::hub::Audience::Everyone, &number.to_string());
            hall.room.until("the disk", || !hall.room.hub.is_crowded());
        }
        hall.room.until("all", || bo.texts().len() == count);
        let ana = hall.connect();
        ana.hello("Ana");
        for number in 0..20 {
            bo.say(&format!("live {number}"));
        }
        hall.room
            .until("everything", || ana.texts().len() == count + 20);
        let positions: Vec<_> = ana.events().iter().map(|event| event.pos.get()).collect();
        assert_eq!(positions, (1..=320).collect::<Vec<_>>());
        let ups = ana.heard().into_iter();
        let ups = ups.filter(|frame| matches!(frame, Frame::CaughtUp(_)));
        assert_eq!(ups.count(), 1, "said once");
    });
}
