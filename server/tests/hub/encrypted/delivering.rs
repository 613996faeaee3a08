//! What is said, and who hears it when.

use std::time::Duration;

use hallway_core::history::Store;
use hallway_core::wire::frame::{About, Typing};
use hallway_core::wire::{Code, Conv, Frame, N};
use hallway_server::hub::{Audience, Settings};

use super::hall::{Hall, in_hall, settings};
use crate::world::Told;

#[test]
fn a_message_is_told_to_nobody_before_it_is_on_the_disk() {
    in_hall(settings(), |hall| {
        let (ana, bo) = (hall.join("Ana"), hall.join("Bo"));
        let (mut nc, _) = hall.room.join();
        // The writing thread is held up, and with it the commit.
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let held = hall.archive.history().between(move |_| {
            let _ = wait.recv();
            Ok(())
        });
        let cid = ana.say("hello\n* there");
        hall.wait(Duration::from_millis(200));
        assert!(ana.acks().is_empty() && ana.texts().is_empty());
        assert!(bo.texts().is_empty() && nc.has_heard(""));
        assert!(
            !hall
                .room
                .saw(&Told::Line("Ana".into(), "hello\n* there".into()))
        );
        go.send(()).unwrap();
        held.unwrap().wait().unwrap();
        hall.until_acked(&ana, 1);
        hall.until_texts(&bo, &["hello\n* there"]);
        hall.room.until("the plain line", || {
            nc.has_heard("Ana: hello\n    * there\n")
        });
        hall.room
            .until_told(&Told::Line("Ana".into(), "hello\n* there".into()));
        assert_eq!(ana.acks()[0].cid, cid);
        // Whoever wrote it is told first that it is kept, and then as everybody else.
        let frames = ana.heard();
        let ack = frames.iter().position(|f| matches!(f, Frame::Ack(_)));
        let event = frames.iter().position(|f| matches!(f, Frame::Event(_)));
        assert!(ack.unwrap() < event.unwrap());
        let event = &bo.events()[0];
        assert_eq!(
            (event.from.id, event.from.name.as_ref()),
            (Some(ana.id()), "Ana")
        );
        assert_eq!(
            (event.pos, event.seq),
            (ana.acks()[0].pos, ana.acks()[0].seq)
        );
    });
}

#[test]
fn encrypted_and_plain_people_share_a_room_and_its_order() {
    in_hall(settings(), |hall| {
        let (ana, bo) = (hall.join("Ana"), hall.join("Bo"));
        let (mut nc, nc_id) = hall.room.join();
        hall.room.hub.rename(nc_id, "Cy").unwrap();
        let mut expected = Vec::new();
        let mut lines = String::new();
        for round in 0..5 {
            for (name, guest) in [
                ("Ana", Some(&ana)),
                ("Cy", None),
                ("Bo", Some(&bo)),
                ("Host", None),
            ] {
                let text = format!("{name} {round}");
                match (name, guest) {
                    (_, Some(guest)) => {
                        guest.say(&text);
                        lines.extend([name, ": ", &text, "\n"]);
                    }
                    ("Cy", _) => nc.say(format!("{text}\n")),
                    _ => {
                        hall.room.hub.say(Audience::Everyone, &text);
                        lines.extend([&text, "\n"]);
                    }
                }
                expected.push(text);
                let expected: Vec<_> = expected.iter().map(String::as_str).collect();
                hall.until_texts(&ana, &expected);
                hall.until_texts(&bo, &expected);
            }
        }
        hall.room.until("the plain lines", || nc.has_heard(&lines));
        let (of_ana, of_bo) = (ana.events(), bo.events());
        assert_eq!(of_ana, of_bo);
        let froms: Vec<_> = of_ana[..4].iter().map(|event| event.from.id).collect();
        let server = hall.server();
        assert_eq!(froms, [Some(ana.id()), None, Some(bo.id()), Some(server)]);
        assert_eq!(of_ana[1].from.name.as_ref(), "Cy");
        assert_eq!(hall.kept(), expected);
    });
}

