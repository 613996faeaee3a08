//! What of a text is shown, and where its links are; pure.

use std::borrow::Cow;

use glib::Unichar;
use linkify::{LinkFinder, LinkKind};

/// Characters shown of a text until the reader asks for all: more than a screen at 360 px.
const FIRST: Extent = Extent {
    characters: 4_000,
    lines: 40,
};

/// Characters shown when the reader asks for all. To lay out so many takes a quarter of a second;
/// a mebibyte, half a minute.
const ALL: Extent = Extent {
    characters: 16_000,
    lines: 2_000,
};

/// Characters of a text where only one short line of it is shown; wider than any sidebar.
const PREVIEW: Extent = Extent {
    characters: 200,
    lines: 1,
};

/// Marks shown upon one character. Languages need four; heaps of them only cover other lines.
const MARKS: usize = 8;

/// Bytes of the longest link that can be followed.
const LINK_BYTES: usize = 2_000;

/// Bytes of the longest text around which a bubble is made as narrow as it can be.
const HUGGED_BYTES: usize = 400;

/// Bytes of the longest word in such a text.
const HUGGED_WORD_BYTES: usize = 40;

/// Bytes of the longest word that is kept whole where it fits into a line. To find out costs Pango
/// the square of the length: of ten thousand letters a quarter of a second, and many times over.
const WHOLE_WORD_BYTES: usize = 200;

/// From here on, lines may be broken nearly everywhere.
const FIRST_IDEOGRAPH: char = '\u{2E80}';

/// The links that can be followed. Whatever else looks like one stays text.
const SCHEMES: [&str; 3] = ["https", "http", "hallway"];

struct Extent {
    characters: usize,
    lines: usize,
}

/// A text as a row shows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape<'a> {
    /// What is shown.
    pub(super) text: Cow<'a, str>,
    /// Something was left out.
    pub(super) is_cut: bool,
}

/// The beginning of a text, for a place that has one short line.
pub fn preview(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let end = end_of(line, &PREVIEW);
    thin(&line[..end]).into_owned()
}

/// What a row shows of a text, at first or when the reader asks for all of it.
pub(super) fn shape(text: &str, all: bool) -> Shape<'_> {
    let extent = if all { ALL } else { FIRST };
    let end = end_of(text, &extent);
    let kept = &text[..end];
    let thinned = thin(kept);
    Shape {
        is_cut: end < text.len() || matches!(thinned, Cow::Owned(_)),
        text: thinned,
    }
}

/// Where the shown part ends.
fn end_of(text: &str, extent: &Extent) -> usize {
    let mut lines = 1;
    for (count, (at, character)) in text.char_indices().enumerate() {
        lines += usize::from(character == '\n');
        if count == extent.characters || lines > extent.lines {
            return at;
        }
    }
    text.len()
}

/// Leaves out marks that stand upon too many others.
fn thin(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut marks = 0;
    let mut is_kept = |character: char| {
        marks = if character.is_mark() { marks + 1 } else { 0 };
        marks <= MARKS
    };
    match text
        .char_indices()
        .find(|(_, character)| !is_kept(*character))
    {
        None => Cow::Borrowed(text),
        Some((first, _)) => {
            let mut thinned = text[..first].to_owned();
            thinned.extend(
                text[first..]
                    .chars()
                    .skip(1)
                    .filter(|character| is_kept(*character)),
            );
            Cow::Owned(thinned)
        }
    }
}

/// Whether a bubble is made as narrow as its text allows. GTK tries a dozen widths to find the
/// narrowest, which takes seconds for a long text, and it errs where a word must be broken.
pub(super) fn is_hugged(text: &str) -> bool {
    text.len() <= HUGGED_BYTES && has_words_up_to(text, HUGGED_WORD_BYTES)
}

/// Whether lines of a text are broken between words, or anywhere because some are too long for it.
pub(super) fn is_wrapped_by_word(text: &str) -> bool {
    has_words_up_to(text, WHOLE_WORD_BYTES)
}

fn has_words_up_to(text: &str, bytes: usize) -> bool {
    let is_in_word = |character: char| !character.is_whitespace() && character < FIRST_IDEOGRAPH;
    text.split(|character| !is_in_word(character))
        .all(|word| word.len() <= bytes)
}

