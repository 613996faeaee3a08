//! What Hallway says to people, for both programs; no window is needed for it.
//!
//! ```text
//! typed errors of hallway-core → errors → a sentence in the person's language ← i18n ← gettext
//! ```
//!
//! - [`i18n`]: the language of the person, and texts with values put in.
//! - [`command_line`]: help, complaints and the log of a program on a terminal.
//! - [`errors`]: what happened and what to do next, for every [`hallway_core::net::Error`].
//! - `history`: what is kept, and could not be. `names`: why something is no name.
//! - [`places`]: this computer's networks.
//!
//! Whatever came from outside (a name somebody typed, a program's name, a proxy's answer) is made
//! visible before it goes into a sentence, so no sentence takes over a terminal.

pub mod command_line;
pub mod errors;
mod history;
pub mod i18n;
mod names;
pub mod places;

pub use errors::sentence;
pub use history::{history_error, set_aside};
pub use i18n::{gettext, gettext_f, init, ngettext_f};
pub use names::name_error;
