//! One row: a bubble, an event, or the mark of lines that are not held any more.

mod beside;
mod column;
mod filling;
mod menu;
mod walking;
mod words;

use std::cell::{Cell, RefCell};
use std::time::SystemTime;

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::pango;
use hallway_words::gettext;

use beside::Beside;
use column::Column;
use words::{doubt, dropped, icon, only_to, spoken, spoken_first, state};

use super::content::{Content, Delivery, Tone};
use super::entry::{Entry, Shown};
use super::text;
use crate::{accessible, focus, narrowing, time};

/// An action of a row: its name, and what it does.
type Known = (&'static str, fn(&Row));

mod imp {
    use super::{Cell, CompositeTemplate, Entry, RefCell};
    use adw::prelude::*;
    use adw::subclass::prelude::*;

    #[derive(Default, CompositeTemplate)]
    #[template(file = "row.ui")]
    pub struct Row {
        #[template_child]
        pub(super) day: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) new: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) event: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) event_time: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) event_icon: TemplateChild<gtk::Image>,
        #[template_child]
        pub(super) event_text: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) message: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) avatar: TemplateChild<adw::Avatar>,
        #[template_child]
        pub(super) bubble: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) name: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) text: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) mention: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) time: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) state: TemplateChild<gtk::Image>,
        #[template_child]
        pub(super) note: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) choices: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) more: TemplateChild<gtk::Button>,
        #[template_child]
        pub(super) retry: TemplateChild<gtk::Button>,
        #[template_child]
        pub(super) discard: TemplateChild<gtk::Button>,
        pub(super) entry: RefCell<Option<(Entry, glib::SignalHandlerId)>>,
        pub(super) is_whole: Cell<bool>,
        /// It is bound, and shows something else still.
        pub(super) is_due: Cell<bool>,
        /// There are links in the text.
        pub(super) has_links: Cell<bool>,
        /// What the reader looks for, on the row that was found.
        pub(super) found: RefCell<Option<String>>,
        pub(super) menu: RefCell<Option<gtk::PopoverMenu>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Row {
        const NAME: &'static str = "HallwayConversationRow";
        type Type = super::Row;
        type ParentType = gtk::Box;

        fn class_init(klass: &mut Self::Class) {
            super::Beside::ensure_type();
            klass.set_layout_manager_type::<super::Column>();
            klass.bind_template();
            klass.bind_template_callbacks();
        }

        fn instance_init(obj: &glib::subclass::InitializingObject<Self>) {
            obj.init_template();
        }
    }

    impl ObjectImpl for Row {
        fn constructed(&self) {
            self.parent_constructed();
            let row = self.obj();
            row.set_up_menu();
            let actions = gio::SimpleActionGroup::new();
            let known: [super::Known; 2] = [
                ("copy", super::Row::copy),
                ("select-text", super::Row::select_text),
            ];
            for (name, run) in known {
                let action = gio::SimpleAction::new(name, None);
                let weak = row.downgrade();
                action.connect_activate(move |_, _| {
                    if let Some(row) = weak.upgrade() {
                        run(&row);
                    }
                });
                actions.add_action(&action);
            }
            row.insert_action_group("row", Some(&actions));
            for label in [&self.text, &self.event_text] {
                let weak = row.downgrade();
                label.connect_activate_link(move |_, link| {
                    if let Some(row) = weak.upgrade() {
                        // Refused only where the row stands in no conversation.
                        let _ =
                            row.activate_action("conversation.follow", Some(&link.to_variant()));
                    }
                    glib::Propagation::Stop
                });
            }
        }

        fn dispose(&self) {
            self.obj().unbind();
            self.obj().close_menu();
        }
    }

    impl WidgetImpl for Row {
        fn focus(&self, direction: gtk::DirectionType) -> bool {
            self.obj().tab(direction)
        }

        /// The list's own row takes it.
        fn grab_focus(&self) -> bool {
            false
        }
    }

    impl BoxImpl for Row {}

    #[gtk::template_callbacks]
    impl Row {
        #[template_callback]
        fn show_all(&self) {
            self.is_whole.set(true);
            self.obj().show();
        }
    }
}

