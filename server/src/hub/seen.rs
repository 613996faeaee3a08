//! Who has stored what, told at most once in a while.

use std::collections::HashMap;
use std::sync::Arc;

use hallway_core::history::entry::Entry;
use hallway_core::net::Connection;
use hallway_core::wire::frame::Seen;
use hallway_core::wire::{Between, Code, Conv, Fingerprint, Frame, Pos, Seq};

use super::Inner;
use super::guest::about;
use super::guests::Inside;
use super::hearing::tell_guest;
use super::manners::UNKEPT;

/// How far the room is stored.
#[derive(Debug, Default)]
pub(super) struct RoomSeen {
    /// The room's last event, and whose it is.
    last: Option<(Pos, Seq, Option<Fingerprint>)>,
    told: (Seq, u32),
    is_changed: bool,
}

impl RoomSeen {
    /// Something new is kept.
    pub(super) fn note(&mut self, entry: &Entry) {
        if entry.between == Between::Room {
            self.last = Some((entry.pos, entry.seq, entry.from.id));
        }
    }

    /// Somebody has stored more.
    fn change(&mut self) {
        self.is_changed = true;
    }

    /// What is to be told, where these have stored so much. The author does not count.
    fn take(&mut self, stored: impl Iterator<Item = (Fingerprint, Pos)>) -> Option<Seen> {
        if !std::mem::take(&mut self.is_changed) {
            return None;
        }
        let (pos, seq, author) = self.last?;
        let others = stored.filter(|(reader, got)| Some(*reader) != author && *got >= pos);
        let count = u32::try_from(others.count()).unwrap_or(u32::MAX);
        if count == 0 || (seq, count) <= self.told {
            return None;
        }
        self.told = (seq, count);
        let conv = Conv::Room;
        Some(Seen { conv, seq, count })
    }
}

/// How far people have stored everything.
type Stored = HashMap<Fingerprint, Pos>;

/// How far people have stored what was written to them, until that is on the disk. Its author may be away,
/// and is told when they come again.
#[derive(Debug, Default)]
pub(super) struct Unkept {
    /// It was not given to the history.
    fresh: Stored,
    /// It was, and has not been answered.
    writing: Stored,
}

impl Unkept {
    fn note(&mut self, reader: Fingerprint, pos: Pos) {
        if self.fresh.len() < UNKEPT || self.fresh.contains_key(&reader) {
            note(&mut self.fresh, reader, pos);
        }
    }

    /// What the disk may not have.
    pub(super) fn all(&self) -> Stored {
        let mut all = self.writing.clone();
        for (reader, pos) in &self.fresh {
            note(&mut all, *reader, *pos);
        }
        all
    }

    /// What is to be written now.
    fn begin(&mut self) -> Option<Stored> {
        let fresh = std::mem::take(&mut self.fresh);
        for (reader, pos) in &fresh {
            note(&mut self.writing, *reader, *pos);
        }
        (!fresh.is_empty()).then_some(fresh)
    }

    /// The disk has this, or has not.
    fn end(&mut self, stored: &Stored, is_kept: bool) {
        for (reader, pos) in stored {
            if self.writing.get(reader) == Some(pos) {
                self.writing.remove(reader);
            }
            if !is_kept {
                self.note(*reader, *pos);
            }
        }
    }
}

fn note(all: &mut Stored, reader: Fingerprint, pos: Pos) {
    let known = all.entry(reader).or_default();
    *known = pos.max(*known);
}

impl Inside {
    /// `reader` has stored what they wrote up to `seq`.
    fn note_seen(&mut self, reader: Fingerprint, seq: Seq) {
        let known = self.seen.entry(reader).or_insert(seq);
        *known = seq.max(*known);
    }
}

impl Inner {
    /// Writes down how far people have stored what was written to them.
    pub(super) fn keep_stored(&self) {
        let Some(archive) = self.archive() else {
            return;
        };
        let Some(stored) = self.guests.borrow_mut().unkept.begin() else {
            return;
        };
        let stored = Arc::new(stored);
        let given = Arc::clone(&stored);
        let written = archive.history().ask(move |store| {
            let mut stored = given.iter();
            stored.try_for_each(|(reader, pos)| store.note_stored(reader, *pos))
        });
        let inner = self.me.clone();
        let wait = async move {
            let kept = match written {
                Ok(answer) => answer.await,
                Err(error) => Err(error),
            };
            if let Err(error) = &kept {
                tracing::debug!(%error, "who has stored what is not kept yet");
            }
            if let Some(inner) = inner.upgrade() {
                let unkept = &mut inner.guests.borrow_mut().unkept;
                unkept.end(&stored, kept.is_ok());
            }
        };
        let context = glib::MainContext::ref_thread_default();
        context.spawn_local_with_priority(self.priority, wait);
    }

    /// Somebody was welcomed. Others have stored what they wrote (`seen`), and they themselves, at `pos`,
    /// what others wrote (`stored`).
    pub(super) fn note_arrival(
        &self,
        connection: &Connection,
        seen: Vec<(Fingerprint, Seq)>,
        stored: Vec<(Fingerprint, Seq)>,
        pos: Pos,
    ) {
        let guests = &mut *self.guests.borrow_mut();
        let Some(inside) = guests.get_mut(connection) else {
            return;
        };
        let reader = inside.identity;
        for (other, seq) in seen {
            inside.note_seen(other, seq);
        }
        if !stored.is_empty() {
            guests.unkept.note(reader, pos);
        }
        for (author, seq) in stored {
            if let Some(author) = guests.by_identity_mut(&author) {
                author.note_seen(reader, seq);
            }
        }
    }

