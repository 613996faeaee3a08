//! Six digits that somebody compares with the host.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_core::trust::sas::{Code, Found};
use hallway_widgets::conversation::Tone;
use hallway_widgets::dialogs::Digits;
use hallway_words::gettext_f;

use super::ServerWindow;
use crate::hub::{PeerId, Person};

/// People whose digits wait while others are compared. Whoever is not compared in time has failed, and
/// may begin again.
const WAITING: usize = 8;

/// What is compared.
#[derive(Default)]
pub(super) struct Comparing {
    waiting: RefCell<VecDeque<(PeerId, Code)>>,
    /// Whose digits are shown, and where.
    shown: RefCell<Option<(PeerId, Digits)>>,
    is_busy: Cell<bool>,
}

impl ServerWindow {
    /// Shows the digits of somebody, after those of others.
    pub(super) fn compare(&self, person: &Person, code: Code) {
        self.stop_comparing(person.id);
        let comparing = &self.imp().comparing;
        {
            let mut waiting = comparing.waiting.borrow_mut();
            if waiting.len() >= WAITING {
                return;
            }
            waiting.push_back((person.id, code));
        }
        if comparing.is_busy.replace(true) {
            return;
        }
        let weak = self.downgrade();
        glib::spawn_future_local(async move {
            while let Some(window) = weak.upgrade() {
                let next = window.imp().comparing.waiting.borrow_mut().pop_front();
                let Some((id, code)) = next else {
                    window.imp().comparing.is_busy.set(false);
                    return;
                };
                window.compare_with(id, code).await;
            }
        });
    }

    async fn compare_with(&self, id: PeerId, code: Code) {
        let Some(row) = self.talk().row(id) else {
            return;
        };
        let name = row.label();
        let heading = gettext_f("Compare Digits With {name}", &[("name", &name)]);
        let body = gettext_f(
            "Read these digits to each other, by telephone or face to face. If {name} sees the same, nobody is between you.",
            &[("name", &name)],
        );
        let digits = Digits::new(self, &heading, &body, &code.to_string());
        let comparing = &self.imp().comparing;
        comparing.shown.replace(Some((id, digits.clone())));
        let compared = digits.show().await;
        comparing.shown.take();
        // Who has gone meanwhile, begun anew or found something else has ended it without us.
        let (Some(found), Some(row)) = (compared, self.talk().row(id)) else {
            return;
        };
        if !self.hub().compared(id, found) {
            return;
        }
        if let (Some(identity), Found::Same | Found::Different) = (row.identity(), found) {
            self.talk().set_verified(identity, found == Found::Same);
        }
        let name = [("name", name.as_str())];
        let (sentence, tone) = match found {
            Found::Same => (
                gettext_f("{name} is verified: you saw the same digits", &name),
                Tone::Quiet,
            ),
            Found::Different => (
                gettext_f(
                    "{name} is not verified: you did not find the same digits. Somebody may be between you, so say nothing secret and compare again.",
                    &name,
                ),
                Tone::Failure,
            ),
            Found::Nothing => (
                gettext_f("The digits were not compared with {name}", &name),
                Tone::Quiet,
            ),
        };
        self.talk().tell_of(id, &sentence, tone);
    }

    /// What somebody began to compare is over: they have gone, or begun anew.
    pub(super) fn stop_comparing(&self, id: PeerId) {
        let comparing = &self.imp().comparing;
        let mut waiting = comparing.waiting.borrow_mut();
        waiting.retain(|(other, _)| *other != id);
        drop(waiting);
        let shown = comparing.shown.borrow().clone();
        if let Some((_, digits)) = shown.filter(|(other, _)| *other == id) {
            digits.close();
        }
    }
}
