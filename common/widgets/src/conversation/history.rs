//! What is held of all conversations of a window.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use glib::prelude::*;
use glib::subclass::prelude::*;
use glib::{Priority, WeakRef};
use hallway_core::net::Timer;

use super::content::{Content, Delivery, LineId};
use super::view::View;

/// Bytes of text held at most: two hundred thousand lines of talk have a tenth of it, and as many
/// of the longest lines must not fill the machine's memory.
pub const HELD_BYTES: usize = 256 * 1024 * 1024;

/// What a line costs besides its text, roughly, in bytes: so that empty lines count too.
const LINE_COST: usize = 128;

/// How often views announce what happened, at most: once in a frame at 60 a second.
const FRAME: Duration = Duration::from_millis(16);

/// The same while lines pour in, and each time shows none of those before. Nobody reads so much in
/// a fifth of a second, and to show it costs what those who talk could have.
const POURING_FRAME: Duration = Duration::from_millis(200);

/// From so many lines at once on, they pour in: more than are seen together.
pub(super) const POURING: u32 = 50;

/// Where listeners are slow, the announcement before took at most one part in so many of the time.
const SHARE: u32 = 4;

/// Before sockets are read (125) and the window is painted (120), after its events (0).
const ANNOUNCING: i32 = 110;

/// The newest lines of some views, all together: how much is held does not depend on how many
/// views there are. Clones are the same history.
#[derive(Clone)]
pub struct History(Rc<Inner>);

struct Inner {
    cap: Cell<usize>,
    lines: RefCell<VecDeque<Line>>,
    /// The number of the first line.
    first: Cell<u64>,
    /// What the lines cost, in bytes.
    bytes: Cell<usize>,
    views: RefCell<Vec<WeakRef<View>>>,
    announcing: RefCell<Option<Timer>>,
    announced_at: Cell<Option<Instant>>,
    /// The number of the first line that was not announced.
    announced: Cell<u64>,
    /// How long nothing is announced after that.
    pause: Cell<Duration>,
    /// Listeners are being told: each must hear of one change before the next is made.
    is_telling: Cell<bool>,
    /// Lines before this one are forgotten as soon as the listeners were told.
    forgotten: Cell<Option<u64>>,
}

#[derive(Clone)]
pub(super) struct Line {
    pub(super) at: SystemTime,
    pub(super) content: Content,
}

impl Line {
    fn cost(&self) -> usize {
        LINE_COST + self.content.text().len()
    }
}

impl History {
    /// A history of at most `cap` lines, and of [`HELD_BYTES`].
    pub fn new(cap: usize) -> Self {
        Self(Rc::new(Inner {
            cap: Cell::new(cap.max(1)),
            lines: RefCell::default(),
            first: Cell::default(),
            bytes: Cell::default(),
            views: RefCell::default(),
            announcing: RefCell::default(),
            announced_at: Cell::default(),
            announced: Cell::default(),
            pause: Cell::new(FRAME),
            is_telling: Cell::default(),
            forgotten: Cell::default(),
        }))
    }

    /// Holds at most `cap` lines from now on.
    pub fn set_cap(&self, cap: usize) {
        self.0.cap.set(cap.max(1));
        self.announce_soon();
    }

    /// A view that has no lines yet.
    pub fn view(&self) -> View {
        let view = View::new(self.clone());
        let mut views = self.0.views.borrow_mut();
        views.retain(|view| view.upgrade().is_some());
        views.push(view.downgrade());
        view
    }

    /// Adds a line that was said now.
    pub fn push(&self, content: Content, views: &[&View]) -> LineId {
        self.push_at(SystemTime::now(), content, views)
    }

    /// Adds a line to these views of this history. They announce it within a frame.
    pub fn push_at(&self, at: SystemTime, content: Content, views: &[&View]) -> LineId {
        let inner = &self.0;
        let line = Line { at, content };
        inner.bytes.set(inner.bytes.get() + line.cost());
        let mut lines = inner.lines.borrow_mut();
        let id = inner.first.get() + lines.len() as u64;
        lines.push_back(line);
        drop(lines);
        for view in views {
            view.imp().push(id);
        }
        self.announce_soon();
        LineId(id)
    }

    /// A line of ours has come further. What is not held any more, or not ours, is left alone.
    // A delivery is news: whoever tells it has no more use for it.
    #[allow(clippy::needless_pass_by_value)]
    pub fn set_delivery(&self, id: LineId, delivery: Delivery) {
        let changed = {
            let mut lines = self.0.lines.borrow_mut();
            let line = self.index(id.0).and_then(|at| lines.get_mut(at));
            match line.map(|line| &mut line.content) {
                Some(Content::Ours { delivery: now, .. }) if *now != delivery => {
                    *now = delivery.clone();
                    true
                }
                _ => false,
            }
        };
        if changed {
            for view in self.views() {
                view.imp().set_delivery(id.0, &delivery);
            }
        }
    }

