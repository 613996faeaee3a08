//! What is kept, in a window; how long, and plain conversations too.

use std::rc::Rc;
use std::sync::Arc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_core::history::kept::Overview;
use hallway_core::history::{ClientStore, Owner};
use hallway_core::text::visible_str;
use hallway_core::trust::{Pins, Role};
use hallway_core::wire::{Conv, Fingerprint};
use hallway_widgets::dialogs::tell;
use hallway_widgets::kept::{KeptWindow, Source, Tidying, Title};
use hallway_words::{gettext, gettext_f, set_aside};

use super::application::Application;
use super::plain_keeping::PlainKeeping;
use super::talk::Talk;
use crate::session::Keeper;
use crate::session::keeper::Error;

/// Digits of a fingerprint that stand for a name where none is known.
const SHORT: usize = 16;

impl Application {
    /// Opens the window of what is kept, or shows the one that is open.
    pub(super) fn show_history(&self) {
        if let Some(window) = open_window::<KeptWindow>(self) {
            return window.present();
        }
        let Some(parent) = self.active_window() else {
            return;
        };
        let window = KeptWindow::open(&parent);
        let application = self.clone();
        glib::spawn_future_local(async move {
            match application.keeper().await {
                Ok(keeper) => {
                    window.look_through(source(&keeper));
                    application.tell_set_aside(&window).await;
                }
                Err(error) => window.tell_unusable(&sentence(&error)),
            }
        });
    }

    /// Keeps what is said plainly in a conversation, once there is where to.
    pub(super) fn keep_plain(&self, talk: &Talk) {
        let keeping = PlainKeeping::new(talk.target());
        talk.keep_with(Rc::clone(&keeping));
        let application = self.downgrade();
        glib::spawn_future_local(async move {
            let Some(application) = application.upgrade() else {
                return;
            };
            match application.keeper().await {
                Ok(keeper) => {
                    keeping.open(Some(keeper.history().clone()));
                    if let Some(window) = application.active_window() {
                        application.tell_set_aside(&window).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "nothing is kept");
                    keeping.open(None);
                }
            }
        });
    }

    /// Tells the names that damaged files have now.
    pub(super) async fn tell_set_aside(&self, window: &impl IsA<gtk::Window>) {
        for path in self.take_set_aside() {
            tell(window, &gettext("A File Was Damaged"), &set_aside(&path)).await;
        }
    }

    /// The keeper was opened.
    pub(super) fn begin_keeping(&self, keeper: &Keeper) {
        // Before any plain line is kept: jobs are done in their order.
        let settled = keeper.history().between(ClientStore::settle_states);
        glib::spawn_future_local(async move {
            let settled = match settled {
                Ok(answer) => answer.await,
                Err(error) => Err(error),
            };
            if let Err(error) = settled {
                tracing::warn!(%error, "states of the last session are not settled");
            }
        });
        let tidying = Tidying::begin(keeper.history(), self.settings());
        self.imp().tidying.replace(Some(tidying));
    }

    /// The program ends: what is to be kept is on the disk after it, and nothing else.
    pub(super) fn finish_keeping(&self) {
        let tidying = self.imp().tidying.take();
        if let (Some(tidying), Some(keeper)) = (tidying, self.open_keeper()) {
            tidying.end(keeper.history());
        }
    }
}

/// A window of this kind, if one is open.
pub(super) fn open_window<T: IsA<gtk::Window>>(application: &Application) -> Option<T> {
    let mut open = application.windows().into_iter();
    open.find_map(|window| window.downcast().ok())
}

/// Why nothing is kept, and what to do next.
pub(super) fn sentence(error: &Error) -> String {
    match error {
        Error::History(error) => hallway_words::history_error(error),
        other => gettext_f(
            "Hallway’s own files cannot be used: {why}.",
            &[("why", &visible_str(&other.to_string()))],
        ),
    }
}

fn source(keeper: &Keeper) -> Source {
    let pins = keeper.pins();
    Source::new(keeper.history(), Some(keeper.fingerprint()), move |one| {
        title(&pins, one)
    })
}

fn title(pins: &Arc<Pins>, one: &Overview<Conv>) -> Title {
    let known = |role, id: &Fingerprint| {
        let pin = pins.get(role, id);
        pin.map(|pin| visible_str(pin.name.as_ref()).into_owned())
    };
    let server = match &one.kept.owner {
        Some(Owner::Server(id)) => known(Role::Server, id).unwrap_or_else(|| short(id)),
        Some(Owner::Address(address)) => {
            return Title {
                name: visible_str(address).into_owned(),
                place: gettext("Plain text"),
                is_encrypted: Some(false),
            };
        }
        // A client's conversations are all somebody's.
        None => String::new(),
    };
    match &one.kept.conversation {
        Conv::Room => Title {
            name: server,
            place: gettext("Everyone there"),
            is_encrypted: Some(true),
        },
        Conv::With(other) => {
            let mut people = one.people.iter();
            let said = people.find(|person| person.id.as_ref() == Some(other));
            let said = said.map(|person| visible_str(person.name.as_ref()).into_owned());
            Title {
                name: said
                    .or_else(|| known(Role::Person, other))
                    .unwrap_or_else(|| short(other)),
                place: gettext_f("At {server}", &[("server", &server)]),
                is_encrypted: Some(true),
            }
        }
    }
}

fn short(id: &Fingerprint) -> String {
    let all = id.to_string();
    format!("{}…", &all[..all.floor_char_boundary(SHORT)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use hallway_core::history::kept::KeptConversation;
    use hallway_core::wire::{At, Person};

    fn overview(owner: Owner, conversation: Conv, people: Vec<Person>) -> Overview<Conv> {
        Overview {
            kept: KeptConversation {
                id: 1,
                owner: Some(owner),
                conversation,
            },
            last: (1, At::ZERO),
            people,
        }
    }

    #[test]
    fn a_conversation_is_called_after_whom_it_is_with() {
        let (server, ana) = (
            Fingerprint::from_bytes([1; 32]),
            Fingerprint::from_bytes([2; 32]),
        );
        let mut pins = Pins::default();
        let name = "Lab".parse().unwrap();
        pins.met(Role::Server, server, name, None, At::ZERO)
            .unwrap();
        let pins = Arc::new(pins);
        let shown = |owner, conversation, people| {
            let title = title(&pins, &overview(owner, conversation, people));
            (title.name, title.place, title.is_encrypted == Some(true))
        };
        let of = |name: &str, place: &str, is| (name.to_owned(), place.to_owned(), is);
        let person = Person {
            id: Some(ana),
            name: "Ana".parse().unwrap(),
        };
        assert_eq!(
            shown(Owner::Server(server), Conv::Room, Vec::new()),
            of("Lab", "Everyone there", true)
        );
        assert_eq!(
            shown(Owner::Server(server), Conv::With(ana), vec![person]),
            of("Ana", "At Lab", true)
        );
        assert_eq!(
            shown(Owner::Server(ana), Conv::With(ana), Vec::new()),
            of("0202020202020202…", "At 0202020202020202…", true)
        );
        assert_eq!(
            shown(Owner::Address("lab\u{1b}:1".into()), Conv::Room, Vec::new()),
            of("lab␛:1", "Plain text", false)
        );
    }
}
