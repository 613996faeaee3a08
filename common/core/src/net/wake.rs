//! Moments after which a connection that looks open may not be: this computer has slept, or its
//! network is another one.

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::Duration;

use gio::prelude::*;
use glib::Priority;

use super::timer::Timer;

/// How long news of the network are gathered: a network that comes up makes a dozen of them.
const SETTLE: Duration = Duration::from_secs(1);

/// What logind says before sleep (`true`) and after it (`false`), org.freedesktop.login1(5).
const LOGIND: &str = "org.freedesktop.login1";
const LOGIND_PATH: &str = "/org/freedesktop/login1";
const LOGIND_INTERFACE: &str = "org.freedesktop.login1.Manager";
const PREPARE_FOR_SLEEP: &str = "PrepareForSleep";

/// Calls somebody when this computer has woken and when its network has changed, for as long as it
/// is held. It lives on the thread-default main context of the thread that makes it.
pub struct Wake(Rc<Inner>);

struct Inner {
    then: Box<dyn Fn()>,
    /// The network monitor and what listens to it.
    monitor: RefCell<Option<(gio::NetworkMonitor, glib::SignalHandlerId)>>,
    logind: RefCell<Option<gio::SignalSubscription>>,
    /// The call that is due.
    due: RefCell<Option<Timer>>,
}

impl Wake {
    /// Calls `then` from now on. A computer without a system bus, as a container may be, tells of
    /// its network only.
    pub fn new(then: impl Fn() + 'static) -> Self {
        let inner = Rc::new(Inner {
            then: Box::new(then),
            monitor: RefCell::default(),
            logind: RefCell::default(),
            due: RefCell::default(),
        });
        inner.listen_to_network();
        let weak = Rc::downgrade(&inner);
        glib::MainContext::ref_thread_default().spawn_local(listen_to_logind(weak));
        Self(inner)
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        if let Some((monitor, handler)) = self.0.monitor.take() {
            monitor.disconnect(handler);
        }
        self.0.due.take();
    }
}

impl Inner {
    fn listen_to_network(self: &Rc<Self>) {
        let monitor = gio::NetworkMonitor::default();
        let weak = Rc::downgrade(self);
        let handler = monitor.connect_network_changed(move |_, _| {
            if let Some(inner) = weak.upgrade() {
                inner.call_in(SETTLE);
            }
        });
        self.monitor.replace(Some((monitor, handler)));
    }

    /// Calls after `delay`. A call that is due already is not put off: an unending stream of news
    /// must not hide the change.
    fn call_in(self: &Rc<Self>, delay: Duration) {
        if self.due.borrow().is_some() {
            return;
        }
        let weak = Rc::downgrade(self);
        let due = Timer::once(delay, Priority::DEFAULT, move || {
            if let Some(inner) = weak.upgrade() {
                inner.call();
            }
        });
        self.due.replace(Some(due));
    }

    /// Calls now.
    fn call(&self) {
        self.due.take();
        (self.then)();
    }
}

/// Hears of waking up. Where there is no system bus there is nothing to hear.
async fn listen_to_logind(inner: Weak<Inner>) {
    let bus = match gio::bus_get_future(gio::BusType::System).await {
        Ok(bus) => bus,
        Err(error) => return tracing::debug!(%error, "no system bus"),
    };
    // The system's bus may be started anew; that is no reason for us to end.
    bus.set_exit_on_close(false);
    let Some(listener) = inner.upgrade() else {
        return;
    };
    let logind = bus.subscribe_to_signal(
        Some(LOGIND),
        Some(LOGIND_INTERFACE),
        Some(PREPARE_FOR_SLEEP),
        Some(LOGIND_PATH),
        None,
        gio::DBusSignalFlags::NONE,
        move |signal| {
            let falls_asleep: Option<(bool,)> = signal.parameters.get();
            if let (Some((false,)), Some(inner)) = (falls_asleep, inner.upgrade()) {
                inner.call();
            }
        },
    );
    listener.logind.replace(Some(logind));
}
