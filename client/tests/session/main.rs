//! The session against servers of the standard library, on loopback.

mod life;
mod messages;
mod world;
