//! Who has stored what, told at most once in a while.

use hallway_core::history::entry::Entry;
use hallway_core::net::Connection;
use hallway_core::wire::frame::Seen;
use hallway_core::wire::{Between, Code, Conv, Fingerprint, Frame, Pos, Seq};

use super::Inner;
use super::guest::about;
use super::hearing::tell_guest;

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

impl Inner {
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
                for (author, seq) in stored.iter().filter_map(|sent| sent.of) {
                    if author != reader
                        && let Some(author) = guests.by_identity_mut(&author)
                    {
                        author.seen.insert(reader, seq);
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

    /// Tells who has stored what since it was told last.
    pub(super) fn tell_seen(&self) {
        let (room, of_two) = {
            let guests = &mut *self.guests.borrow_mut();
            let mut room_seen = std::mem::take(&mut guests.room_seen);
            let stored = guests
                .here()
                .map(|inside| (inside.identity, inside.stream.got()));
            let room = room_seen.take(stored);
            guests.room_seen = room_seen;
            let mut of_two = Vec::new();
            for inside in guests.all_mut() {
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