    /// Forgets everything, in all views. Where it is called while something is announced, that
    /// happens right after the announcement.
    pub fn clear(&self) {
        let inner = &self.0;
        let end = inner.first.get() + inner.lines.borrow().len() as u64;
        inner.forgotten.set(Some(end));
        self.tell(|_| ());
    }

    /// Lines held.
    pub fn len(&self) -> usize {
        self.0.lines.borrow().len()
    }

    /// Whether no line is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Shows `look` the lines that are held, the newest first, until it says no.
    pub fn look_back(&self, mut look: impl FnMut(LineId, SystemTime, &Content) -> bool) {
        let lines = self.0.lines.borrow();
        let first = self.0.first.get();
        for (at, line) in lines.iter().enumerate().rev() {
            if !look(LineId(first + at as u64), line.at, &line.content) {
                break;
            }
        }
    }

    /// How far a line of ours has come that is held.
    pub fn delivery(&self, id: LineId) -> Option<Delivery> {
        self.with_line(id.0, |line| match &line.content {
            Content::Ours { delivery, .. } => Some(delivery.clone()),
            _ => None,
        })
        .flatten()
    }

    /// What a line says that is held.
    pub fn text(&self, id: LineId) -> Option<Rc<str>> {
        self.with_line(id.0, |line| Rc::clone(line.content.text()))
    }

    pub(super) fn line(&self, id: u64) -> Option<Line> {
        self.with_line(id, Line::clone)
    }

    pub(super) fn with_line<T>(&self, id: u64, look: impl FnOnce(&Line) -> T) -> Option<T> {
        self.0.lines.borrow().get(self.index(id)?).map(look)
    }

    fn index(&self, id: u64) -> Option<usize> {
        usize::try_from(id.checked_sub(self.0.first.get())?).ok()
    }

    fn views(&self) -> Vec<View> {
        let views = self.0.views.borrow();
        views.iter().filter_map(WeakRef::upgrade).collect()
    }

    /// Announces at the end of this frame, or at once where the last one is long past.
    fn announce_soon(&self) {
        let inner = &self.0;
        if inner.announcing.borrow().is_some() {
            return;
        }
        let pause = inner.pause.get();
        let since = inner.announced_at.get().map_or(pause, |at| at.elapsed());
        let weak = Rc::downgrade(inner);
        let timer = Timer::once(
            pause.saturating_sub(since),
            Priority::from(ANNOUNCING),
            move || {
                if let Some(inner) = weak.upgrade() {
                    Self(inner).announce();
                }
            },
        );
        inner.announcing.replace(Some(timer));
    }

    /// Lets what is too old go and tells the views' listeners what happened.
    pub(super) fn announce(&self) {
        let inner = &self.0;
        inner.announcing.take();
        if inner.is_telling.get() {
            // A listener runs the main loop itself.
            self.announce_soon();
            return;
        }
        let start = Instant::now();
        let first = self.first_to_keep();
        let end = inner.first.get() + inner.lines.borrow().len() as u64;
        let is_pouring = end - inner.announced.replace(end) >= u64::from(POURING);
        let frame = if is_pouring { POURING_FRAME } else { FRAME };
        self.tell(|view| view.imp().announce(first));
        self.let_go(first);
        inner.pause.set(frame.max(start.elapsed() * SHARE));
        inner.announced_at.set(Some(start));
    }

    /// Tells listeners, and forgets what was to be forgotten meanwhile.
    fn tell(&self, news: impl Fn(&View)) {
        let inner = &self.0;
        if inner.is_telling.replace(true) {
            return;
        }
        self.views().iter().for_each(news);
        while let Some(end) = inner.forgotten.take() {
            for view in self.views() {
                view.imp().clear(end);
            }
            self.let_go(end);
        }
        inner.is_telling.set(false);
    }

    /// The number of the first line that there is room for.
    fn first_to_keep(&self) -> u64 {
        let inner = &self.0;
        let lines = inner.lines.borrow();
        let (mut count, mut bytes) = (lines.len(), inner.bytes.get());
        let mut too_much = |line: &&Line| {
            let is_over = count > inner.cap.get() || (bytes > HELD_BYTES && count > 1);
            if is_over {
                count -= 1;
                bytes -= line.cost();
            }
            is_over
        };
        inner.first.get() + lines.iter().take_while(|line| too_much(line)).count() as u64
    }

    /// Lets go of the lines before this one. Views have done so before: their listeners could ask
    /// for any line until they were told.
    fn let_go(&self, first: u64) {
        let inner = &self.0;
        let mut lines = inner.lines.borrow_mut();
        while inner.first.get() < first
            && let Some(line) = lines.pop_front()
        {
            inner.bytes.set(inner.bytes.get() - line.cost());
            inner.first.set(inner.first.get() + 1);
        }
    }
}

#[cfg(test)]
mod tests;
