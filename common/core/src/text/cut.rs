//! A text made short.

use std::borrow::Cow;

/// What stands for the part that was cut.
pub const ELLIPSIS: char = '…';

/// Cuts a text to at most `max_bytes` bytes of UTF-8, at a character boundary.
///
/// When something was cut, [`ELLIPSIS`] is appended; its three bytes are not counted in
/// `max_bytes`. A text that fits is borrowed as it is.
pub fn cut(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes {
        return Cow::Borrowed(text);
    }
    let kept = &text[..text.floor_char_boundary(max_bytes)];
    let mut short = String::with_capacity(kept.len() + ELLIPSIS.len_utf8());
    short.push_str(kept);
    short.push(ELLIPSIS);
    Cow::Owned(short)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fits_is_borrowed() {
        assert!(matches!(cut("", 0), Cow::Borrowed("")));
        assert!(matches!(cut("añb", 4), Cow::Borrowed("añb")));
    }

    #[test]
    fn a_character_is_never_split() {
        assert_eq!(cut("añb", 3), "añ…");
        assert_eq!(cut("añb", 2), "a…");
        assert_eq!(cut("añb", 1), "a…");
        assert_eq!(cut("añb", 0), "…");
        assert_eq!(cut("😀", 3), "…");
    }

    proptest! {
        #[test]
        fn the_kept_part_is_the_longest_that_fits(text: String, max_bytes in 0_usize..64) {
            let short = cut(&text, max_bytes);
            if text.len() <= max_bytes {
                prop_assert_eq!(short, text.as_str());
            } else {
                let kept = short.strip_suffix(ELLIPSIS).unwrap_or("no ellipsis");
                prop_assert!(text.starts_with(kept));
                prop_assert!(kept.len() <= max_bytes);
                let next = text[kept.len()..].chars().next().map_or(0, char::len_utf8);
                prop_assert!(kept.len() + next > max_bytes);
            }
        }
    }
}
