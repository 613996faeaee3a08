//! Every cap of the history, with its unit and why it is that much.

use std::time::Duration;

use crate::wire::limits as wire;

/// Bytes of the longest text that is kept: the longest plain line. What a frame may carry is less:
/// [`TEXT`](crate::wire::limits::TEXT) of `wire`.
pub const TEXT: usize = 64 * 1024;

/// Events looked at for one page of a stream: a page is made in a few milliseconds, whoever they
/// are for.
pub const PAGE_EVENTS: usize = 256;

/// Bytes of text after which a page of a stream ends: what may be under way to one peer.
pub const PAGE_BYTES: usize = 256 * 1024;

/// Older events given at once: as many as a frame of `history` may ask for.
pub const PAST: usize = wire::HISTORY;

/// Conversations listed at once: more than a person has, fewer than hurt.
pub const CONVERSATIONS: usize = 10_000;

/// Last lines of a conversation that are looked at for who speaks there: enough for two people, and
/// ten thousand conversations are listed within a blink.
pub const LATE: usize = 16;

/// Messages in the outbox for one server: a day of writing while it is away.
pub const OUTBOX: usize = 10_000;

/// Bytes of the texts in the outbox for one server.
pub const OUTBOX_BYTES: usize = 16 * 1024 * 1024;

/// Messages taken out of the outbox at once to be sent.
pub const OUTBOX_PAGE: usize = 256;

/// Receipts of messages whose text retention removed: so many of the newest positions still get
/// the first answer again. About 100 bytes each.
pub const RECEIPTS: u64 = 1_000_000;

/// Lines removed by retention in one transaction: others write in between.
pub const REMOVE_AT_ONCE: usize = 1_000;

/// Conversations whose author is told at a welcome how far the others have stored them: about 130 bytes
/// each, and more than somebody looks at.
pub const SEEN: usize = 200;

/// Words of a query that count: a sentence.
pub const QUERY_WORDS: usize = 16;

/// Bytes of a query that count.
pub const QUERY_BYTES: usize = 512;

/// Words that a beginning stands for, of which each is looked for by itself: with more, each of them
/// is rare, and their lists are quickly put together.
pub const BEGINNINGS: usize = 64;

/// Results of a search given at once.
pub const FOUND: usize = 200;

/// Bytes of the snippet that shows a result: two lines in a narrow window.
pub const SNIPPET: usize = 240;

/// How long a search may take before it is broken off with what was found so far.
pub const SEARCH: Duration = Duration::from_secs(2);

/// Jobs that wait for the thread that writes, and for the one that reads. With the longest texts
/// that is 64 MiB, with usual ones less than one.
pub const QUEUE: usize = 1_024;

/// Writes that share one commit at most: beyond this they wait for each other for little gain.
pub const BATCH: usize = 512;

/// How long writes are collected for one commit at most, where they keep coming: below what
/// people notice.
pub const BATCH_TIME: Duration = Duration::from_millis(20);

/// How long another program's lock on the database is waited for.
pub const LOCK: Duration = Duration::from_secs(5);

/// Bytes of a database that is checked whole whenever it is opened: that takes about 0.1 s. A
/// larger one is checked whole only after damage was met in it.
pub const CHECK: u64 = 32 * 1024 * 1024;

/// Bytes that the log of the database (`-wal`) keeps on disk when all of it is in the database.
pub const LOG: u64 = 16 * 1024 * 1024;

/// KiB of pages that one connection to the database keeps in memory.
pub const CACHE: u32 = 8 * 1024;

/// Lines between two reports of an export's progress.
pub const EXPORT_STEP: u64 = 256;

/// Bytes of the longest address that a plain conversation is kept under: a name of a host has 253.
pub const ADDRESS: usize = 512;
