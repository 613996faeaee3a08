//! What is queued for a peer; pure but for the call that writes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::os::fd::AsFd;
use std::rc::Rc;
use std::time::Instant;

use rustix::io::Errno;
use rustix::net::{SendFlags, send};

use crate::net::limits;
use crate::net::outq::unacknowledged;

/// Nothing that is sent waits, or ends the program.
const SEND: SendFlags = SendFlags::NOSIGNAL.union(SendFlags::DONTWAIT);

thread_local! {
    /// Where pieces are put together to be written: for many short ones a list of them costs the
    /// kernel more than this copy. [`limits::WRITE`] bytes a thread.
    static JOINED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// How well a peer keeps up with what is sent to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// Its queue holds no more than half of its cap.
    #[default]
    Flowing,
    /// More than half, and it is reading: senders should wait for it.
    Congested,
    /// It has read nothing for [`limits::STALLED`]: nobody should wait for it.
    Stalled,
}

/// The queue of a peer is at its cap; nothing was queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the queue is full with {held} bytes")]
pub struct QueueFull {
    /// Bytes queued, the kernel's part included.
    pub held: usize,
}

#[derive(Debug)]
pub(super) struct Output {
    chunks: VecDeque<Rc<[u8]>>,
    /// Bytes of the first chunk that are written.
    offset: usize,
    /// Bytes in `chunks` that are not.
    bytes: usize,
    /// Bytes queued since the beginning.
    total: u64,
    /// What an early write met; for the next one to tell.
    failure: Option<Errno>,
    /// Bytes the kernel had taken when it was told last.
    told: u64,
    /// The last acknowledged position that was found.
    acknowledged: u64,
    /// The last one that was told. Others than who tells it ask for it too.
    told_acknowledged: u64,
    pub(super) cap: usize,
    pub(super) pace: Pace,
    /// When the peer last acknowledged something, or the queue began to wait for it; none while
    /// nobody waits.
    pub(super) progress: Option<Instant>,
    /// The acknowledged position when progress was looked for last.
    seen: u64,
    pub(super) fin_sent: bool,
    /// The peer's TCP was found to have acknowledged everything, our FIN included.
    pub(super) fin_acknowledged: bool,
}

impl Default for Output {
    fn default() -> Self {
        Self::new(limits::queue(limits::LINE))
    }
}

impl Output {
    pub(super) fn new(cap: usize) -> Self {
        Self {
            chunks: VecDeque::new(),
            offset: 0,
            bytes: 0,
            total: 0,
            failure: None,
            told: 0,
            acknowledged: 0,
            told_acknowledged: 0,
            cap,
            pace: Pace::default(),
            progress: None,
            seen: 0,
            fin_sent: false,
            fin_acknowledged: false,
        }
    }

    /// Bytes that the kernel has not taken.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes queued since the beginning.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Bytes the kernel has taken since the beginning.
    pub(super) fn written(&self) -> u64 {
        self.total - self.bytes as u64
    }

    /// Bytes the kernel has taken since this was asked last.
    pub(super) fn take_news(&mut self) -> u64 {
        let written = self.written();
        written - std::mem::replace(&mut self.told, written)
    }

    /// Bytes queued, the kernel's part included. The kernel is asked only where it matters.
    pub(super) fn held(&self, socket: impl AsFd) -> usize {
        match self.bytes {
            0 => 0,
            bytes => bytes + unacknowledged(socket).unwrap_or(0),
        }
    }

    /// Whether the kernel has everything and the peer keeps up.
    pub(super) fn is_free(&self) -> bool {
        self.bytes == 0 && self.pace == Pace::Flowing
    }

    /// Whether more than half of the cap is held.
    pub(super) fn is_crowded(&self, socket: impl AsFd) -> bool {
        self.held(socket) > self.cap / 2
    }

    /// Queues a chunk, unless the queue would hold more than its cap.
    #[inline]
    pub(super) fn push(&mut self, chunk: Rc<[u8]>, socket: impl AsFd) -> Result<(), QueueFull> {
        self.check_room(chunk.len(), socket)?;
        self.push_at_once(chunk);
        Ok(())
    }

    /// Whether so many bytes more may be queued.
    #[inline]
    pub(super) fn check_room(&self, length: usize, socket: impl AsFd) -> Result<(), QueueFull> {
        let bytes = self.bytes + length;
        // Many short pieces cost more to keep than their bytes.
        let pieces = self.chunks.len() * size_of::<Rc<[u8]>>();
        // The kernel's part is bound to half of the cap, so below that nobody need be asked. A
        // queue with nothing in it takes a chunk of any length.
        if self.bytes > 0 && bytes + pieces > self.cap / 2 {
            let held = self.held(socket);
            if held + pieces + length > self.cap {
                return Err(QueueFull { held });
            }
        }
        Ok(())
    }

