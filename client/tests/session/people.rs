//! Who is here, who writes, and what was said before.

use std::time::Duration;

use hallway::session::State;
use hallway::session::talk::values::News;
use hallway_core::wire::{Conv, Frame, Seq};

use crate::guest::Guest;
use crate::hall::{BO, Hall, person};
use crate::world::World;

#[test]
fn people_and_their_writing_are_told() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, told) = guest.welcome(world, &hall);
        world.until("people", || told.has(&News::People));
        assert_eq!(session.people(), (vec![person()], 0));
        let typing = |is_typing| News::Typing {
            who: BO,
            conv: Conv::Room,
            is_typing,
        };
        hall.books.bo_writes();
        world.until("writing", || told.has(&typing(true)));
        assert!(!told.has(&typing(false)));
        world.until("forgotten", || told.has(&typing(false)));
        for _ in 0..5 {
            session.typing(Conv::Room);
        }
        world.run_for(Duration::from_millis(100));
        let typed = |frame: &Frame| matches!(frame, Frame::Typing(_));
        assert_eq!(hall.books.count(typed), 1);
        hall.books.bo_writes();
        world.until("writing", || told.find(last_typing) == Some(true));
        session.close();
        world.until("gone", || matches!(session.state(), State::Ended { .. }));
        assert_eq!(told.find(last_typing), Some(false));
        assert_eq!(session.people(), (Vec::new(), 0));
    });
}

#[test]
fn older_events_come_by_pages() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        for number in 1..=10 {
            hall.books.bo_says(&number.to_string());
        }
        let (session, told) = guest.welcome(world, &hall);
        let before: Seq = 8.try_into().unwrap();
        assert!(session.ask_past(Conv::Room, before, 3));
        let page = |news: &News| match news {
            News::Past(past) => Some(past.clone()),
            _ => None,
        };
        world.until("a page", || told.find(page).is_some());
        let past = told.find(page).unwrap();
        let texts: Vec<_> = past
            .events
            .iter()
            .map(|event| event.text.as_ref())
            .collect();
        assert_eq!(texts, ["5", "6", "7"]);
        assert!(past.more && !past.gap);
        session.close();
        world.until("gone", || matches!(session.state(), State::Ended { .. }));
        assert!(!session.ask_past(Conv::Room, before, 3));
    });
}

/// Whether somebody writes, by what was told last.
fn last_typing(news: &News) -> Option<bool> {
    match news {
        News::Typing { is_typing, .. } => Some(*is_typing),
        _ => None,
    }
}
