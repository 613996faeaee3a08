//! Who failed too often: at the six digits, or at a password.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use super::limits::{FAILED, FAILURES, LOCKED, WRONG_PASSWORDS};
use super::sas::Pair;
use crate::net::address::place;

/// Failures by pair of identities and by address, none of which is another's.
///
/// An IPv6 address counts by its network of 64 bits. The time is given, so that it may be any.
#[derive(Debug)]
pub struct Lockout {
    pairs: Table<Pair>,
    places: Table<IpAddr>,
}

impl Default for Lockout {
    fn default() -> Self {
        Self {
            pairs: Table::new(FAILURES),
            places: Table::new(FAILURES),
        }
    }
}

impl Lockout {
    /// When these two, or this address, may compare again. None: now.
    pub fn locked_until(&self, pair: &Pair, peer: SocketAddr, now: Instant) -> Option<Instant> {
        let pair = self.pairs.locked_until(pair, now);
        pair.max(self.places.locked_until(&place(peer), now))
    }

    /// A comparison failed: the nonce was not the committed one, or a person saw other digits.
    pub fn failed(&mut self, pair: Pair, peer: SocketAddr, now: Instant) {
        self.pairs.failed(pair, now);
        self.places.failed(place(peer), now);
    }

    /// These two found the same digits: their slips are forgotten. Those of the address are not,
    /// since somebody who guesses could be at peace with another identity of theirs.
    pub fn succeeded(&mut self, pair: &Pair) {
        self.pairs.failures.remove(pair);
    }
}

/// Wrong passwords by address: who guesses comes with ever new certificates and connections.
///
/// An IPv6 address counts by its network of 64 bits. The time is given, so that it may be any.
#[derive(Debug)]
pub struct WrongPasswords(Table<IpAddr>);

impl Default for WrongPasswords {
    fn default() -> Self {
        Self(Table::new(WRONG_PASSWORDS))
    }
}

impl WrongPasswords {
    /// When a password from this address is looked at again. None: now.
    pub fn locked_until(&self, peer: SocketAddr, now: Instant) -> Option<Instant> {
        self.0.locked_until(&place(peer), now)
    }

    /// A password from there was wrong.
    pub fn failed(&mut self, peer: SocketAddr, now: Instant) {
        self.0.failed(place(peer), now);
    }
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u8,
    last: Instant,
}

impl Failures {
    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) >= LOCKED
    }
}

#[derive(Debug)]
struct Table<K> {
    failures: HashMap<K, Failures>,
    /// Failures that lock.
    most: u8,
}

impl<K: Copy + Eq + Hash> Table<K> {
    fn new(most: u8) -> Self {
        let failures = HashMap::new();
        Self { failures, most }
    }

    fn locked_until(&self, key: &K, now: Instant) -> Option<Instant> {
        let failures = self.failures.get(key)?;
        if failures.count < self.most || failures.is_over(now) {
            return None;
        }
        failures.last.checked_add(LOCKED)
    }

