//! What was said, kept in `SQLite`.
//!
//! ```text
//! whoever asks → History (two bounded queues) → a thread that writes, many writes one commit → file
//!                                             → a thread that reads what was committed ← file
//! ```
//!
//! - [`event`]: what is kept, and where it belongs. [`chain`]: the hash that runs over all of it.
//! - [`server`], [`client`]: the two databases. [`store`]: what they have in common.
//! - [`kept`]: what lines and conversations there are, in either database.
//! - [`search`]: words found in them. `index`: which words a text has.
//! - [`retention`]: what is not kept any longer. [`export`]: a conversation as a file for others.
//! - `database`, `schema`: opening the file, and its tables.
//! - [`thread`]: [`History`], which is all that a main loop touches.
//! - [`limits`]: every cap. [`error`]: what can go wrong.
//!
//! Nothing here knows of connections, of frames or of windows.

pub mod chain;
pub mod client;
mod database;
pub mod error;
pub mod event;
pub mod export;
mod index;
pub mod kept;
pub mod limits;
pub mod retention;
mod schema;
pub mod search;
pub mod server;
pub mod store;
pub mod thread;

pub use chain::Hash;
pub use client::{ClientStore, Owner};
pub use error::Error;
pub use event::{Cid, Conversation, Epoch, Event, Fingerprint};
pub use retention::Retention;
pub use server::ServerStore;
pub use store::{Opened, Store};
pub use thread::{Answer, History};

#[cfg(test)]
mod tests;
