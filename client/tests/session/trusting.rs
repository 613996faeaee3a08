//! Who is at the address, and nobody else.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use hallway::session::talk::values::{End, News};
use hallway::session::{Session, Standing, State};
use hallway_core::identity::Identity;
use hallway_core::net::Error;
use hallway_core::net::tls::Failure;
use hallway_core::trust::sas::Found;
use hallway_core::wire::frame::SAS_REVEAL;
use hallway_core::wire::{Code, Frame};

use crate::guest::{Guest, say};
use crate::hall::{Books, Hall};
use crate::world::World;

fn is_over(session: &Session, end: &End) -> bool {
    session.standing() == Standing::Over(end.clone())
        && matches!(session.state(), State::Failed { .. })
}

fn is_blocked(session: &Session) -> bool {
    matches!(session.standing(), Standing::Blocked { .. })
        && matches!(session.state(), State::Failed { .. })
}

#[test]
fn a_first_contact_pins_and_the_second_one_knows() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let target = hall.target().parse().unwrap();
        assert_eq!(guest.keeper.pinned_at(&target), None);
        let (session, told) = guest.welcome(world, &hall);
        world.until("told", || told.has(&News::FirstContact(hall.books.id)));
        drop(session);
        let guest = guest.again();
        let pin = guest.keeper.pinned_at(&target).unwrap();
        assert_eq!((pin.id, pin.name.as_ref()), (hall.books.id, "Hall"));
        let (_session, told) = guest.welcome(world, &hall);
        world.until("caught up", || told.has(&News::CaughtUp));
        world.run_for(Duration::from_millis(100));
        assert!(!told.has(&News::FirstContact(hall.books.id)));
    });
}

#[test]
fn an_unknown_server_at_a_pinned_address_hears_nothing() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, _) = guest.welcome(world, &hall);
        let (port, before) = (hall.port(), hall.books.id);
        hall.leave();
        world.until("lost", || {
            !matches!(session.state(), State::Connected { .. })
        });
        say(&session, "for the first one");
        let other = Hall::at(&world.reactor, port, Identity::make().unwrap());
        session.reconnect_now();
        world.until("blocked", || is_blocked(&session));
        let Standing::Blocked { before: pin, here } = session.standing() else {
            unreachable!("just seen");
        };
        assert_eq!((pin.id, here), (before, other.books.id));
        let refused = Error::CertificateRefused { by_peer: false };
        assert_eq!(session.state(), State::Failed { error: refused });
        world.run_for(Duration::from_millis(200));
        assert!(other.books.heard.borrow().is_empty(), "not even hello");

        assert!(session.connect_as_new());
        guest.until_here(world, &other, &session);
        assert!(guest.knows(before), "the old pin stays");
        let target = other.target().parse().unwrap();
        assert_eq!(guest.keeper.pinned_at(&target).unwrap().id, other.books.id);
        // What was written for one server is not for another.
        assert_eq!(guest.outbox(before).len(), 1);
        assert!(other.books.texts().is_empty());
        assert!(!session.connect_as_new(), "nothing blocks");
    });
}

#[test]
fn a_decision_while_the_connection_is_being_closed_counts() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, _) = guest.welcome(world, &hall);
        let port = hall.port();
        hall.leave();
        let other = Hall::at(&world.reactor, port, Identity::make().unwrap());
        world.until("blocked", || {
            matches!(session.standing(), Standing::Blocked { .. })
        });
        assert_eq!(session.state(), State::Closing);
        assert!(session.connect_as_new());
        guest.until_here(world, &other, &session);
    });
}

#[test]
fn a_password_is_for_the_server_that_it_was_given_for() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let secret = || "open sesame".parse().unwrap();
        hall.books.script.password.replace(Some(secret()));
        let (session, _) = guest.session(world, &hall.target());
        session.give_password(secret());
        session.connect();
        guest.until_here(world, &hall, &session);
        let port = hall.port();
        hall.leave();
        let other = Hall::at(&world.reactor, port, Identity::make().unwrap());
        other.books.script.password.replace(Some(secret()));
        world.until("blocked", || is_blocked(&session));
        assert!(session.connect_as_new());
        let asked = Standing::PasswordWanted { again: false };
        world.until("asked", || session.standing() == asked);
        let told = |frame: &Frame| matches!(frame, Frame::Hello(hello) if hello.password.is_some());
        assert_eq!(other.books.count(told), 0);
    });
}

