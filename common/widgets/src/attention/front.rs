//! Whether a window is what the person looks at.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use gtk::prelude::*;
use hallway_core::net::Timer;

/// From one window to the next the focus may take a moment, in which none has it.
const MOMENT: Duration = Duration::from_millis(150);

/// Follows whether a window, or a dialog of it, has the focus.
pub struct Front(Rc<Inner>);

struct Inner {
    window: glib::WeakRef<gtk::Window>,
    is_active: Cell<bool>,
    changed: Box<dyn Fn()>,
    check: RefCell<Option<Timer>>,
    /// The dialog that has the focus now.
    dialog: RefCell<Option<(glib::WeakRef<gtk::Window>, glib::SignalHandlerId)>>,
}

impl Front {
    /// Follows `window` and calls `changed` whenever it is another now.
    pub fn of(window: &impl IsA<gtk::Window>, changed: impl Fn() + 'static) -> Self {
        let window = window.as_ref();
        let inner = Rc::new(Inner {
            window: window.downgrade(),
            is_active: Cell::new(window.is_active()),
            changed: Box::new(changed),
            check: RefCell::default(),
            dialog: RefCell::default(),
        });
        let weak = Rc::downgrade(&inner);
        window.connect_is_active_notify(move |window| {
            let Some(inner) = weak.upgrade() else { return };
            if window.is_active() {
                inner.check.take();
                inner.set(true);
            } else {
                inner.check_soon();
            }
        });
        Self(inner)
    }

    /// Whether the person looks at the window.
    pub fn is_active(&self) -> bool {
        self.0.is_active.get()
    }
}

impl Inner {
    fn check_soon(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        let then = move || {
            if let Some(inner) = weak.upgrade() {
                inner.check.take();
                inner.check();
            }
        };
        let timer = Timer::once(MOMENT, glib::Priority::DEFAULT, then);
        self.check.replace(Some(timer));
    }

    fn check(self: &Rc<Self>) {
        self.forget_dialog();
        let Some(window) = self.window.upgrade() else {
            return;
        };
        let dialog = (!window.is_active()).then(|| active_dialog(&window));
        if let Some(dialog) = dialog.flatten() {
            let weak = Rc::downgrade(self);
            let handler = dialog.connect_is_active_notify(move |_| {
                if let Some(inner) = weak.upgrade() {
                    inner.check_soon();
                }
            });
            self.dialog.replace(Some((dialog.downgrade(), handler)));
        }
        let has_dialog = self.dialog.borrow().is_some();
        self.set(window.is_active() || has_dialog);
    }

    fn set(&self, is_active: bool) {
        if self.is_active.replace(is_active) != is_active {
            (self.changed)();
        }
    }

    fn forget_dialog(&self) {
        if let Some((dialog, handler)) = self.dialog.take()
            && let Some(dialog) = dialog.upgrade()
        {
            dialog.disconnect(handler);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.forget_dialog();
    }
}

/// The dialog of a window that has the focus.
fn active_dialog(window: &gtk::Window) -> Option<gtk::Window> {
    let toplevels = gtk::Window::list_toplevels().into_iter();
    toplevels
        .filter_map(|toplevel| toplevel.downcast::<gtk::Window>().ok())
        // One that was hidden while it had the focus says still that it has it.
        .filter(WidgetExt::is_mapped)
        .find(|other| other.is_active() && other.transient_for().as_ref() == Some(window))
}
