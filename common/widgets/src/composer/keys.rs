//! The keys that mean something of their own in the composer.

use adw::{prelude::*, subclass::prelude::*};
use glib::{Propagation, clone};
use gtk::gdk;

use super::imp::Composer;

impl Composer {
    /// Looks at each key before the text view does: among controllers of one widget and phase the
    /// newest comes first.
    pub(super) fn watch_keys(&self) {
        let composer = self.obj();
        let keys = gtk::EventControllerKey::new();
        keys.connect_key_pressed(clone!(
            #[weak]
            composer,
            #[upgrade_or]
            Propagation::Proceed,
            move |keys, key, _, modifiers| composer.imp().key_pressed(keys, key, modifiers)
        ));
        self.view.add_controller(keys);
    }

    fn key_pressed(
        &self,
        keys: &gtk::EventControllerKey,
        key: gdk::Key,
        modifiers: gdk::ModifierType,
    ) -> Propagation {
        let modifiers = modifiers & gtk::accelerator_get_default_mod_mask();
        let is_plain = modifiers.is_empty();
        let act: fn(&Self) = match key {
            gdk::Key::Return | gdk::Key::KP_Enter | gdk::Key::ISO_Enter
                if is_plain || modifiers == gdk::ModifierType::CONTROL_MASK =>
            {
                Self::send
            }
            gdk::Key::Up | gdk::Key::KP_Up if is_plain && self.can_recall(Direction::Older) => {
                Self::recall_older
            }
            gdk::Key::Down | gdk::Key::KP_Down if is_plain && self.can_recall(Direction::Newer) => {
                Self::recall_newer
            }
            gdk::Key::Escape if is_plain => Self::leave,
            // The text view would open a chooser of its own.
            gdk::Key::period | gdk::Key::semicolon
                if modifiers == gdk::ModifierType::CONTROL_MASK =>
            {
                Self::choose_emoji
            }
            _ => return Propagation::Proceed,
        };
        // The input method may want the key: Enter and the arrows choose among its candidates. The
        // text view must not ask it a second time, so whatever it says the key ends here.
        let is_taken = keys
            .current_event()
            .is_some_and(|event| self.view.im_context_filter_keypress(event));
        if !is_taken {
            act(self);
        }
        Propagation::Stop
    }

    /// Whether ↑ or ↓ goes through what was sent: only from an empty field, or from a recalled text
    /// that was not changed, where the cursor has no line left to go to.
    fn can_recall(&self, direction: Direction) -> bool {
        let buffer = self.view.buffer();
        if self.is_composing.get() || buffer.has_selection() {
            return false;
        }
        let mut recall = self.recall.borrow_mut();
        if self.text() != recall.current() {
            recall.forget_place();
            return false;
        }
        let (start, end) = buffer.bounds();
        let (has_more, edge) = match direction {
            Direction::Older => (recall.has_older(), start),
            Direction::Newer => (recall.has_newer(), end),
        };
        let cursor = buffer.iter_at_mark(&buffer.get_insert());
        has_more && self.view.iter_location(&cursor).y() == self.view.iter_location(&edge).y()
    }

    fn leave(&self) {
        self.obj().emit_leave();
    }

    fn choose_emoji(&self) {
        self.emoji_button.popup();
    }

    fn recall_older(&self) {
        let text = self.recall.borrow_mut().older().map(str::to_owned);
        self.show_recalled(text);
    }

    fn recall_newer(&self) {
        let text = self.recall.borrow_mut().newer().map(str::to_owned);
        self.show_recalled(text);
    }

    fn show_recalled(&self, text: Option<String>) {
        let Some(text) = text else {
            return;
        };
        self.set_text(&text);
        let buffer = self.view.buffer();
        buffer.place_cursor(&buffer.end_iter());
        self.scroll_to_cursor();
    }
}

/// Which way in time.
#[derive(Clone, Copy)]
enum Direction {
    Older,
    Newer,
}
