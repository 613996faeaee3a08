//! Disks that are full or slow, here and there, and backups that come back.

use std::time::Duration;

use hallway::session::Standing;
use hallway::session::talk::values::{End, Fate, News};
use hallway_core::history::{Error, Store};

use crate::delivering::is_waiting;
use crate::guest::{Guest, say};
use crate::hall::Hall;
use crate::world::World;

/// Lets the history have so many pages more or less: what a full disk is to it.
fn limit(guest: &Guest, pages: u32) {
    let asked = guest
        .keeper
        .history()
        .between(move |store| store.statement(&format!("PRAGMA max_page_count = {pages}")));
    // It tells how many there are, which is no answer to a statement.
    asked.unwrap().wait().ok();
}

#[test]
fn a_full_disk_there_keeps_it_here() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, told) = guest.welcome(world, &hall);
        hall.books.script.full.set(1);
        let first = say(&session, "first");
        let second = say(&session, "second");
        world.until("refused", || {
            told.fates(first) == [Fate::Queued, Fate::Sent, Fate::Queued]
        });
        assert_eq!(guest.outbox(hall.books.id).len(), 2);
        world.until("delivered", || {
            told.is_delivered(first) && told.is_delivered(second)
        });
        assert_eq!(hall.books.texts(), ["first", "second"]);
    });
}

#[test]
fn an_outbox_that_cannot_be_written_claims_nothing() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, told) = guest.welcome(world, &hall);
        let last = say(&session, "kept");
        world.until("delivered", || told.is_delivered(last));
        limit(&guest, 1);
        let long = "x".repeat(16 * 1024);
        let many: Vec<_> = (0..20).map(|_| say(&session, &long)).collect();
        let refused = many[19];
        world.until("told", || {
            told.fates(refused) == [Fate::NotKept(Error::DiskFull)]
        });
        limit(&guest, 1_000_000);
        let good = say(&session, "good again");
        world.until("delivered", || told.is_delivered(good));
        assert!(!told.is_delivered(refused));
    });
}

#[test]
fn events_that_cannot_be_stored_are_not_confirmed_and_come_again() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, told) = guest.welcome(world, &hall);
        world.until("caught up", || told.has(&News::CaughtUp));
        limit(&guest, 1);
        let long = "y".repeat(16 * 1024);
        for _ in 0..20 {
            hall.books.bo_says(&long);
        }
        let over = Standing::Over(End::NotStored(Error::DiskFull));
        world.until("given up", || told.standings.borrow().contains(&over));
        world.until("later", || is_waiting(&session));
        limit(&guest, 1_000_000);
        world.until("all of it", || told.texts().len() == 20);
        assert_eq!(hall.books.texts().len(), 20);
    });
}

#[test]
fn a_slow_history_stops_reading_and_loses_nothing() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (_session, told) = guest.welcome(world, &hall);
        world.until("caught up", || told.has(&News::CaughtUp));
        let (go_on, waiting) = std::sync::mpsc::channel::<()>();
        let slow = guest.keeper.history().between(move |_| {
            waiting.recv().unwrap();
            Ok(())
        });
        let text = "z".repeat(4 * 1024);
        for _ in 0..60 {
            hall.books.bo_says(&text);
        }
        world.run_for(Duration::from_millis(200));
        assert!(
            told.texts().is_empty(),
            "nothing is told that is not stored"
        );
        go_on.send(()).unwrap();
        slow.unwrap().wait().unwrap();
        world.until("all of it", || told.texts().len() == 60);
    });
}

#[test]
fn what_the_server_lost_is_kept_marked_and_reported() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, told) = guest.welcome(world, &hall);
        let first = say(&session, "kept by both");
        world.until("delivered", || told.is_delivered(first));
        hall.books.back_up();
        let second = say(&session, "lost there");
        world.until("delivered", || told.is_delivered(second));
        world.until("stored", || told.texts().len() == 2);
        hall.books.cut();
        world.until("lost", || is_waiting(&session));
        hall.books.restore();
        // It has grown since: the position alone would not tell.
        for text in ["new there", "and more"] {
            hall.books.bo_says(text);
        }
        session.reconnect_now();
        world.until("read again", || told.has(&News::Reset));
        world.until("reported", || told.has(&News::Lost(1)));
        world.until("told", || told.texts().len() == 4);
        let expected = ["kept by both", "lost there", "new there", "and more"];
        assert_eq!(told.texts(), expected, "nothing is told twice");
        let server = hall.books.id;
        let lost = guest.keeper.history().ask(move |store| store.lost(&server));
        assert_eq!(lost.unwrap().wait(), Ok(1));
        let third = say(&session, "goes on");
        world.until("delivered", || told.is_delivered(third));
    });
}