/// A text as markup in which the links can be followed, or nothing where it has none.
pub(super) fn with_links(text: &str) -> Option<String> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let mut markup = String::new();
    let mut last = 0;
    for link in finder.links(text).filter(|link| is_followed(link.as_str())) {
        markup.push_str(&escaped(&text[last..link.start()]));
        let address = escaped(link.as_str());
        // The title is markup once more, in the tip that shows it.
        let title = escaped(&address);
        markup.push_str("<a href=\"");
        markup.push_str(&address);
        markup.push_str("\" title=\"");
        markup.push_str(&title);
        markup.push_str("\">");
        markup.push_str(&address);
        markup.push_str("</a>");
        last = link.end();
    }
    if last == 0 {
        return None;
    }
    markup.push_str(&escaped(&text[last..]));
    Some(markup)
}

/// Whether a link may be followed.
pub(super) fn is_followed(link: &str) -> bool {
    let scheme = link.split_once("://").map_or("", |(scheme, _)| scheme);
    link.len() <= LINK_BYTES
        && SCHEMES
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
}

fn escaped(text: &str) -> glib::GString {
    glib::markup_escape_text(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_texts_are_shown_as_they_are() {
        for text in ["", "hello", "你好 🙂", "e\u{301}", "👩‍👩‍👧 ❤️", "a\nb"] {
            let shape = shape(text, false);
            assert!(matches!(shape.text, Cow::Borrowed(shown) if shown == text));
            assert!(!shape.is_cut);
        }
    }

    #[test]
    fn long_texts_are_cut_and_can_be_asked_for() {
        let long = "字".repeat(FIRST.characters + 1);
        let first = shape(&long, false);
        assert_eq!(first.text.chars().count(), FIRST.characters);
        assert!(first.is_cut);
        assert!(!shape(&long, true).is_cut);
        let lines = "a\n".repeat(FIRST.lines + 1);
        assert_eq!(
            shape(&lines, false).text.matches('\n').count(),
            FIRST.lines - 1
        );
        let longest = "a".repeat(1024 * 1024);
        assert_eq!(shape(&longest, true).text.len(), ALL.characters);
    }

    #[test]
    fn only_short_texts_of_short_words_are_hugged() {
        for text in [
            "",
            "Good morning!",
            "你好，打印机在三楼吗？你好，打印机在三楼吗？",
        ] {
            assert!(is_hugged(text), "{text}");
        }
        assert!(!is_hugged(&"word ".repeat(100)));
        assert!(!is_hugged(&"W".repeat(60)));
    }

    #[test]
    fn heaps_of_marks_are_thinned() {
        let heap = format!("a{}b", "\u{301}".repeat(1_000));
        let shape = shape(&heap, true);
        assert_eq!(shape.text, format!("a{}b", "\u{301}".repeat(MARKS)));
        assert!(shape.is_cut);
    }

    #[test]
    fn long_words_are_broken_anywhere() {
        assert!(is_wrapped_by_word(&"word ".repeat(1_000)));
        assert!(is_wrapped_by_word(&"字".repeat(1_000)));
        assert!(!is_wrapped_by_word(&format!("so {}", "W".repeat(201))));
    }

    #[test]
    fn previews_are_one_short_line_without_heaps() {
        assert_eq!(preview("one\ntwo"), "one");
        assert_eq!(preview(""), "");
        let heap = format!("a{}", "\u{301}".repeat(1_000));
        assert_eq!(preview(&heap).chars().count(), 1 + MARKS);
        assert_eq!(preview(&"字".repeat(1_000)).chars().count(), 200);
    }

    #[test]
    fn links_are_found_and_everything_is_escaped() {
        assert_eq!(with_links("no link <b>here</b> & there"), None);
        assert_eq!(
            with_links("ftp://a.b javascript:alert(1) file:///etc"),
            None
        );
        let markup = with_links("see <https://example.org/?x=1&y=\"2\"> now").unwrap();
        assert!(
            markup.starts_with("see &lt;<a href=\"https://example.org/?x=1&amp;y="),
            "{markup}"
        );
        assert!(markup.ends_with("now"), "{markup}");
        assert!(!with_links("hallway://lab:80").unwrap().contains('&'));
        let endless = format!("http://example.org/{}", "x".repeat(LINK_BYTES));
        assert_eq!(with_links(&endless), None);
    }

    proptest! {
        #[test]
        fn any_text_is_bounded_and_any_markup_is_well_formed(text: String) {
            let shape = shape(&text, false);
            prop_assert!(shape.text.len() <= text.len());
            let linked = with_links(&format!("http://example.org/{text} {text}"));
            if let Some(markup) = linked {
                prop_assert_eq!(markup.matches("<a ").count(), markup.matches("</a>").count());
                prop_assert_eq!(markup.matches('<').count(), 2 * markup.matches("</a>").count());
            }
        }
    }
}
