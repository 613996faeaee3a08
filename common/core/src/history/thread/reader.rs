//! The thread that reads beside the one that writes: a search holds up no acknowledgement.

use async_channel::Receiver;

/// One question.
pub(super) type Run<S> = Box<dyn FnOnce(&S) + Send>;

/// Answers until nobody can ask any more.
pub(super) fn run<S>(store: S, jobs: &Receiver<Run<S>>) {
    while let Ok(run) = jobs.recv_blocking() {
        run(&store);
    }
    drop(store);
}
