//! The engine of Hallway: everything that needs no window.
//!
//! ```text
//! socket → net::reactor → net::lines → net::connection → whoever asked (a hub, a session)
//! ```
//!
//! - [`history`]: what was said, in a database, on threads of its own.
//! - [`net`]: sockets on the GLib main loop, as `GObject`s with signals.
//! - [`text`]: names and text made safe to show; pure.
//!
//! Arrows point one way: `net` knows nothing of rooms, names or words for people, and nothing
//! here knows of GTK. Errors are typed; the programs put them into words.

pub mod history;
pub mod net;
pub mod text;