use gtk::CompositeTemplate;

glib::wrapper! {
    /// One row of a conversation.
    pub struct Row(ObjectSubclass<imp::Row>)
        @extends gtk::Box, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget, gtk::Orientable;
}

impl Row {
    pub(super) fn new() -> Self {
        glib::Object::new()
    }

    /// The entry that it shows.
    pub(super) fn entry(&self) -> Option<Entry> {
        let bound = self.imp().entry.borrow();
        bound.as_ref().map(|(entry, _)| entry.clone())
    }

    /// Marks what the reader looks for, or nothing.
    pub(super) fn set_found(&self, words: Option<&str>) {
        let imp = self.imp();
        if imp.found.borrow().as_deref() == words {
            return;
        }
        imp.found.replace(words.map(str::to_owned));
        if words.is_some() {
            // What was found may be further on than what is shown at first.
            imp.is_whole.set(true);
        }
        self.show();
    }

    /// Copies what was said.
    pub(super) fn copy(&self) {
        if let Some(Shown::Line { content, .. }) = self.entry().map(|entry| entry.shown()) {
            self.clipboard().set_text(content.text());
        }
    }

    fn show(&self) {
        let imp = self.imp();
        let Some(entry) = self.entry().filter(|_| !imp.is_due.get()) else {
            return;
        };
        match entry.shown() {
            Shown::Dropped(count) => {
                imp.day.set_visible(false);
                imp.new.set_visible(false);
                let sentence = dropped(count);
                self.show_event("", &sentence, Tone::Quiet);
                self.name_row(&sentence);
            }
            Shown::Line {
                id,
                at,
                content,
                continues,
                begins_day,
                begins_new,
            } => {
                imp.day.set_visible(begins_day);
                if begins_day {
                    imp.day.set_label(&time::day(at));
                }
                imp.new.set_visible(begins_new);
                let target = id.0.to_variant();
                // The target first: without it the action does not fit.
                for (button, action) in [
                    (&imp.retry, "conversation.retry"),
                    (&imp.discard, "conversation.discard"),
                ] {
                    button.set_action_target_value(Some(&target));
                    if button.action_name().is_none() {
                        button.set_action_name(Some(action));
                    }
                }
                match &content {
                    Content::Event { text, tone } => {
                        self.show_event(&time::of_day(at), text, *tone);
                    }
                    said => self.show_message(said, at, continues),
                }
                let words = spoken(&content, at);
                self.name_row(&if begins_new {
                    spoken_first(&words)
                } else {
                    words
                });
            }
        }
        self.set_class("found", imp.found.borrow().is_some());
    }

    fn show_event(&self, time: &str, text: &str, tone: Tone) {
        let imp = self.imp();
        imp.event.set_visible(true);
        imp.message.set_visible(false);
        imp.event_time.set_visible(!time.is_empty());
        imp.event_time.set_label(time);
        imp.event_icon.set_visible(tone == Tone::Failure);
        self.set_class("failure", tone == Tone::Failure);
        self.set_class("mention", false);
        self.show_text(&imp.event_text, text);
    }

