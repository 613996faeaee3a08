//! What the person at the server is told who looks elsewhere: which conversations there are, and
//! what notifications lead to.

use gio::prelude::*;
use glib::VariantTy;
use gtk::prelude::*;
use hallway_widgets::attention::{self, actions};

use super::server_window::ServerWindow;

/// How the conversation with a person is called in the parameter of an action.
const PERSON: &str = "person:";

const EVERYONE: &str = "everyone";

/// A conversation of the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// That of the room.
    Everyone,
    /// What the host alone hears of a peer, by its number.
    Person(u64),
}

impl Place {
    /// The conversation that a parameter names.
    fn parse(text: &str) -> Option<Self> {
        if text == EVERYONE {
            return Some(Self::Everyone);
        }
        let number = text.strip_prefix(PERSON)?.parse().ok()?;
        Some(Self::Person(number))
    }
}

impl attention::Place for Place {
    fn parameter(&self) -> String {
        match self {
            Self::Everyone => EVERYONE.to_owned(),
            Self::Person(number) => format!("{PERSON}{number}"),
        }
    }

    fn notification(&self) -> String {
        match self {
            Self::Everyone => "conversation-everyone".to_owned(),
            Self::Person(number) => format!("conversation-person-{number}"),
        }
    }

    fn label(&self) -> Option<String> {
        None
    }
}

/// Something to do with a conversation.
type Run = fn(&ServerWindow, Place);

/// What is done with a conversation. Whoever asks may be another program, or a notification of a
/// run before this one.
const ACTIONS: [(&str, Run); 3] = [
    (actions::SHOW, ServerWindow::show_place),
    (actions::REPLY, ServerWindow::reply_to),
    (actions::MARK_READ, ServerWindow::mark_read),
];

/// Gives the application the actions that notifications lead to, and the window of preferences.
/// Without a window it opens one first, by being activated.
pub(crate) fn add_to(application: &impl IsA<gtk::Application>) {
    let application = application.as_ref();
    for (name, run) in ACTIONS {
        let own = name.strip_prefix("app.").unwrap_or(name);
        let action = gio::SimpleAction::new(own, Some(VariantTy::STRING));
        let weak = application.downgrade();
        action.connect_activate(move |_, parameter| {
            let place = parameter.and_then(|text| Place::parse(text.str()?));
            let (Some(application), Some(place)) = (weak.upgrade(), place) else {
                return;
            };
            if window(&application).is_none() && name != actions::MARK_READ {
                application.activate();
            }
            if let Some(window) = window(&application) {
                run(&window, place);
            }
        });
        application.add_action(&action);
    }
    let preferences = gio::SimpleAction::new("preferences", None);
    let weak = application.downgrade();
    preferences.connect_activate(move |_, _| {
        if let Some(window) = weak.upgrade().as_ref().and_then(window) {
            window.show_preferences();
        }
    });
    application.add_action(&preferences);
}

fn window(application: &gtk::Application) -> Option<ServerWindow> {
    let mut windows = application.windows().into_iter();
    windows.find_map(|window| window.downcast().ok())
}

#[cfg(test)]
mod tests {
    use attention::Place as _;

    use super::*;

    #[test]
    fn parameters_name_conversations() {
        for place in [Place::Everyone, Place::Person(0), Place::Person(u64::MAX)] {
            assert_eq!(Place::parse(&place.parameter()), Some(place));
        }
        for text in ["", "person", "person:", "person:-1", "person:x", "Everyone"] {
            assert_eq!(Place::parse(text), None, "{text:?}");
        }
    }
}
