//! The client window, page after page.

use std::net::{SocketAddr, TcpListener};

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::{Kind, Node};
use hallway_tests::desktop::windows::{is_connected, say, write};
use hallway_tests::network::Swallower;
use hallway_tests::peer::Peer;
use hallway_tests::program::Program;
use hallway_tests::server;
use hallway_tests::wait::SILENCE;
use hallway_tests::world::{free_port, is_unread, listening};
use rustix::process::Signal;

use crate::server::{one_window, two_windows};
use crate::stage::Stage;

pub(crate) fn show(stage: &Stage) {
    let client = stage.desktop.start("hallway", &[]);
    stage.fit(&client);
    client.find(Kind::Button, "Main Menu");
    stage.shoot(&client, "client-start");
    menus(stage, &client);
    dialog(stage, &client);
    talking(stage, &client);
    troubles(stage, &client);
}

fn escape(app: &App<'_>) {
    app.desktop().screen().press("Escape");
}

fn menus(stage: &Stage, client: &App<'_>) {
    client.click(Kind::Button, "Main Menu");
    client.find(Kind::Item, "About Hallway");
    stage.shoot(client, "client-menu");
    escape(client);
    client.gone(Kind::Item, "About Hallway");
    client.press("ctrl+question");
    two_windows(client);
    stage.shoot(client, "client-shortcuts");
    escape(client);
    one_window(client);
    client.press("ctrl+comma");
    two_windows(client);
    stage.shoot(client, "client-preferences");
    escape(client);
    one_window(client);
    client.click(Kind::Button, "Main Menu");
    client.click(Kind::Item, "About Hallway");
    two_windows(client);
    stage.shoot(client, "client-about");
    escape(client);
    one_window(client);
}

fn dialog(stage: &Stage, client: &App<'_>) {
    client.press("ctrl+l");
    two_windows(client);
    let address = client.find(Kind::Text, "Address");
    stage.shoot(client, "client-connect");
    address.set_text("300.1.1.1:port");
    client.desktop().screen().press("Return");
    client.until("what is wrong with it", || {
        let texts = client.texts();
        texts
            .iter()
            .any(|text| text.contains("300.1.1.1"))
            .then_some(())
    });
    stage.shoot(client, "client-connect-error");
    escape(client);
    one_window(client);
}

/// Connects to another server.
pub(crate) fn go(client: &App<'_>, address: SocketAddr) {
    client.press("ctrl+l");
    client
        .find(Kind::Text, "Address")
        .set_text(&address.to_string());
    client.click(Kind::Button, "Connect");
    one_window(client);
}

fn start(port: u16) -> Program {
    let port = port.to_string();
    let arguments = ["--port", &port, "--name", "Marta"];
    let server = Program::spawn(server::command(&arguments));
    listening(port.parse().expect("a port is a number"));
    server
}

fn talking(stage: &Stage, client: &App<'_>) {
    let port = free_port();
    let address: SocketAddr = ([127, 0, 0, 1], port).into();
    let mut server = start(port);
    let mut peer = Peer::connect(address);
    peer.line("/name 陈伟");
    peer.answer();
    go(client, address);
    client.find(Kind::Button, "Connect with Plain Text");
    stage.shoot(client, "client-not-encrypted");
    client.click(Kind::Button, "Connect with Plain Text");
    client.until("a connection", || is_connected(client).then_some(()));
    stage.shoot(client, "client-connected");
    server.type_line("The fire drill is tomorrow at ten.");
    say(client, "Good morning! Is the projector free after three?");
    say(client, "The small one is enough.");
    for text in ["你好，打印机在三楼吗？", "在三楼走廊右手边 🙂"] {
        peer.line(text);
        client.reads(text);
    }
    say(client, "Thank you!");
    stage.shoot(client, "client-conversation");
    unread(stage, client, &mut peer);
    client.press("ctrl+f");
    client.find(Kind::Button, "Find Earlier");
    client.desktop().screen().type_text("is");
    stage.shoot(client, "client-find");
    escape(client);
    client.click(Kind::Button, "Conversation Menu");
    client.find(Kind::Item, "Disconnect");
    stage.shoot(client, "client-conversation-menu");
    escape(client);
    client.gone(Kind::Item, "Disconnect");

    // What a killed program has not read makes the system tell that it was no proper close.
    server.signal(Signal::STOP);
    say(client, "Are you still there?");
    client.until("a line that waits to be read", || {
        is_unread(port).then_some(())
    });
    drop(server);
    client.find(Kind::Button, "Now");
    say(client, "This waits.");
    stage.shoot(client, "client-waiting");
    client.press("alt+F4");
    two_windows(client);
    stage.shoot(client, "client-unsent");
    escape(client);
    one_window(client);
    let server = start(port);
    client.until("a connection", || is_connected(client).then_some(()));
    client.gone(Kind::Button, "Now");
    server.signal(Signal::TERM);
    client.find(Kind::Button, "Reconnect");
    stage.shoot(client, "client-ended");
}

/// What is said while the person looks at another window.
fn unread(stage: &Stage, client: &App<'_>, peer: &mut Peer) {
    say(client, "/name Nell");
    client.reads("Nell");
    client.press("ctrl+n");
    two_windows(client);
    // The manager need not give a new window the focus, and windows hear of it a moment later.
    client
        .desktop()
        .screen()
        .activate(&client.window("Hallway"));
    std::thread::sleep(SILENCE);
    let text = "Nell, the projector is yours.";
    peer.line(text);
    client.until("an unread line that mentions the person", || {
        let rows = client.all(Kind::Row);
        let mut texts = rows.iter().flat_map(Node::texts);
        texts.any(|text| text == "@1").then_some(())
    });
    stage.shoot(client, "client-unread");
    client.desktop().screen().press("ctrl+w");
    one_window(client);
    client.until("a line that is read", || {
        let rows = client.all(Kind::Row);
        let mut texts = rows.iter().flat_map(Node::texts);
        (!texts.any(|text| text == "@1")).then_some(())
    });
    stage.shoot(client, "client-mention");
}

fn troubles(stage: &Stage, client: &App<'_>) {
    let closed = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = closed.local_addr().expect("it listens somewhere");
    drop(closed);
    go(client, address);
    client.find(Kind::Button, "Try Again");
    stage.shoot(client, "client-failed");
    let swallower = Swallower::start();
    go(client, swallower.address());
    client.gone(Kind::Button, "Try Again");
    write(client, "Sent when connected");
    stage.shoot(client, "client-connecting");
}
