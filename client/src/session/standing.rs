//! How we stand with a server that is spoken to encrypted.

use hallway_core::trust::Pin;
use hallway_core::wire::Fingerprint;
use hallway_core::wire::values::Label;

use super::talk::values::End;

/// How we stand with a server, besides what the connection is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, glib::Boxed)]
#[boxed_type(name = "HallwayStanding")]
pub enum Standing {
    /// There is no conversation: plain, not connected, or the handshake is under way.
    #[default]
    Away,
    /// Hello was said.
    Greeting,
    /// The room has a password: [`give_password`](super::Session::give_password).
    PasswordWanted {
        /// One was given, and it is another one.
        again: bool,
    },
    /// Somebody is called so: [`set_name`](super::Session::set_name).
    NameWanted,
    /// Somebody there decides whether we are let in.
    WaitingToBeLetIn,
    /// The server said welcome.
    Here {
        /// What it is called.
        name: Label,
        /// Who it is.
        id: Fingerprint,
    },
    /// A server that is not known, where another one is: nothing was said to it.
    /// [`connect_as_new`](super::Session::connect_as_new) does, if a person wants it.
    Blocked {
        /// Who was met there.
        before: Box<Pin>,
        /// Who is there.
        here: Fingerprint,
    },
    /// It is over, and why. The session's state tells whether it begins anew by itself.
    Over(End),
}
