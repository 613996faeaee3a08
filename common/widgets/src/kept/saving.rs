//! A conversation as a file: written beside its place, and put there when it is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use hallway_core::history::export::{self, Format};
use hallway_core::history::{Error, Store};

/// Names that are tried for the file beside: each has 32 random bits.
const TRIES: usize = 8;

/// How far a file is, for whoever looks from another thread.
#[derive(Debug, Default)]
pub(super) struct Saving {
    done: AtomicU64,
    total: AtomicU64,
    is_cancelled: AtomicBool,
}

impl Saving {
    /// Has it broken off at the next line.
    pub(super) fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// How much is done, from 0 to 1. None before it has begun.
    pub(super) fn fraction(&self) -> Option<f64> {
        let total = self.total.load(Ordering::Relaxed);
        let done = self.done.load(Ordering::Relaxed);
        #[expect(clippy::cast_precision_loss, reason = "a bar of some hundred pixels")]
        let fraction = done as f64 / total as f64;
        (total > 0).then_some(fraction)
    }

    fn tell(&self, done: u64, total: u64) -> ControlFlow<()> {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        if self.is_cancelled.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// Writes a conversation of the database at `database` in place of what is at `to`, where nothing
/// changes until all of it is on the disk. It waits for the disk.
///
/// # Errors
/// The disk's, and [`Error::Cancelled`].
pub(super) fn save<S: Store>(
    database: &Path,
    conversation: i64,
    format: &Format,
    to: &Path,
    saving: &Saving,
) -> Result<u64, Error> {
    let store = S::beside(database)?;
    let (path, file) = create_beside(to)?;
    let written = (|| {
        let mut out = BufWriter::new(file);
        let told = |done, total| saving.tell(done, total);
        let count = export::export(&store, conversation, format, &mut out, told)?;
        out.flush()?;
        out.get_ref().sync_all()?;
        fs::rename(&path, to)?;
        Ok(count)
    })();
    if written.is_err()
        && let Err(error) = fs::remove_file(&path)
    {
        tracing::warn!(path = %path.display(), %error, "half an export stays");
    }
    written
}

fn create_beside(to: &Path) -> Result<(PathBuf, File), Error> {
    let mut tries = 0;
    loop {
        let path = to.with_file_name(format!(".hallway-{:08x}.part", glib::random_int()));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && tries < TRIES => {
                tries += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hallway_core::history::client::{PlainLine, State};
    use hallway_core::history::{ClientStore, kept};
    use hallway_core::wire::At;
    use hallway_core::wire::event::Kind;

    fn filled(folder: &Path) -> (PathBuf, i64) {
        let path = folder.join("history.db");
        let mut store = ClientStore::open(&path).expect("a new one").store;
        let keep = |store: &ClientStore| {
            for number in 0..1_000 {
                let line = PlainLine {
                    is_outgoing: false,
                    name: "Ana".parse().expect("a label"),
                    kind: Kind::Text,
                    text: format!("line {number}"),
                    at: At::ZERO,
                    state: State::Received,
                };
                store.keep_plain("lab:4255", &line)?;
            }
            Ok(())
        };
        store.commit(keep).expect("there is room");
        let all = kept::conversations(&store).expect("it can be read");
        (path, all[0].id)
    }

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let (database, conversation) = filled(folder.path());
        let to = folder.path().join("said.json");
        let others = || {
            let all = fs::read_dir(folder.path()).expect("a folder");
            let names = all.map(|entry| entry.expect("it can be read").file_name());
            let parts = names.filter(|name| name.to_string_lossy().contains(".part"));
            parts.count()
        };
        let saving = Saving::default();
        saving.cancel();
        let save =
            |saving| save::<ClientStore>(&database, conversation, &Format::Json, &to, saving);
        assert_eq!(save(&saving), Err(Error::Cancelled));
        assert!(!to.exists());
        assert_eq!(others(), 0);
        fs::write(&to, "before").expect("there is room");
        assert_eq!(save(&saving), Err(Error::Cancelled));
        assert_eq!(fs::read_to_string(&to).expect("it is there"), "before");
        let saving = Saving::default();
        assert_eq!(saving.fraction(), None);
        assert_eq!(save(&saving), Ok(1_000));
        assert_eq!(saving.fraction(), Some(1.0));
        assert_eq!(others(), 0);
        let text = fs::read_to_string(&to).expect("it is there");
        assert!(text.contains("line 999"), "{text}");
        let nowhere = folder.path().join("no/such/folder");
        let saved = self::save::<ClientStore>(
            &database,
            conversation,
            &Format::Json,
            &nowhere,
            &Saving::default(),
        );
        assert!(matches!(saved, Err(Error::Io { .. })), "{saved:?}");
    }
}
