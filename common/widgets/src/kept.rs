//! What is kept: conversations of earlier, looked through, searched, exported and deleted.
//!
//! ```text
//! a program's history → Source → KeptWindow → KeptLines → LineRow
//!                                  └→ finding, saving
//! ```
//!
//! - `source`: what the window asks, whichever database answers.
//! - `window`: the conversations, what was found, and the chosen one.
//! - `lines`: lines of one conversation, read page by page; `pages`: which ones; pure.
//! - `row`: a line. `told`: names and times of what is kept, in words.
//! - `saving`: a conversation as a file. `tidying`: what is kept no longer. `keep_row`: how long a
//!   person wants it kept.

mod keep_row;
mod lines;
mod pages;
mod row;
mod saving;
mod source;
mod tidying;
pub(crate) mod told;
mod window;

pub use keep_row::keep_row;
pub use source::{Source, Title};
pub use tidying::{KEEP, Tidying};
pub use window::KeptWindow;
