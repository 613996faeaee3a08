//! A server in the list.

use std::cell::{Cell, OnceCell, RefCell};

use adw::subclass::prelude::*;
use gio::prelude::*;
use gtk::glib;
use gtk::prelude::*;
use hallway_core::net::DEFAULT_PORT;
use hallway_widgets::accessible;
use hallway_widgets::attention::{self, Unread};
use hallway_words::{gettext, gettext_f};

use crate::session::Target;

mod imp {
    use adw::prelude::*;
    use adw::subclass::prelude::*;
    use gtk::{gdk, glib};

    use super::{Cell, OnceCell, RefCell, Target, Unread, gettext};

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(file = "server_row.ui")]
    pub struct ServerRow {
        #[template_child]
        pub(super) avatar: TemplateChild<adw::Avatar>,
        #[template_child]
        pub(super) title: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) subtitle: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) mention_badge: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) badge: TemplateChild<gtk::Label>,
        pub(super) unread: Cell<Unread>,
        /// What goes on, in words.
        pub(super) state: RefCell<String>,
        pub(super) target: OnceCell<Target>,
        pub(super) can_be_forgotten: Cell<bool>,
        popover: RefCell<Option<gtk::PopoverMenu>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for ServerRow {
        const NAME: &'static str = "HallwayServerRow";
        type Type = super::ServerRow;
        type ParentType = gtk::ListBoxRow;

        fn class_init(klass: &mut Self::Class) {
            klass.bind_template();
            let none = gdk::ModifierType::empty();
            for key in [gdk::Key::Delete, gdk::Key::KP_Delete] {
                klass.add_binding(key, none, super::ServerRow::forget);
            }
            for (key, with) in [
                (gdk::Key::Menu, none),
                (gdk::Key::F10, gdk::ModifierType::SHIFT_MASK),
            ] {
                klass.add_binding(key, with, |row| {
                    row.imp().pop_up(None);
                    glib::Propagation::Stop
                });
            }
        }

        fn instance_init(obj: &glib::subclass::InitializingObject<Self>) {
            obj.init_template();
        }
    }

    impl ObjectImpl for ServerRow {
        fn constructed(&self) {
            self.parent_constructed();
            let row = self.obj();
            let click = gtk::GestureClick::builder()
                .button(gdk::BUTTON_SECONDARY)
                .build();
            let weak = row.downgrade();
            click.connect_pressed(move |gesture, _, x, y| {
                if let Some(row) = weak.upgrade() {
                    gesture.set_state(gtk::EventSequenceState::Claimed);
                    row.imp().pop_up(Some((x, y)));
                }
            });
            row.add_controller(click);
            let press = gtk::GestureLongPress::builder().touch_only(true).build();
            let weak = row.downgrade();
            press.connect_pressed(move |gesture, x, y| {
                if let Some(row) = weak.upgrade() {
                    gesture.set_state(gtk::EventSequenceState::Claimed);
                    row.imp().pop_up(Some((x, y)));
                }
            });
            row.add_controller(press);
        }

        fn dispose(&self) {
            if let Some(popover) = self.popover.take() {
                popover.unparent();
            }
        }
    }

    impl WidgetImpl for ServerRow {}
    impl ListBoxRowImpl for ServerRow {}

    impl ServerRow {
        /// Opens the menu, at a place of the row where there is one.
        #[expect(clippy::cast_possible_truncation, reason = "pixels of a row")]
        fn pop_up(&self, at: Option<(f64, f64)>) {
            let row = self.obj();
            if let Some(before) = self.popover.take() {
                before.unparent();
            }
            let popover = gtk::PopoverMenu::from_model(Some(&self.menu()));
            popover.set_parent(&*row);
            if let Some((x, y)) = at {
                popover.set_has_arrow(false);
                popover.set_halign(gtk::Align::Start);
                let place = gdk::Rectangle::new(x as i32, y as i32, 1, 1);
                popover.set_pointing_to(Some(&place));
            }
            popover.popup();
            self.popover.replace(Some(popover));
        }

        fn menu(&self) -> gio::Menu {
            let item = |label: &str, action: &str| {
                let item = gio::MenuItem::new(Some(label), None);
                let target = self.obj().target().to_string();
                item.set_action_and_target_value(Some(action), Some(&target.to_variant()));
                item
            };
            let menu = gio::Menu::new();
            menu.append_item(&item(&gettext("_Copy Address"), "win.copy-server-address"));
            menu.append_item(&item(&gettext("Open in New _Window"), "app.open-server"));
            if self.can_be_forgotten.get() {
                let section = gio::Menu::new();
                section.append_item(&item(&gettext("_Forget"), "win.forget-server"));
                menu.append_section(None, &section);
            }
            menu
        }
    }
}