    fn failed(&mut self, key: K, now: Instant) {
        if !self.failures.contains_key(&key) && self.failures.len() >= FAILED {
            self.make_room(now);
        }
        let failures = self.failures.entry(key).or_insert(Failures {
            count: 0,
            last: now,
        });
        if failures.is_over(now) {
            failures.count = 0;
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
    }

    fn make_room(&mut self, now: Instant) {
        self.failures.retain(|_, failures| !failures.is_over(now));
        if self.failures.len() >= FAILED {
            let oldest = self.failures.iter();
            let oldest = oldest.min_by_key(|(_, failures)| failures.last);
            if let Some(key) = oldest.map(|(&key, _)| key) {
                self.failures.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::wire::Fingerprint;

    fn pair(client: u16) -> Pair {
        Pair {
            client: Fingerprint::of_der(&client.to_be_bytes()),
            server: Fingerprint::of_der(b"server"),
        }
    }

    fn peer(address: &str) -> SocketAddr {
        address.parse().unwrap()
    }

    fn other_place() -> SocketAddr {
        peer("10.9.9.9:1")
    }

    #[test]
    fn three_failures_lock_for_ten_minutes() {
        let mut lockout = Lockout::default();
        let (now, here) = (Instant::now(), peer("10.0.0.1:5"));
        for _ in 0..2 {
            lockout.failed(pair(1), here, now);
            assert_eq!(lockout.locked_until(&pair(1), here, now), None);
        }
        lockout.failed(pair(1), here, now);
        let end = now + Duration::from_mins(10);
        assert_eq!(lockout.locked_until(&pair(1), here, now), Some(end));
        let before = now + Duration::from_millis(599_999);
        assert_eq!(lockout.locked_until(&pair(1), here, before), Some(end));
        assert_eq!(lockout.locked_until(&pair(1), here, end), None);
        // It begins anew, and not with one failure too many.
        lockout.failed(pair(1), here, end);
        assert_eq!(lockout.locked_until(&pair(1), here, end), None);
    }

    #[test]
    fn the_pair_and_the_address_are_locked_and_nobody_else() {
        let mut lockout = Lockout::default();
        let (now, here) = (Instant::now(), peer("10.0.0.1:5"));
        for _ in 0..3 {
            lockout.failed(pair(1), here, now);
        }
        let locked = |pair, peer| lockout.locked_until(&pair, peer, now).is_some();
        assert!(locked(pair(1), other_place()), "the pair elsewhere");
        assert!(
            locked(pair(2), peer("10.0.0.1:6")),
            "the address with another identity"
        );
        assert!(
            locked(pair(2), peer("[::ffff:10.0.0.1]:6")),
            "the address written otherwise"
        );
        assert!(!locked(pair(2), peer("10.0.0.2:5")));
    }

    #[test]
    fn a_network_of_ipv6_is_one_place() {
        let mut lockout = Lockout::default();
        let now = Instant::now();
        for host in 1..=3 {
            let here = peer(&format!("[2001:db8::{host}]:5"));
            lockout.failed(pair(host), here, now);
        }
        let locked = |peer| lockout.locked_until(&pair(9), peer, now).is_some();
        assert!(locked(peer("[2001:db8::9]:5")));
        assert!(!locked(peer("[2001:db8:0:1::9]:5")));
    }

    #[test]
    fn success_clears_the_pair_and_not_the_address() {
        let mut lockout = Lockout::default();
        let (now, here) = (Instant::now(), peer("10.0.0.1:5"));
        for _ in 0..3 {
            lockout.failed(pair(1), here, now);
        }
        lockout.succeeded(&pair(1));
        assert_eq!(lockout.locked_until(&pair(1), other_place(), now), None);
        assert!(lockout.locked_until(&pair(1), here, now).is_some());
    }

    #[test]
    fn failures_long_ago_do_not_count() {
        let mut lockout = Lockout::default();
        let (mut now, here) = (Instant::now(), peer("10.0.0.1:5"));
        for _ in 0..5 {
            lockout.failed(pair(1), here, now);
            assert_eq!(lockout.locked_until(&pair(1), here, now), None);
            now += Duration::from_mins(10);
        }
    }

    #[test]
    fn ten_wrong_passwords_lock_an_address() {
        let mut wrong = WrongPasswords::default();
        let (now, here) = (Instant::now(), peer("10.0.0.1:5"));
        for _ in 0..10 {
            assert_eq!(wrong.locked_until(here, now), None);
            wrong.failed(here, now);
        }
        let end = now + Duration::from_mins(10);
        assert_eq!(wrong.locked_until(peer("10.0.0.1:6"), now), Some(end));
        assert_eq!(wrong.locked_until(other_place(), now), None);
        assert_eq!(wrong.locked_until(here, end), None);
    }

    #[test]
    fn the_table_is_bounded_and_forgets_the_oldest() {
        let mut lockout = Lockout::default();
        let start = Instant::now();
        let number = u16::try_from(FAILED).unwrap();
        for _ in 0..3 {
            lockout.failed(pair(0), other_place(), start);
        }
        for client in 1..=2 * number {
            let now = start + Duration::from_millis(client.into());
            let [high, low] = client.to_be_bytes();
            lockout.failed(pair(client), peer(&format!("10.0.{high}.{low}:1")), now);
            assert!(
                lockout.pairs.failures.len() <= FAILED && lockout.places.failures.len() <= FAILED
            );
        }
        assert_eq!(lockout.locked_until(&pair(0), other_place(), start), None);
        assert!(lockout.pairs.failures.contains_key(&pair(2 * number)));
        // What is over goes first, all of it.
        lockout.failed(pair(0), other_place(), start + Duration::from_hours(1));
        assert_eq!(lockout.pairs.failures.len(), 1);
    }
}
