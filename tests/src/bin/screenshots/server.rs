//! The server window, page after page.

use std::net::TcpListener;

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::{Kind, Node};
use hallway_tests::desktop::windows::{HOST, person, say};
use hallway_tests::peer::Peer;
use hallway_tests::world::{free_port, listening};

use crate::stage::Stage;

pub(crate) fn show(stage: &Stage) {
    let taken = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let server = stage.desktop.start("hallway-server", &["--name", HOST]);
    stage.fit(&server);
    server.find(Kind::Number, "Port");
    stage.shoot(&server, "server-setup");
    menus(stage, &server);
    let port = taken.local_addr().expect("it listens somewhere").port();
    server.find(Kind::Number, "Port").set_number(port.into());
    server.click(Kind::Button, "Start Listening");
    server.until("the failure", || {
        server
            .texts()
            .iter()
            .any(|text| text.contains(&port.to_string()))
            .then_some(())
    });
    stage.shoot(&server, "server-setup-failure");

    let port = free_port();
    server.find(Kind::Number, "Port").set_number(port.into());
    server.click(Kind::Button, "Start Listening");
    listening(port);
    server.gone(Kind::Button, "Start Listening");
    stage.shoot(&server, "server-empty");
    if stage.is_narrow() {
        server.click(Kind::Button, "Back to People");
        stage.shoot(&server, "server-people-empty");
    }
    addresses(stage, &server);
    people(stage, &server, port);
    server.click(Kind::Button, "Stop");
    server.find(Kind::Button, "Start Listening");
    stage.shoot(&server, "server-stopped");
    server.click(Kind::Button, "Show Conversation");
    server.gone(Kind::Button, "Start Listening");
    stage.shoot(&server, "server-stopped-conversation");
}

fn escape(app: &App<'_>) {
    app.desktop().screen().press("Escape");
}

fn menus(stage: &Stage, server: &App<'_>) {
    server.click(Kind::Button, "Main Menu");
    server.find(Kind::Item, "About Hallway Server");
    stage.shoot(server, "server-setup-menu");
    escape(server);
    server.gone(Kind::Item, "About Hallway Server");
    server.press("ctrl+question");
    two_windows(server);
    stage.shoot(server, "server-shortcuts");
    escape(server);
    one_window(server);
    server.press("ctrl+comma");
    two_windows(server);
    stage.shoot(server, "server-preferences");
    escape(server);
    one_window(server);
    server.click(Kind::Button, "Main Menu");
    server.click(Kind::Item, "About Hallway Server");
    two_windows(server);
    stage.shoot(server, "server-about");
    escape(server);
    one_window(server);
}

pub(crate) fn two_windows(app: &App<'_>) {
    app.until("a dialog", || (app.x_windows().len() > 1).then_some(()));
}

pub(crate) fn one_window(app: &App<'_>) {
    app.until("the end of a dialog", || {
        (app.x_windows().len() == 1).then_some(())
    });
}

fn addresses(stage: &Stage, server: &App<'_>) {
    // Where there is one address only it is copied at once.
    if let Some(button) = server.until("the title", || {
        let buttons = server.all(Kind::Button);
        Some(buttons.into_iter().find(|button| button.texts().len() == 2))
    }) {
        button.click();
        server.find(Kind::Label, "Others Can Join At");
        stage.shoot(server, "server-addresses");
        escape(server);
    }
}

/// Three people who talk.
fn people(stage: &Stage, server: &App<'_>, port: u16) {
    let mut peers: Vec<_> = (0..3)
        .map(|_| Peer::connect(([127, 0, 0, 1], port).into()))
        .collect();
    for (peer, name) in peers.iter_mut().zip(["Ana", "陈伟"]) {
        peer.line(&format!("/name {name}"));
        peer.answer();
    }
    let says = |peer: &mut Peer, text: &str| {
        peer.line(text);
        server.until(text, || {
            let rows = server.all(Kind::Label);
            rows.iter()
                .any(|row| row.name().contains(text))
                .then_some(())
        });
    };
    if stage.is_narrow() {
        person(server, "Everyone").click_with_mouse(1);
        server.find(Kind::Button, "Send");
    }
    says(
        &mut peers[0],
        "Good morning! Is the projector free after three?",
    );
    says(&mut peers[0], "The small one is enough.");
    say(server, "Free until five. I will leave the key at the desk.");
    says(&mut peers[1], "你好，打印机在三楼吗？");
    say(server, "在三楼走廊右手边 🙂");
    says(&mut peers[2], "temp=21.4 hum=40 https://example.org/sensor");
    stage.shoot(server, "server-conversation");
    find(stage, server);
    with_a_person(stage, server);
    unread(stage, server, &mut peers);
}

fn find(stage: &Stage, server: &App<'_>) {
    server.press("ctrl+f");
    server.find(Kind::Button, "Find Earlier");
    server.desktop().screen().type_text("is");
    stage.shoot(server, "server-find");
    escape(server);
    if stage.is_narrow() {
        server.click(Kind::Button, "Back to People");
        stage.shoot(server, "server-people");
    }
    server.click(Kind::Button, "Main Menu");
    server.find(Kind::Item, "Export…");
    stage.shoot(server, "server-menu");
    escape(server);
    server.gone(Kind::Item, "Export…");
}

fn with_a_person(stage: &Stage, server: &App<'_>) {
    let menu = || {
        person(server, "Ana").click_with_mouse(3);
        server.find(Kind::Item, "Rename…");
    };
    menu();
    stage.shoot(server, "server-person-menu");
    server.click(Kind::Item, "Rename…");
    two_windows(server);
    stage.shoot(server, "server-rename");
    escape(server);
    one_window(server);
    menu();
    server.click(Kind::Item, "Keep Out Until Stopped…");
    two_windows(server);
    stage.shoot(server, "server-keep-out");
    escape(server);
    one_window(server);
    person(server, "Ana").click_with_mouse(1);
    server.find(Kind::Button, "Person Menu");
    say(server, "Only you hear this.");
    stage.shoot(server, "server-person");
    if stage.is_narrow() {
        server.click(Kind::Button, "Back to People");
    }
}

/// What is said in the room while the host is with one person.
fn unread(stage: &Stage, server: &App<'_>, peers: &mut [Peer]) {
    peers[0].line("I have locked the door behind me.");
    peers[1].line(&format!("{HOST}: 钥匙在前台吗？"));
    server.until("an unread line that mentions the host", || {
        let rows = server.all(Kind::Row);
        let mut texts = rows.iter().flat_map(Node::texts);
        texts.any(|text| text == "@1").then_some(())
    });
    stage.shoot(server, "server-unread");
    person(server, "Everyone").click_with_mouse(1);
    server.reads("钥匙在前台吗？");
    stage.shoot(server, "server-mention");
    if stage.is_narrow() {
        server.click(Kind::Button, "Back to People");
    }
}
