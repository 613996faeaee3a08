//! What a person sees who has never seen the program.

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_words::gettext;

use super::ClientWindow;

const FIRST_RUN: &str = "first-run";

impl ClientWindow {
    /// Has an empty window say what the program is. Only the first one that anybody sees does.
    pub(super) fn welcome(&self) {
        let imp = self.imp();
        let Some(settings) = imp.settings.get() else {
            return;
        };
        if !settings.boolean(FIRST_RUN) {
            return;
        }
        if let Err(error) = settings.set_boolean(FIRST_RUN, false) {
            tracing::warn!(%error, "that the program was seen is not written");
        }
        // Whoever has connected before needs no introduction.
        if !self.recent().all().is_empty() {
            return;
        }
        let title = gettext("Welcome to Hallway");
        let description = gettext(
            "Hallway carries messages to the people in the same house, office or classroom. Somebody there opens a room with Hallway Server and tells you its address. What you write travels encrypted; where the other side speaks plain text only, you are asked first.",
        );
        for page in [&imp.start, &imp.narrow_start] {
            page.set_title(&*title);
            page.set_description(&*description);
        }
    }
}
