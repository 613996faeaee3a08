//! What both programs do around their windows.

use adw::prelude::*;
use gtk::gdk;
use hallway_words::gettext;

/// GTK redraws at 120; a smaller number comes first.
const AFTER_REDRAW: i32 = 125;

/// The priority of sockets in a program with windows: after GTK's redraw, so that a flood of lines
/// never keeps a window from being painted.
pub fn io_priority() -> glib::Priority {
    AFTER_REDRAW.into()
}

/// Whether there is a display to open windows on. Initialises GTK where there is one; call it on
/// the main thread, before the application is made.
pub fn has_display() -> bool {
    gtk::init().is_ok() && gdk::Display::default().is_some()
}

/// Gives a button a menu that is made when it is opened: making one takes as long as a dozen buttons.
pub fn fill_when_opened(button: &gtk::MenuButton, menu: &impl IsA<gio::MenuModel>) {
    let menu = menu.as_ref().clone();
    button.set_create_popup_func(move |button| {
        if button.menu_model().is_none() {
            button.set_menu_model(Some(&menu));
        }
    });
}

/// Opens the window that says what the program is and who made it.
pub fn about(parent: &impl IsA<gtk::Window>, name: &str, icon: &str, comments: &str) {
    let window = adw::AboutWindow::builder()
        .transient_for(parent)
        .modal(true)
        .application_name(name)
        .application_icon(icon)
        .version(env!("CARGO_PKG_VERSION"))
        // Comments are markup there.
        .comments(glib::markup_escape_text(comments))
        .developer_name(gettext("The Hallway developers"))
        .license_type(gtk::License::Gpl30)
        .build();
    window.present();
}
