//! Six digits that two people compare to know that nobody is between them.
//!
//! ```text
//! client                                             server
//!   H("c" ‖ n_c ‖ fp_c ‖ fp_s)   ── sas-commit ──→
//!                                ←── sas-nonce ───   n_s
//!   n_c                          ── sas-reveal ──→   is it what was committed to?
//!   six digits of H("sas1" ‖ fp_c ‖ fp_s ‖ n_c ‖ n_s), on both screens
//! ```
//!
//! H is SHA-256; a nonce has 32 bytes, a fingerprint too. Each side takes the fingerprints from its
//! own TLS session. Somebody in between has two sessions with two codes, and had to commit to a
//! nonce of theirs before the other one was known: they are equal once in a million.
//!
//! A nonce is used for one comparison: each step takes the one before it.

use std::fmt;

use crate::crypto::{NoRandomness, same, sha256};
use crate::wire::values::Nonce;
use crate::wire::{self, Fingerprint, Hash};

/// How many codes there are.
pub const CODES: u32 = 1_000_000;

/// What two people compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code(u32);

impl fmt::Display for Code {
    /// Always six digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

/// What a person found who compared the digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Both screens show the same.
    Same,
    /// They show different ones: somebody may be in between.
    Different,
    /// Nothing: nobody compared them to the end.
    Nothing,
}

impl Found {
    /// What the other side is told about `sas-reveal`; of the same digits nothing.
    pub fn code(self) -> Option<wire::Code> {
        match self {
            Self::Same => None,
            Self::Different => Some(wire::Code::Unauthorized),
            Self::Nothing => Some(wire::Code::NotFound),
        }
    }

    /// What was found at the other side, by what it says about `sas-reveal`.
    pub fn told_by(code: &wire::Code) -> Self {
        match code {
            wire::Code::Unauthorized => Self::Different,
            _ => Self::Nothing,
        }
    }
}

/// The two certificates of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pair {
    /// Of who connected.
    pub client: Fingerprint,
    /// Of who was connected to.
    pub server: Fingerprint,
}

impl Pair {
    fn commit(&self, of_client: &Nonce) -> Hash {
        Hash::from_bytes(sha256(&[
            b"c",
            of_client.as_bytes(),
            self.client.as_bytes(),
            self.server.as_bytes(),
        ]))
    }

    fn code(&self, of_client: &Nonce, of_server: &Nonce) -> Code {
        let digest = sha256(&[
            b"sas1",
            self.client.as_bytes(),
            self.server.as_bytes(),
            of_client.as_bytes(),
            of_server.as_bytes(),
        ]);
        // 2⁶⁴ is so much more than a million that no code comes up noticeably more often.
        let number = u64::from_be_bytes(digest.as_chunks().0[0]) % u64::from(CODES);
        Code(u32::try_from(number).unwrap_or_default())
    }
}

/// A client that has committed itself and waits for the server's nonce.
pub struct Committed {
    pair: Pair,
    nonce: Nonce,
}

impl Committed {
    /// Begins, with the hash to be sent.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn new(pair: Pair) -> Result<(Self, Hash), NoRandomness> {
        Ok(Self::with(pair, Nonce::random()?))
    }

    fn with(pair: Pair, nonce: Nonce) -> (Self, Hash) {
        (Self { pair, nonce }, pair.commit(&nonce))
    }

    /// The server's nonce came: the client's is to be revealed now, and the code to be shown.
    pub fn reveal(self, of_server: &Nonce) -> (Nonce, Code) {
        (self.nonce, self.pair.code(&self.nonce, of_server))
    }
}

impl fmt::Debug for Committed {
    /// Without the nonce, which nobody may know yet.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Committed").field(&self.pair).finish()
    }
}

/// A server that has answered a commitment and waits for the client's nonce.
#[derive(Debug)]
pub struct Answered {
    pair: Pair,
    nonce: Nonce,
    commit: Hash,
}

/// The nonce is not the one that was committed to: somebody tried. It counts as a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the nonce is not the one that was committed to")]
pub struct NotCommitted;