#[test]
fn the_same_message_again_is_the_same_and_another_is_refused() {
    in_hall(settings(), |hall| {
        let ana = hall.join("Ana");
        let first = ana.msg(Conv::Room, "hello");
        ana.send(&Frame::Msg(first.clone()));
        ana.send(&Frame::Msg(first.clone()));
        hall.until_acked(&ana, 2);
        assert_eq!(ana.acks()[0], ana.acks()[1]);
        let mut other = first.clone();
        other.text = "goodbye".parse().unwrap();
        ana.send(&Frame::Msg(other));
        let mut late = ana.msg(Conv::Room, "a gap");
        late.n = N::try_from(7).unwrap();
        ana.send(&Frame::Msg(late.clone()));
        hall.room
            .until("two refusals", || ana.refusals().len() == 2);
        assert_eq!(
            ana.refusals(),
            [
                (Code::BadCid, first.cid.to_string(), false),
                (Code::OutOfOrder, late.cid.to_string(), false)
            ]
        );
        assert_eq!(hall.kept(), ["hello"]);
    });
}

#[test]
fn what_is_said_to_one_is_told_to_nobody_else() {
    in_hall(settings(), |hall| {
        let (ana, bo, eve) = (hall.join("Ana"), hall.join("Bo"), hall.join("Eve"));
        let (mut nc, _) = hall.room.join();
        ana.send(&Frame::Msg(ana.msg(Conv::With(bo.id()), "psst")));
        hall.until_texts(&bo, &["psst"]);
        hall.until_texts(&ana, &["psst"]);
        assert_eq!(ana.events()[0].conv, Conv::With(bo.id()));
        assert_eq!(bo.events()[0].conv, Conv::With(ana.id()));
        // To the host, and back.
        ana.send(&Frame::Msg(ana.msg(Conv::With(hall.server()), "a word")));
        hall.room
            .until_told(&Told::Direct("Ana".into(), "a word".into()));
        let ana_id = hall.room.hub.people()[0].id;
        let message = hall.room.hub.say(Audience::One(ana_id), "two words");
        hall.until_texts(&ana, &["psst", "a word", "two words"]);
        let answer = &ana.events()[2];
        assert_eq!(answer.conv, Conv::With(hall.server()));
        assert_eq!(answer.from.id, Some(hall.server()));
        assert!(!hall.room.saw(&Told::Received(message, 1, Vec::new())));
        ana.got(answer.pos);
        hall.room
            .until_told(&Told::Received(message, 1, Vec::new()));
        // And all can still be told the same.
        eve.say("all");
        hall.until_texts(&bo, &["psst", "all"]);
        hall.until_texts(&eve, &["all"]);
        hall.room.until("nc's", || nc.has_heard("Eve: all\n"));
        assert!(!hall.room.saw(&Told::Direct("Ana".into(), "psst".into())));
        let nobody = hallway_core::wire::Fingerprint::from_bytes([7; 32]);
        let lost = eve.msg(Conv::With(nobody), "hello?");
        eve.send(&Frame::Msg(lost.clone()));
        hall.until(&eve, "a refusal", |frame| matches!(frame, Frame::Err(_)));
        let refused = (Code::NotFound, lost.cid.to_string(), false);
        assert_eq!(eve.refusals(), [refused]);
    });
}

#[test]
fn a_text_of_the_hosts_is_received_when_it_is_stored() {
    in_hall(settings(), |hall| {
        let (ana, bo) = (hall.join("Ana"), hall.join("Bo"));
        let (mut nc, _) = hall.room.join();
        let both = hall.room.hub.say(Audience::Everyone, "one\n* two");
        hall.until_texts(&ana, &["one\n* two"]);
        hall.until_texts(&bo, &["one\n* two"]);
        hall.room
            .until("the lines", || nc.has_heard("one\n    * two\n"));
        ana.got(ana.events()[0].pos);
        hall.wait(Duration::from_millis(100));
        assert!(!hall.room.saw(&Told::Received(both, 3, Vec::new())));
        bo.got(bo.events()[0].pos);
        hall.room.until_told(&Told::Received(both, 3, Vec::new()));
        // Who goes without having stored it may not have it.
        let next = hall.room.hub.say(Audience::Everyone, "three");
        hall.until_texts(&bo, &["one\n* two", "three"]);
        hall.room.until("ana's", || ana.events().len() == 2);
        ana.got(ana.events()[1].pos);
        bo.connection.abort();
        hall.room
            .until_told(&Told::Received(next, 2, vec!["Bo".into()]));
    });
}

#[test]
fn a_text_for_nobody_is_kept_once_it_is_on_the_disk() {
    in_hall(settings(), |hall| {
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let held = hall.archive.history().between(move |_| {
            let _ = wait.recv();
            Ok(())
        });
        let message = hall.room.hub.say(Audience::Everyone, "for later");
        hall.wait(Duration::from_millis(200));
        assert!(!hall.room.saw(&Told::Kept(message)));
        go.send(()).unwrap();
        held.unwrap().wait().unwrap();
        hall.room.until_told(&Told::Kept(message));
        // Whoever is there says it themselves.
        let ana = hall.join("Ana");
        hall.until_texts(&ana, &["for later"]);
        let next = hall.room.hub.say(Audience::Everyone, "for Ana");
        hall.until_texts(&ana, &["for later", "for Ana"]);
        ana.got(ana.events()[1].pos);
        hall.room.until_told(&Told::Received(next, 1, Vec::new()));
        assert!(!hall.room.saw(&Told::Kept(next)));
    });
}

