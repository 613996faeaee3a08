//! Which server a window talks to.

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::glib;
use hallway_core::net::connector::{Authenticator, Proxy};
use hallway_widgets::dialogs::{Choice, ask};
use hallway_widgets::preferences::HISTORY_LINES;
use hallway_words::{gettext, ngettext_f};

use super::ClientWindow;
use crate::session::{Session, State, Target};
use crate::window::farewell;
use crate::window::proxy;
use crate::window::proxy_login::ProxyLogin;
use crate::window::talk::{Record, Talk};
use crate::window::words;

impl ClientWindow {
    /// The person chose a row.
    pub(in crate::window) fn choose(&self, target: &Target) {
        if self.is_with(target) {
            return self.show_conversation();
        }
        let (window, target) = (self.downgrade(), target.clone());
        glib::spawn_future_local(async move {
            if let Some(window) = window.upgrade() {
                window.talk_to(&target).await;
            }
        });
    }

    /// Connects to `target`, in the place of the server that the window talks to. Asks where
    /// something is unsent to that one.
    pub(in crate::window) async fn talk_to(&self, target: &Target) {
        if self.is_with(target) {
            self.reconnect();
        } else if self.may_switch().await {
            self.begin(target);
        } else {
            // The list has marked another row.
            return self.show_servers();
        }
        self.show_conversation();
    }

    pub(in crate::window) fn is_with(&self, target: &Target) -> bool {
        self.talk().is_some_and(|talk| talk.target() == target)
    }

    async fn may_switch(&self) -> bool {
        let Some(talk) = self.talk() else {
            return true;
        };
        let count = farewell::unsent(talk.session()).await;
        if count == 0 {
            return true;
        }
        let choices = [
            Choice {
                id: "wait",
                label: &gettext("_Keep Waiting"),
                appearance: adw::ResponseAppearance::Default,
            },
            Choice {
                id: "switch",
                label: &gettext("_Switch Anyway"),
                appearance: adw::ResponseAppearance::Destructive,
            },
        ];
        let body = ngettext_f(
            "{n} message to {host} is not sent yet. It is lost if you switch to another server.",
            "{n} messages to {host} are not sent yet. They are lost if you switch to another server.",
            count as u64,
            &[("host", talk.target().host())],
        );
        let heading = gettext("Switch to Another Server?");
        ask(self, &heading, &body, &choices, "wait").await == "switch"
    }

    fn begin(&self, target: &Target) {
        let Some(application) = self.hallway() else {
            return;
        };
        self.part();
        application.watch_network();
        let imp = self.imp();
        let settings = application.settings();
        let way = proxy::chosen(settings);
        let is_direct = way == Proxy::None;
        imp.connector.borrow_mut().proxy = way;
        let connector = imp.connector.borrow().clone();
        let session = Session::new(application.reactor(), connector, target.clone());
        session.set_line_ending(self.line_ending());
        let talk = Talk::new(session, self.record(target, settings), is_direct);
        self.follow(&talk);
        self.listen_to(&talk);
        let page = self.page();
        page.conversation().set_view(Some(talk.view()));
        page.composer().set_text(&talk.record().draft.take());
        imp.talk.replace(Some(talk.clone()));
        page.hide_problem();
        self.show_all();
        talk.session().connect();
        self.show_state();
    }

    /// What was said with `target` before. Servers that are remembered no more have no record.
    fn record(&self, target: &Target, settings: &gio::Settings) -> Record {
        let mut records = self.imp().records.borrow_mut();
        let remembered = self.recent().all();
        records.retain(|other, _| other == target || remembered.contains(other));
        let record = records.entry(target.clone());
        record
            .or_insert_with(|| Record::new(lines_held(settings)))
            .clone()
    }

    /// Holds as many lines as the settings say now.
    pub(super) fn adopt_history_lines(&self, settings: &gio::Settings) {
        let lines = lines_held(settings);
        for record in self.imp().records.borrow().values() {
            record.set_cap(lines);
        }
    }

    fn follow(&self, talk: &Talk) {
        let imp = self.imp();
        let session = talk.session();
        let window = self.downgrade();
        let state = session.connect_state_notify(move |_| {
            if let Some(window) = window.upgrade() {
                window.show_state();
                window.tell_status();
            }
        });
        let window = self.downgrade();
        let login = session.connect_proxy_authentication_required(move |_, question| {
            if let Some(window) = window.upgrade() {
                window.ask_for_login(question);
            }
        });
        let handlers = [state, login].map(|handler| (session.clone(), handler));
        imp.session_handlers.replace(handlers.into());
        let window = self.downgrade();
        let pushed = talk.view().connect_pushed(move |_, _| {
            if let Some(window) = window.upgrade() {
                window.show_row();
            }
        });
        imp.view_handler
            .replace(Some((talk.view().clone(), pushed)));
    }

    /// Ends the conversation, if there is one, and takes it out of the window.
    pub(super) fn part(&self) {
        let imp = self.imp();
        imp.forget_handlers();
        if let Some(login) = imp.proxy_login.upgrade() {
            login.close();
        }
        if let (Some(talk), Some(application)) = (imp.talk.take(), self.hallway()) {
            // It is meant for this server and no other.
            let composer = self.page().composer();
            talk.record().draft.replace(composer.text());
            composer.set_text("");
            let target = talk.target().clone();
            farewell::see_off(&application, talk);
            application.forget_news(&target);
        }
    }

    /// Returns whether the text was taken.
    pub(super) fn say(&self, text: &str) -> bool {
        let Some(talk) = self.talk() else {
            return false;
        };
        match talk.say(text) {
            Ok(()) => {
                self.listen_for_names();
                let page = self.page();
                page.hide_problem();
                page.conversation().scroll_to_end();
                true
            }
            Err(error) => {
                self.page().show_problem(&words::not_sent(&error));
                false
            }
        }
    }

    pub(in crate::window) fn reconnect(&self) {
        let (Some(talk), Some(application)) = (self.talk(), self.hallway()) else {
            return;
        };
        // The way out may have been changed meanwhile.
        let imp = self.imp();
        imp.connector.borrow_mut().proxy = proxy::chosen(application.settings());
        talk.set_connector(imp.connector.borrow().clone());
        talk.session().connect();
    }

    pub(in crate::window) fn reconnect_now(&self) {
        if let Some(talk) = self.talk() {
            talk.session().reconnect_now();
        }
    }

    /// Gives up connecting again, in the countdown and while it is tried.
    pub(in crate::window) fn cancel_reconnect(&self) {
        if let Some(talk) = self.talk() {
            match talk.session().state() {
                State::Waiting { .. } => talk.session().cancel_reconnect(),
                _ => talk.session().close(),
            }
        }
    }

    pub(in crate::window) fn end_conversation(&self) {
        if let Some(talk) = self.talk() {
            talk.session().close();
        }
    }

    pub(in crate::window) fn forget(&self, target: &Target) {
        if self.is_with(target) {
            self.part();
            self.page().conversation().set_view(None);
        }
        self.imp().records.borrow_mut().remove(target);
        self.recent().forget(target);
        self.show_all();
    }

    fn ask_for_login(&self, question: &Authenticator) {
        let login = ProxyLogin::ask(self, question);
        self.imp().proxy_login.set(Some(&login));
    }
}

fn lines_held(settings: &gio::Settings) -> usize {
    usize::try_from(settings.uint(HISTORY_LINES)).unwrap_or(usize::MAX)
}
