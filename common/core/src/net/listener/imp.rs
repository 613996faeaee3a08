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
    AddressFamily, SendFlags, Shutdown, SocketFlags, SocketType, acceptfrom_with, bind,
    getsockname, listen, send, shutdown, socket_with, sockopt,
};

use super::signals;
use crate::net::address::ListenAddress;
use crate::net::admission::{Admission, Refusal, Ticket};
use crate::net::connection::Connection;
use crate::net::descriptors;
use crate::net::error::Error;
use crate::net::limits;
use crate::net::options::SocketOptions;
use crate::net::reactor::{Events, Handler, Key, Reactor};
use crate::net::sink::Sink;
use crate::net::timer::Timer;

/// A listening socket and its place in the reactor.
struct Port {
    socket: gio::Socket,
    key: Key,
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
    ports: RefCell<Vec<Port>>,
    pub(super) pending: RefCell<VecDeque<Connection>>,
    pub(super) local: Cell<Option<SocketAddr>>,
    pub(super) error: RefCell<Option<Error>>,
    /// Whose connection is being announced by `incoming`, and its place.
    announced: RefCell<Option<(SocketAddr, Ticket)>>,
    /// Connections that the process has descriptors for.
    room: Cell<usize>,
    /// The ports are waited on.
    awake: Cell<bool>,
    rest: RefCell<Option<Timer>>,
    paused: Cell<bool>,

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
    #[property(get, set)]
    keep_pending: Cell<bool>,
    /// Connections that may wait to be taken (Qt: `setMaxPendingConnections`).
    #[property(get, set, default = 30, construct)]
    max_pending_connections: Cell<u32>,
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

    fn reactor(&self) -> &Reactor {
        self.reactor.get().expect("set by the constructor")
    }

