//! What was said, kept in `SQLite`.
//!
//! ```text
//! whoever asks → History (two bounded queues) → a thread that writes, many writes one commit → file
//!                                             → a thread that reads what was committed ← file
//! ```
//!
//! - [`entry`]: what a server keeps, and what its readers are told of it.
//! - [`server`], [`client`]: the two databases. [`store`]: what they have in common.
//! - [`kept`]: what lines and conversations there are, in either database.
//! - [`search`]: words found in them. `index`: which words a text has.
//! - [`retention`]: what is not kept any longer. [`export`]: a conversation as a file for others.
//! - `database`, `schema`: opening the file, and its tables. `sql`: the values in them.
//! - [`thread`]: [`History`], which is all that a main loop touches.
//! - [`limits`]: every cap. [`error`]: what can go wrong.
//!
//! Its values are those of [`wire`](crate::wire); nothing here knows of connections or of windows.

pub mod client;
mod database;
pub mod entry;
pub mod error;
pub mod export;
mod index;
pub mod kept;
pub mod limits;
pub mod retention;
mod schema;
pub mod search;
pub mod server;
mod sql;
pub mod store;
pub mod thread;

pub use client::{ClientStore, Owner};
pub use entry::Entry;
pub use error::Error;
pub use retention::Retention;
pub use server::ServerStore;
pub use store::{Opened, Store};
pub use thread::{Answer, History};

#[cfg(test)]
mod tests;
