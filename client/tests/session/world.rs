//! A main context of a test's own, a session that is listened to, and servers on threads.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::rc::Rc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use hallway::session::{MessageId, MessageState, Session, State};
use hallway_core::net::{Connector, Reactor};

/// Nothing here takes that long, not even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// What a session told.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) states: RefCell<Vec<State>>,
    pub(crate) lines: RefCell<Vec<String>>,
    pub(crate) messages: RefCell<Vec<(MessageId, MessageState)>>,
}

pub(crate) struct World {
    context: glib::MainContext,
    pub(crate) reactor: Reactor,
}

impl World {
    /// Runs a test on a main context that nobody else uses.
    pub(crate) fn with(test: impl FnOnce(&Self)) {
        let context = glib::MainContext::new();
        let run = || {
            let reactor = Reactor::new(glib::Priority::DEFAULT).unwrap();
            let context = context.clone();
            test(&Self { context, reactor });
        };
        context.with_thread_default(run).unwrap();
    }

    pub(crate) fn session(&self, target: &str) -> (Session, Rc<Heard>) {
        let target = target.parse().unwrap();
        let session = Session::new(&self.reactor, Connector::default(), target);
        let heard = Rc::new(Heard::default());
        let ear = Rc::clone(&heard);
        session.connect_state_notify(move |session| ear.states.borrow_mut().push(session.state()));
        let ear = Rc::clone(&heard);
        session.connect_line_received(move |_, line| {
            let shown = format!("{}{:?}", line.text, line.ending);
            ear.lines.borrow_mut().push(shown);
        });
        let ear = Rc::clone(&heard);
        session.connect_message_changed(move |_, id, state| {
            ear.messages.borrow_mut().push((id, state));
        });
        (session, heard)
    }

    /// Lets the main context run until `there`.
    pub(crate) fn until(&self, what: &str, mut there: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !there() {
            assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
            if !self.context.iteration(false) {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }

    pub(crate) fn until_connected(&self, session: &Session) {
        self.until("connected", || {
            matches!(session.state(), State::Connected { .. })
        });
    }

    /// Lets the main context run for a while.
    pub(crate) fn run_for(&self, time: Duration) {
        let begun = Instant::now();
        self.until("time", || begun.elapsed() >= time);
    }

    /// Waits for a server's thread while the main context runs.
    pub(crate) fn join<T>(&self, server: JoinHandle<T>) -> T {
        self.until("the server", || server.is_finished());
        server.join().unwrap()
    }
}

pub(crate) fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let target = listener.local_addr().unwrap().to_string();
    (listener, target)
}

/// Serves the next connection on a thread.
pub(crate) fn serve<T: Send + 'static>(
    listener: &TcpListener,
    work: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> JoinHandle<T> {
    let listener = listener.try_clone().unwrap();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        work(stream)
    })
}

/// Reads a line and its LF, and not a byte more.
pub(crate) fn line(mut stream: &TcpStream) -> String {
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        line.extend(byte);
    }
    String::from_utf8(line).unwrap()
}

/// Reads all lines up to the end.
pub(crate) fn lines(stream: TcpStream) -> Vec<String> {
    let lines = BufReader::new(stream).lines();
    lines.map(Result::unwrap).collect()
}

/// Closes with RST, as a killed program with unread bytes does.
pub(crate) fn reset(stream: TcpStream) {
    rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
    drop(stream);
}

/// Reads a line, so the other side has seen the connection, and resets.
pub(crate) fn hear_and_reset(stream: TcpStream) {
    line(&stream);
    reset(stream);
}

/// Says something and closes properly.
pub(crate) fn say_goodbye(mut stream: TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
}
