//! The open socket of a connection and its place in the reactor.

use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;

use gio::prelude::*;

use crate::net::reactor::{Events, Handler, Key, Reactor};

pub(super) struct Link {
    stream: gio::SocketConnection,
    socket: gio::Socket,
    pub(super) handler: Rc<dyn Handler>,
    /// None before reading starts, and while news cannot be taken and would be told again and
    /// again.
    key: Option<Key>,
    interest: Events,
}

impl Link {
    pub(super) fn new(stream: gio::SocketConnection, handler: Rc<dyn Handler>) -> Self {
        Self {
            socket: stream.socket(),
            stream,
            handler,
            key: None,
            interest: Events::empty(),
        }
    }

    pub(super) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Waits for `interest` from now on.
    pub(super) fn wait_for(&mut self, reactor: &Reactor, interest: Events) {
        match self.key {
            Some(key) if interest != self.interest => {
                reactor.modify(&self.socket, key, interest);
            }
            Some(_) => {}
            None if interest.is_empty() => return,
            None => match reactor.register(&self.socket, interest, Rc::clone(&self.handler)) {
                Ok(key) => self.key = Some(key),
                Err(error) => {
                    tracing::error!(%error, "a socket could not be registered");
                    return;
                }
            },
        }
        self.interest = interest;
    }

    /// Whether incoming bytes are waited for.
    pub(super) fn is_reading(&self) -> bool {
        self.key.is_some() && self.interest.contains(Events::IN)
    }

    /// Hears nothing any more, until it waits for something again.
    pub(super) fn turn_deaf(&mut self, reactor: &Reactor) {
        if let Some(key) = self.key.take() {
            reactor.unregister(&self.socket, key);
        }
        self.interest = Events::empty();
    }

    /// Closes the descriptor.
    pub(super) fn close(mut self, reactor: &Reactor) {
        self.turn_deaf(reactor);
        if let Err(error) = self.stream.close(gio::Cancellable::NONE) {
            tracing::debug!(%error, "closing a socket");
        }
    }
}
