//! Going on without a window.
//!
//! Outside a sandbox an application that has windows goes on by itself, hidden or not; what is
//! missing is that people see it. So a notification tells what goes on, with a way back and a way
//! to end it. Inside a sandbox the system is asked for leave as well, and is told the same
//! sentence: it ends what runs unseen.
//!
//! - `portal`: the system, as seen from inside a sandbox.

mod portal;

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use gio::prelude::*;
use hallway_core::net::Timer;
use hallway_words::gettext;

use portal::Portal;

/// The notification's number: there is one at most.
const ID: &str = "running";

/// How often the notification is written anew, at most: people come and go more often than anybody
/// reads it.
const PACE: Duration = Duration::from_secs(5);

/// What the buttons of the notification do; both programs have these actions.
pub const SHOW: &str = "app.show-window";
/// Ends everything, though it goes on without a window.
pub const QUIT: &str = "app.quit";

/// What is told while there is no window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What goes on.
    pub title: String,
    /// Where, and with whom.
    pub body: String,
}

/// A program that may go on without a window. Clones are the same.
#[derive(Clone)]
pub struct Background(Rc<Inner>);

struct Inner {
    application: glib::WeakRef<gio::Application>,
    portal: Option<Portal>,
    has_leave: Cell<bool>,
    /// It was said once already that the program goes on.
    was_announced: Cell<bool>,
    /// What should be told.
    wanted: RefCell<Option<Status>>,
    /// What was told, and when.
    told: RefCell<Option<(Status, Instant)>>,
    later: RefCell<Option<Timer>>,
}

impl Background {
    /// That of an application that is registered.
    pub fn new(application: &impl IsA<gio::Application>) -> Self {
        let bus = application.dbus_connection();
        Self::with_portal(application, bus.filter(|_| is_sandboxed()))
    }

    /// [`new`](Self::new) as it is inside a sandbox whose portal is on `bus`, or outside of one.
    pub fn with_portal(
        application: &impl IsA<gio::Application>,
        bus: Option<gio::DBusConnection>,
    ) -> Self {
        Self(Rc::new(Inner {
            application: application.upcast_ref().downgrade(),
            portal: bus.map(Portal::new),
            has_leave: Cell::default(),
            was_announced: Cell::default(),
            wanted: RefCell::default(),
            told: RefCell::default(),
            later: RefCell::default(),
        }))
    }

    /// Asks the system whether the program may go on without a window; `reason` is a sentence for
    /// the person who decides it. Only an answer that says no is a no: a system that does not
    /// answer does not end programs either.
    pub async fn may_go_on(&self, reason: &str) -> bool {
        let inner = &self.0;
        let Some(portal) = inner.portal.as_ref().filter(|_| !inner.has_leave.get()) else {
            return true;
        };
        match portal.request(reason).await {
            Ok(leave) => inner.has_leave.set(leave),
            Err(error) => {
                tracing::info!(%error, "nobody to ask for leave to run in the background");
                return true;
            }
        }
        inner.has_leave.get()
    }

    /// Tells what goes on without a window, or that there is nothing to tell any more. The first
    /// time people are meant to notice; what follows replaces it in silence and not too often.
    pub fn tell(&self, status: Option<Status>) {
        let inner = &self.0;
        let is_over = status.is_none();
        inner.wanted.replace(status);
        if is_over {
            return inner.withdraw();
        }
        if inner.later.borrow().is_some() {
            return;
        }
        let since = inner.told.borrow().as_ref().map(|(_, at)| at.elapsed());
        let wait = since.map_or(Duration::ZERO, |since| PACE.saturating_sub(since));
        if wait.is_zero() {
            return inner.tell_now();
        }
        let weak = Rc::downgrade(inner);
        let later = Timer::once(wait, glib::Priority::DEFAULT, move || {
            if let Some(inner) = weak.upgrade() {
                inner.tell_now();
            }
        });
        inner.later.replace(Some(later));
    }
}

impl Inner {
    fn tell_now(&self) {
        self.later.take();
        let (Some(status), Some(application)) =
            (self.wanted.borrow().clone(), self.application.upgrade())
        else {
            return;
        };
        let is_news = self
            .told
            .borrow()
            .as_ref()
            .is_none_or(|(told, _)| *told != status);
        if !is_news {
            return;
        }
        let notification = gio::Notification::new(&status.title);
        notification.set_body(Some(&status.body));
        notification.set_default_action(SHOW);
        // Translators: a button that brings a window back
        notification.add_button(&gettext("Show"), SHOW);
        notification.add_button(&gettext("Quit"), QUIT);
        if self.was_announced.replace(true) {
            notification.set_priority(gio::NotificationPriority::Low);
        }
        application.send_notification(Some(ID), &notification);
        if let Some(portal) = &self.portal {
            portal.set_status(&status.body);
        }
        self.told.replace(Some((status, Instant::now())));
    }

    fn withdraw(&self) {
        self.later.take();
        if self.told.take().is_none() {
            return;
        }
        if let Some(application) = self.application.upgrade() {
            application.withdraw_notification(ID);
        }
        if let Some(portal) = &self.portal {
            portal.set_status("");
        }
    }
}

/// Whether the program runs inside a sandbox of Flatpak (flatpak-metadata(5)).
fn is_sandboxed() -> bool {
    Path::new("/.flatpak-info").exists()
}
