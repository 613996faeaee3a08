//! What a person is told who looks elsewhere: the conversations of all windows together.

use adw::prelude::*;
use hallway_widgets::attention::{self, Names, News};
use hallway_widgets::preferences::{self, KeepRunning};
use hallway_widgets::raising::raise;
use hallway_words::gettext;

use super::application::Application;
use super::client_window::ClientWindow;
use crate::session::Target;

/// The setting of words that mention the person.
const MENTION_WORDS: &str = "mention-words";

impl attention::Place for Target {
    fn parameter(&self) -> String {
        self.to_string()
    }

    fn notification(&self) -> String {
        format!("conversation-{self}")
    }

    fn label(&self) -> Option<String> {
        Some(self.host().to_owned())
    }
}

/// Follows the settings, and what is unread.
pub(super) fn follow(application: &Application) {
    let weak = application.downgrade();
    application
        .settings()
        .connect_changed(Some(MENTION_WORDS), move |_, _| {
            for window in weak.upgrade().iter().flat_map(Application::client_windows) {
                window.listen_for_names();
            }
        });
    let weak = application.downgrade();
    application.notifier().connect_counted(move |_| {
        for window in weak.upgrade().iter().flat_map(Application::client_windows) {
            window.show_unread();
        }
    });
}

impl Application {
    /// The window that has the conversation with a server, seen or not; the oldest of several.
    pub(super) fn window_with(&self, target: &Target) -> Option<ClientWindow> {
        let windows = self.client_windows().into_iter();
        let with = windows.filter(|window| window.is_with(target));
        with.min_by_key(ApplicationWindowExt::id)
    }

    /// Brings a conversation to the front, ready to write; begins it where there is none. Whoever asks
    /// may be another program, or a notification of a run before this one.
    pub(super) fn show_conversation(&self, target: &Target) {
        match self.window_with(target) {
            Some(window) => {
                raise(&window, 0);
                window.show_conversation();
            }
            None => self.open_server(target),
        }
    }

    /// The person has read it in the notification.
    pub(super) fn mark_read(&self, target: &Target) {
        self.notifier().read(target);
        for window in self.client_windows() {
            if window.is_with(target) {
                window.forget_new();
            }
        }
    }

    /// A window heard something that the person does not look at there. What several windows hear
    /// from one server is told once, and not where one of them is looked at.
    pub(super) fn hear(&self, window: &ClientWindow, target: &Target, news: &News) {
        let mut windows = self.client_windows().into_iter();
        if windows.any(|other| other.looks_at(target)) {
            return;
        }
        if self.window_with(target).as_ref() == Some(window) {
            self.notifier().hear(target, news);
        }
    }

    /// A window has left a conversation.
    pub(super) fn forget_news(&self, target: &Target) {
        if self.window_with(target).is_none() {
            self.notifier().read(target);
        }
    }

    /// What somebody is called by who has taken this name, if any.
    pub(super) fn names(&self, own: Option<&str>) -> Names {
        let words = self.settings().strv(MENTION_WORDS);
        let words = words.iter().map(glib::GStringPtr::as_str);
        Names::of(own.into_iter().chain(words))
    }

    pub(super) fn show_preferences(&self) {
        let Some(window) = self.active_window() else {
            return;
        };
        let settings = self.settings();
        let keep_running = KeepRunning {
            title: &gettext("Stay Connected When the Window Is Closed"),
            subtitle: &gettext("Quit with Ctrl+Q or from the notification"),
        };
        let mentions = adw::PreferencesGroup::builder()
            .title(gettext("Mentions"))
            .description(gettext(
                "Messages with the name that you took with “/name” stand out, and those with these words. Put commas between them.",
            ))
            .build();
        mentions.add(&preferences::words_row(
            settings,
            MENTION_WORDS,
            &gettext("Your Names"),
        ));
        preferences::open(&window, settings, keep_running, &[mentions]);
    }
}

/// What the person wants to be called from now on, if a line says so.
pub(super) fn name_taken(line: &str) -> Option<&str> {
    let name = line.strip_prefix("/name")?;
    let name = name.strip_prefix([' ', '\t'])?.trim();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_by_a_command() {
        assert_eq!(name_taken("/name Ana"), Some("Ana"));
        assert_eq!(name_taken("/name\t 陈 伟 "), Some("陈 伟"));
        for line in [
            "",
            "/name",
            "/name  ",
            "/names Ana",
            "//name Ana",
            "name Ana",
        ] {
            assert_eq!(name_taken(line), None, "{line:?}");
        }
    }
}
