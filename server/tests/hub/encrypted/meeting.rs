//! Coming in, names, who is here, and another connection that takes over.

use std::time::Duration;

use hallway_core::identity::Identity;
use hallway_core::net::tls::{self, Failure};
use hallway_core::net::{Encryption, Ended, Error};
use hallway_core::text::Name;
use hallway_core::wire::frame::Rename;
use hallway_core::wire::{Code, Frame, People, Person, Pos};
use hallway_server::hub::{Leaving, Manners, Settings};

use super::guest::Guest;
use super::hall::{in_hall, settings};
use crate::world::{Told, label};

fn quick() -> Settings {
    Settings {
        manners: Manners {
            news: Duration::from_millis(20),
            look: Duration::from_millis(5),
            ..Manners::default()
        },
        ..settings()
    }
}

/// Everything that a guest was told of who is here, put together.
fn known(guest: &Guest) -> Vec<Person> {
    let mut known: Vec<Person> = Vec::new();
    for frame in guest.heard() {
        match frame {
            Frame::People(People::Here { list, more }) => {
                assert_eq!(more, 0);
                known = list;
            }
            Frame::People(People::Changes {
                joined,
                left,
                renamed,
            }) => {
                known.retain(|person| !left.contains(person));
                for renamed in renamed {
                    let was = Person {
                        id: renamed.id,
                        name: renamed.was,
                    };
                    let person = known.iter_mut().find(|person| **person == was);
                    person.expect("somebody who is known").name = renamed.name;
                }
                for person in joined {
                    assert!(!known.contains(&person), "twice: {person:?}");
                    known.push(person);
                }
            }
            _ => {}
        }
    }
    known.sort_by(|one, other| one.name.cmp(&other.name));
    known
}

fn person(guest: &Guest, name: &str) -> Person {
    Person {
        id: Some(guest.id()),
        name: name.parse().unwrap(),
    }
}

#[test]
fn a_welcome_says_who_the_server_is() {
    in_hall(settings(), |hall| {
        let ana = hall.connect();
        let peer = ana.connection.tls_peer().unwrap();
        assert_eq!(peer.protocol, tls::Protocol::Hallway);
        let id = hall.room.hub.people()[0].id;
        assert!(hall.room.saw(&Told::Joined(id)));
        ana.hello("Ana");
        hall.until_caught_up(&ana);
        let Frame::Welcome(welcome) = ana.heard().remove(0) else {
            panic!("not a welcome: {ana:?}");
        };
        assert_eq!((welcome.id, welcome.name.as_ref()), (hall.server(), "Hall"));
        assert_eq!(welcome.head, Pos::ZERO);
        assert_eq!((welcome.limits.rate, welcome.limits.burst), (10, 30));
        assert!(hall.room.saw(&Told::Welcomed(id, "Ana".into())));
        let people = hall.room.hub.people();
        assert_eq!(people[0].identity, Some(ana.id()));
        assert!(people[0].is_encrypted && people[0].is_named);
        ana.connection.close();
        hall.room
            .until_told(&Told::Left("Ana".into(), Leaving::ByPeer));
        assert!(hall.room.hub.people().is_empty());
    });
}

#[test]
fn everybody_knows_who_is_here_and_what_they_are_called() {
    in_hall(quick(), |hall| {
        let ana = hall.join("Ana");
        let (nc, nc_id) = hall.room.join();
        let bo = hall.join("Bo");
        let plain = |name: String| Person {
            id: None,
            name: name.parse().unwrap(),
        };
        let mut all = vec![plain(label(&nc)), person(&ana, "Ana"), person(&bo, "Bo")];
        for guest in [&ana, &bo] {
            hall.room.until("all", || known(guest) == all);
        }
        hall.room.hub.rename(nc_id, "Cy").unwrap();
        bo.send(&Frame::Rename(Rename {
            name: Name::parse("Bob").unwrap(),
        }));
        all = vec![
            person(&ana, "Ana"),
            person(&bo, "Bob"),
            plain("Cy".to_owned()),
        ];
        for guest in [&ana, &bo] {
            hall.room.until("the names", || known(guest) == all);
        }
        drop(nc);
        ana.connection.close();
        hall.room
            .until("one is left", || known(&bo) == [person(&bo, "Bob")]);
    });
}