glib::wrapper! {
    /// A server in the list, which is chosen by activating the row. It has a menu, and Delete
    /// forgets the server.
    pub struct ServerRow(ObjectSubclass<imp::ServerRow>)
        @extends gtk::ListBoxRow, gtk::Widget,
        @implements gtk::Actionable, gtk::Buildable, gtk::ConstraintTarget;
}

impl ServerRow {
    /// A row for `target`.
    pub fn new(target: &Target) -> Self {
        let row: Self = glib::Object::new();
        let imp = row.imp();
        // A row is made here only, so it has no target yet.
        let _ = imp.target.set(target.clone());
        imp.avatar.set_text(Some(&target.to_string()));
        imp.title.set_text(&row.caption());
        // A long name is cut in the middle.
        imp.title.set_tooltip_text(Some(&target.to_string()));
        row.set_action_target_value(Some(&target.to_string().to_variant()));
        row.set_state(None);
        row.set_can_be_forgotten(true);
        row
    }

    /// The server.
    pub(super) fn target(&self) -> &Target {
        self.imp().target.get().expect("set by the constructor")
    }

    /// The host; with a port where it is not the usual one, as there may be several on a host.
    fn caption(&self) -> String {
        let target = self.target();
        if target.port() == DEFAULT_PORT {
            target.host().to_owned()
        } else {
            target.to_string()
        }
    }

    /// Shows what goes on with the server, and what was said last.
    pub fn set_state(&self, state: Option<(&str, Option<&str>)>) {
        let idle = gettext("Not connected");
        let (state, preview) = state.unwrap_or((&idle, None));
        let imp = self.imp();
        imp.subtitle.set_text(preview.unwrap_or(state));
        imp.state.replace(state.to_owned());
        self.name_for_screen_readers();
    }

    /// Shows how much is unread.
    pub(super) fn set_unread(&self, unread: Unread) {
        let imp = self.imp();
        if imp.unread.replace(unread) == unread {
            return;
        }
        for (label, text) in [
            (&imp.badge, attention::badge(unread.lines)),
            (
                &imp.mention_badge,
                attention::mention_badge(unread.mentions),
            ),
        ] {
            label.set_visible(!text.is_empty());
            label.set_text(&text);
        }
        self.name_for_screen_readers();
    }

    fn name_for_screen_readers(&self) {
        let imp = self.imp();
        let mut parts = vec![gettext_f(
            // Translators: a server's name and its state, such as “lab, Connected”
            "{host}, {state}",
            &[("host", &self.caption()), ("state", &imp.state.borrow())],
        )];
        parts.extend(attention::spoken(imp.unread.get()));
        // Translators: between the parts of what a screen reader says
        accessible::set_label(self, &parts.join(&gettext(", ")));
    }

    /// Whether the list may do without it.
    pub fn set_can_be_forgotten(&self, can_be_forgotten: bool) {
        self.imp().can_be_forgotten.set(can_be_forgotten);
    }

    fn forget(&self) -> glib::Propagation {
        if self.imp().can_be_forgotten.get() {
            let target = self.target().to_string().to_variant();
            if let Err(error) = self.activate_action("win.forget-server", Some(&target)) {
                tracing::error!(%error, "a row outside a window");
            }
        }
        glib::Propagation::Stop
    }
}