    /// Queues a chunk whatever the queue holds.
    #[inline]
    pub(super) fn push_at_once(&mut self, chunk: Rc<[u8]>) {
        self.bytes += chunk.len();
        self.total += chunk.len() as u64;
        if !chunk.is_empty() {
            self.chunks.push_back(chunk);
        }
    }

    /// Writes bytes past the queue, where nothing waits in it. Returns how many the kernel took; a
    /// failure is kept for the next [`write`](Self::write).
    pub(super) fn write_through(&mut self, bytes: &[u8], socket: impl AsFd) -> usize {
        if self.bytes > 0 || self.failure.is_some() || self.pace != Pace::Flowing {
            return 0;
        }
        match send(socket, bytes, SEND) {
            Ok(count) => {
                self.total += count as u64;
                count
            }
            Err(Errno::AGAIN | Errno::INTR) => 0,
            Err(failure) => {
                self.failure = Some(failure);
                0
            }
        }
    }

    /// Writes ahead of the end of the batch. A failure is kept for the next [`write`](Self::write):
    /// the system tells it only once.
    pub(super) fn write_early(&mut self, socket: impl AsFd) {
        self.failure = self.write(socket).err();
    }

    /// Writes until nothing is left or the kernel takes no more. Returns the bytes it took.
    pub(super) fn write(&mut self, socket: impl AsFd) -> Result<usize, Errno> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let socket = socket.as_fd();
        let mut written = 0;
        let result = loop {
            if self.bytes == 0 {
                break Ok(());
            }
            match self.write_once(socket) {
                Ok(count) => written += count,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        if self.bytes == 0 {
            // Who had stopped reading has begun again only when it acknowledges something.
            if self.pace != Pace::Stalled {
                self.progress = None;
            }
            // An idle connection holds no memory of its burst.
            if self.chunks.capacity() > limits::PIECES_KEPT {
                self.chunks = VecDeque::new();
            }
        } else if self.progress.is_none() {
            self.progress = Some(Instant::now());
            self.seen = self.acknowledged(socket);
        }
        result.map(|()| written)
    }

    fn write_once(&mut self, socket: impl AsFd) -> Result<usize, Errno> {
        let first = &self.chunks[0][self.offset..];
        let count = if self.chunks.len() == 1 || first.len() >= limits::WRITE {
            send(socket, first, SEND)?
        } else {
            JOINED.with_borrow_mut(|joined| {
                self.join(joined);
                send(socket, joined, SEND)
            })?
        };
        self.advance(count);
        Ok(count)
    }

    /// Puts what waits together, [`limits::WRITE`] bytes of it at most.
    fn join(&self, joined: &mut Vec<u8>) {
        joined.clear();
        let mut from = self.offset;
        for chunk in &self.chunks {
            let piece = &chunk[from..];
            from = 0;
            let room = limits::WRITE - joined.len();
            joined.extend_from_slice(&piece[..piece.len().min(room)]);
            if joined.len() == limits::WRITE {
                break;
            }
        }
    }

    fn advance(&mut self, mut count: usize) {
        self.bytes -= count;
        while let Some(first) = self.chunks.front() {
            let left = first.len() - self.offset;
            if count < left {
                self.offset += count;
                return;
            }
            count -= left;
            self.offset = 0;
            self.chunks.pop_front();
        }
    }

    /// How many of the bytes queued since the beginning the peer's TCP has acknowledged.
    pub(super) fn acknowledged(&mut self, socket: impl AsFd) -> u64 {
        if let Ok(waiting) = unacknowledged(socket) {
            self.fin_acknowledged |= self.fin_sent && waiting == 0;
            // A FIN that is not acknowledged counts as one.
            let waiting = waiting.saturating_sub(usize::from(self.fin_sent));
            let position = self.written().saturating_sub(waiting as u64);
            self.acknowledged = self.acknowledged.max(position);
        }
        self.acknowledged
    }

    /// Whether the peer's TCP has acknowledged anything since this was asked last. The kernel
    /// takes more only when a third of its part is free, which a slow reader takes long for.
    pub(super) fn has_moved(&mut self, socket: impl AsFd) -> bool {
        let position = self.acknowledged(socket);
        let moved = position > std::mem::replace(&mut self.seen, position);
        if moved {
            self.progress = (self.bytes > 0).then(Instant::now);
        }
        moved
    }

    /// The last position that was found.
    pub(super) fn last_acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// Whether the last position that was found is yet to be told. It counts as told from now on.
    pub(super) fn take_acknowledged_news(&mut self) -> bool {
        self.acknowledged > std::mem::replace(&mut self.told_acknowledged, self.acknowledged)
    }

    /// Drops what is queued: it will not be sent.
    pub(super) fn clear(&mut self) {
        self.chunks = VecDeque::new();
        self.offset = 0;
        self.total -= self.bytes as u64;
        self.bytes = 0;
        self.progress = None;
    }
}
