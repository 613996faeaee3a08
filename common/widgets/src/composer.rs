//! Where a message is written.

mod imp;
mod keys;
mod paste;
mod recall;

use glib::object::ObjectExt;
use gtk::prelude::*;
use gtk::subclass::prelude::*;

use imp::{LEAVE, SEND, TYPED};

glib::wrapper! {
    /// A field that grows from one line to six, with a button for emoji and one that sends.
    ///
    /// Enter sends, Shift+Enter breaks the line. ↑ in an empty field brings back what was sent
    /// before. Inserting many lines at once asks first.
    ///
    /// It says what is to be sent through [`Self::connect_send`], and clears itself once that took
    /// the text.
    pub struct Composer(ObjectSubclass<imp::Composer>)
        @extends adw::Bin, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl Composer {
    /// An empty composer that can send.
    pub fn new() -> Self {
        glib::Object::new()
    }

    /// What is written now.
    pub fn text(&self) -> String {
        self.imp().text()
    }

    /// Writes `text` in the place of what is there.
    pub fn set_text(&self, text: &str) {
        self.imp().set_text(text);
    }

    /// Puts the cursor here.
    pub fn grab(&self) {
        self.imp().view.grab_focus();
    }

    /// A text is to be sent: it is not blank, and white space at its end is gone. Answer whether
    /// it was taken; what was not stays in the field.
    pub fn connect_send(&self, f: impl Fn(&Self, &str) -> bool + 'static) -> glib::SignalHandlerId {
        self.connect_local(SEND, false, move |values| {
            let composer = values.first()?.get::<Self>().ok()?;
            let text = values.get(1)?.get::<&str>().ok()?;
            Some(f(&composer, text).to_value())
        })
    }

    /// A person is writing: something was typed, and there is something to send.
    pub fn connect_typed(&self, f: impl Fn(&Self) + 'static) -> glib::SignalHandlerId {
        self.connect_closure(
            TYPED,
            false,
            glib::closure_local!(move |composer: &Self| f(composer)),
        )
    }

    /// A person has finished writing, for now: Escape was pressed.
    pub fn connect_leave(&self, f: impl Fn(&Self) + 'static) -> glib::SignalHandlerId {
        self.connect_closure(
            LEAVE,
            false,
            glib::closure_local!(move |composer: &Self| f(composer)),
        )
    }

    /// Takes the focus, and the key that was pressed elsewhere. Returns whether it could.
    pub(crate) fn begin_with(&self, keys: &gtk::EventControllerKey) -> bool {
        let view = &*self.imp().view;
        view.grab_focus() && keys.forward(view)
    }

    fn emit_typed(&self) {
        self.emit_by_name::<()>(TYPED, &[]);
    }

    fn emit_leave(&self) {
        self.emit_by_name::<()>(LEAVE, &[]);
    }

    /// Whether somebody took `text`.
    fn emit_send(&self, text: &str) -> bool {
        self.emit_by_name(SEND, &[&text])
    }
}

impl Default for Composer {
    fn default() -> Self {
        Self::new()
    }
}
