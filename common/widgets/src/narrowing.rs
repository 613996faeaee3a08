//! How narrow a text may become.

use gtk::prelude::*;

/// The least width of a text is that of a third of its characters, which even narrow ones take, but
/// not more than of so many: without one a label is laid out with a line for each character, only
/// to find out how narrow it could be.
const LEAST_WIDTH: usize = 6;

/// The fewest characters that this is worth while for.
const SHORT: usize = 9;

/// The least width of a text, in characters of the width that a font has most of; -1 for none.
pub(crate) fn least_width(text: &str) -> i32 {
    let count = text.chars().take(3 * LEAST_WIDTH).count();
    if count < SHORT {
        return -1;
    }
    i32::try_from(count / 3).unwrap_or(-1)
}

/// Gives each text in a part of a window that is wrapped a least width, so that it is shown sooner.
pub fn set_least_widths(part: &impl IsA<gtk::Widget>) {
    if let Some(label) = part.dynamic_cast_ref::<gtk::Label>()
        && label.wraps()
        && label.width_chars() < 0
    {
        label.set_width_chars(least_width(&label.text()));
    }
    let mut child = part.first_child();
    while let Some(inner) = child {
        set_least_widths(&inner);
        child = inner.next_sibling();
    }
}
