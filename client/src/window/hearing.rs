//! Who says a line that arrived.
//!
//! On a plain wire nobody's name is certain: all lines come from the server, and it alone knows
//! whom it heard them from. A server of ours passes a peer's line on as `name: text` with a name
//! that follows the rules of [`Name`] and cannot be forged by another peer, who gets a prefix as
//! well; its own answers begin with `* `. Both are read as what they are. Everything else is
//! the server's: the host's text, which comes bare with its later lines indented, an echo, and
//! whatever another program sends. So no words are put into somebody's mouth that the server did
//! not put there; a host that writes "Note: …" itself shows as "Note", as it would to `nc`.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::rc::Rc;

use hallway_core::text::Name;
use hallway_core::text::name::MAX_BYTES;
use hallway_widgets::conversation::Speaker;

/// Speakers remembered. A server can make up any number; the next one begins the list anew.
const SPEAKERS: usize = 256;

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard<'a> {
    /// An answer of the server itself.
    Notice(&'a str),
    /// What somebody in the room said.
    Relayed { name: &'a str, text: &'a str },
    /// What the server said.
    Bare(&'a str),
}

/// Reads a line in which everything is visible.
pub(super) fn hear(line: &str) -> Heard<'_> {
    if let Some(notice) = line.strip_prefix("* ") {
        return Heard::Notice(notice);
    }
    match line.split_once(": ") {
        Some((name, text)) if is_label(name) => Heard::Relayed { name, text },
        _ => Heard::Bare(line),
    }
}

/// Whether a server of ours may call somebody this.
fn is_label(text: &str) -> bool {
    if text.len() > MAX_BYTES {
        return false;
    }
    let is_address = text.parse::<SocketAddr>().is_ok();
    is_address || Name::parse(text).is_ok_and(|name| name.as_ref() == text)
}

/// Everybody who said something of late; one object each.
pub(super) struct Speakers {
    server: Rc<Speaker>,
    others: HashMap<Box<str>, Rc<Speaker>>,
}

impl Speakers {
    /// Speakers at the server `host`.
    pub(super) fn at(host: &str) -> Self {
        Self {
            server: speaker("server", host),
            others: HashMap::new(),
        }
    }

    /// Who says what is bare.
    pub(super) fn server(&self) -> Rc<Speaker> {
        Rc::clone(&self.server)
    }

    /// What those are called whom the server names.
    pub(super) fn labels(&self) -> Vec<Rc<str>> {
        let others = self.others.values();
        let mut labels: Vec<_> = others.map(|speaker| Rc::clone(&speaker.label)).collect();
        labels.sort_unstable();
        labels
    }

    /// Whom the server calls `name`.
    pub(super) fn called(&mut self, name: &str) -> Rc<Speaker> {
        if let Some(known) = self.others.get(name) {
            return Rc::clone(known);
        }
        if self.others.len() >= SPEAKERS {
            self.others.clear();
        }
        let new = speaker("person", name);
        self.others.insert(name.into(), Rc::clone(&new));
        new
    }
}

/// The same name has the same colour tomorrow.
fn speaker(kind: &str, label: &str) -> Rc<Speaker> {
    let mut hasher = DefaultHasher::new();
    (kind, label).hash(&mut hasher);
    Rc::new(Speaker {
        key: hasher.finish(),
        label: label.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_of_ours_is_understood() {
        let relayed = |name, text| Heard::Relayed { name, text };
        for (line, expected) in [
            ("Ana: hello", relayed("Ana", "hello")),
            ("陈伟: 你好: 打印机", relayed("陈伟", "你好: 打印机")),
            ("10.0.0.7:53122: hi", relayed("10.0.0.7:53122", "hi")),
            ("[fe80::1%3]:9: hi", relayed("[fe80::1%3]:9", "hi")),
            ("Ana: ", relayed("Ana", "")),
            ("* You are now Ana.", Heard::Notice("You are now Ana.")),
            ("* Ana: no", Heard::Notice("Ana: no")),
        ] {
            assert_eq!(hear(line), expected, "{line:?}");
        }
    }

    #[test]
    fn everything_else_is_the_servers() {
        let long = format!("{}: x", "y".repeat(65));
        for line in [
            "",
            "hello",
            "    Ana: a later line of the host's",
            "Ana:hello",
            ": hello",
            "Ana : hello",
            "*bold*: x",
            "/who: x",
            &long,
        ] {
            assert_eq!(hear(line), Heard::Bare(line), "{line:?}");
        }
    }

    #[test]
    fn nobody_is_mistaken_for_the_server_and_few_are_remembered() {
        let mut speakers = Speakers::at("lab");
        let ana = speakers.called("Ana");
        assert!(Rc::ptr_eq(&ana, &speakers.called("Ana")));
        assert_ne!(speakers.called("lab").key, speakers.server().key);
        for number in 0..1000 {
            speakers.called(&number.to_string());
            assert!(speakers.others.len() <= SPEAKERS);
        }
        assert_eq!(speakers.called("Ana").key, ana.key);
    }
}
