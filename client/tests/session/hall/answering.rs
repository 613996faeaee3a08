//! How it welcomes, and takes what is said.

use hallway_core::history::server::{Inserted, Message, Standing};
use hallway_core::history::{Entry, Store};
use hallway_core::net::Connection;
use hallway_core::wire::frame::{Ack, CaughtUp, Hello, Msg, Reset, Taken, Welcome};
use hallway_core::wire::{At, Between, Caps, Code, Conv, Frame, People, Pos};

use super::{Books, client, counts_down, person};

impl Books {
    pub(super) fn welcome(&self, guest: &Connection, hello: &Hello) {
        let me = client(guest);
        let store = self.store.borrow();
        let head = store.head().unwrap();
        Self::send(
            guest,
            &Frame::Welcome(Welcome {
                id: self.id,
                name: "Hall".parse().unwrap(),
                epoch: *store.epoch(),
                head: head.pos,
                n: store.numbers(&me).unwrap(),
                limits: Taken {
                    rate: 0,
                    ..Taken::default()
                },
                caps: Caps::default(),
            }),
        );
        let mut from = hello.cursor.map_or(Pos::ZERO, |cursor| cursor.pos);
        let standing = hello.cursor.map(|cursor| store.judge(&cursor).unwrap());
        if standing.is_some_and(|standing| standing != Standing::Continues) {
            from = Pos::ZERO;
            Self::send(
                guest,
                &Frame::Reset(Reset {
                    epoch: *store.epoch(),
                    head: head.pos,
                }),
            );
        }
        Self::send(
            guest,
            &Frame::People(People::Here {
                list: vec![person()],
                more: 0,
            }),
        );
        loop {
            let page = store.after(from, Some(&me)).unwrap();
            for event in page.entries.iter().filter_map(|entry| entry.seen_by(&me)) {
                let times = 1 + u32::from(self.script.every_event_twice.get());
                for _ in 0..times {
                    Self::send(guest, &Frame::Event(event.clone()));
                }
            }
            from = page.next;
            if !page.more {
                break;
            }
        }
        Self::send(guest, &Frame::CaughtUp(CaughtUp { pos: head.pos }));
        if counts_down(&self.script.breaks_welcome) {
            return guest.abort();
        }
        self.guests.borrow_mut().push((guest.clone(), true));
    }

    pub(super) fn take(&self, guest: &Connection, msg: &Msg) {
        let re = msg.cid.to_string();
        let script = &self.script;
        if msg.to != Conv::Room && script.knows_nobody.get() {
            return Self::send(guest, &Self::problem(Code::NotFound, &re, false));
        }
        if counts_down(&script.full) {
            return Self::send(guest, &Self::problem(Code::DiskFull, &re, false));
        }
        if counts_down(&script.breaks_before) {
            return guest.abort();
        }
        let sender = client(guest);
        let message = Message {
            sender,
            name: "Ana".parse().unwrap(),
            cid: msg.cid,
            n: msg.n,
            between: Between::of(msg.to, sender),
            text: msg.text.clone(),
            at: At::ZERO,
        };
        let mut store = self.store.borrow_mut();
        let inserted = store.commit(|store| store.insert(&message)).unwrap();
        drop(store);
        if counts_down(&script.breaks_after) {
            return guest.abort();
        }
        let ack = |seq, pos, at| {
            Frame::Ack(Ack {
                cid: msg.cid,
                conv: msg.to,
                seq,
                pos,
                at,
            })
        };
        match inserted {
            Inserted::New(entry) => {
                Self::send(guest, &ack(entry.seq, entry.pos, entry.at));
                if counts_down(&script.breaks_acknowledged) {
                    return guest.abort();
                }
                self.tell(&entry);
            }
            Inserted::Again(receipt) => {
                Self::send(guest, &ack(receipt.seq, receipt.pos, receipt.at));
            }
            Inserted::BadCid => Self::send(guest, &Self::problem(Code::BadCid, &re, false)),
            Inserted::OutOfOrder { .. } => {
                Self::send(guest, &Self::problem(Code::OutOfOrder, &re, false));
            }
        }
    }

    pub(super) fn tell(&self, entry: &Entry) {
        for (guest, is_welcome) in &*self.guests.borrow() {
            if *is_welcome
                && guest.is_connected()
                && let Some(event) = entry.seen_by(&client(guest))
            {
                Self::send(guest, &Frame::Event(event));
            }
        }
    }
}
