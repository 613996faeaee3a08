//! Texts of our windows in another language, as `po/` has them.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// What is said for what: a menu may have a key marked where a dialog has none.
#[derive(Debug, Default)]
pub(crate) struct Words(HashMap<String, Vec<String>>);

impl Words {
    /// The words of this translation.
    pub(crate) fn of(file: &Path) -> Self {
        let po = fs::read_to_string(file).expect("the translation is there");
        let mut words = Self::default();
        for (id, text) in po.split("\n\n").filter_map(entry) {
            words.0.entry(plain(&id)).or_default().push(plain(&text));
        }
        words
    }

    /// The texts for an English one, which is itself where there is no other.
    pub(crate) fn get<'a>(&'a self, english: &'a str) -> Vec<&'a str> {
        let found = self.0.get(english);
        found.map_or_else(
            || vec![english],
            |texts| texts.iter().map(String::as_str).collect(),
        )
    }
}

/// A text and its translation, if there is one.
fn entry(text: &str) -> Option<(String, String)> {
    let (id, translation) = (string(text, "msgid ")?, string(text, "msgstr ")?);
    (!translation.is_empty()).then_some((id, translation))
}

/// The string after a keyword, over all its lines.
fn string(entry: &str, keyword: &str) -> Option<String> {
    let mut lines = entry.lines().skip_while(|line| !line.starts_with(keyword));
    let first = lines.next()?.strip_prefix(keyword)?;
    let others = lines.take_while(|line| line.starts_with('"'));
    let parts = std::iter::once(first).chain(others);
    let parts = parts.map(|part| part.trim().trim_matches('"'));
    Some(parts.collect::<String>().replace("\\n", "\n"))
}

/// A label as it is read: without the mark of its key.
fn plain(label: &str) -> String {
    label.replace('_', "")
}
