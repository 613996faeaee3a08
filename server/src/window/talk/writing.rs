//! Who writes something right now.

use std::rc::Rc;
use std::time::{Duration, Instant};

use gio::glib;
use hallway_core::net::Timer;

use super::Talk;
use crate::hub::Person;
use crate::window::row::Row;

/// How often it is looked whether somebody still writes.
const LOOK: Duration = Duration::from_secs(1);

/// As often as rows are announced: before sockets are read and the window is painted.
const LOOKING: i32 = 110;

impl Talk {
    /// Somebody writes, to everyone or to the host alone.
    pub(super) fn write(self: &Rc<Self>, person: &Person, to_host: bool) {
        let row = if to_host {
            self.row(person.id)
        } else {
            Some(self.everyone.clone())
        };
        let Some(row) = row else { return };
        let number = person.id.number();
        if row.writers().add(number, &person.label, Instant::now()) {
            self.people.touch(&row);
        }
        self.watch_writers();
    }

    /// Somebody has said it, or has gone.
    pub(super) fn stop_writing(&self, number: u64) {
        if self.watching.borrow().is_none() {
            return;
        }
        let rows = [Some(self.everyone.clone()), self.row_of_number(number)];
        for row in rows.iter().flatten() {
            if row.writers().remove(number) {
                self.people.touch(row);
            }
        }
    }

    fn watch_writers(self: &Rc<Self>) {
        if self.watching.borrow().is_some() {
            return;
        }
        let talk = Rc::downgrade(self);
        let timer = Timer::repeating(LOOK, LOOKING.into(), move || {
            let Some(talk) = talk.upgrade() else {
                return glib::ControlFlow::Break;
            };
            if talk.look_at_writers() {
                return glib::ControlFlow::Continue;
            }
            talk.watching.take();
            glib::ControlFlow::Break
        });
        self.watching.replace(Some(timer));
    }

    /// Returns whether anybody still writes.
    fn look_at_writers(&self) -> bool {
        let now = Instant::now();
        let mut rows = self.here();
        rows.push(self.everyone.clone());
        rows.retain(|row| !row.writers().is_empty());
        for row in &rows {
            if row.writers().look(now) {
                self.people.touch(row);
            }
        }
        !rows.iter().all(|row: &Row| row.writers().is_empty())
    }
}
