//! Somebody who is being read, and what they said until it is handed on: one chunk for all who hear
//! it.

use std::rc::Rc;

use hallway_core::net::Connection;
use hallway_core::net::lines::{Ending, Line};
use hallway_core::text::cut;

use super::event::Person;
use super::keeper::Lines;

/// Bytes that are handed on before everything that was read has been heard, so that how the others
/// keep up is known meanwhile.
const PIECE: usize = 16 * 1024;

/// What a speaker said. The memory is kept for the next one.
#[derive(Default)]
pub(super) struct Gathered {
    /// For the others, as they get it.
    pub(super) relayed: Vec<u8>,
    /// For itself, as it came.
    pub(super) echoed: Vec<u8>,
}

/// A peer while the lines that one read brought are heard; what the host decided is looked up once
/// for all of them.
#[allow(
    clippy::struct_excessive_bools,
    reason = "what the host decided, each by itself"
)]
pub(super) struct Speaker<'a> {
    pub(super) connection: &'a Connection,
    pub(super) person: Rc<Person>,
    /// What the others get before each of its lines.
    pub(super) prefix: Rc<str>,
    /// Nothing was heard of it yet.
    pub(super) is_new: bool,
    pub(super) relay: bool,
    pub(super) echo: bool,
    pub(super) commands: bool,
    /// The longest line that others take, in bytes.
    pub(super) longest: usize,
    /// What is kept of it, where anything is.
    pub(super) kept: Option<Lines>,
    pub(super) gathered: Gathered,
}

impl Speaker<'_> {
    /// Gathers `text`, which `line` means. Returns whether there is room for more.
    pub(super) fn say(&mut self, text: &str, line: Line<'_>) -> bool {
        if let Some(kept) = &mut self.kept {
            kept.take(text);
        }
        let Gathered { relayed, echoed } = &mut self.gathered;
        if self.echo {
            echoed.extend_from_slice(line.whole);
        }
        if self.relay {
            relayed.extend_from_slice(self.prefix.as_bytes());
            let is_as_it_came = line.ending == Ending::Lf
                && std::ptr::eq(text.as_bytes(), line.bytes)
                && text.len() <= self.longest;
            if is_as_it_came {
                relayed.extend_from_slice(line.whole);
            } else {
                // Controls made visible take more room than they did: it is cut rather than longer
                // than others take.
                relayed.extend_from_slice(cut(text, self.longest).as_bytes());
                relayed.push(b'\n');
            }
        }
        relayed.len().max(echoed.len()) < PIECE
    }
}
