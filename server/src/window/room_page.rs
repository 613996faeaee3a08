//! The page while listening: who is here, what was said, and what the host says.

mod bars;
mod described;

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::{CompositeTemplate, TemplateChild};
use hallway_core::net::addresses::Watcher;
use hallway_widgets::conversation::{ConversationView, LineId};
use hallway_widgets::focus::{self, Region};
use hallway_widgets::{Bar, Composer};
use hallway_words::gettext_f;

use super::meeting::Meeting;
use super::reach_button::{ReachButton, Told};
use super::row::Row;
use super::sidebar::Sidebar;
use super::talk::Talk;

/// The pages of the leaflet.
const PEOPLE: &str = "people";
const CONVERSATION: &str = "conversation";

mod imp {
    use super::{
        Bar, Composer, CompositeTemplate, ConversationView, OnceCell, Rc, ReachButton, RefCell,
        Row, Sidebar, Talk, TemplateChild,
    };
    use adw::subclass::prelude::*;
    use glib::subclass::InitializingObject;
    use gtk::prelude::*;

    #[derive(Default, CompositeTemplate)]
    #[template(file = "room_page.ui")]
    pub struct RoomPage {
        #[template_child]
        pub(super) leaflet: TemplateChild<adw::Leaflet>,
        #[template_child]
        pub(super) people_header: TemplateChild<adw::HeaderBar>,
        #[template_child]
        pub(super) reach: TemplateChild<ReachButton>,
        #[template_child]
        pub(super) stop_stack: TemplateChild<gtk::Stack>,
        #[template_child]
        pub(super) stopping: TemplateChild<gtk::Spinner>,
        #[template_child]
        pub(super) people_menu_button: TemplateChild<gtk::MenuButton>,
        /// The same as the other bar, where only one side is seen.
        #[template_child]
        pub(super) people_bar: TemplateChild<Bar>,
        #[template_child]
        pub(super) bar: TemplateChild<Bar>,
        #[template_child]
        pub(super) sidebar: TemplateChild<Sidebar>,
        #[template_child]
        pub(super) header: TemplateChild<adw::HeaderBar>,
        #[template_child]
        pub(super) title: TemplateChild<adw::WindowTitle>,
        #[template_child]
        pub(super) menu_button: TemplateChild<gtk::MenuButton>,
        #[template_child]
        pub(super) person_menu_button: TemplateChild<gtk::MenuButton>,
        #[template_child]
        pub(super) search: TemplateChild<gtk::ToggleButton>,
        #[template_child]
        pub(super) conversation: TemplateChild<ConversationView>,
        #[template_child]
        pub(super) composer: TemplateChild<Composer>,
        pub(super) talk: OnceCell<Rc<Talk>>,
        /// Told when another conversation is shown, or none.
        pub(super) turned: RefCell<Option<Rc<dyn Fn()>>>,
        /// What is shown, and what tells of its changes.
        pub(super) shown: RefCell<Option<(Row, glib::SignalHandlerId)>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for RoomPage {
        const NAME: &'static str = "HallwayServerRoomPage";
        type Type = super::RoomPage;
        type ParentType = adw::Bin;

        fn class_init(klass: &mut Self::Class) {
            ReachButton::ensure_type();
            Sidebar::ensure_type();
            klass.bind_template();
            klass.bind_template_instance_callbacks();
        }

        fn instance_init(object: &InitializingObject<Self>) {
            object.init_template();
        }
    }

    impl ObjectImpl for RoomPage {
        fn dispose(&self) {
            if let Some((row, handler)) = self.shown.take() {
                row.disconnect(handler);
            }
        }
    }

