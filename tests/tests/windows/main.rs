//! The windows, as real programs on a screen that nobody sees, used as people use them.

mod background;
mod client;
mod crowd;
mod ending;
mod hostile;
mod language;
mod search_provider;
mod server;
mod starting;
mod talking;
mod waking;
