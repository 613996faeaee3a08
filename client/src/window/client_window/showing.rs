//! What the state of a conversation looks like.

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_core::net::Error;
use hallway_core::trust::Role;
use hallway_widgets::bar::Tone;
use hallway_words::{gettext, gettext_f, sentence};

use super::{CONVERSATION, ClientWindow, START};
use crate::session::talk::values::End;
use crate::session::{Reason, Standing, State};
use crate::window::comparing;
use crate::window::talk::Talk;
use crate::window::talk_page::Lock;
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
    /// It does not encrypt, as far as can be seen.
    NotEncrypted,
    /// Somebody there decides.
    LettingIn,
}

impl Notice {
    fn of(talk: &Talk, state: &State) -> Self {
        let standing = talk.session().standing();
        match state {
            State::Failed { error } if may_be_plain(talk, &standing, error) => Self::NotEncrypted,
            _ if standing == Standing::WaitingToBeLetIn => Self::LettingIn,
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
            Self::Waiting | Self::Failed | Self::NotEncrypted => Tone::Failure,
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
            Self::NotEncrypted => vec![
                (gettext("Try Again"), "win.reconnect"),
                (gettext("Connect with Plain Text"), "win.connect-plainly"),
            ],
            Self::LettingIn => vec![(gettext("Cancel"), "win.disconnect")],
            Self::EndedByServer | Self::EndedByUs => {
                vec![(gettext("Reconnect"), "win.reconnect")]
            }
        }
    }
}

/// Whether the server may be one that speaks plain text only, and may be spoken to so: where an
/// encrypted one was met, nobody is offered that.
fn may_be_plain(talk: &Talk, standing: &Standing, error: &Error) -> bool {
    let seems_plain = matches!(standing, Standing::Over(End::PlainText))
        || matches!(
            error,
            Error::HandshakeFailed { .. } | Error::HandshakeTimedOut
        );
    let keeper = talk.keeper();
    seems_plain && keeper.is_some_and(|keeper| keeper.pinned_at(talk.target()).is_none())
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
    pub(in crate::window) fn show_state(&self) {
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
        let standing = talk.session().standing();
        let text = words::encrypted::standing(&standing)
            .unwrap_or_else(|| words::state(&state, target, talk.is_direct()));
        self.show_unread();
        let page = self.page();
        let partner = Self::partner(&talk);
        let server = talk.server_name();
        page.set_head(partner.as_deref().unwrap_or(&server), text);
        self.show_lock(&talk, &standing);
        match &standing {
            Standing::Blocked { before, here } if !imp.has_backed_off.get() => {
                page.set_blocked(Some((before, here)));
            }
            _ => page.set_blocked(None),
        }
        let placeholder = match &partner {
            Some(name) => Self::placeholder_to(name),
            // Nothing can wait for a server that was never met.
            None if talk.encrypted().is_some() && talk.session().server().is_none() => {
                gettext_f("Message {host}", &[("host", target.host())])
            }
            None => words::placeholder(&server, &state),
        };
        page.composer().set_property("placeholder", placeholder);
        if matches!(state, State::Connected { .. }) {
            self.recent().add(target);
        }
        if !is_under_way(&state)
            && let Some(login) = imp.proxy_login.upgrade()
        {
            login.close();
        }
        self.show_notice(&talk, &state);
        self.show_row();
    }

    /// Whether what is said is encrypted, and what that means.
    fn show_lock(&self, talk: &Talk, standing: &Standing) {
        let page = self.page();
        let (Some(keeper), Some(_)) = (talk.keeper(), talk.encrypted()) else {
            let words = gettext("Plain text");
            let text = gettext("Plain text: anyone on this network can read it");
            return page.set_lock(Lock::Open, &words, &text);
        };
        // What is known of one server says nothing of another at its address.
        let is_another = matches!(standing, Standing::Blocked { .. });
        let server = talk.session().server().filter(|_| !is_another);
        let pin = server.and_then(|id| keeper.pins().get(Role::Server, &id).cloned());
        let text = words::encrypted::lock(standing, pin.as_ref());
        if pin.is_some_and(|pin| pin.verified) {
            page.set_lock(Lock::Verified, &gettext("Encrypted and verified"), &text);
        } else {
            page.set_lock(Lock::Closed, &gettext("Encrypted"), &text);
        }
    }

    fn show_notice(&self, talk: &Talk, state: &State) {
        let (imp, bar) = (self.imp(), self.page().bar());
        let before = imp.notice.get();
        // Connecting again by itself takes a moment between two countdowns: the buttons stay.
        if before == Notice::Waiting && is_under_way(state) {
            return bar.set_sentence(&imp.lost.borrow());
        }
        let standing = talk.session().standing();
        let why = words::encrypted::why(&standing);
        if let State::Waiting { error, .. } = state {
            imp.lost
                .replace(why.clone().unwrap_or_else(|| sentence(error)));
        }
        let is_told_by_page =
            matches!(standing, Standing::Blocked { .. }) && !imp.has_backed_off.get();
        let notice = if is_told_by_page {
            Notice::Nothing
        } else {
            Notice::of(talk, state)
        };
        imp.notice.set(notice);
        let text = match notice {
            Notice::LettingIn => Some(words::encrypted::letting_in()),
            Notice::NotEncrypted => Some(words::encrypted::not_encrypted()),
            Notice::Nothing if is_told_by_page => None,
            _ => words::notice(state, why.as_deref()),
        };
        let Some(text) = text else {
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
        for name in ["copy-address", "find", "export", "clear", "change-name"] {
            self.action_set_enabled(&format!("win.{name}"), talk.is_some());
        }
        let can_compare = talk.is_some_and(|talk| comparing::is_possible(talk.session()));
        self.action_set_enabled(comparing::ACTION, can_compare);
        let is_encrypted = talk.is_some_and(|talk| talk.encrypted().is_some());
        self.action_set_enabled("win.people", is_encrypted);
        // Frames have one ending.
        self.action_set_enabled("win.line-ending", talk.is_some() && !is_encrypted);
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
