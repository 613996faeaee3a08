//! The threads that wait for the disk, so that nobody else does.

mod reader;
mod writer;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread::Builder;

use async_channel::{Receiver, Sender, TrySendError, bounded};
use futures_util::Stream;

use super::error::Error;
use super::limits;
use super::store::Store;
use writer::{Job, Outcome, Run};

/// A history that is open: what a main loop asks, and what is answered later.
///
/// A clone is another handle to the same. Nothing here waits, except where it says so. When the
/// last handle is gone, what was taken is still written; [`stop`](Self::stop) tells when.
#[derive(Debug)]
pub struct History<S> {
    writes: Sender<Job<S>>,
    reads: Sender<reader::Run<S>>,
    /// Closed when both threads have ended.
    ended: Receiver<()>,
}

impl<S> Clone for History<S> {
    fn clone(&self) -> Self {
        Self {
            writes: self.writes.clone(),
            reads: self.reads.clone(),
            ended: self.ended.clone(),
        }
    }
}

impl<S: Store> History<S> {
    /// Starts a thread that writes to `store`, and one that reads beside it.
    ///
    /// # Errors
    /// The database cannot be opened a second time, or there are too many threads.
    pub fn start(store: S) -> Result<Self, Error> {
        Self::start_with(store, limits::QUEUE)
    }

    fn start_with(store: S, queue: usize) -> Result<Self, Error> {
        let beside = S::beside(store.path())?;
        let (writes, write_jobs) = bounded(queue);
        let (reads, read_jobs) = bounded(queue);
        let (alive, ended) = bounded(1);
        let also_alive = alive.clone();
        Builder::new().name("history".into()).spawn(move || {
            writer::run(store, &write_jobs);
            drop(alive);
        })?;
        Builder::new()
            .name("history-reader".into())
            .spawn(move || {
                reader::run(beside, &read_jobs);
                drop(also_alive);
            })?;
        Ok(Self {
            writes,
            reads,
            ended,
        })
    }

    /// Has `work` done within the next commit, and tells `then` what came of it once that is on
    /// the disk, on the history's thread. Others' work shares the commit; each fails by itself,
    /// unless the commit fails.
    ///
    /// # Errors
    /// [`Error::Overrun`] and [`Error::Closed`]; then neither is called.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&S) -> Result<T, Error> + Send + 'static,
        then: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) -> Result<(), Error> {
        let run: Run<S> = Box::new(move |store| {
            let result = match store {
                Ok(store) => store.step(work),
                Err(error) => Err(error),
            };
            Outcome {
                error: result.as_ref().err().cloned(),
                reply: Box::new(move |committed| {
                    then(match committed {
                        Ok(()) => result,
                        Err(error) => Err(result.err().unwrap_or(error)),
                    });
                }),
            }
        });
        send(&self.writes, Job::Shared(run))
    }

    /// As [`write`](Self::write), for whoever waits for the answer.
    ///
    /// # Errors
    /// [`Error::Overrun`] and [`Error::Closed`].
    pub fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&S) -> Result<T, Error> + Send + 'static,
    ) -> Result<Answer<T>, Error> {
        let (reply, answer) = bounded(1);
        self.write(work, move |result| {
            // Nobody waits for it any more.
            let _ = reply.try_send(result);
        })?;
        Ok(Answer(Box::pin(answer)))
    }

    /// Has work done that is more than one commit, or none: between the commits of others, who wait
    /// for it.
    ///
    /// # Errors
    /// [`Error::Overrun`] and [`Error::Closed`].
    pub fn between<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut S) -> Result<T, Error> + Send + 'static,
    ) -> Result<Answer<T>, Error> {
        let (reply, answer) = bounded(1);
        let run = Box::new(move |store: &mut S| {
            let _ = reply.try_send(work(store));
        });
        send(&self.writes, Job::Alone(run))?;
        Ok(Answer(Box::pin(answer)))
    }

    /// Has something read. It sees everything that was acknowledged before, and nothing that was
    /// not committed.
    ///
    /// # Errors
    /// [`Error::Overrun`] and [`Error::Closed`].
    pub fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&S) -> Result<T, Error> + Send + 'static,
    ) -> Result<Answer<T>, Error> {
        let (reply, answer) = bounded(1);
        let run: reader::Run<S> = Box::new(move |store| {
            // What nobody waits for any more is not looked for.
            if !reply.is_closed() {
                let result = work(store).map_err(|error| store.noted(error));
                let _ = reply.try_send(result);
            }
        });
        send(&self.reads, run)?;
        Ok(Answer(Box::pin(answer)))
    }

    /// How much waits to be written, of [`QUEUE`](limits::QUEUE): who sends should be read more
    /// slowly before it is that much.
    pub fn waiting(&self) -> usize {
        self.writes.len()
    }

    /// Takes nothing more. What was taken is still written and answered; the answer comes when the
    /// file is closed.
    pub fn stop(&self) -> Answer<()> {
        self.writes.close();
        self.reads.close();
        Answer(Box::pin(stopped(&self.ended)))
    }
}

/// Becomes `Closed` when the threads have ended, which [`Answer`] takes for an answer.
fn stopped(ended: &Receiver<()>) -> Receiver<Result<(), Error>> {
    let (reply, answer) = bounded(1);
    let ended = ended.clone();
    let wait = move || {
        let _ = ended.recv_blocking();
        let _ = reply.try_send(Ok(()));
    };
    if let Err(error) = Builder::new().name("history-end".into()).spawn(wait) {
        tracing::warn!("nobody waits for the end of the history: {error}");
    }
    answer
}

fn send<T>(queue: &Sender<T>, run: T) -> Result<(), Error> {
    queue.try_send(run).map_err(|error| match error {
        TrySendError::Full(_) => Error::Overrun,
        TrySendError::Closed(_) => Error::Closed,
    })
}

/// What the history will answer: a future for any main loop. Dropping it changes nothing for what
/// is to be written.
#[derive(Debug)]
pub struct Answer<T>(Pin<Box<Receiver<Result<T, Error>>>>);

impl<T> Answer<T> {
    /// Waits for the answer. For programs that are about to end, and for tests.
    ///
    /// # Errors
    /// Those of the work.
    pub fn wait(self) -> Result<T, Error> {
        self.0.recv_blocking().unwrap_or(Err(Error::Closed))
    }
}

impl<T> Future for Answer<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // As a stream it remembers whom to wake.
        let next = self.0.as_mut().poll_next(context);
        next.map(|answer| answer.unwrap_or(Err(Error::Closed)))
    }
}

#[cfg(test)]
mod tests;