#[test]
fn another_server_that_is_known_is_switched_to_and_named() {
    World::with(|world| {
        let guest = Guest::new();
        let one = Hall::new(&world.reactor);
        let other = Hall::new(&world.reactor);
        drop(guest.welcome(world, &one));
        drop(guest.welcome(world, &other));
        let port = one.port();
        let (of_one, of_other) = (one.leave(), other.leave());
        let moved = Hall::at(&world.reactor, port, of_other);
        let (session, told) = guest.welcome(world, &moved);
        let switched = |news: &News| match news {
            News::SwitchedTo { here, before } => Some((here.to_string(), before.to_string())),
            _ => None,
        };
        let names = ("Hall".to_owned(), "Hall".to_owned());
        assert_eq!(told.find(switched), Some(names));
        let delivered = say(&session, "to the one that is here");
        world.until("delivered", || told.is_delivered(delivered));
        assert!(guest.outbox(of_one.fingerprint()).is_empty());
    });
}

#[test]
fn a_certificate_swapped_on_reconnect_is_found() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, _) = guest.welcome(world, &hall);
        let port = hall.port();
        let identity = hall.leave();
        let swapped = Hall::at(&world.reactor, port, Identity::make().unwrap());
        // By itself: nobody asked for it.
        world.until("blocked", || is_blocked(&session));
        assert!(swapped.books.heard.borrow().is_empty());
        swapped.leave();
        let back = Hall::at(&world.reactor, port, identity);
        session.connect();
        guest.until_here(world, &back, &session);
    });
}

/// A server that speaks plainly, and what it hears, connection by connection.
fn speak_plainly(listener: TcpListener, times: usize) -> thread::JoinHandle<Vec<Vec<u8>>> {
    thread::spawn(move || {
        let mut heard = Vec::new();
        for _ in 0..times {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"* welcome to a plain server\n").unwrap();
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes);
            heard.push(bytes);
        }
        heard
    })
}

#[test]
fn text_instead_of_encryption_is_tried_once_more_and_never_answered_plainly() {
    for is_pinned in [false, true] {
        World::with(|world| {
            let guest = Guest::new();
            let listener = if is_pinned {
                let hall = Hall::new(&world.reactor);
                drop(guest.welcome(world, &hall));
                let port = hall.port();
                hall.leave();
                TcpListener::bind(("127.0.0.1", port)).unwrap()
            } else {
                TcpListener::bind(("127.0.0.1", 0)).unwrap()
            };
            let target = listener.local_addr().unwrap().to_string();
            let server = speak_plainly(listener, 2);
            let (session, told) = guest.session(world, &target);
            if is_pinned {
                say(&session, "a secret");
            }
            session.connect();
            world.until("given up", || is_over(&session, &End::PlainText));
            let text = Error::HandshakeFailed {
                what: Failure::NotTls,
            };
            assert_eq!(session.state(), State::Failed { error: text });
            let again = |news: &&News| **news == News::TextInstead;
            assert_eq!(told.news.borrow().iter().filter(again).count(), 1);
            for bytes in world.join(server) {
                assert_eq!(bytes.first(), Some(&0x16), "a handshake");
                let has_it = bytes.windows(8).any(|window| window == b"a secret");
                assert!(!has_it);
            }
        });
    }
}

