//! A listening TCP server as a `GObject` (Qt: `QTcpServer`), on `gio::SocketService`.

mod accepting;
mod imp;
mod ports;
mod refusing;
mod signals;

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::rc::Weak;

use glib::subclass::prelude::*;

use super::address::ListenAddress;
use super::connection::Connection;
use super::error::Error;
use super::options::SocketOptions;
use super::reactor::Reactor;
use super::sink::Sink;
use super::tls;
use crate::identity::Identity;

/// Where a listening socket is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The address with its port.
    pub address: SocketAddr,
    /// IPv4 is not taken in, as an unspecified IPv6 address otherwise does.
    pub is_ipv6_only: bool,
}

glib::wrapper! {
    /// Listens on an address and gives out [`Connection`]s.
    ///
    /// Every accepted connection goes to the sink, if there is one, and to whoever connected to
    /// `new-connection`. With `keep-pending` it waits, unread, in a list of its own for
    /// [`next_pending_connection`](Self::next_pending_connection) instead.
    pub struct Listener(ObjectSubclass<imp::Listener>);
}

impl Listener {
    /// A listener that does not listen yet.
    pub fn new(reactor: &Reactor) -> Self {
        let listener: Self = glib::Object::new();
        listener.imp().set_up(reactor.clone());
        listener
    }

    /// Sends the news of every connection accepted from now on to `sink` as well.
    pub fn set_sink(&self, sink: Weak<dyn Sink>) {
        self.imp().sink.replace(Some(sink));
    }

    /// Settings for the sockets accepted after the next [`listen`](Self::listen).
    pub fn set_options(&self, options: SocketOptions) {
        self.imp().options.set(options);
    }

    /// Who the listener is to those who encrypt, from the next client on.
    ///
    /// # Errors
    /// The certificate or its key cannot be used; then it is who it was.
    pub fn set_identity(&self, identity: &Identity) -> Result<(), tls::Unusable> {
        let server = tls::Server::new(identity, false)?;
        self.imp().tls.replace(Some(server));
        Ok(())
    }

    /// The longest line taken from connections accepted from now on, in bytes.
    pub fn set_longest_line(&self, bytes: usize) {
        self.imp().longest_line.set(bytes);
    }

    /// How many connections may be open, in all and from one address; [`NONE`](super::limits::NONE) for as
    /// many as there are descriptors.
    pub fn set_limits(&self, in_all: usize, per_address: usize) {
        let admission = &self.imp().admission;
        admission.limit.set(in_all);
        admission.limit_per_address.set(per_address);
    }

    /// Begins to listen (Qt: `listen`). Port 0 picks a free one: see [`address`](Self::local).
    /// A listener that listens already stops first.
    ///
    /// # Errors
    /// The address is in use, not this computer's, not permitted, or the system refuses; the
    /// listener then does not listen.
    pub fn listen(&self, address: ListenAddress, port: u16) -> Result<(), Error> {
        self.imp().listen(address, port)
    }

    /// Listens on sockets that the system opened and passed, instead of opening its own (Qt:
    /// `setSocketDescriptor`). Their backlog stays as it is; [`options`](Self::set_options) are
    /// applied to them, and they stop blocking and are not passed on to other programs. A listener
    /// that listens already stops first.
    ///
    /// What a socket is set to, its other owners see too: it is one socket with several holders. That
    /// is also why [`close`](Self::close) ends only our part in it.
    ///
    /// # Errors
    /// One of them is no TCP socket that listens, or the system refuses; the listener then does not
    /// listen, and all of them are closed. So it is with none at all.
    pub fn adopt(&self, sockets: Vec<OwnedFd>) -> Result<(), Error> {
        self.imp().adopt(sockets)
    }

    /// Stops listening at once (Qt: `close`): connecting is refused from now on. Connections
    /// that were given out stay; pending ones are broken off.
    ///
    /// Of an [adopted](Self::adopt) socket only our copy is closed. Where the system keeps one,
    /// connecting goes on to be possible: who connects waits in the backlog for whoever the system
    /// passes the socket to next.
    pub fn close(&self) {
        self.imp().close();
    }

    /// The first address listened on, with its port.
    pub fn local(&self) -> Option<SocketAddr> {
        self.imp().local.get()
    }

    /// Every address listened on: more than one for both loopback addresses, and where the system
    /// passed more than one socket.
    pub fn bound(&self) -> Vec<Bound> {
        let ports = self.imp().ports.borrow();
        ports.iter().map(|port| port.bound).collect()
    }

    /// Why the last [`listen`](Self::listen) failed (Qt: `serverError`, `errorString`).
    pub fn error(&self) -> Option<Error> {
        self.imp().error.borrow().clone()
    }

    /// Connections that are open.
    pub fn connections(&self) -> usize {
        self.imp().admission.inside()
    }

    /// Stops accepting without refusing: who connects waits in the backlog (Qt:
    /// `pauseAccepting`).
    pub fn pause_accepting(&self) {
        self.imp().set_paused(true);
    }

    /// Accepts again (Qt: `resumeAccepting`).
    pub fn resume_accepting(&self) {
        self.imp().set_paused(false);
    }

    /// Whether a connection waits to be taken.
    pub fn has_pending_connections(&self) -> bool {
        !self.imp().pending.borrow().is_empty()
    }

    /// Takes the connection that has waited longest; it is read from now on.
    pub fn next_pending_connection(&self) -> Option<Connection> {
        self.imp().next_pending()
    }

    /// The service that holds the listening sockets and emits `incoming`, while listening.
    pub fn service(&self) -> Option<gio::SocketService> {
        self.imp().service.borrow().clone()
    }
}
