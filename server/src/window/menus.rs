//! What can be done with a person, as a menu.

use hallway_words::gettext;

use super::actions::person;
use super::row::{Row, Section};

/// The menu of a person; none for everyone.
pub(crate) fn of_person(row: &Row) -> Option<gio::Menu> {
    let number = row.id()?.number();
    let menu = gio::Menu::new();
    let section = |items: &[(String, &str)]| {
        let section = gio::Menu::new();
        for (label, action) in items {
            let item = gio::MenuItem::new(Some(label), None);
            item.set_action_and_target_value(Some(action), Some(&number.into()));
            section.append_item(&item);
        }
        menu.append_section(None, &section);
    };
    let copy = (gettext("Copy _Address"), person::COPY_ADDRESS);
    if row.section() == Section::Gone {
        section(&[copy]);
        return Some(menu);
    }
    if row.is_waiting() {
        section(&[
            (gettext("Let _In"), person::LET_IN),
            (gettext("D_ecline"), person::DECLINE),
        ]);
        section(&[copy]);
    } else {
        section(&[
            (gettext("_Message"), person::MESSAGE),
            copy,
            (gettext("_Rename…"), person::RENAME),
        ]);
    }
    section(&[
        (gettext("_Disconnect"), person::DISCONNECT),
        (gettext("A_bort"), person::ABORT),
        (gettext("_Keep Out Until Stopped…"), person::KEEP_OUT),
    ]);
    Some(menu)
}
