//! Frames as the clock of a window counts them: what can wait for the first one, and how long each
//! takes, for whoever measures (`./dev bench window-flood`).
//!
//! A program with [`VARIABLE`] in its environment writes a line for each frame of its first window
//! that was painted, and for each click, into the file that it names. All times are microseconds of
//! `CLOCK_MONOTONIC`, so that they can be compared with those of another process:
//!
//! ```text
//! frame BEGUN PAINTED
//! click DONE HEARD PAINTED
//! ```
//!
//! `DONE` is when the display server saw the click, to the millisecond; `PAINTED` is the end of the
//! first frame that was begun after the program had heard of it.
//!
//! With [`MOVING`] as well, the window is asked to paint all the time, as by something that moves in
//! it: only then do frames that did not come tell anything.

use std::cell::{Cell, RefCell};
use std::env;
use std::fs::File;
use std::io::Write;
use std::rc::Rc;
use std::time::Duration;

use gtk::{gdk, prelude::*};

/// A window that nobody paints is no reason to wait for longer: it may be behind others.
const UNPAINTED: Duration = Duration::from_secs(1);

/// Names the file.
pub const VARIABLE: &str = "HALLWAY_FRAMES";

/// Has the window paint without a pause.
pub const MOVING: &str = "HALLWAY_FRAMES_MOVING";

/// Lines written at most: an hour of frames, some megabytes.
const LINES: u32 = 200_000;

/// Clicks that wait for a frame at most.
const CLICKS: usize = 100;

const MICROSECONDS: i64 = 1_000;

/// The clock of events: milliseconds in 32 bits.
const EVENT_TIMES: i64 = 1 << 32;

/// Calls `then` after the first frame of `window`, which was not shown yet. What nobody sees in that
/// frame is no part of the wait for it.
pub fn after_first(window: &impl IsA<gtk::Window>, then: impl FnOnce() + 'static) {
    let then = Rc::new(Cell::new(Some(then)));
    window.as_ref().connect_realize(move |window| {
        let Some(clock) = window.frame_clock() else {
            return;
        };
        let painted = Rc::clone(&then);
        clock.connect_paint(move |_| {
            if let Some(then) = painted.take() {
                glib::idle_add_local_once(then);
            }
        });
        let unpainted = Rc::clone(&then);
        glib::timeout_add_local_once(UNPAINTED, move || {
            if let Some(then) = unpainted.take() {
                then();
            }
        });
    });
}

struct Book {
    file: RefCell<File>,
    left: Cell<u32>,
    has_window: Cell<bool>,
    begun: Cell<i64>,
    is_painted: Cell<bool>,
    /// When each was done and heard.
    clicks: RefCell<Vec<(i64, i64)>>,
}

/// Records the frames of the first window of `application`, where that is wanted.
pub fn record(application: &impl IsA<gtk::Application>) {
    let Some(path) = env::var_os(VARIABLE) else {
        return;
    };
    let file = match File::create(&path) {
        Ok(file) => file,
        Err(error) => return tracing::warn!(%error, ?path, "frames are not recorded"),
    };
    let book = Rc::new(Book {
        file: RefCell::new(file),
        left: Cell::new(LINES),
        has_window: Cell::default(),
        begun: Cell::default(),
        is_painted: Cell::default(),
        clicks: RefCell::default(),
    });
    application.connect_window_added(move |_, window| book.follow(window));
}

impl Book {
    fn follow(self: &Rc<Self>, window: &gtk::Window) {
        if self.has_window.replace(true) {
            return;
        }
        let events = gtk::EventControllerLegacy::new();
        events.set_propagation_phase(gtk::PropagationPhase::Capture);
        let book = Rc::clone(self);
        events.connect_event(move |_, event| {
            if event.event_type() == gdk::EventType::ButtonPress {
                book.hear(event.time());
            }
            glib::Propagation::Proceed
        });
        window.add_controller(events);
        let book = Rc::clone(self);
        window.connect_realize(move |window| {
            if let Some(clock) = window.frame_clock() {
                book.follow_clock(&clock);
            }
            if env::var_os(MOVING).is_some() {
                window.add_tick_callback(|window, _| {
                    window.queue_draw();
                    glib::ControlFlow::Continue
                });
            }
        });
    }

    fn follow_clock(self: &Rc<Self>, clock: &gdk::FrameClock) {
        let book = Rc::clone(self);
        clock.connect_before_paint(move |_| {
            book.begun.set(glib::monotonic_time());
            book.is_painted.set(false);
        });
        let book = Rc::clone(self);
        clock.connect_paint(move |_| book.is_painted.set(true));
        let book = Rc::clone(self);
        clock.connect_after_paint(move |_| book.end_frame());
    }

    fn hear(&self, time: u32) {
        let now = glib::monotonic_time();
        let mut clicks = self.clicks.borrow_mut();
        if clicks.len() < CLICKS {
            clicks.push((done(time, now), now));
        }
    }

    fn end_frame(&self) {
        if !self.is_painted.get() {
            return;
        }
        let (begun, painted) = (self.begun.get(), glib::monotonic_time());
        self.write(&format!("frame {begun} {painted}\n"));
        for (done, heard) in self.clicks.take() {
            self.write(&format!("click {done} {heard} {painted}\n"));
        }
    }

    /// Writes a line at once: whoever is measured may be killed.
    fn write(&self, line: &str) {
        let left = self.left.get();
        if left > 0 && self.file.borrow_mut().write_all(line.as_bytes()).is_ok() {
            self.left.set(left - 1);
        }
    }
}

/// When an event was, whose time is `time`, if it is `now`: its clock goes around every 50 days.
fn done(time: u32, now: i64) -> i64 {
    let ago = (now / MICROSECONDS - i64::from(time)).rem_euclid(EVENT_TIMES);
    now - ago * MICROSECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_events_go_around() {
        assert_eq!(done(4_000, 5_000_000), 4_000_000);
        let now = (EVENT_TIMES + 3) * MICROSECONDS;
        assert_eq!(done(1, now), now - 2 * MICROSECONDS);
        assert_eq!(done(u32::MAX, now), now - 4 * MICROSECONDS);
    }
}
