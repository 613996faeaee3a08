//! Hallway Server: a room on the local network that anything with a socket can join.
//!
//! ```text
//! cli → headless → hub → hallway-core
//!          ├→ log (stdout)   ├→ Event   → words
//!          └→ host (stdin)   └→ Notices → words
//! ```
//!
//! - [`hub`]: who is here and who hears what; no terminal, no window, no language.
//! - `headless`: the room on a terminal or in the background.
//! - `words`: events and notices as translated sentences.

pub mod hub;

mod cli;
mod headless;
mod host;
mod log;
mod words;

use std::process::ExitCode;

/// Bad usage (the field's custom, and clap's).
const EXIT_USAGE: u8 = 2;

/// The program.
pub fn main() -> ExitCode {
    hallway_words::init();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .init();
    let options = match cli::parse() {
        Ok(options) => options,
        Err(error) => {
            // Help and version are "errors" too: clap knows where each goes.
            let failed = error.print().is_err();
            return match error.exit_code() {
                0 if !failed => ExitCode::SUCCESS,
                0 => ExitCode::FAILURE,
                _ => ExitCode::from(EXIT_USAGE),
            };
        }
    };
    if !options.headless {
        eprintln!("hallway-server: {}", words::no_window());
        return ExitCode::FAILURE;
    }
    match headless::run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hallway-server: {error}");
            ExitCode::FAILURE
        }
    }
}
