//! The dialog that asks for a password.

use adw::prelude::*;
use glib::clone;
use hallway_words::gettext;

use super::reply::reply_of;
use crate::accessible;

const CANCEL: &str = "cancel";
const ACCEPT: &str = "accept";

/// Asks for a password of 1 to `most` bytes, which is called `label`. `None` when the person
/// cancels.
pub async fn ask_password(
    parent: &impl IsA<gtk::Window>,
    heading: &str,
    body: &str,
    label: &str,
    accept_label: &str,
    most: usize,
) -> Option<String> {
    let dialog = adw::MessageDialog::new(Some(parent), Some(heading), Some(body));
    dialog.add_responses(&[(CANCEL, &gettext("_Cancel")), (ACCEPT, accept_label)]);
    dialog.set_close_response(CANCEL);
    dialog.set_default_response(Some(ACCEPT));
    dialog.set_response_appearance(ACCEPT, adw::ResponseAppearance::Suggested);
    dialog.set_response_enabled(ACCEPT, false);

    // A password entry of GTK 4.8, or a row of one, does not survive its dialog where a screen
    // reader looks on.
    let entry = gtk::Entry::builder()
        .visibility(false)
        .input_purpose(gtk::InputPurpose::Password)
        .activates_default(true)
        .build();
    accessible::set_label(&entry, label);
    let peek = gtk::CheckButton::with_mnemonic(&gettext("_Show what is written"));
    peek.bind_property("active", &entry, "visibility").build();
    entry.connect_changed(clone!(
        #[weak]
        dialog,
        move |entry| {
            let length = entry.text().len();
            dialog.set_response_enabled(ACCEPT, (1..=most).contains(&length));
        }
    ));
    let content = gtk::Box::new(gtk::Orientation::Vertical, 6);
    content.append(&entry);
    content.append(&peek);
    dialog.set_extra_child(Some(&content));
    GtkWindowExt::set_focus(&dialog, Some(&entry));

    let reply = reply_of(&dialog).await?;
    (reply == ACCEPT).then(|| entry.text().to_string())
}
