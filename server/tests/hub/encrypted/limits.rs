//! Who is slow, silent, too quick or too many.

use std::time::{Duration, Instant};

use hallway_core::net::Error;
use hallway_core::wire::event::Kind;
use hallway_core::wire::{Code, Frame, Pos};
use hallway_server::hub::{Audience, Leaving, Manners, Settings};

use rustix::net::sockopt::set_socket_recv_buffer_size;

use super::hall::{in_hall, settings};
use crate::world::Told;

/// Bytes that one guest may have in flight, with a frame more.
const IN_FLIGHT: usize = (256 + 20) * 1024;

fn with(manners: impl FnOnce(&mut Manners)) -> Settings {
    let mut settings = settings();
    settings.manners.look = Duration::from_millis(5);
    manners(&mut settings.manners);
    settings
}

#[test]
fn nothing_is_heard_before_a_hello() {
    in_hall(settings(), |hall| {
        let eve = hall.connect();
        eve.say("hello");
        hall.until_over(&eve);
        let refused = (Code::Unauthorized, "msg".to_owned(), true);
        assert_eq!(eve.refusals(), [refused]);
        assert!(hall.kept().is_empty());
        let noise = hall.connect();
        noise.send_line("GET / HTTP/1.1");
        hall.until_over(&noise);
        assert_eq!(noise.refusals(), [(Code::BadFrame, String::new(), true)]);
    });
}

#[test]
fn a_frame_may_be_long_and_not_too_long() {
    in_hall(settings(), |hall| {
        let ana = hall.join("Ana");
        // As long in JSON as it gets, and longer than a plain line may be.
        let text = "\u{1}".repeat(16 * 1024);
        ana.say(&text);
        hall.until_acked(&ana, 1);
        hall.until_texts(&ana, &[&text]);
        ana.send_line(&"x".repeat(256 * 1024 + 1));
        hall.until_over(&ana);
        assert_eq!(ana.refusals()[0].0, Code::TooLong);
        assert!(ana.refusals()[0].2);
    });
}

#[test]
fn who_is_too_quick_is_read_later_and_loses_nothing() {
    in_hall(with(|manners| manners.rate = 100), |hall| {
        let ana = hall.join("Ana");
        let begun = Instant::now();
        for number in 0..90 {
            ana.say(&number.to_string());
        }
        hall.until_acked(&ana, 30);
        hall.until_acked(&ana, 90);
        // A burst of 30, and 60 more at 100 a second.
        assert!(begun.elapsed() >= Duration::from_millis(550));
        assert!(ana.refusals().is_empty());
        let expected: Vec<_> = (0..90).map(|number| number.to_string()).collect();
        assert_eq!(hall.kept(), expected);
    });
}

#[test]
fn who_stores_nothing_is_told_no_more_and_then_closed() {
    in_hall(with(|_| ()), |hall| {
        let (slow, quick) = (hall.join("Slow"), hall.join("Quick"));
        let text = "x".repeat(10_000);
        let bytes = |guest: &super::guest::Guest| {
            let events = guest.events();
            events
                .iter()
                .map(|event| event.text.as_ref().len())
                .sum::<usize>()
        };
        for number in 1..=60_u64 {
            hall.room.hub.say(Audience::Everyone, &text);
            hall.room.until("the quick one", || {
                quick
                    .events()
                    .last()
                    .is_some_and(|event| event.pos.get() == number)
            });
            quick.got(Pos::try_from(number).unwrap());
            assert!(bytes(&slow) <= IN_FLIGHT, "{number}");
        }
        // Stored in between, it goes on.
        let last = slow.events().last().unwrap().pos;
        slow.got(last);
        hall.room
            .until("more", || slow.events().last().unwrap().pos > last);
        hall.room.hub.set_settings(with(|manners| {
            manners.stuck = Duration::from_millis(300);
        }));
        hall.until_over(&slow);
        assert_eq!(slow.refusals(), [(Code::SlowConsumer, String::new(), true)]);
        let why = Leaving::Refused(Code::SlowConsumer);
        hall.room.until_told(&Told::Left("Slow".into(), why));
        assert!(bytes(&slow) < 60 * 10_000);
        assert!(!quick.is_over());
        // It comes again, and nothing is missing.
        let again = hall.connect_as(slow.identity.clone());
        let cursor = slow.cursor();
        again.hello_with("Slow", cursor, None);
        hall.room.until("the rest", || {
            let events = again.events();
            if let Some(last) = events.last() {
                again.got(last.pos);
            }
            events.last().is_some_and(|event| event.pos.get() == 60)
        });
        let first = again.events()[0].pos.get();
        assert_eq!(first, slow.events().last().unwrap().pos.get() + 1);
    });
}

#[test]
fn nobody_gets_what_they_say_they_have_before_they_are_sent_it() {
    in_hall(settings(), |hall| {
        let ana = hall.join("Ana");
        ana.got(Pos::try_from(1).unwrap());
        hall.until_over(&ana);
        let refused = (Code::CursorAhead, "got".to_owned(), true);
        assert_eq!(ana.refusals(), [refused]);
    });
}

