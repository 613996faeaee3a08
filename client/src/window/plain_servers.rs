//! The servers for which a person chose plain text, the newest first.

use gio::prelude::*;

use crate::session::Target;

/// Servers remembered: more than anybody tries by hand.
const MOST: usize = 100;

const KEY: &str = "plain-servers";

/// Whether plain text was chosen for a server.
pub(super) fn contains(settings: &gio::Settings, target: &Target) -> bool {
    let target = target.to_string();
    settings.strv(KEY).iter().any(|other| *other == target)
}

/// Remembers whether plain text is wanted for a server.
pub(super) fn set(settings: &gio::Settings, target: &Target, is_plain: bool) {
    let before = settings.strv(KEY);
    let before: Vec<&str> = before.iter().map(glib::GStringPtr::as_str).collect();
    let target = target.to_string();
    let after = changed(&before, &target, is_plain);
    if before != after
        && let Err(error) = settings.set_strv(KEY, after)
    {
        tracing::warn!(%error, "the way to a server is not remembered");
    }
}

fn changed<'a>(before: &[&'a str], target: &'a str, is_plain: bool) -> Vec<&'a str> {
    let others = before.iter().copied().filter(|other| *other != target);
    let chosen = is_plain.then_some(target);
    chosen.into_iter().chain(others).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_remembered_once_and_can_be_changed() {
        assert_eq!(changed(&["a", "b"], "b", true), ["b", "a"]);
        assert_eq!(changed(&["a", "b"], "b", false), ["a"]);
        let many: Vec<String> = (0..MOST).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(changed(&many, "new", true).len(), MOST);
    }
}
