//! Six digits that a person compares with the people at the server.

use std::cell::RefCell;
use std::rc::Rc;

use glib::prelude::*;
use gtk::prelude::*;
use hallway_core::trust::sas::{Code, Found};
use hallway_core::wire;
use hallway_widgets::dialogs::{Digits, tell};
use hallway_words::{gettext, gettext_f, ngettext_f};

use super::client_window::ClientWindow;
use crate::session::talk::values::News;
use crate::session::{CompareError, Session, Standing};

/// The action that begins it.
pub(super) const ACTION: &str = "win.compare-digits";

/// The dialog of the moment.
type Shown = Rc<RefCell<Option<Digits>>>;

/// Whether digits can be compared now.
pub(super) fn is_possible(session: &Session) -> bool {
    session.keeper().is_some() && matches!(session.standing(), Standing::Here { .. })
}

/// Begins to compare; what comes of it is told to whoever [follows](follow) the session.
pub(super) fn begin(window: &ClientWindow, session: &Session) {
    if let Err(error) = session.compare() {
        say(window, gettext("Digits Cannot Be Compared"), why_not(error));
    }
}

/// Shows what a session tells of comparing in this window, as long as the handlers are connected.
pub(super) fn follow(window: &ClientWindow, session: &Session) -> [glib::SignalHandlerId; 2] {
    let shown = Shown::default();
    let (weak, dialog) = (window.downgrade(), Rc::clone(&shown));
    let told = session.connect_told(move |session, news| {
        let Some(window) = weak.upgrade() else { return };
        match news {
            News::Compare(code) => show(&window, session, *code, &dialog),
            News::Found(found) => {
                let was_shown = close(&dialog);
                hear(&window, session, *found, was_shown);
            }
            News::Verified(_) => window.show_state(),
            News::NotCompared(code) => {
                close(&dialog);
                say(
                    &window,
                    gettext("The Digits Were Not Compared"),
                    refused(code),
                );
            }
            _ => {}
        }
    });
    let weak = window.downgrade();
    let standing = session.connect_standing_notify(move |session| {
        let is_possible = is_possible(session);
        if !is_possible {
            close(&shown);
        }
        if let Some(window) = weak.upgrade() {
            window.action_set_enabled(ACTION, is_possible);
        }
    });
    [told, standing]
}

fn show(window: &ClientWindow, session: &Session, code: Code, shown: &Shown) {
    close(shown);
    let name = name_of(session);
    let heading = gettext_f("Compare Digits With {name}", &[("name", &name)]);
    let body = gettext_f(
        "Read these digits to each other, by telephone or face to face. If the same stand on the screen of {name}, nobody is between you.",
        &[("name", &name)],
    );
    let digits = Digits::new(window, &heading, &body, &code.to_string());
    shown.replace(Some(digits.clone()));
    let (window, session, shown) = (window.downgrade(), session.downgrade(), Rc::clone(shown));
    glib::spawn_future_local(async move {
        let found = digits.show().await;
        let (Some(found), Some(window), Some(session)) =
            (found, window.upgrade(), session.upgrade())
        else {
            // It was closed because the conversation, or this comparison, is over.
            return;
        };
        shown.take();
        if !session.compared(found) {
            let body = gettext("It took too long. Compare once more.");
            return say(&window, gettext("The Digits Were Not Compared"), body);
        }
        match found {
            Found::Same => window.toast(&gettext_f("{name} is verified", &[("name", &name)])),
            Found::Different => say(&window, gettext("The Digits Differ"), different(&name)),
            Found::Nothing => {}
        }
    });
}

/// Somebody at the server did not find the same digits.
fn hear(window: &ClientWindow, session: &Session, found: Found, was_shown: bool) {
    match found {
        Found::Different => {
            let body = different_there(&name_of(session));
            say(window, gettext("The Digits Differ"), body);
        }
        Found::Nothing if was_shown => {
            let body = gettext(
                "At the server nobody compared them to the end. Compare once more when somebody is there.",
            );
            say(window, gettext("The Digits Were Not Compared"), body);
        }
        Found::Same | Found::Nothing => {}
    }
}

/// Takes the dialog away without an answer. False: there is none.
fn close(shown: &Shown) -> bool {
    let digits = shown.take();
    if let Some(digits) = &digits {
        digits.close();
    }
    digits.is_some()
}

fn name_of(session: &Session) -> String {
    match session.standing() {
        Standing::Here { name, .. } => name.as_ref().to_owned(),
        _ => session.target().host().to_owned(),
    }
}

fn say(window: &ClientWindow, heading: String, body: String) {
    let window = window.downgrade();
    glib::spawn_future_local(async move {
        if let Some(window) = window.upgrade() {
            tell(&window, &heading, &body).await;
        }
    });
}

fn why_not(error: CompareError) -> String {
    match error {
        CompareError::Away => {
            gettext("You are not in an encrypted room. Connect first, then compare.")
        }
        CompareError::Locked { seconds } => {
            let minutes = seconds.div_ceil(60).max(1);
            ngettext_f(
                "It failed too often. Try again in {count} minute.",
                "It failed too often. Try again in {count} minutes.",
                minutes,
                &[("count", &minutes.to_string())],
            )
        }
        CompareError::NoRandomness(_) => {
            gettext("This computer gives no random numbers. Start it anew, then compare again.")
        }
    }
}

/// The server did not begin.
fn refused(code: &wire::Code) -> String {
    match code {
        wire::Code::Unauthorized => gettext(
            "It failed too often. Compare again in ten minutes, and say nothing secret until then.",
        ),
        code => gettext_f(
            // Translators: {code} is a word of the protocol, like “internal”
            "The server did not go on ({code}). Compare once more.",
            &[("code", &code.to_string())],
        ),
    }
}

fn different(name: &str) -> String {
    gettext_f(
        "Somebody may be between you and {name}, and read what you write. Say nothing secret here. Disconnect, or compare once more in case you misheard.",
        &[("name", name)],
    )
}

fn different_there(name: &str) -> String {
    gettext_f(
        "At {name} other digits were found, so it is not verified. Somebody may be between you, and read what you write. Say nothing secret here. Disconnect, or compare once more in case somebody misheard.",
        &[("name", name)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_locked_out_knows_for_how_long() {
        let locked = |seconds| why_not(CompareError::Locked { seconds });
        assert!(locked(1).contains("1 minute."));
        assert!(locked(61).contains("2 minutes"));
        assert!(locked(600).contains("10 minutes"));
    }
}
