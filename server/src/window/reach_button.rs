//! The title of the sidebar: where others can reach the room, to copy.

use std::cell::{Cell, OnceCell, RefCell};
use std::net::SocketAddr;
use std::sync::OnceLock;

use adw::prelude::*;
use adw::subclass::prelude::*;
use glib::subclass::Signal;
use gtk::{CompositeTemplate, TemplateChild};
use hallway_core::net::addresses::Watcher;
use hallway_widgets::accessible;
use hallway_words::{gettext, gettext_f};

use super::copying;
use super::meeting::{Meeting, meetings};

const CHANGED: &str = "changed";

/// What the button tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Told {
    /// The room is closed.
    #[default]
    Closed,
    /// The room is open here.
    Open(SocketAddr),
    /// The room is being closed.
    Closing,
}

mod imp {
    use super::{
        CHANGED, Cell, CompositeTemplate, Meeting, OnceCell, OnceLock, RefCell, Signal,
        TemplateChild, Told, Watcher,
    };
    use adw::subclass::prelude::*;
    use glib::subclass::InitializingObject;
    use gtk::prelude::*;

    #[derive(Default, CompositeTemplate)]
    #[template(file = "reach_button.ui")]
    pub struct ReachButton {
        #[template_child]
        pub(super) button: TemplateChild<gtk::Button>,
        #[template_child]
        pub(super) title: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) subtitle: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) arrow: TemplateChild<gtk::Image>,
        #[template_child]
        pub(super) popover: TemplateChild<gtk::Popover>,
        #[template_child]
        pub(super) list: TemplateChild<gtk::ListBox>,
        pub(super) watcher: OnceCell<Watcher>,
        pub(super) handler: RefCell<Option<glib::SignalHandlerId>>,
        pub(super) told: Cell<Told>,
        pub(super) is_narrow: Cell<bool>,
        pub(super) meetings: RefCell<Vec<Meeting>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for ReachButton {
        const NAME: &'static str = "HallwayServerReachButton";
        type Type = super::ReachButton;
        type ParentType = adw::Bin;

        fn class_init(klass: &mut Self::Class) {
            klass.bind_template();
            klass.bind_template_instance_callbacks();
        }

        fn instance_init(object: &InitializingObject<Self>) {
            object.init_template();
        }
    }

    impl ObjectImpl for ReachButton {
        fn signals() -> &'static [Signal] {
            static SIGNALS: OnceLock<[Signal; 1]> = OnceLock::new();
            SIGNALS.get_or_init(|| [Signal::builder(CHANGED).build()])
        }

        fn constructed(&self) {
            self.parent_constructed();
            self.popover.set_parent(&*self.button);
            self.obj().show();
        }

        fn dispose(&self) {
            self.popover.unparent();
            if let (Some(watcher), Some(handler)) = (self.watcher.get(), self.handler.take()) {
                watcher.disconnect(handler);
            }
        }
    }

    impl WidgetImpl for ReachButton {}
    impl BinImpl for ReachButton {}
}

