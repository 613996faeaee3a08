//! What a person sees and waits for.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use adw::prelude::*;

/// What the display is given to do something: far more than it takes.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn window(child: &impl IsA<gtk::Widget>) -> gtk::Window {
    let window = gtk::Window::builder().child(child).build();
    window.present();
    wait_until("the window is there", || window.is_mapped());
    window
}

/// The question on the screen, which appears in a moment.
pub(crate) fn dialog() -> adw::MessageDialog {
    find("a dialog")
}

pub(crate) fn find<W: IsA<gtk::Widget>>(what: &str) -> W {
    let found = RefCell::new(None);
    wait_until(what, || {
        let shown = gtk::Window::list_toplevels()
            .into_iter()
            .filter(WidgetExt::is_visible)
            .find_map(|window| window.downcast().ok());
        found.replace(shown);
        found.borrow().is_some()
    });
    found.take().expect("it was waited for")
}

pub(crate) fn gone(dialog: &adw::MessageDialog) {
    wait_until("the dialog is gone", || !dialog.is_visible());
}

/// The first widget of a kind inside another.
pub(crate) fn part<W: IsA<gtk::Widget>>(widget: &impl IsA<gtk::Widget>) -> W {
    let mut found = parts(widget.as_ref());
    assert!(!found.is_empty(), "there is no {}", W::static_type());
    found.remove(0)
}

/// All widgets of exactly that kind inside another and outside each other, in order. The inner
/// parts of a menu button are its own affair.
pub(crate) fn parts<W: IsA<gtk::Widget>>(widget: &gtk::Widget) -> Vec<W> {
    let mut found = Vec::new();
    let mut child = widget.first_child();
    while let Some(next) = child {
        if next.type_() == W::static_type() {
            found.extend(next.clone().downcast());
        } else if !next.is::<gtk::MenuButton>() {
            found.extend(parts(&next));
        }
        child = next.next_sibling();
    }
    found
}

pub(crate) fn settle() {
    let until = Instant::now() + Duration::from_millis(600);
    while Instant::now() < until {
        turn();
    }
}

pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "waited in vain: {what}");
        turn();
    }
}

/// One turn of the main loop, or a moment's rest where there is nothing to do.
pub(crate) fn turn() {
    if !glib::MainContext::default().iteration(false) {
        std::thread::sleep(Duration::from_millis(2));
    }
}
