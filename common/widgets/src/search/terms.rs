//! The words that somebody searches for.

use std::borrow::Cow;

use glib::NormalizeMode;

/// Terms of one search that count: more of them nobody types.
const MOST: usize = 16;

/// Bytes of a term that count.
const LONGEST: usize = 256;

/// Bytes of a text that are looked at: a line may have a mebibyte.
const LOOKED_AT: usize = 8 * 1024;

/// Words of which all must be somewhere in what is found, in whatever case and normal form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    written: Vec<String>,
    folded: Vec<String>,
}

impl Terms {
    /// The words as somebody wrote them.
    pub fn new(words: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let words = words
            .into_iter()
            .map(|word| beginning(word.as_ref().trim(), LONGEST).to_owned());
        let written: Vec<_> = words.filter(|word| !word.is_empty()).take(MOST).collect();
        let folded = written.iter().map(|word| fold(word).into_owned()).collect();
        Self { written, folded }
    }

    /// Whether nothing is searched for.
    pub fn is_empty(&self) -> bool {
        self.folded.is_empty()
    }

    /// Whether a text has all of them.
    pub fn are_in(&self, text: &str) -> bool {
        let text = fold(beginning(text, LOOKED_AT));
        !self.is_empty() && self.folded.iter().all(|term| text.contains(term.as_str()))
    }

    /// All of them in a row, as they were written.
    pub fn row(&self) -> String {
        self.written.join(" ")
    }

    /// What to look for inside a conversation: all words in a row where `text` has them so, else
    /// the longest one.
    pub fn words_in(&self, text: &str) -> String {
        let row = self.row();
        if fold(beginning(text, LOOKED_AT)).contains(fold(&row).as_ref()) {
            return row;
        }
        let longest = self.written.iter().max_by_key(|word| word.len());
        longest.cloned().unwrap_or_default()
    }
}

/// The form in which texts are compared.
fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.to_ascii_lowercase().into();
    }
    let normal = glib::normalize(text, NormalizeMode::All);
    let folded = glib::casefold(normal);
    // Folding may take a text out of its normal form.
    String::from(glib::normalize(folded, NormalizeMode::All)).into()
}

fn beginning(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_terms_must_be_there() {
        let terms = Terms::new(["PRINT", " third "]);
        assert!(terms.are_in("The printer on the third floor"));
        assert!(!terms.are_in("The printer on the second floor"));
        assert!(Terms::new(["三楼", "打印"]).are_in("打印机在三楼"));
        assert!(!Terms::new([""; 3]).are_in("anything"));
    }

    #[test]
    fn case_and_normal_form_do_not_matter() {
        for (term, text) in [
            ("strasse", "Straße"),
            ("E\u{301}T", "été"),
            ("ｌａｂ", "the lab"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ] {
            assert!(Terms::new([term]).are_in(text), "{term} {text}");
        }
    }

    #[test]
    fn whoever_asks_cannot_make_much_work() {
        let terms = Terms::new(std::iter::repeat_n("a".repeat(10_000), 1_000));
        assert_eq!(terms.folded.len(), MOST);
        assert!(terms.folded.iter().all(|term| term.len() == LONGEST));
        let far = format!("{} needle", "é".repeat(LOOKED_AT));
        assert!(!Terms::new(["needle"]).are_in(&far));
    }

    #[test]
    fn a_conversation_is_searched_for_what_it_has() {
        let terms = Terms::new(["third", "floor"]);
        assert_eq!(terms.words_in("On the Third Floor"), "third floor");
        assert_eq!(terms.words_in("floor number three, third"), "floor");
        assert_eq!(Terms::default().words_in("x"), "");
    }
}
