//! The window in which the help is read.

use std::cell::{Cell, RefCell};

use adw::prelude::*;
use adw::subclass::prelude::*;
use glib::subclass::InitializingObject;
use gtk::{CompositeTemplate, TemplateChild, gdk, glib};
use hallway_words::gettext;

use super::{library, page};
use crate::{accessible, focus};

/// Goes back to the page before, or to the list of pages.
const BACK: &str = "help.back";

/// Above and below a title in the list, in pixels: some are two lines long.
const ROW_MARGIN: i32 = 8;

/// What may be opened in other programs.
const WEB: [&str; 2] = ["https://", "http://"];

mod imp {
    use super::{
        BACK, Cell, CompositeTemplate, InitializingObject, RefCell, TemplateChild, focus, gdk, glib,
    };
    use adw::prelude::*;
    use adw::subclass::prelude::*;

    #[derive(Default, CompositeTemplate)]
    #[template(file = "window.ui")]
    pub struct HelpWindow {
        #[template_child]
        pub(super) toasts: TemplateChild<adw::ToastOverlay>,
        #[template_child]
        pub(super) leaflet: TemplateChild<adw::Leaflet>,
        #[template_child]
        pub(super) sidebar: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) sidebar_header: TemplateChild<adw::HeaderBar>,
        #[template_child]
        pub(super) list: TemplateChild<gtk::ListBox>,
        #[template_child]
        pub(super) content: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) title: TemplateChild<adw::WindowTitle>,
        #[template_child]
        pub(super) back: TemplateChild<gtk::Button>,
        #[template_child]
        pub(super) scroller: TemplateChild<gtk::ScrolledWindow>,
        #[template_child]
        pub(super) clamp: TemplateChild<adw::Clamp>,
        pub(super) language: RefCell<String>,
        /// The number of the page that is shown.
        pub(super) shown: Cell<Option<usize>>,
        /// Pages that links led away from, the latest last.
        pub(super) before: RefCell<Vec<usize>>,
        /// What tells that another window of the program has gone.
        pub(super) removed: RefCell<Option<(gtk::Application, glib::SignalHandlerId)>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for HelpWindow {
        const NAME: &'static str = "HallwayHelpWindow";
        type Type = super::HelpWindow;
        type ParentType = adw::Window;

        fn class_init(klass: &mut Self::Class) {
            klass.bind_template();
            klass.bind_template_instance_callbacks();
            klass.install_action(BACK, None, |window, _, _| window.go_back());
            klass.add_binding_action(gdk::Key::Left, gdk::ModifierType::ALT_MASK, BACK);
            for (key, state) in [
                (gdk::Key::Escape, gdk::ModifierType::empty()),
                (gdk::Key::w, gdk::ModifierType::CONTROL_MASK),
            ] {
                klass.add_binding_action(key, state, "window.close");
            }
        }

        fn instance_init(object: &InitializingObject<Self>) {
            object.init_template();
        }
    }

    impl ObjectImpl for HelpWindow {
        fn constructed(&self) {
            self.parent_constructed();
            let window = self.obj().downgrade();
            self.leaflet.connect_folded_notify(move |_| {
                if let Some(window) = window.upgrade() {
                    window.enable_back();
                }
            });
            self.obj().fill_list();
        }

        fn dispose(&self) {
            if let Some((application, handler)) = self.removed.take() {
                application.disconnect(handler);
            }
        }
    }

    impl WidgetImpl for HelpWindow {
        /// The list of pages is one stop of Tab. In lists of GTK before 4.12 it would go from row to
        /// row, and so from page to page.
        fn focus(&self, direction: gtk::DirectionType) -> bool {
            let content: &gtk::Widget = self.content.upcast_ref();
            if focus::contains(content) && content.child_focus(direction) {
                return true;
            }
            let stops = [
                self.sidebar_header.upcast_ref(),
                self.list.upcast_ref(),
                content,
            ];
            match focus::tab_through(&stops, direction) {
                Some(true) => true,
                // Around the ends.
                Some(false) => {
                    let enter =
                        |stop: &&gtk::Widget| stop.is_mapped() && stop.child_focus(direction);
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

    impl WindowImpl for HelpWindow {}
    impl AdwWindowImpl for HelpWindow {}
}

glib::wrapper! {
    /// The pages of the help: a list of them, and the chosen one.
    pub struct HelpWindow(ObjectSubclass<imp::HelpWindow>)
        @extends adw::Window, gtk::Window, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget, gtk::Native, gtk::Root,
            gtk::ShortcutManager;
}

#[gtk::template_callbacks]
impl HelpWindow {
    /// A window of `application` that does not keep it running.
    pub(super) fn new(application: &impl IsA<gtk::Application>) -> Self {
        let window: Self = glib::Object::builder()
            .property("application", application)
            .build();
        let weak = window.downgrade();
        let handler = application.connect_window_removed(move |application, _| {
            let mut others = application.windows().into_iter();
            if let Some(window) = weak.upgrade()
                && others.all(|other| other == window)
            {
                window.destroy();
            }
        });
        let application = application.as_ref().clone();
        window.imp().removed.replace(Some((application, handler)));
        window
    }

    fn fill_list(&self) {
        let imp = self.imp();
        imp.language.replace(library::language());
        for name in library::PAGES {
            let title = library::read(&imp.language.borrow(), name).title;
            let label = gtk::Label::builder()
                .label(&title)
                .xalign(0.0)
                .wrap(true)
                .margin_top(ROW_MARGIN)
                .margin_bottom(ROW_MARGIN)
                .build();
            let row = gtk::ListBoxRow::builder().child(&label).build();
            accessible::set_label(&row, &title);
            imp.list.append(&row);
        }
        self.show_page(0);
        if let Some(row) = imp.list.row_at_index(0) {
            row.grab_focus();
        }
    }

    /// Shows a page, from its beginning.
    fn show_page(&self, number: usize) {
        let imp = self.imp();
        if imp.shown.replace(Some(number)) == Some(number) {
            return;
        }
        let read = library::read(&imp.language.borrow(), library::PAGES[number]);
        imp.title.set_title(&read.title);
        imp.clamp.set_child(Some(&page::build(&read.blocks, self)));
        imp.scroller.vadjustment().set_value(0.0);
        let row = i32::try_from(number).ok();
        let row = row.and_then(|row| imp.list.row_at_index(row));
        imp.list.select_row(row.as_ref());
        self.enable_back();
    }

    /// Goes where a link leads.
    pub(super) fn follow(&self, link: &str) {
        let imp = self.imp();
        if let Some(number) = library::page_of_link(link) {
            if let Some(shown) = imp.shown.get() {
                imp.before.borrow_mut().push(shown);
            }
            self.show_page(number);
            self.read_on();
        } else if WEB.iter().any(|scheme| link.starts_with(scheme)) {
            gtk::show_uri(Some(self), link, gdk::CURRENT_TIME);
        }
    }

    /// Puts what an example says on the clipboard.
    pub(super) fn copy(&self, code: &str) {
        self.clipboard().set_text(code);
        self.imp()
            .toasts
            .add_toast(adw::Toast::new(&gettext("Copied")));
    }

    fn go_back(&self) {
        let imp = self.imp();
        let before = imp.before.borrow_mut().pop();
        if let Some(number) = before {
            self.show_page(number);
            self.read_on();
        } else if imp.leaflet.is_folded() {
            imp.leaflet.set_visible_child(&*imp.sidebar);
            if let Some(row) = imp.list.selected_row() {
                row.grab_focus();
            }
        }
    }

    /// Turns to the page, with the focus at its beginning.
    fn read_on(&self) {
        let imp = self.imp();
        imp.leaflet.set_visible_child(&*imp.content);
        let page = imp.clamp.child();
        if let Some(title) = page.and_then(|page| page.first_child()) {
            title.grab_focus();
        }
    }

    fn enable_back(&self) {
        let imp = self.imp();
        let is_possible = imp.leaflet.is_folded() || !imp.before.borrow().is_empty();
        self.action_set_enabled(BACK, is_possible);
        imp.back.set_visible(is_possible);
    }

    #[template_callback]
    fn on_row_selected(&self, row: Option<&gtk::ListBoxRow>) {
        let number = row.and_then(|row| usize::try_from(row.index()).ok());
        if let Some(number) = number.filter(|number| self.imp().shown.get() != Some(*number)) {
            self.imp().before.take();
            self.show_page(number);
        }
    }

    #[template_callback]
    fn on_row_activated(&self) {
        self.imp().before.take();
        self.enable_back();
        self.read_on();
    }
}
