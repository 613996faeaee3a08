//! What a program prints, collected by a thread of its own so that the program never waits for us.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// The last lines that a failure shows.
const SHOWN: usize = 40;

/// The lines of one stream, as far as they came.
#[derive(Debug)]
pub struct Lines {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: Vec<String>,
    ended: bool,
    /// Lines after which nothing is read for now.
    read_at_most: Option<usize>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of the lock panics")
    }
}

impl Lines {
    /// Collects all that comes. Invalid UTF-8 becomes U+FFFD, the LF is not kept, a CR is.
    pub fn of(source: impl Read + Send + 'static) -> Self {
        Self::start(source, None)
    }

    /// Collects the first line and then leaves the stream alone until [`Lines::read_on`]. (A few
    /// KiB may have been taken from it by then.)
    pub fn first_of(source: impl Read + Send + 'static) -> Self {
        Self::start(source, Some(1))
    }

    fn start(source: impl Read + Send + 'static, read_at_most: Option<usize>) -> Self {
        let shared = Arc::new(Shared::default());
        shared.lock().read_at_most = read_at_most;
        let ours = Arc::clone(&shared);
        thread::spawn(move || collect(source, &ours));
        Self { shared }
    }

    /// Goes on reading.
    pub fn read_on(&self) {
        self.shared.lock().read_at_most = None;
        self.shared.changed.notify_all();
    }

    /// Everything until now.
    pub fn all(&self) -> Vec<String> {
        self.shared.lock().lines.clone()
    }

    /// Whether the stream has ended.
    pub fn ended(&self) -> bool {
        self.shared.lock().ended
    }

    /// The first line that is `wanted`, already there or still to come.
    #[track_caller]
    pub fn find(
        &self,
        patience: Duration,
        what: &str,
        mut wanted: impl FnMut(&str) -> bool,
    ) -> String {
        let mut seen = 0;
        let found = self.until(patience, |state| {
            let new = &state.lines[seen..];
            seen = state.lines.len();
            new.iter().find(|line| wanted(line)).cloned()
        });
        found.unwrap_or_else(|| self.fail(patience, what))
    }

    /// Waits until that many lines have come, and gives all that came.
    #[track_caller]
    pub fn at_least(&self, patience: Duration, count: usize) -> Vec<String> {
        self.until(patience, |state| {
            (state.lines.len() >= count).then(|| state.lines.clone())
        })
        .unwrap_or_else(|| self.fail(patience, &format!("{count} lines")))
    }

    /// Waits until that many lines have come or the stream has ended, and gives all that came.
    pub fn at_least_or_end(&self, patience: Duration, count: usize) -> Vec<String> {
        self.until(patience, |state| {
            (state.ended || state.lines.len() >= count).then(|| state.lines.clone())
        })
        .unwrap_or_default()
    }

    /// Waits for the end of the stream, and gives all that came.
    #[track_caller]
    pub fn to_the_end(&self, patience: Duration) -> Vec<String> {
        let ended = self.until(patience, |state| state.ended.then(|| state.lines.clone()));
        ended.unwrap_or_else(|| self.fail(patience, "the end of the stream"))
    }

    fn until<T>(&self, patience: Duration, mut look: impl FnMut(&State) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + patience;
        let mut state = self.shared.lock();
        loop {
            if let Some(found) = look(&state) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || state.ended {
                return None;
            }
            state = self
                .shared
                .changed
                .wait_timeout(state, left)
                .expect("no holder of the lock panics")
                .0;
        }
    }

    #[track_caller]
    fn fail(&self, patience: Duration, what: &str) -> ! {
        let state = self.shared.lock();
        let (lines, ended) = (state.lines.clone(), state.ended);
        drop(state);
        let skipped = lines.len().saturating_sub(SHOWN);
        let last = lines[skipped..].join("\n  ");
        let how = if ended {
            "the stream ended".to_owned()
        } else {
            format!("{patience:?} went by")
        };
        panic!("{how} without {what}. What came (after {skipped} other lines):\n  {last}");
    }
}

fn collect(source: impl Read, shared: &Shared) {
    let mut source = BufReader::new(source);
    let mut line = Vec::new();
    loop {
        line.clear();
        // An error ends it as well: of a terminal, when the program at its other side is gone.
        let read = source.read_until(b'\n', &mut line).unwrap_or(0);
        let mut state = shared.lock();
        if read == 0 {
            state.ended = true;
        } else {
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            state.lines.push(String::from_utf8_lossy(text).into_owned());
        }
        shared.changed.notify_all();
        if state.ended {
            return;
        }
        while state
            .read_at_most
            .is_some_and(|most| state.lines.len() >= most)
        {
            state = shared
                .changed
                .wait(state)
                .expect("no holder of the lock panics");
        }
    }
}
