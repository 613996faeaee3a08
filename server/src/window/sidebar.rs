//! The list of everyone and each person.

mod rows;

use std::cell::OnceCell;
use std::sync::OnceLock;

use glib::subclass::Signal;
use gtk::prelude::*;
use gtk::subclass::prelude::*;
use gtk::{CompositeTemplate, TemplateChild, gdk};
use hallway_widgets::focus;
use hallway_words::gettext_f;

use super::copying;
use super::menus;
use super::people::People;
use super::person_row::PersonRow;
use super::row::Row;

const SELECTED: &str = "selected";
const CHOSEN: &str = "chosen";

/// Opens the menu of the row that has the focus.
const ROW_MENU: &str = "sidebar.row-menu";

mod imp {
    use super::rows::Rows;
    use super::{
        CHOSEN, CompositeTemplate, OnceCell, OnceLock, People, ROW_MENU, Row, SELECTED, Signal,
        TemplateChild,
    };
    use adw::subclass::prelude::*;
    use glib::subclass::InitializingObject;
    use gtk::prelude::*;

    #[derive(Default, CompositeTemplate)]
    #[template(file = "sidebar.ui")]
    pub struct Sidebar {
        #[template_child]
        pub(super) list: TemplateChild<gtk::ListView>,
        #[template_child]
        pub(super) help: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) help_where: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) help_command_box: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) help_command: TemplateChild<gtk::Label>,
        pub(super) people: OnceCell<People>,
        pub(super) selection: OnceCell<gtk::SingleSelection>,
        /// The rows that can be seen.
        pub(super) rows: Rows,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Sidebar {
        const NAME: &'static str = "HallwayServerSidebar";
        type Type = super::Sidebar;
        type ParentType = adw::Bin;

        fn class_init(klass: &mut Self::Class) {
            klass.bind_template();
            klass.bind_template_instance_callbacks();
            klass.install_action(ROW_MENU, None, |sidebar, _, _| sidebar.open_focused_menu());
        }

        fn instance_init(object: &InitializingObject<Self>) {
            object.init_template();
        }
    }

    impl ObjectImpl for Sidebar {
        fn signals() -> &'static [Signal] {
            static SIGNALS: OnceLock<[Signal; 2]> = OnceLock::new();
            SIGNALS.get_or_init(|| {
                [SELECTED, CHOSEN].map(|name| {
                    Signal::builder(name)
                        .param_types([Row::static_type()])
                        .build()
                })
            })
        }
    }

    impl WidgetImpl for Sidebar {
        fn focus(&self, direction: gtk::DirectionType) -> bool {
            self.obj().tab(direction, || self.parent_focus(direction))
        }
    }

    impl BinImpl for Sidebar {}
}

