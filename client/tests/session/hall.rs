//! A server that speaks `hallway/1` on the test's own main loop, and can be told to misbehave.

mod answering;
mod doings;

use std::cell::{Cell, RefCell};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use hallway_core::history::server::Said;
use hallway_core::history::{ServerStore, Store};
use hallway_core::identity::Identity;
use hallway_core::net::{Connection, Encryption, ListenAddress, Listener, Reactor};
use hallway_core::trust::sas::{Answered, Code as Digits, Pair};
use hallway_core::wire::event::{Kind, Past};
use hallway_core::wire::frame::{Hello, Problem, SasNonce, Seen, Typing};
use hallway_core::wire::limits::FRAME;
use hallway_core::wire::{
    At, Between, Code, Conv, Event, Fingerprint, Frame, Password, Person, Pos, Side, encode, parse,
};
use tempfile::TempDir;

/// Somebody else in the room.
pub(crate) const BO: Fingerprint = Fingerprint::from_bytes([66; 32]);

/// How a server is to behave.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) password: RefCell<Option<Password>>,
    pub(crate) taken: RefCell<Option<String>>,
    /// Whoever comes has to wait.
    pub(crate) asks: Cell<bool>,
    /// Whoever comes is told so before they have said anything.
    pub(crate) is_full: Cell<bool>,
    /// Nothing is answered to hello.
    pub(crate) is_mute: Cell<bool>,
    /// The connection breaks before this message from now on is kept, or after, and before it is
    /// acknowledged. 0 is none.
    pub(crate) breaks_before: Cell<u32>,
    pub(crate) breaks_after: Cell<u32>,
    /// The same once it is acknowledged, at a hello, and after a welcome.
    pub(crate) breaks_acknowledged: Cell<u32>,
    pub(crate) breaks_at_hello: Cell<u32>,
    pub(crate) breaks_welcome: Cell<u32>,
    /// This message from now on finds a full disk.
    pub(crate) full: Cell<u32>,
    /// A direct message finds nobody.
    pub(crate) knows_nobody: Cell<bool>,
    /// Events are told twice to whoever comes.
    pub(crate) every_event_twice: Cell<bool>,
}

pub(crate) struct Hall {
    pub(crate) listener: Listener,
    pub(crate) identity: Identity,
    pub(crate) books: Rc<Books>,
}

pub(crate) struct Books {
    pub(crate) script: Script,
    pub(crate) id: Fingerprint,
    store: RefCell<ServerStore>,
    folder: TempDir,
    pub(crate) heard: RefCell<Vec<Frame>>,
    /// Who is connected, and whether they were told welcome.
    guests: RefCell<Vec<(Connection, bool)>>,
    answered: RefCell<Option<Answered>>,
    pub(crate) digits: Cell<Option<Digits>>,
}

impl Hall {
    pub(crate) fn new(reactor: &Reactor) -> Self {
        Self::at(reactor, 0, Identity::make().unwrap())
    }

    pub(crate) fn at(reactor: &Reactor, port: u16, identity: Identity) -> Self {
        let listener = Listener::new(reactor);
        listener.set_longest_line(FRAME);
        listener.set_identity(&identity).unwrap();
        listener.set_encryption(Encryption::Only);
        let here: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
        listener.listen(ListenAddress::One(here), port).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = ServerStore::open(&folder.path().join("server.db")).unwrap();
        let books = Rc::new(Books {
            script: Script::default(),
            id: identity.fingerprint(),
            store: RefCell::new(store.store),
            folder,
            heard: RefCell::default(),
            guests: RefCell::default(),
            answered: RefCell::default(),
            digits: Cell::default(),
        });
        let weak = Rc::downgrade(&books);
        listener.connect_new_connection(move |_, connection| {
            let full = weak.clone();
            connection.connect_encrypted(move |connection| {
                let books = full.upgrade();
                if books.is_some_and(|books| books.script.is_full.get()) {
                    Books::send(connection, &Books::problem(Code::Busy, "hello", true));
                    connection.close();
                }
            });
            let weak = weak.clone();
            connection.connect_lines_received(move |connection, lines| {
                if let Some(books) = weak.upgrade() {
                    for line in lines.iter() {
                        if connection.is_connected() {
                            books.hear(connection, &line.bytes);
                        }
                    }
                }
            });
        });
        Self {
            listener,
            identity,
            books,
        }
    }

    pub(crate) fn target(&self) -> String {
        self.listener.local().unwrap().to_string()
    }

    pub(crate) fn port(&self) -> u16 {
        self.listener.local().unwrap().port()
    }