#[test]
fn a_name_that_is_ones_own_is_answered_too() {
    in_hall(quick(), |hall| {
        let ana = hall.join("Ana");
        ana.forget();
        ana.send(&Frame::Rename(Rename {
            name: Name::parse("Ana").unwrap(),
        }));
        // What is told of her own coming may still be on its way.
        let answer = hall.until(&ana, "an answer", |frame| match frame {
            Frame::People(People::Changes { renamed, .. }) => !renamed.is_empty(),
            _ => false,
        });
        let Frame::People(People::Changes { renamed, .. }) = answer else {
            panic!("{answer:?}");
        };
        let names = [&renamed[0].was, &renamed[0].name].map(AsRef::as_ref);
        assert_eq!(names, ["Ana", "Ana"]);
    });
}

#[test]
fn whoever_comes_to_an_empty_room_is_told_of_nobody() {
    in_hall(quick(), |hall| {
        let ana = hall.join("Ana");
        // Both in one look at the clock.
        ana.connection.close();
        hall.until_over(&ana);
        let bo = hall.join("Bo");
        hall.room
            .until("themselves", || known(&bo) == [person(&bo, "Bo")]);
    });
}

#[test]
fn a_name_is_had_once_by_plain_and_encrypted_people_alike() {
    in_hall(quick(), |hall| {
        let (mut nc, nc_id) = hall.room.join();
        hall.room.hub.rename(nc_id, "Ana").unwrap();
        let guest = hall.connect();
        guest.hello("ANA");
        hall.room
            .until("a refusal", || !guest.problems().is_empty());
        let taken = |re: &str| (Code::NameTaken, re.to_owned(), false);
        assert_eq!(guest.refusals(), [taken("hello")]);
        guest.hello("Bo");
        hall.until_caught_up(&guest);
        nc.say("/name Bo\n");
        hall.room.until("no", || nc.has_heard("* refused Taken\n"));
        guest.send(&Frame::Rename(Rename {
            name: Name::parse("ana").unwrap(),
        }));
        hall.room
            .until("another refusal", || guest.problems().len() == 2);
        assert_eq!(guest.refusals()[1], taken("rename"));
        nc.say("/who\n");
        hall.room.until("both", || {
            nc.has_heard("* refused Taken\n* who Ana Bo of 2\n")
        });
        guest.connection.close();
        hall.room
            .until("it is free", || hall.room.hub.people().len() == 1);
        assert!(hall.room.hub.rename(nc_id, "Bo").is_ok());
    });
}

#[test]
fn a_second_connection_takes_over() {
    in_hall(quick(), |hall| {
        let watcher = hall.join("Watcher");
        let old = hall.join("Ana");
        hall.room.until("two", || known(&watcher).len() == 2);
        old.say("one");
        hall.until_texts(&old, &["one"]);
        watcher.forget();
        let new = hall.connect_as(old.identity.clone());
        new.hello_with("Ana", old.cursor(), None);
        hall.until_over(&old);
        assert_eq!(old.refusals(), [(Code::Superseded, String::new(), true)]);
        hall.until_caught_up(&new);
        let Frame::Welcome(welcome) = new.heard().remove(0) else {
            panic!("not a welcome: {new:?}");
        };
        let n = welcome.n.get(&hallway_core::wire::Conv::Room);
        assert_eq!(n.get(), 1, "its numbers go on");
        assert!(new.texts().is_empty(), "it has read them");
        let why = Leaving::Refused(Code::Superseded);
        hall.room.until_told(&Told::Left("Ana".into(), why));
        hall.wait(Duration::from_millis(60));
        let news = |frame: &Frame| matches!(frame, Frame::People(_));
        assert!(
            !watcher.heard().iter().any(news),
            "to the others nothing happened: {watcher:?}"
        );
        assert_eq!(hall.room.hub.people().len(), 2);
    });
}

