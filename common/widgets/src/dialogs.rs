//! Questions and news that a person must answer before going on.
//!
//! Heading and body are plain text, never markup, so a peer's words may stand in them.

mod digits;
mod password;
mod progress;
mod reply;
mod text;

use adw::prelude::*;
use hallway_words::gettext;

pub use digits::Digits;
pub use password::ask_password;
pub use progress::Progress;
use reply::reply_of;
pub use text::ask_text;

/// What a person may answer.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// What [`ask`] returns.
    pub id: &'a str,
    /// The text of the button, in the person's language; `_` marks its key.
    pub label: &'a str,
    /// Whether it is suggested, or destroys something.
    pub appearance: adw::ResponseAppearance,
}

/// Asks, and waits for the answer: the `id` of one of `choices`. The first choice is what closing
/// the dialog means; `default` is the one that Enter takes.
pub async fn ask(
    parent: &impl IsA<gtk::Window>,
    heading: &str,
    body: &str,
    choices: &[Choice<'_>],
    default: &str,
) -> String {
    let close = choices.first().map_or("close", |choice| choice.id);
    let dialog = adw::MessageDialog::new(Some(parent), Some(heading), Some(body));
    for choice in choices {
        dialog.add_response(choice.id, choice.label);
        dialog.set_response_appearance(choice.id, choice.appearance);
    }
    dialog.set_close_response(close);
    dialog.set_default_response(Some(default));
    reply_of(&dialog).await.unwrap_or_else(|| close.to_owned())
}

/// Tells something, and waits until it was read.
pub async fn tell(parent: &impl IsA<gtk::Window>, heading: &str, body: &str) {
    let close = Choice {
        id: "close",
        label: &gettext("_Close"),
        appearance: adw::ResponseAppearance::Default,
    };
    ask(parent, heading, body, &[close], close.id).await;
}
