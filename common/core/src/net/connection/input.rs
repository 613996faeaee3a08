//! What was received and not yet taken.

use super::Ended;
use crate::net::limits;
use crate::net::lines::Splitter;

/// How received bytes are handed on.
#[derive(Debug)]
pub(super) enum Framing {
    /// Line by line, to the sink and as `lines-received`.
    Lines(Splitter),
    /// As they came, to be taken with `read()` after `ready-read`.
    Bytes(Vec<u8>),
}

#[derive(Debug)]
pub(super) struct Input {
    pub(super) framing: Framing,
    /// The longest line, in bytes.
    pub(super) longest: usize,
    /// What was read when the taker said it wanted no more: at most [`limits::READ`] bytes.
    pub(super) stash: Vec<u8>,
    /// Reading waits for `resume_reading()`.
    pub(super) paused: bool,
    /// Reading waits for the handshakes of others.
    pub(super) is_at_gate: bool,
    /// The peer has sent its FIN.
    pub(super) finished: bool,
    /// Output failed; what has arrived is still read, then the connection ends with this.
    pub(super) broken: Option<Ended>,
    /// Bytes received since the beginning.
    pub(super) total: u64,
}

impl Default for Input {
    fn default() -> Self {
        Self::new(limits::LINE)
    }
}

impl Input {
    pub(super) fn new(longest: usize) -> Self {
        Self {
            framing: Framing::Lines(Splitter::new(longest)),
            longest,
            stash: Vec::new(),
            paused: false,
            is_at_gate: false,
            finished: false,
            broken: None,
            total: 0,
        }
    }

    /// Whether the socket should be read for the taker.
    pub(super) fn is_wanted(&self) -> bool {
        let room = match &self.framing {
            Framing::Lines(_) => true,
            Framing::Bytes(bytes) => bytes.len() < limits::READ,
        };
        room && !self.paused && !self.is_at_gate && self.stash.is_empty() && !self.finished
    }
}
