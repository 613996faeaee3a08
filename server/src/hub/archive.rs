//! Who the server is to encrypted people, and where what is said is kept.

use std::fmt;
use std::sync::Arc;

use hallway_core::history::{Error, History, ServerStore};
use hallway_core::identity::Identity;
use hallway_core::wire::values::Label;
use hallway_core::wire::{At, Epoch, Fingerprint, Pos};

/// What a room needs to speak with encrypted people. A clone is the same.
#[derive(Clone)]
pub struct Archive(Arc<Parts>);

struct Parts {
    identity: Identity,
    name: Label,
    epoch: Epoch,
    head: Pos,
    history: History<ServerStore>,
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
            name,
            epoch,
            head,
            history: History::start(store)?,
        })))
    }

    /// The history, for whoever wants to look something up.
    pub fn history(&self) -> &History<ServerStore> {
        &self.0.history
    }

    /// Who the server is.
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.identity.fingerprint()
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.0.identity
    }

    pub(super) fn name(&self) -> &Label {
        &self.0.name
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

/// Now, by the clock of this computer; one that is wrong is only wrong.
pub(super) fn now() -> At {
    let now = glib::real_time() / 1_000;
    u64::try_from(now)
        .ok()
        .and_then(|now| At::try_from(now).ok())
        .unwrap_or_default()
}
