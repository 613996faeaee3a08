//! Hallway Server: a room on the local network that anything with a socket can join.
//!
//! ```text
//! cli → headless → hub → hallway-core
//!  │       ├→ log (stdout)   ├→ Event   → words
//!  │       ├→ host (stdin)   └→ Notices → words
//!  │       └→ service (systemd)
//!  └→  window → hub, hallway-widgets
//! ```
//!
//! - [`hub`]: who is here and who hears what; no terminal, no window, no language.
//! - `archive`: its certificate and its history, opened before it.
//! - `headless`: the room on a terminal or in the background.
//! - `service`: what a service manager passes, and what it is told.
//! - `window`: the room in a window, where the program was built with one.
//! - `reach`: where others can reach it.
//! - `words`: events and notices as translated sentences.

pub mod hub;

#[cfg(feature = "fuzzing")]
pub use hub::fuzzing;

mod archive;
mod cli;
mod headless;
mod host;
mod log;
mod reach;
mod service;
#[cfg(feature = "gui")]
pub mod window;
mod words;

use std::process::ExitCode;

use hallway_words::command_line::{start_log, tell};

/// The program.
pub fn main() -> ExitCode {
    hallway_words::init();
    start_log();
    let options = match cli::parse() {
        Ok(options) => options,
        Err(outcome) => return tell(&outcome),
    };
    let result = if options.headless {
        headless::run(&options).map(|()| ExitCode::SUCCESS)
    } else {
        run_window()
    };
    result.unwrap_or_else(|sentence| {
        complain(&sentence);
        ExitCode::FAILURE
    })
}

#[cfg(feature = "gui")]
fn run_window() -> Result<ExitCode, String> {
    window::run()
}

#[cfg(not(feature = "gui"))]
fn run_window() -> Result<ExitCode, String> {
    Err(words::no_window())
}

/// Tells the person at the terminal what went wrong.
fn complain(sentence: &str) {
    hallway_words::command_line::complain("hallway-server", sentence);
}
