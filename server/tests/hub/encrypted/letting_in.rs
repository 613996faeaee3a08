//! The password, and the host's word.

use std::time::{Duration, Instant};

use hallway_core::identity::Identity;
use hallway_core::wire::{Code, Frame};
use hallway_server::hub::{Leaving, Manners, Settings};

use super::guest::Guest;
use super::hall::{Hall, in_hall, settings};
use crate::world::Told;

fn with_password() -> Settings {
    Settings {
        password: Some("open sesame".parse().unwrap()),
        manners: Manners {
            slowed: Duration::from_millis(100),
            look: Duration::from_millis(5),
            ..Manners::default()
        },
        ..settings()
    }
}

fn refused(is_last: bool) -> (Code, String, bool) {
    (Code::Password, "hello".into(), is_last)
}

fn until_refused(hall: &Hall<'_>, guest: &Guest, count: usize) {
    hall.room
        .until("a refusal", || guest.refusals().len() == count);
}

#[test]
fn the_password_is_asked_for_and_the_right_one_lets_in() {
    in_hall(with_password(), |hall| {
        let ana = hall.connect();
        ana.hello("Ana");
        until_refused(hall, &ana, 1);
        ana.hello_with("Ana", None, Some("open barley"));
        until_refused(hall, &ana, 2);
        ana.hello_with("Ana", None, Some("open sesame"));
        hall.until_caught_up(&ana);
        assert_eq!(ana.refusals(), [refused(false), refused(false)]);
    });
}

#[test]
fn the_third_wrong_password_ends_it_and_each_slows() {
    in_hall(with_password(), |hall| {
        let eve = hall.connect();
        let begun = Instant::now();
        for guess in ["a", "b", "c", "open sesame"] {
            eve.hello_with("Eve", None, Some(guess));
        }
        hall.until_over(&eve);
        assert!(begun.elapsed() >= Duration::from_millis(200));
        assert_eq!(
            eve.refusals(),
            [refused(false), refused(false), refused(true)]
        );
        let why = Leaving::Refused(Code::Password);
        let label = eve.connection.local().unwrap().to_string();
        hall.room.until_told(&Told::Left(label, why));
    });
}

#[test]
fn an_address_that_guesses_is_locked_and_no_other() {
    in_hall(with_password(), |hall| {
        for round in 0..4 {
            let eve = hall.connect();
            for guess in 0..3 {
                // The tenth is the last one that is looked at.
                if round == 3 && guess == 1 {
                    eve.hello_with("Eve", None, Some("open sesame"));
                    break;
                }
                eve.hello_with("Eve", None, Some(&format!("{round}{guess}")));
            }
            hall.until_over(&eve);
            if round == 3 {
                let busy = (Code::Busy, "hello".to_owned(), true);
                assert_eq!(eve.refusals(), [refused(false), busy]);
            }
        }
        if hall.room.hub.listener().bound().len() > 1 {
            let ana = hall.connect_from("::1", Identity::make().unwrap());
            ana.hello_with("Ana", None, Some("open sesame"));
            hall.until_caught_up(&ana);
        }
    });
}

#[test]
fn who_waits_is_not_told_of() {
    let settings = Settings {
        ask: true,
        ..settings()
    };
    in_hall(settings, |hall| {
        let (mut nc, nc_id) = hall.room.join();
        hall.room.hub.rename(nc_id, "Bo").unwrap();
        let ana = hall.connect();
        ana.hello("Ana");
        hall.until(&ana, "waiting", |frame| *frame == Frame::Waiting);
        nc.say("/who\n");
        hall.room.until("one", || nc.has_heard("* who Bo of 1\n"));
    });
}

