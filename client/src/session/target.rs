//! Which server to talk to, as people write it.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use hallway_core::net::DEFAULT_PORT;
use hallway_core::text::is_visible;

/// How our links begin.
const SCHEME: &str = "hallway";

/// The longest name that DNS can hold, in bytes (RFC 1035, 2.3.4).
const LONGEST_NAME: usize = 253;

/// Ideographs end sentences with it; an input method writes it for a full stop.
const IDEOGRAPHIC_FULL_STOP: char = '\u{3002}';

/// A server's name or address, and its port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// A name, an IPv4 address or an IPv6 address without brackets, perhaps with `%scope`.
    host: String,
    port: u16,
}

/// Why a text is not a server's address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Nothing stands where the name or address belongs.
    #[error("no name and no address")]
    Empty,
    /// What stands before `://` is not ours.
    #[error("{0:?} is not a scheme of ours")]
    Scheme(String),
    /// What stands there is no number from 1 to 65535.
    #[error("{0:?} is not a port")]
    Port(String),
    /// It looks like an IP address and is none.
    #[error("{0:?} is not an IP address")]
    Address(String),
    /// It holds something that no name has.
    #[error("{0:?} is not a name")]
    Name(String),
}

impl Target {
    /// A name, an IPv4 address or an IPv6 address without brackets, perhaps with `%scope`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port, never 0.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Reads `text` as [`FromStr`] does, with `port` where it gives none.
    ///
    /// # Errors
    /// The text is no address, or the port would be 0.
    pub fn with_port(text: &str, port: u16) -> Result<Self, ParseError> {
        let (host, written) = read(text)?;
        match written.unwrap_or(port) {
            0 => Err(ParseError::Port(port.to_string())),
            port => Ok(Self { host, port }),
        }
    }
}

impl fmt::Display for Target {
    /// `host:port`, with an IPv6 address in brackets: what parses as the same target.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

impl FromStr for Target {
    type Err = ParseError;

    /// Takes `host`, `host:port` and `host port`, where the host is a name, an IPv4 address or an
    /// IPv6 address (in brackets where a port follows its colon), and `hallway://host:port`.
    /// Spaces around it do not matter, nor do full-width forms, which input methods write.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::with_port(text, DEFAULT_PORT)
    }
}

/// The parts of what people write for a [`Target`]: its host, and its port where they wrote one.
///
/// # Errors
/// The text is no address.
pub fn read(text: &str) -> Result<(String, Option<u16>), ParseError> {
    let text = tidy(text);
    let text = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(SCHEME) => &authority(rest)?,
        Some((scheme, _)) => return Err(ParseError::Scheme(scheme.to_owned())),
        None => &text,
    };
    let (host, port) = match without_spaces(text) {
        (host, None) => split(&host)?,
        (host, Some(port)) => match split(&host)? {
            (host, None) => (host, Some(port)),
            (_, Some(_)) => return Err(ParseError::Name(text.to_owned())),
        },
    };
    let port = port.filter(|port| !port.is_empty());
    Ok((host, port.map(|port| read_port(&port)).transpose()?))
}

/// Whether this is written as a link of ours, which may come from a web page rather than from a
/// person.
pub fn is_link(text: &str) -> bool {
    let text = tidy(text);
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
}

fn tidy(text: &str) -> String {
    text.trim().chars().map(half_width).collect()
}

/// The form of ASCII of what input methods write twice as wide.
fn half_width(character: char) -> char {
    match character {
        IDEOGRAPHIC_FULL_STOP => '.',
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character)
        }
        other => other,
    }
}

/// The part of a link that names the server; a `%` before a scope is written `%25` there
/// (RFC 6874).
fn authority(rest: &str) -> Result<String, ParseError> {
    let (authority, path) = rest
        .find(['/', '?', '#'])
        .map_or((rest, ""), |end| rest.split_at(end));
    if !path.is_empty() && path != "/" {
        return Err(ParseError::Name(rest.to_owned()));
    }
    Ok(authority.replacen("%25", "%", 1))
}

/// Takes out spaces around colons, and the port that stands after a space, as `nc` takes it.
fn without_spaces(text: &str) -> (String, Option<String>) {
    let words: Vec<_> = text.split_whitespace().collect();
    match words[..] {
        [host, port] if is_number(port) && !host.ends_with(':') => {
            (host.to_owned(), Some(port.to_owned()))
        }
        _ => {
            let mut joined = String::with_capacity(text.len());
            for word in words {
                let touches = joined.ends_with(':') || word.starts_with(':');
                if !joined.is_empty() && !touches {
                    joined.push(' ');
                }
                joined.push_str(word);
            }
            (joined, None)
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The host, checked, and what stands for the port.
fn split(text: &str) -> Result<(String, Option<String>), ParseError> {
    let wrong = || ParseError::Address(text.to_owned());
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or_else(wrong)?;
        let port = match rest.strip_prefix(':') {
            Some(port) => Some(port.to_owned()),
            None if rest.is_empty() => None,
            None => return Err(wrong()),
        };
        return Ok((ipv6(host).ok_or_else(wrong)?, port));
    }
    match text.split_once(':') {
        Some((_, rest)) if rest.contains(':') => Ok((ipv6(text).ok_or_else(wrong)?, None)),
        Some((host, port)) => Ok((name(host)?, Some(port.to_owned()))),
        None => Ok((name(text)?, None)),
    }
}

/// An IPv6 address in its shortest form, its scope as it was.
fn ipv6(text: &str) -> Option<String> {
    let Some((address, scope)) = text.split_once('%') else {
        return Some(text.parse::<Ipv6Addr>().ok()?.to_string());
    };
    let address: Ipv6Addr = address.parse().ok()?;
    (!scope.is_empty() && scope.chars().all(may_be_in_name)).then(|| format!("{address}%{scope}"))
}

/// A name or an IPv4 address.
fn name(text: &str) -> Result<String, ParseError> {
    if text.is_empty() {
        return Err(ParseError::Empty);
    }
    // As browsers do it: what ends in a number means to be an address, and is written in full.
    let last = text.trim_end_matches('.').rsplit('.').next();
    if last.is_some_and(is_number) {
        let address: Result<Ipv4Addr, _> = text.parse();
        let address = address.map_err(|_| ParseError::Address(text.to_owned()))?;
        return Ok(address.to_string());
    }
    let has_empty_label = text.starts_with('.') || text.contains("..");
    if has_empty_label || text.len() > LONGEST_NAME || !text.chars().all(may_be_in_name) {
        return Err(ParseError::Name(text.to_owned()));
    }
    Ok(text.to_owned())
}

/// Names of hosts are wider than the standards say (underscores, other scripts); what an address
/// or a link is made of, and what cannot be seen or turns a text around, is in none.
fn may_be_in_name(character: char) -> bool {
    let hidden = character.is_whitespace() || !is_visible(character.encode_utf8(&mut [0; 4]));
    !hidden && !r##"!"#$%&'()*+,/:;<=>?@[\]^`{|}~"##.contains(character)
}

fn read_port(text: &str) -> Result<u16, ParseError> {
    let number = is_number(text).then(|| text.parse().ok()).flatten();
    number
        .filter(|port| *port != 0)
        .ok_or_else(|| ParseError::Port(text.to_owned()))
}

#[cfg(test)]
mod tests;
