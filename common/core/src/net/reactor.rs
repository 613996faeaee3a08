//! All sockets in one epoll set, which is one source of the GLib main context.
//!
//! A source a connection makes every turn of the main loop cost as much as there are
//! connections; here cost follows what happens. What a batch of news queues is written at its
//! end, once a connection.

mod slots;

use std::cell::{Cell, RefCell};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::rc::{Rc, Weak};
use std::time::Instant;

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};

use super::confined::Confined;
use super::limits;
use super::timer::Timer;
pub(crate) use slots::Key;
use slots::Slots;

/// What a socket waits for or what happened to it.
pub(crate) use rustix::event::epoll::EventFlags as Events;

/// Whether [`Handler::tick`] is wanted again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tick {
    Again,
    Done,
}

/// What the reactor calls. It holds its handlers while they are registered or marked.
pub(crate) trait Handler {
    /// Something happened to the socket.
    fn ready(&self, events: Events);
    /// The batch in which the handler was marked has ended.
    fn flush(&self) {}
    /// Work that was put off can go on.
    fn resume(&self) {}
    /// Time has passed; called every 4 to 256 ms.
    fn tick(&self) -> Tick {
        Tick::Done
    }
}

/// The sockets of one main context. Clones are the same reactor; the last one dropped removes
/// the source.
#[derive(Clone)]
pub struct Reactor(Rc<Inner>);

struct Inner {
    epoll: OwnedFd,
    slots: RefCell<Slots<Rc<dyn Handler>>>,
    marked: RefCell<Vec<Rc<dyn Handler>>>,
    put_off: RefCell<Vec<Rc<dyn Handler>>>,
    ticking: RefCell<Vec<Rc<dyn Handler>>>,
    /// Memory to read into, shared by all.
    buffer: Cell<Vec<u8>>,
    /// What the kernel told and was not handed on yet, the next at the end.
    news: Cell<Vec<epoll::Event>>,
    in_turn: Cell<bool>,
    /// When the time of the turn under way is up.
    until: Cell<Option<Instant>>,
    source: RefCell<Option<glib::Source>>,
    priority: Cell<glib::Priority>,
    soon: RefCell<Option<Timer>>,
    clock: RefCell<Option<Timer>>,
    interval: Cell<std::time::Duration>,
}

impl std::fmt::Debug for Reactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reactor")
            .field("sockets", &self.sockets())
            .field("priority", &self.0.priority.get())
            .finish_non_exhaustive()
    }
}

