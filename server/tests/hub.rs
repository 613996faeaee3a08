//! The hub on loopback, with peers that are plain sockets.

use std::cell::RefCell;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hallway_core::net::{ListenAddress, Reactor, Refusal, limits};
use hallway_core::text::NameError;
use hallway_server::hub::{
    Audience, Event, Hub, Leaving, MessageId, NameRefused, Notices, PeerId, Settings,
};

/// Longer than anything here may take, the slowest reader included.
const DEADLINE: Duration = Duration::from_secs(30);

/// Says the name of what is asked for.
struct Plain;

impl Notices for Plain {
    fn help(&self) -> String {
        "help".into()
    }
    fn who(&self, labels: &[&str], total: usize) -> String {
        format!("who {} of {total}", labels.join(" "))
    }
    fn called(&self, label: &str) -> String {
        format!("called {label}")
    }
    fn renamed(&self, label: &str) -> String {
        format!("renamed {label}")
    }
    fn name_refused(&self, why: &NameRefused) -> String {
        format!("refused {why:?}")
    }
    fn goodbye(&self) -> String {
        "goodbye".into()
    }
    fn line_too_long(&self, limit: usize) -> String {
        format!("longer than {limit}")
    }
    fn refused(&self, refusal: Refusal) -> String {
        format!("{refusal:?}")
    }
    fn kept_out(&self) -> String {
        "kept out".into()
    }
    fn disconnected(&self) -> String {
        "disconnected".into()
    }
    fn stopped(&self) -> String {
        "stopped".into()
    }
}

/// What was told, as far as the tests look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    Joined(PeerId),
    Left(String, Leaving),
    Line(String, String),
    Received(MessageId, usize, Vec<String>),
    Behind(PeerId),
    CaughtUp(PeerId),
    Crowded(bool),
    Stopped,
}

struct Room {
    context: glib::MainContext,
    hub: Hub,
    told: Rc<RefCell<Vec<Told>>>,
    port: u16,
}

/// Runs `test` with a room on a main context of its own.
fn in_room(settings: Settings, test: impl FnOnce(&Room)) {
    let context = glib::MainContext::new();
    let inside = context.clone();
    context
        .with_thread_default(move || {
            let reactor = Reactor::new(glib::Priority::DEFAULT).unwrap();
            let hub = Hub::new(&reactor, settings, Box::new(Plain));
            let told = Rc::new(RefCell::new(Vec::new()));
            let record = Rc::clone(&told);
            hub.observe(move |event| record.borrow_mut().extend(told_of(event)));
            let bound = hub.start(ListenAddress::ThisComputer, 0).unwrap();
            let room = Room {
                context: inside,
                hub,
                told,
                port: bound.port(),
            };
            test(&room);
        })
        .unwrap();
}

fn told_of(event: &Event<'_>) -> Option<Told> {
    Some(match event {
        Event::Joined(person) => Told::Joined(person.id),
        Event::Left(person, why) => Told::Left(person.label.to_string(), (*why).clone()),
        Event::Line { person, text, .. } => {
            Told::Line(person.label.to_string(), (*text).to_owned())
        }
        Event::Received {
            message,
            received,
            missing,
        } => {
            let missing = missing
                .iter()
                .map(|person| person.label.to_string())
                .collect();
            Told::Received(*message, *received, missing)
        }
        Event::FallingBehind(person, _) => Told::Behind(person.id),
        Event::CaughtUp(person) => Told::CaughtUp(person.id),
        Event::Crowded(crowded) => Told::Crowded(*crowded),
        Event::Stopped => Told::Stopped,
        _ => return None,
    })
}

