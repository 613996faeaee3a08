//! Every cap on what is trusted, with its unit and why it is that much.

use std::time::Duration;

/// Servers that are pinned. Forgetting one by ourselves would open a door, so the next one is
/// refused; a person meets dozens.
pub const SERVERS: usize = 1000;

/// People that are pinned. Of those beyond it the one who was away longest goes who was never
/// verified: whoever comes with ever new certificates pushes out only their like.
pub const PEOPLE: usize = 2000;

/// Addresses remembered of one pin: a laptop with a few networks. The oldest one goes.
pub const ADDRESSES: usize = 8;

/// Bytes of an address: the longest name of a host (RFC 1035, 2.3.4), a colon and a port, or an
/// IPv6 address in its brackets.
pub const ADDRESS: usize = 253 + 6;

/// Bytes of the file of pins. Full of the longest of everything it has less.
pub const FILE: usize = 16 * 1024 * 1024;

/// How long somebody waits for another program to be done with the file. That takes two writes to
/// the disk.
pub const LOCK_WAIT: Duration = Duration::from_secs(3);

/// Failures at the six digits until a pair, or an address, is locked: once may be a slip.
pub const FAILURES: u8 = 3;

/// Wrong passwords from one address until none from there is looked at for [`LOCKED`]: a class behind
/// one address mistypes, and a guess a minute finds no word that is not in the list of the worst.
pub const WRONG_PASSWORDS: u8 = 10;

/// How long it is locked, and how long a failure counts: a guess a minute takes years to succeed.
pub const LOCKED: Duration = Duration::from_mins(10);

/// Pairs, and as many addresses, whose failures are remembered; beyond it the one that failed
/// longest ago is forgotten. Each costs a hundred bytes.
pub const FAILED: usize = 1024;
