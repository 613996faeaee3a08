//! What is read from the history for encrypted people, page by page.

use std::time::Instant;

use hallway_core::history::server::{Page, Past};
use hallway_core::history::{Error, ServerStore};
use hallway_core::net::Connection;
use hallway_core::wire::frame::{CaughtUp, History};
use hallway_core::wire::{self, Between, Code, Frame, Pos, encode};

use super::Inner;
use super::committed::sent;
use super::guest::{about, problem};
use super::hearing::tell_guest;

impl Inner {
    /// Has the history read something, and goes on with `then`. Returns whether it will: too much
    /// may wait already.
    pub(super) fn ask_history<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ServerStore) -> Result<T, Error> + Send + 'static,
        then: impl FnOnce(&Self, Result<T, Error>) + 'static,
    ) -> bool {
        let Some(archive) = self.archive() else {
            return false;
        };
        let answer = match archive.history().read(work) {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!("not read: {error}");
                return false;
            }
        };
        let inner = self.me.clone();
        glib::MainContext::ref_thread_default().spawn_local_with_priority(
            self.priority,
            async move {
                let result = answer.await;
                if let Some(inner) = inner.upgrade() {
                    then(&inner, result);
                }
            },
        );
        true
    }

    /// Goes on telling a guest what was kept, as far as they have room.
    pub(super) fn pump(&self, connection: &Connection) {
        let (next, head, identity) = {
            let mut guests = self.guests.borrow_mut();
            let head = guests.head;
            let Some(inside) = guests.get_mut(connection) else {
                return;
            };
            if !inside.guest.is_here() {
                return;
            }
            let stream = &mut inside.stream;
            let next = stream.next();
            if !stream.begin_read(head, Instant::now()) {
                let is_done = stream.catches_up(head);
                drop(guests);
                if is_done {
                    tell_guest(connection, &Frame::CaughtUp(CaughtUp { pos: next }));
                }
                return;
            }
            (next, head, inside.identity)
        };
        let whose = connection.clone();
        let is_asked = self.ask_history(
            move |store| store.after(next, Some(&identity)),
            move |inner, page| inner.take_page(&whose, page, head),
        );
        if !is_asked && let Some(inside) = self.guests.borrow_mut().get_mut(connection) {
            // It is tried again when it is looked for.
            inside.stream.end_read();
        }
    }

    /// Goes on with all who have room.
    pub(super) fn pump_all(&self) {
        let behind: Vec<_> = {
            let guests = self.guests.borrow();
            let head = guests.head;
            let behind = guests
                .here()
                .filter(|inside| inside.stream.next() < head && !inside.stream.is_reading());
            behind.map(|inside| inside.connection.clone()).collect()
        };
        for connection in &behind {
            self.pump(connection);
        }
    }

    /// A page has been read, when the last event was at least `head`.
    fn take_page(&self, connection: &Connection, page: Result<Page, Error>, head: Pos) {
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                tracing::warn!("events cannot be read: {error}");
                return self.with_guest(connection, |inside| {
                    Some(inside.guest.fail(Code::Internal, None))
                });
            }
        };
        let is_full = {
            let mut guests = self.guests.borrow_mut();
            // Whoever wrote what is newer is told first that it is kept.
            let known = guests.head;
            let Some(inside) = guests.get_mut(connection) else {
                return;
            };
            inside.stream.end_read();
            if !inside.guest.is_here() {
                return;
            }
            let end = if page.more {
                page.next
            } else {
                page.next.max(head)
            };
            let mut is_full = false;
            let mut is_whole = true;
            for entry in page.entries.iter().filter(|entry| entry.pos <= known) {
                if !inside.stream.has_room() || is_full {
                    is_whole = false;
                    break;
                }
                let Some(event) = entry.seen_by(&inside.identity) else {
                    continue;
                };
                let Ok(line) = encode(&Frame::Event(event)) else {
                    tracing::error!("an event that is too large");
                    continue;
                };
                let bytes = line.len();
                is_full = inside.connection.queue(line.into()).is_err();
                inside.stream.send(sent(entry, bytes));
            }
            if is_whole {
                inside.stream.skip_to(end.min(known));
            }
            is_full
        };
        if is_full {
            return connection.abort_as_too_slow();
        }
        self.pump(connection);
    }

    /// A guest wants to read what was said before.
    pub(super) fn look_up(&self, connection: &Connection, asked: History) {
        let identity = match self.guests.borrow().get(connection) {
            Some(inside) => inside.identity,
            None => return,
        };
        let between = Between::of(asked.conv, identity);
        let whose = connection.clone();
        let is_asked = self.ask_history(
            move |store| store.past(&between, Some(asked.before), asked.limit.into()),
            move |inner, past| inner.answer_history(&whose, asked, past),
        );
        if !is_asked {
            self.answer_history(connection, asked, Err(Error::Overrun));
        }
    }

    fn answer_history(&self, connection: &Connection, asked: History, past: Result<Past, Error>) {
        let identity = match self.guests.borrow_mut().get_mut(connection) {
            Some(inside) if inside.guest.is_here() => {
                inside.guest.answered();
                inside.identity
            }
            _ => return,
        };
        let answer = match past {
            Ok(past) => {
                let newest_first = past.entries.iter().rev();
                let events = newest_first.filter_map(|entry| entry.seen_by(&identity));
                let past = wire::Past::fitting(asked.conv, events, past.more, past.gap);
                Frame::Past(past)
            }
            Err(Error::Overrun) => problem(Code::Busy, about("history")),
            Err(error) => {
                tracing::warn!("the past cannot be read: {error}");
                problem(Code::Internal, about("history"))
            }
        };
        tell_guest(connection, &answer);
    }
}
