//! Names for screen readers that are known only while the program runs.
//!
//! Static names stand in the `.ui` files. GTK exports what is called here since 4.0 (or 4.14), but
//! the bindings offer it from versions on that our users do not have yet, so this one module
//! declares the functions itself.
#![allow(unsafe_code)]

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    ptr,
    sync::OnceLock,
};

use adw::prelude::*;
use glib::translate::{Borrowed, IntoGlib, ToGlibPtr, from_glib_borrow};

/// `gtk_accessible_announce`, from GTK 4.14 on.
type Announce = unsafe extern "C" fn(*mut gtk::ffi::GtkAccessible, *const c_char, c_int);

/// The name of [`Announce`] in the library.
const ANNOUNCE: &CStr = c"gtk_accessible_announce";

/// `GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM`: said when the reader has finished its sentence.
const ANNOUNCE_POLITELY: c_int = 1;

unsafe extern "C" {
    fn gtk_accessible_update_property_value(
        accessible: *mut gtk::ffi::GtkAccessible,
        n_properties: c_int,
        properties: *mut gtk::ffi::GtkAccessibleProperty,
        values: *const glib::gobject_ffi::GValue,
    );
    fn dlsym(handle: *mut c_void, symbol: *const c_char) -> *mut c_void;
}

/// What a screen reader calls `widget`.
pub fn set_label(widget: &impl IsA<gtk::Widget>, label: &str) {
    update(widget.as_ref(), gtk::AccessibleProperty::Label, &label);
}

/// What a screen reader calls the row of a list that `widget` is all of.
///
/// From GTK 4.12 on a list has its row filled before it takes it in. To ask for the row then, as
/// `parent()` does, would be to own it, and to drop it afterwards would be its end.
pub fn set_label_of_row(widget: &impl IsA<gtk::Widget>, label: &str) {
    // SAFETY: the widget lives as long as this borrow. GTK objects never leave the main thread, so
    // this is it.
    let row = unsafe { gtk::ffi::gtk_widget_get_parent(widget.as_ref().as_ptr()) };
    if !row.is_null() {
        // SAFETY: the parent of a widget that lives is a widget that lives, until somebody takes
        // the one out of the other, and nobody does before the end of this function. What is
        // borrowed takes no reference and drops none.
        let row: Borrowed<gtk::Widget> = unsafe { from_glib_borrow(row) };
        set_label(&*row, label);
    }
}

/// What a screen reader says about `widget` after its name.
pub fn set_description(widget: &impl IsA<gtk::Widget>, description: &str) {
    update(
        widget.as_ref(),
        gtk::AccessibleProperty::Description,
        &description,
    );
}

/// How deep a heading stands, from 1 on.
pub fn set_level(widget: &impl IsA<gtk::Widget>, level: i32) {
    update(widget.as_ref(), gtk::AccessibleProperty::Level, &level);
}

/// The first minor version of GTK 4 in which a row with an entry tells that it has the focus.
const ROWS_TELL: u32 = 10;

/// Lets a screen reader find the entry in a row. What has the focus there is the text inside, of
/// which nothing is told before GTK 4.10: there would be silence. Call it before the row is shown.
pub fn tell_entry(row: &impl IsA<adw::EntryRow>) {
    let row = row.as_ref();
    let Some(text) = row.delegate() else { return };
    if gtk::minor_version() < ROWS_TELL {
        text.set_property("accessible-role", gtk::AccessibleRole::TextBox);
    }
    set_label(&text, &row.title());
}

/// Has a screen reader say `message`, where GTK can (4.14 and later); elsewhere nothing is said.
pub fn announce(widget: &impl IsA<gtk::Widget>, message: &str) {
    let Some(announce) = announce_function() else {
        return;
    };
    // A text of ours has no NUL; one that came from outside says what stands before it.
    let end = message.find('\0').unwrap_or(message.len());
    let Ok(message) = CString::new(&message[..end]) else {
        return;
    };
    // SAFETY: `announce` is that function of GTK with its documented signature. The accessible
    // lives as long as this borrow, the string until the end of this function, and GTK keeps
    // neither. GTK objects never leave the main thread, so this is it.
    unsafe {
        announce(
            accessible(widget.as_ref()),
            message.as_ptr(),
            ANNOUNCE_POLITELY,
        );
    }
}

/// Looks the function up once, in what the program is linked with.
fn announce_function() -> Option<Announce> {
    static FUNCTION: OnceLock<Option<Announce>> = OnceLock::new();
    *FUNCTION.get_or_init(|| {
        // SAFETY: a null handle is RTLD_DEFAULT on Linux, and the name is a C string.
        let symbol = unsafe { dlsym(ptr::null_mut(), ANNOUNCE.as_ptr()) };
        if symbol.is_null() {
            return None;
        }
        // SAFETY: the symbol is not null, its name is unique to GTK, and `Announce` is the
        // signature that GTK documents for it (an enumeration is an int).
        Some(unsafe { std::mem::transmute::<*mut c_void, Announce>(symbol) })
    })
}

fn update(widget: &gtk::Widget, property: gtk::AccessibleProperty, value: &dyn ToValue) {
    let value = value.to_value();
    let mut properties = [property.into_glib()];
    // SAFETY: one property and one value are given, as the count says. The value is of the type
    // that GTK documents for the property: a string, or an int for a level; GTK copies it. All
    // pointers live until the call is over, and GTK objects never leave the main thread, so this
    // is it.
    unsafe {
        gtk_accessible_update_property_value(
            accessible(widget),
            1,
            properties.as_mut_ptr(),
            value.to_glib_none().0,
        );
    }
}

/// The widget as what every widget implements. The pointer is good for as long as the widget is
/// borrowed.
fn accessible(widget: &gtk::Widget) -> *mut gtk::ffi::GtkAccessible {
    widget.as_ptr().cast()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing of it needs a display, or GTK to have started.
    #[test]
    fn announcing_is_found_where_gtk_has_it() {
        let has_it = (gtk::major_version(), gtk::minor_version()) >= (4, 14);
        assert_eq!(announce_function().is_some(), has_it);
    }
}
