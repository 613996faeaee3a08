//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, value_parser};
use hallway_core::history::Retention;
use hallway_core::history::retention;
use hallway_core::net::{DEFAULT_PORT, Encryption, ListenAddress, limits};
use hallway_core::text::Name;
use hallway_core::wire::limits as wire;
use hallway_words::command_line::framed;
use hallway_words::{gettext, gettext_f};

use crate::hub::{Manners, Settings};

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) headless: bool,
    /// Listen at once, in the window.
    pub(crate) start: bool,
    /// Where to listen, if that was said.
    pub(crate) address: Option<ListenAddress>,
    /// On which port, if that was said.
    pub(crate) port: Option<u16>,
    pub(crate) quiet: bool,
    /// Whether people encrypt, if that was said.
    pub(crate) encryption: Option<Encryption>,
    /// Where the certificate and the history are, if that was said.
    pub(crate) data: Option<PathBuf>,
    /// How long what is said is kept.
    pub(crate) keep: Retention,
    /// What has the password of the room in it.
    pub(crate) password_file: Option<PathBuf>,
    pub(crate) settings: Settings,
}

pub(crate) fn parse() -> Result<Options, clap::Error> {
    parse_from(std::env::args_os())
}

/// Reads the words of a start, the program's name first.
pub(crate) fn parse_from(
    words: impl IntoIterator<Item = OsString>,
) -> Result<Options, clap::Error> {
    let matches = command().try_get_matches_from(words)?;
    Ok(options(&matches))
}

fn options(matches: &ArgMatches) -> Options {
    let flag = |name: &str| matches.get_flag(name);
    let limit = |name: &str| match matches.get_one(name).copied() {
        Some(0_u32) | None => limits::NONE,
        Some(limit) => limit as usize,
    };
    Options {
        headless: flag("headless"),
        start: flag("start"),
        address: matches.get_one("address").copied(),
        port: matches.get_one("port").copied(),
        quiet: flag("quiet"),
        encryption: encryption(matches.get_one::<String>("encryption")),
        data: matches.get_one("data").cloned(),
        keep: keep(matches.get_one::<String>("keep")),
        password_file: matches.get_one("password-file").cloned(),
        settings: Settings {
            relay: !flag("no-relay"),
            echo: flag("echo"),
            commands: !flag("no-commands"),
            longest_line: limit("max-line"),
            connections: limit("max-connections"),
            connections_per_address: limit("max-per-address"),
            host: matches.get_one("name").cloned(),
            manners: Manners {
                rate: matches.get_one("max-rate").copied().unwrap_or(wire::RATE),
                ..Manners::default()
            },
            ..Settings::default()
        },
    }
}

fn command() -> Command {
    let server = Command::new("hallway-server")
        .version(env!("CARGO_PKG_VERSION"))
        .about(gettext(
            "Opens a room on the local network that anything with a socket can join",
        ))
        .after_help(gettext(
            "Lines on the standard input go to everyone. A limit of 0 is no limit.",
        ))
        .arg(switch("headless", &gettext("Run without a window")))
        .arg(switch("start", &gettext("Start listening at once")))
        // How the session starts a program over D-Bus; GApplication reads it.
        .arg(switch("gapplication-service", "").hide(true))
        .arg(
            valued(
                "address",
                "A",
                &gettext(
                    "Listen on this address only: an IP address of this computer, or “localhost”",
                ),
            )
            .value_parser(address),
        )
        .arg(
            valued(
                "port",
                "N",
                &gettext_f(
                    "Listen on this port, 0 for any that is free (usually {port})",
                    &[("port", &DEFAULT_PORT.to_string())],
                ),
            )
            .value_parser(value_parser!(u16)),
        )
        .arg(limit(
            "max-line",
            "BYTES",
            &gettext("Bytes of the longest line that is taken"),
            limits::LINE,
            limits::LINE_HIGHEST,
        ))
        .arg(limit(
            "max-connections",
            "N",
            &gettext("Connections in all"),
            limits::CONNECTIONS,
            usize::MAX,
        ))
        .arg(limit(
            "max-per-address",
            "N",
            &gettext("Connections from one address"),
            limits::CONNECTIONS_PER_ADDRESS,
            usize::MAX,
        ))
        .arg(limit(
            "max-rate",
            "N",
            &gettext("Messages in a second from one encrypted person"),
            wire::RATE as usize,
            usize::MAX,
        ))
        .arg(switch(
            "echo",
            &gettext("Give everybody their own lines back"),
        ))
        .arg(switch(
            "no-relay",
            &gettext("Do not pass messages on to the others"),
        ))
        .arg(switch(
            "no-commands",
            &gettext("Take /name, /who, /help and /quit as text"),
        ))
        .arg(
            valued(
                "name",
                "NAME",
                &gettext("Your name in the conversation here (usually your real name)"),
            )
            .value_parser(name),
        )
        .args(of_encryption())
        .arg(switch(
            "quiet",
            &gettext("Do not write the conversation to the standard output"),
        ));
    framed(server)
}

