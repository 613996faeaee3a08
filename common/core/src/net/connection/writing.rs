//! From the queue to the socket, and what the peer's TCP says of it.

use std::rc::Rc;

use glib::subclass::prelude::*;
use rustix::io::Errno;

use super::Ended;
use super::imp::Connection;
use super::output::{Pace, QueueFull};
use crate::net::error::Error;
use crate::net::limits;
use crate::net::outq::unacknowledged;

impl Connection {
    /// Calls nobody: whoever hands one chunk to many may hold on to what it iterates over.
    pub(super) fn queue(&self, chunk: Rc<[u8]>) -> Result<Pace, QueueFull> {
        if !self.is_connected() {
            return Ok(Pace::Flowing);
        }
        if self.may_be_encrypted() {
            return self.queue_in_tls(&chunk);
        }
        self.queue_as_is(chunk, true)
    }

    /// Queues what goes to the wire as it is; `is_checked` against the cap.
    #[inline]
    pub(super) fn queue_as_is(&self, chunk: Rc<[u8]>, is_checked: bool) -> Result<Pace, QueueFull> {
        let pace = {
            let mut output = self.output.borrow_mut();
            let queued = self.with_socket(|socket| {
                if is_checked {
                    output.check_room(chunk.len(), socket)?;
                }
                output.push_at_once(chunk);
                // Only where the kernel may have room: it has none while progress is waited for.
                let soon = limits::WRITE.min(output.cap / 4);
                if output.bytes() > soon && output.progress.is_none() {
                    output.write_early(socket);
                }
                let crowded = output.progress.is_some() && output.is_crowded(socket);
                if crowded && output.pace == Pace::Flowing {
                    output.pace = Pace::Congested;
                }
                Ok(output.pace)
            });
            match queued {
                Some(result) => result?,
                None => return Ok(Pace::Flowing),
            }
        };
        self.mark();
        Ok(pace)
    }

    /// Writes at once what the kernel takes, where nothing waits before it, and queues a copy of the
    /// rest. Calls nobody.
    pub(super) fn send(&self, bytes: &[u8]) -> Result<Pace, QueueFull> {
        if !self.is_connected() {
            return Ok(Pace::Flowing);
        }
        if self.may_be_encrypted() {
            return self.queue_in_tls(bytes);
        }
        let taken = self.with_socket(|socket| {
            let mut output = self.output.borrow_mut();
            output.write_through(bytes, socket)
        });
        match bytes.get(taken.unwrap_or(0)..) {
            Some(rest) if !rest.is_empty() => self.queue(rest.into()),
            _ => {
                // The end of the batch tells of it.
                self.mark();
                Ok(Pace::Flowing)
            }
        }
    }

    /// Asks for [`flush`](Self::flush) at the end of the batch.
    pub(super) fn mark(&self) {
        if !self.marked.replace(true) {
            match self.link.borrow().as_ref() {
                Some(link) => self.reactor().mark(Rc::clone(&link.handler)),
                None => self.marked.set(false),
            }
        }
    }

    /// Writes what the kernel takes.
    pub(super) fn flush(&self) {
        if self.may_be_encrypted() {
            self.tell_failure();
            if self.holds_lines() {
                return;
            }
        }
        let result = {
            let mut output = self.output.borrow_mut();
            self.with_socket(|socket| output.write(socket))
        };
        match result {
            None => return,
            Some(Err(error)) => return self.output_failed(error),
            Some(Ok(_)) => {}
        }
        let written = self.output.borrow_mut().take_news();
        if written > 0 {
            self.moved();
            self.obj().emit_bytes_written(&written);
        }
        if !self.output.borrow().is_free() {
            self.look_after_slow_peer();
        }
        self.look_for_acknowledgements();
        self.update_interest();
        self.go_on_closing();
    }

    /// Finds out how a peer keeps up for which something waits, or that has been slow.
    fn look_after_slow_peer(&self) {
        // What the kernel takes says nothing of the peer: its acknowledgements do.
        let (waiting, moved) = {
            let mut output = self.output.borrow_mut();
            let moved =
                self.with_socket(|socket| output.pace != Pace::Flowing && output.has_moved(socket));
            (output.progress.is_some(), moved.unwrap_or(false))
        };
        self.judge_pace(moved);
        if waiting {
            self.start_ticking();
        }
    }

    /// The peer takes nothing more. What it sent before is still read.
    fn output_failed(&self, error: Errno) {
        self.acknowledged();
        // A reset after the peer's FIN is told as EPIPE: it closed properly, and what came after
        // that was too late.
        let ended = match error {
            Errno::PIPE => Ended::ByPeer,
            error => Ended::Failed(Error::established(error)),
        };
        if !self.is_up() || self.input.borrow().finished {
            return self.fail(Error::established(error));
        }
        self.output.borrow_mut().clear();
        self.input.borrow_mut().broken = Some(ended);
        self.read_socket();
    }

    /// Finds out whether the peer keeps up; `moved` says that it acknowledged something just now.
    pub(super) fn judge_pace(&self, moved: bool) {
        let (before, crowded) = {
            let output = self.output.borrow();
            let crowded = self.with_socket(|socket| output.is_crowded(socket));
            (output.pace, crowded.unwrap_or(false))
        };
        match (crowded, before) {
            // A peer that reads nothing is no better for a queue that is short.
            (_, Pace::Stalled) if !moved => {}
            (true, _) => self.set_pace(Pace::Congested),
            (false, _) => self.set_pace(Pace::Flowing),
        }
    }

    pub(super) fn set_pace(&self, pace: Pace) {
        let before = std::mem::replace(&mut self.output.borrow_mut().pace, pace);
        if before != pace
            && let Some(sink) = self.sink()
        {
            sink.pace_changed(&self.obj(), pace);
        }
    }

    pub(super) fn held(&self) -> usize {
        let output = self.output.borrow();
        self.with_socket(|socket| output.held(socket)).unwrap_or(0)
    }

    pub(super) fn acknowledged(&self) -> u64 {
        let mut output = self.output.borrow_mut();
        self.with_socket(|socket| output.acknowledged(socket))
            .unwrap_or(output.last_acknowledged())
    }

    /// Whether everything that was queued, and our FIN after it, is acknowledged.
    pub(super) fn is_fin_acknowledged(&self) -> bool {
        let output = self.output.borrow();
        output.fin_acknowledged
            || output.fin_sent && self.with_socket(|socket| unacknowledged(socket)) == Some(Ok(0))
    }

    pub(super) fn watch_acknowledgements(&self) {
        if self.link.borrow().is_none() {
            return;
        }
        self.watched.set(Some(self.output.borrow().total()));
        self.start_ticking();
    }

    /// Tells what was acknowledged, if anybody asked for it.
    pub(super) fn look_for_acknowledgements(&self) {
        let Some(watched) = self.watched.get() else {
            return;
        };
        let position = self.acknowledged();
        let fin = self.is_fin_acknowledged();
        if position >= watched && (fin || !self.is_closing()) {
            self.watched.take();
        }
        let is_news = self.output.borrow_mut().take_acknowledged_news();
        if is_news || fin {
            if let Some(sink) = self.sink() {
                sink.acknowledged(&self.obj(), position);
            }
            self.obj().emit_bytes_acknowledged(&position);
        }
    }
}
