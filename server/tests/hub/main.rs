//! The hub on loopback, with peers that are plain sockets, and encrypted ones that are written by
//! hand.

mod encrypted;
mod ending;
mod pacing;
mod talking;
mod world;
