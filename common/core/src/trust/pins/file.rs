//! Pins as the text of a file: one JSON object, `version`, `turn` and `pins`.

use serde::{Deserialize, Serialize};

use super::{Pin, Pins, Role, most};
use crate::trust::limits;
use crate::wire::list::at_most;

/// What this program writes, and the newest that it reads.
const VERSION: u32 = 1;

/// Why a text is not pins.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::trust) enum Unreadable {
    /// A newer program wrote it: it is in order, and not ours to touch.
    #[error("a file of version {0}")]
    Newer(u32),
    /// It is not as it was written.
    #[error("{0}")]
    Damaged(String),
}

#[derive(Deserialize)]
struct Head {
    version: u32,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    turn: u64,
    pins: Vec<&'a Pin>,
}

#[derive(Deserialize)]
struct Read {
    turn: u64,
    #[serde(deserialize_with = "at_most::<{ limits::SERVERS + limits::PEOPLE }, _, _>")]
    pins: Vec<Pin>,
}

impl Pins {
    /// The text of the file.
    pub(in crate::trust) fn to_json(&self) -> Vec<u8> {
        let written = Written {
            version: VERSION,
            turn: self.turn,
            pins: self.pins.values().collect(),
        };
        serde_json::to_vec_pretty(&written).expect("strings, numbers and lists make JSON")
    }

    /// Reads what [`Pins::to_json`] wrote, and checks all of it.
    pub(in crate::trust) fn from_json(json: &[u8]) -> Result<Self, Unreadable> {
        let damaged = |error: serde_json::Error| Unreadable::Damaged(error.to_string());
        let head: Head = serde_json::from_slice(json).map_err(damaged)?;
        if head.version > VERSION {
            return Err(Unreadable::Newer(head.version));
        }
        let read: Read = serde_json::from_slice(json).map_err(damaged)?;
        let count = read.pins.len();
        let pins = Self {
            turn: read.turn,
            pins: read
                .pins
                .into_iter()
                .map(|pin| ((pin.role, pin.id), pin))
                .collect(),
        };
        let what = if pins.pins.len() < count {
            "somebody twice"
        } else if [Role::Server, Role::Person]
            .iter()
            .any(|&role| pins.iter(role).count() > most(role))
        {
            "too many of a kind"
        } else if !pins.pins.values().all(|pin| pins.is_sound(pin)) {
            "turns or addresses out of order"
        } else {
            return Ok(pins);
        };
        Err(Unreadable::Damaged(what.to_owned()))
    }

    /// Turns go up, the file's is the highest, and no address is there twice.
    fn is_sound(&self, pin: &Pin) -> bool {
        let falls = pin
            .addresses
            .windows(2)
            .all(|pair| pair[0].turn > pair[1].turn);
        let first = pin.addresses.first();
        falls
            // A turn more must not be one too many.
            && self.turn < u64::MAX / 2
            && pin.turn <= self.turn
            && first.is_none_or(|sighting| sighting.turn <= pin.turn)
            && pin
                .addresses
                .iter()
                .all(|sighting| pin.turn_at(&sighting.address) == Some(sighting.turn))
    }
}
