//! Nothing is lost, and nothing is doubled.

use std::time::Duration;

use hallway::session::talk::values::{Fate, News};
use hallway::session::{Session, State};
use hallway_core::wire::{Conv, Frame};

use crate::guest::{Guest, say};
use crate::hall::{BO, Hall};
use crate::world::World;

pub(crate) fn is_waiting(session: &Session) -> bool {
    matches!(session.state(), State::Waiting { .. })
}

#[test]
fn a_message_is_queued_sent_delivered_and_seen() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, told) = guest.welcome(world, &hall);
        let message = say(&session, "你好\nhall");
        world.until("delivered", || told.is_delivered(message));
        world.until("told", || told.texts() == ["你好\nhall"]);
        let event = told.events()[0].clone();
        assert_eq!(event.from.id, Some(guest.keeper.fingerprint()));
        hall.books.seen(&event, 3);
        world.until("seen", || {
            told.fates(message)
                == [
                    Fate::Queued,
                    Fate::Sent,
                    Fate::Delivered(event.seq),
                    Fate::SeenBy(3),
                ]
        });
        let got = |frame: &Frame| matches!(frame, Frame::Got(_));
        world.until("confirmed", || hall.books.count(got) == 1);
        assert!(guest.outbox(hall.books.id).is_empty());
    });
}

#[test]
fn what_is_written_away_from_the_server_waits_and_goes_in_order() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, _) = guest.welcome(world, &hall);
        session.close();
        world.until("away", || matches!(session.state(), State::Ended { .. }));
        for text in ["one", "two", "three", "four"] {
            say(&session, text);
        }
        // Killed, and started again.
        world.run_for(Duration::from_millis(100));
        drop(session);
        let guest = guest.again();
        assert_eq!(guest.outbox(hall.books.id).len(), 4);
        let (session, told) = guest.session(world, &hall.target());
        let fifth = say(&session, "five");
        session.connect();
        world.until("delivered", || told.is_delivered(fifth));
        assert_eq!(hall.books.texts(), ["one", "two", "three", "four", "five"]);
    });
}

/// Breaks the connection at a message, and looks at what is there in the end.
fn broken(arrange: impl Fn(&Hall), is_killed: bool) {
    World::with(|world| {
        let (hall, mut guest) = (Hall::new(&world.reactor), Guest::new());
        let (mut session, _) = guest.welcome(world, &hall);
        let mut expected = Vec::new();
        for round in 0..6 {
            arrange(&hall);
            for number in 0..3 {
                let text = format!("{round}.{number}");
                say(&session, &text);
                expected.push(text);
            }
            world.until("broken", || hall.books.is_empty());
            if is_killed {
                drop(session);
                guest = guest.again();
                session = guest.session(world, &hall.target()).0;
                session.connect();
            } else {
                world.until("lost", || is_waiting(&session));
                session.reconnect_now();
            }
            guest.until_here(world, &hall, &session);
            world.until("acknowledged", || guest.outbox(hall.books.id).is_empty());
            assert_eq!(hall.books.texts(), expected);
        }
    });
}

#[test]
fn a_connection_that_breaks_before_the_commit_loses_nothing() {
    for nth in 1..=3 {
        broken(|hall| hall.books.script.breaks_before.set(nth), false);
    }
}

#[test]
fn a_connection_that_breaks_after_the_commit_doubles_nothing() {
    for nth in 1..=3 {
        broken(|hall| hall.books.script.breaks_after.set(nth), false);
    }
}

#[test]
fn a_connection_that_breaks_once_it_is_acknowledged_doubles_nothing() {
    for nth in 1..=3 {
        broken(|hall| hall.books.script.breaks_acknowledged.set(nth), false);
    }
    broken(|hall| hall.books.script.breaks_acknowledged.set(1), true);
}