    impl WidgetImpl for RoomPage {}
    impl BinImpl for RoomPage {}
}

glib::wrapper! {
    /// The room: people on one side, the chosen conversation on the other.
    pub struct RoomPage(ObjectSubclass<imp::RoomPage>)
        @extends adw::Bin, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl Default for RoomPage {
    fn default() -> Self {
        glib::Object::new()
    }
}

#[gtk::template_callbacks]
impl RoomPage {
    /// Shows a conversation from now on; once only.
    pub(crate) fn set_up(&self, talk: &Rc<Talk>) {
        let imp = self.imp();
        imp.talk.get_or_init(|| Rc::clone(talk));
        let weak = self.downgrade();
        imp.reach.connect_changed(move |_| {
            if let Some(page) = weak.upgrade() {
                page.show_help();
            }
        });
        let weak = self.downgrade();
        imp.sidebar.connect_selected(move |_, row| {
            if let Some(page) = weak.upgrade() {
                page.show_row(row);
            }
        });
        let weak = self.downgrade();
        imp.sidebar.connect_chosen(move |_, _| {
            if let Some(page) = weak.upgrade() {
                page.go_on();
            }
        });
        let weak = self.downgrade();
        talk.everyone().connect_changed(move |everyone| {
            if let Some(page) = weak.upgrade() {
                page.on_people_changed(everyone.people());
            }
        });
        let weak = self.downgrade();
        imp.leaflet.connect_folded_notify(move |leaflet| {
            if let Some(page) = weak.upgrade() {
                page.imp().reach.set_narrow(leaflet.is_folded());
                page.describe();
                page.tell_turned();
            }
        });
        let weak = self.downgrade();
        imp.leaflet.connect_visible_child_notify(move |_| {
            if let Some(page) = weak.upgrade() {
                page.tell_turned();
            }
        });
        let weak = self.downgrade();
        imp.conversation
            .connect_search_mode_notify(move |conversation| {
                if let Some(page) = weak.upgrade().filter(|_| !conversation.search_mode()) {
                    page.imp().composer.grab();
                }
            });
        imp.conversation.set_composer(&imp.composer);
        imp.sidebar.set_people(talk.people());
        self.set_told(Told::Closed);
    }

    /// Follows this computer's addresses from now on; once only.
    pub(crate) fn look_around(&self, watcher: &Watcher) {
        self.imp().reach.set_watcher(watcher);
    }

    /// The row whose conversation is shown.
    pub(crate) fn shown(&self) -> Option<Row> {
        let shown = self.imp().shown.borrow();
        shown.as_ref().map(|(row, _)| row.clone())
    }

    pub(crate) fn composer(&self) -> &Composer {
        &self.imp().composer
    }

    pub(crate) fn sidebar(&self) -> &Sidebar {
        &self.imp().sidebar
    }

    /// Shows whether the room is open.
    pub(crate) fn set_told(&self, told: Told) {
        let imp = self.imp();
        let button = match told {
            Told::Open(_) => "stop",
            Told::Closing => "stopping",
            Told::Closed => "back",
        };
        imp.stop_stack.set_visible_child_name(button);
        // One that spins where nobody sees it has the whole window painted all the time.
        imp.stopping.set_spinning(matches!(told, Told::Closing));
        imp.reach.set_told(told);
        imp.sidebar
            .set_help_visible(self.is_open() && self.people() == 0);
        self.describe();
    }

    /// Keeps what is being written with the row it is for.
    pub(crate) fn save_draft(&self) {
        if let Some(row) = self.shown() {
            row.set_draft(self.imp().composer.text());
        }
    }

    /// Goes to the conversation of a row, ready to write.
    pub(crate) fn open(&self, row: &Row) {
        self.imp().sidebar.select(row);
        self.go_on();
    }

    /// Puts the focus where the person goes on.
    pub(crate) fn go_on(&self) {
        let imp = self.imp();
        imp.leaflet.set_visible_child_name(CONVERSATION);
        if imp.composer.can_send() {
            imp.composer.grab();
        } else if !focus::contains(self) {
            imp.conversation.focus_newest();
        }
    }

    /// Turns the search bar on.
    pub(crate) fn find(&self) {
        self.imp().leaflet.set_visible_child_name(CONVERSATION);
        self.imp().search.set_active(true);
    }

    /// Looks for these words where the conversation is; goes to a line that has them.
    pub(crate) fn find_words(&self, words: &str, line: Option<LineId>) {
        let imp = self.imp();
        imp.leaflet.set_visible_child_name(CONVERSATION);
        imp.conversation.find(words, line);
    }

    /// Where others join best, while they can.
    pub(crate) fn place(&self) -> Option<String> {
        let meetings = self.imp().reach.meetings();
        meetings.first().map(Meeting::shown)
    }

    /// Goes to what was said last.
    pub(crate) fn show_newest(&self) {
        let imp = self.imp();
        imp.leaflet.set_visible_child_name(CONVERSATION);
        imp.conversation.focus_newest();
    }

    /// The parts of the page, in the order in which they are read.
    pub(crate) fn regions(&self) -> [Region; 6] {
        let imp = self.imp();
        let (sidebar, conversation) = (imp.sidebar.downgrade(), imp.conversation.downgrade());
        [
            Region::new(&*imp.people_header),
            Region::entered_by(&*imp.sidebar, move || {
                sidebar.upgrade().is_some_and(|sidebar| sidebar.grab())
            }),
            Region::new(&*imp.header),
            Region::new(&*imp.bar),
            Region::entered_by(&*imp.conversation, move || {
                let conversation = conversation.upgrade();
                conversation.is_some_and(|conversation| conversation.focus_lines())
            }),
            Region::new(&*imp.composer),
        ]
    }

    /// Opens the menu that can be seen.
    pub(crate) fn open_menu(&self) {
        let imp = self.imp();
        let folded = imp.leaflet.is_folded();
        let at_people = imp.leaflet.visible_child_name().as_deref() == Some(PEOPLE);
        if folded && !at_people {
            imp.leaflet.set_visible_child_name(PEOPLE);
        }
        let button = if folded {
            &imp.people_menu_button
        } else {
            &imp.menu_button
        };
        focus::open_menu(button);
    }

    #[template_callback]
    fn on_back(&self) {
        self.imp().leaflet.set_visible_child_name(PEOPLE);
        self.imp().sidebar.grab();
    }

    fn is_open(&self) -> bool {
        !self.imp().reach.meetings().is_empty()
    }

    fn people(&self) -> usize {
        let talk = self.imp().talk.get();
        talk.map_or(0, |talk| talk.everyone().people())
    }

    fn show_row(&self, row: &Row) {
        let imp = self.imp();
        self.save_draft();
        if let Some((row, handler)) = imp.shown.take() {
            row.disconnect(handler);
        }
        imp.composer.set_text(&row.draft());
        let weak = self.downgrade();
        let handler = row.connect_changed(move |_| {
            if let Some(page) = weak.upgrade() {
                page.describe();
            }
        });
        imp.shown.replace(Some((row.clone(), handler)));
        imp.conversation.set_view(Some(row.view()));
        self.describe();
        self.tell_turned();
    }

    /// Whether the page shows a conversation, and not the people alone.
    pub(crate) fn is_conversation_shown(&self) -> bool {
        let leaflet = &self.imp().leaflet;
        !leaflet.is_folded() || leaflet.visible_child_name().as_deref() == Some(CONVERSATION)
    }

    /// Calls `then` when another conversation is shown, or none. There is one listener.
    pub(crate) fn connect_turned(&self, then: impl Fn() + 'static) {
        self.imp().turned.replace(Some(Rc::new(then)));
    }

    fn tell_turned(&self) {
        let turned = self.imp().turned.borrow().clone();
        if let Some(turned) = turned {
            turned();
        }
    }

    fn on_people_changed(&self, people: usize) {
        let help = self.is_open() && people == 0;
        self.imp().sidebar.set_help_visible(help);
    }

    /// Tells how others join.
    fn show_help(&self) {
        let imp = self.imp();
        let meetings = imp.reach.meetings();
        if let Some(best) = meetings.first() {
            let sentence = gettext_f(
                "Others can join at {place} with Hallway, or from a terminal with:",
                &[("place", &best.shown())],
            );
            imp.sidebar.set_help(&sentence, Some(&best.command()));
        }
    }
}