glib::wrapper! {
    /// The rows to choose from, and where others can join while nobody is here.
    pub struct Sidebar(ObjectSubclass<imp::Sidebar>)
        @extends adw::Bin, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

#[gtk::template_callbacks]
impl Sidebar {
    fn rows(&self) -> &rows::Rows {
        &self.imp().rows
    }

    /// Shows these people from now on; once only.
    pub(crate) fn set_people(&self, people: &People) {
        let imp = self.imp();
        let selection = gtk::SingleSelection::builder()
            .autoselect(false)
            .can_unselect(false)
            .build();
        selection.set_model(Some(people));
        let weak = self.downgrade();
        selection.connect_selected_item_notify(move |selection| {
            if let Some(sidebar) = weak.upgrade() {
                sidebar.on_selection_changed(selection);
            }
        });
        imp.list.set_factory(Some(&self.factory()));
        imp.list.set_model(Some(&selection));
        let weak = self.downgrade();
        focus::connect_lost(&*imp.list, Some(selection.upcast_ref()), move || {
            if let Some(sidebar) = weak.upgrade() {
                sidebar.grab();
            }
        });
        if imp.people.set(people.clone()).is_ok() && imp.selection.set(selection).is_ok() {
            self.select_at(0);
        }
    }

    /// Selects a row, if it is there.
    pub(crate) fn select(&self, row: &Row) {
        let position = self.imp().people.get().and_then(|people| {
            // It may have come in this very frame.
            people.publish();
            people.position(row)
        });
        if let Some(position) = position {
            self.select_at(position);
        }
    }

    /// Selects the row so many further down, or up.
    pub(crate) fn step(&self, rows: i32) {
        let Some(selection) = self.imp().selection.get() else {
            return;
        };
        let last = selection.n_items().saturating_sub(1);
        let position = selection.selected().saturating_add_signed(rows).min(last);
        self.select_at(position);
        let scroll = "list.scroll-to-item";
        // Without the list there is nothing to scroll.
        let _ = self
            .imp()
            .list
            .activate_action(scroll, Some(&position.to_variant()));
    }

    /// Puts the focus on the row that is selected; returns whether that was possible.
    pub(crate) fn grab(&self) -> bool {
        let imp = self.imp();
        let Some(selection) = imp.selection.get() else {
            return false;
        };
        let selected = selection.selected().to_variant();
        // The row is made, wherever it is. Without the list there is nothing to scroll.
        let _ = imp
            .list
            .activate_action("list.scroll-to-item", Some(&selected));
        let selected = selection.selected_item().and_downcast::<Row>();
        let row = selected.and_then(|row| imp.rows.of(&row));
        let row = row.and_then(|row| row.parent());
        row.is_some_and(|row| row.grab_focus())
    }

    /// Moves the focus by Tab: the list is one stop. In lists of GTK before 4.12 it would go from row
    /// to row.
    fn tab(&self, direction: gtk::DirectionType, otherwise: impl Fn() -> bool) -> bool {
        let imp = self.imp();
        let help: &gtk::Widget = imp.help.upcast_ref();
        let (in_list, in_help) = (focus::contains(&*imp.list), focus::contains(help));
        match direction {
            gtk::DirectionType::TabForward if in_list => help.child_focus(direction),
            gtk::DirectionType::TabBackward if in_list => false,
            gtk::DirectionType::TabForward if in_help => help.child_focus(direction),
            gtk::DirectionType::TabForward => self.grab(),
            gtk::DirectionType::TabBackward => help.child_focus(direction) || self.grab(),
            _ => otherwise(),
        }
    }

    /// Brings the traffic of the rows that can be seen up to date.
    pub(crate) fn refresh(&self, update: impl Fn(&Row) -> bool) {
        self.imp().rows.refresh(update);
    }

    /// Tells how others can join; with the command, where there is one.
    pub(crate) fn set_help(&self, sentence: &str, command: Option<&str>) {
        let imp = self.imp();
        imp.help_where.set_label(sentence);
        imp.help_command_box.set_visible(command.is_some());
        imp.help_command.set_label(command.unwrap_or_default());
    }

    /// Shows how others can join, or not.
    pub(crate) fn set_help_visible(&self, is_visible: bool) {
        self.imp().help.set_visible(is_visible);
    }

    fn select_at(&self, position: u32) {
        if let Some(selection) = self.imp().selection.get() {
            selection.set_selected(position);
        }
    }

    fn on_selection_changed(&self, selection: &gtk::SingleSelection) {
        match selection.selected_item().and_downcast::<Row>() {
            Some(row) => self.emit_by_name::<()>(SELECTED, &[&row]),
            // Who was selected has gone.
            None if selection.n_items() > 0 => selection.set_selected(0),
            None => {}
        }
    }

    #[template_callback]
    fn on_activated(&self, position: u32) {
        let selection = self.imp().selection.get();
        let row = selection.and_then(|selection| selection.item(position).and_downcast());
        if let Some(row) = row {
            self.choose(&row);
        }
    }

    /// Somebody clicked a row, or pressed Enter in it.
    fn choose(&self, row: &Row) {
        self.select(row);
        self.emit_by_name::<()>(CHOSEN, &[row]);
    }

    #[template_callback]
    fn on_copy_command(&self) {
        let command = self.imp().help_command.label();
        copying::copy(
            self,
            &command,
            &gettext_f("“{command}” copied", &[("command", &command)]),
        );
    }

    fn open_focused_menu(&self) {
        let focus = self.root().and_then(|root| root.focus());
        let row = focus.and_then(|row| row.first_child()).and_downcast();
        if let Some(row) = row {
            let row: PersonRow = row;
            let (x, y) = (f64::from(row.width()) / 2.0, f64::from(row.height()) / 2.0);
            self.open_menu(&row, x, y);
        }
    }

    /// Opens a person's menu at a place of its row.
    fn open_menu(&self, widget: &PersonRow, x: f64, y: f64) {
        let Some(menu) = widget.row().and_then(|row| menus::of_person(&row)) else {
            return;
        };
        let Some((x, y)) = widget.translate_coordinates(self, x, y) else {
            return;
        };
        let popover = gtk::PopoverMenu::from_model(Some(&menu));
        popover.set_has_arrow(false);
        popover.set_halign(gtk::Align::Start);
        #[expect(clippy::cast_possible_truncation, reason = "pixels of a window")]
        popover.set_pointing_to(Some(&gdk::Rectangle::new(x as i32, y as i32, 1, 1)));
        popover.set_parent(self);
        let weak = self.downgrade();
        popover.connect_closed(move |popover| {
            // The action that was chosen is looked up after this signal.
            let (popover, weak) = (popover.clone(), weak.clone());
            glib::idle_add_local_once(move || {
                if let Some(sidebar) = weak.upgrade()
                    && focus::contains(&popover)
                {
                    sidebar.grab();
                }
                popover.unparent();
            });
        });
        popover.popup();
    }

    /// Calls `then` with the row that is selected now.
    pub(crate) fn connect_selected(
        &self,
        then: impl Fn(&Self, &Row) + 'static,
    ) -> glib::SignalHandlerId {
        self.connect_closure(
            SELECTED,
            false,
            glib::closure_local!(move |this: &Self, row: &Row| then(this, row)),
        )
    }

    /// Calls `then` with the row that somebody clicked, selected or not.
    pub(crate) fn connect_chosen(
        &self,
        then: impl Fn(&Self, &Row) + 'static,
    ) -> glib::SignalHandlerId {
        self.connect_closure(
            CHOSEN,
            false,
            glib::closure_local!(move |this: &Self, row: &Row| then(this, row)),
        )
    }
}
