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

use std::io::Write;
use std::process::ExitCode;

use cli::Task;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Bad usage (the field's custom, and clap's).
const EXIT_USAGE: u8 = 2;

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
        Err(error) => {
            // Help and version are "errors" too: clap knows where each goes.
            let failed = error.print().is_err();
            match error.exit_code() {
                0 if !failed => ExitCode::SUCCESS,
                0 => ExitCode::FAILURE,
                _ => ExitCode::from(EXIT_USAGE),
            }
        }
    }
}

/// The log goes to the standard error, as far as `RUST_LOG` asks for it.
fn start_log() {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::OFF.into())
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .log_internal_errors(false)
        .init();
}

/// Tells the person at the terminal what went wrong.
fn complain(sentence: &str) {
    // A closed terminal is no reason to panic.
    let _ = writeln!(std::io::stderr(), "hallway: {sentence}");
}
