//! What the desktop's search finds in our programs (`org.gnome.Shell.SearchProvider2`).
//!
//! - `terms`: what is searched for; pure.
//! - `provider`: the interface on the bus.
//! - `lines`: what was said, looked through within bounds.

mod lines;
mod provider;
mod terms;

pub use lines::{Line, Look, text_in};
pub use provider::{Found, Provider, Searched};
pub use terms::Terms;
