//! Sending to a server of our own kind: done when it has everything on its disk.

mod failure;
mod told;
mod words;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use async_channel::Receiver;
use futures_util::future::{Either, select};
use hallway_core::net::{Connector, Reactor};
use hallway_core::text::Name;
use hallway_core::wire::{Cid, Conv, Password, Text};
use rustix::process::Signal;

use super::input;
use super::texts::Texts;
use super::{EXIT_INTERRUPTED, Source};
use crate::complain;
use crate::session::{Keeper, Session, Standing, State, Target};
use crate::way::How;
pub(super) use failure::Failure;
use told::Told;

/// Another server is at the address than the one that is known.
const EXIT_UNKNOWN: u8 = 3;

/// Messages that may be unacknowledged before more is read: more than a server takes at once.
const UNACKNOWLEDGED: usize = 64;

/// Numbers put behind the person's own name where somebody in the room is called so already: the host,
/// on the same computer. Nobody waits for more attempts than that.
const SPARE_NAMES: RangeInclusive<u8> = 2..=9;

/// Bytes of a file with a password that are looked at.
const PASSWORD_FILE: u64 = 4096;

/// How long the last things are waited for: twice what closing takes.
const LAST: Duration = Duration::from_secs(6);

/// Sends what `source` gives to `target`.
pub(super) fn run(target: &Target, source: Source, how: &How, folder: &Path) -> ExitCode {
    glib::MainContext::default().block_on(async {
        let begun = Sending::begin(target, how, folder).await;
        let sending = match begun {
            Ok(sending) => sending,
            Err(failure) => return failed(&failure, false),
        };
        let outcome = {
            let all = pin!(sending.all(source));
            let interrupt = glib_unix::signal_future(Signal::INT.as_raw());
            match select(all, interrupt).await {
                Either::Left((outcome, _)) => Some(outcome),
                Either::Right(((), _)) => None,
            }
        };
        let code = match &outcome {
            Some(Ok(())) => ExitCode::SUCCESS,
            Some(Err(failure)) => failed(failure, sending.is_in_doubt()),
            None => ExitCode::from(EXIT_INTERRUPTED),
        };
        sending.end().await;
        code
    })
}

fn failed(failure: &Failure, is_in_doubt: bool) -> ExitCode {
    complain(&words::failure(failure, is_in_doubt));
    match failure {
        Failure::Unknown { .. } => ExitCode::from(EXIT_UNKNOWN),
        _ => ExitCode::FAILURE,
    }
}

struct Sending {
    session: Session,
    keeper: Keeper,
    told: Rc<Told>,
    news: Receiver<()>,
    /// Names to try next: where the person chose none, one that is taken is no reason to fail.
    spare_names: RefCell<VecDeque<Name>>,
}

impl Sending {
    async fn begin(target: &Target, how: &How, folder: &Path) -> Result<Self, Failure> {
        let password = how.password_file.as_deref().map(password).transpose()?;
        let folder = folder.to_owned();
        let opened = gio::spawn_blocking(move || Keeper::open(&folder)).await;
        let opened = opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let opened = opened.map_err(Failure::Keeper)?;
        for path in &opened.set_aside {
            complain(&hallway_words::set_aside(path));
        }
        let keeper = opened.keeper;
        let reactor = Reactor::new(glib::Priority::DEFAULT).map_err(Failure::System)?;
        let name = how.name.clone().unwrap_or_else(crate::words::own_name);
        let spare_names = if how.name.is_none() {
            let spare = SPARE_NAMES.filter_map(|n| Name::parse(&format!("{name} {n}")).ok());
            spare.collect()
        } else {
            VecDeque::new()
        };
        let session = Session::encrypted(
            &reactor,
            Connector::default(),
            target.clone(),
            keeper.clone(),
            name,
        )
        .map_err(|_| Failure::Address)?;
        if let Some(password) = password {
            session.give_password(password);
        }
        let (told, news) = Told::listen(&session, &keeper);
        session.connect();
        Ok(Self {
            session,
            keeper,
            told,
            news,
            spare_names: RefCell::new(spare_names),
        })
    }

    /// Sends everything, and waits for its acknowledgement.
    async fn all(&self, source: Source) -> Result<(), Failure> {
        self.until(|| self.told.server.get().is_some() && self.told.is_known.get())
            .await?;
        let mut texts = Texts::default();
        match source {
            Source::Text(text) => {
                for text in texts.push(&text) {
                    self.say(text).await?;
                }
            }
            Source::StandardInput => {
                let input = input::start().map_err(Failure::System)?;
                loop {
                    let next = pin!(input.recv());
                    let chunk = match select(next, pin!(self.until(|| false))).await {
                        Either::Left((Ok(chunk), _)) => chunk.map_err(Failure::Input)?,
                        Either::Left((Err(_), _)) => break,
                        Either::Right((over, _)) => return over,
                    };
                    for text in texts.push(&chunk) {
                        self.say(text).await?;
                    }
                }
            }
        }
        if let Some(text) = texts.finish() {
            self.say(text).await?;
        }
        self.all_acknowledged().await
    }

