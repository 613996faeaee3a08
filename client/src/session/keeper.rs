//! What encrypted conversations are kept by: who we are, whom we know, what was said.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hallway_core::history::{self, ClientStore, History};
use hallway_core::identity::{self, Identity};
use hallway_core::net::tls;
use hallway_core::trust::sas::Pair;
use hallway_core::trust::{self, Address, Judgement, Lockout, Met, Pin, Pins, Refused, Role};
use hallway_core::wire::values::Label;
use hallway_core::wire::{At, Fingerprint};

use super::Target;

/// The name of the history in its folder.
pub const HISTORY: &str = "history.db";

/// Our identity, our pins and our history. A clone is the same.
#[derive(Clone, Debug)]
pub struct Keeper(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    identity: Identity,
    tls: tls::Client,
    history: History<ClientStore>,
    /// Held while a file is waited for: nobody but threads may lock it.
    file: Mutex<trust::Store>,
    /// The pins as the file had them last. Locked for the time of a copy.
    pins: Mutex<Arc<Pins>>,
    /// Whether servers' digits were the same, as far as it is not written.
    found: Mutex<VecDeque<(Fingerprint, bool)>>,
    lockout: Mutex<Lockout>,
}

/// Why nothing can be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no identity.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The identity cannot be used.
    #[error(transparent)]
    Tls(#[from] tls::Unusable),
    /// Whom we know cannot be read.
    #[error(transparent)]
    Pins(#[from] trust::Error),
    /// What was said cannot be read.
    #[error(transparent)]
    History(#[from] history::Error),
}

/// A keeper, and what people should be told of it.
#[derive(Debug)]
pub struct Opened {
    /// The keeper.
    pub keeper: Keeper,
    /// The identity is new: nobody knows it.
    pub is_new: bool,
    /// Where files went that were damaged.
    pub set_aside: Vec<PathBuf>,
}

/// Who is at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    FirstContact,
    Known,
    AnotherKnown { here: Label, before: Label },
    Unknown { before: Pin },
}

/// Why a server was not pinned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotMet {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    File(#[from] trust::Error),
}

impl Keeper {
    /// Opens what is in a folder, made as needed. It waits for the disk: not for a main loop.
    ///
    /// # Errors
    /// One of the files cannot be used.
    pub fn open(folder: &Path) -> Result<Opened, Error> {
        let identity = Identity::load_or_make(folder)?;
        let pins = trust::Store::open(folder)?;
        let history = ClientStore::open(&folder.join(HISTORY))?;
        let set_aside = [identity.set_aside, pins.set_aside, history.set_aside];
        Ok(Opened {
            keeper: Self::new(
                identity.identity,
                pins.value,
                History::start(history.store)?,
            )?,
            is_new: identity.is_new,
            set_aside: set_aside.into_iter().flatten().collect(),
        })
    }

    /// A keeper of these.
    ///
    /// # Errors
    /// The identity is of no use for TLS.
    pub fn new(
        identity: Identity,
        pins: trust::Store,
        history: History<ClientStore>,
    ) -> Result<Self, tls::Unusable> {
        let known = Mutex::new(Arc::new(pins.pins().clone()));
        Ok(Self(Arc::new(Kept {
            tls: tls::Client::hallway(&identity)?,
            identity,
            history,
            file: Mutex::new(pins),
            pins: known,
            found: Mutex::default(),
            lockout: Mutex::default(),
        })))
    }

