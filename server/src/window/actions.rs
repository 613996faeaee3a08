//! Every action of the window, declared once with its keys.

use gio::prelude::*;
use gtk::prelude::*;

use super::row::Row;
use super::server_window::ServerWindow;

/// Names of the actions that take a person's number.
pub(crate) mod person {
    pub(crate) const MESSAGE: &str = "win.message-person";
    pub(crate) const COPY_ADDRESS: &str = "win.copy-address";
    pub(crate) const LET_IN: &str = "win.let-in-person";
    pub(crate) const DECLINE: &str = "win.decline-person";
    pub(crate) const RENAME: &str = "win.rename-person";
    pub(crate) const DISCONNECT: &str = "win.disconnect-person";
    pub(crate) const ABORT: &str = "win.abort-person";
    pub(crate) const KEEP_OUT: &str = "win.keep-out-person";
}

/// Something to do.
struct Plain {
    name: &'static str,
    keys: &'static [&'static str],
    run: fn(&ServerWindow),
}

/// Something to do with a person.
struct OfPerson {
    name: &'static str,
    run: fn(&ServerWindow, &Row),
}

/// An option that can be switched while people talk, and the key under which it is remembered.
pub(crate) struct Switch {
    name: &'static str,
    pub(crate) key: &'static str,
}

/// Names of the actions that are not always possible.
pub(crate) const FIND: &str = "win.find";
pub(crate) const EXPORT: &str = "win.export";
pub(crate) const CLEAR: &str = "win.clear";
pub(crate) const START: &str = "win.start";
pub(crate) const STOP: &str = "win.stop";
pub(crate) const SHOW_CONVERSATION: &str = "win.show-conversation";

/// What stands below the header bars was read.
pub(crate) const DISMISS: &str = "win.dismiss-notice";

const PLAIN: [Plain; 17] = [
    Plain {
        name: DISMISS,
        keys: &[],
        run: ServerWindow::dismiss_notice,
    },
    Plain {
        name: START,
        keys: &["<Control>l"],
        run: ServerWindow::start,
    },
    Plain {
        name: STOP,
        keys: &["<Control><Shift>l"],
        run: ServerWindow::stop,
    },
    Plain {
        name: SHOW_CONVERSATION,
        keys: &[],
        run: ServerWindow::show_conversation,
    },
    Plain {
        name: "win.show-setup",
        keys: &[],
        run: ServerWindow::show_setup,
    },
    Plain {
        name: FIND,
        keys: &["<Control>f"],
        run: ServerWindow::find,
    },
    Plain {
        name: EXPORT,
        keys: &["<Control>e"],
        run: ServerWindow::export,
    },
    Plain {
        name: CLEAR,
        keys: &[],
        run: ServerWindow::clear,
    },
    Plain {
        name: "win.previous-row",
        keys: &["<Alt>Up"],
        run: |window| window.step(-1),
    },
    Plain {
        name: "win.next-row",
        keys: &["<Alt>Down"],
        run: |window| window.step(1),
    },
    Plain {
        name: "win.newest-message",
        keys: &["<Alt>End"],
        run: ServerWindow::show_newest,
    },
    Plain {
        name: "win.next-region",
        keys: &["F6"],
        run: |window| window.step_region(true),
    },
    Plain {
        name: "win.previous-region",
        keys: &["<Shift>F6"],
        run: |window| window.step_region(false),
    },
    Plain {
        name: "win.menu",
        keys: &["F10"],
        run: ServerWindow::open_menu,
    },
    Plain {
        name: "win.shortcuts",
        keys: &["<Control>question"],
        run: ServerWindow::show_shortcuts,
    },
    Plain {
        name: "win.about",
        keys: &[],
        run: ServerWindow::show_about,
    },
    Plain {
        name: "win.close-window",
        keys: &["<Control>w"],
        run: |window| window.close(),
    },
];

/// Keys of what the program does, whatever window there is.
const APPLICATION: [(&str, &[&str]); 4] = [
    ("app.history", &["<Control>h"]),
    ("app.preferences", &["<Control>comma"]),
    ("app.help", &["F1"]),
    ("app.quit", &["<Control>q"]),
];

