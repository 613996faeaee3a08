//! The window of what a person may choose.
//!
//! Rows are bound to keys of `GSettings`: what is chosen holds at once, and a key that an
//! administrator has locked cannot be chosen.

use adw::prelude::*;
use hallway_words::gettext;

use crate::{accessible, kept};

/// The keys of notifications.
const NOTIFICATIONS: &str = "notifications";
const DETAILS: [&str; 2] = ["notification-text", "sound"];

/// The key of what goes on while no window is open.
const KEEP_RUNNING: &str = "keep-running";

/// The key of how many lines are held.
pub const HISTORY_LINES: &str = "history-lines";

/// Lines by which that grows at a click.
const LINES_STEP: f64 = 10_000.0;

/// Pixels: no wider than the window below it, where that is narrow.
const NARROWEST: i32 = 340;
const COMFORTABLE: i32 = 480;
const HEIGHT: i32 = 540;

/// What a program has to say about staying without a window.
#[derive(Clone, Copy, Debug)]
pub struct KeepRunning<'a> {
    /// What the switch does.
    pub title: &'a str,
    /// How to end the program then.
    pub subtitle: &'a str,
}

/// Opens the window over `parent`. `more` are groups of a program's own.
pub fn open(
    parent: &impl IsA<gtk::Window>,
    settings: &gio::Settings,
    keep_running: KeepRunning<'_>,
    more: &[adw::PreferencesGroup],
) -> adw::PreferencesWindow {
    let page = adw::PreferencesPage::new();
    page.add(&notifications(settings));
    for group in more {
        page.add(group);
    }
    let last = [background(settings, keep_running), conversation(settings)];
    for group in last.iter().flatten() {
        page.add(group);
    }
    let window = adw::PreferencesWindow::builder()
        .title(gettext("Preferences"))
        .transient_for(parent)
        .modal(true)
        .destroy_with_parent(true)
        .search_enabled(false)
        .default_width(parent.as_ref().width().clamp(NARROWEST, COMFORTABLE))
        .default_height(HEIGHT)
        .width_request(NARROWEST)
        .build();
    window.add(&page);
    window.present();
    window
}

fn notifications(settings: &gio::Settings) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::builder()
        .title(gettext("Notifications"))
        .build();
    group.add(&switch_row(
        settings,
        NOTIFICATIONS,
        &gettext("Notify About New Messages"),
        &gettext("While their conversation is not in front of you"),
    ));
    let texts = [
        (
            gettext("Show Sender and Text"),
            gettext("Otherwise only that there is a message"),
        ),
        (gettext("Play the Alert Sound"), String::new()),
    ];
    for (key, (title, subtitle)) in DETAILS.into_iter().zip(texts) {
        let row = switch_row(settings, key, &title, &subtitle);
        // Without notifications there is nothing to choose about them.
        settings
            .bind(NOTIFICATIONS, &row, "sensitive")
            .get()
            .no_sensitivity()
            .build();
        group.add(&row);
    }
    group
}

/// None where the program has no such setting.
fn background(
    settings: &gio::Settings,
    keep_running: KeepRunning<'_>,
) -> Option<adw::PreferencesGroup> {
    settings.settings_schema()?.has_key(KEEP_RUNNING).then(|| {
        let group = adw::PreferencesGroup::builder()
            .title(gettext("Background"))
            .build();
        let KeepRunning { title, subtitle } = keep_running;
        group.add(&switch_row(settings, KEEP_RUNNING, title, subtitle));
        group
    })
}

/// None where the program has no such setting.
fn conversation(settings: &gio::Settings) -> Option<adw::PreferencesGroup> {
    let schema = settings.settings_schema()?;
    let key = schema
        .has_key(HISTORY_LINES)
        .then(|| schema.key(HISTORY_LINES))?;
    let (_, range): (String, glib::Variant) = key.range().get()?;
    let (least, most): (u32, u32) = range.get()?;
    let lines = gtk::SpinButton::with_range(least.into(), most.into(), LINES_STEP);
    lines.set_valign(gtk::Align::Center);
    settings.bind(HISTORY_LINES, &lines, "value").build();
    let row = adw::ActionRow::builder()
        .title(gettext("Lines Held"))
        .subtitle(gettext("Older ones are forgotten"))
        .activatable_widget(&lines)
        .build();
    row.add_suffix(&lines);
    let group = adw::PreferencesGroup::builder()
        .title(gettext("Conversation"))
        .build();
    group.add(&row);
    if let Some(row) = kept::keep_row(settings) {
        group.add(&row);
    }
    Some(group)
}

/// A row with words, separated by commas, that is a key of the settings. What is typed holds when
/// it is applied.
pub fn words_row(settings: &gio::Settings, key: &str, title: &str) -> adw::EntryRow {
    let row = adw::EntryRow::builder()
        .title(title)
        .show_apply_button(true)
        .build();
    let words = settings.strv(key);
    let words: Vec<_> = words.iter().map(glib::GStringPtr::as_str).collect();
    row.set_text(&words.join(", "));
    row.set_sensitive(settings.is_writable(key));
    accessible::tell_entry(&row);
    let (settings, key) = (settings.clone(), key.to_owned());
    row.connect_apply(move |row| {
        let text = row.text();
        let words: Vec<_> = split(&text).collect();
        if let Err(error) = settings.set_strv(&key, words) {
            tracing::warn!(%error, key, "the words are not written");
        }
    });
    row
}

/// The words of a text in which commas stand between them.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split([',', '，', '、', ';']);
    words.map(str::trim).filter(|word| !word.is_empty())
}

/// A row with a switch that is a key of the settings.
pub fn switch_row(
    settings: &gio::Settings,
    key: &str,
    title: &str,
    subtitle: &str,
) -> adw::ActionRow {
    let switch = gtk::Switch::builder().valign(gtk::Align::Center).build();
    let row = adw::ActionRow::builder()
        .title(title)
        .subtitle(subtitle)
        .activatable_widget(&switch)
        .build();
    row.add_suffix(&switch);
    settings.bind(key, &switch, "active").build();
    row
}
