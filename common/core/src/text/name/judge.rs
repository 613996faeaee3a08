//! What passes for something else is not a name.
//!
//! A plain peer sees `name: text` and nothing more, so a name must not bring a second `name: `
//! with it, nor look like an answer of the server, nor like a peer that has no name yet. Each rule
//! holds for look-alikes too.

use std::net::Ipv6Addr;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_security::MixedScript;
use unicode_security::confusable_detection::skeleton;
use unicode_segmentation::UnicodeSegmentation;

use super::clean::is_mark;
use super::{MAX_BYTES, MAX_GRAPHEMES, MAX_MARKS, NameError};

/// Colons that UTS 39 does not know as such: of Z notation, of Bamum, of cuneiform.
const MORE_COLONS: [char; 3] = ['\u{2982}', '\u{A6F4}', '\u{12471}'];

/// Asterisks that UTS 39 does not know as such: dingbats, and the one of Slavonic.
const MORE_STARS: [char; 4] = ['\u{2731}', '\u{2732}', '\u{2733}', '\u{A673}'];

/// Colons of double width, which bring their own space: full width, vertical, small, and two dots.
const WIDE_COLONS: [char; 4] = ['\u{FF1A}', '\u{FE13}', '\u{FE55}', '\u{FE30}'];

/// The most digits of a port: 65535.
const PORT_DIGITS: usize = 5;

/// The most digits of one of the four numbers of an IPv4 address: 255.
const OCTET_DIGITS: usize = 3;

/// Judges a text that has been cleaned.
pub(super) fn judge(name: &str) -> Result<(), NameError> {
    let Some(first) = name.chars().next() else {
        return Err(NameError::Empty);
    };
    let (graphemes, bytes) = (name.graphemes(true).count(), name.len());
    if graphemes > MAX_GRAPHEMES || bytes > MAX_BYTES {
        return Err(NameError::TooLong { graphemes, bytes });
    }
    let marks = most_marks(name);
    if marks > MAX_MARKS {
        return Err(NameError::TooManyMarks { marks });
    }
    if MORE_STARS.contains(&first) || looks(first).iter().any(|look| look.starts_with('*')) {
        return Err(NameError::StartsWithStar);
    }
    // Letters that look like a slash begin words: ノ of Katakana.
    if !first.is_alphabetic() && looks(first).iter().any(|look| look.starts_with('/')) {
        return Err(NameError::StartsWithSlash);
    }
    if let Some(word) = address(name) {
        return Err(NameError::LooksLikeAddress { word });
    }
    if has_colon(name) {
        return Err(NameError::HasColon);
    }
    Ok(())
}

/// The longest run of marks that take no room of their own.
fn most_marks(name: &str) -> usize {
    let (mut most, mut run) = (0, 0);
    for character in name.nfd() {
        run = match character.general_category() {
            GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark => run + 1,
            _ => 0,
        };
        most = most.max(run);
    }
    most
}

/// What a character may be taken for.
fn looks(character: char) -> [String; 3] {
    let alone = character.to_string();
    let compatible: String = alone.nfkc().collect();
    let alike = skeleton(&alone).collect();
    let both = skeleton(&compatible).collect();
    [compatible, alike, both]
}

/// Whether a colon ends the text or comes before a space, where it would end somebody's name.
fn has_colon(name: &str) -> bool {
    let characters: Vec<char> = name.chars().collect();
    characters.iter().enumerate().any(|(at, &character)| {
        let next = characters[at + 1..].iter().find(|&&next| !is_mark(next));
        match next {
            _ if WIDE_COLONS.contains(&character) => true,
            None => is_colon(character) && !ends_a_word(&characters[..at], character),
            Some(' ') => is_colon(character),
            Some(_) => false,
        }
    })
}

fn is_colon(character: char) -> bool {
    MORE_COLONS.contains(&character)
        || looks(character)
            .iter()
            .any(|look| look.trim_end_matches(is_mark).ends_with(':'))
}

/// Whether what looks like a colon is a sign of the script before it: the visarga of रामः, a tone
/// of Lisu. At the end of a name, where our own colon follows, it forges nothing.
fn ends_a_word(before: &[char], sign: char) -> bool {
    let Some(&letter) = before.iter().rev().find(|&&c| !is_mark(c)) else {
        return false;
    };
    let together = |a: char, b: char| String::from_iter([a, b]).as_str().is_single_script();
    matches!(
        sign.general_category(),
        GeneralCategory::SpacingMark | GeneralCategory::ModifierLetter
    ) && letter.general_category() == GeneralCategory::OtherLetter
        && together(letter, sign)
        // Common to all scripts is not of this one.
        && !together('a', letter)
        && !together('a', sign)
}

/// The first word that looks like an address, in plain digits.
fn address(name: &str) -> Option<String> {
    let alike: String = skeleton(&name.nfkc().collect::<String>()).collect();
    // In a skeleton 0 is O and 1 is l; here they are digits again.
    let alike: String = plain_digits(&alike)
        .map(|c| match c {
            'o' => '0',
            'l' => '1',
            _ => c,
        })
        .collect();
    let plain: String = plain_digits(name).collect();
    [plain, alike]
        .iter()
        .flat_map(|text| text.split(' '))
        .map(|word| {
            word.trim_matches(|c| matches!(c, '(' | ')' | '<' | '>' | ',' | ';' | '.' | '\''))
        })
        .find(|word| is_address(word))
        .map(str::to_owned)
}

/// Normal form KC in small letters, with the full stop of CJK as a dot. Digits of other scripts
/// become zeros: what number they are does not matter.
fn plain_digits(text: &str) -> impl Iterator<Item = char> {
    text.nfkc().flat_map(char::to_lowercase).map(|c| match c {
        '。' => '.',
        _ if c.general_category() == GeneralCategory::DecimalNumber && !c.is_ascii() => '0',
        _ => c,
    })
}

fn is_address(word: &str) -> bool {
    if is_ipv4(word) || is_ipv6(word) {
        return true;
    }
    if let Some((inside, after)) = word.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let port = after.strip_prefix(':');
        return is_ipv6(inside) && (after.is_empty() || port.is_some_and(is_port));
    }
    word.rsplit_once(':')
        .is_some_and(|(host, port)| is_port(port) && (is_ipv4(host) || is_host(host)))
}

/// By its shape: nobody who reads 300.1.1.1 takes it for a name.
fn is_ipv4(word: &str) -> bool {
    let mut count = 0;
    word.split('.').all(|octet| {
        count += 1;
        is_number(octet, OCTET_DIGITS)
    }) && count == 4
}

fn is_ipv6(word: &str) -> bool {
    // A zone may follow; the percent sign has a skeleton that begins with a degree sign.
    let address = word.split(['%', '°']).next().unwrap_or(word);
    address.parse::<Ipv6Addr>().is_ok()
}

fn is_port(word: &str) -> bool {
    is_number(word, PORT_DIGITS)
}

/// A host name of several labels, or the one that everybody knows, as such and with plain digits.
fn is_host(word: &str) -> bool {
    let mut labels = word.split('.');
    matches!(word, "localhost" | "10ca1h0st")
        || word.contains('.')
            && labels.all(|label| {
                !label.is_empty()
                    && label
                        .chars()
                        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
            })
}

fn is_number(word: &str, max_digits: usize) -> bool {
    (1..=max_digits).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
}