#[test]
fn the_host_is_asked_and_lets_in_or_not() {
    let settings = Settings {
        ask: true,
        ..settings()
    };
    in_hall(settings, |hall| {
        let (ana, eve) = (hall.connect(), hall.connect());
        ana.hello("Ana");
        hall.until(&ana, "waiting", |frame| *frame == Frame::Waiting);
        eve.hello("Eve");
        hall.until(&eve, "waiting", |frame| *frame == Frame::Waiting);
        let id = |name: &str| {
            let people = hall.room.hub.people();
            let person = people.iter().find(|person| &*person.label == name);
            person.unwrap().id
        };
        let (ana_id, eve_id) = (id("Ana"), id("Eve"));
        assert!(hall.room.saw(&Told::Asks(ana_id)) && hall.room.saw(&Told::Asks(eve_id)));
        hall.room.hub.let_in(ana_id, true);
        hall.until_caught_up(&ana);
        ana.say("hello");
        hall.until_acked(&ana, 1);
        hall.room.hub.let_in(eve_id, false);
        hall.until_over(&eve);
        let no = (Code::Unauthorized, "hello".to_owned(), true);
        assert_eq!(eve.refusals(), [no]);
        assert!(eve.texts().is_empty());
        hall.room
            .until_told(&Told::Left("Eve".into(), Leaving::NotLetIn));
        // Who was let in is not asked about again, whatever became of the connection.
        ana.connection.abort();
        let again = hall.connect_as(ana.identity.clone());
        again.hello("Ana");
        hall.until_caught_up(&again);
        assert!(!again.heard().contains(&Frame::Waiting));
    });
}

#[test]
fn who_waits_keeps_no_name_from_whom_the_host_let_in() {
    let settings = Settings {
        ask: true,
        ..settings()
    };
    in_hall(settings, |hall| {
        let ana = hall.connect();
        ana.hello("Ana");
        hall.until(&ana, "waiting", |frame| *frame == Frame::Waiting);
        hall.room.hub.let_in(hall.room.hub.people()[0].id, true);
        hall.until_caught_up(&ana);
        ana.connection.abort();
        hall.room
            .until("Ana is away", || hall.room.hub.people().is_empty());
        let eve = hall.connect();
        eve.hello("Anа");
        hall.until(&eve, "waiting", |frame| *frame == Frame::Waiting);
        // Among those who wait the first one has it.
        let other = hall.connect();
        other.hello("Ana");
        until_refused(hall, &other, 1);
        let taken = |is_last| (Code::NameTaken, "hello".to_owned(), is_last);
        assert_eq!(other.refusals(), [taken(false)]);
        let again = hall.connect_as(ana.identity.clone());
        again.hello("Ana");
        hall.until_caught_up(&again);
        hall.until_over(&eve);
        assert_eq!(eve.refusals(), [taken(true)]);
        // Who is here keeps it.
        other.hello("Ana");
        until_refused(hall, &other, 2);
        assert_eq!(other.refusals()[1], taken(false));
    });
}

#[test]
fn who_waits_comes_in_when_the_host_is_not_to_be_asked_any_more() {
    let asking = Settings {
        ask: true,
        ..settings()
    };
    in_hall(asking.clone(), |hall| {
        let (ana, bo) = (hall.connect(), hall.connect());
        ana.hello("Ana");
        hall.until(&ana, "waiting", |frame| *frame == Frame::Waiting);
        // Something else is decided.
        hall.room.hub.set_settings(Settings {
            echo: true,
            ..asking.clone()
        });
        hall.wait(Duration::from_millis(60));
        assert_eq!(ana.heard(), [Frame::Waiting]);
        hall.room.hub.set_settings(settings());
        hall.until_caught_up(&ana);
        bo.hello("Bo");
        hall.until_caught_up(&bo);
        // That was no word about Ana.
        hall.room.hub.set_settings(asking.clone());
        ana.connection.abort();
        let again = hall.connect_as(ana.identity.clone());
        again.hello("Ana");
        hall.until(&again, "waiting", |frame| *frame == Frame::Waiting);
    });
}

#[test]
fn who_waits_says_nothing() {
    let settings = Settings {
        ask: true,
        ..settings()
    };
    in_hall(settings, |hall| {
        let ana = hall.connect();
        ana.hello("Ana");
        ana.say("let me in");
        hall.until_over(&ana);
        assert_eq!(
            ana.refusals(),
            [(Code::Unauthorized, "msg".to_owned(), true)]
        );
        assert!(hall.kept().is_empty());
    });
}
