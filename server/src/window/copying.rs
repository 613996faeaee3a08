//! Copying something short, and saying so.

use gtk::prelude::*;

use super::server_window::ServerWindow;

/// Puts `text` on the clipboard and says `sentence` in the window that `widget` is in.
pub(crate) fn copy(widget: &impl IsA<gtk::Widget>, text: &str, sentence: &str) {
    widget.clipboard().set_text(text);
    if let Some(window) = widget.root().and_downcast::<ServerWindow>() {
        window.toast(sentence);
    }
}
