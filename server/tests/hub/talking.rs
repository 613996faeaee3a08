//! Who hears what.

use std::io::Read;

use hallway_core::text::NameError;
use hallway_server::hub::{Audience, Leaving, NameRefused, PeerId, Settings};

use super::world::{Told, in_room, label};

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
        room.until_over(&mut ana);
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
        room.until_over(&mut bo);
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