    fn show_message(&self, content: &Content, at: SystemTime, continues: bool) {
        let imp = self.imp();
        imp.event.set_visible(false);
        imp.message.set_visible(true);
        let is_ours = matches!(content, Content::Ours { .. });
        self.set_class("ours", is_ours);
        self.set_class("continues", continues);
        self.set_class("failure", false);
        if let Some(layout) = imp.message.layout_manager().and_downcast::<Beside>() {
            layout.set(is_ours, text::is_hugged(content.text()));
        }
        imp.avatar.set_visible(!is_ours && !continues);
        imp.time.set_label(&time::of_day(at));
        let is_cut = self.show_text(&imp.text, content.text());
        imp.more.set_visible(is_cut && !imp.is_whole.get());
        let mut note = None;
        let mut name = None;
        let (mut can_retry, mut can_discard) = (false, false);
        let calls = matches!(content, Content::Theirs { mentions: true, .. });
        self.set_class("mention", calls);
        imp.mention.set_visible(calls);
        match content {
            Content::Theirs {
                speaker, is_cut, ..
            } => {
                imp.avatar.set_text(Some(&speaker.label));
                name = Some(speaker.label.to_string());
                note = is_cut.then(|| gettext("The line was too long; this is its beginning."));
                imp.state.set_visible(false);
            }
            Content::Ours { to, delivery, .. } => {
                name = to.as_ref().map(|to| only_to(to));
                note = doubt(delivery);
                can_discard = *delivery == Delivery::PerhapsNotReceived;
                can_retry = can_discard || delivery.can_retry();
                self.show_state(delivery);
            }
            Content::Event { .. } => {}
        }
        imp.name.set_visible(name.is_some() && !continues);
        imp.name.set_label(&name.unwrap_or_default());
        if is_cut && imp.is_whole.get() && note.is_none() {
            note = Some(gettext(
                "This is its beginning. Copy or export it to see all of it.",
            ));
        }
        imp.note.set_visible(note.is_some());
        imp.note.set_label(&note.unwrap_or_default());
        let has_choices = can_retry || imp.more.is_visible();
        if !has_choices && focus::contains(&*imp.choices) {
            self.focus_whole();
        }
        imp.retry.set_visible(can_retry);
        imp.discard.set_visible(can_discard);
        imp.choices.set_visible(has_choices);
    }

    fn show_state(&self, delivery: &Delivery) {
        let imp = self.imp();
        imp.state.set_visible(true);
        imp.state.set_icon_name(Some(icon(delivery)));
        let words = state(delivery);
        imp.state.set_tooltip_text(Some(&words));
        accessible::set_label(&*imp.state, &words);
        self.set_class("discarded", *delivery == Delivery::Discarded);
        self.set_class(
            "doubtful",
            matches!(
                delivery,
                Delivery::PerhapsNotReceived | Delivery::Refused { .. } | Delivery::Partly { .. }
            ),
        );
    }

    /// Shows a text with its links, and returns whether something of it is left out.
    fn show_text(&self, label: &gtk::Label, full: &str) -> bool {
        let imp = self.imp();
        let shape = text::shape(full, imp.is_whole.get());
        let links = text::with_links(&shape.text);
        imp.has_links.set(links.is_some());
        match links {
            Some(markup) => label.set_markup(&markup),
            None => label.set_text(&shape.text),
        }
        label.set_wrap_mode(if text::is_wrapped_by_word(&shape.text) {
            pango::WrapMode::WordChar
        } else {
            pango::WrapMode::Char
        });
        label.set_width_chars(narrowing::least_width(&shape.text));
        let marks = pango::AttrList::new();
        // Nothing is shown that was not said.
        marks.insert(pango::AttrInt::new_insert_hyphens(false));
        if let Some(words) = imp.found.borrow().as_deref() {
            for range in super::find::places(&shape.text, words) {
                let mut colour = pango::AttrColor::new_background(0xffff, 0xe6e6, 0x6060);
                colour.set_start_index(u32::try_from(range.start).unwrap_or(u32::MAX));
                colour.set_end_index(u32::try_from(range.end).unwrap_or(u32::MAX));
                marks.insert(colour);
                let mut ink = pango::AttrColor::new_foreground(0, 0, 0);
                ink.set_start_index(u32::try_from(range.start).unwrap_or(u32::MAX));
                ink.set_end_index(u32::try_from(range.end).unwrap_or(u32::MAX));
                marks.insert(ink);
            }
        }
        label.set_attributes(Some(&marks));
        shape.is_cut
    }

    /// Names the list's row, which is what a screen reader stops at.
    fn name_row(&self, words: &str) {
        accessible::set_label_of_row(self, words);
    }

    fn set_class(&self, class: &str, on: bool) {
        if on {
            self.add_css_class(class);
        } else {
            self.remove_css_class(class);
        }
    }
}
