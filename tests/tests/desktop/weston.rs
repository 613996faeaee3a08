//! Another Wayland: weston, which has no shell behind it.

use hallway_tests::desktop::windows::{is_connected, say};
use hallway_tests::desktop::{Desktop, Look};
use hallway_tests::world::free_port;

use crate::{CLIENT, SERVER, listen, on_port, picture};

#[test]
#[ignore = "needs weston: ./dev test --desktop"]
fn server_and_client_talk_in_weston() {
    let port = free_port();
    let desktop = Desktop::in_weston(&on_port(port));
    let server = desktop.open(SERVER);
    listen(&server, port);
    let client = desktop.start("hallway", &["--plain", &format!("127.0.0.1:{port}")]);
    client.until("a connection", || is_connected(&client).then_some(()));
    say(&client, "Is anybody down the hall?");
    server.reads("Is anybody down the hall?");
    picture(&desktop, "weston-client");
    say(&server, "走廊里有人。");
    client.reads("走廊里有人。");
    picture(&desktop, "weston");
}

#[test]
#[ignore = "needs weston: ./dev test --desktop"]
fn a_client_that_the_bus_starts_shows_its_window_in_weston() {
    let desktop = Desktop::in_weston(&Look::default());
    let client = desktop.open(CLIENT);
    client.reads("Connect to Address");
    picture(&desktop, "weston-empty");
}
