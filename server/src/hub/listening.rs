//! What the connections tell the hub.

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::rc::Rc;

use hallway_core::net::lines::Line;
use hallway_core::net::{Arrivals, Connection, Ended, Pace, Refusal, Sink, limits, tls};
use hallway_core::text::{Name, visible};
use hallway_core::wire::TLS_HANDSHAKE;

use super::command::{Meant, meant};
use super::event::{Event, Leaving, Person};
use super::http;
use super::keeper::Whose;
use super::notices::{NameRefused, marked};
use super::speaker::{Gathered, Speaker};
use super::{Inner, WHO_LABELS, abort_slow};

impl Sink for Inner {
    fn is_unwanted(&self, peer: SocketAddr) -> bool {
        self.room.borrow().keeps_out(peer)
    }

    fn accepted(&self, connection: &Connection) {
        let person = self.room.borrow_mut().enter(connection);
        if let Some(person) = person {
            self.note_newcomer(&person);
            self.tell(&Event::Joined(&person));
        }
    }

    fn first_byte(&self, connection: &Connection, byte: u8) {
        if byte == TLS_HANDSHAKE {
            self.turn_away(connection, Leaving::Encrypted, b"");
        }
    }

    fn wants_input(&self, connection: &Connection) -> bool {
        let relay = self.settings.borrow().relay;
        let may_read = self.room.borrow_mut().may_read(connection, relay);
        may_read.unwrap_or_else(|| self.may_hear(connection))
    }

    fn lines(&self, connection: &Connection, arrivals: &mut Arrivals<'_>) -> ControlFlow<()> {
        let Some(mut speaker) = self.speaker(connection) else {
            return self.hear_guest(connection, arrivals);
        };
        let mut flow = ControlFlow::Continue(());
        while flow.is_continue()
            && let Some(line) = arrivals.take()
        {
            flow = self.hear(&mut speaker, line);
        }
        self.hand_on(&mut speaker);
        if let Some(lines) = speaker.kept.take() {
            self.keep_lines(&speaker.person, lines);
        }
        self.memory.set(speaker.gathered);
        flow
    }

    fn encrypted(&self, connection: &Connection, peer: &tls::Peer) {
        self.take_in(connection, peer);
    }

    fn needs_encryption(&self, _connection: &Connection) -> Option<Rc<[u8]>> {
        Some(marked(&self.notices.needs_encryption()).into())
    }

