//! How people leave, and how the room closes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use hallway_core::net::{ListenAddress, limits};
use hallway_server::hub::{Audience, Leaving, Settings};

use super::world::{Told, in_room, label};

#[test]
fn the_host_sends_away_and_keeps_out() {
    in_room(Settings::default(), |room| {
        let (mut ana, ana_id) = room.join();
        room.hub.disconnect(ana_id);
        room.until_over(&mut ana);
        assert_eq!(ana.heard, b"* disconnected\n");
        drop(ana);
        room.until_told(&Told::Left(room.last_left(), Leaving::ByHost));
        let (mut bo, bo_id) = room.join();
        room.hub.keep_out(bo_id);
        room.until_over(&mut bo);
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
fn stopping_tells_everybody_and_loses_nothing() {
    in_room(Settings::default(), |room| {
        let mut peers: Vec<_> = (0..20).map(|_| room.join().0).collect();
        room.hub.say(Audience::Everyone, "last news");
        room.hub.stop(limits::CLOSE);
        for peer in &mut peers {
            room.until_over(peer);
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