#[test]
fn who_is_kept_out_is_refused_by_identity_too() {
    in_hall(settings(), |hall| {
        let ana = hall.join("Ana");
        let id = hall.room.hub.people()[0].id;
        // Another way in, which is open already.
        let has_ipv6 = hall.room.hub.listener().bound().len() > 1;
        let second = has_ipv6.then(|| {
            let second = hall.connect_from("::1", ana.identity.clone());
            hall.room
                .until("both", || hall.room.hub.people().len() == 2);
            second
        });
        hall.room.hub.keep_out(id);
        hall.until_over(&ana);
        if let Some(second) = second {
            hall.until_over(&second);
        }
        let refused = (Code::Unauthorized, String::new(), true);
        assert_eq!(ana.refusals(), [refused]);
        hall.room
            .until_told(&Told::Left("Ana".into(), Leaving::KeptOut));
        // From another address, which is not kept out.
        if hall.room.hub.listener().bound().len() > 1 {
            let again = hall.connect_from("::1", ana.identity.clone());
            hall.until_over(&again);
            let refused = (Code::Unauthorized, String::new(), true);
            assert_eq!(again.refusals(), [refused]);
            let bo = hall.connect_from("::1", Identity::make().unwrap());
            bo.hello("Bo");
            hall.until_caught_up(&bo);
        }
    });
}

#[test]
fn who_comes_from_where_nobody_may_is_told_in_tls() {
    in_hall(settings(), |hall| {
        let ana = hall.join("Ana");
        hall.room.hub.keep_out(hall.room.hub.people()[0].id);
        hall.until_over(&ana);
        let bo = Guest::connect(hall.room, Identity::make().unwrap());
        hall.until_over(&bo);
        let what = Failure::Unwanted;
        let refused = Ended::Failed(Error::HandshakeFailed { what });
        assert_eq!(bo.connection.ended(), Some(refused));
        // Who might encrypt and does not hears it in words.
        let mut nc = hall.room.knock();
        hall.room.until_over(&mut nc);
        assert_eq!(nc.heard, b"* kept out\n");
        assert!(hall.room.hub.people().is_empty());
    });
}

#[test]
fn nobody_can_be_who_the_server_is() {
    let place = super::hall::Place::new();
    super::hall::in_hall_at(&place, settings(), |hall| {
        let forger = hall.connect_as(place.identity.clone());
        hall.until_over(&forger);
        let refused = (Code::Unauthorized, String::new(), true);
        assert_eq!(forger.refusals(), [refused]);
    });
}

#[test]
fn a_plain_peer_is_told_where_only_encryption_is_taken() {
    let settings = Settings {
        encryption: Encryption::Only,
        ..settings()
    };
    in_hall(settings, |hall| {
        let (mut nc, _) = hall.room.join();
        let ana = hall.join("Ana");
        nc.say("hello\n");
        hall.room.until_over(&mut nc);
        assert_eq!(nc.heard, b"* encrypt\n");
        assert!(ana.texts().is_empty());
        assert!(hall.kept().is_empty());
    });
}

#[test]
fn what_a_plain_peer_hears_is_lines_and_nothing_else() {
    in_hall(quick(), |hall| {
        let (mut nc, _) = hall.room.join();
        let ana = hall.join("Ana");
        ana.say("\u{1b}[31mred\r\n* /quit\u{202e}");
        hall.until_acked(&ana, 1);
        let other = hall.join("Bo");
        other.connection.abort();
        let expected = "Ana: ␛[31mred\n    * /quit⟨U+202E⟩\n";
        hall.room.until("the lines", || nc.has_heard(expected));
        ana.connection.close();
        hall.room
            .until("they are gone", || hall.room.hub.people().len() == 1);
        hall.wait(Duration::from_millis(60));
        assert!(nc.has_heard(expected));
    });
}
