//! What a window remembers between two runs, in `GSettings`.

use gtk::prelude::*;

/// The keys of a window's size, and the property of a window that each is.
///
/// A window's default size follows what a person makes of it, but not while it is maximized, so
/// the size to come back to is never lost.
const SIZE_KEYS: [(&str, &str); 3] = [
    ("window-width", "default-width"),
    ("window-height", "default-height"),
    ("window-maximized", "maximized"),
];

/// The settings of `schema_id`; `None` where the schema is not installed. (`gio::Settings::new`
/// would end the program there.)
pub fn open(schema_id: &str) -> Option<gio::Settings> {
    let source = gio::SettingsSchemaSource::default()?;
    let schema = source.lookup(schema_id, true)?;
    let settings = gio::Settings::new_full(&schema, None::<&gio::SettingsBackend>, None);
    Some(settings)
}

/// Gives `window` the size it had last time, and remembers what becomes of it.
pub fn remember_size(window: &impl IsA<gtk::Window>, settings: &gio::Settings) {
    let Some(schema) = settings.settings_schema() else {
        return;
    };
    for (key, property) in SIZE_KEYS {
        if schema.has_key(key) {
            settings.bind(key, window.as_ref(), property).build();
        }
    }
}
