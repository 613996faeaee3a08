//! What can be done with one message: by right click, the Menu key or Shift+F10.

use gtk::{gdk, prelude::*, subclass::prelude::*};
use hallway_words::gettext;

use super::Row;
use crate::conversation::content::{Content, Delivery};
use crate::conversation::entry::Shown;

impl Row {
    /// Opens the menu on a right click beside the text; the text has a menu of its own.
    pub(super) fn set_up_menu(&self) {
        let click = gtk::GestureClick::builder()
            .button(gdk::BUTTON_SECONDARY)
            .build();
        let weak = self.downgrade();
        click.connect_pressed(move |click, _, x, y| {
            if let Some(row) = weak.upgrade()
                && row.open_menu(Some((x, y)))
            {
                click.set_state(gtk::EventSequenceState::Claimed);
            }
        });
        self.add_controller(click);
    }

    /// Opens the menu at a place, or in the middle; returns whether this row has one.
    pub(in super::super) fn open_menu(&self, place: Option<(f64, f64)>) -> bool {
        let Some(Shown::Line { id, content, .. }) = self.entry().map(|entry| entry.shown()) else {
            return false;
        };
        let menu = gio::Menu::new();
        menu.append(Some(&gettext("_Copy")), Some("row.copy"));
        menu.append(Some(&gettext("Select _Text")), Some("row.select-text"));
        let mut offered = Vec::new();
        if let Content::Ours { delivery, .. } = content {
            let is_doubtful = delivery == Delivery::PerhapsNotReceived;
            if is_doubtful || delivery.can_retry() {
                offered.push((gettext("_Send Again"), "conversation.retry"));
            }
            if is_doubtful {
                offered.push((gettext("_Discard"), "conversation.discard"));
            }
        }
        if !offered.is_empty() {
            let target = id.0.to_variant();
            let choices = gio::Menu::new();
            for (label, action) in offered {
                let item = gio::MenuItem::new(Some(&label), None);
                item.set_action_and_target_value(Some(action), Some(&target));
                choices.append_item(&item);
            }
            menu.append_section(None, &choices);
        }
        self.show_menu(&menu, place);
        true
    }

    #[allow(clippy::cast_possible_truncation)]
    fn show_menu(&self, menu: &gio::Menu, place: Option<(f64, f64)>) {
        self.close_menu();
        let (x, y) = place.map_or((self.width() / 2, self.height() / 2), |(x, y)| {
            (x as i32, y as i32)
        });
        let popover = gtk::PopoverMenu::from_model(Some(menu));
        popover.set_parent(self);
        popover.set_has_arrow(false);
        popover.set_pointing_to(Some(&gdk::Rectangle::new(x, y, 1, 1)));
        popover.popup();
        self.imp().menu.replace(Some(popover));
    }

    /// Takes the menu away: the row is to show something else, or nothing any more.
    pub(super) fn close_menu(&self) {
        if let Some(menu) = self.imp().menu.take() {
            menu.unparent();
        }
    }
}
