//! Where the window keeps the password of the room: in a file of the server's own, and not among the
//! settings, which other programs read.

use std::cell::RefCell;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::archive::password;

/// The file in the server's folder, and the one that takes its place once it is whole.
const FILE: &str = "password";
const NEW_FILE: &str = "password.new";

/// The password that is kept, empty where there is none. It waits for the disk.
///
/// # Errors
/// A sentence for people.
pub(super) fn load(folder: &Path) -> Result<String, String> {
    let path = folder.join(FILE);
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        // Whatever else is wrong is found again, and put into words.
        _ => password::text(&path),
    }
}

/// Keeps a password from now on, or none; nobody else can read it. It waits for the disk.
fn store(folder: &Path, password: &str) -> std::io::Result<()> {
    let path = folder.join(FILE);
    if password.is_empty() {
        return match fs::remove_file(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            done => done,
        };
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)?;
    let new = folder.join(NEW_FILE);
    // One that was left half written may have other permissions.
    let _ = fs::remove_file(&new);
    let mut options = OpenOptions::new();
    options.create_new(true).write(true).mode(0o600);
    let mut file = options.open(&new)?;
    file.write_all(format!("{password}\n").as_bytes())?;
    file.sync_all()?;
    fs::rename(new, path)
}

/// Keeps what is typed, one after the other and off the main loop; of several that wait, the last.
#[derive(Clone, Default)]
pub(super) struct Saver(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    is_busy: bool,
    next: Option<(PathBuf, String)>,
}

impl Saver {
    /// Keeps a password in a folder, or none where it is empty.
    pub(super) fn save(&self, folder: PathBuf, password: &str) {
        let mut state = self.0.borrow_mut();
        state.next = Some((folder, password.to_owned()));
        if std::mem::replace(&mut state.is_busy, true) {
            return;
        }
        let saver = self.clone();
        glib::spawn_future_local(async move {
            while let Some((folder, password)) = saver.next() {
                let stored = gio::spawn_blocking(move || store(&folder, &password));
                match stored.await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::warn!(%error, "the password is not kept"),
                    Err(_panic) => tracing::error!("keeping the password panicked"),
                }
            }
        });
    }

    fn next(&self) -> Option<(PathBuf, String)> {
        let mut state = self.0.borrow_mut();
        let next = state.next.take();
        state.is_busy = next.is_some();
        next
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn a_password_is_nobody_elses_and_can_go() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("data");
        assert_eq!(load(&folder), Ok(String::new()));
        assert!(store(&folder, "").is_ok(), "there is none to remove");
        for password in ["open sesame", "芝麻开门 "] {
            store(&folder, password).unwrap();
            assert_eq!(load(&folder), Ok(password.to_owned()));
            let mode = fs::metadata(folder.join(FILE)).unwrap().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        store(&folder, "").unwrap();
        assert_eq!(load(&folder), Ok(String::new()));
        // What cannot be read is no reason to let everybody in.
        fs::create_dir(folder.join(FILE)).unwrap();
        assert!(load(&folder).is_err());
    }
}
