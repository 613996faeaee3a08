//! Who the server is, and where what is said is kept: opened before the room is.

pub(crate) mod password;

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

#[cfg(feature = "gui")]
use hallway_core::history::History;
use hallway_core::history::ServerStore;
use hallway_core::history::entry::Entry;
use hallway_core::identity::Identity;
use hallway_core::text::Name;
use hallway_core::wire::Between;
#[cfg(feature = "gui")]
use hallway_core::wire::Fingerprint;
use rustix::fs::{FlockOperation, flock};

use crate::hub::{Archive, Known};
use crate::words::keeping as words;

/// The folder in the user's data where none was named.
const FOLDER: &str = "hallway-server";

/// The history in it.
const HISTORY: &str = "history.db";

/// The file by which a second server of the same folder is told.
const LOCK: &str = "server.lock";

/// What was opened, for as long as the program runs.
pub(crate) struct Opened {
    pub(crate) archive: Archive,
    /// What was damaged, as sentences.
    pub(crate) warnings: Vec<String>,
    /// What was said in the room last, in its order.
    #[cfg_attr(
        not(feature = "gui"),
        expect(dead_code, reason = "only a window shows it")
    )]
    pub(crate) earlier: Vec<Entry>,
    /// Held until the end.
    _lock: File,
}

/// Why nothing was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotOpened {
    /// Another server has the folder.
    InUse(PathBuf),
    /// The folder, or what is in it, cannot be used.
    Failed {
        /// The folder.
        folder: PathBuf,
        /// The reason, as the system or the part says it.
        why: String,
    },
}

/// Opens, or makes, what encrypted people need, and reads so many `earlier` lines of the room. It
/// waits for the disk.
///
/// # Errors
/// Another server has the folder, or it cannot be used.
pub(crate) fn open(
    folder: Option<&Path>,
    host: &Name,
    earlier: usize,
) -> Result<Opened, NotOpened> {
    let folder = folder_or_default(folder);
    let failed = |error: &dyn Error| failed(&folder, error);
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
    let earlier = match earlier {
        0 => Vec::new(),
        count => {
            let past = opened.store.past(&Between::Room, None, count);
            past.map_err(|error| failed(&error))?.entries
        }
    };
    let known = Known::open(&folder).map_err(|error| failed(&error))?;
    if let Some(aside) = &known.set_aside {
        warnings.push(words::known_set_aside(aside));
    }
    let archive = Archive::new(loaded.identity, host.into(), opened.store);
    let archive = archive.map_err(|error| failed(&error))?;
    archive.set_known(known.value);
    Ok(Opened {
        archive,
        warnings,
        earlier,
        _lock: lock,
    })
}

/// The folder that was named, or the one in the user's data.
pub(crate) fn folder_or_default(folder: Option<&Path>) -> PathBuf {
    let default = || glib::user_data_dir().join(FOLDER);
    folder.map_or_else(default, Path::to_owned)
}

fn failed(folder: &Path, error: &dyn Error) -> NotOpened {
    NotOpened::Failed {
        folder: folder.to_owned(),
        why: error.to_string(),
    }
}

/// What is in a folder, for whoever looks into it while no room is open.
#[cfg(feature = "gui")]
pub(crate) struct Looked {
    pub(crate) history: History<ServerStore>,
    pub(crate) known: Known,
    /// Who the server is.
    pub(crate) own: Option<Fingerprint>,
    /// What was damaged, as sentences.
    pub(crate) warnings: Vec<String>,
}

/// Opens what is in a folder, else in the user's; another server may have a room on it meanwhile. It
/// waits for the disk.
///
/// # Errors
/// It cannot be used.
#[cfg(feature = "gui")]
pub(crate) fn look_into(folder: Option<&Path>) -> Result<Looked, NotOpened> {
    let folder = folder_or_default(folder);
    let failed = |error: &dyn Error| failed(&folder, error);
    let loaded = Identity::load_or_make(&folder).map_err(|error| failed(&error))?;
    let opened = ServerStore::open(&folder.join(HISTORY)).map_err(|error| failed(&error))?;
    let known = Known::open(&folder).map_err(|error| failed(&error))?;
    let mut warnings = Vec::new();
    warnings.extend(
        loaded
            .set_aside
            .as_deref()
            .map(words::certificate_set_aside),
    );
    warnings.extend(opened.set_aside.as_deref().map(words::history_set_aside));
    warnings.extend(known.set_aside.as_deref().map(words::known_set_aside));
    Ok(Looked {
        history: History::start(opened.store).map_err(|error| failed(&error))?,
        known: known.value,
        own: Some(loaded.identity.fingerprint()),
        warnings,
    })
}

/// Two servers with one history would give two messages one place.
fn lock(folder: &Path) -> Result<File, NotOpened> {
    let path = folder.join(LOCK);
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(false).mode(0o600);
    let file = options
        .open(&path)
        .map_err(|error| failed(folder, &error))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(NotOpened::InUse(folder.to_owned())),
        Err(error) => Err(failed(folder, &error)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn a_folder_is_one_servers_and_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let host = Name::parse("Ana").unwrap();
        let first = open(Some(&data), &host, 0).unwrap();
        assert_eq!(fs::metadata(&data).unwrap().mode() & 0o777, 0o700);
        let in_use = open(Some(&data), &host, 0).map(drop);
        assert_eq!(in_use, Err(NotOpened::InUse(data.clone())));
        let id = first.archive.fingerprint();
        first.archive.history().stop().wait().unwrap();
        drop(first);
        let second = open(Some(&data), &host, 0).unwrap();
        assert_eq!(second.archive.fingerprint(), id);
        assert!(second.warnings.is_empty());
    }

    #[test]
    fn what_is_damaged_is_set_aside_and_told_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let host = Name::parse("Ana").unwrap();
        for file in [HISTORY, "identity.pem", "pins.json"] {
            fs::write(folder.path().join(file), "not at all").unwrap();
        }
        let opened = open(Some(folder.path()), &host, 0).unwrap();
        assert_eq!(opened.warnings.len(), 3, "{:?}", opened.warnings);
        let files = ["identity.pem", HISTORY, "pins.json"];
        for (note, file) in opened.warnings.iter().zip(files) {
            assert!(note.contains(file), "{note}");
        }
    }
}
