//! A message dialog as something to await.

use adw::prelude::*;

/// Presents the dialog and waits for its response. `None` where it went away without one, as when
/// its window was destroyed. Dropping the future closes the dialog.
pub(super) async fn reply_of(dialog: &adw::MessageDialog) -> Option<String> {
    let (sender, receiver) = async_channel::bounded(1);
    let on_destroy = sender.clone();
    dialog.connect_response(None, move |_, id| {
        let _ = sender.try_send(Some(id.to_owned()));
    });
    dialog.connect_destroy(move |_| {
        let _ = on_destroy.try_send(None);
    });
    let _closing = CloseOnDrop(dialog.downgrade());
    dialog.present();
    receiver.recv().await.ok().flatten()
}

/// Takes a question off the screen when nobody waits for the answer any more.
struct CloseOnDrop(glib::WeakRef<adw::MessageDialog>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        if let Some(dialog) = self.0.upgrade() {
            dialog.destroy();
        }
    }
}
