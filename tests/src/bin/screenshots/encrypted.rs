//! Both windows where they speak encrypted: who is there, six digits, who is known, what is kept.

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{HOST, Room, say};
use hallway_tests::peer::Peer;
use hallway_tests::program::Program;
use hallway_tests::server::Server;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::ours;

use crate::client::go;
use crate::server::{one_window, two_windows};
use crate::stage::Stage;

pub(crate) fn show(stage: &Stage) {
    let room = Room::open(&stage.desktop);
    stage.fit(&room);
    let client = stage.desktop.start("hallway", &[]);
    stage.fit(&client);
    go(&client, room.address());
    client.find(Kind::Button, "Encrypted");
    talking(stage, &room, &client);
    digits(stage, &room, &client);
    if stage.is_narrow() {
        client.press("alt+Left");
    }
    known(stage, &client);
    kept(stage, &client);
    if stage.is_narrow() {
        let address = room.address().to_string();
        client.find(Kind::Row, &address).click_with_mouse(1);
        client.find(Kind::Text, "Message");
    }
    another(stage, &room, &client);
}

fn escape(app: &App<'_>) {
    app.desktop().screen().press("Escape");
}

fn talking(stage: &Stage, room: &Room<'_>, client: &App<'_>) {
    for (name, text) in [
        ("Ana", "Good morning! Is the projector free after three?"),
        ("陈伟", "你好，打印机在三楼吗？"),
    ] {
        let mut command = ours("hallway");
        command
            .args(["send", "--encrypted", "--name", name])
            .args([&room.address().to_string(), text])
            .env("XDG_DATA_HOME", stage.desktop.home().join(name));
        let mut hallway = Program::spawn(command);
        hallway.end_input();
        assert_eq!(hallway.outcome(PATIENCE).0, Some(0));
        client.reads(text);
    }
    // A narrow window does not show who is there.
    let mut sensor = Peer::connect(room.address());
    sensor.line("/name Sensor");
    sensor.answer();
    say(
        client,
        "Free until five.\nI will leave the key at the desk.",
    );
    client.reads("Free until five.");
    client.click(Kind::Button, "People");
    client.find(Kind::Row, "Sensor");
    stage.shoot(client, "encrypted-people");
    escape(client);
    client.gone(Kind::Row, "Sensor");
    client.click(Kind::Button, "Encrypted");
    client.reads(HOST);
    stage.shoot(client, "encrypted-lock");
    escape(client);
}

fn digits(stage: &Stage, room: &Room<'_>, client: &App<'_>) {
    client.click(Kind::Button, "Conversation Menu");
    client.click(Kind::Item, "Compare Six Digits…");
    for (app, name) in [(client, "encrypted-digits"), (&**room, "server-digits")] {
        app.until("an answer that can be given", || {
            app.find(Kind::Button, "They Match")
                .is_sensitive()
                .then_some(())
        });
        stage.desktop.screen().activate(&newest(app));
        stage.shoot(app, name);
    }
    for app in [client, &**room] {
        app.click(Kind::Button, "They Match");
        app.gone(Kind::Button, "They Match");
    }
    stage.desktop.screen().activate(&newest(client));
    stage.shoot(client, "encrypted-verified");
    stage.shoot(room, "server-verified");
}

fn known(stage: &Stage, client: &App<'_>) {
    client.click(Kind::Button, "Main Menu");
    client.click(Kind::Item, "Known Servers");
    two_windows(client);
    stage.fit_window(&newest(client));
    client.find(Kind::Row, HOST).click_with_mouse(1);
    client.find(Kind::Button, "Forget…");
    stage.shoot_window(&newest(client), "client-known");
    escape(client);
    one_window(client);
}

fn kept(stage: &Stage, client: &App<'_>) {
    client.press("ctrl+h");
    two_windows(client);
    stage.fit_window(&newest(client));
    // A narrow window begins with the list.
    if !stage.is_narrow() {
        client.reads("打印机");
    }
    stage.shoot_window(&newest(client), "client-history");
    client
        .find(Kind::Text, "Search all conversations")
        .set_text("打印");
    client.until("what was found", || {
        let rows = client.all(Kind::Row).into_iter();
        let mut names = rows.map(|row| row.name().to_owned());
        names.any(|name| name.contains("打印机")).then_some(())
    });
    stage.shoot_window(&newest(client), "client-history-found");
    client
        .find(Kind::Text, "Search all conversations")
        .set_text("");
    escape(client);
    one_window(client);
}

fn another(stage: &Stage, room: &Room<'_>, client: &App<'_>) {
    room.kill();
    let data = stage.desktop.home().join("other");
    let data = data.to_str().expect("a path of ours is UTF-8");
    let port = room.port().to_string();
    let _other = Server::start(&[
        "--encryption",
        "when-both-can",
        "--data",
        data,
        "--address",
        "127.0.0.1",
        "--port",
        &port,
    ]);
    client.find(Kind::Button, "Connect as a New Server");
    stage.shoot(client, "client-blocked");
}

/// The window that was opened last.
fn newest(app: &App<'_>) -> String {
    let windows = app.x_windows();
    windows.last().expect("a program with a window").clone()
}
