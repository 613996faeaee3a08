//! Texts in the language of the person.
//!
//! `po/extract` reads the calls: the texts are literals, and values stand in them as `{name}`.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use gettextrs::LocaleCategory;
use hallway_core::text::direction::{has_right_to_left, push_isolated};

/// The name of our translations.
const DOMAIN: &str = "hallway";

/// Where translations are installed unless the build or the environment says otherwise.
const LOCALEDIR: &str = "/usr/local/share/locale";

/// Names the folder of translations, when building and (for the build tree) when running.
const LOCALEDIR_VARIABLE: &str = "HALLWAY_LOCALEDIR";

/// Whether values are isolated from the sentence around them.
static ISOLATING: AtomicBool = AtomicBool::new(false);

/// From now on values that are written in the other direction than a sentence are isolated in it, so
/// that a name in Hebrew does not turn an English sentence around. For programs with windows:
/// terminals, files and the network know nothing of such marks.
pub fn isolate_values() {
    ISOLATING.store(true, Ordering::Relaxed);
}

/// Takes the person's language from the environment. Call it first of all in `main`: it is the
/// one thing that must come before any thread. Without it, and without a translation, texts are
/// English.
pub fn init() {
    #[allow(unsafe_code)]
    // SAFETY: no other thread runs yet that could read the locale or change the environment.
    let locale = unsafe { gettextrs::setlocale(LocaleCategory::LcAll, "") };
    if locale.is_none() {
        // The system does not have the locale that the environment names.
        return;
    }
    let folder = std::env::var_os(LOCALEDIR_VARIABLE).map_or_else(
        || PathBuf::from(option_env!("HALLWAY_LOCALEDIR").unwrap_or(LOCALEDIR)),
        PathBuf::from,
    );
    // Where one of these fails the texts stay English, which is all there is to do about it.
    let _ = gettextrs::bindtextdomain(DOMAIN, folder);
    let _ = gettextrs::bind_textdomain_codeset(DOMAIN, "UTF-8");
    let _ = gettextrs::textdomain(DOMAIN);
}

/// `text` in the person's language.
pub fn gettext(text: &str) -> String {
    gettextrs::gettext(text)
}

/// [`gettext`] with values in the place of `{name}`. Values are put in as they are: words in
/// braces inside a value stay. A place that has no value stays too.
pub fn gettext_f(text: &str, values: &[(&str, &str)]) -> String {
    fill(&gettextrs::gettext(text), values)
}

/// [`gettext_f`] in the form that the language has for `n`; `{n}` in a text is that number unless
/// `values` has another.
pub fn ngettext_f(one: &str, many: &str, n: u64, values: &[(&str, &str)]) -> String {
    // No language tells numbers that great apart.
    let selector = u32::try_from(n).unwrap_or(u32::MAX);
    let text = gettextrs::ngettext(one, many, selector);
    let number = n.to_string();
    let with_number: Vec<_> = values.iter().copied().chain([("n", &*number)]).collect();
    fill(&text, &with_number)
}

/// Puts values in one pass, so that none is looked into.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    let isolates = ISOLATING.load(Ordering::Relaxed);
    let is_turned = isolates && has_right_to_left(text);
    while let Some(open) = rest.find('{') {
        filled.push_str(&rest[..open]);
        rest = &rest[open..];
        let value = rest.find('}').and_then(|close| {
            let name = &rest[1..close];
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((close, value))
        });
        if let Some((close, value)) = value {
            if is_turned || (isolates && has_right_to_left(value)) {
                push_isolated(&mut filled, value);
            } else {
                filled.push_str(value);
            }
            rest = &rest[close + 1..];
        } else {
            filled.push('{');
            rest = &rest[1..];
        }
    }
    filled.push_str(rest);
    filled
}
