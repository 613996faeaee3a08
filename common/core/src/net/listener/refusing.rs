//! How a listener refuses: with a word that the peer understands, and for next to nothing.
//!
//! A plain peer is told in plain words and a TLS client by an alert, which takes no handshake. Where
//! either may come the first byte decides; a plain peer may wait for a word itself, so what is silent for
//! [`limits::OPENING`] counts as plain. At most [`limits::REFUSED`] are waited for.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::{Rc, Weak};
use std::time::Instant;

use glib::subclass::prelude::*;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown, recv, send, shutdown};

use super::imp::Listener;
use crate::net::Encryption;
use crate::net::address::plain;
use crate::net::admission::{Refusal, Refused};
use crate::net::limits;
use crate::net::reactor::{Events, Handler, Key, Reactor, Tick};
use crate::wire::Opening;

/// Who was refused and has not been answered, or may not have read the answer; who waits longest first.
#[derive(Default)]
pub(super) struct TurnedAway(RefCell<VecDeque<Rc<Stranger>>>);

/// One of them.
struct Stranger {
    all: Weak<TurnedAway>,
    reactor: Reactor,
    why: Refusal,
    notice: Option<Rc<[u8]>>,
    since: Instant,
    socket: RefCell<Option<OwnedFd>>,
    key: Cell<Option<Key>>,
    is_answered: Cell<bool>,
}

impl Listener {
    /// Says why and closes.
    pub(super) fn refuse(&self, socket: OwnedFd, peer: SocketAddr, why: Refusal) {
        let notice = self.sink().and_then(|sink| sink.refusal(why));
        if self.encryption.get() == Encryption::Off {
            // What it said already is read away: closing over it would be a reset, which can
            // overtake the reason.
            self.reactor().with_buffer(|buffer| {
                let _ = recv(&socket, buffer, RecvFlags::DONTWAIT);
            });
            say(&socket, notice.as_deref().unwrap_or_default());
        } else {
            let stranger = Stranger {
                all: Rc::downgrade(&self.turned_away),
                reactor: self.reactor().clone(),
                why,
                notice,
                since: Instant::now(),
                socket: RefCell::new(Some(socket)),
                key: Cell::default(),
                is_answered: Cell::default(),
            };
            self.turned_away.add(stranger);
        }
        let peer = plain(peer);
        self.obj().emit_connection_refused(&Refused { peer, why });
    }
}

impl TurnedAway {
    fn add(&self, stranger: Stranger) {
        let stranger = Rc::new(stranger);
        // It may have spoken before it was accepted.
        stranger.hear();
        if !stranger.wait() {
            return stranger.end();
        }
        self.0.borrow_mut().push_back(stranger);
        while self.0.borrow().len() > limits::REFUSED {
            self.end_first();
        }
    }

    /// Everybody is told now.
    pub(super) fn end(&self) {
        while !self.0.borrow().is_empty() {
            self.end_first();
        }
    }

    fn end_first(&self) {
        let first = self.0.borrow_mut().pop_front();
        if let Some(first) = first {
            first.end();
        }
    }
}

impl Stranger {
    /// Waits for what the peer says next. Returns whether it does.
    fn wait(self: &Rc<Self>) -> bool {
        let socket = self.socket.borrow();
        let Some(socket) = socket.as_ref() else {
            return false;
        };
        let handler: Rc<dyn Handler> = Rc::<Self>::clone(self);
        match self
            .reactor
            .register(socket, Events::IN, Rc::clone(&handler))
        {
            Ok(key) => {
                self.key.set(Some(key));
                self.reactor.tick(handler);
                true
            }
            Err(error) => {
                tracing::debug!(%error, "a refused connection is not waited for");
                false
            }
        }
    }

    /// Reads what the peer says, and answers it the way it speaks. Nothing of it is kept.
    fn hear(&self) {
        let read = self.reactor.with_buffer(|buffer| {
            let socket = self.socket.borrow();
            let read = recv(socket.as_ref()?, &mut *buffer, RecvFlags::DONTWAIT);
            Some(read.map(|(count, _)| buffer[..count].first().copied()))
        });
        match read {
            None | Some(Err(Errno::AGAIN | Errno::INTR)) => {}
            Some(Ok(Some(first))) if Opening::of(first) == Opening::Tls => {
                // Once; the rest of what it says is read away, for closing over that would be a
                // reset, which can overtake the alert.
                if !self.is_answered.replace(true) {
                    self.say(&self.why.alert());
                }
            }
            Some(Ok(Some(_))) if self.is_answered.get() => {}
            Some(Ok(_) | Err(_)) => self.end(),
        }
    }

    fn say(&self, bytes: &[u8]) {
        if let Some(socket) = self.socket.borrow().as_ref() {
            say(socket, bytes);
        }
    }

    /// Closes it. Who has not said what it speaks reads plain words.
    fn end(&self) {
        if !self.is_answered.replace(true) {
            self.say(self.notice.as_deref().unwrap_or_default());
        }
        if let Some(socket) = self.socket.take()
            && let Some(key) = self.key.take()
        {
            self.reactor.unregister(&socket, key);
        }
        if let Some(all) = self.all.upgrade() {
            let is_other = |other: &Rc<Self>| !std::ptr::eq(Rc::as_ptr(other), self);
            all.0.borrow_mut().retain(is_other);
        }
    }
}

impl Handler for Stranger {
    fn ready(&self, _events: Events) {
        self.hear();
    }

    fn tick(&self) -> Tick {
        if self.socket.borrow().is_none() {
            return Tick::Done;
        }
        if self.since.elapsed() < limits::OPENING {
            return Tick::Again;
        }
        self.end();
        Tick::Done
    }
}

/// Says the only words, without waiting: refusing must stay cheap.
fn say(socket: impl AsFd, words: &[u8]) {
    if words.is_empty() {
        return;
    }
    let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
    let said = send(&socket, words, flags).and_then(|_| shutdown(&socket, Shutdown::Write));
    if let Err(error) = said {
        tracing::debug!(%error, "a refused connection did not hear why");
    }
}
