//! What is expected of encrypted people, and what they may expect: every cap with its unit and why
//! it is that much.

use std::time::Duration;

use hallway_core::wire::limits;

/// Encrypted people who have not said hello. Each holds a session of TLS and a place in a list.
pub(super) const BEFORE_HELLO: usize = 64;

/// The same from one address that is not this computer's (IPv6: network of 64 bits): a class behind one
/// address that connects again after the server was started anew.
pub(super) const BEFORE_HELLO_OF_PLACE: usize = 16;

/// Wrong passwords in one connection.
pub(super) const WRONG_PASSWORDS: u8 = 3;

/// Bytes of events that one person may have received and not stored.
pub(super) const IN_FLIGHT: usize = 256 * 1024;

/// Bytes queued for one person: what is in flight, an answer about the past, a welcome and a list
/// of people, each at its longest.
pub(super) const QUEUE: usize = 4 * limits::FRAME;

/// Frames in a second, besides messages and what is stored, that are taken from one person over
/// time: each may have to be answered.
pub(super) const FRAMES: u32 = 20;

/// Such frames that are taken at once: a window that opens all its conversations.
pub(super) const FRAMES_AT_ONCE: u32 = 100;

/// People of whom it is kept in memory, while the disk takes nothing, how far they have stored what was
/// written to them: as many as may be here.
pub(super) const UNKEPT: usize = 10_000;

/// Messages that wait for the disk from which on nobody encrypted is read: what was read already
/// must still fit into the [history's queue](hallway_core::history::limits::QUEUE).
pub(super) const WAITING: usize = 768;

/// Bytes of messages to the room that wait for the disk from which on nobody encrypted is read. One commit
/// tells plain people all of them at once, and their queues hold four times as much.
pub(super) const WAITING_TEXT: usize = 64 * 1024;

/// Batches of plain lines that wait for the disk from which on others are not kept: encrypted
/// people, who are promised that theirs are, come first.
pub(super) const WAITING_PLAIN: usize = 256;

/// Texts that wait for the disk from which on the host should say nothing more: a file on the
/// standard input is not lost for being read too fast.
pub(super) const WAITING_HOST: usize = WAITING_PLAIN / 2;

/// Bytes of a plain line that count as one more line where their rate is reckoned: a flood of long
/// lines fills a disk sooner.
pub(super) const LINE_UNIT: usize = 1024;

/// One plain person's part of the lines that are kept of all of them: two must flood before others are
/// left out.
pub(super) const PARTS: u32 = 2;

/// Signs that somebody writes in the room, passed on in one second: each goes to everyone.
pub(super) const TYPING_IN_ROOM: u32 = 10;

/// How long things take among encrypted people, and how often they may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manners {
    /// From the end of the handshake to the hello. A program says it at once.
    pub hello: Duration,
    /// The same where a person must choose another name or look a password up.
    pub answer: Duration,
    /// How long nothing more is read after a wrong password.
    pub slowed: Duration,
    /// Silence after which a ping is sent.
    pub idle: Duration,
    /// Silence after which somebody counts as gone.
    pub dead: Duration,
    /// How long somebody who has as much in flight as may be may store nothing of it.
    pub stuck: Duration,
    /// Between two pieces of news about who is here, and about who has stored what.
    pub news: Duration,
    /// Between two signs that the same person writes.
    pub typing: Duration,
    /// From the first step of the six digits until both have seen them and said so.
    pub comparing: Duration,
    /// How often all of this is looked at: it may be late by that much.
    pub look: Duration,
    /// Messages in a second that are taken from one person over time; 0 for as many as come.
    pub rate: u32,
    /// Messages that are taken at once.
    pub burst: u32,
    /// Plain lines, and lines of the host's, in a second that are kept over time: more than people
    /// type in a full room, and a disk lasts for years. This and the next count as they were when the
    /// room was made.
    pub kept: u32,
    /// Such lines that are kept at once: somebody pastes a log.
    pub kept_at_once: u32,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            hello: Duration::from_secs(10),
            answer: Duration::from_mins(2),
            slowed: Duration::from_secs(1),
            idle: Duration::from_secs(25),
            dead: Duration::from_mins(1),
            stuck: Duration::from_mins(1),
            news: Duration::from_secs(1),
            typing: Duration::from_secs(3),
            comparing: Duration::from_mins(5),
            look: Duration::from_millis(250),
            rate: limits::RATE,
            burst: limits::BURST,
            kept: 50,
            kept_at_once: 1_000,
        }
    }
}
