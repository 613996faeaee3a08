//! From hello to welcome, and the ends.

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;

use hallway::session::talk::values::{End, News};
use hallway::session::{Reason, SayError, Standing, State};
use hallway_core::net::{Arrivals, Connection, Error, Sink};
use hallway_core::wire::{Code, Conv, Frame};

use crate::guest::{Guest, say};
use crate::hall::Hall;
use crate::world::World;

#[test]
fn only_a_welcome_means_connected() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        hall.books.script.is_mute.set(true);
        let (session, told) = guest.session(world, &hall.target());
        let refused = session.say(Conv::Room, "hello".parse().unwrap());
        assert_eq!(refused, Err(SayError::NoServer));
        session.connect();
        world.until("hello", || !hall.books.heard.borrow().is_empty());
        world.run_for(Duration::from_millis(50));
        assert_eq!(session.state(), State::Connecting);
        assert_eq!(session.standing(), Standing::Greeting);
        session.close();
        world.until("over", || {
            session.state()
                == State::Ended {
                    reason: Reason::ByUs,
                }
        });
        hall.books.script.is_mute.set(false);
        session.connect();
        guest.until_here(world, &hall, &session);
        assert!(matches!(session.state(), State::Connected { .. }));
        world.until("told", || {
            told.has(&News::FirstContact(hall.books.id)) && told.has(&News::CaughtUp)
        });
        let empty = session.say(Conv::Room, "".parse().unwrap());
        assert_eq!(empty, Err(SayError::Empty));
        assert!(session.send("plain").unwrap().is_empty());
    });
}

#[test]
fn a_password_is_asked_for_and_given_again_by_itself() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let secret = "open sesame".parse().unwrap();
        hall.books.script.password.replace(Some(secret));
        let (session, told) = guest.session(world, &hall.target());
        session.connect();
        let wanted = |again| Standing::PasswordWanted { again };
        world.until("asked", || session.standing() == wanted(false));
        session.give_password("close sesame".parse().unwrap());
        world.until("asked again", || session.standing() == wanted(true));
        session.give_password("open sesame".parse().unwrap());
        guest.until_here(world, &hall, &session);
        told.standings.borrow_mut().clear();
        hall.books.cut();
        world.until("lost", || matches!(session.state(), State::Waiting { .. }));
        session.reconnect_now();
        guest.until_here(world, &hall, &session);
        let asked = |standing: &Standing| matches!(standing, Standing::PasswordWanted { .. });
        assert!(!told.standings.borrow().iter().any(asked));
    });
}

#[test]
fn somebody_may_have_to_let_us_in() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        hall.books.script.asks.set(true);
        let (session, _) = guest.session(world, &hall.target());
        session.connect();
        world.until("waiting", || {
            session.standing() == Standing::WaitingToBeLetIn
        });
        assert_eq!(session.state(), State::Connecting);
        hall.books.admit();
        guest.until_here(world, &hall, &session);
        // Or not.
        let (session, _) = guest.session(world, &hall.target());
        session.connect();
        world.until("waiting", || {
            session.standing() == Standing::WaitingToBeLetIn
        });
        hall.books.expel(&Code::Unauthorized);
        let over = Standing::Over(End::Refused(Code::Unauthorized));
        world.until("not let in", || session.standing() == over);
        world.until("failed", || matches!(session.state(), State::Failed { .. }));
    });
}

#[test]
fn another_name_is_asked_for() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        hall.books.script.taken.replace(Some("Ana".to_owned()));
        let (session, told) = guest.session(world, &hall.target());
        session.connect();
        world.until("asked", || session.standing() == Standing::NameWanted);
        session.set_name("Ana Bo".parse().unwrap());
        guest.until_here(world, &hall, &session);
        session.set_name("Ana".parse().unwrap());
        world.until("taken", || told.has(&News::NameTaken));
        session.set_name("Ana C".parse().unwrap());
        // The name that could not be had is not what hello says the next time.
        session.set_name("Ana".parse().unwrap());
        world.until("taken again", || {
            let news = told.news.borrow();
            news.iter().filter(|news| **news == News::NameTaken).count() == 2
        });
        hall.books.cut();
        world.until("lost", || matches!(session.state(), State::Waiting { .. }));
        session.reconnect_now();
        guest.until_here(world, &hall, &session);
        let renames = |frame: &Frame| matches!(frame, Frame::Rename(_));
        world.until("renamed", || hall.books.count(renames) == 3);
    });
}

#[test]
fn what_a_server_says_before_hello_is_heard() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        hall.books.script.is_full.set(true);
        let (session, _) = guest.session(world, &hall.target());
        session.connect();
        let over = Standing::Over(End::Refused(Code::Busy));
        world.until("full", || session.standing() == over);
    });
}

/// Wants nobody.
struct Closed;

