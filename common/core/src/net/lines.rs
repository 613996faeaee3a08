//! Bytes to lines.
//!
//! A line ends with LF; one CR before it belongs to the ending. The bytes left at the end of a
//! stream are a line too. The same bytes give the same lines wherever they were split, and the
//! longest line is checked before anything is kept.

use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::text::{is_plain, visible, visible_str};

/// What ended a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A bare LF.
    Lf,
    /// CR LF.
    CrLf,
    /// The stream ended.
    EndOfStream,
}

impl Ending {
    /// The bytes on the wire.
    pub fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
            Self::EndOfStream => b"",
        }
    }
}

/// A line as it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The bytes before the ending, whatever they are.
    pub bytes: &'a [u8],
    /// What ended it.
    pub ending: Ending,
    /// The bytes with their ending.
    pub whole: &'a [u8],
    known: Known<'a>,
}

/// What is known of the bytes of a line without a look at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known<'a> {
    Nothing,
    /// They are this text.
    Text(&'a str),
    /// They are this text, and all of it may be shown.
    Visible(&'a str),
}

impl<'a> Line<'a> {
    /// The bytes that are left at the end of a stream.
    fn last(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            ending: Ending::EndOfStream,
            whole: bytes,
            known: Known::Nothing,
        }
    }

    /// The line that `whole` is, which ends with LF.
    #[inline]
    fn ended(whole: &'a [u8], text: Option<&'a str>, is_plain: bool) -> Self {
        let end = if whole.ends_with(b"\r\n") {
            Ending::CrLf
        } else {
            Ending::Lf
        };
        let length = whole.len() - end.as_bytes().len();
        let known = match text.and_then(|text| text.get(..length)) {
            Some(text) if is_plain => Known::Visible(text),
            Some(text) => Known::Text(text),
            None => Known::Nothing,
        };
        Self {
            bytes: &whole[..length],
            ending: end,
            whole,
            known,
        }
    }

    /// What may be shown, relayed and logged of it: [`visible()`] of its bytes.
    #[inline]
    pub fn visible(&self) -> Cow<'a, str> {
        match self.known {
            Known::Visible(text) => Cow::Borrowed(text),
            Known::Text(text) => visible_str(text),
            Known::Nothing => visible(self.bytes),
        }
    }
}

/// Received bytes, looked over once for all lines that are in them: that costs a fraction of what
/// it does line by line.
#[derive(Debug)]
pub struct Piece<'a> {
    bytes: &'a [u8],
    /// As much of the beginning as is UTF-8.
    text: &'a str,
    /// All of it is plain text in lines.
    is_plain: bool,
    taken: usize,
}

impl<'a> Piece<'a> {
    /// A piece of which no line was taken yet.
    pub fn new(bytes: &'a [u8]) -> Self {
        let text = utf8_prefix(bytes);
        Self {
            bytes,
            text,
            is_plain: text.len() == bytes.len() && is_plain(bytes),
            taken: 0,
        }
    }

    /// The bytes of which no line was made yet.
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.taken..]
    }
}

/// As much of the beginning as is UTF-8.
fn utf8_prefix(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let (valid, _) = bytes.split_at(error.valid_up_to());
            std::str::from_utf8(valid).unwrap_or_default()
        }
    }
}

/// More bytes came without an LF than a line may have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line is longer than {} bytes", .start.len())]
pub struct TooLong {
    /// The first bytes of the line, as many as a line may have.
    pub start: Vec<u8>,
}

/// Splits a stream of bytes into lines.
#[derive(Debug)]
pub struct Splitter {
    /// The line that has no LF yet: at most `longest` bytes. Or the one that was given out last.
    partial: Vec<u8>,
    /// What is in `partial` was given out.
    is_spent: bool,
    longest: usize,
    overflowed: bool,
}

impl Splitter {
    /// A splitter for lines of at most `longest` bytes, counted as received before their LF (a
    /// CR counts).
    pub fn new(longest: usize) -> Self {
        Self {
            partial: Vec::new(),
            is_spent: false,
            longest,
            overflowed: false,
        }
    }

    /// The bytes of a line that has no LF yet.
    pub fn pending(&self) -> usize {
        if self.is_spent { 0 } else { self.partial.len() }
    }

