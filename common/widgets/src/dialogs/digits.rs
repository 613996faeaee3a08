//! Six digits that two people compare, each on their own screen.

use std::time::Duration;

use adw::prelude::*;
use glib::clone;
use hallway_core::trust::sas::Found;
use hallway_words::gettext;

use super::reply::reply_of;
use crate::accessible;

const SAME: &str = "same";
const DIFFERENT: &str = "different";
const CLOSED: &str = "closed";

/// The dialog may come up while somebody types: until they have seen it, nothing is answered.
const SEEING: Duration = Duration::from_secs(1);

/// A dialog with digits. A clone is the same one.
#[derive(Clone, Debug)]
pub struct Digits(adw::MessageDialog);

impl Digits {
    /// One over `parent`, not shown yet. Heading and body are plain text.
    pub fn new(parent: &impl IsA<gtk::Window>, heading: &str, body: &str, digits: &str) -> Self {
        let dialog = adw::MessageDialog::new(Some(parent), Some(heading), Some(body));
        dialog.add_responses(&[
            (DIFFERENT, &gettext("They _Differ")),
            (SAME, &gettext("They _Match")),
        ]);
        dialog.set_response_appearance(DIFFERENT, adw::ResponseAppearance::Destructive);
        dialog.set_response_appearance(SAME, adw::ResponseAppearance::Suggested);
        // No answer is the default: whoever presses Enter while it comes up has compared nothing.
        dialog.set_default_response(None);
        // Whoever closes it has not said that somebody is in between.
        dialog.set_close_response(CLOSED);
        let label = gtk::Label::builder()
            .label(in_groups(digits))
            // Else a label does not take the focus.
            .selectable(true)
            .wrap(true)
            .justify(gtk::Justification::Center)
            .css_classes(["digits", "numeric"])
            .build();
        accessible::set_label(&label, &one_by_one(digits));
        dialog.set_extra_child(Some(&label));
        GtkWindowExt::set_focus(&dialog, Some(&label));
        Self(dialog)
    }

    /// Shows it and waits for the answer. None: it was [closed](Self::close), or its window was.
    pub async fn show(&self) -> Option<Found> {
        let dialog = &self.0;
        for response in [SAME, DIFFERENT] {
            dialog.set_response_enabled(response, false);
        }
        glib::timeout_add_local_once(
            SEEING,
            clone!(
                #[weak]
                dialog,
                move || {
                    for response in [SAME, DIFFERENT] {
                        dialog.set_response_enabled(response, true);
                    }
                }
            ),
        );
        match reply_of(dialog).await?.as_str() {
            SAME => Some(Found::Same),
            DIFFERENT => Some(Found::Different),
            _ => Some(Found::Nothing),
        }
    }

    /// Takes it away without an answer.
    pub fn close(&self) {
        self.0.destroy();
    }
}

/// Groups of three, as people read numbers aloud.
fn in_groups(digits: &str) -> String {
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 3 == 0 {
            // As wide as a digit, and where the line breaks where letters are large.
            grouped.push('\u{2002}');
        }
        grouped.push(digit);
    }
    grouped
}

/// As a screen reader says them: "4, 0, 7, …", and not a number of thousands.
fn one_by_one(digits: &str) -> String {
    let digits: Vec<_> = digits.chars().map(String::from).collect();
    digits.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_shown_in_groups_and_said_one_by_one() {
        assert_eq!(in_groups("040719"), "040\u{2002}719");
        assert_eq!(one_by_one("040719"), "0, 4, 0, 7, 1, 9");
    }
}
