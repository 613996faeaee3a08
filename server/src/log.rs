//! The conversation on the standard output, which may be read slowly or not at all.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes that wait for the reader of our output; lines beyond are left out. A terminal takes
/// this in a fraction of a second.
const WAITING: usize = 1024 * 1024;

/// How long the last lines may take when the program ends.
const LAST_LINES: Duration = Duration::from_millis(500);

/// Says that so many lines were left out.
type LeftOut = Box<dyn Fn(u64) -> String + Send>;

/// Writes whole lines from a thread of its own, so that nobody waits for whoever reads them.
pub(crate) struct Log {
    shared: Arc<Shared>,
    left_out_line: LeftOut,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<u8>,
    left_out: u64,
    /// The thread is writing what it took.
    is_writing: bool,
    /// Nobody will ever read again.
    is_broken: bool,
    is_ended: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    /// A log on `output`. `left_out_line` gives the line, ended, that counts what was left out.
    pub(crate) fn new(
        output: impl Write + Send + 'static,
        left_out_line: impl Fn(u64) -> String + Send + 'static,
    ) -> Self {
        let shared = Arc::new(Shared::default());
        let writer = Arc::clone(&shared);
        std::thread::spawn(move || write_all(&writer, output));
        Self {
            shared,
            left_out_line: Box::new(left_out_line),
        }
    }

    /// Writes `line`, which ends with LF, or leaves it out.
    pub(crate) fn line(&self, line: &str) {
        let mut state = self.shared.lock();
        if state.is_broken {
            return;
        }
        let mut wanted = line.len();
        let counting = (state.left_out > 0).then(|| (self.left_out_line)(state.left_out));
        wanted += counting.as_ref().map_or(0, String::len);
        if state.waiting.len() + wanted > WAITING {
            state.left_out += 1;
            return;
        }
        let was_empty = state.waiting.is_empty();
        if let Some(counting) = counting {
            state.waiting.extend(counting.as_bytes());
            state.left_out = 0;
        }
        state.waiting.extend(line.as_bytes());
        drop(state);
        if was_empty {
            self.shared.changed.notify_all();
        }
    }

    /// Waits until the lines until now are written, but not for ever.
    pub(crate) fn finish(&self) {
        let is_busy =
            |state: &mut State| !state.is_broken && (state.is_writing || !state.waiting.is_empty());
        let changed = &self.shared.changed;
        let waited = changed.wait_timeout_while(self.shared.lock(), LAST_LINES, is_busy);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.shared.lock().is_ended = true;
        self.shared.changed.notify_all();
        self.finish();
    }
}

fn write_all(shared: &Shared, mut output: impl Write) {
    loop {
        let mut state = shared.lock();
        state.is_writing = false;
        shared.changed.notify_all();
        while state.waiting.is_empty() && !state.is_ended {
            state = shared
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if state.waiting.is_empty() {
            return;
        }
        let taken = std::mem::take(&mut state.waiting);
        state.is_writing = true;
        drop(state);
        let (first, second) = taken.as_slices();
        let result = output
            .write_all(first)
            .and_then(|()| output.write_all(second))
            .and_then(|()| output.flush());
        if let Err(error) = result {
            tracing::debug!(%error, "the standard output is gone");
            let mut state = shared.lock();
            state.is_broken = true;
            state.is_writing = false;
            state.waiting = VecDeque::new();
            shared.changed.notify_all();
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};

    #[test]
    fn a_reader_that_sleeps_holds_nobody_up_and_learns_what_it_missed() {
        let (reader, writer) = std::io::pipe().unwrap();
        let log = Log::new(writer, |count| format!("left out {count}\n"));
        let line = format!("{}\n", "x".repeat(999));
        // More than the pipe and we hold together.
        let sent = 3 * WAITING / line.len();
        for _ in 0..sent {
            log.line(&line);
            assert!(log.shared.lock().waiting.len() <= WAITING);
        }
        let mut lines = BufReader::new(reader).lines().map(|line| line.unwrap());
        let mut seen = 0;
        for _ in 0..WAITING / line.len() {
            assert_eq!(lines.next().unwrap().len(), 999, "only whole lines");
            seen += 1;
        }
        // There is room again, as soon as the writer has noticed.
        log.line("again\n");
        drop(log);
        let mut left_out = 0;
        let mut last = String::new();
        for line in lines {
            match line.strip_prefix("left out ") {
                Some(count) => left_out += count.parse::<usize>().unwrap(),
                None if line == "again" => {}
                None => seen += 1,
            }
            last = line;
        }
        assert_eq!(seen + left_out, sent);
        assert_eq!(last, "again");
        assert!(left_out > 0);
    }

    /// The line that counts comes before the one that has room again: both must wake the writer.
    #[test]
    fn what_was_left_out_is_told_though_all_before_it_is_written() {
        let (reader, writer) = std::io::pipe().unwrap();
        let log = Log::new(writer, |count| format!("left out {count}\n"));
        let line = format!("{}\n", "x".repeat(999));
        for _ in 0..3 * WAITING / line.len() {
            log.line(&line);
        }
        assert!(log.shared.lock().left_out > 0);
        let (sender, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(reader).lines() {
                let _ = sender.send(line.unwrap());
            }
        });
        // Until the writer has nothing left and sleeps.
        let begun = std::time::Instant::now();
        while log.shared.lock().is_writing || !log.shared.lock().waiting.is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(30));
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(20));
        log.line("again\n");
        let within = Duration::from_secs(10);
        let next = || lines.recv_timeout(within).expect("it is written");
        while !next().starts_with("left out") {}
        assert_eq!(next(), "again");
    }

    #[test]
    fn a_reader_that_is_gone_is_no_harm() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let log = Log::new(writer, |count| format!("left out {count}\n"));
        for _ in 0..10 {
            log.line("line\n");
        }
    }
}
