//! How encrypted people come in: the end of the handshake, the hello, the host's word, the welcome.

use std::rc::Rc;
use std::time::Instant;

use hallway_core::history::Error;
use hallway_core::history::server::{Arrival, Standing};
use hallway_core::net::tls::{Peer, Protocol};
use hallway_core::net::{Connection, limits};
use hallway_core::text::Name;
use hallway_core::wire::frame::{Hello, Problem, Reset, Taken, Welcome};
use hallway_core::wire::{Caps, Code, Fingerprint, Frame, Pos, Seq};

use super::event::{Event, Leaving, PeerId, Person};
use super::guest::{Action, Guest, about, problem};
use super::guests::{Inside, unnamed};
use super::hearing::tell_guest;
use super::manners::QUEUE;
use super::stream::Stream;
use super::{Hub, Inner};

impl Hub {
    /// Lets somebody in who waits for it ([`Event::Asks`]), or does not.
    pub fn let_in(&self, id: PeerId, is_welcome: bool) {
        let connection = match self.0.guests.borrow().by_id(id) {
            Some(inside) if inside.guest.is_waiting() => inside.connection.clone(),
            _ => return,
        };
        if is_welcome {
            let mut guests = self.0.guests.borrow_mut();
            if let Some(identity) = guests.by_id(id).map(|inside| inside.identity) {
                guests.let_in.insert(identity);
            }
            drop(guests);
            self.0.begin_welcome(&connection);
        } else {
            let last_word = Problem {
                code: Code::Unauthorized,
                re: about("hello"),
                fatal: true,
            };
            self.0
                .end_guest(&connection, Some(last_word), Leaving::NotLetIn);
        }
    }
}

/// What the history tells of somebody who may come in.
struct Arrived {
    arrival: Arrival,
    /// How far others have stored what they wrote.
    seen: Vec<(Fingerprint, Seq)>,
    /// What others wrote that they have stored, and nobody knew of.
    stored: Vec<(Fingerprint, Seq)>,
}

impl Inner {
    /// The handshake is over. Who speaks our way is no plain peer any more.
    pub(super) fn take_in(&self, connection: &Connection, peer: &Peer) {
        let (Protocol::Hallway, Some(identity)) = (peer.protocol, peer.fingerprint) else {
            return;
        };
        let Some(archive) = self.archive() else {
            return connection.abort();
        };
        let handed_over = self.room.borrow_mut().hand_over(connection);
        let Some((peer, done)) = handed_over else {
            return;
        };
        self.tell_received(done);
        self.note_presence(Some(&peer.person), None);
        connection.set_longest_line(hallway_core::wire::limits::FRAME);
        connection.set_queue_cap(QUEUE);
        let (manners, now) = (self.settings.borrow().manners, Instant::now());
        // Ours comes first: it says why.
        connection.set_patience(manners.stuck + limits::TOO_SLOW);
        // A name that the host gave a connection is not the person's.
        let person = Person {
            id: peer.person.id,
            label: unnamed(&peer.person).into(),
            is_named: false,
            address: peer.person.address,
            identity: Some(identity),
            is_encrypted: true,
        };
        let refused = {
            let mut guests = self.guests.borrow_mut();
            let is_unwanted =
                identity == archive.fingerprint() || guests.kept_out.contains(&identity);
            let is_full = guests.has_no_room_for_a_stranger(person.address);
            guests.enter(connection, person, identity, Guest::new(manners, now));
            let code = match (is_unwanted, is_full) {
                (true, _) => Some(Code::Unauthorized),
                (false, true) => Some(Code::Busy),
                (false, false) => None,
            };
            let inside = guests.get_mut(connection);
            inside
                .zip(code)
                .map(|(inside, code)| inside.guest.fail(code, None))
        };
        if let Some(action) = refused {
            self.act(connection, action);
        }
        self.start_looking();
        // Others may have waited for it to read.
        self.resume_readers();
    }

