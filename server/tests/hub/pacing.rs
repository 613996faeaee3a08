//! Readers that are slow, deaf or flooded.

use std::io::Write;
use std::time::{Duration, Instant};

use hallway_core::net::limits;
use hallway_server::hub::{Audience, Leaving, Settings};
use rustix::net::sockopt::set_socket_recv_buffer_size;

use super::world::{DEADLINE, Told, in_room, label};

#[test]
fn a_burst_is_paced_for_a_slow_reader_and_nothing_is_lost() {
    in_room(Settings::default(), |room| {
        let (ana, ana_id) = room.join();
        let (mut slow, _) = room.join();
        // Else its kernel would take everything for it.
        set_socket_recv_buffer_size(&slow.stream, 16 * 1024).unwrap();
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
        let mut was_crowded = false;
        room.until("everything", || {
            was_crowded |= room.hub.is_crowded();
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
        assert!(was_crowded, "it was never slow enough to matter");
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
        // One second of waiting for who may only be slow, not until it is closed.
        assert!(begun.elapsed() < limits::TOO_SLOW);
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
        assert!(took < limits::TOO_SLOW, "{took:?}");
        room.told.borrow_mut().clear();
        room.until("the end of the flood", || {
            flooders.iter().all(std::thread::JoinHandle::is_finished)
        });
        for flooder in flooders {
            flooder.join().unwrap();
        }
    });
}

/// What is remembered of the host's texts until they are acknowledged is bounded by the queue of who
/// does not read, however short they are.
#[test]
fn texts_that_nobody_acknowledges_are_bounded() {
    in_room(Settings::default(), |room| {
        let (_deaf, deaf_id) = room.join();
        let begun = Instant::now();
        let (mut said, mut known, mut most) = (0, 0, 0);
        while room.hub.connection(deaf_id).is_some() {
            assert!(begun.elapsed() < DEADLINE, "{said} texts, {known} known");
            for _ in 0..1000 {
                room.hub.say(Audience::Everyone, "\n");
                said += 1;
            }
            while room.context.iteration(false) {}
            let told = room.told.take().into_iter();
            known += told.filter(is_received).count();
            most = most.max(said - known);
        }
        // A text is one byte at least.
        assert!(most > 1000 && most <= limits::QUEUE, "{most} of {said}");
        assert_eq!(known, said, "who is gone leaves nothing behind");
    });
}

fn is_received(told: &Told) -> bool {
    matches!(told, Told::Received(..))
}
