//! The windows, as real programs on a screen that nobody sees, used as people use them.

mod client;
mod crowd;
mod ending;
mod hostile;
mod keyboard;
mod language;
mod server;
mod starting;
mod talking;
mod walk;
