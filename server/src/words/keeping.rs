//! The certificate, the history and the password, as translated sentences.

use std::path::Path;

use hallway_core::text::visible_str;
use hallway_core::wire::{Fingerprint, limits};
use hallway_words::gettext_f;

/// A path, as it may be shown.
fn shown(path: &Path) -> String {
    visible_str(&path.to_string_lossy()).into_owned()
}

/// The folder cannot be used.
pub(crate) fn cannot_keep(folder: &Path, why: &str) -> String {
    gettext_f(
        "What is said cannot be kept in {folder}: {why}. Choose another folder with --data, or leave --encryption out.",
        &[("folder", &shown(folder)), ("why", why)],
    )
}

/// Another server has the folder.
pub(crate) fn in_use(folder: &Path) -> String {
    gettext_f(
        "Another server keeps what is said in {folder}. Stop it, or give this one a folder of its own with --data.",
        &[("folder", &shown(folder))],
    )
}

/// The certificate was damaged.
pub(crate) fn certificate_set_aside(aside: &Path) -> String {
    gettext_f(
        "The server’s certificate was damaged. It is now {file}, and the server has a new one: whoever knew it is told that it is another one.",
        &[("file", &shown(aside))],
    )
}

/// The history was damaged.
pub(crate) fn history_set_aside(aside: &Path) -> String {
    gettext_f(
        "What was said before was damaged. It is now {file}, and the server begins anew.",
        &[("file", &shown(aside))],
    )
}

/// By what encrypted people know the server.
pub(crate) fn known_by(fingerprint: Fingerprint) -> String {
    gettext_f(
        "Encrypted people know this server by {fingerprint}",
        &[("fingerprint", &fingerprint.to_string())],
    )
}

/// The file of the password cannot be read.
pub(crate) fn no_password(path: &Path, why: &str) -> String {
    gettext_f(
        "The password cannot be read from {file}: {why}.",
        &[("file", &shown(path)), ("why", why)],
    )
}

/// The file of the password is everybody's.
pub(crate) fn open_password(path: &Path) -> String {
    gettext_f(
        "Everybody here can read the password in {file}. Keep others out of it first (chmod 600).",
        &[("file", &shown(path))],
    )
}

/// There is no password in the file.
pub(crate) fn bad_password(path: &Path) -> String {
    gettext_f(
        "There is no password in the first line of {file}: it has 1 to {count} bytes of UTF-8.",
        &[
            ("file", &shown(path)),
            ("count", &limits::PASSWORD.to_string()),
        ],
    )
}
