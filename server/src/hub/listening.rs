//! What the connections tell the hub.

use std::ops::ControlFlow;
use std::rc::Rc;

use hallway_core::net::lines::Line;
use hallway_core::net::{Connection, Ended, Pace, Refusal, Sink, limits};
use hallway_core::text::{cut, visible};

use super::command::{Meant, meant};
use super::event::{Event, Leaving, Person};
use super::http;
use super::notices::marked;
use super::{Inner, WHO_LABELS, abort_slow};

/// The first byte of a TLS record that begins a handshake (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// Bytes of a batch that are handed to the others before it has ended, so that how they keep up
/// is known while it is read.
const RELAY_PIECE: usize = 16 * 1024;

impl Sink for Inner {
    fn accepted(&self, connection: &Connection) {
        let person = self.room.borrow_mut().enter(connection);
        if let Some(person) = person {
            self.tell(&Event::Joined(&person));
        } else {
            if let Some(address) = connection.peer() {
                self.tell(&Event::KeptOut(address));
            }
            let _ = connection.write(&marked(&self.notices.kept_out()));
            connection.close();
        }
    }

    fn first_byte(&self, connection: &Connection, byte: u8) {
        if byte == TLS_HANDSHAKE {
            self.turn_away(connection, Leaving::Encrypted, b"");
        }
    }

    fn wants_input(&self, connection: &Connection) -> bool {
        let relay = self.settings.borrow().relay;
        self.room.borrow_mut().may_read(connection, relay)
    }

    fn line(&self, connection: &Connection, line: Line<'_>) -> ControlFlow<()> {
        let (person, is_first) = {
            let mut room = self.room.borrow_mut();
            let Some(peer) = room.get_mut(connection) else {
                return ControlFlow::Break(());
            };
            let is_first = std::mem::take(&mut peer.is_new);
            (Rc::clone(&peer.person), is_first)
        };
        if is_first && http::is_request(line.bytes) {
            self.turn_away(connection, Leaving::Http, http::BAD_REQUEST);
            return ControlFlow::Break(());
        }
        let shown = line.visible();
        let commands = self.settings.borrow().commands;
        let meaning = if commands {
            meant(&shown)
        } else {
            Meant::Text(&shown)
        };
        match meaning {
            Meant::Text(text) => return self.text(connection, &person, line, text),
            Meant::Name(name) => self.name(connection, &person, name),
            Meant::Who => self.who(connection),
            Meant::Help => self.answer(connection, &self.notices.help()),
            Meant::Quit => {
                let goodbye = self.notices.goodbye();
                self.send_away(person.id, Leaving::Quit, Some(&goodbye), limits::CLOSE);
            }
        }
        self.flow(connection)
    }

    fn lines_done(&self, _connection: &Connection) {
        self.hand_on();
    }

    fn line_too_long(&self, connection: &Connection, start: &[u8]) {
        let Some(person) = self.person(connection) else {
            return;
        };
        self.tell(&Event::Line {
            person: &person,
            text: &visible(start),
            is_cut: true,
        });
        self.answer(connection, &self.notices.line_too_long(start.len()));
    }

    fn pace_changed(&self, connection: &Connection, pace: Pace) {
        let change = self.room.borrow_mut().set_pace(connection, pace);
        match change {
            Some((person, true)) => {
                self.tell(&Event::FallingBehind(&person, connection.held()));
            }
            Some((person, false)) => self.tell(&Event::CaughtUp(&person)),
            None => {}
        }
        self.resume_readers();
    }

    fn acknowledged(&self, connection: &Connection, position: u64) {
        let done: Vec<_> = {
            let room = &mut *self.room.borrow_mut();
            let Some(peer) = room.get_mut(connection) else {
                return;
            };
            let received = peer.on_the_way.take_until(position);
            let deliveries = &mut room.deliveries;
            received
                .into_iter()
                .filter_map(|message| deliveries.received(message))
                .collect()
        };
        self.tell_received(done);
    }

    fn disconnected(&self, connection: &Connection, ended: &Ended) {
        // What it said last is told before it is told to be gone.
        self.hand_on();
        self.acknowledged(connection, connection.acknowledged_position());
        let (mut peer, done) = {
            let mut room = self.room.borrow_mut();
            let Some(mut peer) = room.leave(connection) else {
                return;
            };
            let missed = peer.on_the_way.take_rest();
            let person = &peer.person;
            let done: Vec<_> = missed
                .into_iter()
                .filter_map(|message| room.deliveries.missed(message, person))
                .collect();
            (peer, done)
        };
        let why = Self::leaving(ended, peer.leaving.take());
        self.tell(&Event::Left(&peer.person, &why));
        self.tell_received(done);
        self.resume_readers();
    }

