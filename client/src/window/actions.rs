//! Every action, with its keys.

use gio::prelude::*;
use gtk::prelude::*;

use hallway_widgets::attention::actions as attention;

use super::application::Application;
use super::attention::Spot;
use super::client_window::ClientWindow;
use super::comparing;
use crate::session::Target;

/// Something that is done to `T`.
pub(super) struct Action<T> {
    /// With the group: `win.find`.
    pub(super) name: &'static str,
    keys: &'static [&'static str],
    pub(super) run: fn(&T),
}

/// Something that is done with a server; its parameter is the server's address.
pub(super) struct TargetAction<T> {
    pub(super) name: &'static str,
    pub(super) run: fn(&T, &Target),
}

/// Actions of a window; its class installs them.
pub(super) const WINDOW: &[Action<ClientWindow>] = &[
    Action {
        name: "win.connect-to-address",
        keys: &["<Control>l", "<Control>k"],
        run: ClientWindow::connect_to_address,
    },
    Action {
        name: "win.reconnect",
        keys: &["<Control>r"],
        run: ClientWindow::reconnect,
    },
    Action {
        name: "win.reconnect-now",
        keys: &[],
        run: ClientWindow::reconnect_now,
    },
    Action {
        name: "win.cancel-reconnect",
        keys: &[],
        run: ClientWindow::cancel_reconnect,
    },
    Action {
        name: "win.disconnect",
        keys: &["<Control>d"],
        run: ClientWindow::end_conversation,
    },
    Action {
        name: "win.copy-address",
        keys: &["<Control><Shift>c"],
        run: ClientWindow::copy_address,
    },
    Action {
        name: comparing::ACTION,
        keys: &["<Control><Shift>d"],
        run: ClientWindow::compare_digits,
    },
    Action {
        name: "win.find",
        keys: &["<Control>f"],
        run: ClientWindow::find,
    },
    Action {
        name: "win.export",
        keys: &["<Control><Shift>s"],
        run: ClientWindow::export,
    },
    Action {
        name: "win.clear",
        keys: &["<Control><Shift>Delete"],
        run: ClientWindow::clear,
    },
    Action {
        name: "win.change-name",
        keys: &["<Control><Shift>n"],
        run: ClientWindow::change_name,
    },
    Action {
        name: "win.connect-plainly",
        keys: &[],
        run: ClientWindow::connect_plainly,
    },
    Action {
        name: "win.connect-as-new",
        keys: &[],
        run: ClientWindow::connect_as_new,
    },
    Action {
        name: "win.back-off",
        keys: &[],
        run: ClientWindow::back_off,
    },
    Action {
        name: "win.people",
        keys: &["<Control><Shift>p"],
        run: ClientWindow::open_people,
    },
    Action {
        name: "win.back",
        keys: &["<Alt>Left"],
        run: ClientWindow::go_back,
    },
    Action {
        name: "win.newest-message",
        keys: &["<Alt>End"],
        run: ClientWindow::show_newest,
    },
    Action {
        name: "win.next-region",
        keys: &["F6"],
        run: |window| window.step_region(true),
    },
    Action {
        name: "win.previous-region",
        keys: &["<Shift>F6"],
        run: |window| window.step_region(false),
    },
    Action {
        name: "win.menu",
        keys: &["F10"],
        run: ClientWindow::open_menu,
    },
    Action {
        name: "win.shortcuts",
        keys: &["<Control>question"],
        run: ClientWindow::show_shortcuts,
    },
    Action {
        name: "win.about",
        keys: &[],
        run: ClientWindow::about,
    },
];

/// Actions of a window with one server of many.
pub(super) const WINDOW_TARGET: &[TargetAction<ClientWindow>] = &[
    TargetAction {
        name: "win.choose-server",
        run: ClientWindow::choose,
    },
    TargetAction {
        name: "win.forget-server",
        run: ClientWindow::forget,
    },
    TargetAction {
        name: "win.copy-server-address",
        run: ClientWindow::copy_server_address,
    },
];

/// Turns to the room, or to somebody: "room" or an identity.
pub(super) const TURN_TO: &str = "win.turn-to";

