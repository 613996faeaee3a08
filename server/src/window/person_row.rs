//! What a row of the sidebar looks like.

use std::cell::RefCell;
use std::sync::OnceLock;

use glib::subclass::Signal;
use gtk::prelude::*;
use gtk::subclass::prelude::*;
use gtk::{CompositeTemplate, TemplateChild};
use hallway_widgets::accessible;

use super::row::{Row, Section};

const CHOSEN: &str = "chosen";
const MENU_REQUESTED: &str = "menu-requested";

/// The class of rows of people who have gone.
const GONE: &str = "hallway-gone";

mod imp {
    use super::{
        CHOSEN, CompositeTemplate, MENU_REQUESTED, OnceLock, RefCell, Row, Signal, TemplateChild,
    };
    use glib::subclass::InitializingObject;
    use gtk::prelude::*;
    use gtk::subclass::prelude::*;

    #[derive(Default, CompositeTemplate)]
    #[template(file = "person_row.ui")]
    pub struct PersonRow {
        #[template_child]
        pub(super) heading: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) body: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) avatar: TemplateChild<adw::Avatar>,
        #[template_child]
        pub(super) label: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) detail: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) trouble: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) trouble_label: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) lock: TemplateChild<gtk::Image>,
        #[template_child]
        pub(super) mention_badge: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) badge: TemplateChild<gtk::Label>,
        pub(super) row: RefCell<Option<(Row, glib::SignalHandlerId)>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for PersonRow {
        const NAME: &'static str = "HallwayServerPersonRow";
        type Type = super::PersonRow;
        type ParentType = gtk::Box;

        fn class_init(klass: &mut Self::Class) {
            klass.bind_template();
            klass.bind_template_instance_callbacks();
        }

        fn instance_init(object: &InitializingObject<Self>) {
            object.init_template();
        }
    }

    impl ObjectImpl for PersonRow {
        fn signals() -> &'static [Signal] {
            static SIGNALS: OnceLock<[Signal; 2]> = OnceLock::new();
            SIGNALS.get_or_init(|| {
                [
                    Signal::builder(CHOSEN).build(),
                    Signal::builder(MENU_REQUESTED)
                        .param_types([f64::static_type(), f64::static_type()])
                        .build(),
                ]
            })
        }

        fn dispose(&self) {
            self.obj().set_row(None);
        }
    }

    impl WidgetImpl for PersonRow {}
    impl BoxImpl for PersonRow {}
}

glib::wrapper! {
    /// Shows a [`Row`]: picture, name, address and traffic, trouble, lock, unread lines.
    pub struct PersonRow(ObjectSubclass<imp::PersonRow>)
        @extends gtk::Box, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget, gtk::Orientable;
}

#[gtk::template_callbacks]
impl PersonRow {
    /// Shows nobody yet.
    pub(crate) fn new() -> Self {
        glib::Object::new()
    }

    pub(crate) fn row(&self) -> Option<Row> {
        let row = self.imp().row.borrow();
        row.as_ref().map(|(row, _)| row.clone())
    }

    /// Shows another row, or none.
    pub(crate) fn set_row(&self, row: Option<&Row>) {
        if let Some((row, handler)) = self.imp().row.take() {
            row.disconnect(handler);
        }
        let Some(row) = row else { return };
        let weak = self.downgrade();
        let handler = row.connect_changed(move |row| {
            if let Some(this) = weak.upgrade() {
                this.show(row);
            }
        });
        self.imp().row.replace(Some((row.clone(), handler)));
        self.show(row);
    }

    /// Shows the traffic and what waits, as it is now.
    pub(crate) fn refresh(&self) {
        if let Some(row) = self.row() {
            self.show(&row);
        }
    }

    fn show(&self, row: &Row) {
        let imp = self.imp();
        let heading = row.heading();
        imp.heading.set_visible(heading.is_some());
        imp.heading.set_label(&heading.unwrap_or_default());
        let label = row.label();
        let is_everyone = row.section() == Section::Everyone;
        // An icon of its own where there are no initials.
        imp.avatar
            .set_icon_name(is_everyone.then_some("hallway-everyone-symbolic"));
        imp.avatar.set_show_initials(!is_everyone);
        imp.avatar.set_text(Some(&label));
        imp.label.set_label(&label);
        imp.detail.set_label(&row.detail());
        let trouble = row.trouble();
        imp.trouble.set_visible(trouble.is_some());
        imp.trouble_label.set_label(&trouble.unwrap_or_default());
        self.show_lock(row);
        let badge = row.badge();
        imp.badge.set_visible(!badge.is_empty());
        imp.badge.set_label(&badge);
        let mentions = row.mention_badge();
        imp.mention_badge.set_visible(!mentions.is_empty());
        imp.mention_badge.set_label(&mentions);
        if row.section() == Section::Gone {
            imp.body.add_css_class(GONE);
        } else {
            imp.body.remove_css_class(GONE);
        }
        self.name_for_screen_readers(row);
    }

    fn show_lock(&self, row: &Row) {
        let image = &self.imp().lock;
        // Whoever has gone says nothing any more.
        let lock = row.lock().filter(|_| row.is_here());
        image.set_visible(lock.is_some());
        if let Some(lock) = lock {
            let words = lock.words();
            image.set_icon_name(Some(lock.icon_name()));
            image.set_tooltip_text(Some(&words));
            accessible::set_label(&**image, &words);
        }
    }

    /// Names the row of the list, which is what a screen reader reads.
    pub(crate) fn name_for_screen_readers(&self, row: &Row) {
        accessible::set_label_of_row(self, &row.spoken());
    }

    #[template_callback]
    fn on_released(&self, _presses: i32, x: f64, y: f64) {
        // The button may have been let go somewhere else.
        if self.contains(x, y) {
            self.emit_by_name::<()>(CHOSEN, &[]);
        }
    }

    #[template_callback]
    fn on_menu_pressed(&self, _presses: i32, x: f64, y: f64) {
        self.emit_menu_requested(x, y);
    }

    #[template_callback]
    fn on_long_pressed(&self, x: f64, y: f64) {
        self.emit_menu_requested(x, y);
    }

    /// Calls `then` when it is clicked.
    pub(crate) fn connect_chosen(&self, then: impl Fn(&Self) + 'static) -> glib::SignalHandlerId {
        self.connect_closure(
            CHOSEN,
            false,
            glib::closure_local!(move |this: &Self| then(this)),
        )
    }

    /// Calls `then` when its menu is wanted, with the place.
    pub(crate) fn connect_menu_requested(
        &self,
        then: impl Fn(&Self, f64, f64) + 'static,
    ) -> glib::SignalHandlerId {
        self.connect_closure(
            MENU_REQUESTED,
            false,
            glib::closure_local!(move |this: &Self, x: f64, y: f64| then(this, x, y)),
        )
    }

    fn emit_menu_requested(&self, x: f64, y: f64) {
        self.emit_by_name::<()>(MENU_REQUESTED, &[&x, &y]);
    }
}
