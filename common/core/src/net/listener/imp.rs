//! The state of a listener.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::{Rc, Weak};

use gio::prelude::*;
use glib::subclass::prelude::*;

use super::ports::Port;
use super::refusing::TurnedAway;
use super::signals;
use crate::net::admission::{Admission, Ticket};
use crate::net::connection::Connection;
use crate::net::encryption::Encryption;
use crate::net::error::Error;
use crate::net::gate::Gate;
use crate::net::options::SocketOptions;
use crate::net::reactor::Reactor;
use crate::net::sink::Sink;
use crate::net::timer::Timer;
use crate::net::{limits, tls};

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
    /// What to encrypt with.
    pub(super) tls: RefCell<Option<tls::Server>>,
    pub(super) gate: Rc<Gate>,
    pub(super) turned_away: Rc<TurnedAway>,
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
    pub(super) backlog: Cell<u32>,
    /// Connections that may be open; more are refused. 4,294,967,295 for no limit of ours.
    #[property(get = Self::max_connections, set = Self::set_max_connections)]
    max_connections: std::marker::PhantomData<u32>,
    /// Whether accepting was paused (Qt: `pauseAccepting`).
    #[property(get = |this: &Self| this.paused.get(), set = Self::set_paused)]
    accepting_paused: std::marker::PhantomData<bool>,
    /// Whether clients are answered in TLS, from the next one on. It needs an identity.
    #[property(get, set, builder(Encryption::default()))]
    pub(super) encryption: Cell<Encryption>,
    /// Whether clients that speak TLS without our own protocol are heard: they speak lines.
    #[property(get, set)]
    pub(super) lines_over_tls: Cell<bool>,
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

    pub(super) fn close(&self) {
        self.close_ports();
        if let Some(service) = self.service.take() {
            // Both: stopped it would go on holding the port, dropped it would go on accepting.
            service.stop();
            service.close();
        }
        self.rest.take();
        self.awake.set(false);
        self.turned_away.end();
        for pending in self.pending.take() {
            pending.abort();
        }
        if self.local.take().is_some() {
            self.notify_listening();
        }
    }

    pub(super) fn notify_listening(&self) {
        let obj = self.obj();
        obj.notify_listening();
        obj.notify_address();
        obj.notify_port();
    }

    /// Whether TLS is to be spoken, and cannot.
    pub(super) fn lacks_identity(&self) -> bool {
        self.encryption.get() != Encryption::Off && self.tls.borrow().is_none()
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