impl Answered {
    /// Answers, with the nonce to be sent.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn new(pair: Pair, commit: Hash) -> Result<(Self, Nonce), NoRandomness> {
        Ok(Self::with(pair, commit, Nonce::random()?))
    }

    fn with(pair: Pair, commit: Hash, nonce: Nonce) -> (Self, Nonce) {
        (
            Self {
                pair,
                nonce,
                commit,
            },
            nonce,
        )
    }

    /// The client's nonce came: the code to be shown.
    ///
    /// # Errors
    /// It is another nonce. No code is shown then.
    pub fn check(self, of_client: &Nonce) -> Result<Code, NotCommitted> {
        let commit = self.pair.commit(of_client);
        if !same(commit.as_bytes(), self.commit.as_bytes()) {
            return Err(NotCommitted);
        }
        Ok(self.pair.code(of_client, &self.nonce))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pair(client: u8, server: u8) -> Pair {
        Pair {
            client: Fingerprint::from_bytes([client; 32]),
            server: Fingerprint::from_bytes([server; 32]),
        }
    }

    fn nonce(byte: u8) -> Nonce {
        Nonce::from_bytes([byte; 32])
    }

    /// One comparison as both sides see it.
    fn compare(of_client: Pair, of_server: Pair) -> (Code, Result<Code, NotCommitted>) {
        let (client, commit) = Committed::new(of_client).unwrap();
        let (server, of_server) = Answered::new(of_server, commit).unwrap();
        let (of_client, code) = client.reveal(&of_server);
        (code, server.check(&of_client))
    }

    #[test]
    fn both_sides_of_one_session_show_the_same() {
        let (client, server) = compare(pair(1, 2), pair(1, 2));
        assert_eq!(server, Ok(client));
        assert_eq!(client.to_string().len(), 6);
        assert_eq!(Code(42).to_string(), "000042");
    }

    #[test]
    fn another_certificate_or_nonce_is_found_out() {
        for other in [pair(3, 2), pair(1, 3), pair(2, 1)] {
            assert_eq!(compare(pair(1, 2), other).1, Err(NotCommitted), "{other:?}");
        }
        let (_, commit) = Committed::with(pair(1, 2), nonce(7));
        let (server, _) = Answered::with(pair(1, 2), commit, nonce(8));
        assert_eq!(server.check(&nonce(6)), Err(NotCommitted));
    }

    #[test]
    fn the_bytes_are_those_of_the_protocol() {
        let (client, commit) = Committed::with(pair(1, 2), nonce(7));
        let expected = [&b"c"[..], &[7; 32], &[1; 32], &[2; 32]].concat();
        assert_eq!(commit.as_bytes(), Fingerprint::of_der(&expected).as_bytes());
        let (revealed, code) = client.reveal(&nonce(8));
        assert_eq!(revealed, nonce(7));
        let hashed = [&b"sas1"[..], &[1; 32], &[2; 32], &[7; 32], &[8; 32]].concat();
        let digits = u64::from_str_radix(&Fingerprint::of_der(&hashed).to_string()[..16], 16);
        assert_eq!(
            code.to_string(),
            format!("{:06}", digits.unwrap() % 1_000_000)
        );
    }

    #[test]
    fn what_was_found_is_understood_at_the_other_side() {
        assert_eq!(Found::Same.code(), None);
        for found in [Found::Different, Found::Nothing] {
            let code = found.code().expect("the other side is told");
            assert_eq!(Found::told_by(&code), found);
        }
        assert_eq!(Found::told_by(&wire::Code::Internal), Found::Nothing);
    }

    proptest! {
        #[test]
        fn the_commitment_is_to_every_bit(bytes: [u8; 96], bit in 0..768_usize) {
            let commit = |bytes: &[u8; 96]| {
                let (parts, _) = bytes.as_chunks::<32>();
                let pair = Pair {
                    client: Fingerprint::from_bytes(parts[0]),
                    server: Fingerprint::from_bytes(parts[1]),
                };
                pair.commit(&Nonce::from_bytes(parts[2]))
            };
            let mut changed = bytes;
            changed[bit / 8] ^= 1 << (bit % 8);
            prop_assert_ne!(commit(&bytes), commit(&changed));
        }
    }

    /// Somebody in between, with a certificate of their own, hopes that both screens show the same.
    /// In each session they choose what they may choose, and cannot choose after the other has.
    /// The numbers are the same in each run.
    #[test]
    fn a_guess_succeeds_once_in_a_million() {
        const GUESSES: u32 = 1_000_000;
        // With 10⁶ guesses of 10⁻⁶ each, more than 5 succeed with a probability of 0.0006, the
        // bound of 99.9 %.
        const BOUND: u32 = 5;
        let drawn = |seed: u8, number: u32| {
            let mut bytes = [seed; 32];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            Nonce::from_bytes(bytes)
        };
        let (to_client, to_server) = (pair(1, 66), pair(66, 2));
        let successes: u32 = (0..GUESSES)
            .map(|guess| {
                let left = to_client.code(&drawn(1, guess), &drawn(2, guess));
                let right = to_server.code(&drawn(3, guess), &drawn(4, guess));
                u32::from(left == right)
            })
            .sum();
        println!("{successes} of {GUESSES} guesses succeeded");
        assert!(successes <= BOUND, "{successes}");
    }

    /// Codes are drawn as evenly as chance has it: no digit is preferred anywhere.
    #[test]
    fn every_digit_comes_up_everywhere() {
        const DRAWS: u32 = 100_000;
        let mut counts = [[0_u32; 10]; 6];
        for draw in 0..DRAWS {
            let mut bytes = [9; 32];
            bytes[..4].copy_from_slice(&draw.to_be_bytes());
            let code = pair(1, 2).code(&Nonce::from_bytes(bytes), &nonce(5));
            for (place, digit) in code.to_string().bytes().enumerate() {
                counts[place][usize::from(digit - b'0')] += 1;
            }
        }
        let expected = f64::from(DRAWS) / 10.0;
        for (place, counts) in counts.iter().enumerate() {
            let chi_squared: f64 = counts
                .iter()
                .map(|&count| (f64::from(count) - expected).powi(2) / expected)
                .sum();
            // 9 degrees of freedom: above it by chance once in a thousand.
            assert!(chi_squared < 27.88, "digit {place}: {chi_squared}");
        }
    }
}
