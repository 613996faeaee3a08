//! The lines that one read brought.

use glib::subclass::prelude::*;

use super::imp::Connection;
use super::{Lines, ReceivedLine};
use crate::net::limits;
use crate::net::lines::{Line, Piece, Splitter, TooLong};

/// Lines that have arrived, to be taken one after the other by a [`Sink`](crate::net::Sink).
pub struct Arrivals<'a> {
    connection: &'a Connection,
    splitter: Splitter,
    piece: Piece<'a>,
    /// The stream has ended: what has no ending is a line.
    is_last: bool,
    count: u32,
    failure: Option<TooLong>,
    /// Copies of what was taken, where a signal wants them.
    told: Option<Vec<ReceivedLine>>,
}

impl std::fmt::Debug for Arrivals<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrivals")
            .field("taken", &self.count)
            .field("rest", &self.piece.rest().len())
            .finish_non_exhaustive()
    }
}

impl<'a> Arrivals<'a> {
    pub(super) fn new(connection: &'a Connection, splitter: Splitter, bytes: &'a [u8]) -> Self {
        Self {
            connection,
            splitter,
            piece: Piece::new(bytes),
            is_last: false,
            count: 0,
            failure: None,
            told: connection.obj().wants_lines_received().then(Vec::new),
        }
    }

    /// The bytes that the stream ended with.
    pub(super) fn last(connection: &'a Connection, splitter: Splitter) -> Self {
        Self {
            is_last: true,
            ..Self::new(connection, splitter, &[])
        }
    }

    /// The next line. None when there are no more, when no more are wanted (whoever heard the last
    /// one has closed or paused the connection, or asked for bytes), and when others should have
    /// their turn.
    #[inline]
    pub fn take(&mut self) -> Option<Line<'_>> {
        // One read may bring tens of thousands of lines, each for hundreds of people.
        let looks = self.count > 0 && self.count.is_multiple_of(limits::LINES_PER_LOOK);
        if !self.connection.takes_lines() || (looks && self.connection.reactor().is_late()) {
            return None;
        }
        self.count += 1;
        let line = if self.is_last {
            self.splitter.finish()
        } else {
            match self.splitter.next(&mut self.piece) {
                Ok(line) => line,
                Err(failure) => {
                    self.failure = Some(failure);
                    None
                }
            }
        };
        if let (Some(told), Some(line)) = (&mut self.told, line) {
            told.push(ReceivedLine {
                bytes: line.bytes.into(),
                ending: line.ending,
            });
        }
        line
    }

    pub(super) fn into_parts(self) -> Parts<'a> {
        Parts {
            splitter: self.splitter,
            rest: self.piece.rest(),
            told: self
                .told
                .filter(|told| !told.is_empty())
                .map(|told| Lines(told.into())),
            failure: self.failure,
        }
    }
}

/// What is left when lines were taken.
pub(super) struct Parts<'a> {
    pub(super) splitter: Splitter,
    /// The bytes of which no line was made.
    pub(super) rest: &'a [u8],
    /// For the signal.
    pub(super) told: Option<Lines>,
    pub(super) failure: Option<TooLong>,
}
