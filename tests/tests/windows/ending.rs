//! Closing windows.

use std::io::{ErrorKind, Read};
use std::net::{TcpListener, TcpStream};

use hallway_tests::desktop::Desktop;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{Room, join, say};
use hallway_tests::peer::End;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::free_port;

#[test]
fn closing_with_something_unsent_asks() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let client = desktop.start(
        "hallway",
        &["--plain", &format!("127.0.0.1:{}", free_port())],
    );
    client.find(Kind::Button, "Try Again");
    say(&client, "nobody has this yet");
    client.close();
    client.find(Kind::Window, "Close the Window?");
    client.click(Kind::Button, "Keep Waiting");
    client.gone(Kind::Window, "Close the Window?");
    client.reads("nobody has this yet");
    client.close();
    client.click(Kind::Button, "Close Anyway");
    assert_eq!(client.end(), Some(0));
}

/// How the other side sees the end of a connection.
pub(crate) fn end_of(mut stream: TcpStream) -> End {
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("the time-out is not zero");
    let mut buffer = [0; 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return End::Fin,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return End::Reset,
            Err(error) => panic!("no end: {error}"),
        }
    }
}

#[test]
fn a_client_that_is_closed_says_goodbye() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it listens somewhere");
    let client = join(&desktop, address);
    let (stream, _) = listener.accept().expect("the client has connected");
    client.close();
    assert_eq!(end_of(stream), End::Fin);
    assert_eq!(client.end(), Some(0));
}

#[test]
fn a_server_that_is_closed_says_goodbye_to_everyone() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let client = join(&desktop, room.address());
    let mut ana = room.peer_named("Ana");
    let mut ben = room.peer_named("Ben");
    room.close();
    assert_eq!(ana.rest().1, End::Fin);
    assert_eq!(ben.rest().1, End::Fin);
    client.reads("The server ended the conversation");
    assert_eq!(room.end(), Some(0));
}
