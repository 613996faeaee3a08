//! Pins in a file that several programs use at once.

use std::path::{Path, PathBuf};

use super::limits::{FILE as LONGEST, LOCK_WAIT};
use super::pins::{Pins, Unreadable};
use crate::files::{self, Folder, Found, Lock};

/// The name of the file in its folder.
const FILE: &str = "pins.json";

/// The name of the file by which programs wait for each other.
const LOCK: &str = "pins.lock";

/// Why pins cannot be read or kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file or its folder.
    #[error(transparent)]
    File(#[from] files::Error),
    /// A newer version of this program wrote the file. It is left as it is.
    #[error("{}: written by a newer version ({version})", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
}

/// Pins as they were read last, and the file that they are in.
///
/// The client and the server of one person, and several windows, may have the same file. Each
/// change is made to what the file holds then, so nobody's is lost.
#[derive(Debug)]
pub struct Store {
    folder: Folder,
    pins: Pins,
}

/// Something was done, and what is to be told of it.
#[derive(Debug)]
pub struct Done<T> {
    /// What came of it.
    pub value: T,
    /// Where the file went that was there and could not be read. Pins of other programs were in it
    /// that this one has not seen.
    pub set_aside: Option<PathBuf>,
}

impl Store {
    /// Reads the pins in a folder; none where there is no file yet. It waits for the disk, and for
    /// another program at most [`LOCK_WAIT`].
    ///
    /// # Errors
    /// The folder or the file cannot be used, or a newer version wrote it.
    pub fn open(folder: &Path) -> Result<Done<Self>, Error> {
        let mut store = Self {
            folder: Folder::open(folder)?,
            pins: Pins::default(),
        };
        let set_aside = store.refresh()?;
        Ok(Done {
            value: store,
            set_aside,
        })
    }

    /// The pins as they were read or changed last.
    pub fn pins(&self) -> &Pins {
        &self.pins
    }

    /// Reads again, for what other programs have changed, and tells where a damaged file went.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn refresh(&mut self) -> Result<Option<PathBuf>, Error> {
        let lock = self.folder.lock(LOCK, LOCK_WAIT)?;
        let (pins, set_aside) = self.read(&lock)?;
        drop(lock);
        self.pins = pins;
        Ok(set_aside)
    }

    /// Changes what the file holds now, and writes it. It waits as [`Store::open`] does.
    ///
    /// Where the file is gone or damaged, what was read of it last is changed: nothing but
    /// [`Pins::forget`] makes somebody unknown.
    ///
    /// # Errors
    /// As [`Store::open`], or the file cannot be written; then nothing is changed.
    pub fn change<T>(&mut self, change: impl FnOnce(&mut Pins) -> T) -> Result<Done<T>, Error> {
        let lock = self.folder.lock(LOCK, LOCK_WAIT)?;
        let (before, set_aside) = self.read(&lock)?;
        let mut after = before.clone();
        let value = change(&mut after);
        if after != before {
            lock.replace(FILE, &after.to_json())?;
        }
        drop(lock);
        self.pins = after;
        Ok(Done { value, set_aside })
    }

    /// What the file holds. A damaged one is set aside; in its place, and where none is any more,
    /// comes what was read last.
    fn read(&self, lock: &Lock<'_>) -> Result<(Pins, Option<PathBuf>), Error> {
        let read = match self.folder.read(FILE, LONGEST)? {
            Found::Nothing => {
                self.restore(lock)?;
                return Ok((self.pins.clone(), None));
            }
            Found::Bytes(bytes) => Pins::from_json(&bytes),
            Found::TooLong => Err(Unreadable::Damaged("too long".to_owned())),
        };
        match read {
            Ok(pins) => Ok((pins, None)),
            Err(Unreadable::Newer(version)) => {
                let path = self.folder.path(FILE);
                Err(Error::Newer { path, version })
            }
            Err(Unreadable::Damaged(reason)) => {
                let aside = lock.set_aside(FILE)?;
                tracing::warn!(reason, aside = %aside.display(), "pins are set aside");
                self.restore(lock)?;
                Ok((self.pins.clone(), Some(aside)))
            }
        }
    }

    fn restore(&self, lock: &Lock<'_>) -> Result<(), Error> {
        if self.pins != Pins::default() {
            lock.replace(FILE, &self.pins.to_json())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