    /// Somebody has said hello, with the password where there is one.
    pub(super) fn enter(&self, connection: &Connection, hello: Hello) {
        let (host, ask) = {
            let settings = self.settings.borrow();
            (settings.host.clone(), settings.ask)
        };
        let (older, own, must_wait) = {
            let guests = self.guests.borrow();
            let Some(inside) = guests.get(connection) else {
                return;
            };
            let identity = inside.identity;
            let older = guests.by_identity(&identity);
            (
                older.map(|older| older.connection.clone()),
                older.and_then(|older| older.skeletons.clone()),
                ask && !guests.let_in.contains(&identity),
            )
        };
        if !must_wait {
            self.take_name_back(&hello.name, connection);
        }
        let claimed = self
            .room
            .borrow_mut()
            .names
            .claim(&hello.name, own.as_ref(), host.as_ref());
        let Ok(skeletons) = claimed else {
            return self.with_guest(connection, |inside| {
                Some(inside.guest.name_is_taken(Instant::now()))
            });
        };
        let announced = older.and_then(|older| self.supersede(&older, must_wait));
        let asked = {
            let mut guests = self.guests.borrow_mut();
            guests.name(connection, &hello.name, skeletons);
            guests.get_mut(connection).and_then(|inside| {
                inside.hello = Some(hello);
                inside.announced = announced;
                let action = must_wait.then(|| inside.guest.wait());
                Some((action?, Rc::clone(&inside.person)))
            })
        };
        match asked {
            Some((action, person)) => {
                self.act(connection, action);
                self.tell(&Event::Asks(&person));
            }
            None => self.begin_welcome(connection),
        }
    }

    /// The host is not asked any more. That says nothing about those who wait, should that change again.
    pub(super) fn let_all_in(&self) {
        let waiting: Vec<_> = {
            let guests = self.guests.borrow();
            let waiting = guests.all().filter(|inside| inside.guest.is_waiting());
            waiting.map(|inside| inside.connection.clone()).collect()
        };
        for connection in &waiting {
            self.begin_welcome(connection);
        }
    }

    /// Nobody whom the host has not let in keeps a name from somebody who may come in at once.
    fn take_name_back(&self, name: &Name, newcomer: &Connection) {
        let wanted = name.skeletons();
        let waiting: Vec<_> = {
            let guests = self.guests.borrow();
            let identity = guests.get(newcomer).map(|inside| inside.identity);
            let has_it = |inside: &&Inside| {
                let own = inside.skeletons.as_ref();
                inside.guest.is_waiting()
                    // Another connection of theirs hands it over.
                    && Some(inside.identity) != identity
                    && own.is_some_and(|own| own.iter().any(|own| wanted.contains(own)))
            };
            let waiting = guests.all().filter(has_it);
            waiting.map(|inside| inside.connection.clone()).collect()
        };
        for connection in &waiting {
            let last_word = Problem {
                code: Code::NameTaken,
                re: about("hello"),
                fatal: true,
            };
            self.end_guest(
                connection,
                Some(last_word),
                Leaving::Refused(Code::NameTaken),
            );
        }
    }

    /// Ends an older connection of somebody. Returns who the others are told that they are: they go
    /// on to be that, unless they must wait.
    fn supersede(&self, older: &Connection, must_wait: bool) -> Option<Rc<Person>> {
        // Else whoever guesses at six digits would have another try with each connection.
        self.give_up_comparison(older);
        let announced = {
            let mut guests = self.guests.borrow_mut();
            let inside = guests.get_mut(older)?;
            // Its name is the newer one's already, or free.
            inside.skeletons = None;
            if must_wait {
                None
            } else {
                inside.announced.take()
            }
        };
        let last_word = Problem {
            code: Code::Superseded,
            re: None,
            fatal: true,
        };
        self.end_guest(older, Some(last_word), Leaving::Refused(Code::Superseded));
        announced
    }

