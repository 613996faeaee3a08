//! What is said in a plain conversation, on its way to the history.
//!
//! Nobody waits for the disk: lines wait here, one batch at a time is with the history, and of more
//! than can wait a mark is kept that says so.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hallway_core::history::client::{PlainLine, State};
use hallway_core::history::limits::TEXT;
use hallway_core::history::{ClientStore, Error, History};
use hallway_core::text::cut::cut;
use hallway_core::text::visible_str;
use hallway_core::wire::At;
use hallway_core::wire::event::Kind;
use hallway_core::wire::limits::LABEL;
use hallway_core::wire::values::Label;

use crate::session::{MessageId, MessageState, Target};

/// Lines that wait: what a busy room says while a disk is slow, and no more memory than a megabyte
/// with usual ones.
const WAITING: usize = 10_000;

/// Bytes of their texts.
const WAITING_BYTES: usize = 8 * 1024 * 1024;

/// Lines of one batch: a commit of some milliseconds.
const BATCH: usize = 256;

/// Jobs of others that wait for the history, beyond which plain lines are left out.
const CROWDED: usize = hallway_core::history::limits::QUEUE / 2;

/// Bytes of a text that is cut to be kept, without the ellipsis.
const CUT: usize = TEXT - '…'.len_utf8();

/// The number of a line in the history, 0 until it has one. The history's thread sets it before it
/// reads it: jobs are done in their order.
type Number = Arc<AtomicU64>;

/// Something to write.
#[derive(Debug)]
enum Change {
    Line(PlainLine, Option<Number>),
    State(Number, State),
}

impl Change {
    fn bytes(&self) -> usize {
        match self {
            Self::Line(line, _) => line.text.len(),
            Self::State(..) => 0,
        }
    }

    fn apply(&self, store: &ClientStore, address: &str) -> Result<(), Error> {
        match self {
            Self::Line(line, number) => {
                let id = store.keep_plain(address, line)?;
                if let Some(number) = number {
                    number.store(id, Ordering::Relaxed);
                }
            }
            Self::State(number, state) => {
                let id = number.load(Ordering::Relaxed);
                // The line was left out, or is not kept any longer.
                if id > 0 {
                    store.set_state(id, *state)?;
                }
            }
        }
        Ok(())
    }
}

/// What waits, and where it goes.
#[derive(Debug)]
enum Stage {
    /// The history is being opened.
    Early,
    Open(History<ClientStore>),
    /// There is none.
    Off,
}

#[derive(Debug)]
struct Inner {
    /// The place, as it was typed.
    address: Arc<str>,
    stage: Stage,
    waiting: VecDeque<Change>,
    bytes: usize,
    /// Something was left out, and no mark tells of it yet.
    owes_mark: bool,
    /// A batch is with the history, or will be in the next turn of the main loop.
    is_busy: bool,
    /// Our messages that may still change.
    numbers: HashMap<MessageId, Number>,
}

/// Keeps a plain conversation. When it goes, what waits is still given to the history.
#[derive(Debug)]
pub(super) struct PlainKeeping(RefCell<Inner>);

impl PlainKeeping {
    /// Keeps what is said with `target`, as soon as there is a history.
    pub(super) fn new(target: &Target) -> Rc<Self> {
        Rc::new(Self(RefCell::new(Inner {
            address: target.to_string().into(),
            stage: Stage::Early,
            waiting: VecDeque::new(),
            bytes: 0,
            owes_mark: false,
            is_busy: false,
            numbers: HashMap::new(),
        })))
    }

    /// The history is open; without one, nothing is kept.
    pub(super) fn open(self: &Rc<Self>, history: Option<History<ClientStore>>) {
        {
            let mut inner = self.0.borrow_mut();
            inner.stage = match history {
                Some(history) => Stage::Open(history),
                None => Stage::Off,
            };
            if matches!(inner.stage, Stage::Off) {
                inner.waiting.clear();
                inner.numbers.clear();
                inner.bytes = 0;
            }
        }
        self.flush_later();
    }

    /// Somebody said something.
    pub(super) fn heard(self: &Rc<Self>, name: &str, text: &str) {
        let line = line(name, text, None);
        self.push(Change::Line(line, None));
    }

    /// We said something, under the name that we took there, if any.
    pub(super) fn said(
        self: &Rc<Self>,
        id: MessageId,
        name: Option<&str>,
        text: &str,
        state: MessageState,
    ) {
        let number = Number::default();
        let name = name.map_or_else(own_name, str::to_owned);
        let line = line(&name, text, Some(kept(state)));
        if !is_final(state) {
            self.0.borrow_mut().numbers.insert(id, Arc::clone(&number));
        }
        self.push(Change::Line(line, Some(number)));
    }

    /// Something became of what we said.
    pub(super) fn changed(self: &Rc<Self>, id: MessageId, state: MessageState) {
        let number = {
            let mut inner = self.0.borrow_mut();
            if is_final(state) {
                inner.numbers.remove(&id)
            } else {
                inner.numbers.get(&id).map(Arc::clone)
            }
        };
        if let Some(number) = number {
            self.push(Change::State(number, kept(state)));
        }
    }

