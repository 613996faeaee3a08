//! Rows and lines of plain people; `encrypted`: of others.

mod encrypted;

use super::*;
use crate::hub::Leaving;
use gio::prelude::*;
use hallway_core::net::Refused;
use hallway_widgets::conversation::{Content, Delivery};

/// What a room would tell, and what came of it.
struct Room(Rc<Talk>);

impl Room {
    fn new(passes_on: bool) -> Self {
        let talk = Talk::new(100_000);
        talk.set_passes_on(passes_on);
        Self(Rc::new(talk))
    }

    fn join(&self, number: u64) -> Person {
        let person = Person {
            id: PeerId::of(number),
            label: format!("10.0.0.{number}:5000").into(),
            is_named: false,
            identity: None,
            is_encrypted: false,
            address: ([10, 0, 0, 1], 5000).into(),
        };
        self.0.take(&Event::Joined(&person));
        person
    }

    fn rename(&self, person: &Person, name: &str) -> Person {
        let renamed = Person {
            label: name.into(),
            is_named: true,
            ..person.clone()
        };
        let before = &person.label;
        self.0.take(&Event::Renamed {
            person: &renamed,
            before,
        });
        renamed
    }

    fn hear(&self, person: &Person, text: &str) {
        self.0.take(&Event::Line {
            person,
            text,
            is_cut: false,
        });
    }

    fn say(&self, audience: Audience, text: &str, number: u64) -> MessageId {
        let message = MessageId::of(number);
        self.0.take(&Event::Said {
            audience,
            text,
            message,
        });
        message
    }

    fn leave(&self, person: &Person) {
        self.0.take(&Event::Left(person, &Leaving::ByPeer));
    }

    fn row(&self, person: &Person) -> Row {
        self.0.row(person.id).expect("the person is here")
    }

    /// What a list would show.
    fn labels(&self) -> Vec<String> {
        let people = self.0.people();
        people.publish();
        let rows = people.iter::<Row>().flatten();
        rows.map(|row| {
            let heading = row.heading().map(|heading| format!("{heading}: "));
            heading.unwrap_or_default() + &row.label()
        })
        .collect()
    }
}

fn last(row: &Row) -> Option<Content> {
    row.view().last()
}

#[test]
fn lines_of_the_room_are_not_a_persons_own() {
    let room = Room::new(true);
    let ana = room.join(1);
    let before = room.row(&ana).view().len();
    room.hear(&ana, "hello");
    assert_eq!(room.row(&ana).view().len(), before);
    let Some(Content::Theirs { text, .. }) = last(room.0.everyone()) else {
        panic!("everyone sees the line")
    };
    assert_eq!(&*text, "hello");
    assert_eq!(room.row(&ana).unread(), 0);
    room.leave(&ana);
    assert_eq!(room.labels(), ["Everyone"], "nothing was said in private");
}

#[test]
fn what_only_the_host_hears_is_the_persons_too() {
    let room = Room::new(false);
    let (ana, bo) = (room.join(1), room.join(2));
    room.hear(&ana, "hello");
    for row in [&room.row(&ana), room.0.everyone()] {
        assert!(matches!(last(row), Some(Content::Theirs { .. })));
    }
    assert_eq!(room.row(&ana).unread(), 1);
    assert_eq!(room.row(&bo).unread(), 0);
    assert_eq!(room.0.everyone().unread(), 0, "it is being read");
    room.0.set_read(Some(&room.row(&ana)));
    room.hear(&ana, "again");
    assert_eq!(room.row(&ana).unread(), 0);
    assert_eq!(room.0.everyone().unread(), 1);
}

#[test]
fn a_private_text_is_in_the_persons_view_only() {
    let room = Room::new(true);
    let ana = room.rename(&room.join(1), "Ana");
    let lines = room.0.everyone().view().len();
    let message = room.say(Audience::One(ana.id), "psst", 1);
    assert_eq!(room.0.everyone().view().len(), lines);
    let sent = |delivery: Delivery| Content::Ours {
        text: "psst".into(),
        to: Some("Ana".into()),
        delivery,
    };
    assert_eq!(last(&room.row(&ana)), Some(sent(Delivery::OnTheWay)));
    assert_eq!(room.0.unsent(), 1);
    room.0.take(&Event::Received {
        message,
        received: 1,
        missing: &[],
        is_kept: false,
    });
    assert_eq!(last(&room.row(&ana)), Some(sent(Delivery::Sent)));
    assert_eq!(room.0.unsent(), 0);
}