#[test]
fn a_server_without_our_protocol_hears_nothing() {
    World::with(|world| {
        let guest = Guest::new();
        // Some port that is free now.
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let target = listener.local_addr().unwrap().to_string();
        drop(listener);
        let folder = tempfile::tempdir().unwrap();
        let identity = hallway_core::identity::FILE;
        Identity::load_or_make(folder.path()).unwrap();
        let pem = folder.path().join(identity);
        let openssl = Command::new("openssl")
            .args(["s_server", "-quiet", "-accept", &target, "-cert"])
            .arg(&pem)
            .arg("-key")
            .arg(&pem)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut openssl) = openssl else {
            eprintln!("skipped: no openssl here");
            return;
        };
        let (session, _) = guest.session(world, &target);
        let failed = || match session.state() {
            State::Failed { error } => Some(error),
            _ => None,
        };
        world.until("it is there", || {
            if matches!(failed(), Some(Error::Refused { .. })) {
                session.connect();
            }
            if session.state() == State::Idle {
                session.connect();
            }
            matches!(failed(), Some(error) if !matches!(error, Error::Refused { .. }))
        });
        assert_eq!(failed(), Some(Error::NoCommonProtocol));
        openssl.kill().unwrap();
        assert!(openssl.wait_with_output().unwrap().stdout.is_empty());
    });
}

#[test]
fn a_server_that_breaks_off_amid_the_handshake_has_failed() {
    World::with(|world| {
        let guest = Guest::new();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let target = listener.local_addr().unwrap().to_string();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut some = [0; 16];
            stream.read_exact(&mut some).unwrap();
        });
        let (session, _) = guest.session(world, &target);
        session.connect();
        world.until("failed", || matches!(session.state(), State::Failed { .. }));
        world.join(server);
        assert_eq!(session.standing(), Standing::Away);
    });
}

#[test]
fn the_same_digits_mark_the_server_and_others_lock() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, told) = guest.welcome(world, &hall);
        let is_verified = || {
            let role = hallway_core::trust::Role::Server;
            let pins = guest.keeper.pins();
            pins.get(role, &hall.books.id).unwrap().verified
        };
        let compare = || {
            told.news.borrow_mut().clear();
            session.compare().unwrap();
            let shown = |news: &News| match news {
                News::Compare(code) => Some(*code),
                _ => None,
            };
            world.until("digits", || told.find(shown).is_some());
            world.until("there too", || hall.books.digits.get() == told.find(shown));
        };
        assert!(!session.compared(Found::Same), "nothing is shown");
        compare();
        assert!(session.compared(Found::Same));
        world.until("verified", is_verified);
        compare();
        assert!(session.compared(Found::Different));
        world.until("not any more", || !is_verified());
        for _ in 0..2 {
            compare();
            assert!(session.compared(Found::Different));
        }
        let locked = session.compare();
        assert!(
            matches!(
                locked,
                Err(hallway::session::CompareError::Locked { seconds: 590..=600 })
            ),
            "{locked:?}"
        );
        let commits = |frame: &Frame| matches!(frame, Frame::SasCommit(_));
        assert_eq!(hall.books.count(commits), 4);
        let told = |frame: &Frame| *frame == Books::problem(Code::Unauthorized, SAS_REVEAL, false);
        world.until("told", || hall.books.count(told) == 3);
    });
}

#[test]
fn others_found_at_the_server_count_whoever_was_quicker() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, told) = guest.welcome(world, &hall);
        let is_verified = || {
            let pins = guest.keeper.pins();
            let pin = pins.get(hallway_core::trust::Role::Server, &hall.books.id);
            pin.unwrap().verified
        };
        let different = News::Found(Found::Different);
        let say = |code| hall.books.say(&Books::problem(code, SAS_REVEAL, false));
        // Nobody compares anything.
        say(Code::Unauthorized);
        for is_first in [true, false] {
            told.news.borrow_mut().clear();
            session.compare().unwrap();
            let is_shown = |news: &News| matches!(news, News::Compare(_)).then_some(());
            world.until("digits", || told.find(is_shown).is_some());
            assert!(!told.has(&different));
            if is_first {
                assert!(session.compared(Found::Same));
                world.until("verified", || told.has(&News::Verified(true)));
                assert!(is_verified());
                // That nobody looked there takes nothing of it.
                say(Code::NotFound);
            }
            say(Code::Unauthorized);
            world.until("told", || told.has(&different));
            world.until("doubted", || told.has(&News::Verified(false)));
            assert!(!is_verified());
            assert!(!told.has(&News::Found(Found::Nothing)));
            assert!(!session.compared(Found::Same), "it is over");
        }
    });
}
