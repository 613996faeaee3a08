//! What the host types, or a program writes to our standard input.

use std::io::Read;
use std::ops::ControlFlow;
use std::time::Duration;

use async_channel::{Receiver, Sender};
use hallway_core::net::limits;
use hallway_core::net::lines::{Line, Splitter};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::getpgrp;
use rustix::stdio::stdin;
use rustix::termios::{isatty, tcgetpgrp};

/// Pieces of input that wait for the room: reading ahead would only move the queue here.
const PIECES: usize = 2;

/// How often it is looked whether we are in the foreground of our terminal again.
const LOOK: Timespec = Timespec {
    tv_sec: 1,
    tv_nsec: 0,
};

/// A piece of the standard input, in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Whole lines.
    Lines(Vec<Vec<u8>>),
    /// A line longer than is taken was left out.
    TooLong,
}

/// Reads the standard input on a thread of its own; the channel closes at its end.
pub(crate) fn listen() -> Receiver<Said> {
    let (sender, receiver) = async_channel::bounded(PIECES);
    std::thread::spawn(move || {
        let mut reader = Reader::new(sender);
        let mut bytes = vec![0; limits::READ];
        while wait_until_readable() {
            match std::io::stdin().lock().read(&mut bytes) {
                Ok(0) => break,
                Ok(count) if reader.take(&bytes[..count]).is_break() => return,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    tracing::debug!(%error, "the standard input is gone");
                    break;
                }
            }
        }
        reader.finish();
    });
    receiver
}

/// Waits for input. In the background of a terminal it is not read: the system would stop the
/// whole program for it (SIGTTIN). Returns whether reading makes sense.
fn wait_until_readable() -> bool {
    loop {
        let mut input = [PollFd::from_borrowed_fd(stdin(), PollFlags::IN)];
        match poll(&mut input, Some(&LOOK)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => continue,
            Ok(_) => {}
            Err(_) => return false,
        }
        if input[0].revents().contains(PollFlags::NVAL) {
            return false;
        }
        let in_background =
            isatty(stdin()) && tcgetpgrp(stdin()).is_ok_and(|group| group != getpgrp());
        if !in_background {
            return true;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

struct Reader {
    splitter: Splitter,
    /// Inside a line that is left out.
    is_skipping: bool,
    said: Sender<Said>,
}

impl Reader {
    fn new(said: Sender<Said>) -> Self {
        Self {
            splitter: Splitter::new(limits::LINE),
            is_skipping: false,
            said,
        }
    }

    /// Takes what was read. Breaks when nobody listens any more.
    fn take(&mut self, mut bytes: &[u8]) -> ControlFlow<()> {
        while !bytes.is_empty() {
            if self.is_skipping {
                let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
                    break;
                };
                bytes = &bytes[end + 1..];
                self.is_skipping = false;
            }
            let mut lines = Vec::new();
            let result = self.splitter.push(bytes, |Line { bytes, .. }| {
                lines.push(bytes.to_vec());
                ControlFlow::Continue(())
            });
            let complete = lines.len();
            if !lines.is_empty() {
                self.send(Said::Lines(lines))?;
            }
            if result.is_ok() {
                break;
            }
            self.send(Said::TooLong)?;
            self.splitter = Splitter::new(limits::LINE);
            self.is_skipping = true;
            bytes = after_lines(bytes, complete);
        }
        ControlFlow::Continue(())
    }

    fn finish(&mut self) {
        let rest = self.splitter.take_pending();
        if !rest.is_empty() {
            let _ = self.send(Said::Lines(vec![rest]));
        }
    }

    fn send(&self, said: Said) -> ControlFlow<()> {
        match self.said.send_blocking(said) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

/// What follows the first `count` ends of lines.
fn after_lines(bytes: &[u8], count: usize) -> &[u8] {
    let Some(last) = count.checked_sub(1) else {
        return bytes;
    };
    let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    match ends.nth(last) {
        Some((end, _)) => &bytes[end + 1..],
        None => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<Said> {
        let (sender, receiver) = async_channel::unbounded();
        let mut reader = Reader::new(sender);
        for piece in pieces {
            assert!(reader.take(piece).is_continue());
        }
        reader.finish();
        drop(reader);
        std::iter::from_fn(|| receiver.try_recv().ok()).collect()
    }

    fn lines(lines: &[&str]) -> Said {
        Said::Lines(lines.iter().map(|line| line.as_bytes().to_vec()).collect())
    }

    #[test]
    fn lines_come_as_they_are_and_the_rest_counts() {
        let said = read(&[b"a\nb", b"c\r\n", b"d"]);
        assert_eq!(said, [lines(&["a"]), lines(&["bc"]), lines(&["d"])]);
    }

    #[test]
    fn a_line_that_is_too_long_is_left_out_and_nothing_else() {
        let long = vec![b'x'; limits::LINE];
        let pieces: [&[u8]; 4] = [b"before\nxx", &long, b"xxx\nafter\n", b"end\n"];
        let expected = [
            lines(&["before"]),
            Said::TooLong,
            lines(&["after"]),
            lines(&["end"]),
        ];
        assert_eq!(read(&pieces), expected);
        let whole = pieces.concat();
        let expected = [lines(&["before"]), Said::TooLong, lines(&["after", "end"])];
        assert_eq!(read(&[&whole]), expected);
    }
}
