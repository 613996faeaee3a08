//! A computer that wakes, as logind tells it.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::session::Sleeper;
use hallway_tests::desktop::windows::is_connected;
use hallway_tests::desktop::{Desktop, Look};

/// Far less than the countdown that is cut short.
const AT_ONCE: Duration = Duration::from_secs(3);

/// Seconds that are counted down from after four attempts.
const COUNTDOWN: [&str; 3] = ["in 8 s", "in 7 s", "in 6 s"];

fn reset(stream: TcpStream) {
    rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).expect("a socket");
    drop(stream);
}

#[test]
fn a_client_that_waits_tries_at_once() {
    let Some(sleeper) = Sleeper::new() else {
        return;
    };
    let look = Look::default().with("DBUS_SYSTEM_BUS_ADDRESS", sleeper.address());
    let Some(desktop) = Desktop::with(&look) else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it listens somewhere");
    let client = desktop.start("hallway", &["--plain", &address.to_string()]);
    let (stream, _) = listener.accept().expect("the client has connected");
    client.until("a connection", || is_connected(&client).then_some(()));
    drop(listener);
    reset(stream);
    client.find(Kind::Button, "Now");
    client.until("a long countdown", || {
        let texts = client.texts();
        let is_long = |text: &String| COUNTDOWN.iter().any(|part| text.contains(part));
        texts.iter().any(is_long).then_some(())
    });
    let listener = TcpListener::bind(address).expect("nobody else took it");
    let start = Instant::now();
    sleeper.falls_asleep();
    sleeper.wakes();
    let (mut stream, _) = listener.accept().expect("the client tries again");
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
    client.until("a connection", || is_connected(&client).then_some(()));

    // What is there is only asked, and by the system: nothing of it is seen.
    sleeper.wakes();
    stream
        .set_read_timeout(Some(AT_ONCE))
        .expect("the time-out is not zero");
    assert!(stream.read(&mut [0]).is_err(), "not a byte, and no end");
    client.is_well();
}
