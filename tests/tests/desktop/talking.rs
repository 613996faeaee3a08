//! A conversation from the first click to the last, in windows that the shell manages.

use hallway_tests::desktop::Desktop;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{conversation, say};
use hallway_tests::world::free_port;

use crate::{CLIENT, SERVER, listen, on_port, picture};

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn server_and_client_talk_by_keyboard() {
    let port = free_port();
    let desktop = Desktop::in_gnome_shell(&on_port(port));
    let shell = desktop.shell();
    shell.launch(SERVER);
    let server = desktop.activated(SERVER);
    listen(&server, port);
    shell.launch(CLIENT);
    let client = desktop.activated(CLIENT);
    let entry = format!("{CLIENT}.desktop");
    shell.window("the client in front", |window| {
        window.entry == entry && window.has_focus
    });
    shell.press("ctrl+l");
    client.find(Kind::Text, "Address");
    shell.window("the dialog in front", |window| {
        window.pid == client.pid() && window.has_focus && window.title == "Connect to Address"
    });
    picture(&desktop, "connect-to-address");
    shell.type_text(&format!("127.0.0.1:{port}"));
    client.until("an address to connect to", || {
        let connect = client.find(Kind::Button, "Connect");
        connect.is_sensitive().then_some(())
    });
    shell.press("Return");
    client.reads("Connected to");
    shell.type_text("Is anybody down the hall?");
    shell.press("Return");
    server.reads("Is anybody down the hall?");
    say(&server, "走廊里有人。");
    client.reads("走廊里有人。");
    assert_eq!(client.find(Kind::Text, "Message").text(), "");
    picture(&desktop, "client");
    server.press("Escape");
    picture(&desktop, "server");
    assert!(!conversation(&client).is_empty());
    client.is_well();
    server.is_well();
}
