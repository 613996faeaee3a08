//! The sockets of a listener: opened here, or passed by the system.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::rc::Rc;

use gio::prelude::*;
use glib::subclass::prelude::*;
use rustix::io::{Errno, FdFlags, fcntl_setfd, ioctl_fionbio};
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, getsockname, ipproto, listen, socket_with,
    sockopt,
};

use super::Bound;
use super::imp::Listener;
use crate::net::address::ListenAddress;
use crate::net::descriptors;
use crate::net::error::{Error, Unfit};
use crate::net::limits;
use crate::net::reactor::{Events, Handler, Key};

/// How often a free port is picked anew because it is not free on every address.
const PORT_TRIES: u32 = 8;

/// A listening socket and its place in the reactor.
pub(super) struct Port {
    pub(super) socket: gio::Socket,
    pub(super) key: Key,
    pub(super) bound: Bound,
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
    pub(super) fn listen(&self, address: ListenAddress, port: u16) -> Result<(), Error> {
        self.begin(|| {
            let mut tries = if port == 0 { PORT_TRIES } else { 1 };
            loop {
                tries -= 1;
                match self.open_all(address, port) {
                    // The port picked for one address is taken on the other: pick again.
                    Err(Error::AddressInUse { .. }) if tries > 0 => self.close_ports(),
                    result => break result,
                }
            }
        })
    }

    pub(super) fn adopt(&self, sockets: Vec<OwnedFd>) -> Result<(), Error> {
        self.begin(|| {
            for (socket, number) in sockets.into_iter().zip(1..) {
                let bound = self.fit(&socket, number)?;
                self.add(socket, bound)?;
            }
            let ports = self.ports.borrow();
            let what = Unfit::NotASocket;
            let first = ports.first().ok_or(Error::Unfit { number: 1, what })?;
            Ok(first.bound.address)
        })
    }

    /// Listens on what `open` opens, which returns where the first socket is bound.
    fn begin(&self, open: impl FnOnce() -> Result<SocketAddr, Error>) -> Result<(), Error> {
        self.close();
        self.service.replace(Some(self.make_service()));
        self.room.set(descriptors::room_for_connections());
        let result = if self.lacks_identity() {
            Err(Error::NoIdentity)
        } else {
            open()
        };
        match &result {
            Ok(local) => {
                self.local.set(Some(*local));
                self.awake.set(true);
                self.notify_listening();
            }
            Err(_) => self.close(),
        }
        self.error.replace(result.clone().err());
        result.map(drop)
    }

    fn make_service(&self) -> gio::SocketService {
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
        service
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

    /// Opens one listening socket. Returns where it is bound.
    fn open(&self, address: SocketAddr) -> Result<SocketAddr, Error> {
        let (socket, bound) = self
            .bound_socket(address)
            .map_err(|errno| Error::listening(address, errno))?;
        self.add(socket, bound)?;
        Ok(bound.address)
    }

    fn bound_socket(&self, address: SocketAddr) -> Result<(OwnedFd, Bound), Errno> {
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
        self.apply_options(&socket)?;
        bind(&socket, &address)?;
        let backlog = i32::try_from(self.backlog.get()).unwrap_or(i32::MAX);
        listen(&socket, backlog)?;
        let bound = bound(&socket)?;
        Ok((socket, bound))
    }

    /// Makes a socket that the system passed fit to be listened on.
    fn fit(&self, socket: &OwnedFd, number: usize) -> Result<Bound, Error> {
        if let Some(what) = unfit(socket).map_err(Error::established)? {
            return Err(Error::Unfit { number, what });
        }
        let prepare = || {
            fcntl_setfd(socket, FdFlags::CLOEXEC)?;
            ioctl_fionbio(socket, true)?;
            self.apply_options(socket)?;
            bound(socket)
        };
        prepare().map_err(Error::established)
    }

    /// Settings that whatever is accepted inherits.
    fn apply_options(&self, socket: &OwnedFd) -> Result<(), Errno> {
        let queue = limits::queue(self.longest_line.get());
        self.options.get().apply(socket, queue)
    }

    /// Gives a listening socket to the service and the reactor.
    fn add(&self, socket: OwnedFd, bound: Bound) -> Result<(), Error> {
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
        self.ports.borrow_mut().push(Port { socket, key, bound });
        Ok(())
    }

    /// Closes the sockets that are open.
    pub(super) fn close_ports(&self) {
        for port in self.ports.take() {
            self.reactor().unregister(&port.socket, port.key);
            if let Err(error) = port.socket.close() {
                tracing::debug!(%error, "closing a listening socket");
            }
        }
    }
}

/// Why a descriptor from elsewhere cannot be listened on, if it cannot.
fn unfit(socket: &OwnedFd) -> Result<Option<Unfit>, Errno> {
    let family = match sockopt::socket_domain(socket) {
        Err(Errno::NOTSOCK | Errno::BADF) => return Ok(Some(Unfit::NotASocket)),
        family => family?,
    };
    if family == AddressFamily::UNIX {
        return Ok(Some(Unfit::Unix));
    }
    let is_ip = matches!(family, AddressFamily::INET | AddressFamily::INET6);
    if !is_ip || sockopt::socket_protocol(socket)? != Some(ipproto::TCP) {
        return Ok(Some(Unfit::NotTcp));
    }
    let listens = sockopt::socket_acceptconn(socket)?;
    Ok((!listens).then_some(Unfit::NotListening))
}

/// Where a socket is bound.
fn bound(socket: &OwnedFd) -> Result<Bound, Errno> {
    let address = SocketAddr::try_from(getsockname(socket)?)?;
    let is_ipv6_only = address.is_ipv6() && sockopt::ipv6_v6only(socket)?;
    Ok(Bound {
        address,
        is_ipv6_only,
    })
}
