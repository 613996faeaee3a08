//! Hallway's client without a window, for tests: the same session, identity, pins and history as in
//! the window, which says what it reads and tells of every step of every message.
//!
//! ```text
//! stdin → input (a thread) → talking → Session ─→ the server
//!                stdout ← told ←────────┘
//! ```
//!
//! `talker FOLDER SERVER NAME` keeps its things in FOLDER. Each line that it reads is a message to
//! the room, but for the commands of [`Command`]. The end of its input ends it, properly. A lost
//! connection is made again much sooner than in the window, where a person watches.
//!
//! What it prints is one line for each thing that happened: a word and what belongs to it, with TABs
//! between: [`told`] has all of them.

mod input;
mod talking;
pub mod told;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

pub use input::Command;

/// The program.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, server, name] = &arguments[..] else {
        complain("talker FOLDER SERVER NAME");
        return ExitCode::from(2);
    };
    match glib::MainContext::default().block_on(talking::run(&PathBuf::from(folder), server, name))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            complain(&why);
            ExitCode::FAILURE
        }
    }
}

fn complain(why: &str) {
    // Where nobody reads, nobody is told.
    let _ = writeln!(std::io::stderr(), "talker: {why}");
}
