//! Which server a window talks to.

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::glib;
use hallway_core::net::connector::{Authenticator, Proxy};
use hallway_widgets::dialogs::{Choice, ask, tell};
use hallway_widgets::preferences::HISTORY_LINES;
use hallway_words::{gettext, ngettext_f};

use super::ClientWindow;
use super::standing::Manner;
use crate::session::{Session, State, Target};
use crate::way::Way;
use crate::window::application::Application;
use crate::window::attention::name_taken;
use crate::window::comparing;
use crate::window::farewell;
use crate::window::proxy;
use crate::window::proxy_login::ProxyLogin;
use crate::window::talk::{Record, Talk};

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

    /// Connects to `target` as it was spoken to before, in the place of the server that the window
    /// talks to. Asks where something is unsent to that one.
    pub(in crate::window) async fn talk_to(&self, target: &Target) {
        self.talk_to_by(target, Way::AsKnown).await;
    }

    /// As [`talk_to`](Self::talk_to), in this way.
    pub(in crate::window) async fn talk_to_by(&self, target: &Target, way: Way) {
        if self.is_with(target) && self.speaks(way) {
            self.reconnect();
        } else if self.may_switch().await {
            self.begin(target, way).await;
            if !self.is_with(target) {
                return self.show_servers();
            }
        } else {
            // The list has marked another row.
            return self.show_servers();
        }
        self.show_conversation();
    }

    pub(in crate::window) fn is_with(&self, target: &Target) -> bool {
        self.talk().is_some_and(|talk| talk.target() == target)
    }

    /// Whether the window speaks in this way.
    pub(in crate::window) fn speaks(&self, way: Way) -> bool {
        let is_encrypted = self.talk().is_some_and(|talk| talk.encrypted().is_some());
        match way {
            Way::AsKnown => true,
            Way::Encrypted => is_encrypted,
            Way::Plain => !is_encrypted,
        }
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

    async fn begin(&self, target: &Target, way: Way) {
        let Some(application) = self.hallway() else {
            return;
        };
        let imp = self.imp();
        let round = imp.round.get() + 1;
        imp.round.set(round);
        let Some(manner) = self.choose_manner(&application, target, way).await else {
            return;
        };
        // Meanwhile the person may have chosen another one.
        if imp.round.get() == round {
            self.begin_with_manner(&application, target, manner).await;
        }
    }

    async fn begin_with_manner(&self, application: &Application, target: &Target, manner: Manner) {
        self.part();
        application.watch_network();
        let imp = self.imp();
        let settings = application.settings();
        let way = proxy::chosen(settings);
        let is_direct = way == Proxy::None;
        imp.connector.borrow_mut().proxy = way;
        let connector = imp.connector.borrow().clone();
        let (reactor, place) = (application.reactor(), target.clone());
        let name = application.own_name();
        let is_encrypted = manner.keeper.is_some();
        let session = match manner.keeper {
            None => Session::new(reactor, connector, place),
            Some(keeper) => {
                match Session::encrypted(reactor, connector, place, keeper, name.clone()) {
                    Ok(session) => session,
                    Err(error) => {
                        tracing::debug!(%error, "not a place of a pin");
                        let why =
                            gettext("No encrypted server can be remembered at such an address.");
                        return tell(self, &gettext("Not Connected"), &why).await;
                    }
                }
            }
        };
        session.set_line_ending(self.line_ending());
        let record = self.record(target, settings, is_encrypted);
        let talk = Talk::new(session, record, is_direct);
        if let Some(encrypted) = talk.encrypted() {
            encrypted.set_own_name(&name);
        } else {
            application.keep_plain(&talk);
        }
        if let Some(remark) = manner.remark {
            talk.note_quietly(remark);
        }
        self.follow(&talk);
        self.listen_to(&talk);
        imp.talk.replace(Some(talk.clone()));
        self.page().hide_problem();
        self.show_view(&talk);
        self.show_all();
        talk.begin();
        self.show_state();
    }

    /// Shows the lines that are looked at, and what was being written there.
    pub(super) fn show_view(&self, talk: &Talk) {
        let imp = self.imp();
        let (page, view) = (self.page(), talk.view());
        page.conversation().set_view(Some(&view));
        let draft = talk.record().take_draft(&talk.conv());
        page.composer().set_text(&draft);
        let window = self.downgrade();
        let pushed = view.connect_pushed(move |_, _| {
            if let Some(window) = window.upgrade() {
                window.show_row();
            }
        });
        if let Some((view, handler)) = imp.view_handler.replace(Some((view, pushed))) {
            view.disconnect(handler);
        }
    }

    /// What was said with `target` before. Servers that are remembered no more have no record; what
    /// was said encrypted is read from the disk instead.
    fn record(&self, target: &Target, settings: &gio::Settings, is_encrypted: bool) -> Record {
        let mut records = self.imp().records.borrow_mut();
        let remembered = self.recent().all();
        records.retain(|other, _| other == target || remembered.contains(other));
        let lines = lines_held(settings);
        match records.get_mut(target) {
            Some(record) if is_encrypted || record.is_encrypted => {
                *record = Record::new(lines, is_encrypted).with_drafts_of(record);
                record.clone()
            }
            Some(record) => record.clone(),
            None => {
                let record = Record::new(lines, is_encrypted);
                records.insert(target.clone(), record.clone());
                record
            }
        }
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
        let window = self.downgrade();
        let standing = session.connect_standing_notify(move |_| {
            if let Some(window) = window.upgrade() {
                window.on_standing();
            }
        });
        let [told, comparable] = comparing::follow(self, session);
        let handlers = [state, login, standing, told, comparable];
        let handlers = handlers.map(|handler| (session.clone(), handler));
        imp.session_handlers.replace(handlers.into());
        if let Some(encrypted) = talk.encrypted() {
            let window = self.downgrade();
            encrypted.connect_people(move || {
                if let Some(window) = window.upgrade() {
                    window.show_people_soon();
                }
            });
        }
    }

    /// Ends the conversation, if there is one, and takes it out of the window.
    pub(super) fn part(&self) {
        let imp = self.imp();
        imp.forget_handlers();
        if let Some(login) = imp.proxy_login.upgrade() {
            login.close();
        }
        let spots = self.spots();
        if let (Some(talk), Some(application)) = (imp.talk.take(), self.hallway()) {
            // It is meant for this server and no other.
            let composer = self.page().composer();
            talk.record().keep_draft(talk.conv(), composer.text());
            composer.set_text("");
            farewell::see_off(&application, talk);
            application.forget_news(&spots);
        }
    }

    /// Returns whether the text was taken.
    pub(super) fn say(&self, text: &str) -> bool {
        let Some(talk) = self.talk() else {
            return false;
        };
        // On plain connections the server takes it.
        if let Some(name) = talk.encrypted().and(name_taken(text)) {
            return self.change_name_to(name);
        }
        match talk.say(text) {
            Ok(()) => {
                self.listen_for_names();
                let page = self.page();
                page.hide_problem();
                page.conversation().scroll_to_end();
                true
            }
            Err(sentence) => {
                self.page().show_problem(&sentence);
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