    fn line_too_long(&self, connection: &Connection, start: &[u8]) {
        let Some(person) = self.person(connection) else {
            return self.frame_too_long(connection);
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
        self.acknowledged(connection, connection.acknowledged_position());
        let (mut peer, done) = {
            let mut room = self.room.borrow_mut();
            let Some(mut peer) = room.leave(connection) else {
                drop(room);
                return self.guest_left(connection, ended);
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
        self.keeper.borrow_mut().forget(peer.person.id);
        self.note_presence(Some(&peer.person), None);
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

    fn speaker<'a>(&self, connection: &'a Connection) -> Option<Speaker<'a>> {
        let mut room = self.room.borrow_mut();
        let peer = room.get_mut(connection)?;
        let settings = self.settings.borrow();
        Some(Speaker {
            connection,
            person: Rc::clone(&peer.person),
            prefix: Rc::clone(&peer.prefix),
            is_new: peer.is_new,
            relay: settings.relay,
            echo: settings.echo,
            commands: settings.commands,
            longest: settings.longest_line,
            kept: settings
                .relay
                .then(|| self.lines_to_keep(Whose::Peer(peer.person.id)))
                .flatten(),
            gathered: self.memory.take(),
        })
    }

    /// Takes a line.
    fn hear(&self, speaker: &mut Speaker<'_>, line: Line<'_>) -> ControlFlow<()> {
        if std::mem::take(&mut speaker.is_new) {
            if let Some(peer) = self.room.borrow_mut().get_mut(speaker.connection) {
                peer.is_new = false;
            }
            if http::is_request(line.bytes) {
                self.turn_away(speaker.connection, Leaving::Http, http::BAD_REQUEST);
                return ControlFlow::Break(());
            }
        }
        let shown = line.visible();
        let meaning = if speaker.commands {
            meant(&shown)
        } else {
            Meant::Text(&shown)
        };
        if let Meant::Text(text) = meaning {
            self.tell(&Event::Line {
                person: &speaker.person,
                text,
                is_cut: false,
            });
            if speaker.say(text, line) {
                return ControlFlow::Continue(());
            }
            self.hand_on(speaker);
        } else {
            // What it said before is answered before, and was said under the name before.
            self.hand_on(speaker);
            self.keep_so_far(speaker);
            self.obey(speaker, meaning);
        }
        if self.wants_input(speaker.connection) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }

    /// Keeps what somebody said under the name they had.
    fn keep_so_far(&self, speaker: &mut Speaker<'_>) {
        if let Some(lines) = speaker.kept.take() {
            self.keep_lines(&speaker.person, lines);
            speaker.kept = self.lines_to_keep(Whose::Peer(speaker.person.id));
        }
    }

    /// Does what a command says.
    fn obey(&self, speaker: &mut Speaker<'_>, command: Meant<'_>) {
        let connection = speaker.connection;
        match command {
            Meant::Text(_) => {}
            Meant::Name(name) => self.name(speaker, name),
            Meant::Who => self.who(connection),
            Meant::Help => self.answer(connection, &self.notices.help()),
            Meant::Quit => {
                let goodbye = self.notices.goodbye();
                let id = speaker.person.id;
                self.send_away(id, Leaving::Quit, Some(&goodbye), limits::CLOSE);
            }
        }
    }

    /// Hands what a speaker said to those who hear it.
    fn hand_on(&self, speaker: &mut Speaker<'_>) {
        let Gathered { relayed, echoed } = &mut speaker.gathered;
        if !relayed.is_empty() {
            let chunk = Rc::from(relayed.as_slice());
            let too_slow = self
                .room
                .borrow_mut()
                .relay(Some(speaker.connection), &chunk);
            relayed.clear();
            abort_slow(&too_slow);
        }
        if !echoed.is_empty() {
            let too_slow = self.room.borrow_mut().answer(speaker.connection, echoed);
            echoed.clear();
            abort_slow(too_slow.as_slice());
        }
    }

    fn answer(&self, connection: &Connection, text: &str) {
        let too_slow = self.room.borrow_mut().answer(connection, &marked(text));
        abort_slow(too_slow.as_slice());
    }

    fn name(&self, speaker: &mut Speaker<'_>, name: &str) {
        let answer = if name.is_empty() {
            self.notices.called(&speaker.person.label)
        } else {
            let renamed = Name::parse(name).map_err(NameRefused::Rules);
            match renamed.and_then(|name| self.rename(speaker.person.id, &name)) {
                Ok(renamed) => self.notices.renamed(&renamed.label),
                Err(why) => self.notices.name_refused(&why),
            }
        };
        if let Some(peer) = self.room.borrow().get(speaker.connection) {
            speaker.person = Rc::clone(&peer.person);
            speaker.prefix = Rc::clone(&peer.prefix);
        }
        self.answer(speaker.connection, &answer);
    }

    fn who(&self, connection: &Connection) {
        let people: Vec<_> = {
            let guests = self.guests.borrow();
            let waits = |id| {
                guests
                    .by_id(id)
                    .is_some_and(|inside| !inside.guest.is_here())
            };
            let people = self.people().into_iter();
            people.filter(|person| !waits(person.id)).collect()
        };
        let labels: Vec<&str> = people
            .iter()
            .take(WHO_LABELS)
            .map(|person| &*person.label)
            .collect();
        self.answer(connection, &self.notices.who(&labels, people.len()));
    }
}
