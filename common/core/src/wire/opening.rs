//! What the first byte of a connection says.

/// The type of a TLS record that holds a handshake (RFC 8446, 5.1): a `ClientHello` begins with it.
/// In text it would be SYN, a control that nobody types.
pub const TLS_HANDSHAKE: u8 = 0x16;

/// Which way a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// A `ClientHello` of TLS.
    Tls,
    /// Lines of plain text.
    Plain,
}

impl Opening {
    /// The first byte decides alone: waiting for a second one would be waiting for ever.
    pub fn of(first: u8) -> Self {
        if first == TLS_HANDSHAKE {
            Self::Tls
        } else {
            Self::Plain
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_of_all_opens_tls() {
        let opens: Vec<u8> = (0..=u8::MAX)
            .filter(|&byte| Opening::of(byte) == Opening::Tls)
            .collect();
        assert_eq!(opens, [0x16]);
    }
}
