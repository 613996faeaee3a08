//! A session that says what is read.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use hallway::session::talk::values::End;
use hallway::session::{Keeper, SayError, Session, Standing, State};
use hallway_core::net::{Connector, Reactor};
use hallway_core::wire::{Conv, Text};

use super::input::{self, Command};
use super::told::{self, tell};

/// Before a connection is made again. A server that is being started is found soon, and is not
/// asked without a pause.
const AGAIN: Duration = Duration::from_millis(25);

/// How long the end may take.
const LAST: Duration = Duration::from_secs(6);

/// Talks until the end of the input.
pub(crate) async fn run(folder: &Path, server: &str, name: &str) -> Result<(), String> {
    let target = server.parse().map_err(|_| format!("{server}: no server"))?;
    let name = name.parse().map_err(|_| format!("{name}: no name"))?;
    let opened = Keeper::open(folder).map_err(|error| error.to_string())?;
    for path in &opened.set_aside {
        tell(&[told::SET_ASIDE, &path.to_string_lossy()]);
    }
    let keeper = opened.keeper;
    let reactor = Reactor::new(glib::Priority::DEFAULT).map_err(|error| error.to_string())?;
    let session = Session::encrypted(&reactor, Connector::default(), target, keeper.clone(), name)
        .map_err(|error| error.to_string())?;
    let talker = Rc::new(Talker {
        session,
        waiting: RefCell::default(),
        is_over: Cell::new(false),
    });
    Talker::listen(&talker);
    talker.session.connect();
    let input = input::start();
    while let Ok(command) = input.recv().await {
        talker.obey(command);
    }
    talker.end().await;
    // What is with the history is still written.
    let stopped = glib::future_with_timeout(LAST, keeper.history().stop()).await;
    match stopped {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the history does not end".to_owned()),
    }
}

struct Talker {
    session: Session,
    /// What cannot be said before a server was met.
    waiting: RefCell<VecDeque<String>>,
    is_over: Cell<bool>,
}

impl Talker {
    fn listen(this: &Rc<Self>) {
        this.session.connect_told(|_, news| told::news(news));
        let talker = Rc::downgrade(this);
        this.session.connect_standing_notify(move |session| {
            told::standing(&session.standing());
            if let Some(talker) = talker.upgrade() {
                talker.say_waiting();
            }
        });
        let talker = Rc::downgrade(this);
        this.session.connect_state_notify(move |_| {
            if let Some(talker) = talker.upgrade() {
                Self::go_on(&talker);
            }
        });
    }

    fn obey(&self, command: Command) {
        match command {
            Command::Compare => {
                if let Err(error) = self.session.compare() {
                    tell(&[told::ANSWER, &error.to_string()]);
                }
            }
            Command::ConnectAsNew => {
                self.session.connect_as_new();
            }
            Command::Connect => self.session.connect(),
            Command::Network => self.session.look_after_network(),
            Command::Say(text) => {
                self.waiting.borrow_mut().push_back(text);
                self.say_waiting();
            }
        }
    }

    fn say_waiting(&self) {
        loop {
            let next = self.waiting.borrow_mut().pop_front();
            let Some(text) = next else {
                return;
            };
            let parsed = match text.parse::<Text>() {
                Ok(parsed) => parsed,
                Err(error) => {
                    tell(&[told::REFUSED, "-", &error.to_string()]);
                    continue;
                }
            };
            match self.session.say(Conv::Room, parsed) {
                Ok(cid) => tell(&[told::SAID, &cid.to_string(), &text]),
                Err(SayError::NoServer) => {
                    self.waiting.borrow_mut().push_front(text);
                    return;
                }
                Err(error) => tell(&[told::REFUSED, "-", &error.to_string()]),
            }
        }
    }

    /// A connection that is no more is made again, unless a person has to decide first.
    fn go_on(this: &Rc<Self>) {
        let is_stopped = match this.session.state() {
            State::Waiting { .. } | State::Failed { .. } | State::Ended { .. } => false,
            State::Idle
            | State::LookingUp
            | State::Connecting
            | State::Connected { .. }
            | State::Closing => true,
        };
        if is_stopped || this.is_over.get() {
            return;
        }
        let talker = Rc::downgrade(this);
        glib::timeout_add_local_once(AGAIN, move || {
            let Some(talker) = talker.upgrade().filter(|talker| !talker.is_over.get()) else {
                return;
            };
            let wants_a_person = match talker.session.standing() {
                Standing::Blocked { .. } => true,
                Standing::Over(end) => end == End::Superseded,
                _ => false,
            };
            match talker.session.state() {
                State::Waiting { .. } => talker.session.reconnect_now(),
                State::Failed { .. } | State::Ended { .. } if !wants_a_person => {
                    talker.session.connect();
                }
                _ => {}
            }
        });
    }

    /// Closes properly.
    async fn end(&self) {
        self.is_over.set(true);
        let (over, is_over) = async_channel::bounded::<()>(1);
        self.session.connect_state_notify(move |session| {
            if is_closed(session) {
                // Told once is enough.
                let _ = over.try_send(());
            }
        });
        self.session.close();
        if !is_closed(&self.session) {
            // Else the connection ends with the program.
            let _ = glib::future_with_timeout(LAST, is_over.recv()).await;
        }
    }
}

fn is_closed(session: &Session) -> bool {
    matches!(
        session.state(),
        State::Idle | State::Ended { .. } | State::Failed { .. }
    )
}
