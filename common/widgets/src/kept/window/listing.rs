//! The conversations that there are.

use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use glib::{BoxedAnyObject, clone};
use gtk::{glib, pango};
use hallway_words::{gettext, gettext_f, ngettext_f};

use super::{CONVERSATIONS, KeptWindow};
use crate::accessible;
use crate::kept::source::{Conversation, Source};
use crate::kept::told;

/// Pixels between the parts of a row, and around them.
const SPACE: i32 = 8;
const NARROW: i32 = 2;

impl KeptWindow {
    pub(super) fn set_up_conversations(&self) {
        let imp = self.imp();
        let selection = gtk::SingleSelection::new(Some(imp.all.clone()));
        selection.set_autoselect(false);
        selection.set_can_unselect(true);
        let factory = gtk::SignalListItemFactory::new();
        factory.connect_bind(|_, item| {
            let Some(item) = item.downcast_ref::<gtk::ListItem>() else {
                return;
            };
            let conversation = item.item().as_ref().and_then(conversation_of);
            if let Some(conversation) = conversation {
                let row = row(&conversation);
                item.set_child(Some(&row));
                let title = &conversation.title;
                let name = gettext_f(
                    // Translators: a conversation as a screen reader says it: whom with, where, when
                    "{name}, {place}, {time}",
                    &[
                        ("name", &title.name),
                        ("place", &title.place),
                        ("time", &told::when(conversation.last)),
                    ],
                );
                accessible::set_label_of_row(&row, &name);
            }
        });
        imp.conversations.set_factory(Some(&factory));
        imp.conversations.set_model(Some(&selection));
    }

    pub(super) fn conversation_at(&self, position: u32) -> Option<Rc<Conversation>> {
        conversation_of(&self.imp().all.item(position)?)
    }

    /// The conversation with this number.
    pub(super) fn conversation(&self, id: i64) -> Option<Rc<Conversation>> {
        let all = &self.imp().all;
        let mut all = all.iter::<glib::Object>().flatten();
        all.find_map(|object| conversation_of(&object).filter(|one| one.id == id))
    }

    /// Lists what is kept; `shows_first` shows the first one as well.
    pub(super) fn list_conversations(&self, shows_first: bool) {
        let Some(source) = self.source() else { return };
        let answer = source.history.conversations();
        glib::spawn_future_local(clone!(
            #[weak(rename_to = window)]
            self,
            async move {
                match answer.await {
                    Ok(all) => window.fill(all, shows_first),
                    Err(error) => window.tell_unusable(&hallway_words::history_error(&error)),
                }
            }
        ));
    }

    fn fill(&self, all: Vec<Conversation>, shows_first: bool) {
        let imp = self.imp();
        let all: Vec<_> = all
            .into_iter()
            .map(|one| BoxedAnyObject::new(Rc::new(one)))
            .collect();
        imp.all.splice(0, imp.all.n_items(), &all);
        if imp.search.text().is_empty() {
            self.show_list();
        }
        let first = self.conversation_at(0);
        if first.is_none() {
            self.show_nothing("", "");
        }
        let Some(first) = first.filter(|_| shows_first && !imp.leaflet.is_folded()) else {
            return;
        };
        self.select(0);
        self.show_conversation(&first, None);
    }

    /// Shows the list, or that there is nothing in it.
    pub(super) fn show_list(&self) {
        let imp = self.imp();
        if imp.all.n_items() == 0 {
            self.show_message(
                "document-open-recent-symbolic",
                &gettext("Nothing Kept Yet"),
                &gettext("What is said from now on can be read here later."),
            );
        } else {
            imp.lists.set_visible_child_name(CONVERSATIONS);
        }
    }

    /// Marks a row of the list.
    pub(super) fn select(&self, position: u32) {
        if let Some(model) = self.imp().conversations.model() {
            model.select_item(position, true);
        }
    }

    /// Tells below the title how many messages there are.
    pub(super) fn count(&self, source: &Source, conversation: &Rc<Conversation>) {
        let answer = source.history.count(conversation.id);
        let conversation = Rc::clone(conversation);
        glib::spawn_future_local(clone!(
            #[weak(rename_to = window)]
            self,
            async move {
                let Ok(count) = answer.await else { return };
                let imp = window.imp();
                let is_shown =
                    matches!(&*imp.shown.borrow(), Some(one) if one.id == conversation.id);
                if is_shown {
                    let place = &conversation.title.place;
                    let subtitle = ngettext_f(
                        // Translators: where a conversation was, and how long it is
                        "{place} · {n} message",
                        "{place} · {n} messages",
                        count,
                        &[("place", place)],
                    );
                    imp.title.set_subtitle(&subtitle);
                }
            }
        ));
    }
}

fn conversation_of(object: &glib::Object) -> Option<Rc<Conversation>> {
    let boxed = object.downcast_ref::<BoxedAnyObject>()?;
    let held = boxed.try_borrow::<Rc<Conversation>>().ok()?;
    Some(Rc::clone(&held))
}

fn row(conversation: &Conversation) -> gtk::Box {
    let title = &conversation.title;
    let (icon, tip) = match title.is_encrypted {
        Some(true) => ("channel-secure-symbolic", gettext("Encrypted")),
        Some(false) => ("channel-insecure-symbolic", gettext("Plain Text")),
        None => ("hallway-everyone-symbolic", gettext("Everyone")),
    };
    let icon = gtk::Image::from_icon_name(icon);
    icon.set_tooltip_text(Some(&tip));
    icon.add_css_class("dim-label");
    let words = two_lines(&title.name, &told::when(conversation.last));
    let place = label(&title.place, &["caption", "dim-label"]);
    words.append(&place);
    let row = gtk::Box::new(gtk::Orientation::Horizontal, SPACE);
    row.set_margin_top(SPACE);
    row.set_margin_bottom(SPACE);
    row.append(&icon);
    row.append(&words);
    row
}

/// A name with a time at its end; something is to come below.
pub(super) fn two_lines(name: &str, time: &str) -> gtk::Box {
    let head = gtk::Box::new(gtk::Orientation::Horizontal, SPACE);
    let name = label(name, &["heading"]);
    name.set_hexpand(true);
    head.append(&name);
    head.append(&label(time, &["caption", "dim-label", "numeric"]));
    let words = gtk::Box::new(gtk::Orientation::Vertical, NARROW);
    words.set_hexpand(true);
    words.append(&head);
    words
}

pub(super) fn label(text: &str, classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .label(text)
        .xalign(0.0)
        .ellipsize(pango::EllipsizeMode::End)
        .css_classes(
            classes
                .iter()
                .copied()
                .map(String::from)
                .collect::<Vec<_>>(),
        )
        .build()
}
