//! The engine of Hallway: everything that needs no window.
//!
//! ```text
//! socket → net::reactor → net::lines → net::connection → whoever asked (a hub, a session)
//! ```
//!
//! - [`history`]: what was said, in a database, on threads of its own.
//! - [`net`]: sockets on the GLib main loop, as `GObject`s with signals.
//! - [`text`]: names and text made safe to show; pure.
//! - [`files`]: files that are nobody else's, and what can go wrong with them.
//! - [`rate`]: so much in a time; pure.
//! - [`wire`]: the frames of `hallway/1`; pure.
//! - [`identity`]: our own certificate and its key.
//! - [`faults`]: places where tests kill a program, in builds for them.
//! - [`trust`]: whose certificates are known, and the six digits by which two people compare them.
//!
//! Arrows point one way: `net` knows nothing of rooms, names or words for people, and nothing
//! here knows of GTK. Errors are typed; the programs put them into words.

mod crypto;
pub mod faults;
pub mod files;
pub mod history;
pub mod identity;
pub mod net;
pub mod rate;
pub mod text;
pub mod trust;
pub mod wire;

pub use crypto::NoRandomness;