    /// Who we are.
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.identity.fingerprint()
    }

    /// What was said, and the outbox.
    pub fn history(&self) -> &History<ClientStore> {
        &self.0.history
    }

    /// Whom we know, as it was read last.
    pub fn pins(&self) -> Arc<Pins> {
        Arc::clone(&lock(&self.0.pins))
    }

    /// The server that was met last at this address, as it was typed. Where there is one, nobody
    /// speaks plainly.
    pub fn pinned_at(&self, target: &Target) -> Option<Pin> {
        let address = address(target).ok()?;
        self.pins().at(&address).cloned()
    }

    pub(super) fn tls(&self) -> tls::Client {
        self.0.tls.clone()
    }

    /// Who is at the address, by what the file says now. It waits for the disk.
    pub(super) fn judge(&self, id: &Fingerprint, at: &Address) -> Result<Verdict, trust::Error> {
        let mut file = lock(&self.0.file);
        if let Some(path) = file.refresh()? {
            tracing::warn!(path = %path.display(), "the pins were damaged");
        }
        self.note(&file);
        Ok(match file.pins().judge(id, at) {
            Judgement::FirstContact => Verdict::FirstContact,
            Judgement::Known(_) => Verdict::Known,
            Judgement::AnotherKnown { here, before } => Verdict::AnotherKnown {
                here: here.name.clone(),
                before: before.name.clone(),
            },
            Judgement::Unknown { before } => Verdict::Unknown {
                before: before.clone(),
            },
        })
    }

    /// A server said welcome. It waits for the disk.
    pub(super) fn met(
        &self,
        id: Fingerprint,
        name: Label,
        address: Address,
        as_new: bool,
    ) -> Result<Met, NotMet> {
        let at = At::now();
        self.change(|pins| {
            if as_new {
                pins.met_as_new(id, name, address, at)
            } else {
                pins.met(Role::Server, id, name, Some(address), at)
            }
        })?
        .map_err(NotMet::from)
    }

    /// A server's digits were the same, or not: [`write_found`](Self::write_found) is to follow.
    pub(super) fn found(&self, id: Fingerprint, is_verified: bool) {
        lock(&self.0.found).push_back((id, is_verified));
    }

    /// Writes down what was [found](Self::found) first: threads begin in any order. It waits for the
    /// disk.
    pub(super) fn write_found(&self) -> Result<(), trust::Error> {
        let mut file = lock(&self.0.file);
        let found = lock(&self.0.found).pop_front();
        if let Some((id, is_verified)) = found {
            file.change(|pins| pins.set_verified(Role::Server, &id, is_verified))?;
            self.note(&file);
        }
        Ok(())
    }

    /// Whom we know, by what the file says now. It waits for the disk.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn look_again(&self) -> Result<(Arc<Pins>, Option<PathBuf>), trust::Error> {
        let mut file = lock(&self.0.file);
        let set_aside = file.refresh()?;
        self.note(&file);
        Ok((self.pins(), set_aside))
    }

    /// Forgets somebody: the next time is a first contact. It waits for the disk. False: nobody
    /// such is known.
    ///
    /// # Errors
    /// The file cannot be written; then they are still known.
    pub fn forget(&self, role: Role, id: &Fingerprint) -> Result<bool, trust::Error> {
        self.change(|pins| pins.forget(role, id).is_some())
    }

    fn change<T>(&self, change: impl FnOnce(&mut Pins) -> T) -> Result<T, trust::Error> {
        let mut file = lock(&self.0.file);
        let done = file.change(change)?;
        self.note(&file);
        Ok(done.value)
    }

    fn note(&self, file: &trust::Store) {
        *lock(&self.0.pins) = Arc::new(file.pins().clone());
    }

    pub(super) fn with_lockout<T>(&self, work: impl FnOnce(&mut Lockout, Instant) -> T) -> T {
        work(&mut lock(&self.0.lockout), Instant::now())
    }

    pub(super) fn pair(&self, server: Fingerprint) -> Pair {
        Pair {
            client: self.fingerprint(),
            server,
        }
    }
}

/// The place of a target, as it was typed.
pub(super) fn address(target: &Target) -> Result<Address, trust::NotAnAddress> {
    Address::new(target.host(), target.port())
}

/// Whatever a thread did before it panicked, what is kept is whole: each change is one value put
/// in place of another.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
