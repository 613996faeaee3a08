//! Text that a peer sent, made safe to show.
//!
//! A raw escape character could take over the terminal of someone who reads the output of `nc`,
//! and a bidi override could turn a line around. What passes [`visible`] can do neither.

use std::borrow::Cow;
use std::fmt::Write;

/// The first of the control pictures: ␀ for NUL, and so on in the order of ASCII.
const CONTROL_PICTURES: u32 = 0x2400;

/// ␡, the picture of DEL, which stands apart from the others.
const PICTURE_OF_DELETE: char = '\u{2421}';

/// What may be shown, relayed and logged of bytes that a peer sent.
///
/// - Each maximal part of an ill-formed sequence becomes U+FFFD, exactly as
///   [`String::from_utf8_lossy`] does (Unicode Standard, 3.9, "U+FFFD Substitution of Maximal
///   Subparts").
/// - C0 controls except TAB, and DEL, become their control pictures: ␛, ␍, ␀, ␡.
/// - C1 controls, U+2028, U+2029 and the bidi controls become their numbers: ⟨U+202E⟩.
///
/// The result is borrowed exactly when nothing had to change.
pub fn visible(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if is_printable_ascii(bytes) => Cow::Borrowed(text),
        Ok(text) => visible_str(text),
        Err(_) => {
            let mut shown =
                String::with_capacity(bytes.len() + char::REPLACEMENT_CHARACTER.len_utf8());
            for chunk in bytes.utf8_chunks() {
                push_visible(&mut shown, chunk.valid());
                if !chunk.invalid().is_empty() {
                    shown.push(char::REPLACEMENT_CHARACTER);
                }
            }
            Cow::Owned(shown)
        }
    }
}

/// [`visible`] for what is known to be UTF-8.
pub fn visible_str(text: &str) -> Cow<'_, str> {
    if is_visible(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + char::REPLACEMENT_CHARACTER.len_utf8());
    push_visible(&mut shown, text);
    Cow::Owned(shown)
}

/// Whether [`visible`] has nothing to change in this text.
pub fn is_visible(text: &str) -> bool {
    is_printable_ascii(text.as_bytes()) || !text.chars().any(is_hidden)
}

/// Bytes of a line compared at a time: what a vector register of every processor holds.
const BLOCK: usize = 16;

/// Bytes of what one read brought compared at a time: nearly always all of them are plain.
const LARGE_BLOCK: usize = 128;

/// Whether these are lines of plain ASCII, in which [`visible`] has nothing to change.
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    all::<LARGE_BLOCK>(bytes, |byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n'))
}

fn is_printable_ascii(bytes: &[u8]) -> bool {
    all::<BLOCK>(bytes, |byte| matches!(byte, b' '..=b'~' | b'\t'))
}

/// Plain ASCII, nearly everything there is, costs next to nothing: whole blocks are compared, the
/// last one over what the one before it had.
fn all<const SIZE: usize>(bytes: &[u8], is_one: impl Fn(u8) -> bool + Copy) -> bool {
    // One pass without an early exit, for the compiler to make one comparison of.
    let are_all = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0, |odd, &byte| odd | u8::from(!is_one(byte)))
            == 0
    };
    let Some(end) = bytes.last_chunk::<SIZE>() else {
        return are_all(bytes);
    };
    let (blocks, _) = bytes.as_chunks::<SIZE>();
    blocks.iter().all(|block| are_all(block)) && are_all(end)
}

/// Whether this character must not be shown as it is.
fn is_hidden(character: char) -> bool {
    match character {
        '\t' => false,
        // Arabic letter mark; left-to-right and right-to-left mark; line and paragraph separator,
        // embeddings and overrides; isolates.
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            true
        }
        _ => character.is_control(),
    }
}

fn push_visible(shown: &mut String, text: &str) {
    let mut rest = text;
    while let Some((at, hidden)) = rest.char_indices().find(|&(_, c)| is_hidden(c)) {
        shown.push_str(&rest[..at]);
        push_picture(shown, hidden);
        rest = &rest[at + hidden.len_utf8()..];
    }
    shown.push_str(rest);
}