#[test]
fn what_is_said_to_somebody_away_waits_for_them() {
    in_hall(settings(), |hall| {
        let (ana, bo) = (hall.join("Ana"), hall.join("Bo"));
        bo.say("I was here");
        hall.until_acked(&bo, 1);
        bo.connection.close();
        hall.until_over(&bo);
        hall.room
            .until("Bo is gone", || hall.room.hub.people().len() == 1);
        ana.send(&Frame::Msg(ana.msg(Conv::With(bo.id()), "later")));
        hall.until_acked(&ana, 1);
        let again = hall.connect_as(bo.identity.clone());
        again.hello("Bo");
        hall.until_caught_up(&again);
        assert_eq!(again.texts(), ["I was here", "later"]);
        assert_eq!(again.events()[1].conv, Conv::With(ana.id()));
    });
}

#[test]
fn a_forged_sender_is_not_believed() {
    in_hall(settings(), |hall| {
        let (ana, bo) = (hall.join("Ana"), hall.join("Bo"));
        let cid = "0f".repeat(16);
        ana.send_line(&format!(
            r#"{{"type":"msg","cid":"{cid}","n":1,"to":"room","text":"x","from":{{"id":"{id}","name":"Bo"}},"sender":"{id}"}}"#,
            id = bo.id()
        ));
        hall.until_texts(&bo, &["x"]);
        assert_eq!(bo.events()[0].from.id, Some(ana.id()));
        let typing = Typing {
            to: Conv::With(bo.id()),
            from: Some(hall.server()),
        };
        ana.send(&Frame::Typing(typing));
        let told = hall.until(&bo, "typing", |frame| matches!(frame, Frame::Typing(_)));
        let expected = Typing {
            to: Conv::With(bo.id()),
            from: Some(ana.id()),
        };
        assert_eq!(told, Frame::Typing(expected));
        ana.send_line(r#"{"type":"ack","cid":"00","conv":"room"}"#);
        hall.until_over(&ana);
        assert_eq!(ana.refusals()[0].0, Code::BadFrame);
    });
}

#[test]
fn without_passing_on_the_room_is_the_hosts() {
    let settings = Settings {
        relay: false,
        ..settings()
    };
    in_hall(settings, |hall| {
        let (ana, bo) = (hall.join("Ana"), hall.join("Bo"));
        let (mut nc, _) = hall.room.join();
        let cid = ana.say("hello");
        hall.until(&ana, "a refusal", |frame| matches!(frame, Frame::Err(_)));
        let problem = ana.problems().remove(0);
        assert_eq!(problem.code, Code::Unauthorized);
        assert_eq!(problem.re, Some(About::Message(cid)));
        nc.say("only for the host\n");
        hall.room.hub.say(Audience::Everyone, "for all");
        hall.until_texts(&bo, &["for all"]);
        assert_eq!(hall.kept(), ["for all"]);
    });
}

#[test]
fn a_full_disk_is_told_and_nothing_is_acknowledged() {
    in_hall(settings(), |hall| {
        let ana = hall.join("Ana");
        let pages = |hall: &Hall<'_>, more: u32| {
            let limit = hall.archive.history().between(move |store| {
                let connection = store.connection();
                let count: u32 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
                let set = format!("PRAGMA max_page_count = {}", count + more);
                connection.query_row(&set, [], |_| Ok(()))?;
                Ok(())
            });
            limit.unwrap().wait().unwrap();
        };
        pages(hall, 0);
        let text = "x".repeat(16 * 1024);
        let cid = ana.say(&text);
        hall.until(&ana, "a refusal", |frame| matches!(frame, Frame::Err(_)));
        assert_eq!(ana.refusals(), [(Code::DiskFull, cid.to_string(), false)]);
        assert!(ana.acks().is_empty());
        pages(hall, 1_000);
        let mut again = ana.msg(Conv::Room, &text);
        again.cid = cid;
        again.n = N::try_from(1).unwrap();
        ana.send(&Frame::Msg(again));
        hall.until_acked(&ana, 1);
        assert_eq!(hall.kept(), [text]);
    });
}
