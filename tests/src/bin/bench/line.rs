//! Lines that tell who sent them and how many it sent before.

use anyhow::{Context, Result};

/// Bytes of a line, its LF counted.
pub(crate) const LENGTH: usize = 64;

/// What a line begins with: it is no command and nothing in it needs to be made visible.
const TEXT: &[u8] = b"Is anybody down the hall? The door is open ";

/// Where the digits begin, from the end of a line with its LF: sender, blank, number, LF.
const DIGITS: usize = SENDER + 1 + NUMBER + 1;
const SENDER: usize = 5;
const NUMBER: usize = 8;

/// Appends the line that `sender` sends after `number` others.
pub(crate) fn push(bytes: &mut Vec<u8>, sender: usize, number: u32) {
    let start = bytes.len();
    bytes.extend_from_slice(TEXT);
    bytes.resize(start + LENGTH - DIGITS, b'.');
    push_digits::<SENDER>(bytes, sender);
    bytes.push(b' ');
    push_digits::<NUMBER>(bytes, number as usize);
    bytes.push(b'\n');
}

fn push_digits<const COUNT: usize>(bytes: &mut Vec<u8>, mut number: usize) {
    let mut digits = [b'0'; COUNT];
    for digit in digits.iter_mut().rev() {
        *digit += u8::try_from(number % 10).expect("a digit");
        number /= 10;
    }
    bytes.extend_from_slice(&digits);
}

/// Sender and number of a line without its LF, whatever a server has put before it.
///
/// # Errors
/// It is not a line of ours.
pub(crate) fn parse(line: &[u8]) -> Result<(usize, u32)> {
    let body = line.len().checked_sub(LENGTH - 1).map(|at| &line[at..]);
    let parsed = body
        .filter(|body| body.starts_with(TEXT))
        .and_then(|body| body.split_last_chunk::<{ DIGITS - 1 }>())
        .and_then(|(_, tail)| Some((digits(&tail[..SENDER])?, digits(&tail[SENDER + 1..])?)));
    let (sender, number) =
        parsed.with_context(|| format!("an alien line: “{}”", line.escape_ascii()))?;
    Ok((sender as usize, number))
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0_u32, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u32::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_behind_any_prefix() {
        let mut bytes = b"127.0.0.1:40000: ".to_vec();
        let prefix = bytes.len();
        push(&mut bytes, 499, 12_345_678);
        assert_eq!(bytes.len(), prefix + LENGTH);
        let line = bytes.strip_suffix(b"\n").unwrap();
        assert_eq!(parse(line).unwrap(), (499, 12_345_678));
        assert_eq!(parse(&line[prefix..]).unwrap(), (499, 12_345_678));
    }

    #[test]
    fn what_is_not_ours_is_an_error() {
        let mut bytes = Vec::new();
        push(&mut bytes, 0, 1);
        assert!(parse(&bytes).is_err(), "the LF is not part of it");
        assert!(parse(&bytes[1..LENGTH - 1]).is_err(), "too short");
        assert!(parse(b"* Somebody joined").is_err());
    }
}