#[test]
fn a_connection_that_breaks_while_it_begins_is_made_again() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, told) = guest.welcome(world, &hall);
        let mut expected = Vec::new();
        let script = &hall.books.script;
        for point in [&script.breaks_at_hello, &script.breaks_welcome] {
            for nth in [1, 2] {
                hall.books.cut();
                world.until("lost", || is_waiting(&session));
                let text = format!("message {}", expected.len());
                let message = say(&session, &text);
                expected.push(text);
                point.set(nth);
                // It breaks again, now or later.
                for _ in 0..2 {
                    session.reconnect_now();
                    world.until("an end", || {
                        is_waiting(&session) || told.is_delivered(message)
                    });
                }
                world.until("delivered", || {
                    session.reconnect_now();
                    told.is_delivered(message)
                });
                point.set(0);
                guest.until_here(world, &hall, &session);
                assert_eq!(hall.books.texts(), expected);
            }
        }
        world.until("told", || told.texts() == expected);
    });
}

#[test]
fn a_client_that_is_killed_amid_it_loses_and_doubles_nothing() {
    broken(|hall| hall.books.script.breaks_before.set(2), true);
    broken(|hall| hall.books.script.breaks_after.set(2), true);
}

#[test]
fn what_was_said_meanwhile_comes_once_and_in_order() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        hall.books.bo_says("before");
        hall.books.script.every_event_twice.set(true);
        let (session, told) = guest.welcome(world, &hall);
        hall.books.bo_says("here");
        world.until("both", || told.texts() == ["before", "here"]);
        hall.books.cut();
        world.until("lost", || is_waiting(&session));
        hall.books.bo_says("meanwhile");
        session.reconnect_now();
        world.until("all", || told.texts() == ["before", "here", "meanwhile"]);
        drop(session);
        let guest = guest.again();
        hall.books.bo_says("later");
        let (_session, told) = guest.welcome(world, &hall);
        world.until("what is new", || told.texts() == ["later"]);
        let hellos = hall.books.heard.borrow();
        let cursors: Vec<_> = hellos
            .iter()
            .filter_map(|frame| match frame {
                Frame::Hello(hello) => Some(hello.cursor.map_or(0, |cursor| cursor.pos.get())),
                _ => None,
            })
            .collect();
        assert_eq!(cursors, [0, 2, 3]);
    });
}

#[test]
fn a_long_history_is_caught_up_with() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let expected: Vec<_> = (0..200).map(|number| format!("line {number}")).collect();
        for text in &expected {
            hall.books.bo_says(text);
        }
        let (_session, told) = guest.welcome(world, &hall);
        world.until("all of it", || told.has(&News::CaughtUp));
        assert_eq!(told.texts(), expected);
    });
}

#[test]
fn direct_messages_go_to_one_and_may_find_nobody() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, told) = guest.welcome(world, &hall);
        let direct = |text: &str| session.say(Conv::With(BO), text.parse().unwrap()).unwrap();
        let first = direct("psst");
        world.until("delivered", || told.is_delivered(first));
        world.until("told", || {
            told.events()
                .iter()
                .any(|event| event.conv == Conv::With(BO))
        });
        hall.books.script.knows_nobody.set(true);
        let second = direct("anybody?");
        world.until("refused", || {
            matches!(told.fates(second).last(), Some(Fate::Refused(_)))
        });
        let third = say(&session, "to all");
        world.until("delivered", || told.is_delivered(third));
        assert!(guest.outbox(hall.books.id).is_empty());
    });
}

#[test]
fn a_message_is_taken_back_honestly() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, _) = guest.welcome(world, &hall);
        session.close();
        world.until("away", || matches!(session.state(), State::Ended { .. }));
        let never = say(&session, "never sent");
        let (other, told) = (say(&session, "sent"), session.clone());
        let news = std::rc::Rc::<crate::guest::Told>::default();
        let ear = std::rc::Rc::clone(&news);
        told.connect_told(move |_, it| ear.news.borrow_mut().push(it.clone()));
        assert!(session.take_back(never));
        let gone = |perhaps_received| Fate::TakenBack { perhaps_received };
        world.until("gone", || news.fates(never).last() == Some(&gone(false)));
        hall.books.script.breaks_after.set(1);
        session.connect();
        world.until("lost", || is_waiting(&session));
        session.cancel_reconnect();
        assert!(session.take_back(other));
        world.until("gone", || news.fates(other).last() == Some(&gone(true)));
        assert_eq!(hall.books.texts(), ["sent"]);
        assert!(guest.outbox(hall.books.id).is_empty());
    });
}