const OF_PERSON: [OfPerson; 8] = [
    OfPerson {
        name: person::LET_IN,
        run: ServerWindow::let_in,
    },
    OfPerson {
        name: person::DECLINE,
        run: ServerWindow::decline,
    },
    OfPerson {
        name: person::MESSAGE,
        run: ServerWindow::message,
    },
    OfPerson {
        name: person::COPY_ADDRESS,
        run: ServerWindow::copy_address,
    },
    OfPerson {
        name: person::RENAME,
        run: ServerWindow::rename,
    },
    OfPerson {
        name: person::DISCONNECT,
        run: ServerWindow::disconnect_person,
    },
    OfPerson {
        name: person::ABORT,
        run: ServerWindow::abort,
    },
    OfPerson {
        name: person::KEEP_OUT,
        run: ServerWindow::keep_out,
    },
];

/// A peer's lines go to the other peers.
pub(crate) const PASS_ON: Switch = Switch {
    name: "win.pass-messages-on",
    key: "pass-messages-on",
};
/// Peers get their own lines back.
pub(crate) const ECHO: Switch = Switch {
    name: "win.echo",
    key: "echo",
};
/// Peers' commands are answered.
pub(crate) const COMMANDS: Switch = Switch {
    name: "win.commands",
    key: "commands",
};
/// The host is asked before somebody encrypted comes in.
pub(crate) const ASK: Switch = Switch {
    name: "win.ask",
    key: "ask",
};

pub(crate) const SWITCHES: [Switch; 4] = [PASS_ON, ECHO, COMMANDS, ASK];

/// Gives the window its actions.
pub(crate) fn add_to(window: &ServerWindow) {
    for Plain { name, run, .. } in PLAIN {
        let action = gio::SimpleAction::new(own(name), None);
        let weak = window.downgrade();
        action.connect_activate(move |_, _| {
            if let Some(window) = weak.upgrade() {
                run(&window);
            }
        });
        window.add_action(&action);
    }
    for OfPerson { name, run } in OF_PERSON {
        let action = gio::SimpleAction::new(own(name), Some(&u64::static_variant_type()));
        let weak = window.downgrade();
        action.connect_activate(move |_, number| {
            let number = number.and_then(glib::Variant::get);
            let window = weak.upgrade();
            // The person may have gone while the menu was open.
            if let (Some(window), Some(number)) = (window, number)
                && let Some(row) = window.row_of_number(number)
            {
                run(&window, &row);
            }
        });
        window.add_action(&action);
    }
    for switch in SWITCHES {
        let action = gio::SimpleAction::new_stateful(own(switch.name), None, &false.into());
        let weak = window.downgrade();
        // Asked for by a person; the program sets the state itself.
        action.connect_change_state(move |action, state| {
            let (Some(window), Some(state)) = (weak.upgrade(), state) else {
                return;
            };
            action.set_state(state);
            window.on_switched(&switch, state.get().unwrap_or_default());
        });
        window.add_action(&action);
    }
}

/// Gives the actions their keys.
pub(crate) fn add_keys_to(application: &impl IsA<gtk::Application>) {
    for (name, keys) in keys() {
        application.set_accels_for_action(name, keys);
    }
}

/// All actions that may have keys, with them.
fn keys() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    let window = PLAIN
        .into_iter()
        .map(|Plain { name, keys, .. }| (name, keys));
    window.chain(APPLICATION)
}

/// Makes an action possible, or not.
pub(crate) fn set_enabled(window: &ServerWindow, name: &str, is_enabled: bool) {
    if let Some(action) = simple(window, name) {
        action.set_enabled(is_enabled);
    }
}

impl Switch {
    /// Whether it is on.
    pub(crate) fn is_on(&self, window: &ServerWindow) -> bool {
        simple(window, self.name)
            .and_then(|action| action.state())
            .and_then(|state| state.get())
            .unwrap_or_default()
    }

    /// Switches it without remembering.
    pub(crate) fn set(&self, window: &ServerWindow, is_on: bool) {
        if let Some(action) = simple(window, self.name) {
            action.set_state(&is_on.into());
        }
    }
}

fn simple(window: &ServerWindow, name: &str) -> Option<gio::SimpleAction> {
    window.lookup_action(own(name)).and_downcast()
}

/// The name inside the window.
fn own(name: &'_ str) -> &'_ str {
    name.strip_prefix("win.").unwrap_or(name)
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
