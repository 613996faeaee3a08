//! The client window: connecting, and what stands in its way.

use std::time::{Duration, Instant};

use hallway_tests::desktop::Desktop;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{Room, join, say};
use hallway_tests::network::Swallower;
use hallway_tests::server::Server;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::{free_port, is_unread};
use rustix::process::Signal;

/// How long connecting may take before it is given up, and the time that telling so takes.
const GIVEN_UP: Duration = Duration::from_secs(10);

#[test]
fn connecting_to_an_address_that_is_typed() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Server::start(&["--address", "127.0.0.1", "--encryption", "off"]);
    let client = desktop.start("hallway", &[]);
    client.click(Kind::Button, "Connect to Address…");
    let address = client.find(Kind::Text, "Address");
    address.set_text(&format!("  127.0.0.1 : {}  ", room.address().port()));
    client.click(Kind::Button, "Connect");
    // This room does not encrypt, which a person is told of before anything is said.
    client.click(Kind::Button, "Connect with Plain Text");
    client.reads("Connected to");
    say(&client, "typed in");
    room.hears("typed in");
}

#[test]
fn nobody_listens_on_that_port() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let port = free_port();
    let client = desktop.start("hallway", &["--plain", &format!("127.0.0.1:{port}")]);
    client.reads(&format!("Nothing is listening on port {port}"));
    client.find(Kind::Button, "Try Again");
    let room = Room::open_on(&desktop, port, &[]);
    client.click(Kind::Button, "Try Again");
    client.reads("Connected to");
    say(&client, "found you");
    room.reads("found you");
}

#[test]
fn an_address_that_swallows_packets_is_given_up_while_the_window_lives() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let swallower = Swallower::start();
    let client = desktop.start("hallway", &[]);
    client.click(Kind::Button, "Connect to Address…");
    let address = client.find(Kind::Text, "Address");
    address.set_text(&swallower.address().to_string());
    client.click(Kind::Button, "Connect");
    client.reads("Connecting to 127.0.0.1");
    let begin = Instant::now();
    client.click(Kind::Button, "Main Menu");
    client.find(Kind::Item, "About Hallway");
    desktop.screen().press("Escape");
    client.gone(Kind::Item, "About Hallway");
    println!("A menu was opened and closed within {:?}", begin.elapsed());
    client.reads("Connecting to 127.0.0.1");
    client.find_within(GIVEN_UP, Kind::Button, "Try Again");
    client.reads("did not answer");
}

#[test]
fn a_queued_line_is_delivered_after_the_server_was_killed() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let port = room.port();
    let client = join(&desktop, room.address());
    say(&client, "before");
    room.reads("before");
    // What a killed program has not read makes the system tell that it was no proper close.
    room.signal(Signal::STOP);
    say(&client, "perhaps lost");
    client.until("a line that waits to be read", || {
        is_unread(port).then_some(())
    });
    room.kill();
    client.reads("Reconnecting in");
    say(&client, "queued meanwhile");
    let room = Room::open_on(&desktop, port, &[]);
    room.reads_within(PATIENCE * 3, "queued meanwhile");
    client.reads("Connected to");
    // What may have arrived is not sent again by itself.
    room.does_not_read("perhaps lost");
}

#[test]
fn a_proper_close_is_told_and_not_undone() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let client = join(&desktop, room.address());
    say(&client, "/name Nell");
    room.do_with("Nell", "Disconnect");
    client.reads("The server ended the conversation");
    room.reads("Disconnected by you: Nell");
    client.does_not_read("Reconnecting");
    client.click(Kind::Button, "Reconnect");
    client.stops_reading("The server ended the conversation.");
    say(&client, "back again");
    room.reads("back again");
    room.click(Kind::Button, "Stop");
    client.find(Kind::Button, "Reconnect");
}