    /// The next line that `piece` completes. None where no more is in it: then all of it was taken.
    ///
    /// # Errors
    /// A line is too long. Everything after its start is ignored from then on.
    #[inline]
    pub fn next<'s, 'p: 's>(
        &'s mut self,
        piece: &mut Piece<'p>,
    ) -> Result<Option<Line<'s>>, TooLong> {
        if self.is_spent {
            // Freed, not kept: ten thousand idle connections hold no buffer.
            self.partial = Vec::new();
            self.is_spent = false;
        }
        let rest = piece.rest();
        if self.overflowed {
            piece.taken = piece.bytes.len();
            return Ok(None);
        }
        let Some(length) = memchr::memchr(b'\n', rest) else {
            if self.partial.len() + rest.len() > self.longest {
                return Err(self.overflow(rest));
            }
            self.partial.extend_from_slice(rest);
            piece.taken = piece.bytes.len();
            return Ok(None);
        };
        if self.partial.len() + length > self.longest {
            return Err(self.overflow(&rest[..length]));
        }
        let from = piece.taken;
        piece.taken += length + 1;
        let whole = &rest[..=length];
        if self.partial.is_empty() {
            let text = piece.text.get(from..piece.taken);
            return Ok(Some(Line::ended(whole, text, piece.is_plain)));
        }
        self.partial.extend_from_slice(whole);
        self.is_spent = true;
        Ok(Some(Line::ended(&self.partial, None, false)))
    }

    /// Gives every line that `bytes` completes to `each`, until it says `Break`: that line has
    /// been taken and the rest of `bytes` has not. Returns how many bytes were taken.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub fn push(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(Line<'_>) -> ControlFlow<()>,
    ) -> Result<usize, TooLong> {
        let mut piece = Piece::new(bytes);
        while let Some(line) = self.next(&mut piece)? {
            if each(line).is_break() {
                break;
            }
        }
        Ok(piece.taken)
    }

    /// The stream has ended: the bytes left are a line.
    pub fn finish(&mut self) -> Option<Line<'_>> {
        if self.pending() == 0 {
            return None;
        }
        self.is_spent = true;
        Some(Line::last(&self.partial))
    }

    /// Takes the bytes of a line that has no LF yet.
    pub fn take_pending(&mut self) -> Vec<u8> {
        let pending = std::mem::take(&mut self.partial);
        if std::mem::take(&mut self.is_spent) {
            return Vec::new();
        }
        pending
    }

    fn overflow(&mut self, more: &[u8]) -> TooLong {
        self.overflowed = true;
        let mut start = std::mem::take(&mut self.partial);
        let room = self.longest - start.len();
        start.extend_from_slice(&more[..room]);
        TooLong { start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Owned = (Vec<u8>, Ending);

    /// What a splitter makes of `pieces` followed by the end of the stream.
    fn split<'a>(
        longest: usize,
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> (Vec<Owned>, Option<TooLong>) {
        let mut splitter = Splitter::new(longest);
        let mut lines = Vec::new();
        for piece in pieces {
            let result = splitter.push(piece, |line| {
                assert_eq!(line.whole, [line.bytes, line.ending.as_bytes()].concat());
                assert_eq!(line.visible(), visible(line.bytes));
                lines.push((line.bytes.to_vec(), line.ending));
                ControlFlow::Continue(())
            });
            match result {
                Ok(taken) => assert_eq!(taken, piece.len()),
                Err(too_long) => return (lines, Some(too_long)),
            }
            assert!(splitter.pending() <= longest);
        }
        let last = splitter.finish();
        lines.extend(last.map(|line| (line.bytes.to_vec(), line.ending)));
        (lines, None)
    }

    fn whole(longest: usize, bytes: &[u8]) -> (Vec<Owned>, Option<TooLong>) {
        split(longest, [bytes])
    }

    #[test]
    fn endings_are_told_apart_and_one_cr_is_dropped() {
        let (lines, error) = whole(100, b"a\nb\r\nc\r\r\n\n\r\nd\re\nlast");
        let expected: Vec<Owned> = vec![
            (b"a".to_vec(), Ending::Lf),
            (b"b".to_vec(), Ending::CrLf),
            (b"c\r".to_vec(), Ending::CrLf),
            (b"".to_vec(), Ending::Lf),
            (b"".to_vec(), Ending::CrLf),
            (b"d\re".to_vec(), Ending::Lf),
            (b"last".to_vec(), Ending::EndOfStream),
        ];
        assert_eq!(lines, expected);
        assert_eq!(error, None);
    }

    #[test]
    fn a_line_at_the_limit_passes_and_one_byte_more_does_not() {
        assert_eq!(whole(4, b"abcd\n").0, [(b"abcd".to_vec(), Ending::Lf)]);
        assert_eq!(whole(4, b"abcd").1, None);
        let start = b"abcd".to_vec();
        assert_eq!(whole(4, b"ok\nabcde\n").1, Some(TooLong { start }));
        assert_eq!(whole(4, b"ok\nabcde").0, [(b"ok".to_vec(), Ending::Lf)]);
    }

    #[test]
    fn a_break_leaves_the_rest_untaken() {
        let mut splitter = Splitter::new(10);
        let mut seen = 0;
        let taken = splitter.push(b"a\nb\nc", |_| {
            seen += 1;
            ControlFlow::Break(())
        });
        assert_eq!((taken, seen), (Ok(2), 1));
    }

    #[test]
    fn after_an_overlong_line_nothing_more_comes() {
        let mut splitter = Splitter::new(2);
        let never = |_: Line<'_>| -> ControlFlow<()> { panic!("a line after the overflow") };
        assert!(splitter.push(b"abc", never).is_err());
        assert_eq!(splitter.push(b"d\ne\n", never), Ok(4));
        assert_eq!(splitter.finish(), None);
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![3 => Just(b'\n'), 2 => Just(b'\r'), 6 => any::<u8>()];
        let plain = prop_oneof![1 => Just(b'\n'), 20 => b' '..=b'~'];
        prop_oneof![
            prop::collection::vec(byte, 0..400),
            prop::collection::vec(plain, 0..400)
        ]
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_lines(
            bytes in bytes(),
            mut cuts in prop::collection::vec(0_usize..400, 0..40),
            longest in 1_usize..60,
        ) {
            for cut in &mut cuts {
                *cut = (*cut).min(bytes.len());
            }
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]);
            prop_assert_eq!(split(longest, pieces), whole(longest, &bytes));
        }

        #[test]
        fn nothing_is_lost_and_nothing_is_invented(bytes in bytes()) {
            let (lines, error) = whole(bytes.len(), &bytes);
            prop_assert_eq!(error, None);
            let again: Vec<u8> = lines
                .iter()
                .flat_map(|(line, ending)| [line.as_slice(), ending.as_bytes()].concat())
                .collect();
            prop_assert_eq!(again, bytes);
        }
    }
}
