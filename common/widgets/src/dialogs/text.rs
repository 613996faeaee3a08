//! The dialog that asks for one line.

use adw::prelude::*;
use glib::clone;
use hallway_words::gettext;

use super::reply::reply_of;
use crate::accessible;

const CANCEL: &str = "cancel";
const ACCEPT: &str = "accept";

/// Asks for one line of text, which is called `label` and begins as `initial`. `check` returns
/// what is wrong with a text, in a sentence for people, while it cannot be taken. `None` when the
/// person cancels.
pub async fn ask_text(
    parent: &impl IsA<gtk::Window>,
    heading: &str,
    body: &str,
    label: &str,
    initial: &str,
    accept_label: &str,
    check: impl Fn(&str) -> Result<(), String> + 'static,
) -> Option<String> {
    let dialog = adw::MessageDialog::new(Some(parent), Some(heading), Some(body));
    dialog.add_responses(&[(CANCEL, &gettext("_Cancel")), (ACCEPT, accept_label)]);
    dialog.set_close_response(CANCEL);
    dialog.set_default_response(Some(ACCEPT));
    dialog.set_response_appearance(ACCEPT, adw::ResponseAppearance::Suggested);

    let entry = gtk::Entry::builder()
        .text(initial)
        .activates_default(true)
        .build();
    accessible::set_label(&entry, label);
    let complaint = gtk::Label::builder()
        .wrap(true)
        .xalign(0.0)
        .css_classes(["error", "caption"])
        .build();
    let content = gtk::Box::new(gtk::Orientation::Vertical, 6);
    content.append(&entry);
    content.append(&complaint);
    dialog.set_extra_child(Some(&content));

    // A complaint before anything was typed would be rude; that it cannot be accepted yet is said
    // by the button.
    dialog.set_response_enabled(ACCEPT, check(initial).is_ok());
    complaint.set_visible(false);
    entry.connect_changed(clone!(
        #[weak]
        dialog,
        move |entry| {
            let verdict = check(&entry.text());
            dialog.set_response_enabled(ACCEPT, verdict.is_ok());
            let sentence = verdict.err().unwrap_or_default();
            complaint.set_visible(!sentence.is_empty());
            complaint.set_text(&sentence);
            accessible::set_description(entry, &sentence);
            if sentence.is_empty() {
                entry.remove_css_class("error");
            } else {
                entry.add_css_class("error");
            }
        }
    ));
    GtkWindowExt::set_focus(&dialog, Some(&entry));

    let reply = reply_of(&dialog).await?;
    (reply == ACCEPT).then(|| entry.text().to_string())
}
