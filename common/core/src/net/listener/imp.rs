//! The state of a listener.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::rc::{Rc, Weak};

use gio::prelude::*;
use glib::subclass::prelude::*;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, getsockname, listen, socket_with, sockopt,
};

use super::signals;
use crate::net::address::ListenAddress;
use crate::net::admission::{Admission, Ticket};
use crate::net::connection::Connection;
use crate::net::descriptors;
use crate::net::error::Error;
use crate::net::limits;
use crate::net::options::SocketOptions;
use crate::net::reactor::{Events, Handler, Key, Reactor};
use crate::net::sink::Sink;
use crate::net::timer::Timer;

/// How often a free port is picked anew because it is not free on every address.
const PORT_TRIES: u32 = 8;

/// A listening socket and its place in the reactor.
pub(super) struct Port {
    pub(super) socket: gio::Socket,
    pub(super) key: Key,
}

#[derive(Default, glib::Properties)]
#[properties(wrapper_type = super::Listener)]
pub struct Listener {
    reactor: OnceCell<Reactor>,
    pub(super) sink: RefCell<Option<Weak<dyn Sink>>>,
    pub(super) options: Cell<SocketOptions>,
    pub(super) longest_line: Cell<usize>,
    pub(super) admission: Rc<Admission>,
    pub(super) service: RefCell<Option<gio::SocketService>>,
    pub(super) ports: RefCell<Vec<Port>>,
    pub(super) pending: RefCell<VecDeque<Connection>>,
    pub(super) local: Cell<Option<SocketAddr>>,
    pub(super) error: RefCell<Option<Error>>,
    /// Whose connection is being announced by `incoming`, and its place.
    pub(super) announced: RefCell<Option<(SocketAddr, Ticket)>>,
    /// Connections that the process has descriptors for.
    pub(super) room: Cell<usize>,
    /// The ports are waited on.
    pub(super) awake: Cell<bool>,
    pub(super) rest: RefCell<Option<Timer>>,
    pub(super) paused: Cell<bool>,

    /// Whether connecting is possible (Qt: `isListening`).
    #[property(get = |this: &Self| this.local.get().is_some())]
    listening: std::marker::PhantomData<bool>,
    /// The IP address listened on, or empty (Qt: `serverAddress`).
    #[property(get = |this: &Self| this.local.get().map_or_else(String::new, |a| a.ip().to_string()))]
    address: std::marker::PhantomData<String>,
    /// The port listened on, or 0 (Qt: `serverPort`).
    #[property(get = |this: &Self| this.local.get().map_or(0, |a| u32::from(a.port())))]
    port: std::marker::PhantomData<u32>,
    /// Connections that may wait to be accepted, from the next `listen` on.
    #[property(get, set, default = limits::BACKLOG, construct)]
    backlog: Cell<u32>,
    /// Connections that may be open; more are refused. 4,294,967,295 for no limit of ours.
    #[property(get = Self::max_connections, set = Self::set_max_connections)]
    max_connections: std::marker::PhantomData<u32>,
    /// Whether accepting was paused (Qt: `pauseAccepting`).
    #[property(get = |this: &Self| this.paused.get(), set = Self::set_paused)]
    accepting_paused: std::marker::PhantomData<bool>,
    /// Whether accepted connections wait to be taken, unread. Accepting pauses while as many
    /// wait as `max-pending-connections` says.
    #[property(get, set = Self::set_keep_pending)]
    pub(super) keep_pending: Cell<bool>,
    /// Connections that may wait to be taken (Qt: `setMaxPendingConnections`).
    #[property(get, set = Self::set_max_pending, default = 30, construct)]
    pub(super) max_pending_connections: Cell<u32>,
}

#[glib::object_subclass]
impl ObjectSubclass for Listener {
    const NAME: &'static str = "HallwayListener";
    type Type = super::Listener;
}

#[glib::derived_properties]
impl ObjectImpl for Listener {
    fn signals() -> &'static [glib::subclass::Signal] {
        &signals::SIGNALS
    }

    fn dispose(&self) {
        self.close();
    }
}

/// What the reactor calls for a port. Weak: a listener that nobody holds stops listening.
struct Accepting(glib::WeakRef<super::Listener>);

impl Handler for Accepting {
    fn ready(&self, _events: Events) {
        if let Some(listener) = self.0.upgrade() {
            listener.imp().accept();
        }
    }
}

impl Listener {
    pub(super) fn set_up(&self, reactor: Reactor) {
        self.longest_line.set(limits::LINE);
        if self.reactor.set(reactor).is_err() {
            tracing::error!("a listener was set up twice");
        }
    }

    pub(super) fn reactor(&self) -> &Reactor {
        self.reactor.get().expect("set by the constructor")
    }

    pub(super) fn sink(&self) -> Option<Rc<dyn Sink>> {
        self.sink.borrow().as_ref().and_then(Weak::upgrade)
    }

    pub(super) fn listen(&self, address: ListenAddress, port: u16) -> Result<(), Error> {
        self.close();
        let result = self.try_listen(address, port);
        if result.is_err() {
            self.close();
        }
        self.error.replace(result.clone().err());
        result
    }

