//! Every cap on what comes from outside, with its unit and why it is that much.
//!
//! "No limit of ours" is [`NONE`]; the command lines write it `0`.

use std::time::Duration;

/// No limit of ours: what the machine has is the limit.
pub const NONE: usize = usize::MAX;

/// Bytes of the longest line that is taken, its LF not counted. A page of text is 4 KiB; a
/// pasted log should pass, an endless line must not.
pub const LINE: usize = 64 * 1024;

/// Bytes that [`LINE`] may be raised to: beyond this a line is a file.
pub const LINE_HIGHEST: usize = 1024 * 1024;

/// Bytes that a server puts before somebody's line and after it: a name of 64 bytes or an IPv6
/// address with its port, `: `, an ellipsis and the LF, with room to spare.
pub const LINE_DRESS: usize = 128;

/// Bytes queued for one peer, at least: a burst of a few thousand short lines.
pub const QUEUE: usize = 256 * 1024;

/// A queue holds this many of the longest lines, so that a line never meets a queue that is full
/// though its reader is quick.
pub const QUEUE_LINES: usize = 4;

/// The kernel's share of a queue is one part in this many; SO_SNDBUF is bound to it, since what
/// the kernel holds counts as queued. Unbound, it took 3.9 MB for a peer that read nothing.
pub const QUEUE_KERNEL_PART: usize = 4;

/// Connections in all. The cost of an idle one is small; the number is for the person who must
/// still find a name in a list.
pub const CONNECTIONS: usize = 10_000;

/// Connections from one address (IPv6: one /64): a classroom behind one router, not a flood.
/// This computer's own are not counted.
pub const CONNECTIONS_PER_ADDRESS: usize = 64;

/// Descriptors kept free for everything that is not a connection: files, pipes, look-ups, the
/// display.
pub const DESCRIPTORS_RESERVED: usize = 64;

/// Connections waiting for us to accept them. The kernel cuts it to `net.core.somaxconn`; past
/// it a connect takes a second more.
pub const BACKLOG: u32 = 4096;

/// Connections accepted in one go before others get their turn.
pub const ACCEPT_BATCH: usize = 64;

/// How long accepting rests when the system is out of descriptors or memory.
pub const ACCEPT_REST: Duration = Duration::from_millis(500);

/// Bytes read by one call; also what is held back at most of a sender that was paused amid it.
pub const READ: usize = 64 * 1024;

/// Reads from one peer before others get their turn.
pub const READS_PER_TURN: usize = 4;

/// Lines told before the clock is looked at: [`TURN`] holds within one read too.
pub const LINES_PER_LOOK: u32 = 32;

/// Bytes of a queue of many pieces that one call writes; also how many, or a quarter of what may be
/// queued at all, are until a peer is written to at once rather than at the end of the batch: so a
/// queue seems full only when the kernel's part is. Fifty who talk to each other queue some 20 KiB a
/// batch for each.
pub const WRITE: usize = 64 * 1024;

/// Pieces for which a queue that is empty again keeps its memory: 4 KiB.
pub const PIECES_KEPT: usize = 256;

/// Sockets whose news are taken from the kernel in one go.
pub const EVENTS: usize = 256;

/// So many news at once, and it is worth asking the kernel for more before the main loop goes on: one
/// call, where a turn of the main loop takes five. After a single one there is rarely another.
pub const EVENTS_OF_FLOW: usize = 2;

/// How long the reactor may hold the main loop in one turn. A frame is 16 ms.
pub const TURN: Duration = Duration::from_millis(4);

/// Name look-up and connecting together (the original's `waitForConnected(3000)`).
pub const CONNECT: Duration = Duration::from_secs(3);

/// How long an address is tried alone before the next one is tried beside it (RFC 8305).
pub const CONNECT_STAGGER: Duration = Duration::from_millis(250);

/// Addresses of one name that are tried.
pub const CONNECT_ADDRESSES: usize = 16;

/// Look-ups of the system that may be under way: each that was given up holds a thread until its
/// own time-out.
pub const LOOKUPS: usize = 4;

/// How long a client may be silent until it counts as plain. A program that speaks TLS begins at once;
/// on a bad wireless network its first packet is sent again after 200 ms.
pub const OPENING: Duration = Duration::from_millis(500);

/// Refused connections whose first byte is waited for, [`OPENING`] at most, to answer them in the way
/// they speak; beyond that the one that waited longest is. They hold descriptors without a place: half of
/// [`DESCRIPTORS_RESERVED`].
pub const REFUSED: usize = 32;

/// All of a TLS handshake: waiting for others, a slow network, and a question to nobody.
pub const HANDSHAKE: Duration = Duration::from_secs(5);

/// Handshakes that are reckoned at once: as many as are done in a few milliseconds.
pub const HANDSHAKES: usize = 6;

/// Of these from one address (IPv6: one /64): nobody keeps the others out.
/// This computer's own are not counted.
pub const HANDSHAKES_PER_ADDRESS: usize = 2;

/// How long a handshake keeps its place while its peer is waited for: an answer within a building takes
/// less. It goes on without one, and has reckoned most of what it will.
pub const HANDSHAKE_TURN: Duration = Duration::from_millis(10);

/// Bytes of answers about keys that wait for one peer: some hundreds. Who asks for more and reads none
/// of them means harm.
pub const ANSWERS: usize = 16 * 1024;

/// How long `close()` waits for the peer's FIN once nothing moves any more.
pub const CLOSE: Duration = Duration::from_secs(3);

/// After this long without progress a reader slows nobody any more.
pub const STALLED: Duration = Duration::from_secs(1);

/// After this long without progress a reader is closed.
pub const TOO_SLOW: Duration = Duration::from_secs(10);

/// Keepalive: silence before the first probe, between probes, and probes unanswered until the
/// peer counts as gone.
pub const KEEPALIVE: (Duration, Duration, u32) =
    (Duration::from_mins(1), Duration::from_secs(10), 3);

/// Sent bytes unacknowledged this long end the connection (`TCP_USER_TIMEOUT`).
pub const USER_TIMEOUT: Duration = Duration::from_secs(30);

/// The same on encrypted connections, where a live peer may read nothing for a minute.
pub const USER_TIMEOUT_ENCRYPTED: Duration = Duration::from_secs(75);

/// How long a probe takes ([`Connection::probe`](super::Connection::probe)): as long as people look
/// at a laptop that was opened before they give up.
pub const PROBE: Duration = Duration::from_secs(10);

/// Keepalive during a probe, as in [`KEEPALIVE`]: the peer counts as gone after eight seconds, and
/// four packets. Fewer would be lost while a wireless network is found again.
pub const PROBE_KEEPALIVE: (Duration, Duration, u32) =
    (Duration::from_secs(1), Duration::from_secs(2), 4);

/// `TCP_USER_TIMEOUT` during a probe, where something is unacknowledged and no keepalive is sent.
pub const PROBE_USER_TIMEOUT: Duration = Duration::from_secs(8);

/// How long an address of ours may be missing: a network that is set up anew takes it away and
/// gives it back, and an IPv6 address is first looked for elsewhere for a second (RFC 4862).
pub const ADDRESS_GRACE: Duration = Duration::from_secs(2);

/// How often acknowledgements and deadlines are looked at: at first, and when nothing happens.
pub const TICK: (Duration, Duration) = (Duration::from_millis(4), Duration::from_millis(256));

/// Bytes a peer's queue may hold, the kernel's part included, where lines have `longest` bytes
/// at most.
pub fn queue(longest: usize) -> usize {
    QUEUE.max(longest.min(LINE_HIGHEST).saturating_mul(QUEUE_LINES))
}
