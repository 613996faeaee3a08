//! Somebody encrypted, written by hand on the engine's own connection.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use hallway_core::identity::Identity;
use hallway_core::net::{Connection, Connector, tls};
use hallway_core::text::Name;
use hallway_core::wire::frame::{Ack, Got, Hello, Msg, Problem};
use hallway_core::wire::{
    Caps, Cid, Code, Conv, Cursor, Event, Fingerprint, Frame, N, Password, Pos, Side, encode,
    limits, parse,
};

use crate::world::Room;

pub(crate) struct Guest {
    pub(crate) connection: Connection,
    pub(crate) identity: Identity,
    heard: Rc<RefCell<Vec<Frame>>>,
    n: Cell<u64>,
    cids: Cell<u8>,
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heard = self.heard.borrow();
        let last = heard.len().saturating_sub(20);
        for frame in &heard[last..] {
            // A long text says no more than its beginning.
            writeln!(f, "{:.300}", format!("{frame:?}"))?;
        }
        Ok(())
    }
}

impl Guest {
    pub(crate) fn connect(room: &Room, identity: Identity) -> Self {
        Self::connect_to(room, "127.0.0.1", identity)
    }

    pub(crate) fn connect_to(room: &Room, address: &str, identity: Identity) -> Self {
        let connection = Connection::new(&room.reactor, limits::FRAME);
        connection.set_encryption(Some(tls::Client::hallway(&identity).unwrap()));
        let heard = Rc::<RefCell<Vec<Frame>>>::default();
        let record = Rc::clone(&heard);
        connection.connect_lines_received(move |_, lines| {
            for line in lines.iter() {
                let frame = parse(&line.bytes, Side::Server);
                let frame = frame.expect("a frame of a server's");
                record.borrow_mut().extend(frame);
            }
        });
        Connector::default().connect(&connection, address, room.port);
        Self {
            connection,
            identity,
            heard,
            n: Cell::new(0),
            cids: Cell::new(0),
        }
    }

    pub(crate) fn id(&self) -> Fingerprint {
        self.identity.fingerprint()
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.connection.is_connected()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.connection.ended().is_some()
    }

    pub(crate) fn send(&self, frame: &Frame) {
        self.connection.write(&encode(frame).unwrap()).unwrap();
    }

    pub(crate) fn send_line(&self, line: &str) {
        self.connection
            .write(format!("{line}\n").as_bytes())
            .unwrap();
    }

    pub(crate) fn hello(&self, name: &str) {
        self.hello_with(name, None, None);
    }

    pub(crate) fn hello_with(&self, name: &str, cursor: Option<Cursor>, password: Option<&str>) {
        self.send(&Frame::Hello(Hello {
            name: Name::parse(name).unwrap(),
            caps: Caps::default(),
            cursor,
            password: password.map(|password| password.parse::<Password>().unwrap()),
        }));
    }

    /// A message with the next number of the room, and a `cid` of its own.
    pub(crate) fn msg(&self, to: Conv, text: &str) -> Msg {
        if to == Conv::Room {
            self.n.set(self.n.get() + 1);
        }
        self.cids.set(self.cids.get() + 1);
        Msg {
            cid: Cid::from_bytes([self.cids.get(); 16]),
            n: N::try_from(if to == Conv::Room { self.n.get() } else { 1 }).unwrap(),
            to,
            text: text.parse().unwrap(),
        }
    }

    /// Says something to the room.
    pub(crate) fn say(&self, text: &str) -> Cid {
        let msg = self.msg(Conv::Room, text);
        let cid = msg.cid;
        self.send(&Frame::Msg(msg));
        cid
    }

    pub(crate) fn got(&self, pos: Pos) {
        self.send(&Frame::Got(Got { pos }));
    }

    pub(crate) fn heard(&self) -> Vec<Frame> {
        self.heard.borrow().clone()
    }

    pub(crate) fn forget(&self) {
        self.heard.borrow_mut().clear();
    }

    pub(crate) fn acks(&self) -> Vec<Ack> {
        let heard = self.heard.borrow();
        let acks = heard.iter().filter_map(|frame| match frame {
            Frame::Ack(ack) => Some(*ack),
            _ => None,
        });
        acks.collect()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        let heard = self.heard.borrow();
        let events = heard.iter().filter_map(|frame| match frame {
            Frame::Event(event) => Some(event.clone()),
            _ => None,
        });
        events.collect()
    }

    /// What was said, as this guest was told.
    pub(crate) fn texts(&self) -> Vec<String> {
        let events = self.events();
        events.iter().map(|event| event.text.to_string()).collect()
    }

    pub(crate) fn problems(&self) -> Vec<Problem> {
        let heard = self.heard.borrow();
        let problems = heard.iter().filter_map(|frame| match frame {
            Frame::Err(problem) => Some(problem.clone()),
            _ => None,
        });
        problems.collect()
    }

    /// What was refused: code, what, and whether it ended the connection.
    pub(crate) fn refusals(&self) -> Vec<(Code, String, bool)> {
        let problems = self.problems().into_iter();
        let told = problems.map(|problem| {
            let re = problem.re.map_or_else(String::new, |re| re.to_string());
            (problem.code, re, problem.fatal)
        });
        told.collect()
    }

    /// Where this guest would go on.
    pub(crate) fn cursor(&self) -> Option<Cursor> {
        let heard = self.heard.borrow();
        let epoch = heard.iter().find_map(|frame| match frame {
            Frame::Welcome(welcome) => Some(welcome.epoch),
            _ => None,
        });
        let event = self.events().pop()?;
        Some(Cursor {
            epoch: epoch?,
            pos: event.pos,
            hash: event.hash,
        })
    }
}