    /// Nobody is there any more; the port can be had.
    pub(crate) fn leave(self) -> Identity {
        self.books.cut();
        self.listener.close();
        self.identity
    }
}

impl Books {
    fn send(connection: &Connection, frame: &Frame) {
        let line = encode(frame).unwrap();
        connection.write(&line).unwrap();
    }

    pub(crate) fn problem(code: Code, re: &str, fatal: bool) -> Frame {
        let re = Some(re.parse().unwrap());
        Frame::Err(Problem { code, re, fatal })
    }

    /// To everybody who is welcome.
    pub(crate) fn say(&self, frame: &Frame) {
        for (guest, is_welcome) in &*self.guests.borrow() {
            if *is_welcome && guest.is_connected() {
                Self::send(guest, frame);
            }
        }
    }

    /// Ends it for everybody, for this reason.
    pub(crate) fn expel(&self, code: &Code) {
        for (guest, _) in self.guests.take() {
            Self::send(&guest, &Self::problem(code.clone(), "hello", true));
            guest.close();
        }
    }

    /// Breaks all connections off.
    pub(crate) fn cut(&self) {
        for (guest, _) in self.guests.take() {
            guest.abort();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.guests
            .borrow()
            .iter()
            .all(|(guest, _)| !guest.is_connected())
    }

    fn hear(&self, guest: &Connection, line: &[u8]) {
        let frame = parse(line, Side::Client).unwrap().unwrap();
        self.heard.borrow_mut().push(frame.clone());
        match frame {
            Frame::Hello(hello) => self.greet(guest, &hello),
            Frame::Msg(msg) => self.take(guest, &msg),
            Frame::Ping => Self::send(guest, &Frame::Pong),
            Frame::History(asked) => {
                let between = Between::of(asked.conv, client(guest));
                let store = self.store.borrow();
                let limit = usize::from(asked.limit);
                let past = store.past(&between, Some(asked.before), limit).unwrap();
                let newest_first = past.entries.iter().rev();
                let events = newest_first.filter_map(|entry| entry.seen_by(&client(guest)));
                let past = Past::fitting(asked.conv, events, past.more, past.gap);
                Self::send(guest, &Frame::Past(past));
            }
            Frame::SasCommit(sas) => {
                let pair = Pair {
                    client: client(guest),
                    server: self.id,
                };
                let (answered, nonce) = Answered::new(pair, sas.commit).unwrap();
                self.answered.replace(Some(answered));
                Self::send(guest, &Frame::SasNonce(SasNonce { nonce }));
            }
            Frame::SasReveal(sas) => {
                let answered = self.answered.take().unwrap();
                self.digits.set(answered.check(&sas.nonce).ok());
            }
            Frame::Rename(rename) if self.is_taken(rename.name.as_ref()) => {
                Self::send(guest, &Self::problem(Code::NameTaken, "rename", false));
            }
            _ => {}
        }
    }

    fn is_taken(&self, name: &str) -> bool {
        self.script.taken.borrow().as_deref() == Some(name)
    }

    fn greet(&self, guest: &Connection, hello: &Hello) {
        if self.script.is_mute.get() {
            return;
        }
        if counts_down(&self.script.breaks_at_hello) {
            return guest.abort();
        }
        if *self.script.password.borrow() != hello.password {
            return Self::send(guest, &Self::problem(Code::Password, "hello", false));
        }
        if self.is_taken(hello.name.as_ref()) {
            return Self::send(guest, &Self::problem(Code::NameTaken, "hello", false));
        }
        if self.script.asks.get() {
            Self::send(guest, &Frame::Waiting);
            let mut guests = self.guests.borrow_mut();
            return guests.push((guest.clone(), false));
        }
        self.welcome(guest, hello);
    }

    /// Lets everybody in who waits.
    pub(crate) fn admit(&self) {
        let hello = self
            .heard
            .borrow()
            .iter()
            .rev()
            .find_map(|frame| match frame {
                Frame::Hello(hello) => Some(hello.clone()),
                _ => None,
            });
        for (guest, _) in self.guests.take() {
            self.welcome(&guest, hello.as_ref().unwrap());
        }
    }
}

pub(crate) fn person() -> Person {
    Person {
        id: Some(BO),
        name: "Bo".parse().unwrap(),
    }
}

fn client(guest: &Connection) -> Fingerprint {
    guest.tls_peer().unwrap().fingerprint.unwrap()
}

/// Whether this is the one that was counted down to.
fn counts_down(cell: &Cell<u32>) -> bool {
    let count = cell.get();
    cell.set(count.saturating_sub(1));
    count == 1
}
