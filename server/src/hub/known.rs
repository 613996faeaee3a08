//! Who was verified, written down for the next time.

use std::collections::VecDeque;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hallway_core::trust::{Done, Error, Pins, Role, Store};
use hallway_core::wire::values::Label;
use hallway_core::wire::{At, Fingerprint};

impl Note {
    /// False: there is no room for somebody else who is verified.
    fn write(self, pins: &mut Pins) -> bool {
        let Self {
            id,
            name,
            is_verified,
        } = self;
        if is_verified && pins.met(Role::Person, id, name, None, At::now()).is_err() {
            return false;
        }
        // Whom nobody knows is not verified either.
        pins.set_verified(Role::Person, &id, is_verified) || !is_verified
    }
}

/// The people whose six digits were compared. A clone is the same.
#[derive(Clone)]
pub struct Known(Arc<Kept>);

struct Kept {
    /// Held while a file is waited for: nobody but threads may lock it.
    file: Mutex<Store>,
    /// The pins as the file had them last. Locked for the time of a copy.
    pins: Mutex<Arc<Pins>>,
    /// What is to be written, in the order in which it was found.
    notes: Mutex<VecDeque<Note>>,
}

/// Whether the digits of somebody were the same.
struct Note {
    id: Fingerprint,
    name: Label,
    is_verified: bool,
}

impl Known {
    /// Reads what is in a folder. It waits for the disk.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn open(folder: &Path) -> Result<Done<Self>, Error> {
        let Done { value, set_aside } = Store::open(folder)?;
        let pins = Mutex::new(Arc::new(value.pins().clone()));
        let file = Mutex::new(value);
        Ok(Done {
            value: Self(Arc::new(Kept {
                file,
                pins,
                notes: Mutex::default(),
            })),
            set_aside,
        })
    }

    /// Who is known, as it was read last.
    pub fn pins(&self) -> Arc<Pins> {
        Arc::clone(&lock(&self.0.pins))
    }

    /// Who is known, by what the file says now, and where a damaged one went. It waits for the disk.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn look_again(&self) -> Result<(Arc<Pins>, Option<PathBuf>), Error> {
        let mut file = lock(&self.0.file);
        let set_aside = file.refresh()?;
        *lock(&self.0.pins) = Arc::new(file.pins().clone());
        Ok((self.pins(), set_aside))
    }

    /// Notes whether somebody's digits were the same. It waits for the disk. False: as many are verified
    /// as can be remembered.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn note(&self, id: Fingerprint, name: Label, is_verified: bool) -> Result<bool, Error> {
        let note = Note {
            id,
            name,
            is_verified,
        };
        self.change(|pins| note.write(pins))
    }

    /// Forgets somebody. It waits for the disk.
    ///
    /// # Errors
    /// The file cannot be written; then they are still known.
    pub fn forget(&self, role: Role, id: &Fingerprint) -> Result<bool, Error> {
        self.change(|pins| pins.forget(role, id).is_some())
    }

    /// [`note`](Self::note), on a thread that may wait. A person compares digits: there are few.
    pub(super) fn note_later(&self, id: Fingerprint, name: Label, is_verified: bool) {
        let note = Note {
            id,
            name,
            is_verified,
        };
        lock(&self.0.notes).push_back(note);
        let known = self.clone();
        gio::spawn_blocking(move || known.write_next());
    }

    /// Writes what was found first: threads begin in any order.
    fn write_next(&self) {
        let mut file = lock(&self.0.file);
        let next = lock(&self.0.notes).pop_front();
        let Some(note) = next else { return };
        match self.change_in(&mut file, |pins| note.write(pins)) {
            Ok(true) => {}
            Ok(false) => tracing::warn!("as many are verified as can be remembered"),
            Err(error) => tracing::warn!(%error, "who was verified is not written down"),
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Pins) -> T) -> Result<T, Error> {
        self.change_in(&mut lock(&self.0.file), change)
    }

    fn change_in<T>(
        &self,
        file: &mut Store,
        change: impl FnOnce(&mut Pins) -> T,
    ) -> Result<T, Error> {
        let done = file.change(change)?;
        *lock(&self.0.pins) = Arc::new(file.pins().clone());
        Ok(done.value)
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.pins().iter(Role::Person).count();
        f.debug_tuple("Known").field(&count).finish()
    }
}

/// Whatever a thread did before it panicked, what is kept is whole: each change is one value put
/// in place of another.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_verified_is_known_after_a_restart_until_they_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let ana = Fingerprint::from_bytes([7; 32]);
        let known = Known::open(folder.path()).unwrap().value;
        let note = |is_verified| known.note(ana, "Ana".parse().unwrap(), is_verified);
        assert!(note(false).unwrap(), "nobody was");
        assert!(note(true).unwrap());
        assert!(note(false).unwrap());
        assert!(!known.pins().get(Role::Person, &ana).unwrap().verified);
        assert!(note(true).unwrap());
        let again = Known::open(folder.path()).unwrap();
        assert_eq!(again.set_aside, None);
        let again = again.value;
        let pins = again.pins();
        assert!(pins.get(Role::Person, &ana).is_some_and(|pin| pin.verified));
        assert!(again.forget(Role::Person, &ana).unwrap());
        assert!(again.pins().get(Role::Person, &ana).is_none());
        let (seen, _) = known.look_again().unwrap();
        assert!(seen.get(Role::Person, &ana).is_none());
        assert!(!known.forget(Role::Person, &ana).unwrap());
    }
}
