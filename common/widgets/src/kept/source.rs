//! What a window asks of a history, whichever database answers.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use hallway_core::history::export::Format;
use hallway_core::history::kept::{self, KeptLine, Overview, Part};
use hallway_core::history::search::{self, Query, Results};
use hallway_core::history::{Answer, Error, History, Store, limits, retention};
use hallway_core::wire::{At, Fingerprint};

use super::saving::{self, Saving};

/// What will be answered.
pub(super) type Asked<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

/// What a conversation is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    /// Whom it is with.
    pub name: String,
    /// Where, or how.
    pub place: String,
    /// Whether nobody else could read it. None where some could, and some could not.
    pub is_encrypted: Option<bool>,
}

/// A conversation that is kept.
#[derive(Clone, Debug)]
pub(super) struct Conversation {
    pub(super) id: i64,
    pub(super) title: Title,
    /// When something was said there last.
    pub(super) last: At,
}

/// A history, as a person looks through it. A clone is the same.
#[derive(Clone)]
pub struct Source {
    /// Whose lines are ours.
    own: Option<Fingerprint>,
    pub(super) history: Rc<dyn Ask>,
}

impl Source {
    /// The conversations of `history`. Who we are is `own`; `title` names a conversation.
    pub fn new<S>(
        history: &History<S>,
        own: Option<Fingerprint>,
        title: impl Fn(&Overview<S::Conversation>) -> Title + 'static,
    ) -> Self
    where
        S: Store<Conversation: Send + 'static>,
    {
        let history = Rc::new(Of {
            history: history.clone(),
            title: Rc::new(title),
        });
        Self { own, history }
    }

    /// Whether a line was written here.
    pub(super) fn is_ours(&self, line: &KeptLine) -> bool {
        line.is_outgoing || (line.from.id.is_some() && line.from.id == self.own)
    }
}

/// The questions. Whoever drops an answer to one that only reads has it not looked for.
pub(super) trait Ask {
    /// All conversations, the one with the newest line first.
    fn conversations(&self) -> Asked<Vec<Conversation>>;
    /// A page of lines.
    fn lines(&self, conversation: i64, part: Part, limit: usize) -> Asked<Vec<KeptLine>>;
    /// How many lines there are.
    fn count(&self, conversation: i64) -> Asked<u64>;
    /// Lines with these words, before the one with this number.
    fn find(&self, query: Query, before: Option<u64>) -> Asked<Results>;
    /// Removes a conversation; returns how many lines that were.
    fn delete(&self, conversation: i64) -> Asked<usize>;
    /// Writes a conversation to a file; returns how many lines that were.
    fn save(
        &self,
        conversation: i64,
        format: Format,
        to: PathBuf,
        saving: Arc<Saving>,
    ) -> Asked<u64>;
}

/// Names a conversation of a database.
type Name<S> = Rc<dyn Fn(&Overview<<S as Store>::Conversation>) -> Title>;

struct Of<S: Store> {
    history: History<S>,
    title: Name<S>,
}

impl<S> Of<S>
where
    S: Store<Conversation: Send + 'static>,
{
    fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&S) -> Result<T, Error> + Send + 'static,
    ) -> Asked<T> {
        asked(self.history.read(work))
    }
}

impl<S> Ask for Of<S>
where
    S: Store<Conversation: Send + 'static>,
{
    fn conversations(&self) -> Asked<Vec<Conversation>> {
        let (all, title) = (self.read(kept::overview), Rc::clone(&self.title));
        Box::pin(async move {
            let all = all.await?.into_iter();
            Ok(all
                .map(|one| Conversation {
                    id: one.kept.id,
                    title: title(&one),
                    last: one.last.1,
                })
                .collect())
        })
    }

    fn lines(&self, conversation: i64, part: Part, limit: usize) -> Asked<Vec<KeptLine>> {
        self.read(move |store| kept::lines(store, conversation, part, limit))
    }

    fn count(&self, conversation: i64) -> Asked<u64> {
        self.read(move |store| kept::count(store, conversation))
    }

    fn find(&self, query: Query, before: Option<u64>) -> Asked<Results> {
        self.read(move |store| search::find(store, &query, None, before, limits::FOUND))
    }

    fn delete(&self, conversation: i64) -> Asked<usize> {
        let history = self.history.clone();
        Box::pin(async move { retention::delete(&history, conversation).await })
    }

    fn save(
        &self,
        conversation: i64,
        format: Format,
        to: PathBuf,
        saving: Arc<Saving>,
    ) -> Asked<u64> {
        let path = self.read(|store| Ok(store.path().to_owned()));
        Box::pin(async move {
            let path = path.await?;
            let work = move || saving::save::<S>(&path, conversation, &format, &to, &saving);
            // A panic has been told already.
            let saved = gio::spawn_blocking(work).await;
            saved.unwrap_or_else(|_| {
                Err(Error::Internal {
                    detail: "the export was broken off".to_owned(),
                })
            })
        })
    }
}

fn asked<T: 'static>(answer: Result<Answer<T>, Error>) -> Asked<T> {
    Box::pin(async move { answer?.await })
}