    /// Waits for the last acknowledgement. It counts whatever became of the connection after it.
    async fn all_acknowledged(&self) -> Result<(), Failure> {
        let is_done = || self.told.refused.borrow().is_none() && self.told.open.borrow().is_empty();
        while !is_done() {
            if let Some(failure) = self.failure() {
                return Err(failure);
            }
            self.hear().await;
        }
        Ok(())
    }

    async fn say(&self, text: Text) -> Result<(), Failure> {
        self.until(|| self.told.open.borrow().len() < UNACKNOWLEDGED)
            .await?;
        let cid = self
            .session
            .say(Conv::Room, text)
            .map_err(Failure::NotSaid)?;
        self.told.open.borrow_mut().insert(cid, false);
        Ok(())
    }

    /// Waits until it is so, or cannot become so.
    async fn until(&self, is_so: impl Fn() -> bool) -> Result<(), Failure> {
        loop {
            self.try_another_name();
            if let Some(failure) = self.failure() {
                return Err(failure);
            }
            if is_so() {
                return Ok(());
            }
            self.hear().await;
        }
    }

    fn try_another_name(&self) {
        while self.session.standing() == Standing::NameWanted {
            let Some(name) = self.spare_names.borrow_mut().pop_front() else {
                return;
            };
            self.session.set_name(name);
        }
    }

    async fn hear(&self) {
        // The bell lives as long as we do, so there is no end to hear of.
        let _ = self.news.recv().await;
    }

    fn failure(&self) -> Option<Failure> {
        if let Some(fate) = self.told.refused.borrow().clone() {
            return Some(Failure::Message(fate));
        }
        match self.session.standing() {
            Standing::Blocked { before, here } => {
                let before = before.name;
                return Some(Failure::Unknown { before, here });
            }
            Standing::PasswordWanted { again } => return Some(Failure::PasswordWanted { again }),
            Standing::NameWanted => return Some(Failure::NameTaken),
            Standing::Over(end) => return Some(Failure::Over(end)),
            Standing::Away
            | Standing::Greeting
            | Standing::WaitingToBeLetIn
            | Standing::Here { .. } => {}
        }
        match self.session.state() {
            State::Failed { error } | State::Waiting { error, .. } => {
                Some(Failure::Connection(error))
            }
            State::Ended { .. } => Some(Failure::EndedByServer),
            State::Idle
            | State::LookingUp
            | State::Connecting
            | State::Connected { .. }
            | State::Closing => None,
        }
    }

    /// Whether the server may have what it did not acknowledge.
    fn is_in_doubt(&self) -> bool {
        self.told.open.borrow().values().any(|was_sent| *was_sent)
    }

    /// Closes, and leaves nothing in the outbox: whoever reads that it failed sends it again.
    async fn end(self) {
        self.session.close();
        let is_over = || {
            matches!(
                self.session.state(),
                State::Idle | State::Ended { .. } | State::Failed { .. }
            )
        };
        let closing = async {
            while !is_over() {
                self.hear().await;
            }
        };
        let _ = select(pin!(closing), pin!(glib::timeout_future(LAST))).await;
        let open: Vec<Cid> = self.told.open.borrow().keys().copied().collect();
        if let Some(server) = self.told.server.get().filter(|_| !open.is_empty()) {
            let withdrawn = self.keeper.history().ask(move |store| {
                for cid in &open {
                    store.withdraw(&server, cid)?;
                }
                Ok(())
            });
            let result = match withdrawn {
                Ok(answer) => answer.await,
                Err(error) => Err(error),
            };
            if let Err(error) = result {
                complain(&words::left_in_outbox(&error));
            }
        }
        // What is with the history is still written.
        let stopped = pin!(self.keeper.history().stop());
        let _ = select(stopped, pin!(glib::timeout_future(LAST))).await;
    }
}

/// The first line of a file.
fn password(path: &Path) -> Result<Password, Failure> {
    use std::io::Read;

    let mut text = String::new();
    let file = fs::File::open(path).map_err(Failure::Password)?;
    file.take(PASSWORD_FILE)
        .read_to_string(&mut text)
        .map_err(Failure::Password)?;
    let line = text.lines().next().unwrap_or_default();
    line.parse().map_err(|_| Failure::NoPassword)
}
