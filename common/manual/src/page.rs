//! The manual page of a program, written in `mdoc`(7).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use clap::{Arg, Command};

use crate::{data, visible};

/// How the description of an option begins.
const OPTION: &str = ".It Fl ";

/// The manual page of this program names all its options with their values, the numbers that they
/// have unless given, and its other words; and no option besides.
#[track_caller]
pub fn agrees(command: &Command) {
    let name = command.get_name();
    let path = data("man").join(format!("{name}.1"));
    let page = fs::read_to_string(path).expect("every program has a manual page");
    let described = described(&page);
    let command = visible(command);
    let arguments = arguments(&command);
    let options = arguments.iter().filter(|arg| !arg.is_positional());
    let taken: BTreeSet<_> = options.map(|option| heading(option)).collect();
    let named: BTreeSet<_> = described.keys().cloned().collect();
    assert_eq!(taken, named, "what {name} takes, and what its page names");
    for option in &arguments {
        for value in option.get_default_values() {
            let (heading, value) = (heading(option), value.to_string_lossy());
            let words = described.get(&heading).map_or("", String::as_str);
            assert!(words.contains(&*value), "{heading} lacks {value}: {words}");
        }
    }
    let words = arguments.iter().filter(|arg| arg.is_positional());
    let words = words.map(|word| format!("Ar {}", word.get_id()));
    let commands = command.get_subcommands();
    let commands = commands.map(|command| format!("Cm {}", command.get_name()));
    for word in words.chain(commands) {
        assert!(page.contains(&word), "the page of {name} lacks “{word}”");
    }
}

/// The arguments of a command and of the commands in it.
fn arguments(command: &Command) -> Vec<&Arg> {
    let inside = command.get_subcommands().flat_map(arguments);
    command.get_arguments().chain(inside).collect()
}

/// An option as a page begins its description: `-h, --help`, `--port N`.
fn heading(option: &Arg) -> String {
    let short = option.get_short().map(|short| format!("-{short}"));
    let long = option.get_long().map(|long| format!("--{long}"));
    let names: Vec<_> = [short, long].into_iter().flatten().collect();
    let values = option.get_value_names().unwrap_or_default().iter();
    let values = values.filter(|_| option.get_action().takes_values());
    let values = values.map(|value| format!(" {value}"));
    names.join(", ") + &values.collect::<String>()
}

/// What a page says of each option.
fn described(page: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut rest = page;
    while let Some(start) = rest.find(OPTION) {
        rest = &rest[start + OPTION.len()..];
        let (line, text) = rest.split_once('\n').unwrap_or((rest, ""));
        let ends = ["\n.It ", "\n.El"].into_iter();
        let end = ends.filter_map(|end| text.find(end)).min();
        let heading = format!("-{line}")
            .replace(" , ", ", ")
            .replace("Fl Fl ", "--")
            .replace("-Fl ", "--")
            .replace("Fl ", "-")
            .replace("Ar ", "");
        all.insert(heading, text[..end.unwrap_or(text.len())].to_owned());
        rest = text;
    }
    all
}

#[cfg(test)]
mod tests {
    use clap::ArgAction;

    use super::*;

    #[test]
    fn options_are_read_as_they_are_made() {
        let page = ".It Fl h , Fl Fl help\nHelp.\n.It Fl Fl port Ar N\nUnless given, 7.\n.El\n\
                    .It 0\nA number.\n";
        let described = described(page);
        let flag = |name| Arg::new(name).long(name).action(ArgAction::SetTrue);
        let port = Arg::new("port").long("port").value_name("N");
        for (option, words) in [
            (flag("help").short('h'), "Help."),
            (port, "Unless given, 7."),
        ] {
            let found = described.get(&heading(&option));
            assert_eq!(found.map(String::as_str), Some(words), "{described:?}");
        }
        assert_eq!(described.len(), 2);
    }
}
