//! The button that tells how many people there are, and the list behind it.

use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::glib;
use hallway_core::wire::Fingerprint;
use hallway_widgets::{accessible, attention};
use hallway_words::{gettext, ngettext_f};

use super::actions::TURN_TO;

/// Rows shown; a room may have more people than anybody looks through, and the server tells of no
/// more than it has room for in a frame.
const ROWS: usize = 500;

/// Who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Everyone,
    Encrypted(Fingerprint),
    /// They cannot be written to alone.
    Plain,
}

/// Somebody in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) name: Rc<str>,
    /// The conversation with them is shown.
    pub(super) is_current: bool,
    pub(super) unread: u64,
    pub(super) is_typing: bool,
    pub(super) is_here: bool,
}

mod imp {
    use std::cell::RefCell;

    use adw::prelude::*;
    use adw::subclass::prelude::*;
    use gtk::glib;

    use super::Entry;

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(file = "people_list.ui")]
    pub struct PeopleList {
        #[template_child]
        pub(super) button: TemplateChild<gtk::MenuButton>,
        #[template_child]
        pub(super) count: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) unread: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) popover: TemplateChild<gtk::Popover>,
        #[template_child]
        pub(super) list: TemplateChild<gtk::ListBox>,
        #[template_child]
        pub(super) more: TemplateChild<gtk::Label>,
        pub(super) entries: RefCell<Vec<Entry>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for PeopleList {
        const NAME: &'static str = "HallwayPeopleList";
        type Type = super::PeopleList;
        type ParentType = adw::Bin;

        fn class_init(klass: &mut Self::Class) {
            klass.bind_template();
        }

        fn instance_init(obj: &glib::subclass::InitializingObject<Self>) {
            obj.init_template();
        }
    }

    impl ObjectImpl for PeopleList {
        fn constructed(&self) {
            self.parent_constructed();
            let weak = self.obj().downgrade();
            // Before it is shown, as it gives the focus to the first row then.
            self.button.set_create_popup_func(move |_| {
                if let Some(people) = weak.upgrade() {
                    people.fill();
                }
            });
            // A popover that had the focus before would leave it where it is.
            let list = self.list.downgrade();
            self.popover.connect_show(move |_| {
                let first = list.upgrade().and_then(|list| list.row_at_index(0));
                if let Some(row) = first {
                    row.grab_focus();
                }
            });
            let weak = self.obj().downgrade();
            self.popover.connect_closed(move |_| {
                if let Some(people) = weak.upgrade() {
                    people.empty();
                }
            });
        }
    }

    impl WidgetImpl for PeopleList {}
    impl BinImpl for PeopleList {}
}

