//! What belongs to the thread of its main context.

use std::ops::Deref;

use glib::thread_guard::ThreadGuard;

/// A value that a source of a main context holds. Reading it on another thread is a mistake and
/// panics. Let go of on another one it is left where it is instead: a thread of GIO may hold the last
/// reference to a context, and with it to its sources, and nothing there could survive a panic.
pub(super) struct Confined<T>(Option<ThreadGuard<T>>);

impl<T> Confined<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Some(ThreadGuard::new(value)))
    }
}

impl<T> Deref for Confined<T> {
    type Target = T;

    fn deref(&self) -> &T {
        let guard = self.0.as_ref().expect("taken when dropped only");
        guard.get_ref()
    }
}

impl<T> Drop for Confined<T> {
    fn drop(&mut self) {
        if let Some(guard) = self.0.take()
            && !guard.is_owner()
        {
            tracing::warn!("a main context ended on a thread that is not its own");
            std::mem::forget(guard);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::time::Duration;

    use crate::net::{Reactor, Timer};

    #[test]
    fn a_context_may_end_on_any_thread() {
        let context = glib::MainContext::new();
        let held = Rc::new(());
        let (timer, reactor) = context
            .with_thread_default(|| {
                let held = Rc::clone(&held);
                let priority = glib::Priority::DEFAULT;
                let timer = Timer::once(Duration::from_hours(1), priority, move || drop(held));
                (timer, Reactor::new(priority).expect("an epoll set"))
            })
            .expect("nobody else has this context");
        let ended = std::thread::spawn(move || drop(context)).join();
        assert!(ended.is_ok());
        drop(timer);
        drop(reactor);
        assert_eq!(Rc::strong_count(&held), 2, "left where it was");
    }
}
