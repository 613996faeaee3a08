//! Windows that come to the front because a person asked for them elsewhere: in a notification, in
//! the desktop's search, in a menu.

use std::time::Duration;

use gtk::prelude::*;

/// How long a compositor may take to give the keyboard to a window that asks for it.
const ANSWER: Duration = Duration::from_millis(300);

/// Wayland, as GDK calls it.
const WAYLAND: &str = "GdkWaylandDisplay";

/// Shows a window and brings it to the front; `time` is when the person asked, in milliseconds as
/// the desktop counts them, or 0 for now.
///
/// On Wayland a window comes to the front with a token of whoever was asked. With a click on a
/// notification or on a result of the search, GNOME Shell (43) hands over a time instead, and the
/// window would stay behind the others. A window that is shown anew comes to the front.
pub fn raise(window: &impl IsA<gtk::Window>, time: u32) {
    let window = window.as_ref();
    let was_there = window.is_mapped() && !window.is_active();
    if time == 0 {
        window.present();
    } else {
        window.present_with_time(time);
    }
    if !was_there || gtk::prelude::WidgetExt::display(window).type_().name() != WAYLAND {
        return;
    }
    let weak = window.downgrade();
    glib::timeout_add_local_once(ANSWER, move || {
        let Some(window) = weak.upgrade() else { return };
        if window.is_mapped() && !window.is_active() && !has_dialog(&window) {
            window.set_visible(false);
            window.present();
        }
    });
}

/// Whether a dialog stands on the window, which would be left alone without it.
fn has_dialog(window: &gtk::Window) -> bool {
    let others = gtk::Window::list_toplevels().into_iter();
    others
        .filter_map(|other| other.downcast::<gtk::Window>().ok())
        .any(|other| other.is_visible() && other.transient_for().as_ref() == Some(window))
}
