//! The way out, as it stands in the settings.

use gio::prelude::*;
use hallway_core::net::connector::Proxy;

const CHOICE: &str = "proxy";
const ADDRESS: &str = "proxy-address";

/// What a manual proxy may speak.
const SCHEMES: [&str; 4] = ["socks5", "socks4a", "socks4", "http"];

/// Values of the setting, in the order of the dialog.
const CHOICES: [&str; 3] = ["none", "system", "manual"];

/// Where "manual" stands among the choices of the dialog.
pub(super) const MANUAL: u32 = 2;

/// How to connect.
pub(super) fn chosen(settings: &gio::Settings) -> Proxy {
    match settings.string(CHOICE).as_str() {
        "system" => Proxy::System,
        "manual" => match read(&settings.string(ADDRESS)) {
            Some(uri) => Proxy::Manual(uri),
            // The settings were written by another hand: what cannot be used fails in words.
            None => Proxy::Manual(settings.string(ADDRESS).into()),
        },
        _ => Proxy::None,
    }
}

/// The number of the choice in the settings, and the address of a manual proxy.
pub(super) fn stored(settings: &gio::Settings) -> (u32, String) {
    let choice = settings.string(CHOICE);
    let at = CHOICES.iter().position(|name| *name == choice);
    let number = at.and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
    (number, settings.string(ADDRESS).into())
}

/// Remembers a choice.
pub(super) fn store(settings: &gio::Settings, number: u32, address: &str) {
    let at = usize::try_from(number).unwrap_or(0);
    let name = CHOICES.get(at).copied().unwrap_or("none");
    let written = settings
        .set_string(CHOICE, name)
        .and_then(|()| settings.set_string(ADDRESS, address.trim()));
    if let Err(error) = written {
        tracing::warn!(%error, "the proxy is not written");
    }
}

/// What people write for a proxy as a URI: SOCKS 5 where they name no kind.
pub(super) fn read(text: &str) -> Option<String> {
    let text = text.trim();
    let uri = if text.contains("://") {
        text.to_owned()
    } else {
        format!("socks5://{text}")
    };
    // GLib takes spaces where no address has any.
    if text.contains(char::is_whitespace) {
        return None;
    }
    let parsed = glib::Uri::parse(&uri, glib::UriFlags::NONE).ok()?;
    let scheme = parsed.scheme();
    let has_host = parsed.host().is_some_and(|host| !host.is_empty());
    let is_bare = parsed.query().is_none() && matches!(&*parsed.path(), "" | "/");
    (SCHEMES.contains(&scheme.as_str()) && has_host && is_bare).then_some(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_as_people_write_them() {
        for (text, expected) in [
            (" 10.0.0.1:1080 ", Some("socks5://10.0.0.1:1080")),
            ("proxy", Some("socks5://proxy")),
            ("http://[::1]:3128/", Some("http://[::1]:3128/")),
            ("socks4a://me@proxy", Some("socks4a://me@proxy")),
            ("", None),
            ("ftp://proxy", None),
            ("socks5://", None),
            ("http://proxy/page", None),
            ("a b", None),
        ] {
            assert_eq!(read(text).as_deref(), expected, "{text:?}");
        }
    }
}
