//! The session against servers on loopback: of the standard library where it speaks plain lines,
//! and of our own kind where it is encrypted.

mod delivering;
mod greeting;
mod guest;
mod hall;
mod life;
mod messages;
mod people;
mod sending;
mod storing;
mod trusting;
mod world;
