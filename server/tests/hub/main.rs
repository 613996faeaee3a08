//! The hub on loopback, with peers that are plain sockets.

mod ending;
mod pacing;
mod talking;
mod world;
