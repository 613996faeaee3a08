//! What a desktop does with windows, whoever manages them.

use std::fmt::Debug;
use std::path::Path;

use super::screen::{Place, Screen};

/// The keyboard, the mouse, pictures, and the windows as their manager knows them: each has a name
/// of its own, made of digits.
pub(super) trait Hands: Debug {
    /// The windows of a process that have a title.
    fn windows_of(&self, pid: u32) -> Vec<String>;

    /// The title of a window.
    fn title_of(&self, window: &str) -> String;

    /// Where a window is, without its shadow; none when it is gone.
    fn place_of(&self, window: &str) -> Option<Place>;

    /// Brings a window to the front and gives it the keyboard.
    fn activate(&self, window: &str);

    /// Presses keys, as in `ctrl+f`.
    fn press(&self, keys: &str);

    /// Clicks with a button of the mouse: 1 is the left one, 3 the right one.
    fn click(&self, place: (i32, i32), button: u8);

    /// Takes a picture of everything.
    fn picture(&self, file: &Path);
}

impl Hands for Screen {
    fn windows_of(&self, pid: u32) -> Vec<String> {
        self.windows_of(pid)
    }

    fn title_of(&self, window: &str) -> String {
        self.title_of(window)
    }

    fn place_of(&self, window: &str) -> Option<Place> {
        self.place_of(window)
    }

    fn activate(&self, window: &str) {
        self.activate(window);
    }

    fn press(&self, keys: &str) {
        self.press(keys);
    }

    fn click(&self, place: (i32, i32), button: u8) {
        self.click(place, button);
    }

    fn picture(&self, file: &Path) {
        self.picture(file);
    }
}
