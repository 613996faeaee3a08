//! From the socket to whoever takes the lines.

use std::ops::ControlFlow;
use std::rc::Rc;

use glib::subclass::prelude::*;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

use super::imp::Connection;
use super::input::Framing;
use super::{Ended, Lines, ReceivedLine};
use crate::net::error::Error;
use crate::net::limits;
use crate::net::lines::{Ending, Line, Splitter, TooLong};
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
                    self.input_finished();
                    ControlFlow::Break(())
                }
                Some(Ok((count, _))) => {
                    let before = self.input.borrow().total;
                    self.input.borrow_mut().total += count as u64;
                    if before == 0
                        && self.is_connected()
                        && let Some(sink) = self.sink()
                    {
                        sink.first_byte(&self.obj(), buffer[0]);
                    }
                    let short = count < buffer.len();
                    if self.is_connected() {
                        self.hand_on(&buffer[..count]);
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

    fn hand_on_lines(&self, mut splitter: Splitter, bytes: &[u8]) {
        let sink = self.sink();
        let mut told = self.told();
        let (mut count, mut late) = (0, false);
        if sink
            .as_ref()
            .is_some_and(|sink| !sink.wants_input(&self.obj()))
        {
            self.input.borrow_mut().paused = true;
        }
        let result = if self.takes_lines() {
            splitter.push(bytes, |line| {
                if self.tell(sink.as_ref(), &mut told, line).is_break() {
                    self.input.borrow_mut().paused = true;
                }
                count += 1;
                // One read may bring tens of thousands of lines, each for hundreds of people.
                late = count % limits::LINES_PER_LOOK == 0 && self.reactor().is_late();
                if !late && self.takes_lines() {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })
        } else {
            Ok(0)
        };
        {
            let mut input = self.input.borrow_mut();
            match &mut input.framing {
                Framing::Lines(place) => *place = splitter,
                // Somebody wants bytes from here on.
                Framing::Bytes(buffer) => buffer.extend(splitter.finish().unwrap_or_default()),
            }
            if let Ok(taken) = result
                && taken < bytes.len()
                && self.is_connected()
            {
                input.stash = bytes[taken..].to_vec();
            }
        }
        if late {
            self.put_off();
        }
        self.told_all(sink.as_ref(), told);
        if let Err(TooLong { start }) = result {
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
    fn takes_lines(&self) -> bool {
        let input = self.input.borrow();
        self.is_connected() && !input.paused && matches!(input.framing, Framing::Lines(_))
    }

    /// Room for copies of lines, where a signal wants them.
    fn told(&self) -> Option<Vec<ReceivedLine>> {
        self.obj().wants_lines_received().then(Vec::new)
    }

    fn tell(
        &self,
        sink: Option<&Rc<dyn Sink>>,
        told: &mut Option<Vec<ReceivedLine>>,
        line: Line<'_>,
    ) -> ControlFlow<()> {
        if let Some(told) = told {
            told.push(ReceivedLine {
                bytes: line.bytes.into(),
                ending: line.ending,
            });
        }
        match sink {
            Some(sink) => sink.line(&self.obj(), line),
            None => ControlFlow::Continue(()),
        }
    }

    fn told_all(&self, sink: Option<&Rc<dyn Sink>>, told: Option<Vec<ReceivedLine>>) {
        if let Some(sink) = sink {
            sink.lines_done(&self.obj());
        }
        if let Some(told) = told.filter(|told| !told.is_empty()) {
            self.obj().emit_lines_received(&Lines(told.into()));
        }
    }

    fn line_too_long(&self, sink: Option<&Rc<dyn Sink>>, start: &[u8]) {
        if let Some(sink) = sink {
            sink.line_too_long(&self.obj(), start);
        }
        let limit = self.input.borrow().longest;
        self.begin_closing(Ended::Failed(Error::LineTooLong { limit }), limits::CLOSE);
    }

    /// The peer has sent its FIN: its last line counts, what is queued for it is still sent,
    /// then we close too.
    fn input_finished(&self) {
        self.input.borrow_mut().finished = true;
        self.moved();
        if !self.is_connected() {
            self.go_on_closing();
            return;
        }
        let rest = match &mut self.input.borrow_mut().framing {
            Framing::Lines(splitter) => splitter.finish(),
            Framing::Bytes(_) => None,
        };
        if let Some(bytes) = rest {
            let sink = self.sink();
            let mut told = self.told();
            let line = Line::new(&bytes, Ending::EndOfStream);
            // Nothing comes after it that could wait.
            let _ = self.tell(sink.as_ref(), &mut told, line);
            self.told_all(sink.as_ref(), told);
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
        if self.input.borrow().stash.is_empty() {
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