#[test]
fn whoever_was_spoken_with_stays_when_gone() {
    let room = Room::new(true);
    let (ana, bo) = (room.rename(&room.join(1), "Ana"), room.join(2));
    room.say(Audience::One(ana.id), "psst", 1);
    let row = room.row(&ana);
    assert_eq!(room.labels(), ["Everyone", "People: Ana", "10.0.0.2:5000"]);
    room.leave(&ana);
    assert_eq!(
        room.labels(),
        ["Everyone", "People: 10.0.0.2:5000", "Gone: Ana"]
    );
    assert_eq!(audience(&row), None);
    assert!(row.spoken().contains("gone"));
    room.leave(&bo);
    assert_eq!(room.labels(), ["Everyone", "Gone: Ana"]);
    room.0.clear();
    assert_eq!(room.labels(), ["Everyone"]);
    assert!(room.0.everyone().view().is_empty());
}

#[test]
fn whoever_was_about_to_be_told_something_stays_when_gone() {
    let room = Room::new(true);
    let ana = room.join(1);
    room.row(&ana).set_draft("only for you".to_owned());
    room.leave(&ana);
    assert_eq!(room.labels(), ["Everyone", "Gone: 10.0.0.1:5000"]);
}

#[test]
fn the_oldest_of_many_who_have_gone_goes() {
    let room = Room::new(false);
    for number in 1..=120 {
        let person = room.join(number);
        room.hear(&person, "hello");
        room.leave(&person);
    }
    let labels = room.labels();
    assert_eq!(labels.len(), 101);
    assert_eq!(labels[1], "Gone: 10.0.0.21:5000");
}

#[test]
fn rows_tell_who_and_how_many() {
    let room = Room::new(false);
    let ana = room.rename(&room.join(1), "Ana");
    room.hear(&ana, "one");
    room.hear(&ana, "two");
    let row = room.row(&ana);
    assert_eq!(row.spoken(), "Ana, 10.0.0.1, plain text, 2 unread");
    assert_eq!(row.badge(), "2");
    for _ in 0..100 {
        room.hear(&ana, "more");
    }
    assert_eq!(row.badge(), "99+");
    assert_eq!(room.0.everyone().detail(), "1 person");
    room.0.take(&Event::FallingBehind(&ana, 182 * 1024));
    assert_eq!(
        row.trouble().as_deref(),
        Some("Falling behind: 182 KiB waiting")
    );
    room.0.take(&Event::CaughtUp(&ana));
    assert_eq!(row.trouble(), None);
}

#[test]
fn an_empty_room_is_told_of_once() {
    let room = Room::new(true);
    let everyone = room.0.everyone().clone();
    let talk = |number| {
        let message = room.say(Audience::Everyone, "anyone?", number);
        room.0.take(&Event::Received {
            message,
            received: 0,
            missing: &[],
            is_kept: false,
        });
        everyone.view().len()
    };
    assert_eq!(talk(1), 2, "the text and the hint");
    assert_eq!(talk(2), 3, "the text");
    let Some(Content::Ours { delivery, .. }) = last(&everyone) else {
        panic!("it is the last line")
    };
    assert_eq!(delivery, Delivery::Discarded, "it went to nobody");
    let ana = room.join(1);
    room.leave(&ana);
    assert_eq!(talk(3), 7, "came, went, the text and the hint");
}

#[test]
fn some_did_not_receive_it() {
    let room = Room::new(true);
    let (ana, _bo) = (Rc::new(room.join(1)), room.join(2));
    let message = room.say(Audience::Everyone, "all", 1);
    room.0.take(&Event::Received {
        message,
        received: 1,
        missing: &[ana],
        is_kept: false,
    });
    let Some(Content::Ours { delivery, .. }) = last(room.0.everyone()) else {
        panic!("it is the last line")
    };
    let missing = "10.0.0.1:5000".into();
    assert_eq!(
        delivery,
        Delivery::Partly {
            received: 1,
            missing
        }
    );
}

#[test]
fn refusals_are_the_rooms() {
    let room = Room::new(true);
    let peer = ([10, 0, 0, 9], 1).into();
    let why = hallway_core::net::Refusal::Full { limit: 2 };
    room.0.take(&Event::Refused(Refused { peer, why }));
    assert!(matches!(
        last(room.0.everyone()),
        Some(Content::Event { .. })
    ));
}
