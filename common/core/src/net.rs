//! Sockets on the GLib main loop.

pub mod addresses;
pub mod holder;
