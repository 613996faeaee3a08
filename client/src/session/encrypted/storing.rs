//! Jobs for the history. Their answers are heard in the order in which they were given, as the
//! history does them.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use async_channel::Sender;
use glib::prelude::*;
use glib::subclass::prelude::*;
use hallway_core::history::client::{Acknowledged, Outgoing, Unsent};
use hallway_core::history::limits::OUTBOX_PAGE;
use hallway_core::history::{ClientStore, Error};
use hallway_core::wire::{Cid, Epoch, Event, Fingerprint, Pos};

use super::Session;
use crate::session;
use crate::session::talk::values::{Batch, Fate, News, Page};

type Done = Box<dyn FnOnce(&Session)>;
type Job = Pin<Box<dyn Future<Output = Done>>>;

/// Answers that are waited for. There are no more than the history takes jobs: what events a server
/// can have in them is bounded by the conversation.
pub(in crate::session) struct Jobs(Sender<Job>);

impl Jobs {
    pub(super) fn start(session: &session::Session) -> Self {
        let (sender, jobs) = async_channel::unbounded::<Job>();
        let session = session.downgrade();
        glib::MainContext::ref_thread_default().spawn_local(async move {
            while let Ok(job) = jobs.recv().await {
                let done = job.await;
                let Some(session) = session.upgrade() else {
                    return;
                };
                done(session.imp());
            }
        });
        Self(sender)
    }
}

/// The part of the outbox after a place.
fn page(store: &ClientStore, server: &Fingerprint, after: u64) -> Result<Page, Error> {
    let messages = store.unsent(server, after)?;
    Ok(Page {
        is_last: messages.len() < OUTBOX_PAGE,
        messages,
    })
}

