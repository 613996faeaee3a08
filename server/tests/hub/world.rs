//! A room with a recorder, and peers that are plain sockets.

use std::cell::RefCell;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hallway_core::net::{ListenAddress, Reactor, Refusal};
use hallway_core::trust::sas::Found;
use hallway_server::hub::{Event, Hub, Leaving, MessageId, NameRefused, Notices, PeerId, Settings};

/// Longer than anything here may take, the slowest reader included.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// Says the name of what is asked for.
pub(crate) struct Plain;

impl Notices for Plain {
    fn help(&self) -> String {
        "help".into()
    }
    fn who(&self, labels: &[&str], total: usize) -> String {
        format!("who {} of {total}", labels.join(" "))
    }
    fn called(&self, label: &str) -> String {
        format!("called {label}")
    }
    fn renamed(&self, label: &str) -> String {
        format!("renamed {label}")
    }
    fn name_refused(&self, why: &NameRefused) -> String {
        format!("refused {why:?}")
    }
    fn goodbye(&self) -> String {
        "goodbye".into()
    }
    fn line_too_long(&self, limit: usize) -> String {
        format!("longer than {limit}")
    }
    fn refused(&self, refusal: Refusal) -> String {
        match refusal {
            Refusal::Unwanted => "kept out".into(),
            full => format!("{full:?}"),
        }
    }
    fn needs_encryption(&self) -> String {
        "encrypt".into()
    }
    fn disconnected(&self) -> String {
        "disconnected".into()
    }
    fn stopped(&self) -> String {
        "stopped".into()
    }
}

/// What was told, as far as the tests look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Joined(PeerId),
    Left(String, Leaving),
    Line(String, String),
    Received(MessageId, usize, Vec<String>),
    Kept(MessageId),
    Behind(PeerId),
    CaughtUp(PeerId),
    Stopped,
    Asks(PeerId),
    Welcomed(PeerId, String),
    Direct(String, String),
    Typing(String, bool),
    Compare(PeerId, String),
    Found(PeerId, Found),
    NotKept,
}

pub(crate) struct Room {
    pub(crate) context: glib::MainContext,
    pub(crate) reactor: Reactor,
    pub(crate) hub: Hub,
    pub(crate) told: Rc<RefCell<Vec<Told>>>,
    pub(crate) port: u16,
}

/// Runs `test` with a room on a main context of its own.
pub(crate) fn in_room(settings: Settings, test: impl FnOnce(&Room)) {
    in_room_with(settings, |_| (), test);
}

/// The same, with a room that was prepared before it opened.
pub(crate) fn in_room_with(
    settings: Settings,
    prepare: impl FnOnce(&Hub),
    test: impl FnOnce(&Room),
) {
    let context = glib::MainContext::new();
    let inside = context.clone();
    context
        .with_thread_default(move || {
            let reactor = Reactor::new(glib::Priority::DEFAULT).unwrap();
            let hub = Hub::new(&reactor, settings, Box::new(Plain));
            let told = Rc::new(RefCell::new(Vec::new()));
            let record = Rc::clone(&told);
            hub.observe(move |event| record.borrow_mut().extend(told_of(event)));
            prepare(&hub);
            let bound = hub.start(ListenAddress::ThisComputer, 0).unwrap();
            let room = Room {
                context: inside,
                reactor,
                hub,
                told,
                port: bound.port(),
            };
            test(&room);
        })
        .unwrap();
}

pub(crate) fn told_of(event: &Event<'_>) -> Option<Told> {
    Some(match event {
        Event::Joined(person) => Told::Joined(person.id),
        Event::Left(person, why) => Told::Left(person.label.to_string(), (*why).clone()),
        Event::Line { person, text, .. } => {
            Told::Line(person.label.to_string(), (*text).to_owned())
        }
        Event::Received {
            message,
            received,
            missing,
            is_kept,
        } => {
            let missing = missing
                .iter()
                .map(|person| person.label.to_string())
                .collect();
            if *is_kept {
                return Some(Told::Kept(*message));
            }
            Told::Received(*message, *received, missing)
        }
        Event::FallingBehind(person, _) => Told::Behind(person.id),
        Event::CaughtUp(person) => Told::CaughtUp(person.id),
        Event::Stopped => Told::Stopped,
        Event::Asks(person) => Told::Asks(person.id),
        Event::Welcomed { person, .. } => Told::Welcomed(person.id, person.label.to_string()),
        Event::Direct { person, text } => {
            Told::Direct(person.label.to_string(), (*text).to_owned())
        }
        Event::Typing { person, to_host } => Told::Typing(person.label.to_string(), *to_host),
        Event::Compare { person, code } => Told::Compare(person.id, code.to_string()),
        Event::Found { person, found } => Told::Found(person.id, *found),
        Event::NotKept => Told::NotKept,
        _ => return None,
    })
}

impl Room {
    /// Lets the room work until `done`.
    pub(crate) fn until(&self, what: &str, mut done: impl FnMut() -> bool) {
        let late = Instant::now() + DEADLINE;
        while !done() {
            assert!(
                Instant::now() < late,
                "{what} did not happen: {:?}",
                self.told
            );
            if !self.context.iteration(false) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    pub(crate) fn saw(&self, told: &Told) -> bool {
        self.told.borrow().contains(told)
    }

    /// How often it was told.
    pub(crate) fn count(&self, told: &Told) -> usize {
        let all = self.told.borrow();
        all.iter().filter(|other| *other == told).count()
    }

    pub(crate) fn until_told(&self, told: &Told) {
        self.until(&format!("{told:?}"), || self.saw(told));
    }

    /// Lets the room work until the peer has heard everything.
    pub(crate) fn until_over(&self, peer: &mut Peer) {
        self.until("the end", || {
            peer.listen_to(1024);
            peer.is_over
        });
    }

    pub(crate) fn join(&self) -> (Peer, PeerId) {
        let before = self.hub.people().len();
        let peer = self.knock();
        self.until("a join", || self.hub.people().len() > before);
        let id = self.hub.people().last().unwrap().id;
        (peer, id)
    }

    /// Somebody who connects, and may be refused.
    pub(crate) fn knock(&self) -> Peer {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_nonblocking(true).unwrap();
        Peer {
            stream,
            heard: Vec::new(),
            is_over: false,
        }
    }
}

pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    pub(crate) heard: Vec<u8>,
    pub(crate) is_over: bool,
}

impl Peer {
    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Takes what has arrived, at most `most` bytes.
    pub(crate) fn listen_to(&mut self, most: usize) {
        let mut buffer = vec![0; most];
        match self.stream.read(&mut buffer) {
            Ok(0) => self.is_over = true,
            Ok(count) => self.heard.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn has_heard(&mut self, text: &str) -> bool {
        self.listen_to(64 * 1024);
        self.heard == text.as_bytes()
    }
}

pub(crate) fn label(peer: &Peer) -> String {
    peer.stream.local_addr().unwrap().to_string()
}

impl Room {
    /// Who left last, or nobody yet.
    pub(crate) fn last_left(&self) -> String {
        self.until("somebody leaves", || {
            let told = self.told.borrow();
            told.iter().any(|told| matches!(told, Told::Left(..)))
        });
        let told = self.told.borrow();
        let mut left = told.iter().rev().filter_map(|told| match told {
            Told::Left(label, _) => Some(label.clone()),
            _ => None,
        });
        left.next().unwrap()
    }
}