impl Reactor {
    /// A reactor on the thread-default main context.
    ///
    /// # Errors
    /// The system is out of descriptors or memory.
    pub fn new(priority: glib::Priority) -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let reactor = Self(Rc::new(Inner {
            epoll,
            slots: RefCell::default(),
            marked: RefCell::default(),
            put_off: RefCell::default(),
            ticking: RefCell::default(),
            buffer: Cell::default(),
            news: Cell::default(),
            in_turn: Cell::default(),
            until: Cell::default(),
            source: RefCell::default(),
            priority: Cell::new(priority),
            soon: RefCell::default(),
            clock: RefCell::default(),
            interval: Cell::new(limits::TICK.0),
        }));
        reactor.attach();
        Ok(reactor)
    }

    /// The priority of the source in the main context.
    pub fn priority(&self) -> glib::Priority {
        self.0.priority.get()
    }

    /// Changes the priority. Below a window this is lower than redrawing (a number above 120).
    pub fn set_priority(&self, priority: glib::Priority) {
        if priority != self.0.priority.replace(priority) {
            self.attach();
        }
    }

    /// How many sockets are registered.
    pub fn sockets(&self) -> usize {
        self.0.slots.borrow().len()
    }

    fn attach(&self) {
        let inner = Confined::new(Rc::downgrade(&self.0));
        let source = glib_unix::fd_source_new(
            self.0.epoll.as_raw_fd(),
            glib::IOCondition::IN,
            Some("hallway sockets"),
            self.0.priority.get(),
            move |_, _| {
                let Some(inner) = inner.upgrade() else {
                    return glib::ControlFlow::Break;
                };
                Self(inner).turn();
                glib::ControlFlow::Continue
            },
        );
        source.attach(Some(&glib::MainContext::ref_thread_default()));
        if let Some(old) = self.0.source.replace(Some(source)) {
            old.destroy();
        }
    }

    /// One turn: news of the sockets until none are left or the time is up, then output.
    fn turn(&self) {
        if self.0.in_turn.replace(true) {
            return;
        }
        // What the turn before had no time to write comes first: output that waits while input is
        // read would only grow.
        if self.flush() {
            self.0.until.set(Some(Instant::now() + limits::TURN));
            self.resume();
            loop {
                let all = self.batch();
                let written = self.flush();
                if all || !written || self.is_late() {
                    break;
                }
            }
            self.0.until.take();
        }
        self.0.in_turn.set(false);
        let is_left = !self.0.put_off.borrow().is_empty() || !self.0.marked.borrow().is_empty();
        if is_left {
            self.turn_soon();
        }
    }

    /// Whether the time of the turn under way is up: what is left should be put off.
    pub(crate) fn is_late(&self) -> bool {
        let until = self.0.until.get();
        until.is_some_and(|until| Instant::now() >= until)
    }

    /// Goes on with what was put off, as far as time allows. What is put off again waits for
    /// the next turn, behind what did not get its own in this one.
    fn resume(&self) {
        let mut waiting = self.0.put_off.take().into_iter();
        for handler in waiting.by_ref() {
            handler.resume();
            if self.is_late() {
                break;
            }
        }
        let mut put_off = self.0.put_off.borrow_mut();
        put_off.splice(..0, waiting);
    }

    /// Hands on news, those that the turn before had no time for first: the kernel would tell the
    /// same ones first every time. Returns whether that is likely to be all for now.
    fn batch(&self) -> bool {
        let mut news = self.0.news.take();
        if news.is_empty() {
            self.ask(&mut news);
        }
        let is_all = news.len() < limits::EVENTS_OF_FLOW;
        while let Some(event) = news.pop() {
            // A handler may have unregistered another one of this batch.
            let key = Key::from(event.data.u64());
            let handler = self.0.slots.borrow().get(key).cloned();
            if let Some(handler) = handler {
                handler.ready(event.flags);
            }
            if self.is_late() {
                break;
            }
        }
        let is_done = is_all && news.is_empty();
        self.0.news.set(news);
        is_done
    }

    /// Asks the kernel for news; the first to hand on are at the end.
    fn ask(&self, news: &mut Vec<epoll::Event>) {
        news.reserve(limits::EVENTS);
        let at_once = Timespec::default();
        match epoll::wait(&self.0.epoll, spare_capacity(news), Some(&at_once)) {
            Ok(_) => news.reverse(),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => tracing::error!(%error, "epoll_wait"),
        }
    }

    /// Writes what was queued, once a connection, as far as time allows. Returns whether that was
    /// everything.
    fn flush(&self) -> bool {
        let until = Instant::now() + limits::TURN;
        loop {
            let mut marked = self.0.marked.take();
            if marked.is_empty() {
                return true;
            }
            let mut done = 0;
            for handler in &marked {
                handler.flush();
                done += 1;
                if Instant::now() >= until {
                    break;
                }
            }
            let is_late = done < marked.len();
            marked.drain(..done);
            // Behind them what was marked meanwhile. The memory of the list is kept.
            marked.append(&mut self.0.marked.borrow_mut());
            self.0.marked.replace(marked);
            if is_late {
                return false;
            }
        }
    }

    /// Registers a socket.
    pub(crate) fn register(
        &self,
        socket: impl AsFd,
        events: Events,
        handler: Rc<dyn Handler>,
    ) -> io::Result<Key> {
        let key = self.0.slots.borrow_mut().insert(handler);
        let data = epoll::EventData::new_u64(key.into());
        if let Err(error) = epoll::add(&self.0.epoll, socket, data, events) {
            self.0.slots.borrow_mut().remove(key);
            return Err(error.into());
        }
        Ok(key)
    }

    /// Changes what a socket waits for.
    pub(crate) fn modify(&self, socket: impl AsFd, key: Key, events: Events) {
        let data = epoll::EventData::new_u64(key.into());
        if let Err(error) = epoll::modify(&self.0.epoll, socket, data, events) {
            tracing::error!(%error, "epoll_ctl");
        }
    }

    /// Forgets a socket that is still open.
    pub(crate) fn unregister(&self, socket: impl AsFd, key: Key) {
        if let Err(error) = epoll::delete(&self.0.epoll, socket) {
            tracing::error!(%error, "epoll_ctl");
        }
        let handler = self.0.slots.borrow_mut().remove(key);
        drop(handler);
    }

    /// Calls [`Handler::flush`] at the end of this batch, or soon where no batch is under way.
    pub(crate) fn mark(&self, handler: Rc<dyn Handler>) {
        self.0.marked.borrow_mut().push(handler);
        if !self.0.in_turn.get() {
            self.turn_soon();
        }
    }

    /// Calls [`Handler::resume`] in the next turn.
    pub(crate) fn put_off(&self, handler: Rc<dyn Handler>) {
        self.0.put_off.borrow_mut().push(handler);
        if !self.0.in_turn.get() {
            self.turn_soon();
        }
    }

    /// Calls [`Handler::tick`] from time to time until it says it is done. One timer serves all.
    pub(crate) fn tick(&self, handler: Rc<dyn Handler>) {
        let first = {
            let mut ticking = self.0.ticking.borrow_mut();
            ticking.push(handler);
            ticking.len() == 1
        };
        // Where it ticks that fast already it is left alone: wound anew for every newcomer, it
        // would never strike.
        let slow = self.0.interval.replace(limits::TICK.0) > limits::TICK.0;
        if first || slow {
            self.wind_clock();
        }
    }

    fn wind_clock(&self) {
        let inner = Rc::downgrade(&self.0);
        let clock = Timer::once(self.0.interval.get(), self.0.priority.get(), move || {
            Self::on_clock(&inner);
        });
        self.0.clock.replace(Some(clock));
    }

    fn on_clock(inner: &Weak<Inner>) {
        let Some(reactor) = inner.upgrade().map(Self) else {
            return;
        };
        let ticking = reactor.0.ticking.take();
        let mut again: Vec<_> = ticking
            .into_iter()
            .filter(|handler| handler.tick() == Tick::Again)
            .collect();
        let mut added = reactor.0.ticking.borrow_mut();
        if added.is_empty() {
            let slower = reactor.0.interval.get() * 2;
            reactor.0.interval.set(slower.min(limits::TICK.1));
        }
        again.append(&mut added);
        *added = again;
        let wanted = !added.is_empty();
        drop(added);
        if wanted {
            reactor.wind_clock();
        }
    }

    fn turn_soon(&self) {
        if self.0.soon.borrow().is_some() {
            return;
        }
        let inner = Rc::downgrade(&self.0);
        let soon = Timer::soon(self.0.priority.get(), move || {
            if let Some(inner) = inner.upgrade() {
                inner.soon.take();
                Self(inner).turn();
            }
        });
        self.0.soon.replace(Some(soon));
    }

    /// Lends memory to read into, [`limits::READ`] bytes.
    pub(crate) fn with_buffer<T>(&self, work: impl FnOnce(&mut [u8]) -> T) -> T {
        // Empty only for a call inside a call, which then pays for its own memory.
        let mut buffer = self.0.buffer.take();
        buffer.resize(limits::READ, 0);
        let result = work(&mut buffer);
        self.0.buffer.set(buffer);
        result
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(source) = self.source.take() {
            source.destroy();
        }
    }
}
