//! What cannot be seen is taken out of a name.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup};
use unicode_properties::{UnicodeEmoji, UnicodeGeneralCategory};

const JOINER: char = '\u{200D}';
const EMOJI_SELECTOR: char = '\u{FE0F}';
const KEYCAP: char = '\u{20E3}';

/// What waits for the next character that is kept, because that decides about it.
#[derive(Clone, Copy)]
enum Pending {
    Nothing,
    /// White space: kept between two words.
    Space,
    /// U+200D: kept between two pictographs.
    Joiner,
    /// U+FE0F after a digit, `#` or `*`: kept before U+20E3.
    KeycapSelector,
}

/// The text in normal form C, without anything unseen, its words parted by single spaces.
///
/// Cleaning the result again changes nothing.
pub(super) fn clean(raw: &str) -> String {
    let mut text: String = raw.chars().filter_map(plain_or_dropped).nfc().collect();
    // What is dropped may let a letter and its mark meet, and U+2194 with U+0338 becomes one
    // character that is no pictograph any more. Each round but the last drops something.
    loop {
        let weighed: String = weigh_neighbours(&text).nfc().collect();
        if weighed == text {
            return text;
        }
        text = weighed;
    }
}

/// Whether this character is a mark, which has no place of its own.
pub(super) fn is_mark(character: char) -> bool {
    character.general_category_group() == GeneralCategoryGroup::Mark
}

/// The character, a space for any white space, or nothing for what is dropped wherever it stands.
fn plain_or_dropped(character: char) -> Option<char> {
    match character {
        '\t' => Some(' '),
        JOINER => Some(JOINER),
        _ if is_blank(character) => None,
        _ => match character.general_category() {
            GeneralCategory::SpaceSeparator => Some(' '),
            GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::Surrogate
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned => None,
            _ => Some(character),
        },
    }
}

/// Letters, marks and symbols by their category that show as nothing at all.
fn is_blank(character: char) -> bool {
    matches!(
        character,
        // Combining grapheme joiner.
        '\u{34F}'
        // Fillers of Hangul, full and half width.
        | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}'
        // Inherent vowels of Khmer.
        | '\u{17B4}' | '\u{17B5}'
        // Variation selectors of Mongolian, then all the others; U+FE0F is weighed later.
        | '\u{180B}'..='\u{180F}' | '\u{FE00}'..='\u{FE0E}' | '\u{E0100}'..='\u{E01EF}'
        // Blank Braille pattern, filler of Khitan, null notehead.
        | '\u{2800}' | '\u{16FE4}' | '\u{1D159}'
    )
}

/// Drops what depends on its neighbours: spaces, joiners, selectors, and marks without a letter.
fn weigh_neighbours(text: &str) -> std::vec::IntoIter<char> {
    let mut kept: Vec<char> = Vec::new();
    let mut pending = Pending::Nothing;
    for character in text.chars() {
        let last = kept.last().copied();
        match character {
            ' ' => pending = Pending::Space,
            JOINER => {
                if matches!(pending, Pending::Nothing) && last.is_some_and(may_be_joined) {
                    pending = Pending::Joiner;
                }
            }
            EMOJI_SELECTOR => match (pending, last) {
                (Pending::Nothing, Some(base)) if is_pictograph(base) => kept.push(EMOJI_SELECTOR),
                (Pending::Nothing, Some('0'..='9' | '#' | '*')) => {
                    pending = Pending::KeycapSelector;
                }
                _ => {}
            },
            // A mark at the start of a name or a word would sit on what somebody else wrote.
            _ if is_mark(character) && (last.is_none() || matches!(pending, Pending::Space)) => {}
            _ => {
                match pending {
                    Pending::Space if last.is_some() => kept.push(' '),
                    Pending::Joiner if is_pictograph(character) => kept.push(JOINER),
                    Pending::KeycapSelector if character == KEYCAP => kept.push(EMOJI_SELECTOR),
                    _ => {}
                }
                pending = Pending::Nothing;
                kept.push(character);
            }
        }
    }
    kept.into_iter()
}

/// Whether an emoji may go on after this, its last character so far.
fn may_be_joined(character: char) -> bool {
    character == EMOJI_SELECTOR || is_skin_tone(character) || is_pictograph(character)
}

/// An emoji of its own, to which a selector, a skin tone or a joiner may be added.
fn is_pictograph(character: char) -> bool {
    character.is_emoji_char()
        && !character.is_ascii()
        && !is_skin_tone(character)
        && !unicode_properties::emoji::is_regional_indicator(character)
}

fn is_skin_tone(character: char) -> bool {
    matches!(character, '\u{1F3FB}'..='\u{1F3FF}')
}
