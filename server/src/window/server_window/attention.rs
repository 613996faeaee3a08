//! What the person looks at, and what is told of the rest.

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_widgets::attention::{self, Front, Names, Notifier};
use hallway_widgets::preferences::{self, KeepRunning};
use hallway_widgets::raising::raise;
use hallway_words::gettext;

use super::ServerWindow;
use crate::window::attention::Place;
use crate::window::row::{Row, Section};
use crate::window::talk::place;

impl ServerWindow {
    /// Follows what the person looks at from now on; once only.
    pub(super) fn set_up_attention(
        &self,
        application: &impl IsA<gtk::Application>,
        stored: &gio::Settings,
    ) {
        let imp = self.imp();
        let notifier = Notifier::<Place>::new(application.as_ref(), stored);
        let weak = self.downgrade();
        notifier.connect_counted(move |unread| {
            if let Some(window) = weak.upgrade() {
                let title = gettext("Hallway Server");
                window.set_title(Some(&attention::title(unread.lines, &title)));
            }
        });
        let hearer = notifier.clone();
        self.talk().connect_news(move |place, news| match news {
            Some(news) => hearer.hear(&place, news),
            None => hearer.read(&place),
        });
        let weak = self.downgrade();
        let front = Front::of(self, move || {
            if let Some(window) = weak.upgrade() {
                window.look();
            }
        });
        let weak = self.downgrade();
        imp.stack.connect_visible_child_notify(move |_| {
            if let Some(window) = weak.upgrade() {
                window.look();
            }
        });
        imp.notifier.get_or_init(|| notifier);
        imp.front.get_or_init(|| front);
        self.look();
    }

    /// The conversation that the person looks at, if any.
    fn looked_at(&self) -> Option<Row> {
        let imp = self.imp();
        let is_active = imp.front.get().is_some_and(Front::is_active);
        if is_active && self.is_room_shown() && self.room().is_conversation_shown() {
            self.room().shown()
        } else {
            None
        }
    }

    /// What the person looks at may be another now.
    pub(super) fn look(&self) {
        let row = self.looked_at();
        self.talk().set_read(row.as_ref());
        if let Some(row) = row {
            self.forget_news_of(&row);
        }
    }

    fn forget_news_of(&self, row: &Row) {
        let Some(notifier) = self.imp().notifier.get() else {
            return;
        };
        match place(row) {
            // What one person said and nobody else heard stands there, too; but not what was said to
            // the host alone.
            Place::Everyone => {
                notifier.read(&Place::Everyone);
                let talk = self.talk();
                for row in talk.here().iter().chain(&talk.people().gone()) {
                    if !row.has_directs() {
                        notifier.read(&place(row));
                    }
                }
            }
            person @ Place::Person(_) => notifier.read(&person),
        }
    }

    /// Everything that was said is gone.
    pub(super) fn forget_news(&self) {
        if let Some(notifier) = self.imp().notifier.get() {
            notifier.read_all();
        }
    }

    /// Whose news are told from now on as those that mention the host.
    pub(super) fn listen_for(&self, name: &hallway_core::text::Name) {
        let names = Names::of([name.as_ref()]);
        self.talk().set_names(names);
    }

    /// The row of a conversation; everyone's, where the person has gone.
    fn row_of(&self, place: Place) -> Row {
        let row = match place {
            Place::Everyone => None,
            Place::Person(number) => self.row_of_number(number),
        };
        row.unwrap_or_else(|| self.talk().everyone().clone())
    }

    /// Brings a conversation to the front.
    pub(in crate::window) fn show_place(&self, place: Place) {
        self.keep();
        raise(self, 0);
        self.show_conversation();
        self.room().open(&self.row_of(place));
    }

    /// The same, ready to write: opening a conversation puts the focus in the composer.
    pub(in crate::window) fn reply_to(&self, place: Place) {
        self.show_place(place);
        self.room().composer().grab();
    }

    /// The person has read it in the notification.
    pub(in crate::window) fn mark_read(&self, place: Place) {
        if let Some(notifier) = self.imp().notifier.get() {
            notifier.read(&place);
        }
        let row = self.row_of(place);
        if row.section() != Section::Everyone || place == Place::Everyone {
            self.talk().mark_read(&row);
        }
    }

    pub(in crate::window) fn show_preferences(&self) {
        let Some(settings) = self.imp().settings.get() else {
            return;
        };
        let keep_running = KeepRunning {
            title: &gettext("Keep Listening When the Window Is Closed"),
            subtitle: &gettext("Quit with Ctrl+Q or from the notification"),
        };
        preferences::open(self, settings, keep_running, &[]);
    }
}
