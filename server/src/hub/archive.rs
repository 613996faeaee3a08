//! Who the server is to encrypted people, and where what is said is kept.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use hallway_core::history::{Error, History, ServerStore};
use hallway_core::identity::Identity;
use hallway_core::wire::values::Label;
use hallway_core::wire::{Epoch, Fingerprint, Pos};

use super::known::Known;

/// What a room needs to speak with encrypted people. A clone is the same.
#[derive(Clone)]
pub struct Archive(Arc<Parts>);

struct Parts {
    identity: Identity,
    /// As the host is called now. Locked for the time of a copy.
    name: Mutex<Label>,
    epoch: Epoch,
    head: Pos,
    history: History<ServerStore>,
    known: OnceLock<Known>,
}

impl Archive {
    /// A room that is known by `identity`, is called `name`, and keeps what is said in `store`. It
    /// waits for the disk.
    ///
    /// # Errors
    /// The history's.
    pub fn new(identity: Identity, name: Label, store: ServerStore) -> Result<Self, Error> {
        let (epoch, head) = (*store.epoch(), store.head()?.pos);
        Ok(Self(Arc::new(Parts {
            identity,
            name: Mutex::new(name),
            epoch,
            head,
            history: History::start(store)?,
            known: OnceLock::new(),
        })))
    }

    /// The history, for whoever wants to look something up.
    pub fn history(&self) -> &History<ServerStore> {
        &self.0.history
    }

    /// Writes down in `known` from now on who was verified. Once; later calls change nothing.
    pub fn set_known(&self, known: Known) {
        let _ = self.0.known.set(known);
    }

    /// Where it is written down who was verified, if it is.
    pub fn known(&self) -> Option<&Known> {
        self.0.known.get()
    }

    /// Who the server is.
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.identity.fingerprint()
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.0.identity
    }

    pub(super) fn name(&self) -> Label {
        let name = self.0.name.lock();
        name.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The host is called something else from now on.
    pub(super) fn set_name(&self, name: Label) {
        *self.0.name.lock().unwrap_or_else(PoisonError::into_inner) = name;
    }

    pub(super) fn epoch(&self) -> Epoch {
        self.0.epoch
    }

    /// The last event when it was opened.
    pub(super) fn head(&self) -> Pos {
        self.0.head
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Archive").field(&self.fingerprint()).finish()
    }
}