fn push_picture(shown: &mut String, hidden: char) {
    let code = u32::from(hidden);
    match hidden {
        '\0'..='\u{1F}' => {
            shown.push(
                char::from_u32(CONTROL_PICTURES + code).unwrap_or(char::REPLACEMENT_CHARACTER),
            );
        }
        '\u{7F}' => shown.push(PICTURE_OF_DELETE),
        _ => {
            // Writing to a string does not fail.
            let _ = write!(shown, "⟨U+{code:04X}⟩");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BIDI_AND_SEPARATORS: &str = "\u{61C}\u{200E}\u{200F}\u{2028}\u{2029}\u{202A}\u{202B}\
                                       \u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}";

    fn is_raw(character: char) -> bool {
        (character.is_control() && character != '\t') || BIDI_AND_SEPARATORS.contains(character)
    }

    #[test]
    fn printable_text_is_borrowed() {
        for text in [
            "",
            "hello",
            "a\tb ~",
            "¡olé!",
            "你好",
            "👩‍👩‍👧",
            "שלום",
            "\u{FEFF}x",
        ] {
            assert!(matches!(visible(text.as_bytes()), Cow::Borrowed(shown) if shown == text));
            assert!(matches!(visible_str(text), Cow::Borrowed(shown) if shown == text));
        }
    }

    #[test]
    fn controls_become_pictures() {
        assert_eq!(visible(b"\x1b[31mred\r\n\0\x7f"), "␛[31mred␍␊␀␡");
        assert_eq!(visible(b"a\tb\x1fc"), "a\tb␟c");
        assert_eq!(visible("a\u{85}b\u{9B}".as_bytes()), "a⟨U+0085⟩b⟨U+009B⟩");
        assert_eq!(
            visible_str("x\u{202E}y\u{2029}\u{61C}"),
            "x⟨U+202E⟩y⟨U+2029⟩⟨U+061C⟩"
        );
    }

    #[test]
    fn each_hidden_character_alone() {
        for hidden in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let text = hidden.to_string();
            assert_eq!(
                is_visible(&text),
                !is_raw(hidden),
                "U+{:04X}",
                u32::from(hidden)
            );
            assert_eq!(visible_str(&text) == text, !is_raw(hidden));
            assert!(!visible_str(&text).contains(is_raw));
        }
    }

    #[test]
    fn ill_formed_sequences_are_replaced_by_maximal_subpart() {
        let cases: &[(&[u8], &str)] = &[
            // Overlong forms of `/`, NUL and U+FFFF: no byte of them begins a sequence.
            (b"\xC0\xAF", "\u{FFFD}\u{FFFD}"),
            (b"\xC1\xBF", "\u{FFFD}\u{FFFD}"),
            (b"\xE0\x80\xAF", "\u{FFFD}\u{FFFD}\u{FFFD}"),
            (b"\xF0\x8F\xBF\xBF", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            // Lone and paired surrogates.
            (b"\xED\xA0\x80", "\u{FFFD}\u{FFFD}\u{FFFD}"),
            (b"\xED\xBF\xBF", "\u{FFFD}\u{FFFD}\u{FFFD}"),
            // Past U+10FFFF.
            (b"\xF4\x90\x80\x80", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            (b"\xF5\x80", "\u{FFFD}\u{FFFD}"),
            (
                b"\xF8\x88\x80\x80\x80",
                "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}",
            ),
            // Truncated at each place: one character for what there is of it.
            (b"\xC3", "\u{FFFD}"),
            (b"\xE2", "\u{FFFD}"),
            (b"\xE2\x82", "\u{FFFD}"),
            (b"\xF0", "\u{FFFD}"),
            (b"\xF0\x9F", "\u{FFFD}"),
            (b"\xF0\x9F\x98", "\u{FFFD}"),
            // Stray continuations, and bytes that UTF-8 never uses.
            (b"\x80", "\u{FFFD}"),
            (b"\xBF\xBF", "\u{FFFD}\u{FFFD}"),
            (b"\xFE", "\u{FFFD}"),
            (b"\xFF\xFE", "\u{FFFD}\u{FFFD}"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(visible(bytes), *expected, "{bytes:x?}");
            assert_eq!(visible(bytes), String::from_utf8_lossy(bytes), "{bytes:x?}");
            let within = [b"a\x1b", *bytes, b"z\r"].concat();
            assert_eq!(visible(&within), format!("a␛{expected}z␍"), "{bytes:x?}");
        }
    }

    /// Bytes in which every kind of trouble is likely.
    fn troubled() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            any::<u8>().prop_map(|byte| vec![byte]),
            any::<char>().prop_map(|c| c.to_string().into_bytes()),
            prop::sample::select(BIDI_AND_SEPARATORS.chars().collect::<Vec<_>>())
                .prop_map(|c| c.to_string().into_bytes()),
            "[ -~\t]{0,80}".prop_map(String::into_bytes),
        ];
        prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn nothing_raw_comes_out(bytes in troubled()) {
            prop_assert!(!visible(&bytes).contains(is_raw));
        }

        #[test]
        fn what_is_visible_stays_as_it_is(bytes in troubled()) {
            let once = visible(&bytes);
            prop_assert!(is_visible(&once));
            prop_assert!(matches!(visible(once.as_bytes()), Cow::Borrowed(twice) if twice == once));
        }

        #[test]
        fn borrowed_exactly_when_unchanged(bytes in troubled()) {
            let shown = visible(&bytes);
            prop_assert_eq!(matches!(shown, Cow::Borrowed(_)), shown.as_bytes() == bytes);
        }

        #[test]
        fn well_formed_text_takes_the_same_way(text: String) {
            prop_assert_eq!(visible(text.as_bytes()), visible_str(&text));
        }

        #[test]
        fn ill_formed_parts_are_what_the_standard_library_finds(bytes in troubled()) {
            let lossy = String::from_utf8_lossy(&bytes).into_owned();
            prop_assert_eq!(visible(&bytes), visible_str(&lossy));
        }
    }

    /// Prints what a line of 64 plain bytes costs; for `cargo test --release -- --ignored`.
    #[test]
    #[ignore = "a measurement, not a test"]
    fn cost_of_a_plain_line() {
        const LINES: u32 = 10_000_000;
        let line = *b"The quick brown fox jumps over the lazy dog, and then once more";
        let start = std::time::Instant::now();
        for _ in 0..LINES {
            std::hint::black_box(visible(std::hint::black_box(&line)));
        }
        println!(
            "{:?} a line of {} bytes",
            start.elapsed() / LINES,
            line.len()
        );
    }
}
