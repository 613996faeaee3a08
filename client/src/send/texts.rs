//! A text of any length as messages: one, while it fits into one.

use hallway_core::wire::Text;
use hallway_core::wire::limits::TEXT;

/// What stands for a NUL, which no message may hold: the picture that windows show for it.
const NUL_SHOWN: char = '\u{2400}';

/// Makes messages of bytes as they come. What is too long for one ends at the end of a line, where
/// there is one; what is not UTF-8 becomes U+FFFD.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// Bytes that may be the beginning of a character.
    begun: Vec<u8>,
    text: String,
}

impl Texts {
    /// Takes bytes. What is full comes out.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<Text> {
        self.begun.extend_from_slice(bytes);
        let bytes = std::mem::take(&mut self.begun);
        let mut rest = &bytes[..];
        loop {
            let (valid, wrong) = match std::str::from_utf8(rest) {
                Ok(valid) => (valid, None),
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    (
                        std::str::from_utf8(valid).unwrap_or_default(),
                        Some((after, error.error_len())),
                    )
                }
            };
            self.text.extend(valid.chars().map(shown));
            match wrong {
                None => break,
                Some((after, None)) => {
                    self.begun = after.to_vec();
                    break;
                }
                Some((after, Some(length))) => {
                    self.text.push(char::REPLACEMENT_CHARACTER);
                    rest = &after[length..];
                }
            }
        }
        let mut full = Vec::new();
        while self.text.len() > TEXT {
            full.extend(self.cut());
        }
        full
    }

    /// What is left, without a last end of a line.
    pub(super) fn finish(mut self) -> Option<Text> {
        if !self.begun.is_empty() {
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
        let text = self.text.strip_suffix('\n').unwrap_or(&self.text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        made(text)
    }

    fn cut(&mut self) -> Option<Text> {
        let most = self.text.floor_char_boundary(TEXT);
        // The end of the line may stand right behind.
        let look = self.text.floor_char_boundary(TEXT + 1);
        let (end, next) = match self.text[..look].rfind('\n') {
            Some(end) if end > 0 => (end, end + 1),
            _ => (most, most),
        };
        let text = made(&self.text[..end]);
        self.text.drain(..next);
        text
    }
}

fn shown(character: char) -> char {
    if character == '\0' {
        NUL_SHOWN
    } else {
        character
    }
}

/// An empty message says nothing.
fn made(text: &str) -> Option<Text> {
    (!text.is_empty()).then(|| Text::fitting(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(chunks: &[&[u8]]) -> Vec<String> {
        let mut texts = Texts::default();
        let mut all: Vec<Text> = chunks.iter().flat_map(|chunk| texts.push(chunk)).collect();
        all.extend(texts.finish());
        all.iter().map(Text::to_string).collect()
    }

    #[test]
    fn a_text_that_fits_is_one_message() {
        assert_eq!(texts(&[b"one\n", b"two\r\n"]), ["one\ntwo"]);
        assert_eq!(texts(&[]), [""; 0]);
        assert_eq!(texts(&[b"\n"]), [""; 0]);
        assert_eq!(
            texts(&[b"a\0b\xff", b"\xe4\xbd", b"\xa0\xe5"]),
            ["a␀b\u{fffd}你\u{fffd}"]
        );
        let longest = "x".repeat(TEXT);
        assert_eq!(texts(&[longest.as_bytes()]), [&*longest]);
        assert_eq!(texts(&[longest.as_bytes(), b"\n"]), [&*longest]);
    }

    #[test]
    fn a_longer_one_is_cut_at_the_end_of_a_line() {
        let line = "y".repeat(1000);
        let text = format!("{line}\n").repeat(40);
        let parts = texts(&[text.as_bytes()]);
        assert_eq!(
            parts.iter().map(String::len).collect::<Vec<_>>(),
            [16015, 16015, 8007]
        );
        assert_eq!(parts.join("\n"), text.trim_end());
        let without = "你".repeat(TEXT);
        let parts = texts(&[without.as_bytes()]);
        assert_eq!(parts.concat(), without);
        assert!(parts.iter().all(|part| part.len() <= TEXT));
    }

    proptest! {
        #[test]
        fn any_split_of_the_bytes_is_the_same(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            size in 1..20_usize,
        ) {
            let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
            prop_assert_eq!(texts(&chunks), texts(&[&bytes]));
        }
    }
}