glib::wrapper! {
    /// A title that is clicked to copy an address of the room, or to choose among several.
    pub struct ReachButton(ObjectSubclass<imp::ReachButton>)
        @extends adw::Bin, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

#[gtk::template_callbacks]
impl ReachButton {
    /// Follows this computer's addresses from now on; once only.
    pub(crate) fn set_watcher(&self, watcher: &Watcher) {
        let imp = self.imp();
        let weak = self.downgrade();
        let handler = watcher.connect_changed(move |_| {
            if let Some(button) = weak.upgrade() {
                button.show();
            }
        });
        imp.handler.replace(Some(handler));
        imp.watcher.get_or_init(|| watcher.clone());
        if matches!(imp.told.get(), Told::Open(_)) {
            self.show();
        }
    }

    pub(crate) fn set_told(&self, told: Told) {
        self.imp().told.set(told);
        self.show();
    }

    /// Says it in fewer letters where there is little room.
    pub(crate) fn set_narrow(&self, is_narrow: bool) {
        if self.imp().is_narrow.replace(is_narrow) != is_narrow {
            self.show();
        }
    }

    /// Where the room can be reached, the best first.
    pub(crate) fn meetings(&self) -> Vec<Meeting> {
        self.imp().meetings.borrow().clone()
    }

    fn show(&self) {
        let imp = self.imp();
        let told = imp.told.get();
        let interfaces = imp.watcher.get().map(Watcher::interfaces);
        let meetings = match told {
            Told::Open(bound) => meetings(&interfaces.unwrap_or_default(), bound),
            Told::Closed | Told::Closing => Vec::new(),
        };
        let title = match told {
            Told::Open(_) => gettext("Listening"),
            Told::Closing => gettext("Stopping…"),
            Told::Closed => gettext("Not Listening"),
        };
        imp.title.set_label(&title);
        let best = meetings.first();
        let place = best.map(Meeting::shown).unwrap_or_default();
        let short = best.filter(|_| imp.is_narrow.get());
        imp.subtitle.set_visible(best.is_some());
        imp.subtitle
            .set_label(short.map_or(&place, |best| &best.copied));
        let purpose = match meetings.len() {
            0 => None,
            1 => Some(gettext("Copy Address")),
            _ => Some(gettext("Show Addresses")),
        };
        // Over the popover a tooltip would only be in the way.
        let tooltip = purpose.as_deref().filter(|_| meetings.len() == 1);
        imp.button.set_tooltip_text(tooltip);
        imp.button.set_can_target(!meetings.is_empty());
        imp.button.set_focusable(!meetings.is_empty());
        imp.arrow.set_visible(meetings.len() > 1);
        self.name_for_screen_readers(&title, &place, purpose.as_deref());
        self.list_meetings(&meetings);
        imp.meetings.replace(meetings);
        self.emit_changed();
    }

    fn name_for_screen_readers(&self, title: &str, place: &str, purpose: Option<&str>) {
        let button = &*self.imp().button;
        let name = if place.is_empty() {
            title.to_owned()
        } else {
            gettext_f(
                // Translators: for screen readers: “Listening: 192.168.1.20, port 4255”
                "{title}: {place}",
                &[("title", title), ("place", place)],
            )
        };
        accessible::set_label(button, &name);
        accessible::set_description(button, purpose.unwrap_or_default());
    }

    fn list_meetings(&self, meetings: &[Meeting]) {
        let list = &*self.imp().list;
        while let Some(row) = list.row_at_index(0) {
            list.remove(&row);
        }
        for meeting in meetings {
            list.append(&self.row(meeting));
        }
        if meetings.len() < 2 {
            self.imp().popover.popdown();
        }
    }

    fn row(&self, meeting: &Meeting) -> adw::ActionRow {
        let row = adw::ActionRow::builder()
            .use_markup(false)
            .title(meeting.shown())
            .title_lines(1)
            .subtitle(&meeting.network)
            .build();
        let copy = gtk::Button::builder()
            .icon_name("edit-copy-symbolic")
            .valign(gtk::Align::Center)
            .css_classes(["flat"])
            .build();
        let name = gettext_f("Copy {address}", &[("address", &meeting.copied)]);
        copy.set_tooltip_text(Some(&name));
        accessible::set_label(&copy, &name);
        let weak = self.downgrade();
        let meeting = meeting.clone();
        copy.connect_clicked(move |_| {
            if let Some(button) = weak.upgrade() {
                button.imp().popover.popdown();
                button.copy(&meeting);
            }
        });
        row.add_suffix(&copy);
        row.set_activatable_widget(Some(&copy));
        row
    }

    fn copy(&self, meeting: &Meeting) {
        let text = &meeting.copied;
        let sentence = gettext_f("{address} copied", &[("address", text)]);
        copying::copy(self, text, &sentence);
    }

    #[template_callback]
    fn on_clicked(&self) {
        let meetings = self.meetings();
        match &meetings[..] {
            [] => {}
            [only] => self.copy(only),
            _ => self.imp().popover.popup(),
        }
    }

    /// Calls `then` when where the room can be reached has changed.
    pub(crate) fn connect_changed(&self, then: impl Fn(&Self) + 'static) -> glib::SignalHandlerId {
        self.connect_closure(
            CHANGED,
            false,
            glib::closure_local!(move |this: &Self| then(this)),
        )
    }

    fn emit_changed(&self) {
        self.emit_by_name::<()>(CHANGED, &[]);
    }
}
