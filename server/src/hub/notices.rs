//! What the hub says to plain peers. The words come from outside: the hub knows no language.

use hallway_core::net::Refusal;
use hallway_core::text::NameError;
use hallway_core::text::direction::without_isolates;

/// Begins every line that the server itself says to a plain peer.
const MARK: &str = "* ";

/// Why a name cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameRefused {
    /// It breaks the rules.
    Rules(NameError),
    /// Somebody has it, or one that looks like it.
    Taken,
    /// The peer that should get it has gone.
    Gone,
}

/// The words for plain peers. Each may have several lines; none begins with a mark.
pub trait Notices {
    /// Answers `/help`.
    fn help(&self) -> String;
    /// Answers `/who`: at most 100 labels, and how many people there are.
    fn who(&self, labels: &[&str], total: usize) -> String;
    /// Answers `/name` without a name.
    fn called(&self, label: &str) -> String;
    /// Answers `/name NAME`.
    fn renamed(&self, label: &str) -> String;
    /// Answers `/name NAME` that cannot be had.
    fn name_refused(&self, why: &NameRefused) -> String;
    /// The last words after `/quit`.
    fn goodbye(&self) -> String;
    /// The last words to a peer whose line was longer than `limit` bytes.
    fn line_too_long(&self, limit: usize) -> String;
    /// The only words to somebody who is refused, and the last ones to somebody who is kept out from
    /// now on.
    fn refused(&self, refusal: Refusal) -> String;
    /// The only words to somebody who speaks plainly where only encryption is taken.
    fn needs_encryption(&self) -> String;
    /// The last words to somebody the host disconnects.
    fn disconnected(&self) -> String;
    /// The last words when the server stops.
    fn stopped(&self) -> String;
}

/// `text` as it goes to a plain peer: every line marked and ended, without marks for windows.
pub(super) fn marked(text: &str) -> Vec<u8> {
    let text = without_isolates(text);
    let mut bytes = Vec::with_capacity(text.len() + 2 * MARK.len());
    for line in text.lines() {
        bytes.extend_from_slice(MARK.as_bytes());
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_marked() {
        assert_eq!(marked("a\nb"), b"* a\n* b\n");
        assert_eq!(marked("\u{2068}a\u{2069}"), b"* a\n");
    }
}
