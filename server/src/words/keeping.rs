//! The certificate, the history and the password, as translated sentences.

use std::path::Path;

use hallway_core::text::visible_str;
use hallway_core::wire::{Fingerprint, limits};
use hallway_words::gettext_f;

use crate::archive::NotOpened;

/// A path, as it may be shown.
fn shown(path: &Path) -> String {
    visible_str(&path.to_string_lossy()).into_owned()
}

/// Why nobody can encrypt in a room without a window, and what to do.
pub(crate) fn not_opened(why: &NotOpened) -> String {
    match why {
        NotOpened::InUse(folder) => gettext_f(
            "Another server keeps what is said in {folder}. Stop it, or give this one a folder of its own with --data.",
            &[("folder", &shown(folder))],
        ),
        NotOpened::Failed { folder, why } => gettext_f(
            "What is said cannot be kept in {folder}: {why}. Choose another folder with --data, or leave --encryption out.",
            &[("folder", &shown(folder)), ("why", why)],
        ),
    }
}

/// Why nobody can look into what is kept.
#[cfg(feature = "gui")]
pub(crate) fn not_looked_into(why: &NotOpened) -> String {
    match why {
        NotOpened::InUse(_) => not_opened(why),
        NotOpened::Failed { folder, why } => gettext_f(
            "What is kept in {folder} cannot be opened: {why}.",
            &[("folder", &shown(folder)), ("why", why)],
        ),
    }
}

/// The room is open all the same: nobody can encrypt in it.
pub(crate) fn open_without(why: &NotOpened) -> String {
    match why {
        NotOpened::InUse(folder) => gettext_f(
            "Nobody can encrypt in this room: another server keeps what is said in {folder}. To encrypt here, stop that one and start this one anew.",
            &[("folder", &shown(folder))],
        ),
        NotOpened::Failed { folder, why } => gettext_f(
            "Nobody can encrypt in this room: what is said cannot be kept in {folder} ({why}). To encrypt here, mend that and start it anew.",
            &[("folder", &shown(folder)), ("why", why)],
        ),
    }
}

/// The room is not open, since everybody in it would have to encrypt and nobody can.
#[cfg(feature = "gui")]
pub(crate) fn closed_without(why: &NotOpened) -> String {
    match why {
        NotOpened::InUse(folder) => gettext_f(
            "Another server keeps what is said in {folder}, so nobody could encrypt here. Stop that one first, or let people join in plain text.",
            &[("folder", &shown(folder))],
        ),
        NotOpened::Failed { folder, why } => gettext_f(
            "What is said cannot be kept in {folder} ({why}), so nobody could encrypt here. Mend that first, or let people join in plain text.",
            &[("folder", &shown(folder)), ("why", why)],
        ),
    }
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

/// The list of those who were verified was damaged.
pub(crate) fn known_set_aside(aside: &Path) -> String {
    gettext_f(
        "The list of those who were verified was damaged. It is now {file}: compare the six digits with them again.",
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