    /// A guest has stored everything up to `pos`.
    pub(super) fn note_stored(&self, connection: &Connection, pos: Pos) {
        let (stored, reader) = {
            let mut guests = self.guests.borrow_mut();
            let Some(inside) = guests.get_mut(connection) else {
                return;
            };
            let reader = inside.identity;
            let stored = inside.stream.store(pos).map(|stored| {
                let is_there = |text: &&(_, Option<Pos>)| text.1.is_some_and(|at| at <= pos);
                let count = inside.host_texts.iter().take_while(is_there).count();
                let texts: Vec<_> = inside.host_texts.drain(..count).collect();
                (stored, texts)
            });
            if let Ok((stored, _)) = &stored {
                if !stored.is_empty() {
                    guests.room_seen.change();
                }
                let others = stored.iter().filter_map(|sent| sent.of);
                for (author, seq) in others.filter(|(author, _)| *author != reader) {
                    guests.unkept.note(reader, pos);
                    if let Some(author) = guests.by_identity_mut(&author) {
                        author.note_seen(reader, seq);
                    }
                }
            }
            (stored, reader)
        };
        let Ok((_, texts)) = stored else {
            tracing::debug!("{reader} has stored what it was not sent");
            return self.with_guest(connection, |inside| {
                Some(inside.guest.fail(Code::CursorAhead, about("got")))
            });
        };
        let done: Vec<_> = {
            let deliveries = &mut self.room.borrow_mut().deliveries;
            let received = texts.into_iter().map(|(message, _)| message);
            received
                .filter_map(|message| deliveries.received(message))
                .collect()
        };
        self.tell_received(done);
        self.pump(connection);
    }

    /// Tells who has stored what since it was told last, and keeps it.
    pub(super) fn tell_seen(&self) {
        self.keep_stored();
        let (room, of_two) = {
            let guests = &mut *self.guests.borrow_mut();
            let mut room_seen = std::mem::take(&mut guests.room_seen);
            let stored = guests
                .here()
                .map(|inside| (inside.identity, inside.stream.got()));
            let room = room_seen.take(stored);
            guests.room_seen = room_seen;
            let mut of_two = Vec::new();
            let here = guests.all_mut().filter(|inside| inside.guest.is_here());
            for inside in here {
                let seen = std::mem::take(&mut inside.seen);
                let connection = &inside.connection;
                of_two.extend(seen.into_iter().map(|seen| (connection.clone(), seen)));
            }
            (room, of_two)
        };
        if let Some(seen) = room {
            self.tell_everyone_here(&Frame::Seen(seen), None);
        }
        for (author, (reader, seq)) in of_two {
            let seen = Seen {
                conv: Conv::With(reader),
                seq,
                count: 1,
            };
            tell_guest(&author, &Frame::Seen(seen));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_disk_does_not_take_is_written_later() {
        let ana = Fingerprint::from_bytes([1; 32]);
        let pos = |number| Pos::try_from(number).unwrap();
        let mut unkept = Unkept::default();
        assert_eq!(unkept.begin(), None);
        unkept.note(ana, pos(3));
        let first = unkept.begin().unwrap();
        assert_eq!(unkept.begin(), None, "it is being written");
        unkept.note(ana, pos(5));
        unkept.note(ana, pos(4));
        assert_eq!(unkept.all(), Stored::from([(ana, pos(5))]));
        let second = unkept.begin().unwrap();
        unkept.end(&second, false);
        assert_eq!(unkept.all(), second, "it failed");
        unkept.end(&first, true);
        let third = unkept.begin().unwrap();
        assert_eq!(third, second);
        unkept.end(&third, true);
        assert!(unkept.all().is_empty());
        for number in 0..UNKEPT + 9 {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&number.to_be_bytes());
            unkept.note(Fingerprint::from_bytes(bytes), pos(1));
        }
        assert_eq!(unkept.all().len(), UNKEPT);
    }

    #[test]
    fn the_author_does_not_count_and_nothing_is_told_twice() {
        let id = |byte| Fingerprint::from_bytes([byte; 32]);
        let pos = |number| Pos::try_from(number).unwrap();
        let mut seen = RoomSeen {
            last: Some((pos(5), Seq::try_from(2).unwrap(), Some(id(1)))),
            ..RoomSeen::default()
        };
        let stored = [(id(1), pos(5)), (id(2), pos(5)), (id(3), pos(4))];
        assert_eq!(seen.take(stored.into_iter()), None, "nobody stored more");
        seen.change();
        let told = seen.take(stored.into_iter()).unwrap();
        assert_eq!((told.seq.get(), told.count), (2, 1));
        seen.change();
        assert_eq!(seen.take(stored.into_iter()), None);
        seen.change();
        assert_eq!(seen.take(stored.into_iter().take(1)), None, "nobody else");
    }
}
