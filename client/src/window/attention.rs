//! What a person is told who looks elsewhere: the conversations of all windows together.

use std::str::FromStr;

use adw::prelude::*;
use hallway_core::wire::{Conv, Fingerprint};
use hallway_widgets::attention::{self, Names, News, Unread};
use hallway_widgets::preferences::{self, KeepRunning};
use hallway_widgets::raising::raise;
use hallway_words::gettext;

use super::application::Application;
use super::client_window::ClientWindow;
use crate::session::Target;
use crate::session::target::ParseError;

/// The setting of words that mention the person.
const MENTION_WORDS: &str = "mention-words";

/// What stands between a server and a person in the name of a conversation; no address has it.
const BETWEEN: char = '/';

/// A conversation: the room of a server, or one with somebody there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Spot {
    pub(super) target: Target,
    with: Option<Fingerprint>,
}

impl Spot {
    pub(super) fn new(target: &Target, conv: Conv) -> Self {
        let with = match conv {
            Conv::Room => None,
            Conv::With(other) => Some(other),
        };
        let target = target.clone();
        Self { target, with }
    }

    pub(super) fn conv(&self) -> Conv {
        self.with.map_or(Conv::Room, Conv::With)
    }
}

impl FromStr for Spot {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if let Some((target, with)) = text.rsplit_once(BETWEEN)
            && let Ok(with) = with.parse()
        {
            let target = target.parse()?;
            let with = Some(with);
            return Ok(Self { target, with });
        }
        Ok(Self::new(&text.parse()?, Conv::Room))
    }
}

impl attention::Place for Spot {
    fn parameter(&self) -> String {
        match &self.with {
            None => self.target.to_string(),
            Some(other) => format!("{}{BETWEEN}{other}", self.target),
        }
    }

    fn notification(&self) -> String {
        format!("conversation-{}", self.parameter())
    }

    fn label(&self) -> Option<String> {
        Some(self.target.host().to_owned())
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
    pub(super) fn show_conversation(&self, spot: &Spot) {
        match self.window_with(&spot.target) {
            Some(window) => {
                raise(&window, 0);
                window.turn_to(spot.conv());
                window.show_conversation();
            }
            None => self.open_server(&spot.target),
        }
    }

    /// The person has read it in the notification.
    pub(super) fn mark_read(&self, spot: &Spot) {
        self.notifier().read(spot);
        for window in self.client_windows() {
            window.forget_new(spot);
        }
    }

    /// A window heard something that the person does not look at there. What several windows hear
    /// from one server is told once, and not where one of them is looked at.
    pub(super) fn hear(&self, window: &ClientWindow, spot: &Spot, news: &News) {
        let mut windows = self.client_windows().into_iter();
        if windows.any(|other| other.looks_at(spot)) {
            return;
        }
        if self.window_with(&spot.target).as_ref() == Some(window) {
            self.notifier().hear(spot, news);
        }
    }

    /// A window has left these conversations with one server.
    pub(super) fn forget_news(&self, spots: &[Spot]) {
        for spot in spots {
            if self.window_with(&spot.target).is_none() {
                self.notifier().read(spot);
            }
        }
    }

    /// How much is unread of all that is said with a server.
    pub(super) fn unread(&self, target: &Target) -> Unread {
        let room = [Spot::new(target, Conv::Room)];
        let window = self.window_with(target);
        let spots = window.map_or(room.into(), |window| window.spots());
        let mut all = Unread::default();
        for spot in spots {
            let Unread { lines, mentions } = self.notifier().unread(&spot);
            all.lines += lines;
            all.mentions += mentions;
        }
        all
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
                "Messages with your name stand out, and those with these words. Put commas between them.",
            ))
            .build();
        mentions.add(&preferences::words_row(
            settings,
            MENTION_WORDS,
            &gettext("Words"),
        ));
        let groups = [self.name_group(), mentions];
        preferences::open(&window, settings, keep_running, &groups);
    }
}

/// What the person wants to be called from now on, if a text of one line says so.
pub(super) fn name_taken(text: &str) -> Option<&str> {
    let name = text.strip_prefix("/name")?;
    let name = name.strip_prefix([' ', '\t'])?.trim();
    (!name.is_empty() && !name.contains('\n')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_is_found_by_its_name() {
        use hallway_widgets::attention::Place;
        let target: Target = "[::1]:80".parse().unwrap();
        let ana = Fingerprint::from_bytes([7; 32]);
        for conv in [Conv::Room, Conv::With(ana)] {
            let spot = Spot::new(&target, conv);
            assert_eq!(spot.parameter().parse(), Ok(spot.clone()));
            assert_eq!(spot.conv(), conv);
        }
        for text in ["", "lab/", "lab/Ana", "/", "a b/c"] {
            assert!(text.parse::<Spot>().is_err(), "{text}");
        }
    }

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
            "/name Ana\nand more",
            "name Ana",
        ] {
            assert_eq!(name_taken(line), None, "{line:?}");
        }
    }
}
