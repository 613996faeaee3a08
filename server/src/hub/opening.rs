//! How the room is opened.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use hallway_core::net::{Error, Listener};

use super::{Event, Hub};

impl Hub {
    /// Opens the room on sockets that the system passed. Returns where the first can be reached;
    /// [`Event::Listening`] tells all of them.
    ///
    /// # Errors
    /// As [`Listener::adopt`].
    pub fn start_on(&self, sockets: Vec<OwnedFd>) -> Result<SocketAddr, Error> {
        let first = self.open(|listener| listener.adopt(sockets))?;
        for bound in self.0.listener.bound().iter().skip(1) {
            self.0.tell(&Event::Listening(bound.address));
        }
        Ok(first)
    }

    /// Opens the room where `listen` lets the listener listen.
    pub(super) fn open(
        &self,
        listen: impl FnOnce(&Listener) -> Result<(), Error>,
    ) -> Result<SocketAddr, Error> {
        self.apply_limits(&self.0.settings.borrow());
        listen(&self.0.listener)?;
        let bound = self.0.listener.local().ok_or(Error::NetworkDown)?;
        if self.0.is_stopping() {
            self.0.next_phase();
        }
        self.0.tell(&Event::Listening(bound));
        Ok(bound)
    }
}
