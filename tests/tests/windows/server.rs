//! The server window: opening a room, closing it, and the people in it.

use std::net::TcpListener;

use hallway_tests::desktop::Desktop;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{Room, join, say};
use hallway_tests::peer::{End, Peer};
use hallway_tests::world::{free_port, listening};

use crate::starting::choose_this_computer;

#[test]
fn it_listens_on_the_chosen_address_and_port() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let server = desktop.start("hallway-server", &[]);
    let port = free_port();
    choose_this_computer(&server);
    server.find(Kind::Number, "Port").set_number(port.into());
    server.click(Kind::Button, "Start Listening");
    server.reads(&format!("Listening on 127.0.0.1, port {port}"));
    let mut peer = Peer::connect(([127, 0, 0, 1], port).into());
    peer.line("found you");
    server.reads("found you");
}

#[test]
fn a_port_that_is_taken_is_told_where_it_was_chosen() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let other = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let port = other.local_addr().expect("it listens somewhere").port();
    let server = desktop.start("hallway-server", &["--address", "127.0.0.1"]);
    server.find(Kind::Number, "Port").set_number(port.into());
    server.click(Kind::Button, "Start Listening");
    server.reads(&port.to_string());
    server.reads("in use");
    drop(other);
    server.click(Kind::Button, "Start Listening");
    server.reads(&format!("Listening on 127.0.0.1, port {port}"));
    server.gone(Kind::Button, "Start Listening");
}

#[test]
fn it_stops_and_starts_again_on_the_same_port() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let mut before = room.peer();
    before.line("said before");
    room.reads("said before");
    room.click(Kind::Button, "Stop");
    assert_eq!(before.rest().1, End::Fin);
    // What was said is kept.
    room.click(Kind::Button, "Show Conversation");
    room.reads("Stopped listening");
    room.reads("said before");
    assert!(Peer::try_connect(room.address()).is_err());
    room.click(Kind::Button, "Back to Setup");
    room.click(Kind::Button, "Start Listening");
    listening(room.port());
    let mut after = room.peer();
    after.line("said after");
    room.reads("said after");
    room.reads("said before");
}

#[test]
fn a_message_to_one_is_seen_by_no_other() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let mut ana = room.peer_named("Ana");
    let mut ben = room.peer_named("Ben");
    let window = join(&desktop, room.address());
    room.choose("Ana");
    say(&room, "只给你 🤫");
    ana.hears("只给你 🤫");
    room.choose("Everyone");
    room.stops_reading("只给你");
    say(&room, "for all");
    ana.hears("for all");
    ben.hears("for all");
    window.reads("for all");
    window.does_not_read("只给你");
}

#[test]
fn a_person_is_renamed_by_the_host() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let mut nell = room.peer_named("Nell");
    let mut other = room.peer_named("Other");
    room.do_with("Nell", "Rename…");
    room.find(Kind::Window, "Rename Nell");
    room.find(Kind::Text, "Name").set_text("内尔");
    room.click(Kind::Button, "Rename");
    room.person("内尔");
    nell.line("who am I now");
    other.hears("内尔: who am I now");
}

#[test]
fn a_person_is_disconnected_properly() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let mut nell = room.peer_named("Nell");
    let ana = room.peer_named("Ana");
    room.do_with("Nell", "Disconnect");
    assert_eq!(nell.rest().1, End::Fin);
    room.reads("Disconnected by you: Nell");
    let address = ana.address().ip();
    room.do_with("Ana", "Keep Out Until Stopped…");
    room.find(Kind::Window, &format!("Keep {address} Out?"));
    room.click(Kind::Button, "Keep Out");
    room.reads("Kept out by you: Ana");
    let mut late = Peer::connect(room.address());
    late.rest();
    room.reads("Refused because you keep the address out");
}

#[test]
fn a_second_client_and_nc_take_part() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let first = join(&desktop, room.address());
    let second = join(&desktop, room.address());
    let port = room.port().to_string();
    let Some(nc) = hallway_tests::world::foreign_with("nc", ["127.0.0.1", &port]) else {
        return;
    };
    let mut nc = hallway_tests::program::Program::spawn(nc);
    nc.type_line("/name Nell");
    room.person("Nell");
    nc.type_line("anybody down the hall?");
    for window in [&*room, &first, &second] {
        window.reads("anybody down the hall?");
    }
    say(&first, "first here");
    for window in [&*room, &second] {
        window.reads("first here");
    }
    let heard = |text: &str| {
        let patience = hallway_tests::wait::PATIENCE;
        nc.out().find(patience, text, |line| line.ends_with(text));
    };
    heard("first here");
    say(&room, "welcome, both");
    heard("welcome, both");
    first.reads("welcome, both");
    second.reads("welcome, both");
}
