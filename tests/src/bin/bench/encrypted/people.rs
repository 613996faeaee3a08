//! Clients of all of it: connections of the engine on one main loop.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use hallway_core::identity::Identity;
use hallway_core::net::{Connection, Connector, Reactor, tls};
use hallway_core::wire::frame::{Hello, Msg};
use hallway_core::wire::{Caps, Cid, Conv, Frame, N, Side, encode, limits, parse};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A main loop for connections.
pub(super) struct World {
    context: glib::MainContext,
    pub(super) reactor: Reactor,
    pub(super) server: SocketAddr,
}

impl World {
    /// Has `work` done on a main loop of its own.
    ///
    /// # Errors
    /// What the work says.
    pub(super) fn with<T>(server: SocketAddr, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let context = glib::MainContext::new();
        let inside = context.clone();
        context.with_thread_default(move || {
            let reactor = Reactor::new(glib::Priority::DEFAULT)?;
            work(&Self {
                context: inside,
                reactor,
                server,
            })
        })?
    }

    /// A connection that begins.
    pub(super) fn connect(&self, encryption: Option<tls::Client>) -> Connection {
        let connection = Connection::new(&self.reactor, limits::FRAME);
        connection.set_encryption(encryption);
        let connector = Connector::default();
        connector.connect(
            &connection,
            &self.server.ip().to_string(),
            self.server.port(),
        );
        connection
    }

    /// Lets everything go on until something is so.
    ///
    /// # Errors
    /// It takes too long.
    pub(super) fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) -> Result<()> {
        let late = Instant::now() + PATIENCE;
        while !is_so() {
            ensure!(Instant::now() < late, "{what} never came");
            // Woken now and then, to see whether it is late.
            let wake = glib::timeout_source_new(
                Duration::from_millis(100),
                None,
                glib::Priority::DEFAULT,
                || glib::ControlFlow::Break,
            );
            wake.attach(Some(&self.context));
            self.context.iteration(true);
            wake.destroy();
        }
        Ok(())
    }

    /// Lets everything go on for a time.
    ///
    /// # Errors
    /// Never.
    pub(super) fn run_for(&self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        self.until("the time", || Instant::now() >= end)
    }
}

/// Somebody who speaks `hallway/1`.
pub(super) struct Person {
    connection: Connection,
    state: Rc<State>,
}

#[derive(Default)]
struct State {
    is_welcome: Cell<bool>,
    n: Cell<u64>,
    acknowledged: Cell<u64>,
    sent: Cell<Option<Instant>>,
    /// From sending to acknowledgement.
    times: RefCell<Vec<Duration>>,
    problem: RefCell<Option<String>>,
    talks: Cell<bool>,
}

impl Person {
    /// Somebody of this name, who says hello.
    ///
    /// # Errors
    /// No certificate can be made.
    pub(super) fn new(world: &World, name: &str) -> Result<Self> {
        let identity = Identity::make()?;
        let connection = world.connect(Some(tls::Client::hallway(&identity)?));
        let state = Rc::<State>::default();
        let hello = Frame::Hello(Hello {
            name: name
                .parse()
                .map_err(|_| anyhow::anyhow!("no name: {name}"))?,
            caps: Caps::default(),
            cursor: None,
            password: None,
        });
        let hello = encode(&hello)?;
        let begun = Cell::new(false);
        connection.connect_state_notify(move |connection| {
            if connection.is_connected() && !begun.replace(true) {
                // A queue that is empty takes a hello.
                let _ = connection.queue(hello.clone().into());
            }
        });
        let heard = Rc::clone(&state);
        connection.connect_lines_received(move |connection, lines| {
            for line in lines.iter() {
                if let Err(error) = heard.hear(connection, &line.bytes) {
                    heard.problem.replace(Some(error.to_string()));
                }
            }
        });
        Ok(Self { connection, state })
    }

    pub(super) fn is_welcome(&self) -> bool {
        self.state.is_welcome.get()
    }

    /// Says one message after the other, each when the one before is acknowledged.
    ///
    /// # Errors
    /// A message cannot be sent.
    pub(super) fn talk(&self) -> Result<()> {
        self.state.talks.set(true);
        self.state.say(&self.connection)
    }

    pub(super) fn stop(&self) {
        self.state.talks.set(false);
    }

    /// How many messages were acknowledged, and how long each took.
    ///
    /// # Errors
    /// Something went wrong meanwhile.
    pub(super) fn acknowledged(&self) -> Result<Vec<Duration>> {
        if let Some(problem) = self.state.problem.take() {
            bail!("{problem}");
        }
        ensure!(self.connection.is_connected(), "a connection was lost");
        Ok(self.state.times.take())
    }
}

impl State {
    fn hear(&self, connection: &Connection, line: &[u8]) -> Result<()> {
        match parse(line, Side::Server)? {
            Some(Frame::Welcome(_)) => self.is_welcome.set(true),
            Some(Frame::Event(event)) => {
                let got = Frame::Got(hallway_core::wire::frame::Got { pos: event.pos });
                connection.queue(encode(&got)?.into())?;
            }
            Some(Frame::Ack(_)) => {
                let sent = self.sent.take().context("acknowledged out of turn")?;
                self.times.borrow_mut().push(sent.elapsed());
                self.acknowledged.set(self.acknowledged.get() + 1);
                if self.talks.get() {
                    self.say(connection)?;
                }
            }
            Some(Frame::Err(problem)) => bail!("refused: {problem:?}"),
            _ => {}
        }
        Ok(())
    }

    fn say(&self, connection: &Connection) -> Result<()> {
        self.n.set(self.n.get() + 1);
        let msg = Frame::Msg(Msg {
            cid: Cid::random()?,
            n: N::try_from(self.n.get())?,
            to: Conv::Room,
            text: "A message of the length that people write, or so.".parse()?,
        });
        self.sent.set(Some(Instant::now()));
        connection.queue(encode(&msg)?.into())?;
        Ok(())
    }
}
