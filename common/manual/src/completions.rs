//! Completions for the shells, as `data/completions` has them.

use std::fs;

use clap::Command;
use clap_complete::{Shell, generate};

use crate::{data, visible};

/// With this variable the files are written instead of compared: `./dev completions`.
const WRITE: &str = "HALLWAY_WRITE_COMPLETIONS";

/// The files of this program are what its command line makes them.
#[track_caller]
pub fn agree(command: &Command) {
    let name = command.get_name();
    for (shell, file) in [
        (Shell::Bash, format!("{name}.bash")),
        (Shell::Fish, format!("{name}.fish")),
        (Shell::Zsh, format!("_{name}")),
    ] {
        let path = data("completions").join(&file);
        let mut written = Vec::new();
        generate(shell, &mut completed(command), name, &mut written);
        let written = String::from_utf8(written).expect("all that it is made of is UTF-8");
        if std::env::var_os(WRITE).is_some() {
            fs::write(&path, &written).expect("the source tree can be written");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == written,
            "data/completions/{file} is not what the command line makes it: ./dev completions \
             brings it up to date"
        );
    }
}

/// Where a word of a person's own or a command can stand, zsh would be told to expect both, and
/// never find the command: it is told of the command.
fn completed(command: &Command) -> Command {
    let has_commands = command.has_subcommands();
    let own = command.clone().mut_args(|arg| {
        let hidden = arg.is_hide_set() || (has_commands && arg.is_positional());
        arg.hide(hidden)
    });
    visible(&own)
}
