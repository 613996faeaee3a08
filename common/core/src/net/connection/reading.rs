//! From the socket to whoever takes the lines.

use std::ops::ControlFlow;
use std::rc::Rc;

use glib::subclass::prelude::*;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

use super::arrivals::{Arrivals, Parts};
use super::imp::Connection;
use super::input::Framing;
use super::{Ended, Lines};
use crate::net::error::Error;
use crate::net::limits;
use crate::net::lines::{Splitter, TooLong};
use crate::net::sink::Sink;

impl Connection {
    /// Reads until the socket is empty, somebody says stop, or others should have their turn.
    pub(super) fn read_socket(&self) {
        for _ in 0..limits::READS_PER_TURN {
            let wanted = self.is_closing() || self.input.borrow().is_wanted();
            if !wanted || self.read_once().is_break() || self.reactor().is_late() {
                break;
            }
        }
        self.update_interest();
    }

    fn read_once(&self) -> ControlFlow<()> {
        self.reactor().with_buffer(|buffer| {
            let result = self.with_socket(|socket| recv(socket, &mut *buffer, RecvFlags::DONTWAIT));
            match result {
                None | Some(Err(Errno::AGAIN)) => {
                    let broken = self.input.borrow().broken.clone();
                    if let Some(ended) = broken {
                        self.end_at_once(ended);
                    }
                    ControlFlow::Break(())
                }
                Some(Err(Errno::INTR)) => ControlFlow::Continue(()),
                Some(Err(error)) => {
                    self.fail(Error::established(error));
                    ControlFlow::Break(())
                }
                Some(Ok((0, _))) => {
                    self.stream_ended();
                    ControlFlow::Break(())
                }
                Some(Ok((count, _))) => {
                    let before = self.input.borrow().total;
                    self.input.borrow_mut().total += count as u64;
                    let short = count < buffer.len();
                    if !self.is_up() {
                        // Closing: nobody takes it any more.
                    } else if self.may_be_encrypted() {
                        self.cipher_arrived(&buffer[..count], before == 0);
                    } else {
                        self.plain_arrived(&buffer[..count], before == 0);
                    }
                    if short {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                }
            }
        })
    }

    /// Text came; `is_first` before any other.
    pub(super) fn plain_arrived(&self, bytes: &[u8], is_first: bool) {
        if is_first
            && let Some(sink) = self.sink()
            && let Some(first) = bytes.first()
        {
            sink.first_byte(&self.obj(), *first);
        }
        if self.is_connected() {
            self.hand_on(bytes);
        }
    }

    /// Gives received bytes to whoever takes them.
    fn hand_on(&self, bytes: &[u8]) {
        let mut input = self.input.borrow_mut();
        match &mut input.framing {
            Framing::Bytes(buffer) => {
                buffer.extend_from_slice(bytes);
                drop(input);
                self.obj().emit_ready_read();
            }
            Framing::Lines(splitter) => {
                // Outside while lines are told: whoever hears one may call us.
                let splitter = std::mem::replace(splitter, Splitter::new(0));
                drop(input);
                self.hand_on_lines(splitter, bytes);
            }
        }
    }

    fn hand_on_lines(&self, splitter: Splitter, bytes: &[u8]) {
        let sink = self.sink();
        if sink
            .as_ref()
            .is_some_and(|sink| !sink.wants_input(&self.obj()))
        {
            self.input.borrow_mut().paused = true;
        }
        let mut arrivals = Arrivals::new(self, splitter, bytes);
        self.tell(sink.as_ref(), &mut arrivals);
        let Parts {
            mut splitter,
            rest,
            told,
            failure,
        } = arrivals.into_parts();
        let is_left = !rest.is_empty() && failure.is_none() && self.is_connected();
        {
            let mut input = self.input.borrow_mut();
            match &mut input.framing {
                Framing::Lines(place) => *place = splitter,
                // Somebody wants bytes from here on.
                Framing::Bytes(buffer) => buffer.extend(splitter.take_pending()),
            }
            if is_left {
                input.stash = rest.to_vec();
            }
        }
        if is_left && self.takes_lines() {
            self.put_off();
        }
        self.emit_told(told);
        if let Some(TooLong { start }) = failure {
            self.line_too_long(sink.as_ref(), &start);
        }
        let reads_bytes = matches!(self.input.borrow().framing, Framing::Bytes(_));
        if reads_bytes {
            self.take_stash();
        }
    }

    /// Goes on with the stash in the reactor's next turn.
    fn put_off(&self) {
        if let Some(link) = self.link.borrow().as_ref() {
            self.reactor().put_off(Rc::clone(&link.handler));
        }
    }

    /// Whether the next line should be told: whoever heard the last one may have closed, paused
    /// or asked for bytes.
    pub(super) fn takes_lines(&self) -> bool {
        let input = self.input.borrow();
        self.is_connected() && !input.paused && matches!(input.framing, Framing::Lines(_))
    }

    fn tell(&self, sink: Option<&Rc<dyn Sink>>, arrivals: &mut Arrivals<'_>) {
        match sink {
            Some(sink) => {
                if sink.lines(&self.obj(), arrivals).is_break() {
                    self.input.borrow_mut().paused = true;
                }
            }
            // For whoever hears the signal.
            None => while arrivals.take().is_some() {},
        }
    }

    fn emit_told(&self, told: Option<Lines>) {
        if let Some(told) = told {
            self.obj().emit_lines_received(&told);
        }
    }

    fn line_too_long(&self, sink: Option<&Rc<dyn Sink>>, start: &[u8]) {
        if let Some(sink) = sink {
            sink.line_too_long(&self.obj(), start);
        }
        let limit = self.input.borrow().longest;
        self.begin_closing(Ended::Failed(Error::LineTooLong { limit }), limits::CLOSE);
    }

    /// The peer has sent its FIN.
    fn stream_ended(&self) {
        match self.cut_short() {
            Some(error) => {
                self.input.borrow_mut().finished = true;
                self.end_at_once(Ended::Failed(error));
            }
            None => self.input_finished(),
        }
    }

    /// The peer sends nothing more: its last line counts, what is queued for it is still sent, then
    /// we close too.
    pub(super) fn input_finished(&self) {
        self.input.borrow_mut().finished = true;
        self.moved();
        if !self.is_connected() {
            self.go_on_closing();
            return;
        }
        let rest = match &mut self.input.borrow_mut().framing {
            Framing::Lines(splitter) => std::mem::replace(splitter, Splitter::new(0)),
            Framing::Bytes(_) => Splitter::new(0),
        };
        if rest.pending() > 0 {
            let mut arrivals = Arrivals::last(self, rest);
            // Nothing comes after it that could wait.
            self.tell(self.sink().as_ref(), &mut arrivals);
            self.emit_told(arrivals.into_parts().told);
        }
        let broken = self.input.borrow().broken.clone();
        match broken {
            Some(ended) => self.end_at_once(ended),
            None if self.half_open.get() => {}
            None => self.begin_closing(Ended::ByPeer, limits::CLOSE),
        }
    }

    pub(super) fn pause_reading(&self) {
        self.input.borrow_mut().paused = true;
        self.update_interest();
    }

    pub(super) fn resume_reading(&self) {
        if !std::mem::take(&mut self.input.borrow_mut().paused) {
            return;
        }
        if self.input.borrow().stash.is_empty() && !self.is_at_end() {
            self.update_interest();
        } else {
            self.put_off();
        }
    }

    /// Hands on what was held back, unless reading was paused again meanwhile.
    pub(super) fn take_stash(&self) {
        if self.input.borrow().paused || !self.is_connected() {
            return;
        }
        let stash = std::mem::take(&mut self.input.borrow_mut().stash);
        if !stash.is_empty() {
            self.hand_on(&stash);
        }
        self.look_for_end();
        self.update_interest();
    }

    /// Splits into lines again, beginning with what was not read.
    pub(super) fn read_lines(&self) {
        let mut input = self.input.borrow_mut();
        let longest = input.longest;
        let Framing::Bytes(bytes) = &mut input.framing else {
            return;
        };
        let mut unread = std::mem::take(bytes);
        input.framing = Framing::Lines(Splitter::new(longest));
        unread.append(&mut input.stash);
        input.stash = unread;
        drop(input);
        self.put_off();
    }

    pub(super) fn set_longest_line(&self, bytes: usize) {
        let mut input = self.input.borrow_mut();
        input.longest = bytes;
        let Framing::Lines(splitter) = &mut input.framing else {
            return;
        };
        let begun = splitter.take_pending();
        *splitter = Splitter::new(bytes);
        if begun.is_empty() {
            return;
        }
        input.stash.splice(..0, begun);
        drop(input);
        self.put_off();
    }

    pub(super) fn read(&self, most: usize) -> Vec<u8> {
        let taken = match &mut self.input.borrow_mut().framing {
            Framing::Bytes(bytes) => {
                let rest = bytes.split_off(most.min(bytes.len()));
                std::mem::replace(bytes, rest)
            }
            Framing::Lines(_) => Vec::new(),
        };
        self.update_interest();
        taken
    }
}