impl Room {
    /// Lets the room work until `done`.
    fn until(&self, what: &str, mut done: impl FnMut() -> bool) {
        let late = Instant::now() + DEADLINE;
        while !done() {
            assert!(
                Instant::now() < late,
                "{what} did not happen: {:?}",
                self.told
            );
            if !self.context.iteration(false) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    fn saw(&self, told: &Told) -> bool {
        self.told.borrow().contains(told)
    }

    fn until_told(&self, told: &Told) {
        self.until(&format!("{told:?}"), || self.saw(told));
    }

    fn join(&self) -> (Peer, PeerId) {
        let before = self.hub.people().len();
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_nonblocking(true).unwrap();
        self.until("a join", || self.hub.people().len() > before);
        let id = self.hub.people().last().unwrap().id;
        let heard = Vec::new();
        (
            Peer {
                stream,
                heard,
                is_over: false,
            },
            id,
        )
    }
}

struct Peer {
    stream: TcpStream,
    heard: Vec<u8>,
    is_over: bool,
}

impl Peer {
    fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Takes what has arrived, at most `most` bytes.
    fn listen_to(&mut self, most: usize) {
        let mut buffer = vec![0; most];
        match self.stream.read(&mut buffer) {
            Ok(0) => self.is_over = true,
            Ok(count) => self.heard.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => panic!("{error}"),
        }
    }

    fn has_heard(&mut self, text: &str) -> bool {
        self.listen_to(64 * 1024);
        self.heard == text.as_bytes()
    }
}

fn label(peer: &Peer) -> String {
    peer.stream.local_addr().unwrap().to_string()
}

#[test]
fn what_the_host_says_to_one_is_heard_by_nobody_else() {
    in_room(Settings::default(), |room| {
        let (mut ana, ana_id) = room.join();
        let (mut bo, _) = room.join();
        let secret = room.hub.say(Audience::One(ana_id), "for you");
        room.until_told(&Told::Received(secret, 1, Vec::new()));
        let news = room.hub.say(Audience::Everyone, "for\r\nall\u{1b}");
        room.until_told(&Told::Received(news, 2, Vec::new()));
        // Later lines are indented, so that none can pass for somebody's.
        room.until("ana's", || ana.has_heard("for you\nfor\n    all␛\n"));
        room.until("bo's", || bo.has_heard("for\n    all␛\n"));
        let nobody = room.hub.say(Audience::One(PeerId::clone(&ana_id)), "");
        room.until_told(&Told::Received(nobody, 1, Vec::new()));
    });
}

#[test]
fn a_text_that_somebody_never_acknowledged_says_by_whom() {
    in_room(Settings::default(), |room| {
        let (mut ana, ana_id) = room.join();
        let (mut deaf, deaf_id) = room.join();
        room.hub.rename(deaf_id, "Bo").unwrap();
        // Fill the deaf peer's queue and socket buffers, as far as they go.
        let line = "x".repeat(1000);
        let mut sent = 0;
        while !room.hub.is_crowded() {
            room.hub.say(Audience::One(deaf_id), &line);
            room.context.iteration(false);
            sent += 1;
            assert!(sent < 100_000, "a queue without an end");
        }
        let last = room.hub.say(Audience::Everyone, "both?");
        room.until("ana's", || ana.has_heard("both?\n"));
        deaf.stream.set_nonblocking(false).unwrap();
        room.hub.abort(deaf_id);
        room.until_told(&Told::Received(last, 1, vec!["Bo".into()]));
        room.until_told(&Told::Left("Bo".into(), Leaving::Aborted));
        assert!(
            deaf.stream.read_to_end(&mut Vec::new()).is_err(),
            "reset, not closed"
        );
        assert!(room.hub.connection(ana_id).is_some());
    });
}

#[test]
fn lines_go_to_the_others_and_echo_gives_back_the_bytes() {
    let settings = Settings {
        echo: true,
        ..Settings::default()
    };
    in_room(settings, |room| {
        let (mut ana, ana_id) = room.join();
        let (mut bo, _) = room.join();
        room.hub.rename(ana_id, "Ana").unwrap();
        ana.say(b"one\r\n\x1b[31m\xff\n/who\n//who\nlast");
        ana.stream.shutdown(std::net::Shutdown::Write).unwrap();
        let others = "Ana: one\nAna: ␛[31m\u{fffd}\nAna: /who\nAna: last\n";
        room.until("bo's", || bo.has_heard(others));
        let who = format!("* who Ana {} of 2\n", label(&bo));
        let back = [
            b"one\r\n\x1b[31m\xff\n".as_slice(),
            who.as_bytes(),
            b"//who\nlast",
        ]
        .concat();
        room.until("the end", || {
            ana.listen_to(1024);
            ana.is_over
        });
        assert_eq!(ana.heard, back);
        room.until_told(&Told::Left("Ana".into(), Leaving::ByPeer));
        assert!(room.saw(&Told::Line("Ana".into(), "/who".into())));
    });
}

#[test]
fn without_passing_on_nobody_hears_anybody() {
    let settings = Settings {
        relay: false,
        commands: false,
        ..Settings::default()
    };
    in_room(settings.clone(), |room| {
        let (mut ana, _) = room.join();
        let (mut bo, _) = room.join();
        ana.say("/who\n");
        room.until_told(&Told::Line(label(&ana), "/who".into()));
        room.hub.say(Audience::Everyone, "host");
        room.until("bo's", || bo.has_heard("host\n"));
        room.hub.set_settings(Settings {
            relay: true,
            ..settings
        });
        ana.say("now\n");
        let relayed = format!("host\n{}: now\n", label(&ana));
        room.until("bo's", || bo.has_heard(&relayed));
    });
}

#[test]
fn names_are_unique_and_nobody_gets_the_hosts() {
    let settings = Settings {
        host: Some("Marta".parse().unwrap()),
        ..Settings::default()
    };
    in_room(settings, |room| {
        let (mut ana, ana_id) = room.join();
        let (mut bo, bo_id) = room.join();
        room.hub.rename(ana_id, "Ana").unwrap();
        assert_eq!(room.hub.rename(bo_id, "аna"), Err(NameRefused::Taken));
        assert_eq!(room.hub.rename(bo_id, "MARTA"), Err(NameRefused::Taken));
        let rules = NameRefused::Rules(NameError::HasColon);
        assert_eq!(room.hub.rename(bo_id, "Ana: x"), Err(rules));
        room.hub.rename(ana_id, "ANA").unwrap();
        bo.say("/name Ana\n/name\n/name Bo\n/quit\nnever heard\n");
        let me = label(&bo);
        room.until("the end", || {
            bo.listen_to(1024);
            bo.is_over
        });
        let heard = format!("* refused Taken\n* called {me}\n* renamed Bo\n* goodbye\n");
        assert_eq!(String::from_utf8_lossy(&bo.heard), heard);
        room.until_told(&Told::Left("Bo".into(), Leaving::Quit));
        room.hub.rename(ana_id, "Bo").unwrap();
        assert!(ana.has_heard(""), "what others do is not told");
        assert!(
            !room
                .told
                .borrow()
                .iter()
                .any(|told| matches!(told, Told::Line(..)))
        );
    });
}

#[test]
fn the_host_sends_away_and_keeps_out() {
    in_room(Settings::default(), |room| {
        let (mut ana, ana_id) = room.join();
        room.hub.disconnect(ana_id);
        room.until("the end", || {
            ana.listen_to(1024);
            ana.is_over
        });
        assert_eq!(ana.heard, b"* disconnected\n");
        drop(ana);
        room.until_told(&Told::Left(room.last_left(), Leaving::ByHost));
        let (mut bo, bo_id) = room.join();
        room.hub.keep_out(bo_id);
        room.until("the end", || {
            bo.listen_to(1024);
            bo.is_over
        });
        assert_eq!(bo.heard, b"* kept out\n");
        drop(bo);
        room.until("bo's leaving", || room.hub.people().is_empty());
        let mut again = TcpStream::connect(("127.0.0.1", room.port)).unwrap();
        again.set_nonblocking(true).unwrap();
        let mut heard = Vec::new();
        again.write_all(b"\x16let me in\n").unwrap();
        room.until("the refusal", || again.read_to_end(&mut heard).is_ok());
        assert_eq!(heard, b"* kept out\n");
        assert!(room.hub.people().is_empty());
        assert!(
            !room
                .told
                .borrow()
                .iter()
                .any(|told| matches!(told, Told::Line(..)))
        );
    });
}

impl Room {
    /// Who left last, or nobody yet.
    fn last_left(&self) -> String {
        self.until("somebody leaves", || {
            let told = self.told.borrow();
            told.iter().any(|told| matches!(told, Told::Left(..)))
        });
        let told = self.told.borrow();
        let mut left = told.iter().rev().filter_map(|told| match told {
            Told::Left(label, _) => Some(label.clone()),
            _ => None,
        });
        left.next().unwrap()
    }
}

#[test]
fn a_web_page_and_a_tls_client_are_turned_away() {
    in_room(Settings::default(), |room| {
        let (mut ana, _) = room.join();
        let (mut web, _) = room.join();
        web.say("POST /room HTTP/1.1\r\nHost: x\r\n\r\nhello\n");
        room.until("the answer", || {
            web.listen_to(1024);
            web.is_over
        });
        assert!(web.heard.starts_with(b"HTTP/1.1 400 Bad Request\r\n"));
        room.until_told(&Told::Left(label(&web), Leaving::Http));
        let (mut tls, _) = room.join();
        // No LF: it waits for an answer that never comes.
        tls.say(b"\x16\x03\x01\x02\x00\x01");
        room.until_told(&Told::Left(label(&tls), Leaving::Encrypted));
        tls.listen_to(1024);
        assert_eq!(tls.heard, b"");
        assert!(ana.has_heard(""));
        assert!(
            !room
                .told
                .borrow()
                .iter()
                .any(|told| matches!(told, Told::Line(..)))
        );
    });
}

#[test]
fn a_burst_is_paced_for_a_slow_reader_and_nothing_is_lost() {
    in_room(Settings::default(), |room| {
        let (ana, ana_id) = room.join();
        let (mut slow, _) = room.join();
        room.hub.rename(ana_id, "Ana").unwrap();
        let count = 60_000;
        let mut writer = ana.stream.try_clone().unwrap();
        writer.set_nonblocking(false).unwrap();
        let writing = std::thread::spawn(move || {
            // Empty lines: what is relayed is six times as much.
            for piece in 0..60 {
                let lines = if piece % 2 == 0 {
                    "\n".repeat(1000)
                } else {
                    format!("{piece}\n").repeat(1000)
                };
                writer.write_all(lines.as_bytes()).unwrap();
            }
        });
        let expected: String = (0..60)
            .map(|piece| {
                let text = if piece % 2 == 0 {
                    String::new()
                } else {
                    piece.to_string()
                };
                format!("Ana: {text}\n").repeat(1000)
            })
            .collect();
        let mut last = Instant::now();
        room.until("everything", || {
            // Slow, but reading.
            if last.elapsed() > Duration::from_millis(2) {
                last = Instant::now();
                slow.listen_to(4096);
            }
            slow.heard.len() >= expected.len()
        });
        assert!(
            slow.heard == expected.as_bytes(),
            "lost, doubled or reordered"
        );
        writing.join().unwrap();
        let lines = room.told.borrow();
        let lines = lines.iter().filter(|told| matches!(told, Told::Line(..)));
        assert_eq!(lines.count(), count);
        assert!(
            room.saw(&Told::Crowded(true)),
            "it was never slow enough to matter"
        );
        assert!(
            !room
                .told
                .borrow()
                .iter()
                .any(|told| matches!(told, Told::Left(..)))
        );
    });
}

#[test]
fn who_does_not_read_hurts_nobody_else() {
    in_room(Settings::default(), |room| {
        let (ana, ana_id) = room.join();
        let (mut good, _) = room.join();
        let (deaf, deaf_id) = room.join();
        room.hub.rename(ana_id, "Ana").unwrap();
        let count = 20_000;
        let line = "y".repeat(100);
        let text = format!("{line}\n").repeat(count);
        let mut writer = ana.stream.try_clone().unwrap();
        writer.set_nonblocking(false).unwrap();
        let begun = Instant::now();
        let writing = std::thread::spawn(move || writer.write_all(text.as_bytes()).unwrap());
        let expected = count * ("Ana: \n".len() + line.len());
        room.until("everything", || {
            good.listen_to(64 * 1024);
            good.heard.len() >= expected
        });
        // One second of waiting for who may only be slow, and no more.
        assert!(begun.elapsed() < limits::TOO_SLOW / 2);
        assert_eq!(good.heard.len(), expected);
        writing.join().unwrap();
        assert!(room.saw(&Told::Behind(deaf_id)));
        room.until("the end of the deaf", || {
            room.hub.connection(deaf_id).is_none()
        });
        let told = room.told.borrow();
        let why = told.iter().find_map(|told| match told {
            Told::Left(label, Leaving::Failed(error)) => Some((label.clone(), error.clone())),
            _ => None,
        });
        let (who, error) = why.expect("a failure");
        assert_eq!(who, label(&deaf));
        assert!(
            matches!(error, hallway_core::net::Error::TooSlow { .. }),
            "{error:?}"
        );
    });
}

#[test]
fn an_echo_that_is_not_read_stops_only_who_does_not_read_it() {
    let settings = Settings {
        echo: true,
        relay: false,
        ..Settings::default()
    };
    in_room(settings, |room| {
        let (mut burst, id) = room.join();
        let (mut other, _) = room.join();
        // Sends everything before it reads anything, as simple programs do.
        let text = format!("{}\n", "z".repeat(99)).repeat(30_000);
        let mut written = 0;
        let begun = Instant::now();
        room.until("all written and read", || {
            if let Ok(count) = burst.stream.write(&text.as_bytes()[written..]) {
                written += count;
            }
            // Three seconds long it does not read.
            if begun.elapsed() > Duration::from_secs(3) {
                burst.listen_to(256 * 1024);
            }
            burst.heard.len() == text.len()
        });
        assert!(burst.heard == text.as_bytes());
        assert!(room.saw(&Told::Behind(id)) && room.saw(&Told::CaughtUp(id)));
        other.say("still here\n");
        room.until("other's", || other.has_heard("still here\n"));
    });
}

#[test]
fn stopping_tells_everybody_and_loses_nothing() {
    in_room(Settings::default(), |room| {
        let mut peers: Vec<_> = (0..20).map(|_| room.join().0).collect();
        room.hub.say(Audience::Everyone, "last news");
        room.hub.stop(limits::CLOSE);
        for peer in &mut peers {
            room.until("the end", || {
                peer.listen_to(1024);
                peer.is_over
            });
            assert_eq!(peer.heard, b"last news\n* stopped\n");
            peer.stream.shutdown(std::net::Shutdown::Both).unwrap();
        }
        room.until_told(&Told::Stopped);
        assert!(room.hub.people().is_empty());
        assert!(TcpStream::connect(("127.0.0.1", room.port)).is_err());
        let bound = room
            .hub
            .start(ListenAddress::ThisComputer, room.port)
            .unwrap();
        assert_eq!(bound.port(), room.port, "the same port, at once");
    });
}

#[test]
fn stopping_does_not_wait_for_who_never_closes() {
    in_room(Settings::default(), |room| {
        let (_silent, _) = room.join();
        let begun = Instant::now();
        room.hub.stop(Duration::from_millis(300));
        room.until_told(&Told::Stopped);
        let took = begun.elapsed();
        assert!(
            took >= Duration::from_millis(300) && took < limits::CLOSE,
            "{took:?}"
        );
    });
}

#[test]
fn who_comes_after_a_new_start_is_not_sent_away_with_those_before() {
    in_room(Settings::default(), |room| {
        let (_silent, before) = room.join();
        room.hub.stop(Duration::from_millis(200));
        let bound = room
            .hub
            .start(ListenAddress::ThisComputer, room.port)
            .unwrap();
        assert_eq!(bound.port(), room.port);
        let (mut ana, _) = room.join();
        room.until("the end of who was here before", || {
            room.hub.connection(before).is_none()
        });
        ana.say("still here\n");
        room.until_told(&Told::Line(label(&ana), "still here".into()));
        assert!(!room.saw(&Told::Stopped));
    });
}

#[test]
fn flooders_leave_a_turn_for_everybody() {
    let settings = Settings {
        relay: false,
        ..Settings::default()
    };
    in_room(settings, |room| {
        let (mut asker, _) = room.join();
        let flooding = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
        let flooders: Vec<_> = (0..6)
            .map(|_| {
                let (mut peer, _) = room.join();
                let flooding = std::sync::Arc::clone(&flooding);
                peer.stream.set_nonblocking(false).unwrap();
                std::thread::spawn(move || {
                    let lines = b"x\n".repeat(32 * 1024);
                    while flooding.load(std::sync::atomic::Ordering::Relaxed) {
                        peer.stream.write_all(&lines).unwrap();
                    }
                })
            })
            .collect();
        let begun = Instant::now();
        room.until("a flood", || begun.elapsed() > Duration::from_millis(200));
        room.told.borrow_mut().clear();
        let since = Instant::now();
        asker.say("/name\n");
        let answer = format!("* called {}\n", label(&asker));
        room.until("an answer", || asker.has_heard(&answer));
        let (_newcomer, _) = room.join();
        let took = since.elapsed();
        flooding.store(false, std::sync::atomic::Ordering::Relaxed);
        // A turn takes milliseconds; whoever waits behind six flooders waits for a few of them.
        assert!(took < Duration::from_secs(3), "{took:?}");
        room.told.borrow_mut().clear();
        room.until("the end of the flood", || {
            flooders.iter().all(std::thread::JoinHandle::is_finished)
        });
        for flooder in flooders {
            flooder.join().unwrap();
        }
    });
}
