//! The process behind the windows.

use std::cell::RefCell;
use std::fs;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::program::Program;
use crate::wait::until;

/// A process, whoever started it.
#[derive(Debug)]
pub(super) enum Process<'a> {
    /// The test did.
    Started(RefCell<Program>),
    /// The session bus did, because somebody called its name.
    Activated {
        /// Its id.
        pid: u32,
        /// Has what it writes to stderr, among what others write.
        bus: &'a Program,
    },
    /// A program did that may have ended since.
    Launched {
        /// Its id.
        pid: u32,
        /// Has what it writes to stderr, which is its own.
        launcher: Program,
    },
}

impl Process<'_> {
    pub(super) fn pid(&self) -> u32 {
        match self {
            Self::Started(program) => program.borrow().pid(),
            Self::Activated { pid, .. } | Self::Launched { pid, .. } => *pid,
        }
    }

    /// What it wrote to stderr.
    pub(super) fn said(&self) -> Vec<String> {
        match self {
            Self::Started(program) => program.borrow().err().all(),
            Self::Activated { bus, .. } => bus.err().all(),
            Self::Launched { launcher, .. } => launcher.err().all(),
        }
    }

    pub(super) fn signal(&self, signal: Signal) {
        match self {
            Self::Started(program) => program.borrow().signal(signal),
            Self::Activated { pid, .. } | Self::Launched { pid, .. } => {
                let pid = i32::try_from(*pid).ok().and_then(Pid::from_raw);
                // It may have ended by itself: nobody here has to wait for it.
                let _ = pid.map(|pid| kill_process(pid, signal));
            }
        }
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&self) -> bool {
        match self {
            Self::Started(program) => program.borrow_mut().ended().is_some(),
            Self::Activated { pid, .. } | Self::Launched { pid, .. } => is_gone(*pid),
        }
    }

    /// Waits for its end.
    #[track_caller]
    pub(super) fn end(&self, patience: Duration) {
        match self {
            Self::Started(program) => drop(program.borrow_mut().end(patience)),
            Self::Activated { .. } | Self::Launched { .. } => {
                let ended = || self.has_ended().then_some(());
                until(patience, "the end of a program that others started", ended);
            }
        }
    }

    /// Waits for its end; gives the exit code, of a process that the test started, and what it
    /// wrote to stderr.
    #[track_caller]
    pub(super) fn outcome(&self, patience: Duration) -> (Option<i32>, String) {
        if let Self::Started(program) = self {
            let (code, _, said) = program.borrow_mut().outcome(patience);
            return (code, said);
        }
        self.end(patience);
        (None, self.said().join("\n"))
    }
}

/// Whether there is no such process, or only what is left of it until its parent looks.
fn is_gone(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
    // The state stands after the name, which is in brackets (proc_pid_stat(5)).
    stat.map_or(true, |stat| stat.contains(") Z "))
}
