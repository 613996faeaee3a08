//! The windows, as real programs on a screen that nobody sees, used as people use them.

mod attention;
mod client;
mod crowd;
mod ending;
mod first_run;
mod help;
mod hostile;
mod language;
mod server;
mod starting;
mod talking;
