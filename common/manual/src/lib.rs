//! What is written about our command lines, held against the command lines themselves. For the
//! tests of the programs only.
//!
//! - [`page`]: the manual page of a program names its options, no more and no fewer;
//! - [`completions`]: what the shells know of a program is what it takes.
#![allow(
    clippy::missing_panics_doc,
    reason = "everything here panics, since that is how a test fails"
)]

pub mod completions;
pub mod page;

use std::path::{Path, PathBuf};

use clap::Command;

/// A file below `data/` of this source tree.
fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data")
        .join(name)
}

/// A command as people get to see it: without what only other programs say to it.
fn visible(command: &Command) -> Command {
    let options = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let commands = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    let seen = Command::new(command.get_name().to_owned())
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .disable_version_flag(true)
        .about(command.get_about().cloned().unwrap_or_default())
        .args(options.cloned())
        .subcommands(commands.map(visible));
    match command.get_version() {
        Some(version) => seen.version(version.to_owned()),
        None => seen,
    }
}