    fn push(self: &Rc<Self>, change: Change) {
        {
            let mut inner = self.0.borrow_mut();
            if !inner.take(change) {
                return;
            }
        }
        self.flush_later();
    }

    /// What comes in one turn of the main loop goes together.
    fn flush_later(self: &Rc<Self>) {
        let mut inner = self.0.borrow_mut();
        let is_open = matches!(inner.stage, Stage::Open(_));
        if is_open && !inner.waiting.is_empty() && !inner.is_busy {
            inner.is_busy = true;
            let weak = Rc::downgrade(self);
            glib::spawn_future_local(async move { Self::flush(&weak).await });
        }
    }

    /// Gives batches to the history, one after the other, until nothing waits.
    async fn flush(weak: &Weak<Self>) {
        while let Some(this) = weak.upgrade() {
            let Some((history, address, batch)) = this.0.borrow_mut().next_batch() else {
                return;
            };
            drop(this);
            let work = move |store: &ClientStore| {
                let mut batch = batch.iter();
                batch.try_for_each(|change| change.apply(store, &address))
            };
            let written = match history.ask(work) {
                Ok(answer) => answer.await,
                Err(error) => Err(error),
            };
            if let (Err(error), Some(this)) = (written, weak.upgrade()) {
                tracing::warn!(%error, "lines of a plain conversation are not kept");
                this.0.borrow_mut().owes_mark = true;
            }
        }
    }
}

impl Inner {
    /// Takes something that is to be written. False where it was left out.
    fn take(&mut self, change: Change) -> bool {
        let is_full = self.waiting.len() >= WAITING
            || self.bytes + change.bytes() > WAITING_BYTES
            || matches!(&self.stage, Stage::Open(history) if history.waiting() > CROWDED);
        if matches!(self.stage, Stage::Off) {
            return false;
        }
        if is_full {
            // What became of a line that is kept is no line that is missing.
            self.owes_mark |= matches!(change, Change::Line(..));
            return false;
        }
        if std::mem::take(&mut self.owes_mark) {
            self.waiting.push_back(Change::Line(mark(), None));
        }
        self.bytes += change.bytes();
        self.waiting.push_back(change);
        true
    }

    fn next_batch(&mut self) -> Option<(History<ClientStore>, Arc<str>, Vec<Change>)> {
        let Stage::Open(history) = &self.stage else {
            self.is_busy = false;
            return None;
        };
        let history = history.clone();
        let count = self.waiting.len().min(BATCH);
        let batch: Vec<_> = self.waiting.drain(..count).collect();
        self.bytes -= batch.iter().map(Change::bytes).sum::<usize>();
        self.is_busy = !batch.is_empty();
        self.is_busy
            .then(|| (history, Arc::clone(&self.address), batch))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if std::mem::take(&mut self.owes_mark) {
            self.waiting.push_back(Change::Line(mark(), None));
        }
        let (Stage::Open(history), false) = (&self.stage, self.waiting.is_empty()) else {
            return;
        };
        let (address, rest) = (Arc::clone(&self.address), std::mem::take(&mut self.waiting));
        let work = move |store: &ClientStore| {
            let mut rest = rest.iter();
            rest.try_for_each(|change| change.apply(store, &address))
        };
        let tell = |result: Result<(), Error>| {
            if let Err(error) = result {
                tracing::warn!(%error, "the end of a plain conversation is not kept");
            }
        };
        if let Err(error) = history.write(work, tell) {
            tracing::warn!(%error, "the end of a plain conversation is not kept");
        }
    }
}

fn line(name: &str, text: &str, state: Option<State>) -> PlainLine {
    PlainLine {
        is_outgoing: state.is_some(),
        name: label(name),
        kind: Kind::Text,
        text: cut_to_fit(text),
        at: At::now(),
        state: state.unwrap_or(State::Received),
    }
}

/// Says that lines are missing.
fn mark() -> PlainLine {
    PlainLine {
        kind: Kind::Mark,
        ..line("…", "", None)
    }
}

fn cut_to_fit(text: &str) -> String {
    if text.len() <= TEXT {
        return text.to_owned();
    }
    cut(text, CUT).into_owned()
}

/// What the person is called here.
fn own_name() -> String {
    let name = [glib::real_name(), glib::user_name()];
    let mut name = name.iter().map(|name| name.to_string_lossy());
    // What GLib says where there is none.
    let name = name.find(|name| !name.is_empty() && name != "Unknown");
    name.unwrap_or_default().into_owned()
}

/// What a server says is nobody's name by any rule.
fn label(name: &str) -> Label {
    let visible = visible_str(name);
    let short = &visible[..visible.floor_char_boundary(LABEL)];
    let label = short.parse().or_else(|_| "…".parse());
    label.expect("an ellipsis is visible")
}

/// The session forgets such messages.
fn is_final(state: MessageState) -> bool {
    matches!(state, MessageState::Sent | MessageState::Discarded)
}

fn kept(state: MessageState) -> State {
    match state {
        // Until its end is known it may have arrived or not: the next start takes it for that.
        MessageState::Queued | MessageState::OnTheWay => State::Queued,
        MessageState::Sent => State::Sent,
        MessageState::PerhapsNotReceived => State::Perhaps,
        MessageState::Discarded => State::Failed,
    }
}

#[cfg(test)]
mod tests;
