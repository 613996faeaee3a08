//! A line of a conversation that is kept.

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::{glib, pango};
use hallway_core::history::kept::KeptLine;

use super::source::Source;
use super::told;
use crate::{accessible, time};

/// Between the parts of a row, in pixels.
const SPACE: i32 = 6;

mod imp {
    use super::{SPACE, glib, pango};
    use adw::prelude::*;
    use adw::subclass::prelude::*;

    #[derive(Default)]
    pub struct LineRow {
        pub(super) day: gtk::Label,
        pub(super) speaker: gtk::Label,
        pub(super) time: gtk::Label,
        pub(super) text: gtk::Label,
        pub(super) note: gtk::Label,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for LineRow {
        const NAME: &'static str = "HallwayKeptLineRow";
        type Type = super::LineRow;
        type ParentType = gtk::Box;
    }

    impl ObjectImpl for LineRow {
        fn constructed(&self) {
            self.parent_constructed();
            let row = self.obj();
            row.set_orientation(gtk::Orientation::Vertical);
            row.add_css_class("kept-line");
            self.day.set_css_classes(&["day", "heading"]);
            self.day.set_wrap(true);
            self.speaker.set_css_classes(&["name"]);
            self.speaker.set_xalign(0.0);
            self.speaker.set_ellipsize(pango::EllipsizeMode::End);
            self.time
                .set_css_classes(&["caption", "dim-label", "numeric"]);
            for (label, classes) in [
                (&self.text, &[][..]),
                (&self.note, &["caption", "dim-label"]),
            ] {
                label.set_css_classes(classes);
                label.set_xalign(0.0);
                label.set_wrap(true);
                label.set_wrap_mode(pango::WrapMode::WordChar);
            }
            let head = gtk::Box::new(gtk::Orientation::Horizontal, SPACE);
            head.append(&self.speaker);
            head.append(&self.time);
            row.append(&self.day);
            row.append(&head);
            row.append(&self.text);
            row.append(&self.note);
        }
    }

    impl WidgetImpl for LineRow {}
    impl BoxImpl for LineRow {}
}

glib::wrapper! {
    /// Who said something, when, and what.
    pub struct LineRow(ObjectSubclass<imp::LineRow>)
        @extends gtk::Box, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget, gtk::Orientable;
}

impl Default for LineRow {
    fn default() -> Self {
        glib::Object::new()
    }
}

impl LineRow {
    /// Shows a line, marked or not.
    pub(super) fn show(&self, source: &Source, line: &KeptLine, is_marked: bool) {
        let imp = self.imp();
        let speaker = told::speaker(source, line);
        let (text, is_cut) = told::text(line);
        imp.speaker.set_label(&speaker);
        imp.time.set_label(&time::of_day(told::moment(line.at)));
        imp.text.set_label(&text);
        let note = told::note(line, is_cut);
        imp.note.set_label(note.as_deref().unwrap_or_default());
        imp.note.set_visible(note.is_some());
        self.mark(is_marked);
        accessible::set_label_of_row(self, &told::spoken(&speaker, line, &text));
    }

    /// Shows the day of the line, where it is another one than that of the line `before`.
    pub(super) fn show_day(&self, line: &KeptLine, before: Option<&KeptLine>) {
        let at = told::moment(line.at);
        let is_other = before.is_none_or(|before| !time::is_same_day(told::moment(before.at), at));
        let day = &self.imp().day;
        day.set_label(&if is_other {
            time::day(at)
        } else {
            String::new()
        });
        day.set_visible(is_other);
    }

    /// Marks the row as what was looked for.
    pub(super) fn mark(&self, is_marked: bool) {
        if is_marked {
            self.add_css_class("found");
        } else {
            self.remove_css_class("found");
        }
    }
}