    /// Somebody may come in: the history is asked how far they have read.
    fn begin_welcome(&self, connection: &Connection) {
        let asked = {
            let mut guests = self.guests.borrow_mut();
            let Some(inside) = guests.get_mut(connection) else {
                return;
            };
            inside.guest.let_in();
            let identity = inside.identity;
            let cursor = inside.hello.as_ref().and_then(|hello| hello.cursor);
            (identity, cursor, guests.unkept.all())
        };
        let (identity, cursor, unkept) = asked;
        let whose = connection.clone();
        let is_asked = self.ask_history(
            move |store| {
                let arrival = store.arrival(&identity, cursor.as_ref())?;
                let seen = store.stored_by_others(&identity, &unkept)?;
                let stored = match cursor {
                    Some(cursor) if arrival.standing == Standing::Continues => {
                        store.newly_stored(&identity, cursor.pos)?
                    }
                    _ => Vec::new(),
                };
                Ok(Arrived {
                    arrival,
                    seen,
                    stored,
                })
            },
            move |inner, answer| inner.welcome(&whose, answer),
        );
        if !is_asked {
            self.with_guest(connection, |inside| {
                Some(inside.guest.fail(Code::Busy, about("hello")))
            });
        }
    }

    fn welcome(&self, connection: &Connection, answer: Result<Arrived, Error>) {
        let Some(archive) = self.archive() else {
            return;
        };
        let Arrived {
            arrival:
                Arrival {
                    head,
                    numbers,
                    standing,
                },
            seen,
            stored,
        } = match answer {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!("nobody can be welcomed: {error}");
                return self.with_guest(connection, |inside| {
                    Some(inside.guest.fail(Code::Internal, about("hello")))
                });
            }
        };
        let here = self.told_people();
        let manners = self.settings.borrow().manners;
        let (frames, before, person, from) = {
            let mut guests = self.guests.borrow_mut();
            let head = head.pos;
            let people = guests.presence.as_told(here);
            let Some(inside) = guests.get_mut(connection) else {
                return;
            };
            let Some(hello) = inside.hello.take() else {
                return;
            };
            inside.guest.welcome();
            let mut frames = vec![
                Frame::Welcome(Welcome {
                    id: archive.fingerprint(),
                    name: archive.name(),
                    epoch: archive.epoch(),
                    head,
                    n: numbers,
                    limits: Taken {
                        rate: manners.rate,
                        burst: manners.burst,
                        ..Taken::default()
                    },
                    caps: Caps::default(),
                }),
                Frame::People(people),
            ];
            if standing == Standing::Ahead {
                frames.push(problem(Code::CursorAhead, about("hello")));
            }
            let from = match (standing, hello.cursor) {
                (Standing::Continues, Some(cursor)) => cursor.pos,
                (Standing::Continues, None) => Pos::ZERO,
                _ => {
                    let epoch = archive.epoch();
                    frames.push(Frame::Reset(Reset { epoch, head }));
                    Pos::ZERO
                }
            };
            inside.stream = Stream::after(from);
            let person = Rc::clone(&inside.person);
            let before = inside.announced.replace(Rc::clone(&person));
            (frames, before, person, from)
        };
        for frame in &frames {
            tell_guest(connection, frame);
        }
        self.note_arrival(connection, seen, stored, from);
        self.note_presence(before.as_deref(), Some(&person));
        self.tell(&Event::Welcomed {
            person: &person,
            before: &unnamed(&person),
        });
        self.pump(connection);
    }

    /// Does to a guest what they, or time, ask for.
    pub(super) fn with_guest(
        &self,
        connection: &Connection,
        work: impl FnOnce(&mut super::guests::Inside) -> Option<Action>,
    ) {
        let action = self.guests.borrow_mut().get_mut(connection).and_then(work);
        if let Some(action) = action {
            self.act(connection, action);
        }
    }
}
