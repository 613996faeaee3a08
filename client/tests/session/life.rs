//! Connecting, losing, waiting, ending.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use hallway::session::{LONGEST_LINE, Reason, State};
use hallway_core::net::Error;

use crate::world::{World, hear_and_reset, listen, say_goodbye, serve};

fn waiting(attempt: u32, seconds: u32, error: Error) -> State {
    State::Waiting {
        attempt,
        seconds,
        error,
    }
}

fn ended(reason: Reason) -> State {
    State::Ended { reason }
}

/// Whether nobody knocks for `time`.
fn is_left_alone(world: &World, listener: &TcpListener, time: Duration) -> bool {
    world.run_for(time);
    listener.set_nonblocking(true).unwrap();
    let knocked = listener.accept().is_ok();
    listener.set_nonblocking(false).unwrap();
    !knocked
}

#[test]
fn a_proper_close_by_the_server_is_the_end() {
    World::with(|world| {
        let (listener, target) = listen();
        let server = serve(&listener, |stream| {
            say_goodbye(stream, "hello\r\n你好\x1b\n\nlast");
        });
        let (session, heard) = world.session(&target);
        assert_eq!(session.state(), State::Idle);
        session.connect();
        world.until("the end", || matches!(session.state(), State::Ended { .. }));
        world.join(server);
        let address = listener.local_addr().unwrap();
        let states = [
            State::LookingUp,
            State::Connecting,
            State::Connected { address },
            State::Closing,
            ended(Reason::ByServer),
        ];
        assert_eq!(*heard.states.borrow(), states);
        let lines = [
            "helloSome(CrLf)",
            "你好␛Some(Lf)",
            "Some(Lf)",
            "lastSome(EndOfStream)",
        ];
        assert_eq!(*heard.lines.borrow(), lines);
        assert!(is_left_alone(world, &listener, Duration::from_millis(1500)));

        let server = serve(&listener, |stream| say_goodbye(stream, ""));
        session.connect();
        world.join(server);
    });
}

#[test]
fn a_proper_close_by_us_is_the_end() {
    World::with(|world| {
        let (listener, target) = listen();
        let server = serve(&listener, |mut stream| {
            let mut all = String::new();
            stream.read_to_string(&mut all).unwrap();
            all
        });
        let (session, heard) = world.session(&target);
        session.connect();
        session.connect();
        world.until_connected(&session);
        session.send("goodbye").unwrap();
        session.close();
        assert_eq!(session.state(), State::Closing);
        world.until("the end", || session.state() == ended(Reason::ByUs));
        assert_eq!(world.join(server), "goodbye\n");
        assert_eq!(session.unsent_count(), 0);
        assert_eq!(heard.states.borrow().len(), 5);
        assert!(is_left_alone(world, &listener, Duration::from_millis(1500)));
    });
}

#[test]
fn a_first_attempt_that_fails_is_for_the_person() {
    World::with(|world| {
        let (listener, target) = listen();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let (session, heard) = world.session(&target);
        let refused = State::Failed {
            error: Error::Refused {
                host: "127.0.0.1".to_owned(),
                port: address.port(),
            },
        };
        for times in 1..=2 {
            session.connect();
            world.until("refused", || session.state() == refused);
            let attempt = [State::LookingUp, State::Connecting, refused.clone()];
            let expected = vec![attempt; times].concat();
            assert_eq!(*heard.states.borrow(), expected);
        }
        world.run_for(Duration::from_millis(1500));
        assert_eq!(session.state(), refused);

        let listener = TcpListener::bind(address).unwrap();
        let server = serve(&listener, |stream| say_goodbye(stream, ""));
        session.connect();
        world.until_connected(&session);
        world.join(server);
    });
}

