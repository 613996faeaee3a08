use std::{
    cell::RefCell,
    os::fd::{AsRawFd, OwnedFd},
    sync::OnceLock,
    time::Duration,
};

use gio::prelude::*;
use glib::subclass::{Signal, prelude::ObjectSubclassIsExt};

use super::{Interface, netlink};

/// How long announcements are collected before the addresses are read again: a network that comes up
/// makes several within some tens of milliseconds, and people notice no tenth of a second.
const SETTLE: Duration = Duration::from_millis(100);

/// How long to wait after the addresses could not be read, for example because descriptors ran out.
const RETRY: Duration = Duration::from_secs(5);

const CHANGED: &str = "changed";

/// What tells that something changed.
#[derive(Debug, Default)]
enum Ears {
    #[default]
    Closed,
    Netlink {
        source: glib::Source,
        socket: OwnedFd,
    },
    /// Where a sandbox denies netlink.
    Monitor {
        monitor: gio::NetworkMonitor,
        handler: glib::SignalHandlerId,
    },
}

mod imp {
    use super::{
        AsRawFd, CHANGED, Duration, Ears, Interface, NetworkMonitorExt, ObjectExt, OnceLock,
        OwnedFd, RETRY, RefCell, SETTLE, Signal, netlink,
    };
    use glib::subclass::prelude::*;

    #[derive(Debug, Default)]
    pub struct Watcher {
        pub(super) interfaces: RefCell<Vec<Interface>>,
        pub(super) ears: RefCell<Ears>,
        pub(super) timer: RefCell<Option<glib::Source>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Watcher {
        const NAME: &'static str = "HallwayAddressWatcher";
        type Type = super::Watcher;
    }

    impl ObjectImpl for Watcher {
        fn signals() -> &'static [Signal] {
            static SIGNALS: OnceLock<[Signal; 1]> = OnceLock::new();
            SIGNALS.get_or_init(|| [Signal::builder(CHANGED).build()])
        }

        fn constructed(&self) {
            self.parent_constructed();
            // Listen first: a change between the two steps is heard of.
            match netlink::open() {
                Ok(socket) => self.listen_to_netlink(socket),
                Err(error) => {
                    tracing::info!(%error, "no netlink, asking the network monitor instead");
                    self.listen_to_monitor();
                }
            }
            self.read();
        }

        fn dispose(&self) {
            self.close_ears();
            if let Some(timer) = self.timer.take() {
                timer.destroy();
            }
        }
    }

    impl Watcher {
        fn listen_to_netlink(&self, socket: OwnedFd) {
            let weak = glib::SendWeakRef::from(self.obj().downgrade());
            let source = glib_unix::fd_source_new(
                socket.as_raw_fd(),
                glib::IOCondition::IN | glib::IOCondition::ERR | glib::IOCondition::HUP,
                Some("hallway-addresses"),
                glib::Priority::DEFAULT,
                move |_, _| {
                    let Some(watcher) = weak.upgrade() else {
                        return glib::ControlFlow::Break;
                    };
                    watcher.imp().hear()
                },
            );
            source.attach(Some(&glib::MainContext::ref_thread_default()));
            self.ears.replace(Ears::Netlink { source, socket });
        }

        pub(super) fn listen_to_monitor(&self) {
            self.close_ears();
            let monitor = gio::NetworkMonitor::default();
            let weak = self.obj().downgrade();
            let handler = monitor.connect_network_changed(move |_, _| {
                if let Some(watcher) = weak.upgrade() {
                    watcher.imp().read_in(SETTLE);
                }
            });
            self.ears.replace(Ears::Monitor { monitor, handler });
        }

        fn close_ears(&self) {
            match self.ears.take() {
                Ears::Closed => {}
                // The source goes before the descriptor, which is closed with the end of this arm.
                Ears::Netlink {
                    source,
                    socket: _socket,
                } => source.destroy(),
                Ears::Monitor { monitor, handler } => monitor.disconnect(handler),
            }
        }

        fn hear(&self) -> glib::ControlFlow {
            let heard = match &*self.ears.borrow() {
                Ears::Netlink { socket, .. } => netlink::drain(socket),
                Ears::Closed | Ears::Monitor { .. } => return glib::ControlFlow::Break,
            };
            match heard {
                Ok(true) => self.read_in(SETTLE),
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "netlink broke, asking the network monitor instead");
                    self.listen_to_monitor();
                    self.read_in(SETTLE);
                    return glib::ControlFlow::Break;
                }
            }
            glib::ControlFlow::Continue
        }

        /// Reads the addresses after `delay`. A reading already due is not put off by further
        /// announcements: an unending stream of them must not hide the change.
        fn read_in(&self, delay: Duration) {
            if self.timer.borrow().is_some() {
                return;
            }
            let weak = glib::SendWeakRef::from(self.obj().downgrade());
            let timer = glib::timeout_source_new(
                delay,
                Some("hallway-addresses"),
                glib::Priority::DEFAULT,
                move || {
                    if let Some(watcher) = weak.upgrade() {
                        watcher.imp().timer.take();
                        watcher.imp().read();
                    }
                    glib::ControlFlow::Break
                },
            );
            timer.attach(Some(&glib::MainContext::ref_thread_default()));
            self.timer.replace(Some(timer));
        }

        fn read(&self) {
            match super::super::current() {
                Ok(interfaces) => self.set_interfaces(interfaces),
                Err(error) => {
                    tracing::warn!(%error, "the addresses cannot be read");
                    self.read_in(RETRY);
                }
            }
        }

        pub(super) fn set_interfaces(&self, interfaces: Vec<Interface>) {
            if *self.interfaces.borrow() == interfaces {
                return;
            }
            self.interfaces.replace(interfaces);
            self.obj().emit_changed();
        }
    }
}

