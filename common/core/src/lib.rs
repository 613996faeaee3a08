//! The engine of Hallway: everything that needs no window.
//!
//! ```text
//! socket → net::reactor → net::lines → net::connection → whoever asked (a hub, a session)
//! ```
//!
//! - [`net`]: sockets on the GLib main loop, as `GObject`s with signals.
//! - [`text`]: names and text made safe to show; pure.
//! - [`wire`]: the frames of `hallway/1`; pure.
//!
//! Arrows point one way: `net` knows nothing of rooms, names or words for people, and nothing
//! here knows of GTK. Errors are typed; the programs put them into words.

mod crypto;
pub mod net;
pub mod text;
pub mod wire;

pub use crypto::NoRandomness;