/// What there is to say about encrypted people.
fn of_encryption() -> [Arg; 4] {
    [
        valued(
            "encryption",
            "WHEN",
            &gettext(
                "Whether people may, or must, encrypt what they say (without a window usually off)",
            ),
        )
        .value_parser(PossibleValuesParser::new(ENCRYPTION.map(|(word, _)| word))),
        valued(
            "password-file",
            "FILE",
            &gettext("Let nobody encrypted in who does not know the password in this file"),
        )
        .value_hint(ValueHint::FilePath)
        .value_parser(value_parser!(PathBuf)),
        valued(
            "data",
            "FOLDER",
            &gettext("Keep the certificate and what is said in this folder, if people encrypt"),
        )
        .value_hint(ValueHint::DirPath)
        .value_parser(value_parser!(PathBuf)),
        valued(
            "keep",
            "TIME",
            &gettext(
                "How long what is said is kept, if people encrypt (without a window only; usually forever)",
            ),
        )
        .value_parser(PossibleValuesParser::new(
            retention::WORDS.map(|(word, _)| word),
        )),
    ]
}

/// The words for whether people encrypt.
const ENCRYPTION: [(&str, Encryption); 3] = [
    ("off", Encryption::Off),
    ("when-both-can", Encryption::WhenBothCan),
    ("only", Encryption::Only),
];

fn encryption(word: Option<&String>) -> Option<Encryption> {
    let known = ENCRYPTION
        .iter()
        .find(|(known, _)| Some(*known) == word.map(String::as_str));
    known.map(|(_, encryption)| *encryption)
}

/// In doubt nothing goes.
fn keep(word: Option<&String>) -> Retention {
    word.and_then(|word| Retention::of_word(word))
        .unwrap_or(Retention::Forever)
}

fn switch(name: &'static str, help: &str) -> Arg {
    let arg = Arg::new(name).long(name).action(ArgAction::SetTrue);
    arg.help(help.to_owned())
}

fn valued(name: &'static str, value: &'static str, help: &str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(value)
        .value_hint(ValueHint::Other)
        .help(help.to_owned())
}

/// A number with a default, where 0 stands for no limit.
fn limit(name: &'static str, value: &'static str, help: &str, default: usize, most: usize) -> Arg {
    let most = u32::try_from(most).unwrap_or(u32::MAX);
    let default = default.to_string();
    // Translators: what an option does, and the number it has unless one is given
    let help = gettext_f(
        "{help} (usually {number})",
        &[("help", help), ("number", &default)],
    );
    valued(name, value, &help)
        .default_value(default)
        .value_parser(clap::value_parser!(u32).range(..=i64::from(most)))
}

fn address(text: &str) -> Result<ListenAddress, String> {
    let not_an_address = |_| {
        gettext("Give an IP address of this computer, “localhost”, or nothing for every network.")
    };
    text.parse().map_err(not_an_address)
}

fn name(text: &str) -> Result<Name, String> {
    Name::parse(text).map_err(|error| hallway_words::name_error(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, clap::Error> {
        let words = line.split_whitespace();
        parse_from(
            ["hallway-server"]
                .into_iter()
                .chain(words)
                .map(OsString::from),
        )
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
    fn defaults_are_those_of_the_engine() {
        let options = read("--headless").unwrap();
        assert_eq!(options.settings, Settings::default());
        assert_eq!((options.address, options.port), (None, None));
        assert_eq!(options.encryption, None);
        assert!(!options.quiet && !options.start);
        assert_eq!(options.keep, Retention::Forever);
    }

    #[test]
    fn everything_can_be_said() {
        let options = read(
            "--headless --address ::1 --port 0 --max-line 100 --max-connections 0 \
             --max-per-address 3 --max-rate 4 --echo --no-relay --no-commands --name Ana --quiet \
             --encryption only --password-file pass --data d --keep 30-days",
        );
        let options = options.unwrap();
        assert_eq!(options.address, Some("::1".parse().unwrap()));
        assert_eq!((options.port, options.quiet), (Some(0), true));
        assert_eq!(options.encryption, Some(Encryption::Only));
        assert_eq!(options.data, Some("d".into()));
        assert_eq!(options.keep, Retention::Days(30));
        assert_eq!(options.password_file, Some("pass".into()));
        let settings = Settings {
            relay: false,
            echo: true,
            commands: false,
            longest_line: 100,
            connections: limits::NONE,
            connections_per_address: 3,
            host: Some(Name::parse("Ana").unwrap()),
            manners: Manners {
                rate: 4,
                ..Manners::default()
            },
            ..Settings::default()
        };
        assert_eq!(options.settings, settings);
    }

    #[test]
    fn the_session_may_start_it() {
        assert!(read("--gapplication-service").is_ok());
        assert!(read("--start --port 5000").unwrap().start);
        let help = command().render_long_help().to_string();
        assert!(help.contains("--start") && !help.contains("gapplication"));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "--port 65536",
            "--port -1",
            "--address nowhere",
            "--max-line 1048577",
            "--max-line -1",
            "--name 10.0.0.1",
            "--encryption perhaps",
            "--keep a-while",
            "--nonsense",
            "more",
        ] {
            let error = read(line).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }
}
