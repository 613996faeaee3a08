//! How long the frames of a window take.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use adw::prelude::*;
use gtk::gdk;

/// A turn of a frame clock, in microseconds.
#[derive(Clone, Copy, Debug)]
struct Frame {
    begun: i64,
    ended: i64,
}

/// What the clock of a window does.
#[derive(Clone)]
pub(super) struct Film(Rc<Inner>);

struct Inner {
    window: gtk::Widget,
    begun: Cell<i64>,
    frames: RefCell<Vec<Frame>>,
    is_painted: Cell<bool>,
    /// When the first frame was painted.
    first: Cell<Option<i64>>,
}

impl Film {
    /// Films a window that is realized.
    pub(super) fn of(window: &impl IsA<gtk::Widget>) -> Self {
        let window: gtk::Widget = window.clone().upcast();
        let clock = window.frame_clock().expect("the window is realized");
        let film = Self(Rc::new(Inner {
            window,
            begun: Cell::default(),
            frames: RefCell::default(),
            is_painted: Cell::default(),
            first: Cell::default(),
        }));
        let inner = Rc::downgrade(&film.0);
        clock.connect_before_paint(move |_| {
            if let Some(inner) = inner.upgrade() {
                inner.begun.set(glib::monotonic_time());
            }
        });
        let inner = Rc::downgrade(&film.0);
        clock.connect_paint(move |_| {
            if let Some(inner) = inner.upgrade() {
                inner.is_painted.set(true);
            }
        });
        let inner = Rc::downgrade(&film.0);
        clock.connect_after_paint(move |_: &gdk::FrameClock| {
            if let Some(inner) = inner.upgrade() {
                inner.end_frame();
            }
        });
        film
    }

    /// When the first frame was painted, if it was.
    pub(super) fn first(&self) -> Option<i64> {
        self.0.first.get()
    }

    /// Does something in each of so many frames, or until it says that it is done; prints what the
    /// frames took, where the scene has a name.
    pub(super) async fn scene(
        &self,
        name: &str,
        frames: u32,
        act: impl FnMut(u32) -> glib::ControlFlow + 'static,
    ) {
        self.0.frames.take();
        let (end, ended) = async_channel::bounded(1);
        let count = Cell::new(0);
        let act = RefCell::new(act);
        self.0.window.add_tick_callback(move |_, _| {
            let at = count.replace(count.get() + 1);
            let flow = if at < frames {
                (act.borrow_mut())(at)
            } else {
                glib::ControlFlow::Break
            };
            if flow.is_break() {
                // There is room for one.
                let _ = end.try_send(());
            }
            flow
        });
        // The sender lives as long as the callback, which ends by itself.
        let _ = ended.recv().await;
        let frames = self.0.frames.take();
        if name.is_empty() {
            return;
        }
        let work = frames.iter().map(|frame| frame.ended - frame.begun);
        let apart = frames.windows(2).map(|pair| pair[1].ended - pair[0].ended);
        tell(&format!("{name}_work"), work.collect());
        tell(&format!("{name}_frame"), apart.collect());
    }
}

impl Inner {
    fn end_frame(&self) {
        let frame = Frame {
            begun: self.begun.get(),
            ended: glib::monotonic_time(),
        };
        self.frames.borrow_mut().push(frame);
        if self.is_painted.get() && self.first.get().is_none() {
            self.first.set(Some(frame.ended));
        }
    }
}

/// Prints median, 99th percentile and longest of times, in milliseconds.
fn tell(name: &str, mut times: Vec<i64>) {
    times.sort_unstable();
    let Some(last) = times.len().checked_sub(1) else {
        return;
    };
    for (word, at) in [("p50", last / 2), ("p99", last * 99 / 100), ("most", last)] {
        print(&format!("{name}_{word}_ms"), times[at]);
    }
}

/// Prints a time, given in microseconds, in milliseconds.
#[allow(clippy::cast_precision_loss)]
pub(super) fn print(name: &str, microseconds: i64) {
    println!("{name} {:.2}", microseconds as f64 / 1000.0);
}
