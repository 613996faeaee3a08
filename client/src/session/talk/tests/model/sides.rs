//! The server and the database of the client, as simple as they can be.

use std::collections::{BTreeMap, HashMap};

use super::super::*;

/// A server that keeps to the protocol, and sometimes has a full disk.
#[derive(Default)]
pub(super) struct Server {
    pub(super) events: Vec<Event>,
    pub(super) receipts: HashMap<Cid, Ack>,
    pub(super) counters: BTreeMap<Conv, N>,
    /// So many of the next messages are not kept.
    pub(super) full: u32,
}

impl Server {
    pub(super) fn head(&self) -> u64 {
        self.events.len() as u64
    }

    pub(super) fn append(&mut self, conv: Conv, from: Fingerprint, text: &str) -> Ack {
        let at = self.head() + 1;
        let count = self
            .events
            .iter()
            .filter(|event| event.conv == conv)
            .count();
        let mut event = event(at);
        event.seq = seq(count as u64 + 1);
        event.conv = conv;
        event.from.id = Some(from);
        event.text = text.parse().unwrap();
        let ack = Ack {
            cid: cid(0),
            conv,
            seq: event.seq,
            pos: event.pos,
            at: At::ZERO,
        };
        self.events.push(event);
        ack
    }

    pub(super) fn hello(&self, hello: &Hello) -> Vec<Frame> {
        let from = hello.cursor.map_or(0, |cursor| cursor.pos.get());
        let mut welcome = welcome(self.head(), 0);
        welcome.n = Numbers::new(self.counters.iter().map(|(conv, n)| (*conv, *n)));
        welcome.limits.rate = 0;
        let kept = &self.events[usize::try_from(from).unwrap()..];
        std::iter::once(Frame::Welcome(welcome))
            .chain(kept.iter().cloned().map(Frame::Event))
            .collect()
    }

    pub(super) fn message(&mut self, msg: &Msg) -> Vec<Frame> {
        if let Some(ack) = self.receipts.get(&msg.cid) {
            return vec![Frame::Ack(*ack)];
        }
        let re = msg.cid.to_string();
        let last = self.counters.get(&msg.to).copied().unwrap_or_default();
        if last.next() != Some(msg.n) {
            return vec![problem(Code::OutOfOrder, &re, false)];
        }
        if self.full > 0 {
            self.full -= 1;
            return vec![problem(Code::DiskFull, &re, false)];
        }
        self.counters.insert(msg.to, msg.n);
        let mut ack = self.append(msg.to, ME, msg.text.as_ref());
        ack.cid = msg.cid;
        self.receipts.insert(msg.cid, ack);
        let event = self.events.last().unwrap().clone();
        vec![Frame::Ack(ack), Frame::Event(event)]
    }
}

/// What a client's database holds.
#[derive(Default)]
pub(super) struct Store {
    pub(super) outbox: BTreeMap<u64, (Unsent, Option<Pos>)>,
    pub(super) events: Vec<Event>,
}

impl Store {
    pub(super) fn cursor(&self) -> Option<Cursor> {
        self.events.last().map(|last| Cursor {
            epoch: EPOCH,
            pos: last.pos,
            hash: last.hash,
        })
    }

    /// As much of the outbox as the real one gives, in small.
    pub(super) fn page(&self, after: u64) -> Page {
        const PAGE: usize = 4;
        let mut rest = self.outbox.range(after + 1..);
        let messages: Vec<_> = rest
            .by_ref()
            .filter(|(_, (_, pos))| pos.is_none())
            .map(|(_, (unsent, _))| unsent.clone())
            .take(PAGE)
            .collect();
        Page {
            is_last: messages.len() < PAGE,
            messages,
        }
    }

    pub(super) fn settle(&mut self) {
        let held = self.events.last().map_or(Pos::ZERO, |last| last.pos);
        self.outbox
            .retain(|_, (_, pos)| pos.is_none_or(|pos| pos > held));
    }
}
