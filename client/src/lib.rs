//! Hallway: talk to a room on the local network.
//!
//! ```text
//! cli → send → hallway-core (sockets), hallway-words (sentences)
//!  session ──↗
//! ```
//!
//! - [`session`]: one conversation with one server, as a `GObject` that knows of no window and no
//!   language.
//! - `cli`: what was asked for on the command line.
//! - `send`: `hallway send`, which hands over a text and ends.

pub mod session;

mod cli;
mod send;

use std::process::ExitCode;

use cli::Task;
use hallway_words::command_line::{start_log, tell};

/// The program.
pub fn main() -> ExitCode {
    hallway_words::init();
    start_log();
    match cli::parse(std::env::args_os()) {
        Ok(Task::Send { target, source }) => send::run(&target, source),
        Ok(Task::Window) => {
            complain(&cli::no_window());
            ExitCode::FAILURE
        }
        Err(outcome) => tell(&outcome),
    }
}

/// Tells the person at the terminal what went wrong.
fn complain(sentence: &str) {
    hallway_words::command_line::complain("hallway", sentence);
}
