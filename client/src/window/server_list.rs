//! The servers that can be chosen.

use adw::subclass::prelude::*;
use gtk::prelude::*;

use super::server_row::ServerRow;
use crate::session::Target;

mod imp {
    use adw::prelude::*;
    use adw::subclass::prelude::*;

    use super::{ServerRow, Target};

    #[derive(Default, gtk::CompositeTemplate, glib::Properties)]
    #[template(file = "server_list.ui")]
    #[properties(wrapper_type = super::ServerList)]
    pub struct ServerList {
        #[template_child]
        heading: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) list: TemplateChild<gtk::ListBox>,
        /// Whether the current server is marked. Where choosing one leads away from the list,
        /// there is no need.
        #[property(get = Self::marks_current, set = Self::set_marks_current)]
        marks_current: std::marker::PhantomData<bool>,
        pub(super) current: std::cell::RefCell<Option<Target>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for ServerList {
        const NAME: &'static str = "HallwayServerList";
        type Type = super::ServerList;
        type ParentType = adw::Bin;

        fn class_init(klass: &mut Self::Class) {
            ServerRow::ensure_type();
            klass.bind_template();
        }

        fn instance_init(obj: &glib::subclass::InitializingObject<Self>) {
            obj.init_template();
        }
    }

    #[glib::derived_properties]
    impl ObjectImpl for ServerList {}
    impl WidgetImpl for ServerList {}
    impl BinImpl for ServerList {}

    impl ServerList {
        fn marks_current(&self) -> bool {
            self.list.selection_mode() != gtk::SelectionMode::None
        }

        fn set_marks_current(&self, marks: bool) {
            self.list.set_selection_mode(if marks {
                gtk::SelectionMode::Browse
            } else {
                gtk::SelectionMode::None
            });
            self.mark();
        }

        /// Marks the row of the current server and no other.
        pub(super) fn mark(&self) {
            let current = self.current.borrow();
            let row = current.as_ref().and_then(|target| self.obj().row(target));
            self.list.select_row(row.as_ref());
        }
    }
}

glib::wrapper! {
    /// A list of servers, of which one may be the current one. Its rows act by the window's
    /// actions.
    pub struct ServerList(ObjectSubclass<imp::ServerList>)
        @extends adw::Bin, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl ServerList {
    /// Lists `targets` with `current` among them; it is the first one where it is not in the list.
    pub fn set_targets(&self, mut targets: Vec<Target>, current: Option<&Target>) {
        if let Some(current) = current
            && !targets.contains(current)
        {
            targets.insert(0, current.clone());
        }
        let list = &self.imp().list;
        let rows: Vec<_> = self.rows().collect();
        let unchanged = rows.iter().map(ServerRow::target).eq(targets.iter());
        if !unchanged {
            let had_focus = list.focus_child().is_some();
            for row in rows {
                list.remove(&row);
            }
            for target in &targets {
                list.append(&ServerRow::new(target));
            }
            if had_focus && let Some(row) = list.row_at_index(0) {
                row.grab_focus();
            }
        }
        self.set_visible(!targets.is_empty());
        self.set_current(current);
    }

    /// Marks the current server.
    pub fn set_current(&self, current: Option<&Target>) {
        let imp = self.imp();
        imp.current.replace(current.cloned());
        for row in self.rows() {
            if Some(row.target()) != current {
                row.set_state(None);
                row.set_can_be_forgotten(true);
            }
        }
        imp.mark();
    }

    /// The row of a server in the list.
    pub fn row(&self, target: &Target) -> Option<ServerRow> {
        self.rows().find(|row| row.target() == target)
    }

    /// All rows.
    pub(super) fn rows(&self) -> impl Iterator<Item = ServerRow> + use<> {
        let first = self.imp().list.first_child();
        std::iter::successors(first, gtk::prelude::WidgetExt::next_sibling)
            .filter_map(|child| child.downcast().ok())
    }
}