glib::wrapper! {
    /// How many people are in the room, and who; choosing one turns to them.
    pub struct PeopleList(ObjectSubclass<imp::PeopleList>)
        @extends adw::Bin, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl PeopleList {
    /// Whether there is little room: then how many are here is told by the tooltip alone.
    pub(super) fn set_narrow(&self, is_narrow: bool) {
        self.imp().count.set_visible(!is_narrow);
    }

    /// Shows these; `count` are here besides the person. The list is made when it is opened.
    pub(super) fn set_entries(&self, entries: &[Entry], count: u32, is_shown: bool) {
        let imp = self.imp();
        self.set_visible(is_shown);
        if *imp.entries.borrow() == entries && imp.count.text() == count.to_string() {
            return;
        }
        imp.entries.replace(entries.to_vec());
        imp.count.set_text(&count.to_string());
        let elsewhere = entries.iter().filter(|entry| !entry.is_current);
        let unread = elsewhere.map(|entry| entry.unread).sum();
        imp.unread.set_visible(unread > 0);
        imp.unread.set_text(&attention::badge(unread));
        let mut words = ngettext_f("{n} other person", "{n} other people", count.into(), &[]);
        if unread > 0 {
            // Translators: between the parts of what a screen reader says
            words.push_str(&gettext(", "));
            words.push_str(&unread_words(unread));
        }
        imp.button.set_tooltip_text(Some(&words));
        accessible::set_label(&*imp.button, &gettext("People"));
        accessible::set_description(&*imp.button, &words);
        let shown = entries.len().saturating_sub(1).min(ROWS);
        let rest = u64::from(count).saturating_sub(shown as u64);
        imp.more.set_visible(rest > 0);
        imp.more
            .set_text(&ngettext_f("and {n} more", "and {n} more", rest, &[]));
        if imp.popover.is_visible() {
            self.fill();
        }
    }

    pub(super) fn open(&self) {
        if self.is_visible() {
            self.imp().button.popup();
        }
    }

    /// Somebody was chosen. A row with an action does not tell the list.
    pub(super) fn close(&self) {
        self.imp().button.popdown();
    }

    /// Rows that nobody sees are none.
    fn empty(&self) {
        let list = &self.imp().list;
        while let Some(row) = list.row_at_index(0) {
            list.remove(&row);
        }
    }

    /// Rows stay where they are, as one of them may have the focus.
    fn fill(&self) {
        let imp = self.imp();
        let entries = imp.entries.borrow();
        let mut index = 0;
        for entry in entries.iter().take(ROWS + 1) {
            let row = imp.list.row_at_index(index).unwrap_or_else(|| {
                let row = gtk::ListBoxRow::new();
                imp.list.append(&row);
                row
            });
            show(entry, &row);
            index += 1;
        }
        while let Some(row) = imp.list.row_at_index(index) {
            imp.list.remove(&row);
        }
    }
}

fn unread_words(count: u64) -> String {
    ngettext_f("{n} unread message", "{n} unread messages", count, &[])
}

/// Shows somebody in a row, with a lock that is open where they speak plain text.
fn show(entry: &Entry, row: &gtk::ListBoxRow) {
    let (icon, state) = match entry.kind {
        Kind::Everyone => ("hallway-everyone-symbolic", String::new()),
        Kind::Encrypted(_) => ("channel-secure-symbolic", gettext("Encrypted")),
        Kind::Plain => ("channel-insecure-symbolic", gettext("Plain text")),
    };
    let image = gtk::Image::from_icon_name(icon);
    image.set_tooltip_text(
        Some(&state)
            .filter(|state| !state.is_empty())
            .map(String::as_str),
    );
    let name = gtk::Label::builder()
        .label(&*entry.name)
        .xalign(0.0)
        .hexpand(true)
        .ellipsize(gtk::pango::EllipsizeMode::End)
        .build();
    let content = gtk::Box::builder()
        .spacing(12)
        .margin_start(6)
        .margin_end(6)
        .margin_top(6)
        .margin_bottom(6)
        .build();
    content.append(&image);
    content.append(&name);
    let doing = if entry.is_typing {
        gettext("writing…")
    } else if entry.is_here {
        String::new()
    } else {
        gettext("away")
    };
    if !doing.is_empty() {
        let label = gtk::Label::new(Some(&doing));
        label.add_css_class("dim-label");
        content.append(&label);
    }
    if entry.unread > 0 {
        let badge = gtk::Label::new(Some(&attention::badge(entry.unread)));
        badge.add_css_class("hallway-badge");
        badge.add_css_class("numeric");
        badge.set_valign(gtk::Align::Center);
        content.append(&badge);
    }
    if entry.is_current {
        content.append(&gtk::Image::from_icon_name("object-select-symbolic"));
    }
    row.set_child(Some(&content));
    let target = match entry.kind {
        Kind::Everyone => Some("room".to_owned()),
        Kind::Encrypted(id) => Some(id.to_string()),
        Kind::Plain => None,
    };
    let is_plain = target.is_none();
    row.set_activatable(!is_plain);
    let hint = gettext("Plain text: they hear the room, and cannot be written to alone");
    row.set_tooltip_text(is_plain.then_some(hint.as_str()));
    match target {
        Some(target) => {
            row.set_action_target_value(Some(&target.to_variant()));
            row.set_action_name(Some(TURN_TO));
        }
        None => row.set_action_name(None),
    }
    let unread = (entry.unread > 0).then(|| unread_words(entry.unread));
    let current = entry.is_current.then(|| gettext("shown"));
    let parts = [
        Some(entry.name.to_string()),
        Some(state),
        Some(doing),
        unread,
        current,
    ];
    let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
    let parts: Vec<_> = parts.collect();
    accessible::set_label(row, &parts.join(&gettext(", ")));
}
