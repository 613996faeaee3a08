//! Programs that are killed, links that break, disks that fill up: what was acknowledged is there once.
//!
//! ```text
//! kills, points, … → room (real programs) ─ what they told ─┐
//!                                         └─ databases: disk ┴→ checker → findings
//! ```
//!
//! Each test prints the seed of its random choices; `HALLWAY_SEED` gives one. `HALLWAY_LONG` (as set by
//! `./dev test --long`) has many more rounds.

mod checker;
mod damage;
mod disk;
mod faulty;
mod full;
mod kills;
mod links;
mod points;
mod random;
mod room;
mod someone;
mod troubles;
mod weather;