#[test]
fn an_error_makes_it_wait_and_connect_again() {
    World::with(|world| {
        let (listener, target) = listen();
        let address = listener.local_addr().unwrap();
        let server = serve(&listener, hear_and_reset);
        let (session, heard) = world.session(&target);
        session.connect();
        session.send("hello").unwrap();
        world.until("lost", || session.state() == waiting(1, 1, Error::Reset));
        world.join(server);
        let server = serve(&listener, |stream| say_goodbye(stream, "back\n"));
        world.until("back", || !heard.lines.borrow().is_empty());
        world.until("the end", || session.state() == ended(Reason::ByServer));
        world.join(server);
        let attempt = [
            State::LookingUp,
            State::Connecting,
            State::Connected { address },
        ];
        let mut expected = attempt.to_vec();
        expected.push(waiting(1, 1, Error::Reset));
        expected.extend(attempt);
        expected.extend([State::Closing, ended(Reason::ByServer)]);
        assert_eq!(*heard.states.borrow(), expected);
    });
}

#[test]
fn waiting_grows_counts_down_and_can_be_cut_short_and_given_up() {
    World::with(|world| {
        let (listener, target) = listen();
        let port = listener.local_addr().unwrap().port();
        let server = serve(&listener, hear_and_reset);
        drop(listener);
        let (session, heard) = world.session(&target);
        session.connect();
        session.send("hello").unwrap();
        let refused = Error::Refused {
            host: "127.0.0.1".to_owned(),
            port,
        };
        let wait = |attempt, seconds| waiting(attempt, seconds, refused.clone());
        world.until("the second wait", || session.state() == wait(2, 2));
        world.join(server);
        world.until("a second less", || session.state() == wait(2, 1));
        world.until("the third wait", || session.state() == wait(3, 4));
        session.reconnect_now();
        assert_eq!(session.state(), State::LookingUp);
        world.until("the fourth wait", || session.state() == wait(4, 8));
        session.connect();
        world.until("the fifth wait", || session.state() == wait(5, 16));
        session.reconnect_now();
        world.until("the sixth wait", || session.state() == wait(6, 30));
        session.reconnect_now();
        world.until("the seventh wait", || session.state() == wait(7, 30));
        let so_far = heard.states.borrow().len();
        session.cancel_reconnect();
        let error = refused.clone();
        assert_eq!(session.state(), State::Failed { error });
        session.cancel_reconnect();
        session.reconnect_now();
        world.run_for(Duration::from_millis(1500));
        assert_eq!(heard.states.borrow().len(), so_far + 1);
    });
}

#[test]
fn closing_gives_up_connecting_and_waiting() {
    World::with(|world| {
        let (listener, target) = listen();
        let server = serve(&listener, hear_and_reset);
        let (session, _) = world.session(&target);
        session.close();
        assert_eq!(session.state(), State::Idle);
        session.connect();
        session.send("hello").unwrap();
        session.close();
        assert_eq!(session.state(), ended(Reason::ByUs));
        session.connect();
        world.until("lost", || matches!(session.state(), State::Waiting { .. }));
        world.join(server);
        session.close();
        assert_eq!(session.state(), ended(Reason::ByUs));
        assert!(is_left_alone(world, &listener, Duration::from_millis(1500)));
    });
}

#[test]
fn the_longest_line_that_a_server_passes_on_is_taken_and_no_longer_one() {
    World::with(|world| {
        let (listener, target) = listen();
        let server = serve(&listener, |mut stream| {
            let mut text = vec![b'x'; LONGEST_LINE];
            text.push(b'\n');
            text.resize(2 * LONGEST_LINE + 2, b'y');
            stream.write_all(&text).unwrap();
            let _ = stream.read_to_end(&mut text);
        });
        let (session, heard) = world.session(&target);
        session.connect();
        let error = Error::LineTooLong {
            limit: LONGEST_LINE,
        };
        let failed = State::Failed { error };
        world.until("the end", || session.state() == failed);
        world.join(server);
        let lines = heard.lines.borrow();
        let lengths: Vec<_> = lines.iter().map(String::len).collect();
        let (whole, cut) = ("Some(Lf)".len(), "None".len());
        assert_eq!(lengths, [LONGEST_LINE + whole, LONGEST_LINE + cut]);
    });
}
