//! A message dialog as something to await.

use adw::prelude::*;
use glib::clone;

/// Presents the dialog and waits for its response. `None` where it went away without one, as when
/// its window was closed. Dropping the future closes the dialog.
pub(super) async fn reply_of(dialog: &adw::MessageDialog) -> Option<String> {
    let (sender, receiver) = async_channel::bounded(1);
    let on_gone = sender.clone();
    dialog.connect_response(None, move |_, id| {
        let _ = sender.try_send(Some(id.to_owned()));
    });
    // Not `destroy`: a window says that when its last reference goes, and this future has one. And
    // not at once: libadwaita 1.2 closes the window before it tells the response.
    dialog.connect_unrealize(move |_| {
        let on_gone = on_gone.clone();
        glib::idle_add_local_once(move || {
            let _ = on_gone.try_send(None);
        });
    });
    let _open = Open::new(dialog);
    dialog.present();
    receiver.recv().await.ok().flatten()
}

/// A dialog on the screen: it goes with its window, and when nobody waits for it any more.
struct Open {
    dialog: adw::MessageDialog,
    parent: Option<(gtk::Window, glib::SignalHandlerId)>,
}

impl Open {
    fn new(dialog: &adw::MessageDialog) -> Self {
        let parent = dialog.transient_for().map(|parent| {
            let handler = parent.connect_unrealize(clone!(
                #[weak]
                dialog,
                move |_| dialog.destroy()
            ));
            (parent, handler)
        });
        Self {
            dialog: dialog.clone(),
            parent,
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some((parent, handler)) = self.parent.take() {
            parent.disconnect(handler);
        }
        self.dialog.destroy();
    }
}