    fn sink(&self) -> Option<Rc<dyn Sink>> {
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
        let mut port = port;
        for (index, mut candidate) in address.candidates(port).into_iter().enumerate() {
            candidate.set_port(port);
            match self.open(candidate) {
                Ok(bound) => {
                    port = bound.port();
                    if index == 0 {
                        self.local.set(Some(bound));
                    }
                }
                // This computer may have no IPv6: then IPv4 alone has to do.
                Err(Error::AddressNotOurs { .. }) if address == ListenAddress::Everywhere => {
                    let everywhere = (Ipv4Addr::UNSPECIFIED, port).into();
                    self.local.set(Some(self.open(everywhere)?));
                }
                Err(Error::AddressNotOurs { .. }) if index > 0 => {}
                Err(error) => return Err(error),
            }
        }
        self.awake.set(true);
        self.notify_listening();
        Ok(())
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

    pub(super) fn close(&self) {
        let ports = self.ports.take();
        for port in &ports {
            self.reactor().unregister(&port.socket, port.key);
        }
        if let Some(service) = self.service.take() {
            // Both: stopped it would go on holding the port, dropped it would go on accepting.
            service.stop();
            service.close();
        }
        for port in ports {
            if let Err(error) = port.socket.close() {
                tracing::debug!(%error, "closing a listening socket");
            }
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

    fn accept(&self) {
        for index in 0..self.ports.borrow().len() {
            for _ in 0..limits::ACCEPT_BATCH {
                if !self.may_accept() {
                    return self.stay_awake();
                }
                let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
                let accepted = match self.ports.borrow().get(index) {
                    Some(port) => acceptfrom_with(&port.socket, flags),
                    None => return,
                };
                match accepted {
                    Ok((socket, peer)) => {
                        let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok());
                        self.announce(socket, peer);
                    }
                    Err(Errno::AGAIN) => break,
                    Err(error) if is_scarcity(error) => return self.take_rest(error),
                    // Who came has gone again, or its network has (accept(2)).
                    Err(error) => tracing::debug!(%error, "accept"),
                }
            }
        }
    }

    /// Lets the service emit `incoming` for a socket, which brings it to
    /// [`take_in`](Self::take_in).
    fn announce(&self, socket: OwnedFd, peer: Option<SocketAddr>) {
        let Some(peer) = peer else { return };
        let ticket = match self.admission.admit(peer) {
            Ok(ticket) => ticket,
            Err(refusal) => return self.refuse(&socket, refusal),
        };
        let service = self.service.borrow().clone();
        match (gio::Socket::from_fd(socket), service) {
            (Ok(socket), Some(service)) => {
                let stream = socket.connection_factory_create_connection();
                self.announced.replace(Some((peer, ticket)));
                service.emit_by_name::<bool>("incoming", &[&stream, &None::<glib::Object>]);
                self.announced.take();
            }
            (Err(error), _) => tracing::debug!(%error, "a connection that ended at once"),
            (Ok(_), None) => {}
        }
    }

    /// A connection of the service's becomes one of ours.
    fn take_in(&self, stream: &gio::SocketConnection) {
        let from_elsewhere = || {
            let peer = remote_address(stream)?;
            Some((peer, self.admission.admit(peer).ok()?))
        };
        let Some((peer, ticket)) = self.announced.take().or_else(from_elsewhere) else {
            return;
        };
        let result = Connection::adopt(
            self.reactor(),
            self.longest_line.get(),
            stream.clone(),
            peer,
            Some(ticket),
        );
        let connection = match result {
            Ok(connection) => connection,
            Err(error) => return tracing::debug!(%error, "a connection that ended at once"),
        };
        if self.keep_pending.get() {
            self.pending.borrow_mut().push_back(connection.clone());
            self.obj().emit_new_connection(&connection);
            return;
        }
        let sink = self.sink();
        if let Some(sink) = &sink {
            connection.set_sink(Rc::downgrade(sink));
        }
        // Before anybody is told: who is told may pause reading. Nothing is read before the
        // reactor's next batch.
        connection.start();
        if let Some(sink) = sink {
            sink.accepted(&connection);
        }
        self.obj().emit_new_connection(&connection);
    }

    pub(super) fn next_pending(&self) -> Option<Connection> {
        let connection = self.pending.borrow_mut().pop_front()?;
        connection.start();
        self.wake();
        Some(connection)
    }

    /// Says why and closes. Nothing is waited for: refusing must stay cheap.
    fn refuse(&self, socket: &OwnedFd, refusal: Refusal) {
        let notice = self.sink().and_then(|sink| sink.refusal(refusal));
        if let Some(notice) = notice {
            let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
            let said = send(socket, &notice, flags).and_then(|_| shutdown(socket, Shutdown::Write));
            if let Err(error) = said {
                tracing::debug!(%error, "a refused connection did not hear why");
            }
        }
        self.obj().emit_connection_refused(&refusal);
    }

    fn may_accept(&self) -> bool {
        let pending_full = self.keep_pending.get()
            && self.pending.borrow().len() >= self.max_pending_connections.get() as usize;
        !self.paused.get()
            && !pending_full
            && self.rest.borrow().is_none()
            && self.admission.inside() < self.room.get()
    }

    /// Waits on the ports, or not, as things are now.
    fn stay_awake(&self) {
        let awake = self.may_accept();
        if awake == self.awake.replace(awake) {
            return;
        }
        let events = if awake { Events::IN } else { Events::empty() };
        for port in self.ports.borrow().iter() {
            self.reactor().modify(&port.socket, port.key, events);
        }
        if !awake && self.admission.inside() >= self.room.get() {
            tracing::warn!(
                connections = self.admission.inside(),
                "no descriptors left: others wait until somebody leaves"
            );
            self.look_again();
        }
    }

    fn wake(&self) {
        if self.local.get().is_some() {
            self.stay_awake();
        }
    }

    /// Out of descriptors or memory: accepting now would fail again and again.
    fn take_rest(&self, errno: Errno) {
        self.look_again();
        self.stay_awake();
        self.obj().emit_accept_error(&Error::established(errno));
    }

    /// Tries to accept again after a while.
    fn look_again(&self) {
        let listener = self.obj().downgrade();
        let rest = Timer::once(limits::ACCEPT_REST, self.reactor().priority(), move || {
            if let Some(listener) = listener.upgrade() {
                listener.imp().rest.take();
                listener.imp().wake();
                // Still no room: look again later.
                if !listener.imp().awake.get() && listener.imp().is_full() {
                    listener.imp().look_again();
                }
            }
        });
        self.rest.replace(Some(rest));
    }

    fn is_full(&self) -> bool {
        self.admission.inside() >= self.room.get()
    }

    pub(super) fn set_paused(&self, paused: bool) {
        if paused != self.paused.replace(paused) {
            self.obj().notify_accepting_paused();
            self.wake();
        }
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

/// The system has too little of something; trying again at once would not help.
fn is_scarcity(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM
    )
}

fn remote_address(stream: &gio::SocketConnection) -> Option<SocketAddr> {
    let address = rustix::net::getpeername(stream.socket()).ok()??;
    SocketAddr::try_from(address).ok()
}
