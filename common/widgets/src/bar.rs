//! One sentence about the window's state, with what to do about it.

mod layout;

use adw::{prelude::*, subclass::prelude::*};

use crate::{accessible, focus};

/// How grave the sentence is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Something goes on, or is good to know.
    #[default]
    Info,
    /// Something went wrong.
    Failure,
}

impl Tone {
    fn icon_name(self) -> &'static str {
        match self {
            Self::Info => "help-about-symbolic",
            Self::Failure => "dialog-warning-symbolic",
        }
    }

    fn css_class(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Failure => "failure",
        }
    }
}

mod imp {
    use adw::{prelude::*, subclass::prelude::*};

    use super::layout::Layout;

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(file = "bar.ui")]
    pub struct Bar {
        #[template_child]
        pub(super) revealer: TemplateChild<gtk::Revealer>,
        #[template_child]
        pub(super) content: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) icon: TemplateChild<gtk::Image>,
        #[template_child]
        pub(super) label: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) buttons: TemplateChild<gtk::Box>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Bar {
        const NAME: &'static str = "HallwayBar";
        type Type = super::Bar;
        type ParentType = adw::Bin;

        fn class_init(klass: &mut Self::Class) {
            Layout::ensure_type();
            klass.set_accessible_role(gtk::AccessibleRole::Alert);
            klass.bind_template();
        }

        fn instance_init(obj: &glib::subclass::InitializingObject<Self>) {
            obj.init_template();
        }
    }

    impl ObjectImpl for Bar {
        fn constructed(&self) {
            self.parent_constructed();
            // Out of sight means out of the way of the keyboard and of screen readers too.
            self.revealer.connect_child_revealed_notify(|revealer| {
                let is_shown = revealer.reveals_child() || revealer.is_child_revealed();
                if let Some(bar) = revealer.parent() {
                    bar.set_visible(is_shown);
                }
            });
        }
    }

    impl WidgetImpl for Bar {}
    impl BinImpl for Bar {}
}

glib::wrapper! {
    /// A banner below a header bar: an icon, a sentence, up to two buttons. Where the window is
    /// narrow the buttons stand under the sentence.
    pub struct Bar(ObjectSubclass<imp::Bar>)
        @extends adw::Bin, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl Bar {
    /// A bar that is hidden.
    pub fn new() -> Self {
        glib::Object::new()
    }

    /// Slides in with `sentence`, which is plain text, and with `buttons`: their labels and the
    /// (detailed) names of their actions. A screen reader says the sentence.
    pub fn show(&self, tone: Tone, sentence: &str, buttons: &[(&str, &str)]) {
        let imp = self.imp();
        for other in [Tone::Info, Tone::Failure] {
            imp.content.remove_css_class(other.css_class());
        }
        imp.content.add_css_class(tone.css_class());
        imp.icon.set_icon_name(Some(tone.icon_name()));
        self.set_sentence(sentence);
        self.set_buttons(buttons);
        WidgetExt::set_visible(self, true);
        imp.revealer.set_reveal_child(true);
        accessible::announce(self, sentence);
    }

    /// Changes the sentence and nothing else, as when seconds are counted. Nothing is said aloud.
    pub fn set_sentence(&self, sentence: &str) {
        self.imp().label.set_text(sentence);
        accessible::set_label(self, sentence);
    }

    /// Slides away.
    pub fn hide_bar(&self) {
        // What slides away cannot be used any more; see `focus::connect_lost`.
        if focus::contains(self)
            && let Some(root) = self.root()
        {
            root.set_focus(gtk::Widget::NONE);
        }
        self.imp().revealer.set_reveal_child(false);
    }

    fn set_buttons(&self, buttons: &[(&str, &str)]) {
        let holder = &self.imp().buttons;
        let had_focus = focus::contains(self);
        while let Some(child) = holder.first_child() {
            holder.remove(&child);
        }
        for (label, action) in buttons {
            // The label of a button with a mnemonic is read out with its underscore, twice.
            let text = gtk::Label::with_mnemonic(label);
            let button = gtk::Button::builder()
                .child(&text)
                .css_classes(["text-button"])
                .build();
            accessible::set_label(&button, &text.text());
            button.set_detailed_action_name(action);
            holder.append(&button);
        }
        holder.set_visible(!buttons.is_empty());
        if had_focus {
            holder.child_focus(gtk::DirectionType::TabForward);
        }
    }
}

impl Default for Bar {
    fn default() -> Self {
        Self::new()
    }
}
