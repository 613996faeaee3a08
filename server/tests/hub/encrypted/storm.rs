//! Connections that break at any moment: nothing is lost, nothing is doubled, all agree.

use std::collections::BTreeMap;
use std::time::Duration;

use hallway_core::identity::Identity;
use hallway_core::wire::frame::Msg;
use hallway_core::wire::{Cid, Code, Conv, Cursor, Epoch, Event, Frame, N, Pos};
use hallway_server::hub::{Leaving, Manners, Settings};

use super::guest::Guest;
use super::hall::{Hall, in_hall, settings};
use crate::world::Told;

/// Messages of each client.
const MESSAGES: u8 = 60;

/// A client as the specification has it: an outbox, a cursor, and connections that break.
struct Client {
    name: String,
    identity: Identity,
    guest: Option<Guest>,
    /// Frames of the connection that were taken note of.
    looked_at: usize,
    is_welcome: bool,
    outbox: Vec<(Cid, String)>,
    /// How many of it were sent in this connection, counted from its first one.
    sent: usize,
    next: u64,
    /// Sent and not answered in this connection.
    in_flight: usize,
    /// The last number that was taken, the end of the history at the welcome, and whether a message
    /// was refused since it was counted anew.
    last: u64,
    head: Pos,
    is_refused: bool,
    acked: BTreeMap<Cid, (Pos, String)>,
    told: Vec<Event>,
    cursor: Option<Cursor>,
    epoch: Option<Epoch>,
}

impl Client {
    fn new(number: u8) -> Self {
        let cid = |message: u8| {
            let mut bytes = [number; 16];
            bytes[0] = message;
            Cid::from_bytes(bytes)
        };
        let text = |message: u8| format!("{number} says {message}");
        Self {
            name: format!("Client {number}"),
            identity: Identity::make().unwrap(),
            guest: None,
            looked_at: 0,
            is_welcome: false,
            outbox: (0..MESSAGES).map(|m| (cid(m), text(m))).collect(),
            sent: 0,
            next: 0,
            in_flight: 0,
            last: 0,
            head: Pos::ZERO,
            is_refused: false,
            acked: BTreeMap::new(),
            told: Vec::new(),
            cursor: None,
            epoch: None,
        }
    }

    /// Does what can be done now.
    fn step(&mut self, hall: &Hall<'_>) {
        if self.guest.as_ref().is_none_or(Guest::is_over) {
            self.looked_at = 0;
            self.is_welcome = false;
            self.guest = Some(Guest::connect(hall.room, self.identity.clone()));
            return;
        }
        let guest = self.guest.as_ref().unwrap();
        if !guest.is_connected() {
            return;
        }
        if self.looked_at == 0 && guest.heard().is_empty() && !self.is_welcome {
            guest.hello_with(&self.name, self.cursor, None);
            self.is_welcome = true;
            self.sent = usize::MAX;
            return;
        }
        let heard = guest.heard();
        let news = heard[self.looked_at..].to_vec();
        self.looked_at = heard.len();
        let mut got = None;
        for frame in news {
            match frame {
                Frame::Welcome(welcome) => {
                    self.epoch = Some(welcome.epoch);
                    self.last = welcome.n.get(&Conv::Room).get();
                    self.head = welcome.head;
                    self.in_flight = 0;
                    self.count_anew();
                }
                Frame::Ack(ack) => {
                    self.in_flight -= 1;
                    // What was taken before the welcome is counted in its number.
                    self.last += u64::from(ack.pos > self.head);
                    let place = self.outbox.iter().position(|(cid, _)| *cid == ack.cid);
                    let (cid, text) = self.outbox.remove(place.expect("it was sent"));
                    self.sent -= 1;
                    self.acked.insert(cid, (ack.pos, text));
                }
                Frame::Event(event) => {
                    got = Some(event.pos);
                    self.cursor = Some(Cursor {
                        epoch: self.epoch.unwrap(),
                        pos: event.pos,
                        hash: event.hash,
                    });
                    self.told.push(event);
                }
                Frame::Err(problem) if problem.code == Code::OutOfOrder => {
                    self.in_flight -= 1;
                    self.is_refused = true;
                }
                Frame::Err(problem) if problem.code == Code::Superseded => {}
                Frame::Err(problem) => panic!("{}: {problem:?}", self.name),
                Frame::Reset(_) => panic!("{}: its cursor is good", self.name),
                _ => {}
            }
        }
        if self.is_refused && self.in_flight == 0 {
            self.count_anew();
        }
        let guest = self.guest.as_ref().unwrap();
        if let Some(pos) = got {
            guest.got(pos);
        }
        // A few at a time are on their way.
        while !self.is_refused && self.sent < self.outbox.len().min(5) {
            let (cid, text) = &self.outbox[self.sent];
            guest.send(&Frame::Msg(Msg {
                cid: *cid,
                n: N::try_from(self.next).unwrap(),
                to: Conv::Room,
                text: text.parse().unwrap(),
            }));
            self.next += 1;
            self.sent += 1;
            self.in_flight += 1;
        }
    }

    /// Numbers the outbox from what the server has taken last.
    fn count_anew(&mut self) {
        self.next = self.last + 1;
        self.sent = 0;
        self.is_refused = false;
    }
}

/// The same numbers each time (a linear congruential generator).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[test]
fn nothing_is_lost_or_doubled_whatever_breaks() {
    let settings = Settings {
        manners: Manners {
            rate: 0,
            look: Duration::from_millis(5),
            ..Manners::default()
        },
        ..settings()
    };
    in_hall(settings, |hall| {
        let mut clients: Vec<_> = (0..3).map(Client::new).collect();
        let (mut dice, mut breaks) = (Dice(6), 0);
        let all = 3 * usize::from(MESSAGES);
        hall.room.until("everything", || {
            for client in &mut clients {
                client.step(hall);
                let is_there = client.guest.as_ref().is_some_and(Guest::is_connected);
                if is_there && breaks < 60 && dice.throw(8) == 0 {
                    breaks += 1;
                    let connection = &client.guest.as_ref().unwrap().connection;
                    match dice.throw(3) {
                        0 => connection.abort(),
                        1 => connection.close(),
                        // The older one is still there when the next one comes.
                        _ => client.guest = None,
                    }
                }
            }
            let is_done = |client: &Client| client.outbox.is_empty() && client.told.len() >= all;
            clients.iter().all(is_done)
        });
        assert!(breaks > 10, "it was hardly a storm: {breaks}");
        let kept = hall.kept();
        assert_eq!(kept.len(), all);
        for client in &clients {
            let told: Vec<_> = client
                .told
                .iter()
                .map(|event| event.text.to_string())
                .collect();
            assert_eq!(told, kept, "{} knows another order", client.name);
            let own: Vec<_> = (0..MESSAGES)
                .map(|m| {
                    let number = client.name.trim_start_matches("Client ");
                    format!("{number} says {m}")
                })
                .collect();
            let of_own = told.iter().filter(|text| own.contains(text)).cloned();
            assert_eq!(of_own.collect::<Vec<_>>(), own, "in its own order");
            for (pos, text) in client.acked.values() {
                let place = usize::try_from(pos.get()).unwrap() - 1;
                assert_eq!(&kept[place], text, "where it was said to be");
            }
        }
        let superseded = Leaving::Refused(Code::Superseded);
        let told = hall.room.told.borrow();
        let taken_over = told
            .iter()
            .filter(|told| matches!(told, Told::Left(_, why) if *why == superseded));
        assert!(taken_over.count() > 0, "nobody took over");
    });
}
