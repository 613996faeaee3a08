//! What the state of a conversation looks like.

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_widgets::bar::Tone;
use hallway_words::{gettext, sentence};

use super::{CONVERSATION, ClientWindow, START};
use crate::session::{Reason, State};
use crate::window::talk::Talk;
use crate::window::words;

/// What stands in the bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Notice {
    #[default]
    Nothing,
    Waiting,
    Failed,
    EndedByServer,
    EndedByUs,
}

impl Notice {
    fn of(state: &State) -> Self {
        match state {
            State::Waiting { .. } => Self::Waiting,
            State::Failed { .. } => Self::Failed,
            State::Ended {
                reason: Reason::ByServer,
            } => Self::EndedByServer,
            State::Ended {
                reason: Reason::ByUs,
            } => Self::EndedByUs,
            _ => Self::Nothing,
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::Waiting | Self::Failed => Tone::Failure,
            _ => Tone::Info,
        }
    }

    /// Labels and actions. GTK 4.8 reads a mnemonic aloud, so they have none.
    fn buttons(self) -> Vec<(String, &'static str)> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Waiting => vec![
                (gettext("Now"), "win.reconnect-now"),
                (gettext("Cancel"), "win.cancel-reconnect"),
            ],
            Self::Failed => vec![(gettext("Try Again"), "win.reconnect")],
            Self::EndedByServer | Self::EndedByUs => {
                vec![(gettext("Reconnect"), "win.reconnect")]
            }
        }
    }
}

fn is_under_way(state: &State) -> bool {
    matches!(state, State::LookingUp | State::Connecting)
}

impl ClientWindow {
    /// Everything, as when another conversation has begun.
    pub(super) fn show_all(&self) {
        let imp = self.imp();
        let has_talk = self.talk().is_some();
        let page = if has_talk {
            self.page().set_visible(true);
            CONVERSATION
        } else {
            START
        };
        imp.content.set_visible_child_name(page);
        self.show_servers();
        self.show_fold();
        if !has_talk {
            imp.leaflet.set_visible_child(&*imp.sidebar);
        }
    }

    pub(super) fn show_servers(&self) {
        let imp = self.imp();
        let talk = self.talk();
        imp.are_servers_listed.set(true);
        let current = talk.as_ref().map(|talk| talk.target());
        imp.servers.set_targets(self.recent().all(), current);
        self.show_unread();
        self.show_row();
        self.show_start();
    }

    /// Wide or narrow.
    pub(super) fn show_fold(&self) {
        let imp = self.imp();
        let is_folded = imp.leaflet.is_folded();
        imp.servers.set_marks_current(!is_folded);
        self.action_set_enabled("win.back", is_folded);
        self.show_start();
        self.show_state();
        self.look();
    }

    /// Where the window is narrow, the list is the start page too.
    fn show_start(&self) {
        let imp = self.imp();
        let starts_narrow = imp.leaflet.is_folded() && self.talk().is_none();
        imp.narrow_start.set_visible(starts_narrow);
        imp.narrow_start.set_vexpand(!imp.servers.is_visible());
        let is_empty = imp.are_servers_listed.get() && !imp.servers.is_visible();
        imp.no_servers.set_visible(is_empty && !starts_narrow);
        // The focus goes with the page that is turned away from.
        let (shown, other) = if starts_narrow {
            (&imp.narrow_start_button, &imp.start_button)
        } else {
            (&imp.start_button, &imp.narrow_start_button)
        };
        let focus = GtkWindowExt::focus(self);
        if self.talk().is_none() && focus.is_none_or(|focus| focus == **other) {
            shown.grab_focus();
        }
    }

    pub(in crate::window) fn show_conversation(&self) {
        let imp = self.imp();
        imp.leaflet.set_visible_child(&*imp.content);
        self.page().composer().grab();
    }

    /// The state of the session, wherever it is shown.
    pub(super) fn show_state(&self) {
        let imp = self.imp();
        let talk = self.talk();
        self.enable_actions(talk.as_deref());
        let Some(talk) = talk else {
            imp.notice.take();
            if let Some(page) = imp.page.get() {
                page.bar().hide_bar();
            }
            return self.show_unread();
        };
        let state = talk.session().state();
        let target = talk.target();
        let text = words::state(&state, target, talk.is_direct());
        self.show_unread();
        let page = self.page();
        page.set_head(target.host(), text);
        let placeholder = words::placeholder(target, &state);
        page.composer().set_property("placeholder", placeholder);
        if matches!(state, State::Connected { .. }) {
            self.recent().add(target);
        }
        if !is_under_way(&state)
            && let Some(login) = imp.proxy_login.upgrade()
        {
            login.close();
        }
        self.show_notice(&state);
        self.show_row();
    }

    fn show_notice(&self, state: &State) {
        let (imp, bar) = (self.imp(), self.page().bar());
        let before = imp.notice.get();
        // Connecting again by itself takes a moment between two countdowns: the buttons stay.
        if before == Notice::Waiting && is_under_way(state) {
            return bar.set_sentence(&imp.lost.borrow());
        }
        if let State::Waiting { error, .. } = state {
            imp.lost.replace(sentence(error));
        }
        let notice = Notice::of(state);
        imp.notice.set(notice);
        let Some(text) = words::notice(state) else {
            return bar.hide_bar();
        };
        if notice == before {
            bar.set_sentence(&text);
        } else {
            let buttons = notice.buttons();
            let buttons: Vec<_> = buttons
                .iter()
                .map(|(label, action)| (label.as_str(), *action))
                .collect();
            bar.show(notice.tone(), &text, &buttons);
        }
    }

    /// The current server in the list.
    pub(super) fn show_row(&self) {
        let Some(talk) = self.talk() else {
            return;
        };
        let Some(row) = self.imp().servers.row(talk.target()) else {
            return;
        };
        let state = talk.session().state();
        let is_connected = matches!(state, State::Connected { .. });
        let preview = talk.view().last().as_ref().and_then(words::preview);
        let preview = preview.filter(|_| is_connected);
        row.set_state(Some((&words::short(&state), preview.as_deref())));
        row.set_can_be_forgotten(matches!(
            state,
            State::Idle | State::Ended { .. } | State::Failed { .. }
        ));
    }

    fn enable_actions(&self, talk: Option<&Talk>) {
        for name in ["copy-address", "find", "export", "clear", "line-ending"] {
            self.action_set_enabled(&format!("win.{name}"), talk.is_some());
        }
        let state = talk.map(|talk| talk.session().state());
        let is_waiting = matches!(state, Some(State::Waiting { .. }));
        let is_over = matches!(
            state,
            Some(State::Idle | State::Ended { .. } | State::Failed { .. })
        );
        let is_active = is_waiting
            || matches!(state, Some(State::Connected { .. }))
            || state.as_ref().is_some_and(is_under_way);
        self.action_set_enabled("win.reconnect", is_over || is_waiting);
        self.action_set_enabled("win.disconnect", is_active);
    }
}
