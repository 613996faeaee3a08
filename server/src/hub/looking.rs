//! What time decides among encrypted people, and news that are told once in a while.

use std::time::Instant;

use glib::ControlFlow;
use hallway_core::net::{Connection, Timer};
use hallway_core::wire::Code;

use super::Inner;
use super::comparing::is_overdue;
use super::manners::{WAITING, WAITING_TEXT};

impl Inner {
    /// Looks at the clock from now on, as long as somebody encrypted is here.
    pub(super) fn start_looking(&self) {
        if self.looking.borrow().is_some() {
            return;
        }
        let inner = self.me.clone();
        let look = self.settings.borrow().manners.look;
        let timer = Timer::repeating(look, self.priority, move || {
            let Some(inner) = inner.upgrade() else {
                return ControlFlow::Break;
            };
            inner.look();
            if inner.guests.borrow().is_empty() {
                inner.looking.take();
                return ControlFlow::Break;
            }
            ControlFlow::Continue
        });
        self.looking.replace(Some(timer));
    }

    fn look(&self) {
        let now = Instant::now();
        let manners = self.settings.borrow().manners;
        let mut due = Vec::new();
        let mut overdue = Vec::new();
        for inside in self.guests.borrow_mut().all_mut() {
            if inside.is_paused {
                inside.guest.excuse(now);
            }
            let action = if inside.guest.is_here() && inside.stream.is_stuck(manners.stuck, now) {
                Some(inside.guest.fail(Code::SlowConsumer, None))
            } else {
                inside.guest.look(now)
            };
            due.extend(action.map(|action| (inside.connection.clone(), action)));
            if is_overdue(inside, manners.comparing, now) {
                overdue.push(inside.connection.clone());
            }
        }
        for (connection, action) in due {
            self.act(&connection, action);
        }
        for connection in &overdue {
            self.end_comparison(connection);
        }
        self.note_plain_newcomers(now);
        self.keeper.borrow_mut().look(now);
        self.keep_mark();
        self.pump_all();
        self.resume_guests();
        let is_time = {
            let told = self.guests.borrow().told;
            told.is_none_or(|told| now.saturating_duration_since(told) >= manners.news)
        };
        if is_time {
            self.guests.borrow_mut().told = Some(now);
            self.tell_presence();
            self.tell_seen();
        }
    }

    /// Reads those again whose turn it is.
    pub(super) fn resume_guests(&self) {
        if self.guests.borrow().is_empty() || self.must_guests_wait() {
            return;
        }
        let now = Instant::now();
        let resumed: Vec<Connection> = {
            let mut guests = self.guests.borrow_mut();
            let resumed = guests
                .all_mut()
                .filter(|inside| inside.is_paused && inside.guest.may_speak(now));
            let resumed = resumed.map(|inside| {
                inside.is_paused = false;
                inside.connection.clone()
            });
            resumed.collect()
        };
        for connection in resumed {
            connection.resume_reading();
        }
    }

    /// Whether what guests say should wait: for the disk, or for plain people who hear them and are
    /// behind but reading.
    pub(super) fn must_guests_wait(&self) -> bool {
        let relay = self.settings.borrow().relay;
        self.waiting() >= WAITING
            || self.keeper.borrow().room_text() >= WAITING_TEXT
            || (relay && self.room.borrow().congested() > 0)
    }
}
