//! The windows, as real programs on a screen that nobody sees, used as people use them.

mod attention;
mod background;
mod client;
mod crowd;
mod ending;
mod first_run;
mod flood;
mod help;
mod hostile;
mod keyboard;
mod language;
mod search_provider;
mod server;
mod starting;
mod talking;
mod waking;
mod walk;
