//! Who shows notifications on this desktop, and how the bodies are read.
//!
//! GIO chooses the way by itself: the portal in a sandbox, GNOME Shell's own interface where it
//! is there, else `org.freedesktop.Notifications`. It hands texts on as they are, and while the
//! first two take them for plain text, the last one's programs may read the body as markup: they
//! say so among their capabilities. So a body is escaped for those, and for those alone.

use std::env;
use std::path::Path;

use glib::variant::ToVariant;

/// There in every Flatpak sandbox.
const FLATPAK: &str = "/.flatpak-info";

/// Where the bus itself answers.
const BUS: (&str, &str, &str) = (
    "org.freedesktop.DBus",
    "/org/freedesktop/DBus",
    "org.freedesktop.DBus",
);

/// What GNOME Shell shows notifications by.
const GTK: &str = "org.gtk.Notifications";

/// What other desktops show them by.
const FREEDESKTOP: (&str, &str, &str) = (
    "org.freedesktop.Notifications",
    "/org/freedesktop/Notifications",
    "org.freedesktop.Notifications",
);

/// What a program says that reads the body as markup.
const MARKUP: &str = "body-markup";

/// Milliseconds that an answer may take: starting a program is part of it.
const PATIENCE: i32 = 5_000;

/// How the body of a notification is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Nobody shows notifications.
    Never,
    /// As it is.
    Plain,
    /// As markup.
    Markup,
}

impl Reading {
    /// A body that is read as this text.
    pub(super) fn body(self, text: &str) -> String {
        match self {
            Self::Markup => glib::markup_escape_text(text).into(),
            Self::Plain | Self::Never => text.to_owned(),
        }
    }
}

/// Asks how a notification that is sent now will be read.
pub(super) async fn reading(bus: &gio::DBusConnection) -> Reading {
    if is_in_sandbox() {
        return Reading::Plain;
    }
    let owner: Result<(bool,), _> = call(bus, BUS, "NameHasOwner", Some((GTK,).to_variant())).await;
    if owner.is_ok_and(|(has_owner,)| has_owner) {
        return Reading::Plain;
    }
    let answer: Result<(Vec<String>,), _> = call(bus, FREEDESKTOP, "GetCapabilities", None).await;
    match answer {
        Ok((capabilities,)) if capabilities.iter().any(|one| one == MARKUP) => Reading::Markup,
        Ok(_) => Reading::Plain,
        Err(error) => {
            tracing::debug!(%error, "nobody shows notifications");
            Reading::Never
        }
    }
}

/// Whether GIO goes through the portal.
fn is_in_sandbox() -> bool {
    let asks = |name| env::var_os(name).is_some_and(|value| value == "1");
    Path::new(FLATPAK).exists()
        || env::var_os("SNAP").is_some()
        || asks("GTK_USE_PORTAL")
        || asks("GIO_USE_PORTALS")
}

async fn call<T: glib::variant::FromVariant>(
    bus: &gio::DBusConnection,
    (name, path, interface): (&str, &str, &str),
    method: &str,
    arguments: Option<glib::Variant>,
) -> Result<T, glib::Error> {
    let flags = gio::DBusCallFlags::NONE;
    let answer = bus.call_future(
        Some(name),
        path,
        interface,
        method,
        arguments.as_ref(),
        None,
        flags,
        PATIENCE,
    );
    let answer = answer.await?;
    answer.get().ok_or_else(|| {
        let text = format!("{method} answers {}", answer.type_());
        glib::Error::new(gio::IOErrorEnum::InvalidData, &text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_escaped_for_whoever_reads_markup() {
        let text = "<b>&amp;</b>";
        assert_eq!(Reading::Plain.body(text), text);
        assert_eq!(Reading::Markup.body(text), "&lt;b&gt;&amp;amp;&lt;/b&gt;");
    }
}
