//! The conversation by keyboard: its rows are walked like those of any list, and each is one stop.

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::{DirectionType, gdk};

use super::super::row::Row;
use super::ConversationView;
use crate::{Composer, focus};

/// Keys that act on the row that has the focus.
const ACTIVATING: [gdk::Key; 4] = [
    gdk::Key::Return,
    gdk::Key::KP_Enter,
    gdk::Key::ISO_Enter,
    gdk::Key::Menu,
];

impl ConversationView {
    /// Says where a person writes: Escape goes there and back, and so does beginning to type.
    pub fn set_composer(&self, composer: &Composer) {
        self.imp().composer.set(Some(composer));
        let weak = self.downgrade();
        composer.connect_leave(move |_| {
            let Some(this) = weak.upgrade() else { return };
            if this.search_mode() {
                this.set_search_mode(false);
            } else {
                this.focus_newest();
            }
        });
    }

    /// Puts the focus on the newest line, where there is one.
    pub fn focus_newest(&self) -> bool {
        self.show_whole();
        let Some(last) = self.imp().model().n_items().checked_sub(1) else {
            return false;
        };
        self.scroll_to_end();
        self.focus_row(last)
    }

    /// Puts the focus on the line that is being read: the newest, or the last in view.
    pub fn focus_lines(&self) -> bool {
        if self.is_at_end() {
            return self.focus_newest();
        }
        let scroller = &*self.imp().scroller;
        #[expect(clippy::cast_precision_loss, reason = "pixels of a window")]
        let height = scroller.height() as f32;
        let in_view = self.rows().into_iter().filter_map(|row| {
            let bounds = row.compute_bounds(scroller).filter(|_| row.is_mapped())?;
            let is_seen = bounds.y() + bounds.height() > 0.0 && bounds.y() < height;
            is_seen.then(|| self.position_of(&row)).flatten()
        });
        match in_view.max() {
            Some(position) => self.focus_row(position),
            None => self.focus_newest(),
        }
    }

    fn focus_row(&self, position: u32) -> bool {
        // The list makes the row at once; it is placed and drawn later.
        self.scroll_to(position);
        self.row_at(position).is_some_and(|row| row.focus_whole())
    }

    fn position_of(&self, row: &Row) -> Option<u32> {
        let entry = row.entry()?;
        match entry.id() {
            Some(id) => self.view()?.position(id),
            // The mark of lines that are not held.
            None => Some(0),
        }
    }

    pub(super) fn set_up_walking(&self) {
        let keys = gtk::EventControllerKey::new();
        // The list's own rows take Enter although there is nothing for it to do.
        keys.set_propagation_phase(gtk::PropagationPhase::Capture);
        let weak = self.downgrade();
        keys.connect_key_pressed(move |keys, key, _, modifiers| {
            let this = weak.upgrade();
            let is_taken = this.is_some_and(|this| this.row_key_pressed(keys, key, modifiers));
            glib::Propagation::from(is_taken)
        });
        let imp = self.imp();
        imp.list.add_controller(keys);
        let weak = self.downgrade();
        focus::connect_lost(&*imp.list, Some(imp.model().upcast_ref()), move || {
            if let Some(this) = weak.upgrade()
                && !this.focus_lines()
            {
                this.focus_composer();
            }
        });
    }

    fn row_key_pressed(
        &self,
        keys: &gtk::EventControllerKey,
        key: gdk::Key,
        modifiers: gdk::ModifierType,
    ) -> bool {
        let Some(row) = self.focused_row() else {
            return false;
        };
        let modifiers = modifiers & gtk::accelerator_get_default_mod_mask();
        let is_whole = row.is_focused_whole();
        let (control, shift) = (
            modifiers == gdk::ModifierType::CONTROL_MASK,
            modifiers == gdk::ModifierType::SHIFT_MASK,
        );
        let is_plain = modifiers.is_empty();
        match key {
            gdk::Key::Escape if is_plain && !is_whole => row.focus_whole(),
            _ if !is_whole => false,
            gdk::Key::Escape if is_plain => self.focus_composer(),
            gdk::Key::F10 if shift => row.open_menu(None),
            _ if is_plain && ACTIVATING.contains(&key) => row.open_menu(None),
            gdk::Key::c | gdk::Key::Insert | gdk::Key::KP_Insert if control => {
                row.copy();
                true
            }
            _ if (is_plain || shift) && begins_a_text(key) => {
                let composer = self.imp().composer.upgrade();
                composer.is_some_and(|composer| composer.begin_with(keys))
            }
            _ => false,
        }
    }

    fn focus_composer(&self) -> bool {
        let composer = self.imp().composer.upgrade();
        composer.is_some_and(|composer| composer.grab_focus())
    }

    /// The row that has the focus, or something in it has.
    fn focused_row(&self) -> Option<Row> {
        let focus = self.root().and_then(|root| root.focus())?;
        let below = focus.first_child().and_downcast::<Row>();
        below.or_else(|| focus.ancestor(Row::static_type()).and_downcast())
    }

    /// Moves the focus by Tab. In lists of GTK before 4.12 it would go from row to row.
    pub(super) fn tab(&self, direction: DirectionType) -> bool {
        let imp = self.imp();
        let is_forward = direction == DirectionType::TabForward;
        let search: &gtk::Widget = imp.search_bar.upcast_ref();
        let parts: [(&gtk::Widget, &dyn Fn() -> bool); 3] = [
            (search, &|| {
                self.search_mode() && search.child_focus(direction)
            }),
            (imp.list.upcast_ref(), &|| {
                self.tab_in_row(direction) || (!focus::contains(&*imp.list) && self.focus_lines())
            }),
            (imp.news.upcast_ref(), &|| {
                !imp.news.has_focus() && imp.news.is_visible() && imp.news.grab_focus()
            }),
        ];
        let at = parts.iter().position(|(part, _)| focus::contains(*part));
        let mut order: Vec<_> = parts.iter().map(|(_, enter)| enter).collect();
        if is_forward {
            order.drain(..at.unwrap_or(0));
        } else {
            order.truncate(at.map_or(order.len(), |at| at + 1));
            order.reverse();
        }
        order.into_iter().any(|enter| enter())
    }

    /// Goes on inside of the row that has the focus: to its links and buttons, and back.
    fn tab_in_row(&self, direction: DirectionType) -> bool {
        let Some(row) = self.focused_row() else {
            return false;
        };
        let was_whole = row.is_focused_whole();
        row.child_focus(direction)
            || (direction == DirectionType::TabBackward && !was_whole && row.focus_whole())
    }
}

/// Whether a key writes something. (A space would be the list's.)
fn begins_a_text(key: gdk::Key) -> bool {
    key.to_unicode()
        .is_some_and(|character| !character.is_control() && !character.is_whitespace())
}
