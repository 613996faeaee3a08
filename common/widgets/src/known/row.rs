//! Somebody who is known.

use adw::prelude::*;
use hallway_core::text::visible_str;
use hallway_core::trust::Pin;
use hallway_words::{gettext, gettext_f};

use crate::accessible;
use crate::kept::told::{moment, when};
use crate::time;

/// Digits of a fingerprint that are shown: enough to tell two apart by eye, and no more than fits.
/// All of it is copied.
const SHORT: usize = 16;

/// Digits between two spaces.
const GROUP: usize = 4;

/// What a row can do.
pub(super) struct Doings {
    pub(super) copy: Box<dyn Fn(&str)>,
    pub(super) forget: Box<dyn Fn()>,
}

/// A row that opens to tell all that is known.
pub(super) fn row(pin: &Pin, doings: Doings) -> adw::ExpanderRow {
    let name = visible_str(pin.name.as_ref());
    let row = adw::ExpanderRow::builder()
        .title(glib::markup_escape_text(&name))
        .subtitle(glib::markup_escape_text(&summary(pin)))
        .build();
    accessible::set_label(&row, &name);
    row.add_prefix(&mark(pin));
    let fingerprint = pin.id.to_string();
    let Doings { copy, forget } = doings;
    let id = fact(&gettext("Fingerprint"), &short(&fingerprint));
    let button = gtk::Button::builder()
        .icon_name("edit-copy-symbolic")
        .tooltip_text(gettext("Copy Fingerprint"))
        .valign(gtk::Align::Center)
        .css_classes(["flat"])
        .build();
    accessible::set_label(&button, &gettext("Copy Fingerprint"));
    button.connect_clicked(move |_| copy(&fingerprint));
    id.add_suffix(&button);
    row.add_row(&id);
    let addresses: Vec<_> = pin.addresses().map(ToString::to_string).collect();
    if !addresses.is_empty() {
        row.add_row(&fact(&gettext("Addresses"), &addresses.join("\n")));
    }
    let times = gettext_f(
        // Translators: when somebody was met first and last: a day such as “Today”, and a time or a day
        "First: {first} · Last: {last}",
        &[
            ("first", &time::day(moment(pin.first_seen))),
            ("last", &when(pin.last_seen)),
        ],
    );
    row.add_row(&fact(&gettext("Met"), &times));
    row.add_row(&forgetting(&name, forget));
    row
}

fn forgetting(name: &str, forget: Box<dyn Fn()>) -> adw::ActionRow {
    let label = gettext_f("Forget {name}…", &[("name", name)]);
    let button = gtk::Button::builder()
        .label(gettext("_Forget…"))
        .use_underline(true)
        .valign(gtk::Align::Center)
        .css_classes(["destructive-action"])
        .build();
    accessible::set_label(&button, &label);
    button.connect_clicked(move |_| forget());
    let row = fact(
        &gettext("Forget"),
        &gettext("The next time is like the first one"),
    );
    row.add_suffix(&button);
    row
}

fn fact(title: &str, text: &str) -> adw::ActionRow {
    adw::ActionRow::builder()
        .title(glib::markup_escape_text(title))
        .subtitle(glib::markup_escape_text(text))
        .build()
}

fn mark(pin: &Pin) -> gtk::Image {
    let (icon, words) = if pin.verified {
        ("security-high-symbolic", gettext("Verified"))
    } else {
        ("security-medium-symbolic", gettext("Not verified"))
    };
    let image = gtk::Image::from_icon_name(icon);
    image.set_tooltip_text(Some(&words));
    image.add_css_class(if pin.verified { "success" } else { "dim-label" });
    image
}

/// Whether they are verified, and where they were last.
fn summary(pin: &Pin) -> String {
    let verified = if pin.verified {
        gettext("Verified")
    } else {
        gettext("Not verified")
    };
    match pin.addresses().next() {
        Some(address) => gettext_f(
            // Translators: whether somebody is verified, and their address
            "{verified} · {address}",
            &[("verified", &verified), ("address", address.as_ref())],
        ),
        None => verified,
    }
}

/// The beginning of a fingerprint, in groups.
fn short(fingerprint: &str) -> String {
    let beginning: Vec<char> = fingerprint.chars().take(SHORT).collect();
    let groups: Vec<String> = beginning
        .chunks(GROUP)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(" ") + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use hallway_core::trust::{Address, Pins, Role};
    use hallway_core::wire::{At, Fingerprint};

    #[test]
    fn a_row_tells_what_is_known() {
        let id = Fingerprint::from_bytes([0xab; 32]);
        let address = Address::new("lab", 4255).expect("an address");
        let mut pins = Pins::default();
        let name = "Lab".parse().expect("a label");
        pins.met(Role::Server, id, name, Some(address), At::ZERO)
            .expect("there is room");
        let pin = pins.get(Role::Server, &id).expect("it was met");
        assert_eq!(summary(pin), "Not verified · lab:4255");
        let mut known = pin.clone();
        known.verified = true;
        assert_eq!(summary(&known), "Verified · lab:4255");
        assert_eq!(short(&id.to_string()), "abab abab abab abab…");
    }
}
