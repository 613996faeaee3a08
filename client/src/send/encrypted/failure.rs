//! Why a text did not come to the server's disk.

use std::io;

use hallway_core::net::Error;
use hallway_core::wire::Fingerprint;
use hallway_core::wire::values::Label;

use crate::session::SayError;
use crate::session::keeper;
use crate::session::talk::values::{End, Fate};

/// Why not everything is on the server's disk.
#[derive(Debug)]
pub(crate) enum Failure {
    Keeper(keeper::Error),
    Password(io::Error),
    /// What the file holds is none.
    NoPassword,
    System(io::Error),
    Input(io::Error),
    /// A pin could not be kept for such an address.
    Address,
    Connection(Error),
    EndedByServer,
    /// An unknown server, where this one was.
    Unknown {
        before: Label,
        here: Fingerprint,
    },
    PasswordWanted {
        again: bool,
    },
    NameTaken,
    Over(End),
    Message(Fate),
    NotSaid(SayError),
}
