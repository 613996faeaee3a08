//! Handlers by number, where a number that was given back is never mistaken for the next one.

/// The number of a handler: its place, and how often the place was given before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    place: u32,
    round: u32,
}

impl From<Key> for u64 {
    fn from(key: Key) -> Self {
        (u64::from(key.round) << 32) | u64::from(key.place)
    }
}

impl From<u64> for Key {
    fn from(bits: u64) -> Self {
        let half = |bits: u64| u32::try_from(bits & u64::from(u32::MAX)).expect("32 bits");
        Self {
            place: half(bits),
            round: half(bits >> 32),
        }
    }
}

struct Slot<T> {
    round: u32,
    value: Option<T>,
}

pub(super) struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Slots<T> {
    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub(super) fn insert(&mut self, value: T) -> Key {
        let place = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                round: 0,
                value: None,
            });
            u32::try_from(self.slots.len() - 1).expect("fewer sockets than descriptors of 31 bits")
        });
        let slot = &mut self.slots[place as usize];
        slot.value = Some(value);
        Key {
            place,
            round: slot.round,
        }
    }

    pub(super) fn get(&self, key: Key) -> Option<&T> {
        let slot = self.slots.get(key.place as usize)?;
        slot.value.as_ref().filter(|_| slot.round == key.round)
    }

    pub(super) fn remove(&mut self, key: Key) -> Option<T> {
        let slot = self.slots.get_mut(key.place as usize)?;
        if slot.round != key.round {
            return None;
        }
        let value = slot.value.take()?;
        slot.round = slot.round.wrapping_add(1);
        self.free.push(key.place);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_given_back_finds_nothing_though_its_place_is_taken() {
        let mut slots = Slots::default();
        let first = slots.insert('a');
        assert_eq!(slots.remove(first), Some('a'));
        let second = slots.insert('b');
        assert_eq!(second.place, first.place);
        assert_eq!(slots.get(first), None);
        assert_eq!(slots.remove(first), None);
        assert_eq!(slots.get(second), Some(&'b'));
        assert_eq!(slots.len(), 1);
    }

    #[test]
    fn a_key_survives_the_kernel() {
        let key = Key {
            place: 7,
            round: 0x8000_0001,
        };
        assert_eq!(Key::from(u64::from(key)), key);
    }
}