    fn try_listen(&self, address: ListenAddress, port: u16) -> Result<(), Error> {
        // Its own accepting is slow and spins when descriptors run out: it stays inactive, holds
        // the sockets and has the signal.
        let service: gio::SocketService = glib::Object::builder().property("active", false).build();
        // After everybody else's handlers: one of them may watch, or keep a connection from us by
        // returning true, as with any `SocketService`.
        let listener = self.obj().downgrade();
        service.connect_local("incoming", true, move |values| {
            if let Some(listener) = listener.upgrade()
                && let Ok(stream) = values[1].get::<gio::SocketConnection>()
            {
                listener.imp().take_in(&stream);
            }
            Some(true.to_value())
        });
        self.service.replace(Some(service));
        self.room.set(descriptors::room_for_connections());
        let mut tries = if port == 0 { PORT_TRIES } else { 1 };
        let local = loop {
            tries -= 1;
            match self.open_all(address, port) {
                // The port picked for one address is taken on the other: pick again.
                Err(Error::AddressInUse { .. }) if tries > 0 => self.close_ports(),
                result => break result?,
            }
        };
        self.local.set(Some(local));
        self.awake.set(true);
        self.notify_listening();
        Ok(())
    }

    /// Opens every socket of `address`. Returns where the first one is bound.
    fn open_all(&self, address: ListenAddress, port: u16) -> Result<SocketAddr, Error> {
        let mut first: Option<SocketAddr> = None;
        for mut candidate in address.candidates(port) {
            if let Some(first) = first {
                candidate.set_port(first.port());
            }
            match self.open(candidate) {
                Ok(bound) => first = first.or(Some(bound)),
                // This computer may have no IPv6: then IPv4 alone has to do.
                Err(Error::AddressNotOurs { .. }) if address == ListenAddress::Everywhere => {
                    first = Some(self.open((Ipv4Addr::UNSPECIFIED, port).into())?);
                }
                Err(Error::AddressNotOurs { .. }) if first.is_some() => {}
                Err(error) => return Err(error),
            }
        }
        first.ok_or(Error::NetworkDown)
    }

    /// Opens one listening socket and gives it to the service and the reactor.
    fn open(&self, address: SocketAddr) -> Result<SocketAddr, Error> {
        let (socket, bound) = self
            .bound_socket(address)
            .map_err(|errno| Error::listening(address, errno))?;
        let failed = |error: &dyn std::error::Error| Error::System {
            message: error.to_string(),
        };
        let socket = gio::Socket::from_fd(socket).map_err(|error| failed(&error))?;
        if let Some(service) = self.service.borrow().as_ref() {
            service
                .add_socket(&socket, glib::Object::NONE)
                .map_err(|error| failed(&error))?;
        }
        let handler = Rc::new(Accepting(self.obj().downgrade()));
        let key = self
            .reactor()
            .register(&socket, Events::IN, handler)
            .map_err(|error| failed(&error))?;
        self.ports.borrow_mut().push(Port { socket, key });
        Ok(bound)
    }

    fn bound_socket(&self, address: SocketAddr) -> Result<(OwnedFd, SocketAddr), Errno> {
        let (family, everywhere) = match address {
            SocketAddr::V4(_) => (AddressFamily::INET, false),
            SocketAddr::V6(v6) => (AddressFamily::INET6, v6.ip().is_unspecified()),
        };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(family, SocketType::STREAM, flags, None)?;
        // Listening again is possible at once, though connections of before are in TIME_WAIT.
        sockopt::set_socket_reuseaddr(&socket, true)?;
        if family == AddressFamily::INET6 {
            sockopt::set_ipv6_v6only(&socket, !everywhere)?;
        }
        // Inherited by what is accepted.
        let queue = limits::queue(self.longest_line.get());
        self.options.get().apply(&socket, queue)?;
        bind(&socket, &address)?;
        let backlog = i32::try_from(self.backlog.get()).unwrap_or(i32::MAX);
        listen(&socket, backlog)?;
        let bound = SocketAddr::try_from(getsockname(&socket)?)?;
        Ok((socket, bound))
    }

    /// Closes the sockets that are open.
    fn close_ports(&self) {
        for port in self.ports.take() {
            self.reactor().unregister(&port.socket, port.key);
            if let Err(error) = port.socket.close() {
                tracing::debug!(%error, "closing a listening socket");
            }
        }
    }

    pub(super) fn close(&self) {
        self.close_ports();
        if let Some(service) = self.service.take() {
            // Both: stopped it would go on holding the port, dropped it would go on accepting.
            service.stop();
            service.close();
        }
        self.rest.take();
        self.awake.set(false);
        for pending in self.pending.take() {
            pending.abort();
        }
        if self.local.take().is_some() {
            self.notify_listening();
        }
    }

    fn notify_listening(&self) {
        let obj = self.obj();
        obj.notify_listening();
        obj.notify_address();
        obj.notify_port();
    }

    fn set_keep_pending(&self, keep: bool) {
        self.keep_pending.set(keep);
        self.wake();
    }

    fn set_max_pending(&self, most: u32) {
        self.max_pending_connections.set(most);
        self.wake();
    }

    fn max_connections(&self) -> u32 {
        u32::try_from(self.admission.limit.get()).unwrap_or(u32::MAX)
    }

    fn set_max_connections(&self, most: u32) {
        let most = match most {
            u32::MAX => limits::NONE,
            most => most as usize,
        };
        self.admission.limit.set(most);
    }
}