    fn refusal(&self, refusal: Refusal) -> Option<Rc<[u8]>> {
        Some(marked(&self.notices.refused(refusal)).into())
    }
}

impl Inner {
    fn person(&self, connection: &Connection) -> Option<Rc<Person>> {
        let room = self.room.borrow();
        room.get(connection).map(|peer| Rc::clone(&peer.person))
    }

    /// Ends the connection of somebody who does not speak our way.
    fn turn_away(&self, connection: &Connection, why: Leaving, last_bytes: &[u8]) {
        let Some(person) = self.person(connection) else {
            return;
        };
        if !last_bytes.is_empty() {
            let _ = connection.write(last_bytes);
        }
        self.send_away(person.id, why, None, limits::CLOSE);
    }

    /// Whether the next line may come, after something was queued.
    fn flow(&self, connection: &Connection) -> ControlFlow<()> {
        if self.wants_input(connection) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }

    fn text(
        &self,
        connection: &Connection,
        person: &Person,
        line: Line<'_>,
        text: &str,
    ) -> ControlFlow<()> {
        let (relay, echo, longest) = {
            let settings = self.settings.borrow();
            (settings.relay, settings.echo, settings.longest_line)
        };
        self.tell(&Event::Line {
            person,
            text,
            is_cut: false,
        });
        let is_full = {
            let mut gathered = self.gathered.borrow_mut();
            gathered.speaker.get_or_insert_with(|| connection.clone());
            if echo {
                gathered.echoed.extend_from_slice(line.bytes);
                gathered.echoed.extend_from_slice(line.ending.as_bytes());
            }
            if relay {
                let relayed = &mut gathered.relayed;
                relayed.extend_from_slice(person.label.as_bytes());
                relayed.extend_from_slice(b": ");
                // Controls made visible take more room than they did: it is cut rather than
                // longer than others take.
                relayed.extend_from_slice(cut(text, longest).as_bytes());
                relayed.push(b'\n');
            }
            gathered.relayed.len().max(gathered.echoed.len()) >= RELAY_PIECE
        };
        if is_full {
            self.hand_on();
            return self.flow(connection);
        }
        ControlFlow::Continue(())
    }

    /// Hands what the peer that is being read said to those who hear it.
    fn hand_on(&self) {
        let (speaker, relayed, echoed) = {
            let mut gathered = self.gathered.borrow_mut();
            let Some(speaker) = gathered.speaker.take() else {
                return;
            };
            let relayed = take_chunk(&mut gathered.relayed);
            (speaker, relayed, take_chunk(&mut gathered.echoed))
        };
        let mut too_slow = Vec::new();
        if let Some(chunk) = relayed {
            too_slow = self.room.borrow_mut().relay(&speaker, &chunk);
        }
        if let Some(chunk) = echoed {
            too_slow.extend(self.room.borrow_mut().answer(&speaker, &chunk));
        }
        abort_slow(&too_slow);
    }

    fn answer(&self, connection: &Connection, text: &str) {
        // What it said before comes back before the answer.
        self.hand_on();
        let chunk: Rc<[u8]> = marked(text).into();
        let too_slow = self.room.borrow_mut().answer(connection, &chunk);
        abort_slow(&too_slow);
    }

    fn name(&self, connection: &Connection, person: &Person, name: &str) {
        // What it said before was said under the name before.
        self.hand_on();
        let answer = if name.is_empty() {
            self.notices.called(&person.label)
        } else {
            match self.rename(person.id, name) {
                Ok(renamed) => self.notices.renamed(&renamed.label),
                Err(why) => self.notices.name_refused(&why),
            }
        };
        self.answer(connection, &answer);
    }

    fn who(&self, connection: &Connection) {
        let people = self.room.borrow().people();
        let labels: Vec<&str> = people
            .iter()
            .take(WHO_LABELS)
            .map(|person| &*person.label)
            .collect();
        self.answer(connection, &self.notices.who(&labels, people.len()));
    }
}

/// Takes what was gathered as a chunk for the queues; the memory stays for the next batch.
fn take_chunk(gathered: &mut Vec<u8>) -> Option<Rc<[u8]>> {
    if gathered.is_empty() {
        return None;
    }
    let chunk = Rc::from(gathered.as_slice());
    gathered.clear();
    Some(chunk)
}
