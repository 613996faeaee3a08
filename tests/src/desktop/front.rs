//! What the person looks at: which window has the keyboard.

use std::thread;

use super::Desktop;
use super::app::App;
use crate::wait::SILENCE;

impl App<'_> {
    /// Whether a window of it has the keyboard.
    pub fn is_in_front(&self) -> bool {
        let screen = self.desktop().screen();
        screen.windows_of(self.pid()).contains(&screen.front())
    }

    /// Gives its first window the keyboard, and leaves every program the time to notice.
    #[track_caller]
    pub fn bring_to_front(&self) {
        self.desktop().screen().activate(&self.first_window());
        self.until("the focus", || self.is_in_front().then_some(()));
        // GTK hears of it a moment later.
        thread::sleep(SILENCE);
    }
}

impl Desktop {
    /// Brings another program to the front.
    #[track_caller]
    pub fn look_elsewhere(&self) -> App<'_> {
        let other = self.start_apart("hallway", &[]);
        other.bring_to_front();
        other
    }
}
