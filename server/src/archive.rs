//! Who the server is, and where what is said is kept: opened before the room is.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use hallway_core::history::ServerStore;
use hallway_core::identity::Identity;
use hallway_core::text::Name;
use hallway_core::wire::{Password, limits};
use rustix::fs::{FlockOperation, flock};

use crate::hub::Archive;
use crate::words::keeping as words;

/// The folder in the user's data where none was named.
const FOLDER: &str = "hallway-server";

/// The history in it.
const HISTORY: &str = "history.db";

/// The file by which a second server of the same folder is told.
const LOCK: &str = "server.lock";

/// What everybody may do with a password's file: nothing.
const OTHERS: u32 = 0o007;

/// What was opened, for as long as the program runs.
pub(crate) struct Opened {
    pub(crate) archive: Archive,
    /// What was damaged, as sentences.
    pub(crate) warnings: Vec<String>,
    /// Held until the end.
    _lock: File,
}

/// Opens, or makes, what encrypted people need. It waits for the disk.
///
/// # Errors
/// A sentence for people.
pub(crate) fn open(folder: Option<&Path>, host: &Name) -> Result<Opened, String> {
    let folder = folder.map_or_else(default_folder, Path::to_owned);
    let failed = |error: &dyn std::error::Error| words::cannot_keep(&folder, &error.to_string());
    // First: it makes the folder, and keeps others out of it.
    let loaded = Identity::load_or_make(&folder).map_err(|error| failed(&error))?;
    let lock = lock(&folder)?;
    let opened = ServerStore::open(&folder.join(HISTORY)).map_err(|error| failed(&error))?;
    let mut warnings = Vec::new();
    if let Some(aside) = &loaded.set_aside {
        warnings.push(words::certificate_set_aside(aside));
    }
    if let Some(aside) = &opened.set_aside {
        warnings.push(words::history_set_aside(aside));
    }
    let archive = Archive::new(loaded.identity, host.into(), opened.store);
    Ok(Opened {
        archive: archive.map_err(|error| failed(&error))?,
        warnings,
        _lock: lock,
    })
}

fn default_folder() -> PathBuf {
    glib::user_data_dir().join(FOLDER)
}

/// Two servers with one history would give two messages one place.
fn lock(folder: &Path) -> Result<File, String> {
    let path = folder.join(LOCK);
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(false).mode(0o600);
    let failed = |why: &dyn std::error::Error| words::cannot_keep(folder, &why.to_string());
    let file = options.open(&path).map_err(|error| failed(&error))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(words::in_use(folder)),
        Err(error) => Err(failed(&error)),
    }
}

/// The password in a file: its first line. A pipe will do as well.
///
/// # Errors
/// A sentence for people.
pub(crate) fn password(path: &Path) -> Result<Password, String> {
    let failed = |error: std::io::Error| words::no_password(path, &error.to_string());
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_file() && metadata.mode() & OTHERS != 0 {
        return Err(words::open_password(path));
    }
    let mut text = String::new();
    // What is longer with its ending is no password.
    let longest = limits::PASSWORD as u64 + 2;
    file.take(longest)
        .read_to_string(&mut text)
        .map_err(failed)?;
    let line = text.lines().next().unwrap_or_default();
    line.parse().map_err(|_| words::bad_password(path))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_password_is_the_first_line_of_a_file_that_is_not_everybodys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let write = |text: &str, mode| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            password(&path)
        };
        let right = Ok("open sesame".parse().unwrap());
        assert_eq!(write("open sesame\n", 0o600), right);
        assert_eq!(write("open sesame\r\nmore", 0o640), right);
        assert!(write("open sesame\n", 0o604).is_err());
        assert!(write("\n", 0o600).is_err());
        assert!(write(&"x".repeat(limits::PASSWORD), 0o600).is_ok());
        assert!(write(&"x".repeat(limits::PASSWORD + 1), 0o600).is_err());
        assert!(password(&folder.path().join("nothing")).is_err());
    }

    #[test]
    fn a_folder_is_one_servers_and_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let host = Name::parse("Ana").unwrap();
        let first = open(Some(&data), &host).unwrap();
        assert_eq!(fs::metadata(&data).unwrap().mode() & 0o777, 0o700);
        assert!(open(Some(&data), &host).is_err());
        let id = first.archive.fingerprint();
        first.archive.history().stop().wait().unwrap();
        drop(first);
        let second = open(Some(&data), &host).unwrap();
        assert_eq!(second.archive.fingerprint(), id);
        assert!(second.warnings.is_empty());
    }

    #[test]
    fn what_is_damaged_is_set_aside_and_told_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let host = Name::parse("Ana").unwrap();
        for file in [HISTORY, "identity.pem"] {
            fs::write(folder.path().join(file), "not at all").unwrap();
        }
        let opened = open(Some(folder.path()), &host).unwrap();
        assert_eq!(opened.warnings.len(), 2, "{:?}", opened.warnings);
        for (note, file) in opened.warnings.iter().zip(["identity.pem", HISTORY]) {
            assert!(note.contains(file), "{note}");
        }
    }
}
