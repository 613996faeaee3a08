//! Whom we know by their certificates: a window that lists them, and forgets them.
//!
//! - `row`: one of them. `window`: all. `forgetting`: how one goes.

mod forgetting;
mod row;
mod window;

pub use forgetting::{forgetting, trouble};
pub use window::{Forget, KnownWindow, Words};
