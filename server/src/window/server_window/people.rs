//! What the host does with a person.

use adw::prelude::*;
use hallway_core::net::address::{place, shown};
use hallway_core::text::Name;
use hallway_widgets::dialogs::{self, Choice};
use hallway_words::{gettext, gettext_f, ngettext_f};

use super::ServerWindow;
use crate::hub::{NameRefused, Notices, PeerId};
use crate::window::copying;
use crate::window::row::Row;
use crate::words::Words;

const CANCEL: &str = "cancel";
const KEEP_OUT: &str = "keep-out";

impl ServerWindow {
    /// Somebody who is here, or has gone and is still shown.
    pub(in crate::window) fn row_of_number(&self, number: u64) -> Option<Row> {
        let talk = self.talk();
        talk.row_of_number(number).or_else(|| {
            let has_number = |row: &Row| row.id().is_some_and(|id| id.number() == number);
            talk.people().gone().into_iter().find(has_number)
        })
    }

    pub(in crate::window) fn message(&self, row: &Row) {
        self.room().open(row);
    }

    pub(in crate::window) fn copy_address(&self, row: &Row) {
        if let Some(address) = row.address().map(shown) {
            let sentence = gettext_f("{address} copied", &[("address", &address)]);
            copying::copy(self, &address, &sentence);
        }
    }

    pub(in crate::window) fn disconnect_person(&self, row: &Row) {
        if let Some(id) = row.id() {
            self.hub().disconnect(id);
        }
    }

    pub(in crate::window) fn abort(&self, row: &Row) {
        if let Some(id) = row.id() {
            self.hub().abort(id);
        }
    }

    pub(in crate::window) fn rename(&self, row: &Row) {
        let (Some(id), Some(person)) = (row.id(), row.person()) else {
            return;
        };
        let weak = self.downgrade();
        glib::spawn_future_local(async move {
            let Some(window) = weak.upgrade() else { return };
            let heading = gettext_f("Rename {name}", &[("name", &person.label)]);
            let name = if person.is_named { &*person.label } else { "" };
            let check = {
                let taken = window.taken_names(id);
                move |text: &str| check_name(text, &taken)
            };
            let body = gettext("Everyone sees the name.");
            let (label, accept) = (gettext("Name"), gettext("_Rename"));
            let name =
                dialogs::ask_text(&window, &heading, &body, &label, name, &accept, check).await;
            if let Some(name) = name {
                window.give_name(id, &name).await;
            }
        });
    }

    /// Both keys of every name that others have.
    fn taken_names(&self, but: PeerId) -> Vec<String> {
        let others = self.hub().people();
        let names = others
            .iter()
            .filter(|person| person.is_named && person.id != but)
            .filter_map(|person| Name::parse(&person.label).ok());
        names
            .chain(self.hub().settings().host)
            .flat_map(|name| name.skeletons())
            .collect()
    }

    /// Gives the name, which somebody may have taken meanwhile.
    async fn give_name(&self, id: PeerId, name: &str) {
        if let Err(why) = self.hub().rename(id, name) {
            let heading = gettext("Not Renamed");
            dialogs::tell(self, &heading, &Words.name_refused(&why)).await;
        }
    }

    pub(in crate::window) fn keep_out(&self, row: &Row) {
        let (Some(id), Some(address)) = (row.id(), row.address()) else {
            return;
        };
        let known = row.identity().map(|_| row.label());
        let weak = self.downgrade();
        glib::spawn_future_local(async move {
            let Some(window) = weak.upgrade() else { return };
            let there = place(address);
            let people = window.hub().people();
            let count = people
                .iter()
                .filter(|person| place(person.address) == there);
            let mut body = keep_out_body(&there.to_string(), count.count());
            if let Some(name) = known {
                body.push(' ');
                body += &gettext_f(
                    "{name} is known by the certificate and kept out from anywhere.",
                    &[("name", &name)],
                );
            }
            let choices = [
                Choice {
                    id: CANCEL,
                    label: &gettext("_Cancel"),
                    appearance: adw::ResponseAppearance::Default,
                },
                Choice {
                    id: KEEP_OUT,
                    label: &gettext("_Keep Out"),
                    appearance: adw::ResponseAppearance::Destructive,
                },
            ];
            let heading = gettext_f("Keep {address} Out?", &[("address", &there.to_string())]);
            let answer = dialogs::ask(&window, &heading, &body, &choices, CANCEL).await;
            if answer == KEEP_OUT {
                window.hub().keep_out(id);
            }
        });
    }
}

fn keep_out_body(address: &str, count: usize) -> String {
    let number = count.to_string();
    ngettext_f(
        "{count} connection from {address} is closed, and no other is let in until you stop listening.",
        "All {count} connections from {address} are closed, and no other is let in until you stop listening.",
        count as u64,
        &[("count", &number), ("address", address)],
    )
}

/// Whether a text is a name that is free.
fn check_name(text: &str, taken: &[String]) -> Result<(), String> {
    let name = Name::parse(text).map_err(|error| hallway_words::name_error(&error))?;
    if name.skeletons().iter().any(|key| taken.contains(key)) {
        return Err(Words.name_refused(&NameRefused::Taken));
    }
    Ok(())
}
