//! The state of a connection and its life; reading and writing are in the files beside this one.

use std::cell::{Cell, OnceCell, RefCell};
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use gio::prelude::*;
use glib::subclass::prelude::*;
use rustix::net::{Shutdown, shutdown, sockopt};

use super::encrypting::Tls;
use super::input::Input;
use super::link::Link;
use super::output::Output;
use super::probing::Probe;
use super::{Ended, State, signals};
use crate::net::admission::Ticket;
use crate::net::connector::Attempt;
use crate::net::error::Error;
use crate::net::reactor::{Events, Handler, Reactor, Tick};
use crate::net::sink::Sink;
use crate::net::{address, limits, tls};

/// The end of a connection under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closing {
    /// How long nothing may move before the socket is closed all the same.
    pub(super) deadline: Duration,
    /// When something moved last.
    pub(super) moved: Instant,
    /// What was unacknowledged then, in bytes.
    pub(super) waiting: u64,
}

#[derive(Default, glib::Properties)]
#[properties(wrapper_type = super::Connection)]
pub struct Connection {
    reactor: OnceCell<Reactor>,
    pub(super) sink: RefCell<Option<Weak<dyn Sink>>>,
    pub(super) tag: Cell<usize>,
    pub(super) ticket: RefCell<Option<Ticket>>,
    pub(super) attempt: RefCell<Option<Attempt>>,
    pub(super) link: RefCell<Option<Link>>,
    pub(super) input: RefCell<Input>,
    pub(super) output: RefCell<Output>,
    pub(super) closing: Cell<Option<Closing>>,
    pub(super) ended: RefCell<Option<Ended>>,
    pub(super) peer: Cell<Option<SocketAddr>>,
    pub(super) local: Cell<Option<SocketAddr>>,
    /// The end of this batch will flush.
    pub(super) marked: Cell<bool>,
    pub(super) ticking: Cell<bool>,
    /// The peer's FIN does not begin our own closing.
    pub(super) half_open: Cell<bool>,
    /// How long the peer may take nothing; [`limits::TOO_SLOW`] unless set.
    pub(super) patience: Cell<Option<Duration>>,
    /// The position whose acknowledgement is waited for.
    pub(super) watched: Cell<Option<u64>>,
    /// How to speak when connected next, if not plainly.
    pub(super) outgoing: RefCell<Option<Box<tls::Client>>>,
    /// Where the connection is encrypted, or may become so.
    pub(super) tls: RefCell<Option<Box<Tls>>>,
    /// The peer is being asked whether it is there.
    pub(super) probe: Cell<Option<Probe>>,

    /// What the connection is doing.
    #[property(get, builder(State::default()))]
    pub(super) state: Cell<State>,
    /// Bytes queued that the kernel has not taken (Qt: `bytesToWrite`).
    #[property(get = Self::bytes_to_write)]
    bytes_to_write: std::marker::PhantomData<u64>,
    /// The peer's IP address, or empty (Qt: `peerAddress`).
    #[property(get = |this: &Self| ip(this.peer.get()))]
    peer_address: std::marker::PhantomData<String>,
    /// The peer's port, or 0 (Qt: `peerPort`).
    #[property(get = |this: &Self| port(this.peer.get()))]
    peer_port: std::marker::PhantomData<u32>,
    /// Our own IP address, or empty (Qt: `localAddress`).
    #[property(get = |this: &Self| ip(this.local.get()))]
    local_address: std::marker::PhantomData<String>,
    /// Our own port, or 0 (Qt: `localPort`).
    #[property(get = |this: &Self| port(this.local.get()))]
    local_port: std::marker::PhantomData<u32>,
    /// Whether what is said is encrypted (Qt: `isEncrypted`).
    #[property(get = Self::is_encrypted)]
    is_encrypted: std::marker::PhantomData<bool>,
    /// The fingerprint of the peer's certificate, or empty (Qt: `peerCertificate`).
    #[property(get = Self::peer_fingerprint)]
    peer_fingerprint: std::marker::PhantomData<String>,
    /// What was agreed on to speak (ALPN), or empty where that is lines.
    #[property(get = Self::protocol)]
    protocol: std::marker::PhantomData<String>,
    /// Small pieces are sent at once (Qt: `LowDelayOption`).
    #[property(get = Self::no_delay, set = Self::set_no_delay)]
    no_delay: std::marker::PhantomData<bool>,
    /// A peer that vanished in silence is noticed (Qt: `KeepAliveOption`).
    #[property(get = Self::keepalive, set = Self::set_keepalive)]
    keepalive: std::marker::PhantomData<bool>,
    /// Bytes of the kernel's send buffer, as the kernel counts (Qt:
    /// `SendBufferSizeSocketOption`).
    #[property(get = Self::send_buffer, set = Self::set_send_buffer)]
    send_buffer: std::marker::PhantomData<u32>,
    /// Bytes of the kernel's receive buffer, as the kernel counts (Qt:
    /// `ReceiveBufferSizeSocketOption`).
    #[property(get = Self::receive_buffer, set = Self::set_receive_buffer)]
    receive_buffer: std::marker::PhantomData<u32>,
    /// Type of service (Qt: `TypeOfServiceOption`).
    #[property(get = Self::type_of_service, set = Self::set_type_of_service, maximum = 255)]
    type_of_service: std::marker::PhantomData<u32>,
}

