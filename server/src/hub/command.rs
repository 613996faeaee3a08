//! What a line of a plain peer asks of the server; pure.

/// A line of a plain peer, as it is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meant<'a> {
    /// Text for the room.
    Text(&'a str),
    /// `/name NAME`: to be called so; empty for "what am I called".
    Name(&'a str),
    /// `/who`: who is here.
    Who,
    /// `/help`: which commands there are.
    Help,
    /// `/quit`: goodbye.
    Quit,
}

/// Reads a line. A slash before a command's slash makes it text and is dropped; every other
/// line that begins with a slash is text as it is.
pub(super) fn meant(line: &str) -> Meant<'_> {
    let Some(rest) = line.strip_prefix('/') else {
        return Meant::Text(line);
    };
    if let Some(escaped) = rest.strip_prefix('/') {
        return match command(escaped) {
            Some(_) => Meant::Text(rest),
            None => Meant::Text(line),
        };
    }
    command(rest).unwrap_or(Meant::Text(line))
}

/// The command that `words` begin with, without its slash.
fn command(words: &str) -> Option<Meant<'_>> {
    let (word, argument) = match words.split_once([' ', '\t']) {
        Some((word, argument)) => (word, argument.trim()),
        None => (words, ""),
    };
    match word {
        "name" => Some(Meant::Name(argument)),
        "who" if argument.is_empty() => Some(Meant::Who),
        "help" if argument.is_empty() => Some(Meant::Help),
        "quit" if argument.is_empty() => Some(Meant::Quit),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn commands_are_told_from_text() {
        let cases = [
            ("hello", Meant::Text("hello")),
            ("", Meant::Text("")),
            ("/", Meant::Text("/")),
            ("//", Meant::Text("//")),
            ("/name Ana", Meant::Name("Ana")),
            ("/name  Ana Lopez ", Meant::Name("Ana Lopez")),
            ("/name", Meant::Name("")),
            ("/who", Meant::Who),
            ("/who ", Meant::Who),
            ("/who is there", Meant::Text("/who is there")),
            ("/help", Meant::Help),
            ("/quit", Meant::Quit),
            ("/Quit", Meant::Text("/Quit")),
            ("/etc/hosts", Meant::Text("/etc/hosts")),
            ("/names", Meant::Text("/names")),
            (" /who", Meant::Text(" /who")),
            ("//who", Meant::Text("/who")),
            ("//name Ana", Meant::Text("/name Ana")),
            ("//etc", Meant::Text("//etc")),
            ("///who", Meant::Text("///who")),
        ];
        for (line, expected) in cases {
            assert_eq!(meant(line), expected, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn text_that_is_no_command_is_never_changed(line in "[^/]?.{0,40}") {
            if let Meant::Text(text) = meant(&line) {
                prop_assert!(text == line || line == ["/", text].concat());
            }
        }
    }
}
