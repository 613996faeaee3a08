//! Datagrams to the service manager (`sd_notify`(3)).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::rc::Rc;
use std::time::Duration;

use hallway_core::net::Timer;

/// Names the manager's socket.
const VARIABLE: &str = "NOTIFY_SOCKET";

/// How long to wait for a manager that has no room for another datagram.
const RETRY: Duration = Duration::from_millis(100);

/// Tells the manager what was set, the newest value of each name, and never waits for it.
pub(super) struct Notifier {
    socket: UnixDatagram,
    manager: SocketAddr,
    priority: glib::Priority,
    unsent: RefCell<BTreeMap<&'static str, String>>,
    /// While the manager has no room.
    retry: RefCell<Option<Timer>>,
}

impl Notifier {
    /// The way to the manager, where there is one.
    pub(super) fn from_environment(priority: glib::Priority) -> Option<Rc<Self>> {
        let name = std::env::var_os(VARIABLE)?;
        let notifier = address(&name).and_then(|manager| Self::new(manager, priority));
        match notifier {
            Ok(notifier) => Some(Rc::new(notifier)),
            Err(error) => {
                tracing::warn!(%error, ?name, "the service manager cannot be told anything");
                None
            }
        }
    }

    fn new(manager: SocketAddr, priority: glib::Priority) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket,
            manager,
            priority,
            unsent: RefCell::default(),
            retry: RefCell::default(),
        })
    }

    /// Sets what is told with the next [`send`](Self::send). One line: the format knows no other.
    pub(super) fn set(&self, name: &'static str, value: &str) {
        let value = value.replace('\n', " ");
        self.unsent.borrow_mut().insert(name, value);
    }

    /// Tells everything that was set, in one datagram, as soon as there is room.
    pub(super) fn send(self: &Rc<Self>) {
        if self.retry.borrow().is_some() || self.unsent.borrow().is_empty() {
            return;
        }
        let mut text = String::new();
        for (name, value) in &*self.unsent.borrow() {
            let _ = writeln!(text, "{name}={value}");
        }
        match self.socket.send_to_addr(text.as_bytes(), &self.manager) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.send_later(),
            Err(error) => {
                tracing::debug!(%error, "the service manager does not listen");
                self.unsent.take();
            }
            Ok(_) => {
                self.unsent.take();
            }
        }
    }

    fn send_later(self: &Rc<Self>) {
        let notifier = Rc::downgrade(self);
        let retry = Timer::once(RETRY, self.priority, move || {
            if let Some(notifier) = notifier.upgrade() {
                notifier.retry.take();
                notifier.send();
            }
        });
        self.retry.replace(Some(retry));
    }
}

/// A path, or a name in the abstract namespace after an `@`.
fn address(name: &OsStr) -> io::Result<SocketAddr> {
    match name.as_bytes() {
        [b'@', name @ ..] if !name.is_empty() => SocketAddr::from_abstract_name(name),
        [b'/', ..] => SocketAddr::from_pathname(name),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs `test` with a notifier and the socket of its manager.
    fn with_manager(test: impl FnOnce(&glib::MainContext, &Rc<Notifier>, &UnixDatagram)) {
        let name = format!(
            "@hallway-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        );
        let manager = address(name.as_ref()).unwrap();
        let receiver = UnixDatagram::bind_addr(&manager).unwrap();
        receiver.set_nonblocking(true).unwrap();
        let context = glib::MainContext::new();
        context
            .with_thread_default(|| {
                let notifier = Notifier::new(manager, glib::Priority::DEFAULT).unwrap();
                test(&context, &Rc::new(notifier), &receiver);
            })
            .unwrap();
    }

    fn next(receiver: &UnixDatagram) -> Option<String> {
        let mut bytes = [0; 4096];
        let count = receiver.recv(&mut bytes).ok()?;
        Some(String::from_utf8(bytes[..count].to_vec()).unwrap())
    }

    #[test]
    fn what_was_set_goes_out_in_one_datagram() {
        with_manager(|_, notifier, receiver| {
            notifier.send();
            assert_eq!(next(receiver), None);
            notifier.set("STATUS", "before");
            notifier.set("READY", "1");
            notifier.set("STATUS", "two\nlines");
            notifier.send();
            let told = next(receiver);
            assert_eq!(told.as_deref(), Some("READY=1\nSTATUS=two lines\n"));
            notifier.send();
            assert_eq!(next(receiver), None);
        });
    }

    /// The kernel queues few datagrams for whoever does not read (`net.unix.max_dgram_qlen`).
    #[test]
    fn a_manager_that_sleeps_holds_nobody_up_and_learns_the_newest() {
        with_manager(|context, notifier, receiver| {
            let mut sent = 0;
            while notifier.retry.borrow().is_none() {
                sent += 1;
                notifier.set("STATUS", &sent.to_string());
                notifier.send();
                assert!(sent < 100_000, "the queue has an end");
            }
            notifier.set("STATUS", "newest");
            notifier.set("STOPPING", "1");
            notifier.send();
            for number in 1..sent {
                let told = next(receiver);
                assert_eq!(told, Some(format!("STATUS={number}\n")));
            }
            assert_eq!(next(receiver), None);
            while notifier.retry.borrow().is_some() {
                context.iteration(true);
            }
            let told = next(receiver);
            assert_eq!(told.as_deref(), Some("STATUS=newest\nSTOPPING=1\n"));
        });
    }

    #[test]
    fn a_manager_that_is_gone_is_no_harm() {
        let manager = SocketAddr::from_pathname("/nonexistent/notify").unwrap();
        let notifier = Rc::new(Notifier::new(manager, glib::Priority::DEFAULT).unwrap());
        notifier.set("READY", "1");
        notifier.send();
        assert!(notifier.unsent.borrow().is_empty() && notifier.retry.borrow().is_none());
    }

    #[test]
    fn only_paths_and_abstract_names_are_addresses() {
        assert!(address("/run/user/1000/systemd/notify".as_ref()).is_ok());
        assert!(address("@abstract".as_ref()).is_ok());
        let long = format!("/{}", "x".repeat(200));
        for wrong in ["", "@", "vsock:2:1234", "relative/path", &long] {
            assert!(address(wrong.as_ref()).is_err(), "{wrong}");
        }
    }
}