glib::wrapper! {
    /// Keeps the list of this computer's interfaces and addresses, as [`current`](super::current) gives
    /// it, and announces when it differs.
    ///
    /// It lives on the thread-default main context of the thread that makes it.
    pub struct Watcher(ObjectSubclass<imp::Watcher>);
}

impl Default for Watcher {
    fn default() -> Self {
        glib::Object::new()
    }
}

impl Watcher {
    /// Reads the addresses and starts to watch them. Where they cannot be read the list is empty for
    /// now, and another attempt follows.
    pub fn new() -> Self {
        Self::default()
    }

    /// The interfaces as last read.
    pub fn interfaces(&self) -> Vec<Interface> {
        self.imp().interfaces.borrow().clone()
    }

    /// Calls `f` whenever the list has become another one.
    pub fn connect_changed<F: Fn(&Self) + 'static>(&self, f: F) -> glib::SignalHandlerId {
        self.connect_closure(
            CHANGED,
            false,
            glib::closure_local!(move |watcher: &Self| f(watcher)),
        )
    }

    fn emit_changed(&self) {
        self.emit_by_name::<()>(CHANGED, &[]);
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc, time::Instant};

    use super::*;

    /// Runs the test on a main context of its own.
    fn on_own_context(test: impl FnOnce(&glib::MainContext)) {
        let context = glib::MainContext::new();
        context
            .with_thread_default(|| test(&context))
            .expect("nobody else owns a new context");
    }

    /// A watcher that forgot its addresses, and how often it has announced others since.
    fn forgetful() -> (Watcher, Rc<Cell<u32>>) {
        let watcher = Watcher::new();
        watcher.imp().set_interfaces(Vec::new());
        let count = Rc::new(Cell::new(0));
        watcher.connect_changed({
            let count = count.clone();
            move |_| count.set(count.get() + 1)
        });
        (watcher, count)
    }

    fn wait(context: &glib::MainContext, time: Duration, done: impl Fn() -> bool) {
        let tick = glib::timeout_source_new(
            Duration::from_millis(5),
            None,
            glib::Priority::DEFAULT,
            || glib::ControlFlow::Continue,
        );
        tick.attach(Some(context));
        let end = Instant::now() + time;
        while !done() && Instant::now() < end {
            context.iteration(true);
        }
        tick.destroy();
    }

    #[test]
    fn only_another_list_is_announced() {
        on_own_context(|_| {
            let (watcher, count) = forgetful();
            let interfaces = super::super::current().expect("the system lists its interfaces");
            watcher.imp().set_interfaces(interfaces.clone());
            watcher.imp().set_interfaces(interfaces.clone());
            assert_eq!(count.get(), 1);
            assert_eq!(watcher.interfaces(), interfaces);
        });
    }

    #[test]
    fn the_network_monitor_serves_where_netlink_is_denied() {
        on_own_context(|context| {
            let (watcher, count) = forgetful();
            watcher.imp().listen_to_monitor();
            for _ in 0..10 {
                gio::NetworkMonitor::default().emit_by_name::<()>("network-changed", &[&true]);
            }
            wait(context, Duration::from_secs(2), || count.get() > 0);
            assert_eq!(count.get(), 1);
            assert!(!watcher.interfaces().is_empty());
        });
    }

    #[test]
    fn nothing_is_left_of_a_dropped_watcher() {
        on_own_context(|context| {
            let monitor = gio::NetworkMonitor::default();
            let (watcher, count) = forgetful();
            watcher.imp().listen_to_monitor();
            monitor.emit_by_name::<()>("network-changed", &[&true]);
            let timer = watcher.imp().timer.borrow().clone();
            let weak = watcher.downgrade();
            drop(watcher);
            assert!(weak.upgrade().is_none());
            assert!(timer.is_some_and(|timer| timer.is_destroyed()));
            monitor.emit_by_name::<()>("network-changed", &[&true]);
            wait(context, SETTLE * 2, || false);
            assert_eq!(count.get(), 0);
        });
    }
}
