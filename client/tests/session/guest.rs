//! Somebody with an identity, pins and a history, and what their session tells.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use hallway::session::talk::values::{Fate, News};
use hallway::session::{Keeper, Session, Standing, State};
use hallway_core::history::client::Unsent;
use hallway_core::net::Connector;
use hallway_core::wire::{Cid, Conv, Event, Fingerprint};
use tempfile::TempDir;

use crate::hall::Hall;
use crate::world::World;

pub(crate) struct Guest {
    pub(crate) folder: TempDir,
    pub(crate) keeper: Keeper,
}

/// What a session told.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) news: RefCell<Vec<News>>,
    pub(crate) standings: RefCell<Vec<Standing>>,
    pub(crate) states: RefCell<Vec<State>>,
}

impl Guest {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keeper = open(folder.path());
        Self { folder, keeper }
    }

    /// The program was killed and started again.
    pub(crate) fn again(self) -> Self {
        let Self { folder, keeper } = self;
        drop(keeper);
        let keeper = open(folder.path());
        Self { folder, keeper }
    }

    pub(crate) fn session(&self, world: &World, target: &str) -> (Session, Rc<Told>) {
        let session = Session::encrypted(
            &world.reactor,
            Connector::default(),
            target.parse().unwrap(),
            self.keeper.clone(),
            "Ana".parse().unwrap(),
        )
        .unwrap();
        let told = Rc::<Told>::default();
        let ear = Rc::clone(&told);
        session.connect_told(move |_, news| ear.news.borrow_mut().push(news.clone()));
        let ear = Rc::clone(&told);
        session.connect_standing_notify(move |session| {
            ear.standings.borrow_mut().push(session.standing());
        });
        let ear = Rc::clone(&told);
        session.connect_state_notify(move |session| ear.states.borrow_mut().push(session.state()));
        (session, told)
    }

    /// A session that is welcome, and the server is pinned.
    pub(crate) fn welcome(&self, world: &World, hall: &Hall) -> (Session, Rc<Told>) {
        let (session, told) = self.session(world, &hall.target());
        session.connect();
        self.until_here(world, hall, &session);
        (session, told)
    }

    pub(crate) fn until_here(&self, world: &World, hall: &Hall, session: &Session) {
        world.until("welcome", || {
            matches!(session.standing(), Standing::Here { .. }) && self.knows(hall.books.id)
        });
    }

    pub(crate) fn knows(&self, server: Fingerprint) -> bool {
        let role = hallway_core::trust::Role::Server;
        self.keeper.pins().get(role, &server).is_some()
    }

    pub(crate) fn outbox(&self, server: Fingerprint) -> Vec<Unsent> {
        let asked = self
            .keeper
            .history()
            .ask(move |store| store.unsent(&server, 0));
        asked.unwrap().wait().unwrap()
    }
}

fn open(folder: &Path) -> Keeper {
    Keeper::open(folder).unwrap().keeper
}

impl Told {
    pub(crate) fn has(&self, news: &News) -> bool {
        self.news.borrow().contains(news)
    }

    /// What became of a message, step by step.
    pub(crate) fn fates(&self, of: Cid) -> Vec<Fate> {
        let news = self.news.borrow();
        let fates = news.iter().filter_map(|news| match news {
            News::Message(cid, fate) if *cid == of => Some(fate.clone()),
            _ => None,
        });
        fates.collect()
    }

    pub(crate) fn is_delivered(&self, cid: Cid) -> bool {
        let is_delivered = |fate: &Fate| matches!(fate, Fate::Delivered(_));
        self.fates(cid).iter().any(is_delivered)
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        let news = self.news.borrow();
        let events = news.iter().filter_map(|news| match news {
            News::Events(events) => Some(events.to_vec()),
            _ => None,
        });
        events.flatten().collect()
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        let events = self.events();
        events.iter().map(|event| event.text.to_string()).collect()
    }

    pub(crate) fn find<T>(&self, what: impl Fn(&News) -> Option<T>) -> Option<T> {
        self.news.borrow().iter().rev().find_map(what)
    }
}

pub(crate) fn say(session: &Session, text: &str) -> Cid {
    session.say(Conv::Room, text.parse().unwrap()).unwrap()
}
