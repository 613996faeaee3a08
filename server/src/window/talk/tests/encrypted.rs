use hallway_core::history::entry::Entry;
use hallway_core::wire::event::Kind;
use hallway_core::wire::{self, At, Between, Cid, Hash, Pos, Seq, Text};

use super::*;
use crate::window::lock::Lock;

fn identity(number: u64) -> Fingerprint {
    Fingerprint::of_der(&number.to_be_bytes())
}

impl Room {
    /// Somebody who encrypts and asks to be let in.
    fn asks(&self, number: u64, name: &str) -> Person {
        let person = Person {
            label: name.into(),
            is_named: true,
            identity: Some(identity(number)),
            is_encrypted: true,
            ..self.join(number)
        };
        self.0.take(&Event::Asks(&person));
        person
    }

    fn welcomed(&self, number: u64, name: &str) -> Person {
        let person = self.asks(number, name);
        let before = "10.0.0.1:5000";
        let person_ref = &person;
        self.0.take(&Event::Welcomed {
            person: person_ref,
            before,
        });
        person
    }

    fn direct(&self, person: &Person, text: &str) {
        self.0.take(&Event::Direct { person, text });
    }

    fn writes(&self, person: &Person, to_host: bool) {
        self.0.take(&Event::Typing { person, to_host });
    }
}

#[test]
fn whoever_waits_hears_nothing_yet() {
    let room = Room::new(true);
    let (ana, bo) = (room.asks(1, "Ana"), room.asks(2, "Bo"));
    let waiting: Vec<_> = room.0.waiting().iter().map(Row::label).collect();
    assert_eq!(waiting, ["Ana", "Bo"]);
    assert_eq!(room.0.everyone().people(), 0);
    assert_eq!(audience(&room.row(&ana)), None);
    room.0.take(&Event::Welcomed {
        person: &ana,
        before: "10.0.0.1:5000",
    });
    assert_eq!(room.0.everyone().people(), 1);
    assert_eq!(audience(&room.row(&ana)), Some(Audience::One(ana.id)));
    room.leave(&bo);
    assert!(room.0.waiting().is_empty());
    assert_eq!(room.0.everyone().people(), 1);
}

#[test]
fn what_is_for_the_host_alone_stands_there_alone() {
    let room = Room::new(true);
    let ana = room.welcomed(1, "Ana");
    let told = Rc::new(RefCell::new(Vec::new()));
    let hearer = Rc::clone(&told);
    room.0
        .connect_news(move |place, _| hearer.borrow_mut().push(place));
    let lines = room.0.everyone().view().len();
    room.direct(&ana, "psst");
    let row = room.row(&ana);
    assert_eq!(room.0.everyone().view().len(), lines);
    assert!(matches!(last(&row), Some(Content::Theirs { .. })));
    assert_eq!((row.unread(), row.has_directs()), (1, true));
    assert_eq!(*told.borrow(), [Place::Person(1)]);
    room.0.set_read(Some(&row));
    assert!(!row.has_directs());
    room.direct(&ana, "and again");
    assert_eq!((row.unread(), row.has_directs()), (0, false));
    room.leave(&ana);
    assert_eq!(
        room.labels(),
        ["Everyone", "Gone: Ana"],
        "it can be read again"
    );
}

#[test]
fn locks_say_how_people_talk_and_who_is_known() {
    let room = Room::new(true);
    let (ana, bo) = (room.welcomed(1, "Ana"), room.join(2));
    let lock = |person| room.row(person).lock();
    assert_eq!(room.0.everyone().lock(), None);
    assert_eq!(lock(&ana), Some(Lock::Closed));
    assert_eq!(lock(&bo), Some(Lock::Open));
    room.0.set_verified(identity(1), true);
    assert_eq!(lock(&ana), Some(Lock::Verified));
    // They are known again when they come back, and nobody else is.
    room.leave(&ana);
    let (ana, other) = (room.welcomed(3, "Other"), room.welcomed(1, "Anna"));
    assert_eq!(lock(&ana), Some(Lock::Closed));
    assert_eq!(lock(&other), Some(Lock::Verified));
    room.0.set_verified(identity(1), false);
    assert_eq!(lock(&other), Some(Lock::Closed));
}

#[test]
fn writing_ends_with_what_was_written() {
    let room = Room::new(true);
    let (ana, bo) = (room.welcomed(1, "Ana"), room.welcomed(2, "Bo"));
    let everyone = room.0.everyone();
    let words = |row: &Row| row.writers().words();
    room.writes(&ana, false);
    room.writes(&bo, true);
    assert_eq!(words(everyone).as_deref(), Some("Ana is writing…"));
    assert_eq!(words(&room.row(&bo)).as_deref(), Some("Bo is writing…"));
    assert_eq!(words(&room.row(&ana)), None);
    room.hear(&ana, "there");
    assert_eq!(words(everyone), None);
    room.direct(&bo, "here");
    assert_eq!(words(&room.row(&bo)), None);
    room.writes(&ana, false);
    room.leave(&ana);
    assert_eq!(words(everyone), None);
}

#[test]
fn what_nobody_hears_is_kept_where_anything_is() {
    for (is_kept, expected) in [(true, Delivery::Kept), (false, Delivery::Discarded)] {
        let room = Room::new(true);
        let message = room.say(Audience::Everyone, "later", 1);
        room.0.take(&Event::Received {
            message,
            received: 0,
            missing: &[],
            is_kept,
        });
        let mut found = None;
        room.0.history().look_back(|_, _, content| {
            if let Content::Ours { delivery, .. } = content {
                found = Some(delivery.clone());
            }
            true
        });
        assert_eq!(found, Some(expected));
    }
}

fn entry(pos: u64, from: Option<u64>, kind: Kind, text: &str) -> Entry {
    Entry {
        pos: Pos::try_from(pos).expect("a small number"),
        seq: Seq::try_from(pos).expect("a small number"),
        between: Between::Room,
        from: wire::Person {
            id: from.map(identity),
            name: "Somebody".parse().expect("a word"),
        },
        cid: Cid::from_bytes([0; 16]),
        kind,
        text: Text::fitting(text),
        at: At::try_from(pos * 1000).expect("a small number"),
        hash: Hash::from_bytes([0; 32]),
    }
}

#[test]
fn what_was_said_before_stands_above_all_else() {
    let room = Room::new(true);
    let earlier = [
        entry(1, Some(7), Kind::Text, "ours"),
        entry(2, Some(8), Kind::Text, "theirs\n\u{1b}[2Jmore"),
        entry(3, None, Kind::Mark, ""),
        entry(4, None, Kind::Text, "plain"),
    ];
    room.0.recall(&earlier, &identity(7));
    let mut contents = Vec::new();
    room.0.history().look_back(|_, _, content| {
        contents.push(content.clone());
        true
    });
    contents.reverse();
    let is_ours = |content: &Content| matches!(content, Content::Ours { delivery, .. } if *delivery == Delivery::Kept);
    assert_eq!(&**contents[0].text(), "Earlier");
    assert!(is_ours(&contents[1]));
    assert!(!contents[2].text().contains('\u{1b}'), "controls are shown");
    assert!(contents[2].text().contains('\n'), "and lines are lines");
    assert!(matches!(contents[3], Content::Event { .. }));
    assert!(matches!(contents[4], Content::Theirs { .. }));
    assert_eq!(contents.len(), 5);
    // Once only, and never below what is said now.
    room.0.recall(&earlier, &identity(7));
    assert_eq!(room.0.everyone().view().len(), 5);
}
