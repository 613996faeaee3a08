//! The number on the program's icon, on docks that show one.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use gio::prelude::*;
use glib::variant::{ToVariant, Variant};

use super::news::Unread;

/// The signal that docks listen for, of Unity and of those after it.
const INTERFACE: &str = "com.canonical.Unity.LauncherEntry";

/// Tells docks how much is unread.
pub(super) fn tell(application: &gio::Application, unread: Unread) {
    let (Some(id), Some(bus)) = (application.application_id(), application.dbus_connection())
    else {
        return;
    };
    // Any path would do; this is the kind that others use.
    let mut hasher = DefaultHasher::new();
    id.as_str().hash(&mut hasher);
    let path = format!("/com/canonical/unity/launcherentry/{}", hasher.finish());
    let entry = format!("application://{id}.desktop");
    let count = i64::try_from(unread.lines).unwrap_or(i64::MAX);
    let values: HashMap<&str, Variant> = HashMap::from([
        ("count", count.to_variant()),
        ("count-visible", (count > 0).to_variant()),
        ("urgent", (unread.mentions > 0).to_variant()),
    ]);
    let arguments = (entry, values).to_variant();
    if let Err(error) = bus.emit_signal(None, &path, INTERFACE, "Update", Some(&arguments)) {
        tracing::debug!(%error, "docks are not told");
    }
}
