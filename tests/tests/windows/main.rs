//! The windows, as real programs on a screen that nobody sees, used as people use them.

mod attention;
mod background;
mod client;
mod comparing;
mod crowd;
mod encrypted;
mod ending;
mod first_run;
mod flood;
mod help;
mod history;
mod hostile;
mod keyboard;
mod known;
mod language;
mod letting_in;
mod search_provider;
mod server;
mod starting;
mod talking;
mod waking;
mod walk;
