//! What time decides: acknowledgements, progress and deadlines.

use std::time::Instant;

use glib::subclass::prelude::*;

use super::Ended;
use super::imp::Connection;
use super::output::Pace;
use crate::net::error::Error;
use crate::net::limits;
use crate::net::reactor::Tick;

impl Connection {
    /// Looks at everything that time decides. Returns whether to look again.
    pub(super) fn tick(&self) -> Tick {
        self.look_for_acknowledgements();
        self.look_for_progress();
        self.look_for_closing_deadline();
        self.look_at_probe();
        self.look_at_handshake();
        let waits = self.link.borrow().is_some()
            && (self.closing.get().is_some()
                || self.watched.get().is_some()
                || self.probe.get().is_some()
                || self.is_encryption_pending()
                || self.output.borrow().progress.is_some());
        self.ticking.set(waits);
        if waits { Tick::Again } else { Tick::Done }
    }

    fn look_for_progress(&self) {
        let Some(since) = self.output.borrow().progress else {
            return;
        };
        let moved = {
            let mut output = self.output.borrow_mut();
            self.with_socket(|socket| output.has_moved(socket))
        };
        if moved == Some(true) {
            return self.judge_pace(true);
        }
        let still = since.elapsed();
        if still >= self.patience.get().unwrap_or(limits::TOO_SLOW) {
            let queued = self.held();
            self.end_at_once(Ended::Failed(Error::TooSlow { queued }));
        } else if still >= limits::STALLED {
            self.set_pace(Pace::Stalled);
        }
    }

    fn look_for_closing_deadline(&self) {
        let Some(mut closing) = self.closing.get() else {
            return;
        };
        let waiting = {
            let mut output = self.output.borrow_mut();
            let acknowledged = self.with_socket(|socket| output.acknowledged(socket));
            output.total() - acknowledged.unwrap_or(0)
        };
        if waiting < closing.waiting {
            closing.waiting = waiting;
            closing.moved = Instant::now();
            self.closing.set(Some(closing));
        }
        self.go_on_closing();
        if self.closing.get().is_none() || closing.moved.elapsed() < closing.deadline {
            return;
        }
        let queued = self.output.borrow().bytes();
        if queued > 0 {
            // What the kernel has it goes on sending; this is lost.
            let error = Error::TooSlow { queued };
            self.obj().emit_error_occurred(&error);
            self.ended.replace(Some(Ended::Failed(error)));
        }
        self.finish();
    }
}
