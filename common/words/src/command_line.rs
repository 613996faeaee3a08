//! What every program of ours does with its command line and its terminal.

use std::io::Write;
use std::process::ExitCode;

use clap::{Arg, ArgAction, Command};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::gettext;

/// Gives a command its translated headings, `--help` and, where it has one, `--version`.
pub fn framed(command: Command) -> Command {
    let usage = gettext("Usage:");
    let template =
        format!("{{about-with-newline}}\n{usage} {{usage}}\n\n{{all-args}}{{after-help}}");
    let mut command = command
        .help_template(template)
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .help(gettext("Show this help")),
        );
    if command.get_version().is_some() {
        command = command.disable_version_flag(true).arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help(gettext("Show the version")),
        );
    }
    if command.has_subcommands() {
        command = command.subcommand_help_heading(gettext("Commands"));
    }
    command.mut_args(|arg| {
        let heading = if arg.is_positional() {
            gettext("Arguments")
        } else {
            gettext("Options")
        };
        let has_value = arg.get_action().takes_values();
        arg.help_heading(heading).hide_default_value(has_value)
    })
}

/// Bad usage (the field's custom, and clap's).
const EXIT_USAGE: u8 = 2;

/// Tells what clap has to say instead of a result, which may be the help that was asked for.
/// Returns the program's exit status.
pub fn tell(outcome: &clap::Error) -> ExitCode {
    let failed = outcome.print().is_err();
    match outcome.exit_code() {
        0 if !failed => ExitCode::SUCCESS,
        0 => ExitCode::FAILURE,
        _ => ExitCode::from(EXIT_USAGE),
    }
}

/// Tells the person at the terminal what `program` met.
pub fn complain(program: &str, sentence: &str) {
    // A closed terminal is no reason to panic.
    let _ = writeln!(std::io::stderr(), "{program}: {sentence}");
}

/// Writes the log to the standard error, as far as `RUST_LOG` asks for it.
pub fn start_log() {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::OFF.into())
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .log_internal_errors(false)
        .init();
}
