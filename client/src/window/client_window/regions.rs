//! The parts of a window that F6 goes through.

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_widgets::focus::{self, Region};

use super::ClientWindow;

impl ClientWindow {
    /// Goes to what was said last, wherever the focus is.
    pub(in crate::window) fn show_newest(&self) {
        let imp = self.imp();
        if self.talk().is_some() {
            imp.leaflet.set_visible_child(&*imp.content);
            self.page().conversation().focus_newest();
        }
    }

    /// Opens the main menu, which is above the list of servers.
    pub(in crate::window) fn open_menu(&self) {
        let imp = self.imp();
        if imp.leaflet.is_folded() {
            imp.leaflet.set_visible_child(&*imp.sidebar);
        }
        focus::open_menu(&imp.menu_button);
    }

    /// Goes to the next part of the window, or to the one before.
    pub(in crate::window) fn step_region(&self, is_forward: bool) {
        focus::step(&self.regions(), is_forward);
    }

    /// The parts of the window, in the order in which they are read.
    fn regions(&self) -> Vec<Region> {
        let (imp, window) = (self.imp(), self.downgrade());
        let mut regions = vec![
            Region::new(&*imp.sidebar_header),
            Region::entered_by(&*imp.sidebar_body, move || {
                window
                    .upgrade()
                    .is_some_and(|window| window.focus_servers())
            }),
            Region::new(&*imp.start_header),
            Region::new(&*imp.start_button),
        ];
        regions.extend(self.page().regions());
        regions
    }

    /// Puts the focus on the server that is talked to, or else on the first thing beside it.
    pub(super) fn focus_servers(&self) -> bool {
        let imp = self.imp();
        let row = self.talk().and_then(|talk| imp.servers.row(talk.target()));
        row.is_some_and(|row| row.grab_focus())
            || imp.sidebar_body.child_focus(gtk::DirectionType::TabForward)
    }
}
