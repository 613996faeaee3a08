//! Who is known, and how somebody is forgotten.

use hallway_tests::desktop::Desktop;
use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{HOST, Room, conversation, say};
use hallway_tests::server::Server;
use hallway_tests::world::free_port;
use rustix::process::Signal;
use tempfile::TempDir;

/// What a server that is met anew is said to be.
const FIRST: &str = "You meet this server for the first time";

fn folder() -> TempDir {
    TempDir::new().expect("there is room for a folder")
}

/// A room whose things are in a folder that outlives it.
fn room(data: &TempDir, port: u16) -> Server {
    let data = data.path().to_str().expect("a path of ours is UTF-8");
    let port = port.to_string();
    Server::start(&[
        "--encryption",
        "when-both-can",
        "--data",
        data,
        "--address",
        "127.0.0.1",
        "--port",
        &port,
        "--name",
        HOST,
    ])
}

/// How often a text stands in the conversation.
fn count(client: &App<'_>, text: &str) -> usize {
    let lines = conversation(client).into_iter();
    lines.filter(|line| line.contains(text)).count()
}

/// Opens the list of those who are known, and what is known of the one in it.
#[track_caller]
fn look_up(app: &App<'_>, list: &str, name: &str) {
    app.click(Kind::Button, "Main Menu");
    app.click(Kind::Item, list);
    app.window(list);
    app.until(name, || {
        let rows = app.all(Kind::Row).into_iter();
        let mut named = rows.filter(|row| row.name() == name);
        named.next().map(|row| row.click_with_mouse(1))
    });
}

/// Forgets the one in the list, after thinking about it twice.
#[track_caller]
fn forget(app: &App<'_>, list: &str, name: &str, warning: &str) {
    app.click(Kind::Button, "Forget…");
    app.reads(warning);
    app.click(Kind::Button, "Cancel");
    app.stops_reading(warning);
    app.click(Kind::Button, "Forget…");
    app.reads(warning);
    app.click(Kind::Button, "Forget");
    app.reads("Nobody Is Known Yet");
    app.reads(&format!("{name} is forgotten"));
    // The first time it takes away what was said at the bottom.
    let screen = app.desktop().screen();
    screen.activate(&app.window(list));
    screen.press("Escape");
    app.stops_reading(&format!("{name} is forgotten"));
    screen.press("Escape");
    app.gone(Kind::Window, list);
}

#[test]
fn a_server_that_was_forgotten_is_met_for_the_first_time() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let (data, other_data, port) = (folder(), folder(), free_port());
    let first = room(&data, port);
    let client = desktop.start("hallway", &[&first.address().to_string()]);
    client.reads(FIRST);
    say(&client, "kept all the same");
    client.until("delivered", || {
        (count(&client, "Delivered") > 0).then_some(())
    });
    look_up(&client, "Known Servers", HOST);
    client.reads("Not verified");
    forget(&client, "Known Servers", HOST, "is taken for new");
    // The conversation goes on, and the next one begins with an introduction.
    say(&client, "still here");
    first.hears("still here");
    assert_eq!(count(&client, FIRST), 1);
    client.click(Kind::Button, "Conversation Menu");
    client.click(Kind::Item, "Disconnect");
    client.click(Kind::Button, "Reconnect");
    client.until("an introduction", || {
        (count(&client, FIRST) == 2).then_some(())
    });
    assert_eq!(count(&client, "kept all the same"), 1);
    // Another one at the address of who was forgotten takes nobody's place.
    look_up(&client, "Known Servers", HOST);
    forget(&client, "Known Servers", HOST, "is taken for new");
    let mut first = first;
    first.end_by(Signal::KILL);
    let second = room(&other_data, port);
    client.stops_reading("kept all the same");
    client.reads(FIRST);
    client.does_not_read("Another Server Is Here");
    say(&client, "to the second");
    second.hears("to the second");
}

#[test]
fn a_person_who_was_forgotten_is_not_verified_any_more() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let client = desktop.start("hallway", &[&room.address().to_string()]);
    client.reads("Connected to");
    client.click(Kind::Button, "Conversation Menu");
    client.click(Kind::Item, "Compare Six Digits…");
    let titled = |title: String| Some(title.strip_prefix("Compare Digits With ")?.to_owned());
    let person = room.until("a question", || room.windows().into_iter().find_map(titled));
    for app in [&client, &*room] {
        app.until("an answer that can be given", || {
            app.find(Kind::Button, "They Match")
                .is_sensitive()
                .then_some(())
        });
        app.click(Kind::Button, "They Match");
    }
    room.reads(&format!("{person} is verified"));
    let is_verified = || {
        let rows = room.all(Kind::Row).into_iter();
        let mut names = rows.map(|row| row.name().to_owned());
        names.any(|name| name.contains("encrypted, verified"))
    };
    room.until("a lock that tells it", || is_verified().then_some(()));
    look_up(&room, "Known People", &person);
    forget(
        &room,
        "Known People",
        &person,
        "They are not verified any more",
    );
    room.until("another lock", || (!is_verified()).then_some(()));
    // The client knows the server as before, until its person forgets it too.
    client.find(Kind::Button, "Encrypted and verified");
    look_up(&client, "Known Servers", HOST);
    forget(&client, "Known Servers", HOST, "is taken for new");
    client.find(Kind::Button, "Encrypted");
}
