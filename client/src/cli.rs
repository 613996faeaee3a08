//! The command line.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, value_parser};
use hallway_core::net::DEFAULT_PORT;
use hallway_core::text::Name;
use hallway_words::command_line::framed;
use hallway_words::{gettext, gettext_f};

use crate::send::Source;
use crate::session::Target;
use crate::session::target::{self, ParseError};
use crate::way::{How, Way};
use crate::words;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// A window, perhaps with a server in it.
    Window(Opening),
    /// `hallway send`.
    Send {
        target: Target,
        source: Source,
        how: How,
    },
}

/// What a new window begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// Whatever there is that nobody sees any more; else as [`Empty`](Self::Empty).
    Any,
    /// Nothing: the person chooses.
    Empty,
    /// The question for an address.
    Question,
    /// The server that the person named.
    Server(Target, Way),
    /// The server of a link, which can come from anywhere.
    Link(Target, Way),
}

impl Opening {
    /// Reads what stands where a server belongs.
    pub(crate) fn read(text: &str, way: Way) -> Result<Self, ParseError> {
        let target = text.parse()?;
        Ok(if target::is_link(text) {
            Self::Link(target, way)
        } else {
            Self::Server(target, way)
        })
    }
}

/// Reads a command line, the program's name first.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Task, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(words)?;
    match matches.subcommand() {
        Some(("send", matches)) => {
            let send = command.find_subcommand_mut("send");
            send_task(matches).map_err(|error| {
                let sentence = words::not_an_address(&error);
                match send {
                    Some(send) => send.error(ErrorKind::ValueValidation, sentence),
                    None => clap::Error::raw(ErrorKind::ValueValidation, sentence),
                }
            })
        }
        _ => match matches.get_one::<OsString>("host") {
            Some(host) => Opening::read(&host.to_string_lossy(), way(&matches)).map_err(|error| {
                let sentence = words::not_an_address(&error);
                command.error(ErrorKind::ValueValidation, sentence)
            }),
            None if way(&matches) != Way::AsKnown => {
                let sentence = words::not_an_address(&ParseError::Empty);
                Err(command.error(ErrorKind::MissingRequiredArgument, sentence))
            }
            None if matches.get_flag("new-connection") => Ok(Opening::Question),
            None if matches.get_flag("new-window") => Ok(Opening::Empty),
            None => Ok(Opening::Any),
        }
        .map(Task::Window),
    }
}

fn send_task(matches: &ArgMatches) -> Result<Task, ParseError> {
    let host = matches.get_one::<String>("host").map_or("", String::as_str);
    let source = match matches.get_many::<OsString>("text") {
        Some(words) => {
            let words: Vec<_> = words.map(|word| word.as_bytes()).collect();
            Source::Text(words.join(&b' '))
        }
        None => Source::StandardInput,
    };
    let target = host.parse()?;
    let how = How {
        way: way(matches),
        name: matches.get_one("name").cloned(),
        password_file: matches.get_one("password-file").cloned(),
    };
    Ok(Task::Send {
        target,
        source,
        how,
    })
}

fn way(matches: &ArgMatches) -> Way {
    match (matches.get_flag("encrypted"), matches.get_flag("plain")) {
        (true, _) => Way::Encrypted,
        (_, true) => Way::Plain,
        _ => Way::AsKnown,
    }
}

fn name(text: &str) -> Result<Name, String> {
    Name::parse(text).map_err(|error| hallway_words::name_error(&error))
}

fn switch(name: &'static str, help: String) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::SetTrue)
        .help(help)
}

/// Which way a window speaks to the server that it is opened for.
fn window_ways() -> [Arg; 2] {
    let encrypted = switch(
        "encrypted",
        gettext("Encrypt, which a window does anyway unless plain text was chosen before"),
    );
    let plain = switch(
        "plain",
        gettext("Speak plain lines, unless an encrypted server is known at the address"),
    );
    [encrypted.conflicts_with("plain"), plain]
}

