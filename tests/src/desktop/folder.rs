//! A folder that goes when nobody holds it any more.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, process};

/// What the pictures in `./dev screenshots` are written in.
const FONT: &str = "[Settings]\ngtk-font-name=Cantarell 11\n";

/// So that a picture shows what has come to rest.
const STILL: &str = "gtk-enable-animations=0\n";

/// Nobody shows notifications unless a test lets somebody: a program that the system would start
/// for them would cover windows.
const NO_NOTICES: (&str, &str) = (
    "dbus-1/services/org.freedesktop.Notifications.service",
    "[D-BUS Service]\nName=org.freedesktop.Notifications\nExec=/bin/false\n",
);
/// Twice as large as usual, in 1024ths of a dot an inch.
const LARGE: &str = "gtk-xft-dpi=196608\n";

/// A home for programs, readable by nobody else.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(is_still: bool, is_large: bool) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("hallway-{}-{number}", process::id()));
        // What a test left that was killed, whose number has come round.
        let _ = fs::remove_dir_all(&path);
        let folder = Self(path);
        for name in [
            "",
            "home",
            "run",
            "config/gtk-4.0",
            "data/dbus-1/services",
            "state",
            "cache",
        ] {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder.0.join(name))
                .expect("there is room for a folder of the test's own");
        }
        let settings = [
            FONT,
            if is_still { STILL } else { "" },
            if is_large { LARGE } else { "" },
        ]
        .concat();
        fs::write(folder.0.join("config/gtk-4.0/settings.ini"), settings)
            .expect("a folder of the test's own can be written");
        fs::write(folder.0.join("data").join(NO_NOTICES.0), NO_NOTICES.1)
            .expect("a folder of the test's own can be written");
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn string(&self, name: &str) -> String {
        let path = self.0.join(name);
        path.to_str()
            .expect("the path of temporary files is UTF-8")
            .to_owned()
    }

    /// What tells programs that this is where everything belongs.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        [
            ("HOME", "home"),
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
        ]
        .map(|(name, folder)| (name.to_owned(), self.string(folder)))
        .to_vec()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A program that is ending may write once more: what is left is a few bytes in /tmp.
        let _ = fs::remove_dir_all(&self.0);
    }
}
