//! What is kept, and who is known, in windows.

use std::rc::Rc;

use adw::prelude::*;
use hallway_core::history::kept::Overview;
use hallway_core::text::visible_str;
use hallway_core::wire::{Between, Fingerprint};
use hallway_widgets::dialogs::tell;
use hallway_widgets::kept::{KeptWindow, Source, Title};
use hallway_widgets::known::{Forget, KnownWindow, Words, forgetting, trouble};
use hallway_words::{gettext, gettext_f, set_aside};

use super::application::Application;
use super::keeping::Kept;
use crate::hub::Known;

/// Digits of a fingerprint that stand for a name where none is known.
const SHORT: usize = 16;

impl Application {
    /// Opens the window of what is kept, or shows the one that is open.
    pub(super) fn show_history(&self) {
        if let Some(window) = self.open_window::<KeptWindow>() {
            return window.present();
        }
        let Some(parent) = self.active_window() else {
            return;
        };
        let window = KeptWindow::open(&parent);
        let application = self.clone();
        glib::spawn_future_local(async move {
            match application.kept().await {
                Ok(kept) => {
                    window.look_through(source(&kept));
                    application.tell_warnings(&window).await;
                }
                Err(why) => window.tell_unusable(&why),
            }
        });
    }

    /// Opens the window of those who are known, or shows the one that is open.
    pub(super) fn show_known(&self) {
        if let Some(window) = self.open_window::<KnownWindow>() {
            return window.present();
        }
        let Some(parent) = self.active_window() else {
            return;
        };
        let words = Words {
            title: gettext("Known People"),
            nobody: gettext("People whose six digits you compared are remembered here."),
        };
        let window = KnownWindow::open(&parent, words);
        let application = self.clone();
        glib::spawn_future_local(async move {
            let known = match application.kept().await {
                Ok(kept) => kept.known,
                Err(why) => return window.tell_unusable(&why),
            };
            application.tell_warnings(&window).await;
            let looked = known.clone();
            let looked = gio::spawn_blocking(move || looked.look_again()).await;
            match looked.unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
                Ok((pins, aside)) => {
                    window.list(pins, forget(&application, known));
                    if let Some(path) = aside {
                        let heading = gettext("A File Was Damaged");
                        tell(&window, &heading, &set_aside(&path)).await;
                    }
                }
                Err(error) => window.tell_unusable(&trouble(&error)),
            }
        });
    }

    /// Tells the names that damaged files have now.
    async fn tell_warnings(&self, window: &impl IsA<gtk::Window>) {
        for warning in self.take_warnings() {
            tell(window, &gettext("A File Was Damaged"), &warning).await;
        }
    }

    fn open_window<T: IsA<gtk::Window>>(&self) -> Option<T> {
        let mut open = self.windows().into_iter();
        open.find_map(|window| window.downcast().ok())
    }
}

fn forget(application: &Application, known: Known) -> Forget {
    let forget = forgetting(move |role, id| {
        known.forget(role, id)?;
        Ok(known.pins())
    });
    let application = application.downgrade();
    Rc::new(move |role, id| {
        let (forgotten, application) = (forget(role, id), application.clone());
        Box::pin(async move {
            let pins = forgotten.await?;
            let window = application.upgrade().and_then(|it| it.window());
            if let Some(window) = window {
                // They may be here.
                window.talk().set_verified(id, false);
            }
            Ok(pins)
        })
    })
}

fn source(kept: &Kept) -> Source {
    let own = kept.own;
    Source::new(&kept.history, own, move |one| title(own.as_ref(), one))
}

fn title(own: Option<&Fingerprint>, one: &Overview<Between>) -> Title {
    let Between::Two(first, second) = &one.kept.conversation else {
        return Title {
            name: gettext("Everyone"),
            place: gettext("The room"),
            is_encrypted: None,
        };
    };
    let name = |id: &Fingerprint| {
        let mut people = one.people.iter();
        let person = people.find(|person| person.id.as_ref() == Some(id));
        person.map_or_else(
            || short(id),
            |person| visible_str(person.name.as_ref()).into_owned(),
        )
    };
    let (name, place) = match (own == Some(first), own == Some(second)) {
        (true, _) => (name(second), gettext("With you")),
        (_, true) => (name(first), gettext("With you")),
        _ => (
            gettext_f(
                // Translators: two people who speak with each other
                "{one} and {other}",
                &[("one", &name(first)), ("other", &name(second))],
            ),
            gettext("With each other"),
        ),
    };
    Title {
        name,
        place,
        is_encrypted: Some(true),
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

    #[test]
    fn a_conversation_is_called_after_those_in_it() {
        let [host, ana, ben] = [1, 2, 3].map(|byte| Fingerprint::from_bytes([byte; 32]));
        let shown = |conversation| {
            let one = Overview {
                kept: KeptConversation {
                    id: 1,
                    owner: None,
                    conversation,
                },
                last: (1, At::ZERO),
                people: vec![Person {
                    id: Some(ana),
                    name: "Ana".parse().unwrap(),
                }],
            };
            let title = title(Some(&host), &one);
            (title.name, title.place)
        };
        let of = |name: &str, place: &str| (name.to_owned(), place.to_owned());
        assert_eq!(shown(Between::Room), of("Everyone", "The room"));
        assert_eq!(shown(Between::two(host, ana)), of("Ana", "With you"));
        assert_eq!(
            shown(Between::two(ana, ben)),
            of("Ana and 0303030303030303…", "With each other")
        );
    }
}
