//! Bytes as lower-case hexadecimal digits, one way to write each value.

use std::fmt;

/// Text that is not the digits of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {digits} lower-case hexadecimal digits")]
pub struct NotHex {
    /// How many digits the value has.
    pub digits: usize,
}

/// Reads as many bytes as asked for.
pub(super) fn read<const N: usize>(text: &str) -> Result<[u8; N], NotHex> {
    let wrong = NotHex { digits: 2 * N };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return Err(wrong);
    };
    let mut bytes = [0; N];
    if pairs.len() != N {
        return Err(wrong);
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (Some(high), Some(low)) = (digit(*high), digit(*low)) else {
            return Err(wrong);
        };
        *byte = high << 4 | low;
    }
    Ok(bytes)
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

/// Writes the digits.
pub(super) fn write(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_one_way_to_be_written() {
        assert_eq!(read("00ff1a"), Ok([0, 255, 26]));
        for wrong in [
            "", "00ff1", "00ff1a0", "00ff1a00", "00FF1A", "00ff1g", "+0ff1a", "ä0ff1",
        ] {
            assert_eq!(read::<3>(wrong), Err(NotHex { digits: 6 }), "{wrong:?}");
        }
    }
}