#[test]
fn who_is_silent_is_pinged_and_given_up() {
    let manners = with(|manners| {
        manners.idle = Duration::from_millis(300);
        manners.dead = Duration::from_secs(2);
    });
    in_hall(manners, |hall| {
        let live = hall.join("Live");
        let begun = Instant::now();
        let dead = hall.join("Dead");
        let mut answered = 0;
        hall.room.until("the end", || {
            let pings = live.heard().into_iter();
            let pings = pings.filter(|frame| *frame == Frame::Ping).count();
            if pings > answered {
                answered = pings;
                live.send(&Frame::Pong);
            }
            dead.is_over()
        });
        assert!(begun.elapsed() >= Duration::from_secs(2));
        assert!(dead.heard().contains(&Frame::Ping));
        let why = Leaving::Failed(Error::PeerSilent);
        hall.room.until_told(&Told::Left("Dead".into(), why));
        assert!(answered > 0 && !live.is_over());
        live.send(&Frame::Ping);
        hall.until(&live, "pong", |frame| *frame == Frame::Pong);
    });
}

#[test]
fn a_hello_is_not_waited_for_for_ever() {
    in_hall(
        with(|manners| manners.hello = Duration::from_millis(100)),
        |hall| {
            let silent = hall.connect();
            hall.until_over(&silent);
            let refused = (Code::Unauthorized, "hello".to_owned(), true);
            assert_eq!(silent.refusals(), [refused]);
        },
    );
}

#[test]
fn more_than_64_before_their_hello_are_too_many() {
    in_hall(settings(), |hall| {
        let mut strangers: Vec<_> = (0..64).map(|_| hall.connect()).collect();
        let late = hall.connect();
        hall.until_over(&late);
        assert_eq!(late.refusals(), [(Code::Busy, String::new(), true)]);
        // One says hello, and there is room again.
        strangers.pop().unwrap().hello("Ana");
        hall.room.until("Ana", || {
            let people = hall.room.hub.people();
            people.iter().any(|person| &*person.label == "Ana")
        });
        let next = hall.connect();
        next.hello("Bo");
        hall.until_caught_up(&next);
    });
}

#[test]
fn a_flood_of_plain_lines_leaves_one_mark_and_every_message() {
    in_hall(settings(), |hall| {
        let ana = hall.join("Ana");
        let (nc, nc_id) = hall.room.join();
        let (mut other, _) = hall.room.join();
        hall.room.hub.rename(nc_id, "Flood").unwrap();
        let mut writer = nc.stream.try_clone().unwrap();
        writer.set_nonblocking(false).unwrap();
        let writing = std::thread::spawn(move || {
            use std::io::Write;
            for number in 0..20_000 {
                writeln!(writer, "line {number}").unwrap();
            }
        });
        let mut said = 0;
        let mut lines = 0;
        hall.room.until("all of it", || {
            if said < 20 && ana.acks().len() == said {
                ana.say(&format!("message {said}"));
                said += 1;
            }
            other.listen_to(64 * 1024);
            lines += String::from_utf8_lossy(&other.heard).matches('\n').count();
            other.heard.clear();
            if let Some(last) = ana.events().last() {
                ana.got(last.pos);
            }
            assert!(!other.is_over, "{:?}", hall.room.last_left());
            lines >= 20_000 && ana.acks().len() == 20
        });
        writing.join().unwrap();
        hall.room.until_told(&Told::NotKept);
        hall.room.until("20 messages told", || {
            let texts = ana.texts().into_iter();
            texts.filter(|text| text.starts_with("message")).count() == 20
        });
        let events = ana.events();
        let marks = events.iter().filter(|event| event.kind == Kind::Mark);
        assert_eq!(marks.count(), 1);
        let flood = events.iter().filter(|event| event.from.id.is_none());
        let flood: Vec<_> = flood.map(|event| event.text.to_string()).collect();
        // As many as are kept at once of one person, and those that came free while they came.
        assert!((500..1_000).contains(&flood.len()), "{}", flood.len());
        assert!(
            flood
                .iter()
                .enumerate()
                .all(|(n, text)| *text == format!("line {n}"))
        );
        let mark = events
            .iter()
            .position(|event| event.kind == Kind::Mark)
            .unwrap();
        let after = &events[mark..];
        assert!(after.iter().all(|event| event.from.id.is_some()));
        assert_eq!(events[mark].from.id, Some(hall.server()));
        assert_eq!(hall.kept().len(), flood.len() + 21);
    });
}

/// What one guest may say at once is more than plain people's queues hold.
#[test]
fn what_guests_say_is_paced_for_plain_people() {
    /// Messages, and bytes of each: three queues full.
    const MESSAGES: usize = 50;
    const LENGTH: usize = 16_000;
    in_hall(with(|manners| manners.rate = 0), |hall| {
        let ana = hall.join("Ana");
        let (mut slow, _) = hall.room.join();
        set_socket_recv_buffer_size(&slow.stream, 16 * 1024).unwrap();
        // Until it is known to be plain.
        hall.wait(Duration::from_millis(600));
        let mut said = 0;
        let expected = MESSAGES * ("Ana: \n".len() + LENGTH);
        let mut last = Instant::now();
        hall.room.until("everything", || {
            // As many at once as her own queue holds.
            while said < MESSAGES.min(ana.acks().len() + 50) {
                ana.say(&"x".repeat(LENGTH));
                said += 1;
            }
            assert!(!slow.is_over, "closed after {} bytes", slow.heard.len());
            if last.elapsed() > Duration::from_millis(1) {
                last = Instant::now();
                slow.listen_to(16 * 1024);
            }
            slow.heard.len() >= expected
        });
        hall.until_acked(&ana, MESSAGES);
    });
}
