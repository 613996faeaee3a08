//! Something that takes a while, and can be cancelled.

use adw::prelude::*;
use glib::clone;
use hallway_words::gettext;

use crate::accessible;

/// A dialog with a bar. It goes when [`close`](Self::close) says so, or with its window.
#[derive(Clone, Debug)]
pub struct Progress {
    dialog: adw::MessageDialog,
    bar: gtk::ProgressBar,
}

impl Progress {
    /// Shows the dialog; `cancel` is called where the person does not want to wait.
    pub fn show(
        parent: &impl IsA<gtk::Window>,
        heading: &str,
        cancel: impl Fn() + 'static,
    ) -> Self {
        let bar = gtk::ProgressBar::new();
        accessible::set_label(&bar, heading);
        let dialog = adw::MessageDialog::new(Some(parent), Some(heading), None);
        dialog.set_destroy_with_parent(true);
        dialog.add_response("cancel", &gettext("_Cancel"));
        dialog.set_close_response("cancel");
        dialog.set_extra_child(Some(&bar));
        dialog.connect_response(None, move |_, _| cancel());
        dialog.present();
        Self { dialog, bar }
    }

    /// How much is done, from 0 to 1; none where that is not known yet.
    pub fn set(&self, fraction: Option<f64>) {
        match fraction {
            Some(fraction) => self.bar.set_fraction(fraction),
            None => self.bar.pulse(),
        }
    }

    /// It is over.
    pub fn close(&self) {
        // A dialog that is answered goes by itself, a moment later.
        glib::idle_add_local_once(clone!(
            #[weak(rename_to = dialog)]
            self.dialog,
            move || dialog.destroy()
        ));
    }
}
