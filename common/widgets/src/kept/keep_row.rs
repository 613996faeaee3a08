//! The row in which a person chooses how long conversations are kept.

use adw::prelude::*;
use glib::clone;
use hallway_core::history::retention::WORDS;
use hallway_words::gettext;

use super::tidying::KEEP;
use crate::dialogs::{self, Choice};

/// The row. None where the program has no such setting.
pub fn keep_row(settings: &gio::Settings) -> Option<adw::ComboRow> {
    settings.settings_schema()?.has_key(KEEP).then(|| {
        let words = WORDS.map(|(word, _)| match word {
            "forever" => gettext("Forever"),
            "30-days" => gettext("30 Days"),
            _ => gettext("This Session Only"),
        });
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let row = adw::ComboRow::builder()
            .title(gettext("Keep Conversations"))
            .subtitle(gettext("On this computer; the others keep their own"))
            .model(&gtk::StringList::new(&words))
            .build();
        settings
            .bind(KEEP, &row, "selected")
            .mapping(|word, _| Some(place(word.str()?)?.to_value()))
            .get()
            .build();
        row.connect_selected_notify(clone!(
            #[strong]
            settings,
            move |row| choose(row, &settings)
        ));
        row
    })
}

/// Where a word stands. What comes later keeps less.
fn place(word: &str) -> Option<u32> {
    let at = WORDS.iter().position(|(known, _)| *known == word)?;
    u32::try_from(at).ok()
}

/// The person has chosen: what keeps less is asked about first.
fn choose(row: &adw::ComboRow, settings: &gio::Settings) {
    let wanted = row.selected();
    let before = place(&settings.string(KEEP));
    let word = usize::try_from(wanted)
        .ok()
        .and_then(|at| Some(WORDS.get(at)?.0));
    let Some(word) = word.filter(|_| before != Some(wanted)) else {
        return;
    };
    if before.is_some_and(|before| wanted < before) {
        return set(settings, word);
    }
    let (row, settings) = (row.downgrade(), settings.clone());
    glib::spawn_future_local(async move {
        let window = row.upgrade().and_then(|row| row.root()).and_downcast();
        let agrees = match window {
            Some(window) => ask(&window, word).await,
            None => false,
        };
        if agrees {
            set(&settings, word);
        } else if let (Some(row), Some(before)) = (row.upgrade(), place(&settings.string(KEEP))) {
            row.set_selected(before);
        }
    });
}

fn set(settings: &gio::Settings, word: &str) {
    if let Err(error) = settings.set_string(KEEP, word) {
        tracing::warn!(%error, "how long conversations are kept is not written");
    }
}

async fn ask(window: &gtk::Window, word: &str) -> bool {
    let (heading, body, accept) = if word == "session" {
        (
            gettext("Keep This Session Only?"),
            gettext(
                "All conversations on this computer are deleted when the program ends. That cannot be undone.",
            ),
            gettext("_Keep This Session Only"),
        )
    } else {
        (
            gettext("Keep 30 Days Only?"),
            gettext("What is older is deleted from this computer now. That cannot be undone."),
            gettext("_Keep 30 Days"),
        )
    };
    let choices = [
        Choice {
            id: "cancel",
            label: &gettext("_Cancel"),
            appearance: adw::ResponseAppearance::Default,
        },
        Choice {
            id: "keep",
            label: &accept,
            appearance: adw::ResponseAppearance::Destructive,
        },
    ];
    dialogs::ask(window, &heading, &body, &choices, "cancel").await == "keep"
}

#[cfg(test)]
mod tests {
    use super::*;
    use hallway_core::history::retention::Retention;

    #[test]
    fn what_comes_later_keeps_less() {
        let is_less = |before: &Retention, after: &Retention| match (before, after) {
            (Retention::Forever, _) | (_, Retention::Session) => true,
            (Retention::Days(before), Retention::Days(after)) => after < before,
            _ => false,
        };
        let all = WORDS.map(|(_, retention)| retention);
        assert!(all.windows(2).all(|pair| is_less(&pair[0], &pair[1])));
        assert_eq!(place("session"), Some(2));
        assert_eq!(place("until dinner"), None);
    }
}