#[glib::object_subclass]
impl ObjectSubclass for Connection {
    const NAME: &'static str = "HallwayConnection";
    type Type = super::Connection;
}

#[glib::derived_properties]
impl ObjectImpl for Connection {
    fn signals() -> &'static [glib::subclass::Signal] {
        &signals::SIGNALS
    }
}

fn ip(address: Option<SocketAddr>) -> String {
    address.map_or_else(String::new, |address| address.ip().to_string())
}

fn port(address: Option<SocketAddr>) -> u32 {
    address.map_or(0, |address| u32::from(address.port()))
}

impl Connection {
    pub(super) fn set_up(&self, reactor: Reactor, longest: usize) {
        self.input.replace(Input::new(longest));
        self.output.replace(Output::new(limits::queue(longest)));
        if self.reactor.set(reactor).is_err() {
            tracing::error!("a connection was set up twice");
        }
    }

    pub(super) fn reactor(&self) -> &Reactor {
        self.reactor.get().expect("set by every constructor")
    }

    pub(super) fn sink(&self) -> Option<Rc<dyn Sink>> {
        self.sink.borrow().as_ref().and_then(Weak::upgrade)
    }

    pub(super) fn set_state(&self, state: State) {
        if state != self.state.replace(state) {
            self.obj().notify_state();
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.state.get() == State::Connected && self.closing.get().is_none()
    }

    /// Whether it is connected, or the handshake is under way, and not closing.
    pub(super) fn is_up(&self) -> bool {
        let is_up = matches!(self.state.get(), State::Connected | State::Encrypting);
        is_up && self.closing.get().is_none()
    }

    pub(super) fn is_closing(&self) -> bool {
        self.state.get() == State::Closing
    }

    pub(super) fn with_socket<T>(&self, work: impl FnOnce(BorrowedFd<'_>) -> T) -> Option<T> {
        let link = self.link.borrow();
        link.as_ref().map(|link| work(link.socket()))
    }

    /// Takes over an open stream: in this state from now on, but not read yet.
    pub(super) fn plug_in(
        &self,
        stream: gio::SocketConnection,
        peer: SocketAddr,
        state: State,
    ) -> Result<(), Error> {
        let handler: Rc<dyn Handler> = Rc::new(self.obj().clone());
        let link = Link::new(stream, handler);
        let local = rustix::net::getsockname(link.socket()).map_err(Error::established)?;
        let local = SocketAddr::try_from(local).ok();
        self.local.set(local.map(address::plain));
        self.peer.set(Some(address::plain(peer)));
        let Input { longest, .. } = *self.input.borrow();
        self.input.replace(Input::new(longest));
        self.input.borrow_mut().paused = true;
        let cap = self.output.borrow().cap;
        self.output.replace(Output::new(cap));
        self.link.replace(Some(link));
        self.tls.take();
        self.ended.take();
        self.closing.take();
        self.watched.take();
        self.probe.take();
        self.set_state(state);
        Ok(())
    }

    /// Sets what the socket waits for.
    pub(super) fn update_interest(&self) {
        let input = self.input.borrow();
        let reading = if self.is_closing() {
            !input.finished
        } else {
            input.is_wanted()
        };
        drop(input);
        let mut interest = Events::empty();
        interest.set(Events::IN, reading);
        let output = self.output.borrow();
        interest.set(Events::OUT, output.bytes() > 0 && output.progress.is_some());
        drop(output);
        if let Some(link) = self.link.borrow_mut().as_mut() {
            link.wait_for(self.reactor(), interest);
        }
    }

    /// Begins to end the connection properly. What is written until `about-to-close` has been
    /// told is still sent.
    pub(super) fn begin_closing(&self, ended: Ended, deadline: Duration) {
        let obj = self.obj();
        let closing = Closing {
            deadline,
            moved: Instant::now(),
            waiting: u64::MAX,
        };
        match self.state.get() {
            State::Unconnected => return,
            State::HostLookup | State::Connecting => return self.end_at_once(ended),
            State::Closing => {
                if let Some(before) = self.closing.get() {
                    let deadline = deadline.min(before.deadline);
                    self.closing.set(Some(Closing { deadline, ..before }));
                }
                return;
            }
            State::Connected | State::Encrypting if self.closing.get().is_some() => return,
            State::Connected | State::Encrypting => {}
        }
        self.be_plain();
        if let Ended::Failed(error) = &ended {
            obj.emit_error_occurred(error);
        }
        obj.emit_about_to_close();
        if !self.is_up() {
            return;
        }
        self.say_goodbye();
        self.closing.set(Some(closing));
        self.ended.replace(Some(ended));
        {
            let mut input = self.input.borrow_mut();
            input.stash = Vec::new();
            input.paused = false;
            input.is_at_gate = false;
        }
        self.set_state(State::Closing);
        self.update_interest();
        self.mark();
        self.start_ticking();
    }

    /// Goes on with closing: FIN after the last byte, the end after the peer's FIN.
    pub(super) fn go_on_closing(&self) {
        if !self.is_closing() || self.output.borrow().bytes() > 0 {
            return;
        }
        if !self.output.borrow().fin_sent {
            let result = self.with_socket(|socket| shutdown(socket, Shutdown::Write));
            if let Some(Err(error)) = result {
                return self.fail(Error::established(error));
            }
            self.output.borrow_mut().fin_sent = true;
            self.moved();
        }
        let all_known = self.watched.get().is_none() || self.is_fin_acknowledged();
        if self.input.borrow().finished && all_known {
            self.finish();
        }
    }

    /// Something moved: the deadline of closing begins anew.
    pub(super) fn moved(&self) {
        if let Some(closing) = self.closing.get() {
            let moved = Instant::now();
            self.closing.set(Some(Closing { moved, ..closing }));
        }
    }

    /// The connection failed. Where everything had been sent and acknowledged and we were only
    /// waiting for the peer's FIN, nothing is lost and the ending stays what it was.
    pub(super) fn fail(&self, error: Error) {
        // The news of an acknowledgement and of a reset may come together.
        self.acknowledged();
        let nothing_lost = self.is_closing() && {
            let output = self.output.borrow();
            output.bytes() == 0 && output.last_acknowledged() >= output.total()
        };
        if nothing_lost {
            self.finish();
        } else {
            self.end_at_once(Ended::Failed(error));
        }
    }

    /// Ends the connection now, as `ended` says.
    pub(super) fn end_at_once(&self, ended: Ended) {
        if self.state.get() == State::Unconnected {
            return;
        }
        if ended == Ended::Aborted || matches!(ended, Ended::Failed(Error::TooSlow { .. })) {
            // RST instead of FIN (socket(7), SO_LINGER).
            self.with_socket(|socket| sockopt::set_socket_linger(socket, Some(Duration::ZERO)));
        }
        if let Ended::Failed(error) = &ended {
            self.obj().emit_error_occurred(error);
        }
        self.ended.replace(Some(ended));
        self.finish();
    }

    pub(super) fn finish(&self) {
        // Held until the end of this: the link may hold the last reference.
        let obj = self.obj().clone();
        self.acknowledged();
        drop(self.attempt.take());
        let link = self.link.take();
        if let Some(link) = link {
            link.close(self.reactor());
        } else if self.state.get() == State::Unconnected {
            return;
        }
        self.closing.take();
        self.watched.take();
        self.probe.take();
        self.end_tls();
        self.input.borrow_mut().stash = Vec::new();
        drop(self.ticket.take());
        self.set_state(State::Unconnected);
        let ended = self.ended.borrow().clone().unwrap_or(Ended::ByUs);
        if let Some(sink) = self.sink() {
            sink.disconnected(&obj, &ended);
        }
        obj.emit_disconnected();
        // Only now: until here `bytes-to-write` tells what was lost.
        self.output.borrow_mut().clear();
    }

    pub(super) fn start_ticking(&self) {
        if !self.ticking.replace(true)
            && let Some(link) = self.link.borrow().as_ref()
        {
            self.reactor().tick(Rc::clone(&link.handler));
        }
    }

    fn bytes_to_write(&self) -> u64 {
        self.output.borrow().bytes() as u64
    }
}

impl Handler for super::Connection {
    fn ready(&self, events: Events) {
        let imp = self.imp();
        if events.contains(Events::OUT) {
            imp.flush();
        }
        if events.intersects(Events::IN | Events::HUP | Events::ERR) {
            imp.read_socket();
        }
        if events.intersects(Events::HUP | Events::ERR)
            && let Some(link) = imp.link.borrow_mut().as_mut()
            && !link.is_reading()
        {
            // The kernel would tell it again at once, and again.
            link.turn_deaf(imp.reactor());
        }
    }

    fn flush(&self) {
        self.imp().marked.set(false);
        self.imp().flush();
    }

    fn resume(&self) {
        self.imp().pass_gate();
        self.imp().take_stash();
    }

    fn tick(&self) -> Tick {
        self.imp().tick()
    }
}
