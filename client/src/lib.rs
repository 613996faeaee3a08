//! Hallway: talk to a room on the local network.
//!
//! ```text
//! cli → send ──→ session → hallway-core (sockets, frames, history), hallway-words (sentences)
//!  └→ window → session, hallway-widgets
//! ```
//!
//! - [`session`]: one conversation with one server, as a `GObject` that knows of no window and no
//!   language.
//! - `cli`: what was asked for on the command line.
//! - `send`: `hallway send`, which hands over a text and ends.
//! - `way`: whether to speak encrypted or plain.
//! - `window`: the window, where it is built in (feature `gui`).
//! - `words`: sentences that more than one of them says.

pub mod session;
#[cfg(feature = "gui")]
pub mod window;

mod cli;
mod send;
mod way;
mod words;

use std::process::ExitCode;

use cli::Task;
use hallway_words::command_line::{start_log, tell};

/// The program.
pub fn main() -> ExitCode {
    hallway_words::init();
    start_log();
    match cli::parse(std::env::args_os()) {
        Ok(Task::Send {
            target,
            source,
            how,
        }) => send::run(&target, source, &how),
        #[cfg(feature = "gui")]
        Ok(Task::Window(_)) => window::run().unwrap_or_else(|sentence| {
            complain(&sentence);
            ExitCode::FAILURE
        }),
        #[cfg(not(feature = "gui"))]
        Ok(Task::Window(_)) => {
            complain(&words::no_window());
            ExitCode::FAILURE
        }
        Err(outcome) => tell(&outcome),
    }
}

/// Tells the person at the terminal what went wrong.
fn complain(sentence: &str) {
    hallway_words::command_line::complain("hallway", sentence);
}
