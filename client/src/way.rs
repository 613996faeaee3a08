//! Which way to speak to a server: what was asked for, and what is known of the address.

use std::io;
use std::path::{Path, PathBuf};

use hallway_core::text::Name;
use hallway_core::trust::{self, Address};

use crate::session::Target;

/// Which way was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Way {
    /// As it is known here: `hallway send` encrypts where a server was met encrypted, and a window
    /// everywhere but where plain text was chosen before.
    #[default]
    AsKnown,
    /// Encrypted.
    Encrypted,
    /// Plain.
    Plain,
}

/// How to send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct How {
    pub(crate) way: Way,
    /// What to be called; the person's real name unless given.
    pub(crate) name: Option<Name>,
    /// Where the password of the room stands.
    pub(crate) password_file: Option<PathBuf>,
}

/// Which way it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// Encrypted.
    Encrypted,
    /// Plain, as it was asked for.
    Plain,
    /// Plain, since nobody is known there.
    PlainUnasked,
}

/// Why there is no way.
#[derive(Debug)]
pub(crate) enum NoWay {
    /// An encrypted server is known there: it is not spoken to plainly, not even if asked for.
    Pinned,
    /// It cannot be looked up who is known there.
    Unknown(trust::Error),
    /// Nor where.
    NoFolder(io::Error),
    /// Who is known stood in a file that was damaged, and is called this now.
    Lost(PathBuf),
}

/// Where the client keeps its identity, its pins and its history.
pub(crate) fn folder() -> PathBuf {
    glib::user_data_dir().join("hallway").join("client")
}

/// Chooses. It waits for the disk.
pub(crate) fn choose(target: &Target, way: Way, folder: &Path) -> Result<Chosen, NoWay> {
    let plain = match way {
        Way::Encrypted => return Ok(Chosen::Encrypted),
        Way::AsKnown => Chosen::PlainUnasked,
        Way::Plain => Chosen::Plain,
    };
    match is_pinned(target, folder) {
        Ok(true) if way == Way::Plain => Err(NoWay::Pinned),
        Ok(true) => Ok(Chosen::Encrypted),
        Ok(false) => Ok(plain),
        Err(error) => Err(error),
    }
}

/// Whether a server is known at the address. Where nothing was ever kept nothing is made.
fn is_pinned(target: &Target, folder: &Path) -> Result<bool, NoWay> {
    if !folder.try_exists().map_err(NoWay::NoFolder)? {
        return Ok(false);
    }
    let Ok(address) = Address::new(target.host(), target.port()) else {
        return Ok(false);
    };
    let store = trust::Store::open(folder).map_err(NoWay::Unknown)?;
    if let Some(path) = store.set_aside {
        return Err(NoWay::Lost(path));
    }
    Ok(store.value.pins().at(&address).is_some())
}
