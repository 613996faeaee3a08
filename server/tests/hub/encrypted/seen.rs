//! That a message to one person was stored is told to its author, whoever was away meanwhile.

use std::time::Duration;

use hallway_core::identity::Identity;
use hallway_core::wire::frame::Seen;
use hallway_core::wire::{Conv, Cursor, Fingerprint, Frame};
use hallway_server::hub::{Event, Manners, Settings};

use super::guest::Guest;
use super::hall::{Hall, Place, in_hall, in_hall_at, settings};

fn quick() -> Settings {
    Settings {
        manners: Manners {
            news: Duration::from_millis(40),
            look: Duration::from_millis(5),
            ..Manners::default()
        },
        ..settings()
    }
}

fn is_seen(frame: &Frame) -> bool {
    matches!(frame, Frame::Seen(_))
}

/// What is told of two, in order, without what is told again.
fn seen(guest: &Guest) -> Vec<(Fingerprint, u64, u32)> {
    let heard = guest.heard().into_iter();
    let mut seen: Vec<_> = heard
        .filter_map(|frame| match frame {
            Frame::Seen(Seen {
                conv: Conv::With(other),
                seq,
                count,
            }) => Some((other, seq.get(), count)),
            _ => None,
        })
        .collect();
    seen.dedup();
    seen
}

fn until_seen(hall: &Hall<'_>, author: &Guest, reader: &Guest, seq: u64) {
    hall.until(author, "seen", |frame| match frame {
        Frame::Seen(seen) => seen.conv == Conv::With(reader.id()) && seen.seq.get() == seq,
        _ => false,
    });
}

/// Somebody who has been here before and comes again.
fn come_again(hall: &Hall<'_>, name: &str, identity: &Identity, cursor: Option<Cursor>) -> Guest {
    let guest = hall.connect_as(identity.clone());
    guest.hello_with(name, cursor, None);
    hall.until_caught_up(&guest);
    guest
}

fn whisper(hall: &Hall<'_>, from: &Guest, to: &Guest, texts: &[&str]) {
    for (text, n) in texts.iter().zip(1_u64..) {
        let mut msg = from.msg(Conv::With(to.id()), text);
        msg.n = n.try_into().unwrap();
        from.send(&Frame::Msg(msg));
    }
    hall.until_acked(from, texts.len());
}

#[test]
fn an_author_who_was_away_is_told_and_also_by_another_server() {
    let place = Place::new();
    let (ana, bo) = (Identity::make().unwrap(), Identity::make().unwrap());
    in_hall_at(&place, quick(), |hall| {
        let author = come_again(hall, "Ana", &ana, None);
        let reader = come_again(hall, "Bo", &bo, None);
        whisper(hall, &author, &reader, &["one", "two", "three"]);
        hall.until_texts(&reader, &["one", "two", "three"]);
        author.connection.abort();
        hall.room
            .until("Ana is away", || hall.room.hub.people().len() == 1);
        reader.got(reader.events()[1].pos);
        // It may not be on the disk yet.
        let author = come_again(hall, "Ana", &ana, None);
        until_seen(hall, &author, &reader, 2);
        author.connection.abort();
        hall.room
            .until("Ana is away", || hall.room.hub.people().len() == 1);
        reader.got(reader.events()[2].pos);
        reader.connection.close();
        hall.until_over(&reader);
        hall.room
            .until("all are away", || hall.room.hub.people().is_empty());
    });
    in_hall_at(&place, quick(), |hall| {
        let author = come_again(hall, "Ana", &ana, None);
        let told = [(bo.fingerprint(), 3, 1)];
        hall.room.until("seen", || seen(&author) == told);
        // To Bo nobody has written, and nobody else has to know.
        let reader = come_again(hall, "Bo", &bo, None);
        let cy = hall.join("Cy");
        hall.wait(Duration::from_millis(120));
        assert!(!reader.heard().iter().any(is_seen), "{reader:?}");
        assert!(!cy.heard().iter().any(is_seen), "{cy:?}");
    });
}

#[test]
fn what_a_reader_stored_and_could_not_say_is_told_when_they_come_again() {
    in_hall(quick(), |hall| {
        let (author, reader) = (hall.join("Ana"), hall.join("Bo"));
        whisper(hall, &author, &reader, &["one", "two"]);
        hall.until_texts(&reader, &["one", "two"]);
        let cursor = reader.cursor();
        reader.connection.abort();
        hall.room
            .until("Bo is away", || hall.room.hub.people().len() == 1);
        assert!(!author.heard().iter().any(is_seen), "{author:?}");
        let again = come_again(hall, "Bo", &reader.identity, cursor);
        until_seen(hall, &author, &again, 2);
        // And if Ana is away when Bo comes again.
        whisper(hall, &again, &author, &["three"]);
        let id = author.identity.clone();
        hall.until_texts(&author, &["one", "two", "three"]);
        let cursor = author.cursor();
        author.connection.abort();
        again.connection.abort();
        hall.room
            .until("all are away", || hall.room.hub.people().is_empty());
        let author = come_again(hall, "Ana", &id, cursor);
        hall.room.until("seen", || !seen(&author).is_empty());
        author.connection.abort();
        hall.room
            .until("all are away", || hall.room.hub.people().is_empty());
        let again = come_again(hall, "Bo", &again.identity, None);
        until_seen(hall, &again, &author, 3);
    });
}

#[test]
fn who_waits_to_be_let_in_is_told_nothing_before_the_welcome() {
    in_hall(quick(), |hall| {
        let (author, reader) = (hall.join("Ana"), hall.join("Bo"));
        whisper(hall, &author, &reader, &["one"]);
        hall.until_texts(&reader, &["one"]);
        author.connection.abort();
        hall.room
            .until("Ana is away", || hall.room.hub.people().len() == 1);
        hall.room.hub.set_settings(Settings {
            ask: true,
            ..quick()
        });
        let asked = std::rc::Rc::new(std::cell::Cell::new(None));
        let place = std::rc::Rc::clone(&asked);
        hall.room.hub.observe(move |event| {
            if let Event::Asks(person) = event {
                place.set(Some(person.id));
            }
        });
        let again = hall.connect_as(author.identity.clone());
        again.hello("Ana");
        hall.until(&again, "waiting", |frame| *frame == Frame::Waiting);
        reader.got(reader.events()[0].pos);
        hall.wait(Duration::from_millis(120));
        assert_eq!(again.heard(), [Frame::Waiting]);
        hall.room.hub.let_in(asked.get().unwrap(), true);
        until_seen(hall, &again, &reader, 1);
    });
}
