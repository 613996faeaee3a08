//! How to speak to a server, and what one that is spoken to encrypted wants of the person.

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::glib;
use hallway_core::text::Name;
use hallway_core::wire::Password;
use hallway_core::wire::limits;
use hallway_widgets::dialogs::{Choice, ask, ask_password};
use hallway_words::{gettext, gettext_f, set_aside};

use super::ClientWindow;
use crate::session::{Keeper, Standing, Target};
use crate::way::{NoWay, Way};
use crate::window::application::Application;
use crate::window::keeping::Decided;
use crate::window::plain_servers;
use crate::words::encrypted::no_keeper;

/// Numbers put behind the person's own name where somebody in the room is called so already: the
/// host, on the same computer.
const SPARE_NAMES: std::ops::RangeInclusive<u8> = 2..=9;

/// How a conversation is to be.
pub(super) struct Manner {
    /// None: plain text.
    pub(super) keeper: Option<Keeper>,
    /// What the person should know of the choice.
    pub(super) remark: Option<String>,
}

impl Manner {
    fn plain() -> Self {
        Self {
            keeper: None,
            remark: None,
        }
    }

    fn encrypted(keeper: Keeper) -> Self {
        Self {
            keeper: Some(keeper),
            remark: None,
        }
    }
}

impl ClientWindow {
    /// Chooses between encrypted and plain, and asks where that is the person's business. None:
    /// neither.
    pub(super) async fn choose_manner(
        &self,
        application: &Application,
        target: &Target,
        way: Way,
    ) -> Option<Manner> {
        let settings = application.settings();
        let is_plain = plain_servers::contains(settings, target);
        let decided = application.decide(target, way, is_plain).await;
        self.tell_set_aside(application);
        let manner = match decided {
            Decided::Plain => Manner::plain(),
            Decided::Encrypted(keeper) => Manner::encrypted(keeper),
            Decided::Pinned(keeper) => Manner {
                keeper: Some(keeper),
                remark: Some(gettext(
                    "An encrypted server is known at this address, so it is not spoken to in plain text.",
                )),
            },
            Decided::NoKeeper(error) => self.fall_back(&no_keeper(&error)).await?,
            Decided::Uncertain(why) => self.fall_back(&uncertain(&why)).await?,
        };
        plain_servers::set(settings, target, manner.keeper.is_none());
        Some(manner)
    }

    /// It cannot be encrypted. Plain text only where a person wants it.
    async fn fall_back(&self, why: &str) -> Option<Manner> {
        let choices = [
            Choice {
                id: "cancel",
                label: &gettext("_Cancel"),
                appearance: adw::ResponseAppearance::Default,
            },
            Choice {
                id: "plain",
                label: &gettext("Connect with _Plain Text"),
                appearance: adw::ResponseAppearance::Destructive,
            },
        ];
        let body = gettext_f(
            // Translators: {why} is a sentence
            "{why} Nothing can be encrypted now, nor is it known whether this server was met before. Plain text can be read by anyone on this network.",
            &[("why", why)],
        );
        let heading = gettext("Encryption Is Not Possible");
        let answer = ask(self, &heading, &body, &choices, "cancel").await;
        (answer == "plain").then(Manner::plain)
    }

    /// Tells of damaged files, each once.
    fn tell_set_aside(&self, application: &Application) {
        let (window, application) = (self.downgrade(), application.clone());
        glib::spawn_future_local(async move {
            if let Some(window) = window.upgrade() {
                application.tell_set_aside(&window).await;
            }
        });
    }

    /// The server wants something else.
    pub(super) fn on_standing(&self) {
        let Some(talk) = self.talk() else { return };
        match talk.session().standing() {
            Standing::PasswordWanted { again } => self.ask_for_password(again),
            Standing::NameWanted => self.find_another_name(),
            _ => {}
        }
        self.imp().has_backed_off.set(false);
        self.show_state();
        self.show_people_soon();
    }

    fn ask_for_password(&self, again: bool) {
        let Some(talk) = self.talk() else { return };
        if self.imp().is_questioned.replace(true) {
            return;
        }
        let session = talk.session().clone();
        let body = if again {
            gettext("This is not the room’s password. Ask whoever opened the room, and try again.")
        } else {
            gettext("Whoever opened the room knows it. It travels encrypted.")
        };
        let window = self.downgrade();
        glib::spawn_future_local(async move {
            let Some(window) = window.upgrade() else {
                return;
            };
            let heading = gettext("This Room Has a Password");
            let (label, accept) = (gettext("Password"), gettext("_Join"));
            let answer = ask_password(&window, &heading, &body, &label, &accept, limits::PASSWORD);
            let answer = answer.await;
            window.imp().is_questioned.set(false);
            let password: Option<Password> = answer.and_then(|text| text.parse().ok());
            match password {
                Some(password) => session.give_password(password),
                None => session.close(),
            }
        });
    }

    /// Somebody is called as the person is. A name that nobody chose gets a number.
    fn find_another_name(&self) {
        let (Some(talk), Some(application)) = (self.talk(), self.hallway()) else {
            return;
        };
        let wanted = application.own_name();
        if !application.has_chosen_name() {
            let last = talk.own_name();
            let spare = SPARE_NAMES.filter_map(|n| Name::parse(&format!("{wanted} {n}")).ok());
            let spare: Vec<Name> = spare.collect();
            let tried = spare
                .iter()
                .position(|name| Some(name.as_ref()) == last.as_deref());
            if let Some(name) = spare.get(tried.map_or(0, |at| at + 1)) {
                return talk.take_name(name);
            }
        }
        self.ask_for_name(true);
    }

    /// The person has seen that the server does not encrypt.
    pub(in crate::window) fn connect_plainly(&self) {
        let Some(talk) = self.talk() else { return };
        let (window, target) = (self.downgrade(), talk.target().clone());
        glib::spawn_future_local(async move {
            if let Some(window) = window.upgrade() {
                window.talk_to_by(&target, Way::Plain).await;
            }
        });
    }

    /// The person has decided that another server is there.
    pub(in crate::window) fn connect_as_new(&self) {
        if let Some(talk) = self.talk() {
            talk.session().connect_as_new();
        }
    }

    /// The person wants nothing of the server that is there, and sees again what was said with the
    /// other one.
    pub(in crate::window) fn back_off(&self) {
        self.imp().has_backed_off.set(true);
        self.show_state();
        self.page().composer().grab();
    }
}

/// Why it is not known whether a server was met encrypted.
fn uncertain(why: &NoWay) -> String {
    match why {
        NoWay::Pinned => String::new(),
        NoWay::Lost(path) => set_aside(path),
        NoWay::Unknown(error) => not_looked_up(&error.to_string()),
        NoWay::NoFolder(error) => not_looked_up(&error.to_string()),
    }
}

fn not_looked_up(why: &str) -> String {
    gettext_f(
        "Which servers are known could not be looked up: {why}.",
        &[("why", &hallway_core::text::visible_str(why))],
    )
}