impl Session {
    /// Has the history do something, and `then` what follows. What cannot be asked is answered as
    /// what went wrong.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ClientStore) -> Result<T, Error> + Send + 'static,
        then: impl FnOnce(&Self, Result<T, Error>) + 'static,
    ) {
        let Some(encrypted) = self.encrypted() else {
            return;
        };
        let asked = encrypted.keeper.history().ask(work);
        let job: Job = Box::pin(async move {
            let answer = match asked {
                Ok(answer) => answer.await,
                Err(error) => Err(error),
            };
            let done: Done = Box::new(move |session| then(session, answer));
            done
        });
        // The other end goes with the session.
        let _ = encrypted.jobs.0.try_send(job);
    }

    /// The server that is spoken to, and the number of the connection.
    fn party(&self) -> Option<(Fingerprint, u64)> {
        let encrypted = self.encrypted()?;
        Some((encrypted.server.get()?, encrypted.round.get()))
    }

    /// Has the history do something that the conversation cannot do without.
    fn need<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ClientStore, &Fingerprint) -> Result<T, Error> + Send + 'static,
        then: impl FnOnce(&Self, u64, T) + 'static,
    ) {
        let Some((server, round)) = self.party() else {
            return;
        };
        self.ask(
            move |store| work(store, &server),
            move |session, done| match done {
                Ok(done) => then(session, round, done),
                Err(error) => session.with_talk_of(round, |talk, _| talk.store_failed(error)),
            },
        );
    }

    pub(super) fn store_meet(&self, epoch: Epoch) {
        self.need(
            move |store, server| {
                store.meet(server, &epoch)?;
                page(store, server, 0)
            },
            |session, round, page| {
                session.with_talk_of(round, |talk, now| talk.met(page, None, now));
            },
        );
    }

    pub(super) fn store_reset(&self, epoch: Epoch, head: Pos) {
        self.need(
            move |store, server| {
                let lost = store.reset(server, &epoch, head)?;
                Ok((page(store, server, 0)?, lost))
            },
            |session, round, (page, lost)| {
                session.with_talk_of(round, |talk, now| talk.met(page, lost, now));
            },
        );
    }

    pub(super) fn store_load(&self, after: u64) {
        self.need(
            move |store, server| page(store, server, after),
            |session, round, page| {
                session.with_talk_of(round, |talk, now| talk.loaded(page, now));
            },
        );
    }

    pub(super) fn store_events(&self, batch: Batch) {
        let Batch { events, receipt } = batch;
        self.need(
            move |store, server| {
                let mut lost = None;
                let mut new = VecDeque::new();
                // One after the other: what is read again after a reset is not told again.
                for event in events {
                    let stored = store.store(server, std::slice::from_ref(&event))?;
                    lost = lost.or(stored.lost);
                    if stored.new > 0 {
                        new.push_back(event);
                    }
                }
                Ok((Vec::from(new), lost))
            },
            move |session, round, (new, lost): (Vec<Event>, _)| {
                if !new.is_empty() {
                    let events = Rc::from(new);
                    session.obj().emit_told(&News::Events(events));
                }
                session.with_talk_of(round, |talk, _| talk.stored(receipt, lost));
                if let Some(connection) = session.connection() {
                    connection.resume_reading();
                }
            },
        );
    }

    pub(super) fn store_caught_up(&self) {
        self.need(ClientStore::caught_up, |session, round, lost| {
            session.with_talk_of(round, |talk, _| talk.lost(lost));
            session.obj().emit_told(&News::CaughtUp);
        });
    }

    /// Where that fails the message is sent again with the next connection, and acknowledged as it
    /// was.
    pub(super) fn store_acknowledged(&self, acknowledged: Acknowledged) {
        let Some((server, _)) = self.party() else {
            return;
        };
        self.ask(
            move |store| store.acknowledge(&server, &acknowledged),
            |_, done| {
                if let Err(error) = done {
                    tracing::warn!(%error, "an acknowledgement was not stored");
                }
            },
        );
    }

    pub(super) fn store_withdraw(&self, cid: Cid) {
        self.need(
            move |store, server| store.withdraw(server, &cid),
            move |session, round, _| session.with_talk_of(round, |talk, _| talk.taken_back(&cid)),
        );
    }

    /// Puts a message into the outbox of the server.
    pub(in crate::session) fn post(&self, server: Fingerprint, message: Outgoing) {
        let cid = message.cid;
        if let Some(encrypted) = self.encrypted() {
            encrypted.unsent.borrow_mut().insert(cid);
        }
        self.ask(
            move |store| {
                let place = store.post(&server, &message)?;
                Ok(Unsent { place, message })
            },
            move |session, posted| match posted {
                Ok(unsent) => {
                    let news = News::Message(cid, Fate::Queued);
                    session.obj().emit_told(&news);
                    if session.party().is_some_and(|(now, _)| now == server) {
                        session.with_talk(|talk, now| talk.posted(unsent, now));
                    }
                }
                Err(error) => {
                    if let Some(encrypted) = session.encrypted() {
                        encrypted.unsent.borrow_mut().remove(&cid);
                    }
                    let news = News::Message(cid, Fate::NotKept(error));
                    session.obj().emit_told(&news);
                }
            },
        );
    }

    /// Takes a message out of the outbox that is not in flight. Returns whether it is tried.
    pub(in crate::session) fn take_back(&self, cid: Cid) -> bool {
        let Some((server, _)) = self.party() else {
            return false;
        };
        if self.with_talk(|talk, _| talk.take_back(&cid)) == Some(false) {
            return false;
        }
        self.ask(
            move |store| store.withdraw(&server, &cid),
            move |session, done| {
                session.with_talk(|talk, _| talk.taken_back(&cid));
                match done {
                    Ok(true) => {
                        let was_unsent = session
                            .encrypted()
                            .is_some_and(|it| it.unsent.borrow_mut().remove(&cid));
                        let fate = Fate::TakenBack {
                            perhaps_received: !was_unsent,
                        };
                        session.obj().emit_told(&News::Message(cid, fate));
                    }
                    // The server has it, as was told.
                    Ok(false) => {}
                    Err(error) => tracing::warn!(%error, "a message was not taken back"),
                }
            },
        );
        true
    }
}