/// Which way to send.
fn ways() -> [Arg; 4] {
    [
        switch(
            "encrypted",
            gettext("Encrypt, and remember the server if it is met for the first time"),
        )
        .conflicts_with("plain"),
        switch(
            "plain",
            gettext("Send plain lines, as every TCP program can read them"),
        ),
        Arg::new("name")
            .long("name")
            .value_name("NAME")
            .value_hint(ValueHint::Other)
            .value_parser(name)
            .help(gettext(
                "What to be called in an encrypted room (usually your real name)",
            )),
        Arg::new("password-file")
            .long("password-file")
            .value_name("FILE")
            .value_hint(ValueHint::FilePath)
            .value_parser(value_parser!(PathBuf))
            .help(gettext(
                "The file whose first line is the password of an encrypted room",
            )),
    ]
}

fn command() -> Command {
    let host = || {
        Arg::new("host")
            .value_name("HOST")
            .value_hint(ValueHint::Hostname)
    };
    let send = Command::new("send")
        .about(gettext("Sends a text to a server and ends"))
        .after_help(gettext(
            "Ends with 0 once the other side's system has acknowledged everything, with 1 if that does not come to pass. Encrypted, everything is then on the server's disk; 3 means that another server is at the address than the known one.",
        ))
        .args(ways())
        .arg(host().value_name("HOST[:PORT]").required(true).help(gettext_f(
            "The server: a name or an IP address, IPv6 in brackets or bare (port {port} unless given)",
            &[("port", &DEFAULT_PORT.to_string())],
        )))
        .arg(
            Arg::new("text")
                .value_name("TEXT")
                .num_args(0..)
                .trailing_var_arg(true)
                .allow_negative_numbers(true)
                .value_parser(value_parser!(OsString))
                .value_hint(ValueHint::Other)
                .help(gettext(
                    "What to send, as one line; without it, the standard input as it comes",
                )),
        );
    let hallway = Command::new("hallway")
        .version(env!("CARGO_PKG_VERSION"))
        .about(gettext("Talk to a room on the local network"))
        .args_conflicts_with_subcommands(true)
        .arg(
            host()
                .value_name("HOST[:PORT]")
                .conflicts_with("new-connection")
                .value_parser(value_parser!(OsString))
                .help(gettext(
                    "The server to open a window for; a hallway:// link will do",
                )),
        )
        .args(window_ways())
        .arg(
            Arg::new("new-window")
                .long("new-window")
                .action(ArgAction::SetTrue)
                .help(gettext(
                    "Open a new window, even if one was closed that is still connected",
                )),
        )
        .arg(
            Arg::new("new-connection")
                .long("new-connection")
                .action(ArgAction::SetTrue)
                .help(gettext("Open a new window and ask for an address")),
        )
        .arg(
            // GApplication takes it when it runs; D-Bus service files give it.
            Arg::new("gapplication-service")
                .long("gapplication-service")
                .action(ArgAction::SetTrue)
                .hide(true),
        )
        .subcommand(framed(send));
    framed(hallway)
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    fn text(text: &str) -> Source {
        Source::Text(text.as_bytes().to_vec())
    }

    fn read(words: &[&str]) -> Result<Task, clap::Error> {
        parse(["hallway"].iter().chain(words).map(OsString::from))
    }

    fn sends(words: &[&str], host: &str, source: Source) {
        let target = host.parse().unwrap();
        let how = How::default();
        let expected = Task::Send {
            target,
            source,
            how,
        };
        assert_eq!(read(words).unwrap(), expected);
    }

    #[test]
    fn the_command_is_well_formed() {
        command().debug_assert();
    }

    #[test]
    fn the_manual_page_tells_all_of_it() {
        hallway_manual::page::agrees(&command());
    }

    #[test]
    fn completions_are_up_to_date() {
        hallway_manual::completions::agree(&command());
    }

    #[test]
    fn words_become_one_text() {
        sends(&["send", "lab"], "lab", Source::StandardInput);
        sends(
            &["send", "lab:80", "a", " b", "c"],
            "lab:80",
            text("a  b c"),
        );
        sends(&["send", "::1", ""], "::1", text(""));
        sends(&["send", "[::1]:80", "-5", "°C"], "[::1]:80", text("-5 °C"));
        sends(&["send", "lab", "use", "--help"], "lab", text("use --help"));
        sends(&["send", "lab", "--", "-x"], "lab", text("-x"));
    }

    #[test]
    fn the_way_can_be_chosen() {
        let how = |words: &[&str]| match read(words).unwrap() {
            Task::Send { how, source, .. } => (how, source),
            Task::Window(opening) => panic!("{opening:?}"),
        };
        let (how, source) = how(&[
            "send",
            "--encrypted",
            "--name",
            "Ana",
            "--password-file",
            "/run/secret",
            "lab",
            "a",
            "--plain",
        ]);
        assert_eq!(how.way, Way::Encrypted);
        assert_eq!(
            how.name.map(|name| name.to_string()).as_deref(),
            Some("Ana")
        );
        assert_eq!(how.password_file, Some(PathBuf::from("/run/secret")));
        assert_eq!(source, text("a --plain"));
    }

    #[test]
    fn no_text_is_an_argument_that_is_not_utf8_lost() {
        let words = ["hallway", "send", "lab"].map(OsString::from).into_iter();
        let bytes = OsString::from_vec(vec![b'a', 0xff]);
        let task = parse(words.chain([bytes])).unwrap();
        let target = "lab".parse().unwrap();
        let source = Source::Text(vec![b'a', 0xff]);
        let how = How::default();
        let expected = Task::Send {
            target,
            source,
            how,
        };
        assert_eq!(task, expected);
    }

    #[test]
    fn without_send_a_window_is_wanted() {
        let opens = |words: &[&str], opening| {
            assert_eq!(read(words).unwrap(), Task::Window(opening), "{words:?}");
        };
        let lab = || "lab:80".parse().unwrap();
        opens(&[], Opening::Any);
        opens(&["--new-window"], Opening::Empty);
        opens(&["--new-connection"], Opening::Question);
        opens(&["--gapplication-service"], Opening::Any);
        let known = Way::AsKnown;
        opens(&["lab:80"], Opening::Server(lab(), known));
        opens(&["--new-window", " lab 80"], Opening::Server(lab(), known));
        opens(&["hallway://lab:80"], Opening::Link(lab(), known));
        opens(&["--plain", "lab:80"], Opening::Server(lab(), Way::Plain));
        opens(
            &["lab:80", "--encrypted"],
            Opening::Server(lab(), Way::Encrypted),
        );
    }

    #[test]
    fn bad_usage_is_told_from_help() {
        for words in [
            &["send"][..],
            &["send", "lab:0"],
            &["send", "--plain", "--encrypted", "lab", "x"],
            &["send", "--name", "10.0.0.1", "lab", "x"],
            &["send", "--name", "", "lab", "x"],
            &["send", "a b"],
            &["send", "http://lab"],
            &["send", "lab", "-x"],
            &["--nonsense"],
            &["lab", "more"],
            &["--new-connection", "lab"],
            &["--plain"],
            &["--plain", "--encrypted", "lab"],
            &[""],
            &["lab:0"],
            &["http://lab"],
        ] {
            assert_eq!(read(words).unwrap_err().exit_code(), 2, "{words:?}");
        }
        for words in [
            &["--help"][..],
            &["--version"],
            &["send", "--help"],
            &["send", "lab", "-h"],
        ] {
            assert_eq!(read(words).unwrap_err().exit_code(), 0, "{words:?}");
        }
    }

    #[test]
    fn what_was_typed_is_made_visible_in_errors() {
        let error = read(&["send", "a\x1bb"]).unwrap_err().to_string();
        assert!(error.contains("“a␛b”"), "{error}");
    }
}
