//! The page of a conversation: what was said, what its state is, and what is written.

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::glib;
use hallway_core::trust::Pin;
use hallway_core::wire::Fingerprint;
use hallway_widgets::conversation::ConversationView;
use hallway_widgets::focus::{self, Region};
use hallway_widgets::{Bar, Composer, accessible};

use super::blocked::Blocked;
use super::people_list::PeopleList;

/// How what is said travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lock {
    /// As plain text.
    Open,
    /// Encrypted.
    Closed,
    /// Encrypted, and the six digits were the same.
    Verified,
}

/// The style of a header bar that goes on in the line below it.
const ABOVE_STATE_LINE: &str = "above-state-line";

mod imp {
    use std::cell::{Cell, RefCell};

    use adw::prelude::*;
    use adw::subclass::prelude::*;
    use gtk::glib;

    use super::{ABOVE_STATE_LINE, Bar, Blocked, Composer, ConversationView, PeopleList, focus};

    #[derive(Default, gtk::CompositeTemplate, glib::Properties)]
    #[template(file = "talk_page.ui")]
    #[properties(wrapper_type = super::TalkPage)]
    pub struct TalkPage {
        #[template_child]
        pub(super) header: TemplateChild<adw::HeaderBar>,
        #[template_child]
        pub(super) title: TemplateChild<adw::WindowTitle>,
        #[template_child]
        pub(super) state_line: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) lock: TemplateChild<gtk::MenuButton>,
        #[template_child]
        pub(super) lock_text: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) people: TemplateChild<PeopleList>,
        #[template_child]
        pub(super) bar: TemplateChild<Bar>,
        #[template_child]
        pub(super) note: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) blocked: TemplateChild<Blocked>,
        #[template_child]
        pub(super) typing: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) conversation: TemplateChild<ConversationView>,
        #[template_child]
        pub(super) problem: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) composer: TemplateChild<Composer>,

        /// Whether the page has the window to itself: then the state stands in a line of its own.
        #[property(get, set = Self::set_folded, explicit_notify)]
        folded: Cell<bool>,
        pub(super) state: RefCell<String>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for TalkPage {
        const NAME: &'static str = "HallwayTalkPage";
        type Type = super::TalkPage;
        type ParentType = gtk::Box;

        fn class_init(klass: &mut Self::Class) {
            Bar::ensure_type();
            Blocked::ensure_type();
            PeopleList::ensure_type();
            Composer::ensure_type();
            ConversationView::ensure_type();
            klass.bind_template();
        }

        fn instance_init(obj: &glib::subclass::InitializingObject<Self>) {
            obj.init_template();
        }
    }

    #[glib::derived_properties]
    impl ObjectImpl for TalkPage {
        fn constructed(&self) {
            self.parent_constructed();
            let composer = self.composer.downgrade();
            self.conversation
                .connect_search_mode_notify(move |conversation| {
                    if let Some(composer) = composer.upgrade()
                        && !conversation.search_mode()
                    {
                        composer.grab();
                    }
                });
            self.conversation.set_composer(&self.composer);
            let composer = self.composer.downgrade();
            focus::connect_lost(&*self.bar, None, move || {
                if let Some(composer) = composer.upgrade() {
                    composer.grab();
                }
            });
        }
    }

    impl WidgetImpl for TalkPage {}
    impl BoxImpl for TalkPage {}

    impl TalkPage {
        fn set_folded(&self, folded: bool) {
            if folded == self.folded.replace(folded) {
                return;
            }
            if folded {
                self.header.add_css_class(ABOVE_STATE_LINE);
            } else {
                self.header.remove_css_class(ABOVE_STATE_LINE);
            }
            self.people.set_narrow(folded);
            self.show_state();
            self.obj().notify_folded();
        }

        pub(super) fn show_state(&self) {
            let state = self.state.borrow();
            let subtitle = if self.folded.get() { "" } else { &**state };
            self.title.set_subtitle(subtitle);
            self.state_line.set_text(&state);
        }
    }
}

glib::wrapper! {
    /// What is said with one server, below its name and state and above what is being written.
    pub struct TalkPage(ObjectSubclass<imp::TalkPage>)
        @extends gtk::Box, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget, gtk::Orientable;
}

impl Default for TalkPage {
    fn default() -> Self {
        glib::Object::new()
    }
}

impl TalkPage {
    pub(super) fn conversation(&self) -> &ConversationView {
        &self.imp().conversation
    }

    pub(super) fn composer(&self) -> &Composer {
        &self.imp().composer
    }

    /// Where it is told what the person can do about the connection.
    pub(super) fn bar(&self) -> &Bar {
        &self.imp().bar
    }

    /// Shows whom the conversation is with, and its state in words.
    pub(super) fn set_head(&self, server: &str, state: String) {
        let imp = self.imp();
        imp.title.set_title(server);
        imp.state.replace(state);
        imp.show_state();
    }

    /// Who else is there.
    pub(super) fn people(&self) -> &PeopleList {
        &self.imp().people
    }

    /// Shows whether what is said is encrypted: in a few words, and in full for who asks.
    pub(super) fn set_lock(&self, lock: Lock, words: &str, text: &str) {
        let imp = self.imp();
        imp.lock.set_icon_name(match lock {
            Lock::Open => "channel-insecure-symbolic",
            Lock::Closed => "channel-secure-symbolic",
            Lock::Verified => "security-high-symbolic",
        });
        imp.lock.set_tooltip_text(Some(words));
        accessible::set_label(&*imp.lock, words);
        imp.lock_text.set_text(text);
    }

    /// What the person should bear in mind; nothing where it is empty.
    pub(super) fn set_note(&self, note: &str) {
        let label = &*self.imp().note;
        label.set_text(note);
        label.set_visible(!note.is_empty());
    }

    /// Who is writing; nobody where it is empty.
    pub(super) fn set_typing(&self, words: &str) {
        let label = &*self.imp().typing;
        label.set_text(words);
        label.set_visible(!words.is_empty());
    }

    /// Shows that another server is there in the place of the conversation, or not any more.
    pub(super) fn set_blocked(&self, of: Option<(&Pin, &Fingerprint)>) {
        let imp = self.imp();
        if let Some((before, here)) = of {
            imp.blocked.explain(before, here);
        }
        let was_blocked = imp.blocked.is_visible();
        imp.blocked.set_visible(of.is_some());
        imp.conversation.set_visible(of.is_none());
        imp.composer.set_visible(of.is_none());
        if of.is_some() && !was_blocked {
            imp.blocked.child_focus(gtk::DirectionType::TabForward);
        }
    }

    /// Says why what was written is not sent.
    pub(super) fn show_problem(&self, sentence: &str) {
        let problem = &*self.imp().problem;
        problem.set_text(sentence);
        problem.set_visible(true);
        accessible::announce(problem, sentence);
    }

    pub(super) fn hide_problem(&self) {
        self.imp().problem.set_visible(false);
    }

    /// The parts of the page, in the order in which they are read.
    pub(super) fn regions(&self) -> [Region; 5] {
        let imp = self.imp();
        let conversation = imp.conversation.downgrade();
        [
            Region::new(&*imp.header),
            Region::new(&*imp.bar),
            Region::new(&*imp.blocked),
            Region::entered_by(&*imp.conversation, move || {
                let conversation = conversation.upgrade();
                conversation.is_some_and(|conversation| conversation.focus_lines())
            }),
            Region::new(&*imp.composer),
        ]
    }
}
