//! Timers of the thread-default main context that end when they are dropped.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::confined::Confined;

/// A pending call. Dropping it cancels the call and leaves no source behind.
#[derive(Debug)]
pub struct Timer(glib::Source);

impl Timer {
    /// Calls `then` once after `delay`, on the context that is the thread's default now.
    pub fn once(delay: Duration, priority: glib::Priority, then: impl FnOnce() + 'static) -> Self {
        let then = Cell::new(Some(then));
        Self::repeating(delay, priority, move || {
            if let Some(then) = then.take() {
                then();
            }
            glib::ControlFlow::Break
        })
    }

    /// Calls `then` every `interval` until it says `Break`.
    pub fn repeating(
        interval: Duration,
        priority: glib::Priority,
        then: impl Fn() -> glib::ControlFlow + 'static,
    ) -> Self {
        let then = Confined::new(Rc::new(then));
        let source =
            glib::timeout_source_new(interval, Some("hallway timer"), priority, move || {
                // Held for the call: the closure may drop this timer, and with it itself.
                let then = Rc::clone(&then);
                then()
            });
        source.attach(Some(&glib::MainContext::ref_thread_default()));
        Self(source)
    }

    /// Calls `then` once as soon as the context gets to it.
    pub fn soon(priority: glib::Priority, then: impl FnOnce() + 'static) -> Self {
        Self::once(Duration::ZERO, priority, then)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.destroy();
    }
}
