//! Names, and text made safe to show.
//!
//! - [`visible()`]: what may be shown, relayed and logged of bytes that a peer sent.
//! - [`cut()`]: a text made short, with an ellipsis that says so.
//! - [`direction`]: words from right to left in sentences from left to right, and the reverse.
//! - [`Name`]: what a person may be called. `name::clean` takes away what cannot be seen,
//!   `name::judge` refuses what would pass for something else, `name::skeleton` tells when two
//!   names look alike.
//!
//! Everything here is a function of its arguments: no sockets, no main loop, no settings.

pub mod cut;
pub mod direction;
pub mod name;
pub mod visible;

pub use cut::cut;
pub use name::{Name, NameError};
pub(crate) use visible::is_plain;
pub use visible::{is_visible, visible, visible_str};
