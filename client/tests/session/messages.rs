//! What is sent, and what is known of it.

use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc;
use std::time::Duration;

use hallway::session::{LineEnding, MessageState, SendError, State};
use rustix::net::sockopt;

use crate::world::{World, line, lines, listen, reset, serve};
use MessageState::{Discarded, OnTheWay, PerhapsNotReceived, Queued, Sent};

#[test]
fn what_was_sent_before_connecting_goes_in_order() {
    World::with(|world| {
        let (listener, target) = listen();
        let (session, heard) = world.session(&target);
        let ids = session.send("one\r\ntwo\n\n三").unwrap();
        assert_eq!(ids.len(), 4);
        session.set_line_ending(LineEnding::CrLf);
        let gone = session.send("never\n").unwrap();
        assert!(session.discard(gone[0]));
        let last = session.send("four\n").unwrap();
        assert!(session.unsent().iter().all(|one| one.state == Queued));
        assert_eq!(session.unsent_count(), 5);

        let server = serve(&listener, |stream| {
            (0..5).map(|_| line(&stream)).collect::<Vec<_>>()
        });
        session.connect();
        assert_eq!(
            world.join(server),
            ["one\n", "two\n", "\n", "三\n", "four\r\n"]
        );
        world.until("all acknowledged", || session.unsent_count() == 0);
        let told = heard.messages.borrow();
        assert_eq!(told[0], (gone[0], Discarded));
        for (at, id) in ids.iter().chain(&last).enumerate() {
            let of_this: Vec<_> = told.iter().filter(|(told, _)| told == id).collect();
            assert_eq!(of_this, [&(*id, OnTheWay), &(*id, Sent)], "{at}");
        }
        let sent = told.iter().filter(|(_, state)| *state == Sent);
        assert!(sent.is_sorted_by_key(|(id, _)| id));
    });
}

#[test]
fn what_is_queued_while_waiting_is_delivered_once() {
    World::with(|world| {
        let (listener, target) = listen();
        let server = serve(&listener, |stream| {
            let first = line(&stream);
            reset(stream);
            first
        });
        let (session, _) = world.session(&target);
        session.connect();
        session.send("你好").unwrap();
        assert_eq!(world.join(server), "你好\n");
        world.until("lost", || matches!(session.state(), State::Waiting { .. }));
        session.send("still there?\n真的").unwrap();
        let server = serve(&listener, lines);
        world.until_connected(&session);
        world.until("all acknowledged", || session.unsent_count() == 0);
        session.close();
        assert_eq!(world.join(server), ["still there?", "真的"]);
    });
}

#[test]
fn what_was_on_the_way_to_a_killed_server_is_told_and_not_sent_again_by_itself() {
    const LINES: usize = 3000;
    World::with(|world| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        // Accepted sockets have it too: the server's system takes little.
        sockopt::set_socket_recv_buffer_size(&listener, 16 * 1024).unwrap();
        let target = listener.local_addr().unwrap().to_string();
        let (kill, killed) = mpsc::channel::<()>();
        let server = serve(&listener, move |stream| {
            killed.recv().unwrap();
            reset(stream);
        });
        let (session, heard) = world.session(&target);
        session.connect();
        let line_of = |n: usize| format!("{n} {}", "x".repeat(1000));
        let text: Vec<_> = (0..LINES).map(line_of).collect();
        let ids = session.send(&text.join("\n")).unwrap();
        let count = |state| session.unsent().iter().filter(|m| m.state == state).count();
        world.until("on the way", || count(OnTheWay) > 0);
        world.run_for(Duration::from_millis(300));
        assert!(count(Queued) > LINES / 2);
        kill.send(()).unwrap();
        world.join(server);
        world.until("lost", || matches!(session.state(), State::Waiting { .. }));

        assert_eq!(count(OnTheWay), 0);
        let doubtful = count(PerhapsNotReceived);
        let queued = count(Queued);
        let sent = LINES - session.unsent_count();
        assert!(doubtful > 0);
        assert_eq!(sent + doubtful + queued, LINES);
        let unsent = session.unsent();
        assert!(unsent.is_sorted_by_key(|message| message.id));
        assert_eq!(unsent[0].id, ids[sent]);
        assert_eq!(unsent[0].text, text[sent]);
        assert_eq!(unsent[0].state, PerhapsNotReceived);

        assert!(session.retry(ids[sent]));
        assert!(!session.discard(ids[0]));
        let server = serve(&listener, lines);
        session.reconnect_now();
        let others = doubtful - 1;
        world.until("the rest", || session.unsent_count() == others);
        session.close();
        let mut expected = text[sent + doubtful..].to_vec();
        expected.push(text[sent].clone());
        assert!(world.join(server) == expected);

        assert_eq!(count(PerhapsNotReceived), others);
        for id in &ids[sent + 1..sent + doubtful] {
            assert!(session.discard(*id));
        }
        assert_eq!(session.unsent_count(), 0);
        let told = heard.messages.borrow();
        let of_first: Vec<_> = told.iter().filter(|(id, _)| *id == ids[sent]).collect();
        let states: Vec<_> = of_first.iter().map(|(_, state)| *state).collect();
        assert_eq!(
            states,
            [OnTheWay, PerhapsNotReceived, Queued, OnTheWay, Sent]
        );
    });
}

#[test]
fn what_was_not_handed_over_survives_our_own_close() {
    World::with(|world| {
        let (listener, target) = listen();
        let (session, _) = world.session(&target);
        session.connect();
        session.send("kept\ntoo").unwrap();
        session.close();
        assert_eq!(session.unsent_count(), 2);
        let server = serve(&listener, lines);
        session.connect();
        world.until("all acknowledged", || session.unsent_count() == 0);
        session.close();
        assert_eq!(world.join(server), ["kept", "too"]);
    });
}

#[test]
fn a_hundred_thousand_lines_arrive_in_order_at_a_slow_reader() {
    const LINES: usize = 100_000;
    World::with(|world| {
        let (listener, target) = listen();
        let server = serve(&listener, |stream| {
            std::thread::sleep(Duration::from_millis(500));
            lines(stream)
        });
        let mut text = String::new();
        for n in 0..LINES {
            writeln!(text, "{n} 走廊里的一行").unwrap();
        }
        let (session, heard) = world.session(&target);
        session.connect();
        world.until_connected(&session);
        assert_eq!(session.send(&text).unwrap().len(), LINES);
        assert!(session.send(&text).is_ok());
        let full = session.send(&text).unwrap_err();
        assert!(matches!(full, SendError::OutboxFull { .. }), "{full}");
        world.until("all acknowledged", || session.unsent_count() == 0);
        session.close();
        let received = world.join(server);
        assert!(
            received
                .iter()
                .map(String::as_str)
                .eq(text.lines().chain(text.lines()))
        );
        assert_eq!(heard.messages.borrow().len(), 2 * 2 * LINES);
    });
}

#[test]
fn a_name_leads_there_too() {
    World::with(|world| {
        let (listener, target) = listen();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(
            target,
            SocketAddr::from((Ipv4Addr::LOCALHOST, port)).to_string()
        );
        let (session, _) = world.session(&format!("hallway://localhost:{port}"));
        session.send("你好").unwrap();
        let server = serve(&listener, |stream| line(&stream));
        session.connect();
        assert_eq!(world.join(server), "你好\n");
    });
}