impl Sink for Closed {
    fn is_unwanted(&self, _peer: SocketAddr) -> bool {
        true
    }

    fn lines(&self, _connection: &Connection, _arrivals: &mut Arrivals<'_>) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

#[test]
fn a_server_that_begins_no_handshake_is_believed_why() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, _) = guest.welcome(world, &hall);
        hall.listener.set_max_connections(0);
        hall.books.cut();
        // As after `busy`: it is tried again.
        world.until("full", || {
            session.standing() == Standing::Over(End::Refused(Code::Busy))
        });
        assert!(matches!(session.state(), State::Waiting { .. }));
        hall.listener.set_max_connections(10);
        guest.until_here(world, &hall, &session);

        let (first, _) = Guest::new().session(world, &hall.target());
        hall.listener.set_max_connections(1);
        first.connect();
        world.until("full", || {
            first.standing() == Standing::Over(End::Refused(Code::Busy))
        });
        assert!(matches!(first.state(), State::Failed { .. }));

        let closed = Rc::new(Closed);
        let sink: Rc<dyn Sink> = Rc::<Closed>::clone(&closed);
        hall.listener.set_sink(Rc::downgrade(&sink));
        let unwanted = Standing::Over(End::Refused(Code::Unauthorized));
        first.connect();
        world.until("unwanted", || first.standing() == unwanted);
        assert!(matches!(first.state(), State::Failed { .. }));
        // Nobody has shown to be the server, and the other one was here: it goes on trying.
        hall.books.cut();
        world.until("unwanted", || session.standing() == unwanted);
        assert!(matches!(session.state(), State::Waiting { .. }));
    });
}

#[test]
fn who_was_superseded_does_not_come_back_by_itself() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, _) = guest.welcome(world, &hall);
        hall.books.expel(&Code::Superseded);
        world.until("ended", || {
            session.state()
                == State::Ended {
                    reason: Reason::ByServer,
                }
        });
        assert_eq!(session.standing(), Standing::Over(End::Superseded));
        world.run_for(Duration::from_millis(1300));
        assert!(hall.books.is_empty());
        session.connect();
        guest.until_here(world, &hall, &session);
    });
}

#[test]
fn a_busy_server_is_tried_again() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, _) = guest.welcome(world, &hall);
        hall.books.expel(&Code::Busy);
        world.until("waiting", || {
            matches!(session.state(), State::Waiting { .. })
        });
        assert_eq!(session.standing(), Standing::Over(End::Refused(Code::Busy)));
        guest.until_here(world, &hall, &session);
    });
}

#[test]
fn what_is_no_frame_ends_it() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, _) = guest.welcome(world, &hall);
        hall.books.say(&Frame::Waiting);
        world.until("failed", || {
            let error = match session.state() {
                State::Failed { error } => Some(error),
                _ => None,
            };
            matches!(error, Some(Error::System { .. }))
        });
        let standing = session.standing();
        assert!(matches!(standing, Standing::Over(End::Violation(_))));
        let told = |frame: &Frame| matches!(frame, Frame::Err(problem) if problem.fatal);
        world.until("told why", || hall.books.count(told) == 1);
    });
}

#[test]
fn the_last_reference_dropped_closes_properly() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let (session, told) = guest.welcome(world, &hall);
        let last = say(&session, "the last word");
        world.until("delivered", || told.is_delivered(last));
        let weak = glib::prelude::ObjectExt::downgrade(&session);
        drop(session);
        world.until("gone", || weak.upgrade().is_none());
        world.until("closed", || hall.books.is_empty());
        assert_eq!(hall.books.texts(), ["the last word"]);
    });
}

/// Whether a session has come so far.
type IsThere = fn(&Standing) -> bool;

#[test]
fn a_session_that_is_dropped_leaves_nothing_behind_whatever_it_does() {
    World::with(|world| {
        let (hall, guest) = (Hall::new(&world.reactor), Guest::new());
        let secret = "open sesame".parse().unwrap();
        let script = &hall.books.script;
        let stages: [(&str, IsThere); 4] = [
            ("connecting", |_| true),
            ("greeting", |at| *at == Standing::Greeting),
            ("asked for a password", |at| {
                matches!(at, Standing::PasswordWanted { .. })
            }),
            ("here", |at| matches!(at, Standing::Here { .. })),
        ];
        script.password.replace(Some(secret));
        let before = world.reactor.sockets();
        for (stage, is_there) in stages {
            script.is_mute.set(stage == "greeting");
            if stage == "here" {
                script.password.take();
            }
            let (session, _) = guest.session(world, &hall.target());
            session.connect();
            world.until(stage, || is_there(&session.standing()));
            let weak = glib::prelude::ObjectExt::downgrade(&session);
            drop(session);
            assert!(weak.upgrade().is_none(), "{stage}");
            world.until("no sockets", || world.reactor.sockets() == before);
        }
    });
}
