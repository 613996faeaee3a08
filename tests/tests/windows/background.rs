//! Windows that are closed while what happens in them goes on.

use std::io::Write;
use std::net::{TcpListener, TcpStream};

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::notices::Notices;
use hallway_tests::desktop::windows::{Room, is_connected, say, write};
use hallway_tests::desktop::{Desktop, Look};
use hallway_tests::peer::End;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::{free_port, listening};

use crate::ending::end_of;

const SERVER: &str = "chat.hallway.Server";
const CLIENT: &str = "chat.hallway.Client";

/// A desktop whose programs go on when their windows are closed.
#[track_caller]
fn lasting(id: &str) -> Option<(Desktop, Notices)> {
    let look = Look {
        remembers: true,
        ..Look::default()
    };
    let desktop = Desktop::with(&look)?;
    desktop.choose(id, "keep-running", "true");
    let notices = Notices::with(&desktop, "")?;
    Some((desktop, notices))
}

#[track_caller]
fn shows_windows(app: &App<'_>, count: usize) {
    let screen = app.desktop().screen();
    app.until(&format!("{count} windows"), || {
        (screen.windows_of(app.pid()).len() == count).then_some(())
    });
}

/// A client in conversation with a bare socket.
#[track_caller]
fn talk(desktop: &Desktop) -> (App<'_>, TcpListener, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it listens somewhere");
    let client = desktop.start("hallway", &["--plain", &address.to_string()]);
    let (stream, _) = listener.accept().expect("the client has connected");
    client.until("a connection", || is_connected(&client).then_some(()));
    (client, listener, stream)
}

#[test]
fn a_room_goes_on_when_its_window_is_closed() {
    let Some((desktop, notices)) = lasting(SERVER) else {
        return;
    };
    let room = Room::open(&desktop);
    let (mut ana, mut ben) = (room.peer_named("Ana"), room.peer_named("Ben"));
    write(&room, "being written");
    room.close();
    shows_windows(&room, 0);
    let notice = notices.wait_for(1);
    assert_eq!(notice.title, "Hallway Server goes on listening");
    let place = format!("port {}. 2 people are here.", room.port());
    assert!(notice.body.ends_with(&place), "{notice:?}");
    assert_eq!(notice.urgency, 1);
    ana.line("is anybody still here?");
    ben.hears("Ana: is anybody still here?");

    // Whoever starts it again finds it as it was.
    let (code, _, said) = desktop.spawn("hallway-server", &[]).outcome(PATIENCE);
    assert_eq!(code, Some(0), "{said}");
    shows_windows(&room, 1);
    notices.wait_for_end_of(&notice);
    room.reads("is anybody still here?");
    assert_eq!(room.find(Kind::Text, "Message").text(), "being written");

    room.close();
    shows_windows(&room, 0);
    let notice = notices.wait_for(2);
    assert_eq!(notice.urgency, 0, "people know already");
    notices.click(&notice, Some("Show"));
    shows_windows(&room, 1);
    room.close();
    shows_windows(&room, 0);
    notices.click(&notices.wait_for(3), Some("Quit"));
    for peer in [&mut ana, &mut ben] {
        let (words, end) = peer.rest();
        assert!(words.contains("The server has stopped"), "{words}");
        assert_eq!(end, End::Fin);
    }
    assert_eq!(room.end(), Some(0));
}

#[test]
fn a_conversation_goes_on_when_its_window_is_closed() {
    let Some((desktop, notices)) = lasting(CLIENT) else {
        return;
    };
    let (client, _listener, mut stream) = talk(&desktop);
    let pid = client.pid();
    write(&client, "being written");
    client.close();
    shows_windows(&client, 0);
    let notice = notices.wait_for(1);
    assert_eq!(notice.title, "Hallway stays connected");
    assert_eq!(notice.body, "Connected to 127.0.0.1.");
    stream
        .write_all(b"said to nobody's face\n")
        .expect("it is connected");
    desktop.activate(CLIENT);
    shows_windows(&client, 1);
    assert_eq!(desktop.pid_of(CLIENT), pid);
    client.reads("said to nobody's face");
    assert_eq!(client.find(Kind::Text, "Message").text(), "being written");

    // A window that was asked for by name is a new one.
    client.close();
    shows_windows(&client, 0);
    desktop.act(CLIENT, "new-window");
    shows_windows(&client, 1);
    client.find(Kind::Button, "Connect to Address…");
    desktop.act(CLIENT, "show-window");
    shows_windows(&client, 2);
    client.press("ctrl+q");
    assert_eq!(end_of(stream), End::Fin);
    assert_eq!(client.end(), Some(0));
}

#[test]
fn quitting_asks_about_what_nobody_sees() {
    let Some((desktop, notices)) = lasting(CLIENT) else {
        return;
    };
    let (client, listener, stream) = talk(&desktop);
    drop(listener);
    rustix::net::sockopt::set_socket_linger(&stream, Some(std::time::Duration::ZERO))
        .expect("a socket");
    drop(stream);
    client.find(Kind::Button, "Now");
    say(&client, "nobody has this yet");
    client.close();
    shows_windows(&client, 0);
    notices.click(&notices.wait_for(1), Some("Quit"));
    client.find(Kind::Window, "Close the Window?");
    client.click(Kind::Button, "Close Anyway");
    assert_eq!(client.end(), Some(0));
}

#[test]
fn the_menu_of_an_icon_starts_what_does_not_run() {
    let look = Look {
        remembers: true,
        ..Look::default()
    };
    let Some(desktop) = Desktop::with(&look) else {
        return;
    };
    let port = free_port();
    desktop.choose(SERVER, "port", &format!("uint32 {port}"));
    for (id, program) in [(SERVER, "hallway-server"), (CLIENT, "hallway")] {
        desktop.install_service(id, program);
        assert!(!desktop.is_running(id));
    }
    desktop.act(SERVER, "start-listening");
    listening(port);
    desktop.act(CLIENT, "new-connection");
    let screen = desktop.screen();
    let windows = |id| screen.windows_of(desktop.pid_of(id)).len();
    // The question for an address is one more.
    hallway_tests::wait::until(PATIENCE, "the windows", || {
        (windows(SERVER) == 1 && windows(CLIENT) == 2).then_some(())
    });
    for id in [SERVER, CLIENT] {
        desktop.act(id, "quit");
        hallway_tests::wait::until(PATIENCE, "its end", || {
            (!desktop.is_running(id)).then_some(())
        });
    }
}
