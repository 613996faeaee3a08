//! What the desktop's search finds in the programs, asked as the shell asks.

use std::time::Duration;

use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{Room, conversation, is_connected, say};
use hallway_tests::desktop::{Desktop, Look};
use hallway_tests::wait::until;

const SERVER: &str = "chat.hallway.Server";
const CLIENT: &str = "chat.hallway.Client";

/// A program that was only searched ends after ten seconds.
const ENDS: Duration = Duration::from_secs(40);

#[test]
fn people_and_lines_of_a_room_are_found() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let mut ana = room.peer_named("Ana");
    let mut ben = room.peer_named("Ben");
    ana.line("The printer is on the third floor.");
    for number in 0..200 {
        ben.line(&format!("something else {number}"));
    }
    room.reads("something else 199");
    assert!(desktop.search(SERVER, &["scanner"]).is_empty());
    assert!(desktop.search(SERVER, &["PRINTER", "fourth"]).is_empty());
    let found = desktop.search(SERVER, &["PRINTER", "third"]);
    assert_eq!(found.len(), 1, "{found:?}");
    let metas = desktop.metas(SERVER, &found);
    assert_eq!(metas[0].name, "Ana");
    assert_eq!(metas[0].icon, SERVER);
    let text = "– The printer is on the third floor.";
    assert!(metas[0].description.ends_with(text), "{metas:?}");
    assert_eq!(desktop.search(SERVER, &["something"]).len(), 10);
    let people = desktop.search(SERVER, &["ana"]);
    assert_eq!(people.len(), 1, "{people:?}");
    assert_eq!(
        desktop.search_further(SERVER, &people, &["ana", "b"]).len(),
        0
    );
    assert!(desktop.metas(SERVER, &["line:1".into()]).is_empty());

    // What is chosen is gone to, and marked.
    desktop.choose_found(SERVER, &found[0], &["PRINTER", "third"]);
    room.find(Kind::Text, "Find in this conversation");
    room.until("the line in sight", || {
        let rows = conversation(&room);
        let is_there = rows.iter().any(|row| row.contains("The printer"));
        is_there.then_some(())
    });
    desktop.choose_found(SERVER, &people[0], &["ana"]);
    room.reads("Only Ana hears this");
    desktop.go_on_searching(SERVER, &["third", "floor"]);
    room.find(Kind::Text, "Find in this conversation");
    for nonsense in ["", "line:", "line:99999999999999999999", "person:x", "x"] {
        desktop.choose_found(SERVER, nonsense, &["", "\u{202e}"]);
    }
    room.is_well();
}

#[test]
fn servers_and_lines_of_a_conversation_are_found() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let address = room.address().to_string();
    let client = desktop.start("hallway", &["--plain", &address]);
    client.until("a connection", || is_connected(&client).then_some(()));
    let mut ana = room.peer_named("Ana");
    say(&client, "Ist der Drucker FREI?");
    room.reads("Drucker");
    ana.line("Nein, der Drucker ist kaputt.");
    client.reads("kaputt");
    let found = desktop.search(CLIENT, &["drucker"]);
    let metas = desktop.metas(CLIENT, &found);
    let names: Vec<_> = metas.iter().map(|meta| &*meta.name).collect();
    assert_eq!(names, ["Ana", "You"], "the newest first");
    let people = desktop.search(CLIENT, &["Ana"]);
    let metas = desktop.metas(CLIENT, &people);
    assert_eq!(metas[0].description, "In the conversation with 127.0.0.1");
    desktop.choose_found(CLIENT, &found[1], &["drucker"]);
    client.find(Kind::Text, "Find in this conversation");

    let servers = desktop.search(CLIENT, &["127"]);
    let metas = desktop.metas(CLIENT, &servers);
    assert_eq!(metas[0].name, address);
    desktop.choose_found(CLIENT, &servers[0], &["127"]);
    assert_eq!(client.windows().len(), 1, "it is there already");
    for nonsense in ["", "server:", "1:line:x", "77:line:0", "server:http://x"] {
        desktop.choose_found(CLIENT, nonsense, &["x"]);
    }
    client.is_well();
}

#[test]
fn a_client_that_does_not_run_is_asked_for_servers_and_goes_again() {
    let look = Look {
        remembers: true,
        ..Look::default()
    };
    let Some(desktop) = Desktop::with(&look) else {
        return;
    };
    desktop.choose(
        CLIENT,
        "recent-servers",
        "['lab.example:80', 'library:4255', '192.168.1.20:4255']",
    );
    desktop.install_service(CLIENT, "hallway");
    let found = desktop.search(CLIENT, &["LAB"]);
    assert_eq!(found, ["server:lab.example:80"]);
    let metas = desktop.metas(CLIENT, &found);
    assert_eq!(metas[0].name, "lab.example:80");
    assert_eq!(metas[0].description, "Connect to this server");
    assert_eq!(desktop.search(CLIENT, &["4255"]).len(), 2);
    let windows = || desktop.screen().windows_of(desktop.pid_of(CLIENT));
    assert!(windows().is_empty());
    until(ENDS, "its end", || {
        (!desktop.is_running(CLIENT)).then_some(())
    });
}
