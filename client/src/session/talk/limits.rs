//! Every cap and every time of an encrypted conversation, with its unit and why it is that much.

use std::time::Duration;

/// Silence of the server after which it is asked whether it is there.
pub const IDLE: Duration = Duration::from_secs(25);

/// Silence of the server after which it counts as gone: two questions were not answered.
pub const DEAD: Duration = Duration::from_mins(1);

/// The shortest time between two words that somebody here is writing.
pub const TYPING: Duration = Duration::from_secs(3);

/// How long somebody who was writing still is: the next word of it may be late by two seconds.
pub const TYPING_SHOWN: Duration = Duration::from_secs(5);

/// People who are writing at once and are remembered: more cannot be shown.
pub const TYPISTS: usize = 64;

/// How long what the server could not keep waits until it is sent again.
pub const RETRY: Duration = Duration::from_secs(5);

/// Messages that are sent and not answered: more than a server takes at once.
pub const IN_FLIGHT: usize = 64;

/// Bytes of frames of such messages. One message may be more than that alone.
pub const IN_FLIGHT_BYTES: usize = 256 * 1024;

/// Times that all unanswered messages may be refused for their numbers until the conversation
/// begins anew: once is usual after a resumed one.
pub const ROUNDS: u32 = 3;

/// Bytes of texts that wait to be stored; then nothing more is read. More than a server sends
/// without being told that it was stored.
pub const UNSTORED: usize = 1024 * 1024;

/// Bytes that an event counts besides its text.
pub const EVENT_DRESS: usize = 256;

/// Pages of older events that are asked for at once: one for each conversation that is looked at.
pub const PAGES: usize = 8;

/// Messages of ours whose place is remembered, so that it can be told who has them.
pub const PLACES: usize = 1024;
