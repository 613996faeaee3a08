//! The server as a service: what a service manager passes to it, and what it is told.
//!
//! ```text
//! passed (LISTEN_FDS) → sockets to listen on
//! hub's events → Service → Notifier → NOTIFY_SOCKET
//! main loop → watchdog ↗
//! ```
//!
//! Everything here speaks systemd's interfaces for daemons (`sd_listen_fds`(3), `sd_notify`(3),
//! `sd_watchdog_enabled`(3)), which others speak as well. Where nobody started us as a service, nothing
//! of it is there. The variables stay in the environment, since taking them out is not safe in Rust and
//! the server starts no other program that could inherit them.

mod notifier;
mod passed;

use std::cell::{Cell, OnceCell, RefCell};
use std::net::SocketAddr;
use std::rc::{Rc, Weak};
use std::time::Duration;

use glib::ControlFlow;
use hallway_core::net::Timer;

use self::notifier::Notifier;
pub(crate) use self::passed::Passed;
use crate::hub::Event;
use crate::words;

/// The status is told at most this often: a person may read it, and a class that comes in at once
/// must not keep the manager busy.
const STATUS_PAUSE: Duration = Duration::from_secs(1);

/// Names the microseconds after which the manager takes us for hung, and the process it watches.
const WATCHDOG: (&str, &str) = ("WATCHDOG_USEC", "WATCHDOG_PID");

/// Signs of life in the time of the watchdog, as `sd_watchdog_enabled`(3) advises.
const WATCHDOG_SIGNS: u32 = 2;

/// The shortest time between signs of life, whatever the manager wants: more would be work without
/// use.
const WATCHDOG_SHORTEST: Duration = Duration::from_millis(10);

/// Tells the manager how the room is.
pub(crate) struct Service {
    notifier: Rc<Notifier>,
    priority: glib::Priority,
    bound: RefCell<Vec<SocketAddr>>,
    people: Cell<usize>,
    /// What it is at.
    phase: Cell<Phase>,
    /// While the last status is new. Another one waits for its end.
    pause: RefCell<Option<Timer>>,
    is_changed: Cell<bool>,
    watchdog: OnceCell<Timer>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Starting,
    Ready,
    Stopping,
}

impl Service {
    /// The service that we are, if somebody wants to know of it.
    pub(crate) fn from_environment(priority: glib::Priority) -> Option<Rc<Self>> {
        let notifier = Notifier::from_environment(priority)?;
        Some(Rc::new(Self {
            notifier,
            priority,
            bound: RefCell::default(),
            people: Cell::default(),
            phase: Cell::new(Phase::Starting),
            pause: RefCell::default(),
            is_changed: Cell::default(),
            watchdog: OnceCell::new(),
        }))
    }

    /// Takes note of what happens in the room.
    pub(crate) fn take_note(self: &Rc<Self>, event: &Event<'_>) {
        match event {
            Event::Listening(address) => self.bound.borrow_mut().push(*address),
            Event::Joined(_) => self.people.set(self.people.get() + 1),
            Event::Left(..) => self.people.set(self.people.get().saturating_sub(1)),
            _ => return,
        }
        self.is_changed.set(true);
        if self.phase.get() == Phase::Ready && self.pause.borrow().is_none() {
            self.tell_status();
        }
    }

    /// People can connect. From now on the main loop gives signs of life, where they are wanted.
    pub(crate) fn ready(self: &Rc<Self>) {
        self.phase.set(Phase::Ready);
        self.notifier.set("READY", "1");
        self.tell_status();
        if let Some(time) = watchdog_time() {
            let interval = (time / WATCHDOG_SIGNS).max(WATCHDOG_SHORTEST);
            let notifier = Rc::clone(&self.notifier);
            self.watchdog.get_or_init(|| {
                Timer::repeating(interval, self.priority, move || {
                    notifier.set("WATCHDOG", "1");
                    notifier.send();
                    ControlFlow::Continue
                })
            });
        }
    }

    /// Somebody asked us to end.
    pub(crate) fn stopping(&self) {
        if self.phase.replace(Phase::Stopping) != Phase::Stopping {
            self.pause.take();
            self.notifier.set("STOPPING", "1");
            self.notifier
                .set("STATUS", &words::service::status_stopping());
            self.notifier.send();
        }
    }

    fn tell_status(self: &Rc<Self>) {
        self.is_changed.set(false);
        let status = words::service::status(&self.bound.borrow(), self.people.get());
        self.notifier.set("STATUS", &status);
        self.notifier.send();
        let service = Rc::downgrade(self);
        let pause = Timer::once(STATUS_PAUSE, self.priority, move || end_pause(&service));
        self.pause.replace(Some(pause));
    }
}

fn end_pause(service: &Weak<Service>) {
    if let Some(service) = service.upgrade() {
        service.pause.take();
        if service.is_changed.get() {
            service.tell_status();
        }
    }
}

/// The time within which the manager wants a sign of life of this process.
fn watchdog_time() -> Option<Duration> {
    let (time, process) = WATCHDOG;
    let number = |name| std::env::var(name).ok()?.parse::<u64>().ok();
    let is_meant = match std::env::var_os(process) {
        Some(_) => number(process) == Some(u64::from(std::process::id())),
        None => true,
    };
    let time = number(time).filter(|&time| is_meant && time > 0)?;
    Some(Duration::from_micros(time))
}
