//! What is kept, opened once, when it is first needed.

use std::cell::RefCell;
use std::path::PathBuf;

use adw::subclass::prelude::*;

use super::application::Application;
use crate::session::Keeper;
use crate::session::keeper::Error;
use crate::session::{Target, keeper};
use crate::way::{self, Chosen, NoWay, Way};

/// How far the keeper is.
#[derive(Debug, Default)]
enum Stage {
    /// Nobody needed it, or it could not be opened: it is tried again then.
    #[default]
    Closed,
    /// It is being opened. The channel closes when that is over.
    Opening(async_channel::Receiver<()>),
    Open(Keeper),
}

/// The keeper of an application.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    stage: RefCell<Stage>,
    /// Why it could not be opened last.
    error: RefCell<Option<Error>>,
    /// Damaged files that nobody was told of.
    set_aside: RefCell<Vec<PathBuf>>,
}

/// How to speak to a server.
#[derive(Debug)]
pub(super) enum Decided {
    /// Plain lines, as a person chose.
    Plain,
    /// Encrypted.
    Encrypted(Keeper),
    /// Plain lines are wanted where an encrypted server is known: it is encrypted all the same.
    Pinned(Keeper),
    /// It should be encrypted, and cannot be.
    NoKeeper(Error),
    /// Plain lines are wanted, and whether an encrypted server is known there cannot be found out.
    Uncertain(NoWay),
}

impl Application {
    fn keeping(&self) -> &Keeping {
        &self.imp().keeping
    }

    /// The keeper, if it is open.
    pub(super) fn open_keeper(&self) -> Option<Keeper> {
        match &*self.keeping().stage.borrow() {
            Stage::Open(keeper) => Some(keeper.clone()),
            _ => None,
        }
    }

    /// The keeper, opened at the first call. The main loop goes on meanwhile.
    ///
    /// # Errors
    /// A file of it cannot be used. The next call tries again.
    pub(super) async fn keeper(&self) -> Result<Keeper, Error> {
        let keeping = self.keeping();
        loop {
            let opening = match &*keeping.stage.borrow() {
                Stage::Open(keeper) => return Ok(keeper.clone()),
                Stage::Opening(opening) => Some(opening.clone()),
                Stage::Closed => None,
            };
            let Some(opening) = opening else { break };
            // It closes without a word.
            let _ = opening.recv().await;
            if let Some(error) = keeping.error.borrow().clone() {
                return Err(error);
            }
        }
        let (over, opening) = async_channel::bounded(1);
        keeping.stage.replace(Stage::Opening(opening));
        keeping.error.take();
        let opened = gio::spawn_blocking(|| Keeper::open(&way::folder())).await;
        let opened = opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let result = match opened {
            Ok(keeper::Opened {
                keeper, set_aside, ..
            }) => {
                keeping.set_aside.borrow_mut().extend(set_aside);
                keeping.stage.replace(Stage::Open(keeper.clone()));
                self.begin_keeping(&keeper);
                Ok(keeper)
            }
            Err(error) => {
                keeping.stage.replace(Stage::Closed);
                keeping.error.replace(Some(error.clone()));
                Err(error)
            }
        };
        drop(over);
        result
    }

    /// Damaged files that nobody was told of until now.
    pub(super) fn take_set_aside(&self) -> Vec<PathBuf> {
        self.keeping().set_aside.take()
    }

    /// How to speak to a server where this was asked for; `is_plain` where nothing was.
    pub(super) async fn decide(&self, target: &Target, way: Way, is_plain: bool) -> Decided {
        let wants_plain = match way {
            Way::Plain => true,
            Way::Encrypted => false,
            Way::AsKnown => is_plain,
        };
        if !wants_plain {
            return match self.keeper().await {
                Ok(keeper) => Decided::Encrypted(keeper),
                Err(error) => Decided::NoKeeper(error),
            };
        }
        let known = match &*self.keeping().stage.borrow() {
            Stage::Open(keeper) => Some(keeper.clone()),
            _ => None,
        };
        if let Some(keeper) = known {
            return match keeper.pinned_at(target) {
                Some(_) => Decided::Pinned(keeper),
                None => Decided::Plain,
            };
        }
        // The pins alone say it, and sooner than all of the keeper is open.
        let target = target.clone();
        let chosen = gio::spawn_blocking(move || way::choose(&target, Way::Plain, &way::folder()));
        let chosen = chosen.await;
        match chosen.unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
            Ok(Chosen::Encrypted) | Err(NoWay::Pinned) => match self.keeper().await {
                Ok(keeper) => Decided::Pinned(keeper),
                Err(error) => Decided::NoKeeper(error),
            },
            Ok(Chosen::Plain | Chosen::PlainUnasked) => Decided::Plain,
            Err(error) => Decided::Uncertain(error),
        }
    }
}
