//! The thread that writes: what waits together is committed together.

use std::time::Instant;

use async_channel::Receiver;

use crate::faults::{Point, reach};
use crate::history::error::Error;
use crate::history::limits;
use crate::history::store::Store;

/// One piece of work within a commit; it gets an error where no transaction could be begun.
pub(super) type Run<S> = Box<dyn FnOnce(Result<&mut S, Error>) -> Outcome + Send>;

/// What the thread is asked to do.
pub(super) enum Job<S> {
    /// Something that shares a commit.
    Shared(Run<S>),
    /// Something outside of every transaction.
    Alone(Box<dyn FnOnce(&mut S) + Send>),
}

/// Tells whoever asked what came of their work.
type Reply = Box<dyn FnOnce(Result<(), Error>) + Send>;

/// What came of a piece of work, before the commit.
pub(super) struct Outcome {
    /// Why nothing of it was written.
    pub(super) error: Option<Error>,
    /// Tells whoever asked, once it is known whether the commit succeeded.
    pub(super) reply: Reply,
}

/// Works until nobody can ask any more and all is done.
pub(super) fn run<S: Store>(mut store: S, jobs: &Receiver<Job<S>>) {
    while let Ok(first) = jobs.recv_blocking() {
        let mut next = Some(first);
        while let Some(job) = next.take() {
            match job {
                Job::Shared(run) => next = batch(&mut store, run, jobs),
                Job::Alone(run) => run(&mut store),
            }
        }
    }
}

fn finish<S: Store>(store: &mut S) -> Result<(), Error> {
    reach(Point::BeforeCommit);
    let result = store.finish();
    reach(Point::AfterCommit);
    result
}

#[cfg(feature = "faults")]
fn acknowledge_first(replies: &mut Vec<Reply>) {
    use crate::faults::{Fault, WINDOW, is_on};

    if is_on(Fault::AcknowledgeFirst) {
        for reply in replies.drain(..) {
            reply(Ok(()));
        }
        std::thread::sleep(WINDOW);
    }
}

/// Does what waits, and commits it. Returns what came next and could not share the commit.
fn batch<S: Store>(store: &mut S, first: Run<S>, jobs: &Receiver<Job<S>>) -> Option<Job<S>> {
    if let Err(error) = store.begin() {
        (first(Err(error.clone())).reply)(Err(error));
        return None;
    }
    let began = Instant::now();
    let mut replies = Vec::new();
    let mut run = first;
    let (result, next) = loop {
        let Outcome { error, reply } = run(Ok(store));
        replies.push(reply);
        if !store.is_open() {
            // A full disk took all of it back.
            break (Err(error.unwrap_or(Error::DiskFull)), None);
        }
        let is_full = replies.len() >= limits::BATCH || began.elapsed() >= limits::BATCH_TIME;
        match jobs.try_recv() {
            Ok(Job::Shared(next)) if !is_full => run = next,
            next => {
                #[cfg(feature = "faults")]
                acknowledge_first(&mut replies);
                break (finish(store), next.ok());
            }
        }
    };
    for reply in replies {
        reply(result.clone());
    }
    next
}
