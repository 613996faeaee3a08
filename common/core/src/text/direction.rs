//! Texts that are written from right to left, in sentences that are not.

use std::borrow::Cow;
use std::ops::RangeInclusive;

/// FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (Unicode Standard Annex 9): what stands between
/// them has a direction of its own and turns nothing around it.
const ISOLATES: [char; 2] = ['\u{2068}', '\u{2069}'];

/// Letters that are written from right to left: Hebrew, Arabic, Syriac, Thaana, N'Ko and their
/// relatives, with their presentation forms, and the ancient scripts.
const RIGHT_TO_LEFT: [RangeInclusive<char>; 5] = [
    '\u{590}'..='\u{8FF}',
    '\u{FB1D}'..='\u{FDFF}',
    '\u{FE70}'..='\u{FEFC}',
    '\u{10800}'..='\u{10FFF}',
    '\u{1E800}'..='\u{1EFFF}',
];

/// Whether something of a text is written from right to left.
pub fn has_right_to_left(text: &str) -> bool {
    let is_one = |character: char| RIGHT_TO_LEFT.iter().any(|range| range.contains(&character));
    !text.is_ascii() && text.chars().any(is_one)
}

/// Adds a text that keeps its direction to itself.
pub fn push_isolated(sentence: &mut String, text: &str) {
    sentence.push(ISOLATES[0]);
    sentence.push_str(text);
    sentence.push(ISOLATES[1]);
}

/// A text without such marks, for where they are not understood: terminals, files, the network.
pub fn without_isolates(text: &str) -> Cow<'_, str> {
    if text.contains(ISOLATES) {
        Cow::Owned(text.replace(ISOLATES, ""))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_direction_is_that_of_the_letters() {
        for text in ["דנה", "a ليلى", "ﷺ", "\u{10900}"] {
            assert!(has_right_to_left(text), "{text}");
        }
        for text in ["", "Ana", "é 陈伟 🙂", "192.168.1.20"] {
            assert!(!has_right_to_left(text), "{text}");
        }
    }

    #[test]
    fn marks_come_and_go() {
        let mut sentence = "from ".to_owned();
        push_isolated(&mut sentence, "דנה");
        assert_eq!(sentence, "from \u{2068}דנה\u{2069}");
        assert_eq!(without_isolates(&sentence), "from דנה");
        assert!(matches!(without_isolates("Ana"), Cow::Borrowed("Ana")));
    }
}
