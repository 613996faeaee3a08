//! How a listener accepts: in batches, within its limits, and not at all while that would fail.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::rc::Rc;

use gio::prelude::*;
use glib::subclass::prelude::*;
use rustix::io::Errno;
use rustix::net::{SocketFlags, acceptfrom_with};

use super::imp::Listener;
use crate::net::address::plain;
use crate::net::admission::{Refusal, Ticket};
use crate::net::connection::{Accepting, Connection};
use crate::net::encryption::Encryption;
use crate::net::error::Error;
use crate::net::limits;
use crate::net::reactor::Events;
use crate::net::sink::Sink;
use crate::net::timer::Timer;

impl Listener {
    pub(super) fn accept(&self) {
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
        let ticket = match self.admit(peer) {
            Ok(ticket) => ticket,
            Err(refusal) => return self.refuse(socket, peer, refusal),
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

    /// Lets `peer` in, unless there is no room or the sink does not want it.
    fn admit(&self, peer: SocketAddr) -> Result<Ticket, Refusal> {
        let is_unwanted = |sink: Rc<dyn Sink>| sink.is_unwanted(plain(peer));
        if self.sink().is_some_and(is_unwanted) {
            return Err(Refusal::Unwanted);
        }
        self.admission.admit(peer)
    }

    /// A connection of the service's becomes one of ours.
    pub(super) fn take_in(&self, stream: &gio::SocketConnection) {
        let from_elsewhere = || {
            let peer = remote_address(stream)?;
            Some((peer, self.admit(peer).ok()?))
        };
        let Some((peer, ticket)) = self.announced.take().or_else(from_elsewhere) else {
            return;
        };
        if self.lacks_identity() {
            return tracing::error!("there is no certificate to encrypt with");
        }
        let result = Connection::adopt(
            self.reactor(),
            self.longest_line.get(),
            stream.clone(),
            peer,
            Some(ticket),
            self.accepting(),
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

    /// How the next connection encrypts.
    fn accepting(&self) -> Option<Accepting> {
        let how = self.encryption.get();
        if how == Encryption::Off {
            return None;
        }
        let config = self.tls.borrow().clone()?;
        Some(Accepting {
            how,
            config: config.taking_lines(self.lines_over_tls.get()),
            gate: Rc::clone(&self.gate),
        })
    }

    pub(super) fn next_pending(&self) -> Option<Connection> {
        let connection = self.pending.borrow_mut().pop_front()?;
        connection.start();
        self.wake();
        Some(connection)
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

    pub(super) fn wake(&self) {
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
