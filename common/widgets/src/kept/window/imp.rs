//! What the window is made of.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use glib::BoxedAnyObject;
use gtk::{gdk, glib};

use crate::focus;
use crate::kept::lines::KeptLines;
use crate::kept::source::{Conversation, Source};

/// Actions, and the keys that are not those of other windows.
const BACK: &str = "kept.back";
const SEARCH: &str = "kept.search";
pub(super) const EXPORT_TEXT: &str = "kept.export-text";
pub(super) const EXPORT_JSON: &str = "kept.export-json";
pub(super) const DELETE: &str = "kept.delete";

#[derive(gtk::CompositeTemplate)]
#[template(file = "../window.ui")]
pub struct KeptWindow {
    #[template_child]
    pub(super) toasts: TemplateChild<adw::ToastOverlay>,
    #[template_child]
    pub(super) leaflet: TemplateChild<adw::Leaflet>,
    #[template_child]
    pub(super) sidebar: TemplateChild<gtk::Box>,
    #[template_child]
    sidebar_header: TemplateChild<adw::HeaderBar>,
    #[template_child]
    pub(super) search: TemplateChild<gtk::SearchEntry>,
    #[template_child]
    pub(super) lists: TemplateChild<gtk::Stack>,
    #[template_child]
    pub(super) conversations: TemplateChild<gtk::ListView>,
    #[template_child]
    pub(super) found: TemplateChild<gtk::ListView>,
    #[template_child]
    pub(super) message: TemplateChild<adw::StatusPage>,
    #[template_child]
    pub(super) content: TemplateChild<gtk::Box>,
    #[template_child]
    content_header: TemplateChild<adw::HeaderBar>,
    #[template_child]
    pub(super) title: TemplateChild<adw::WindowTitle>,
    #[template_child]
    pub(super) menu: TemplateChild<gtk::MenuButton>,
    #[template_child]
    pub(super) pages: TemplateChild<gtk::Stack>,
    #[template_child]
    pub(super) nothing: TemplateChild<adw::StatusPage>,
    #[template_child]
    pub(super) lines: TemplateChild<KeptLines>,

    pub(super) source: RefCell<Option<Source>>,
    /// All conversations, and lines that were found.
    pub(super) all: gio::ListStore,
    pub(super) results: gio::ListStore,
    /// The conversation that is shown.
    pub(super) shown: RefCell<Option<Rc<Conversation>>>,
    /// What is being looked for.
    pub(super) finding: RefCell<Option<glib::JoinHandle<()>>>,
    /// There are older ones than were found.
    pub(super) has_older: Cell<bool>,
    /// Goes to the first one as soon as one is found.
    pub(super) is_hurried: Cell<bool>,
}

impl Default for KeptWindow {
    fn default() -> Self {
        Self {
            toasts: TemplateChild::default(),
            leaflet: TemplateChild::default(),
            sidebar: TemplateChild::default(),
            sidebar_header: TemplateChild::default(),
            search: TemplateChild::default(),
            lists: TemplateChild::default(),
            conversations: TemplateChild::default(),
            found: TemplateChild::default(),
            message: TemplateChild::default(),
            content: TemplateChild::default(),
            content_header: TemplateChild::default(),
            title: TemplateChild::default(),
            menu: TemplateChild::default(),
            pages: TemplateChild::default(),
            nothing: TemplateChild::default(),
            lines: TemplateChild::default(),
            source: RefCell::default(),
            all: gio::ListStore::new::<BoxedAnyObject>(),
            results: gio::ListStore::new::<BoxedAnyObject>(),
            shown: RefCell::default(),
            finding: RefCell::default(),
            has_older: Cell::default(),
            is_hurried: Cell::default(),
        }
    }
}

#[glib::object_subclass]
impl ObjectSubclass for KeptWindow {
    const NAME: &'static str = "HallwayKeptWindow";
    type Type = super::KeptWindow;
    type ParentType = adw::Window;

    fn class_init(klass: &mut Self::Class) {
        KeptLines::ensure_type();
        klass.bind_template();
        klass.bind_template_instance_callbacks();
        klass.install_action(BACK, None, |window, _, _| window.go_back());
        klass.install_action(SEARCH, None, |window, _, _| window.search());
        klass.install_action(EXPORT_TEXT, None, |window, _, _| window.export_text());
        klass.install_action(EXPORT_JSON, None, |window, _, _| window.export_json());
        klass.install_action(DELETE, None, |window, _, _| window.delete());
        klass.add_binding_action(gdk::Key::Left, gdk::ModifierType::ALT_MASK, BACK);
        klass.add_binding_action(gdk::Key::f, gdk::ModifierType::CONTROL_MASK, SEARCH);
        for (key, state) in [
            (gdk::Key::Escape, gdk::ModifierType::empty()),
            (gdk::Key::w, gdk::ModifierType::CONTROL_MASK),
        ] {
            klass.add_binding_action(key, state, "window.close");
        }
    }

    fn instance_init(obj: &glib::subclass::InitializingObject<Self>) {
        obj.init_template();
    }
}

impl ObjectImpl for KeptWindow {
    fn constructed(&self) {
        self.parent_constructed();
        self.obj().set_up();
    }

    fn dispose(&self) {
        if let Some(finding) = self.finding.take() {
            finding.abort();
        }
    }
}

impl WidgetImpl for KeptWindow {
    /// Each list is one stop of Tab. In lists of GTK before 4.12 it would go from row to row.
    fn focus(&self, direction: gtk::DirectionType) -> bool {
        let header: &gtk::Widget = self.content_header.upcast_ref();
        if focus::contains(header) && header.child_focus(direction) {
            return true;
        }
        let stops: [&gtk::Widget; 5] = [
            self.sidebar_header.upcast_ref(),
            self.search.upcast_ref(),
            self.lists.upcast_ref(),
            header,
            self.pages.upcast_ref(),
        ];
        match focus::tab_through(&stops, direction) {
            Some(true) => true,
            // Around the ends.
            Some(false) => {
                let enter = |stop: &&gtk::Widget| stop.is_mapped() && stop.child_focus(direction);
                if direction == gtk::DirectionType::TabForward {
                    stops.iter().any(enter)
                } else {
                    stops.iter().rev().any(enter)
                }
            }
            None => self.parent_focus(direction),
        }
    }
}

impl WindowImpl for KeptWindow {}
impl AdwWindowImpl for KeptWindow {}
