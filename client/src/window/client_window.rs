//! A window with one conversation.
//!
//! - `imp`: its parts and what it holds.
//! - `talking`: which server it talks to.
//! - `showing`: what the state of the conversation looks like. `standing`: what a server that is
//!   spoken to encrypted wants of the person. `people`: who else is there.
//! - `leaving`: closing without losing what is unsent.
//! - `looking`: what the person looks at, and what is unread.
//! - `links`: servers that somebody else named.
//! - `welcome`: what is said the first time.
//! - `regions`: the parts that F6 goes through.
//! - `unseen`: going on when it was closed; `found`: what the desktop's search finds.

mod found;
mod imp;
mod leaving;
mod links;
mod looking;
mod people;
mod regions;
mod showing;
mod standing;
mod talking;
mod unseen;
mod welcome;

use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::glib;
use hallway_widgets::conversation::export;
use hallway_widgets::dialogs::{Choice, ask};
use hallway_widgets::program;
use hallway_words::gettext;

use super::application::Application;
use super::connect_dialog::ConnectDialog;
use super::talk::Talk;
use super::talk_page::TalkPage;
use super::{ID, comparing, recent};
use crate::session::Target;

/// The pages of the window.
const START: &str = "start";
const CONVERSATION: &str = "conversation";

/// Seconds that a toast stays which can be missed: it lies over the composer.
const SHORT: u32 = 2;

glib::wrapper! {
    /// A window with one conversation, the servers that were talked to, and a way to others.
    pub struct ClientWindow(ObjectSubclass<imp::ClientWindow>)
        @extends adw::ApplicationWindow, gtk::ApplicationWindow, gtk::Window, gtk::Widget,
        @implements gio::ActionGroup, gio::ActionMap, gtk::Buildable,
            gtk::ConstraintTarget, gtk::Native, gtk::Root, gtk::ShortcutManager;
}

impl ClientWindow {
    /// A window of `application` in which nothing goes on.
    pub fn new(application: &Application) -> Self {
        let window: Self = glib::Object::builder()
            .property("application", application)
            .build();
        window.imp().set_up(application);
        window.imp().start_button.grab_focus();
        window
    }

    /// The page of the conversation, which nobody sees until one begins.
    fn page(&self) -> &TalkPage {
        let imp = self.imp();
        imp.page.get_or_init(|| {
            let page = TalkPage::default();
            // Until it is shown it costs the window no style and no measuring.
            page.set_visible(false);
            imp.leaflet
                .bind_property("folded", &page, "folded")
                .sync_create()
                .build();
            self.follow_page(&page);
            imp.content.add_named(&page, Some(CONVERSATION));
            page
        })
    }

    fn follow_page(&self, page: &TalkPage) {
        let weak = self.downgrade();
        page.composer()
            .connect_send(move |_, text| weak.upgrade().is_some_and(|window| window.say(text)));
        let weak = self.downgrade();
        page.composer().connect_typed(move |_| {
            if let Some(talk) = weak.upgrade().and_then(|window| window.talk()) {
                talk.typing();
            }
        });
        let conversation = page.conversation();
        let weak = self.downgrade();
        conversation.connect_retry(move |_, line| {
            if let Some(talk) = weak.upgrade().and_then(|window| window.talk()) {
                talk.retry(line);
            }
        });
        let weak = self.downgrade();
        conversation.connect_discard(move |_, line| {
            if let Some(talk) = weak.upgrade().and_then(|window| window.talk()) {
                talk.discard(line);
            }
        });
        let weak = self.downgrade();
        conversation.connect_link(move |_, link| {
            weak.upgrade()
                .is_some_and(|window| window.follow_link(link))
        });
    }

    fn talk(&self) -> Option<Rc<Talk>> {
        self.imp().talk.borrow().clone()
    }

    fn recent(&self) -> &recent::Recent {
        let recent = self.imp().recent.get();
        recent.expect("set by the constructor")
    }

    /// The application, as long as the window is open.
    pub(in crate::window) fn hallway(&self) -> Option<Application> {
        self.application()?.downcast().ok()
    }

    pub(super) fn connect_to_address(&self) {
        let window = self.downgrade();
        glib::spawn_future_local(async move {
            let Some(window) = window.upgrade() else {
                return;
            };
            let Some(application) = window.hallway() else {
                return;
            };
            let answer = ConnectDialog::ask(&window, application.settings()).await;
            if let Some((target, way)) = answer {
                window.talk_to_by(&target, way).await;
            }
        });
    }

    pub(super) fn find(&self) {
        self.page().conversation().set_property("search-mode", true);
    }

    pub(super) fn export(&self) {
        let Some(talk) = self.talk() else {
            return;
        };
        let day = glib::DateTime::now_local().and_then(|now| now.format("%Y-%m-%d"));
        let day = day.unwrap_or_default();
        let name = format!("{} {day}.txt", talk.target().host());
        let window = self.clone();
        glib::spawn_future_local(async move {
            export(&window, &talk.view(), &name).await;
        });
    }

    pub(super) fn clear(&self) {
        let window = self.downgrade();
        glib::spawn_future_local(async move {
            let Some(window) = window.upgrade() else {
                return;
            };
            let Some(talk) = window.talk().filter(|talk| !talk.view().is_empty()) else {
                return;
            };
            let choices = [
                Choice {
                    id: "cancel",
                    label: &gettext("_Cancel"),
                    appearance: adw::ResponseAppearance::Default,
                },
                Choice {
                    id: "clear",
                    label: &gettext("C_lear"),
                    appearance: adw::ResponseAppearance::Destructive,
                },
            ];
            let heading = gettext("Clear Conversation?");
            let body = gettext("What was said here is removed from this window for good.");
            if ask(&window, &heading, &body, &choices, "cancel").await == "clear" {
                talk.record().clear();
                window.show_state();
                // Where the focus was, there is nothing any more.
                window.page().composer().grab();
            }
        });
    }

    pub(super) fn copy_address(&self) {
        if let Some(talk) = self.talk() {
            self.copy_server_address(talk.target());
        }
    }

    pub(super) fn copy_server_address(&self, target: &Target) {
        self.clipboard().set_text(&target.to_string());
        let toast = adw::Toast::new(&gettext("Address copied"));
        toast.set_timeout(SHORT);
        self.imp().toasts.add_toast(toast);
    }

    /// Says something that may be missed.
    pub(super) fn toast(&self, text: &str) {
        // A title is markup, and this may be a server's words.
        let toast = adw::Toast::new(&glib::markup_escape_text(text));
        self.imp().toasts.add_toast(toast);
    }

    pub(super) fn compare_digits(&self) {
        if let Some(talk) = self.talk() {
            comparing::begin(self, talk.session());
        }
    }

    pub(super) fn go_back(&self) {
        let imp = self.imp();
        imp.leaflet.navigate(adw::NavigationDirection::Back);
        self.focus_servers();
    }

    pub(super) fn show_shortcuts(&self) {
        if self.help_overlay().is_none() {
            let builder = gtk::Builder::from_string(include_str!("shortcuts.ui"));
            // As the window's overlay it knows the keys of the actions.
            self.set_help_overlay(builder.object("help_overlay").as_ref());
        }
        if let Some(shortcuts) = self.help_overlay() {
            shortcuts.present();
        }
    }

    pub(super) fn about(&self) {
        program::about(
            self,
            &gettext("Hallway"),
            ID,
            &gettext("Messages for the people down the hall."),
        );
    }
}
