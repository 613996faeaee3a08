//! The running hash over all events of a server.
//!
//! ```text
//! hash(0) = SHA-256("hallway-chain-1" ‖ epoch)
//! hash(k) = SHA-256(hash(k−1) ‖ pos ‖ seq ‖ at ‖ conv ‖ from ‖ name ‖ kind ‖ text)
//! ```
//!
//! `pos`, `seq` and `at` are eight bytes each, highest first. The others are their length in bytes
//! as eight bytes, then the bytes: `conv` as it is [written](super::Conversation), `from` the 32
//! bytes of an identity or none, the rest UTF-8. So no two events have the same encoding, and a
//! position with its hash stands for everything before it.

use sha2::{Digest, Sha256};

use super::Event;

/// SHA-256.
pub type Hash = [u8; 32];

/// The hash before the first event.
pub fn first(epoch: &[u8; 16]) -> Hash {
    let mut sha = Sha256::new();
    sha.update(b"hallway-chain-1");
    sha.update(epoch);
    sha.finalize().into()
}

/// The hash at `event`, where `before` is the one before it. Its own `hash` does not count.
pub fn next(before: &Hash, event: &Event) -> Hash {
    let mut sha = Sha256::new();
    sha.update(before);
    sha.update(event.pos.to_be_bytes());
    sha.update(event.seq.to_be_bytes());
    sha.update(event.at.to_be_bytes());
    let conversation = event.conversation.to_string();
    let fields: [&[u8]; 5] = [
        conversation.as_bytes(),
        event
            .sender
            .as_ref()
            .map_or(&[], |sender| sender.as_slice()),
        event.name.as_bytes(),
        event.kind.as_bytes(),
        event.text.as_bytes(),
    ];
    for field in fields {
        sha.update((field.len() as u64).to_be_bytes());
        sha.update(field);
    }
    sha.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Conversation;
    use crate::history::event::hex;

    fn event() -> Event {
        Event {
            pos: 1,
            seq: 1,
            conversation: Conversation::Room,
            sender: Some([7; 32]),
            name: "Ana".into(),
            kind: "msg".into(),
            text: "你好".into(),
            at: 1_700_000_000_123,
            hash: [0; 32],
        }
    }

    #[test]
    fn the_encoding_stays_what_it_is() {
        let hash = next(&first(&[1; 16]), &event());
        assert_eq!(
            hex(&hash),
            "ae5c36068847c2384c630225ce6b597173cc60f1619e8100709a23bbc2087de0"
        );
    }

    #[test]
    fn every_field_counts_and_none_runs_into_the_next() {
        let before = first(&[1; 16]);
        let changes: [fn(&mut Event); 10] = [
            |_| {},
            |event| event.pos = 2,
            |event| event.seq = 2,
            |event| event.at = -1,
            |event| event.conversation = Conversation::direct([1; 32], [2; 32]),
            |event| event.sender = None,
            |event| event.name = "An".into(),
            |event| event.kind = "plain".into(),
            |event| event.text = "你".into(),
            |event| (event.name, event.kind) = ("Anam".into(), "sg".into()),
        ];
        let hashes: std::collections::HashSet<Hash> = changes
            .iter()
            .map(|change| {
                let mut event = event();
                change(&mut event);
                next(&before, &event)
            })
            .collect();
        assert_eq!(hashes.len(), changes.len());
        assert!(!hashes.contains(&next(&first(&[2; 16]), &event())));
    }
}
