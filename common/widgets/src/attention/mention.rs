//! Whether a line calls somebody by name; pure.

use std::borrow::Cow;

use glib::Unichar;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Names looked for at most: each of them costs a look through every line.
const NAMES: usize = 20;

/// Bytes of the longest one; as long as a name on the server may be.
const NAME_BYTES: usize = 64;

/// Bytes of a line that are looked through: what a row shows at first is no longer.
const LOOKED_THROUGH: usize = 4_096;

/// What a person is called by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(Vec<String>);

impl Names {
    /// These names. Empty ones, those that are too long and those past the twentieth are left out.
    pub fn of<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Self {
        let mut all = Vec::new();
        for name in names {
            let name = name.as_ref().trim();
            let name = fold(name.strip_prefix('@').unwrap_or(name)).into_owned();
            let is_one = name.chars().any(is_of_word) && name.len() <= NAME_BYTES;
            if is_one && all.len() < NAMES && !all.contains(&name) {
                all.push(name);
            }
        }
        Self(all)
    }

    /// Whether one of them stands in a text as a word of its own, in capitals or not.
    pub fn are_in(&self, text: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let text = fold(beginning(text));
        self.0.iter().any(|name| is_in(name, &text))
    }
}

fn is_in(name: &str, text: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let after = &text[at + name.len()..];
        let starts = !is_joined(text[..at].chars().next_back(), name.chars().next());
        starts && !is_joined(name.chars().next_back(), after.chars().next())
    })
}

/// What is looked through of a text.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(LOOKED_THROUGH)]
}

/// A text in the form in which equal ones are equal: composed, and without capitals.
fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Borrowed(text);
        }
        return Cow::Owned(text.to_ascii_lowercase());
    }
    let lower = text.chars().flat_map(char::to_lowercase);
    let lower: String = lower.collect();
    if is_nfc(&lower) {
        return Cow::Owned(lower);
    }
    Cow::Owned(lower.nfc().collect())
}

/// Whether two neighbours belong to one word. Unicode's own boundaries (UAX #29) would take
/// "Ana:hello" and "Ana's" for one word each.
fn is_joined(one: Option<char>, other: Option<char>) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return false;
    };
    is_of_word(one) && is_of_word(other) && !is_unspaced(one) && !is_unspaced(other)
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character.is_mark()
}

/// Whether words are written without spaces between them: then a name may stand anywhere.
fn is_unspaced(character: char) -> bool {
    matches!(
        character,
        // Thai and Lao, Myanmar, Khmer
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        // Kana, then ideographs with their extensions
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFD}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mentions(name: &str, text: &str) -> bool {
        Names::of([name]).are_in(text)
    }

    #[test]
    fn a_name_is_found_as_a_word() {
        for text in [
            "Ana",
            "ana?",
            "hello, ANA!",
            "@ana: are you there",
            "is this Ana's key",
            "Ana:hello",
            "Anatol and ana",
            "“Ana”",
            "你好Ana，",
        ] {
            assert!(mentions("Ana", text), "{text:?}");
        }
        for text in [
            "",
            "An a",
            "Anatol",
            "banana",
            "ana_x",
            "ana2",
            "ANA\u{301}",
        ] {
            assert!(!mentions("Ana", text), "{text:?}");
        }
    }

    #[test]
    fn names_of_other_scripts_are_found() {
        assert!(mentions("陈伟", "你好陈伟，打印机在三楼吗？"));
        assert!(mentions("タロウ", "タロウさん、こんにちは"));
        assert!(mentions("José", "hola jose\u{301}!"));
        assert!(mentions("Jose\u{301}", "JOSÉ?"));
        assert!(mentions("ΆΝΝΑ", "γεια άννα"));
        assert!(mentions("Straße 3", "straße 3: wer kommt"));
        assert!(!mentions("Оля", "Столяр"));
        assert!(mentions("10.0.0.7", "10.0.0.7: hello"));
    }

    #[test]
    fn what_is_no_name_is_never_found() {
        let names = Names::of(["", "  ", "@", "!?", &"x".repeat(65)]);
        assert_eq!(names, Names::default());
        assert!(!names.are_in(" @ !? "));
        let many = Names::of((0..100).map(|number| format!("n{number}")));
        assert_eq!(many.0.len(), NAMES);
    }

    #[test]
    fn only_the_beginning_of_a_long_line_is_looked_through() {
        let far = format!("{}ana", "字".repeat(LOOKED_THROUGH));
        assert!(!mentions("ana", &far));
    }

    proptest! {
        #[test]
        fn any_text_can_be_looked_through(name in any::<String>(), text in any::<String>()) {
            Names::of([&name]).are_in(&text);
        }

        #[test]
        fn a_name_between_spaces_is_found(
            name in "[\\p{L}][\\p{L}0-9 ._-]{0,12}[\\p{L}0-9]",
            before in "[\\p{L} .:]{0,12}", after in "[\\p{L} .:]{0,12}",
        ) {
            let text = format!("{before} {name} {after}");
            prop_assert!(mentions(&name, &text));
        }
    }
}