const APPLICATION: &[Action<Application>] = &[
    Action {
        name: "app.new-window",
        keys: &["<Control>n"],
        run: Application::open_window,
    },
    Action {
        name: "app.help",
        keys: &["F1"],
        run: hallway_widgets::help::show,
    },
    Action {
        name: "app.preferences",
        keys: &["<Control>comma"],
        run: Application::show_preferences,
    },
    Action {
        name: "app.history",
        keys: &["<Control>h"],
        run: Application::show_history,
    },
    Action {
        name: "app.known",
        keys: &[],
        run: Application::show_known,
    },
    Action {
        name: "app.new-connection",
        keys: &[],
        run: Application::open_question,
    },
    Action {
        name: "app.show-window",
        keys: &[],
        run: Application::show_any,
    },
    Action {
        name: "app.quit",
        keys: &["<Control>q"],
        run: Application::ask_and_quit,
    },
];

const APPLICATION_TARGET: &[TargetAction<Application>] = &[TargetAction {
    name: "app.open-server",
    run: Application::open_server,
}];

/// Something that is done with a conversation; its parameter is the conversation's name.
struct SpotAction {
    name: &'static str,
    run: fn(&Application, &Spot),
}

const SPOTS: &[SpotAction] = &[
    SpotAction {
        name: attention::SHOW,
        run: Application::show_conversation,
    },
    SpotAction {
        name: attention::REPLY,
        run: Application::show_conversation,
    },
    SpotAction {
        name: attention::MARK_READ,
        run: Application::mark_read,
    },
];

/// What GTK has keys for by itself, but not this one.
const OTHERS: &[(&str, &[&str])] = &[("window.close", &["<Control>w"])];

/// Gives the application its actions, and all actions their keys.
pub(super) fn add(application: &Application) {
    for Action { name, run, .. } in APPLICATION {
        let action = gio::SimpleAction::new(bare(name), None);
        let weak = application.downgrade();
        action.connect_activate(move |_, _| {
            if let Some(application) = weak.upgrade() {
                run(&application);
            }
        });
        application.add_action(&action);
    }
    for TargetAction { name, run } in APPLICATION_TARGET {
        let action = gio::SimpleAction::new(bare(name), Some(glib::VariantTy::STRING));
        let weak = application.downgrade();
        action.connect_activate(move |_, parameter| {
            if let (Some(application), Some(target)) = (weak.upgrade(), target(parameter)) {
                run(&application, &target);
            }
        });
        application.add_action(&action);
    }
    for SpotAction { name, run } in SPOTS {
        let action = gio::SimpleAction::new(bare(name), Some(glib::VariantTy::STRING));
        let weak = application.downgrade();
        action.connect_activate(move |_, parameter| {
            let spot = parameter.and_then(|text| text.str()?.parse().ok());
            if let (Some(application), Some(spot)) = (weak.upgrade(), spot) {
                run(&application, &spot);
            }
        });
        application.add_action(&action);
    }
    for (name, keys) in keys() {
        application.set_accels_for_action(name, keys);
    }
}

/// All actions with their keys.
fn keys() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    let window = WINDOW.iter().map(|action| (action.name, action.keys));
    let own = APPLICATION.iter().map(|action| (action.name, action.keys));
    window.chain(own).chain(OTHERS.iter().copied())
}

fn bare(name: &str) -> &str {
    name.trim_start_matches("app.")
}

/// Actions can be activated over D-Bus, so the parameter may be anything of its type.
pub(super) fn target(parameter: Option<&glib::Variant>) -> Option<Target> {
    parameter?.str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The window of the shortcuts.
    const SHORTCUTS: &str = include_str!("shortcuts.ui");

    /// Whether these keys stand there: with the action, or written out.
    fn is_told(name: &str, keys: &[&str]) -> bool {
        let action = format!(r#"<property name="action-name">{name}</property>"#);
        let written: Vec<_> = SHORTCUTS
            .split(r#"<property name="accelerator">"#)
            .skip(1)
            .filter_map(|rest| rest.split("</").next())
            .flat_map(str::split_whitespace)
            .map(|key| key.replace("&lt;", "<").replace("&gt;", ">"))
            .collect();
        SHORTCUTS.contains(&action)
            || keys
                .iter()
                .all(|key| written.iter().any(|other| other == key))
    }

    #[test]
    fn all_keys_stand_among_the_shortcuts() {
        let missing: Vec<_> = keys()
            .filter(|(name, keys)| !keys.is_empty() && !is_told(name, keys))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(!is_told("win.nothing", &["<Control>z"]));
    }
}
