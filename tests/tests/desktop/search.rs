//! What the search of the overview finds in us: servers and people.

use hallway_tests::desktop::shell::{Region, Text};
use hallway_tests::desktop::windows::{Room, is_connected};
use hallway_tests::desktop::{Desktop, Look};

use crate::{CLIENT, SERVER, in_front, picture};

/// Types this in the overview and waits for a result that says it.
#[track_caller]
fn search(desktop: &Desktop, words: &str, wanted: &str) -> Text {
    let shell = desktop.shell();
    shell.show_overview(true);
    shell.type_text(words);
    let found = shell.find_where(Region::Search, wanted, |text| text.contains(wanted));
    picture(desktop, &format!("search-{}", words.replace(' ', "-")));
    found
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn a_recent_server_is_found_and_opened_by_a_client_that_did_not_run() {
    let look = Look::default();
    let port = hallway_tests::world::free_port();
    let address = format!("127.0.0.1:{port}");
    let recent = format!("['{address}']");
    let look = look.set("chat/hallway/Client", "recent-servers", &recent);
    let desktop = Desktop::in_gnome_shell(&look);
    let shell = desktop.shell();
    let room = Room::open_on(&desktop, port, &[]);
    // A window that appears takes the keyboard, from the search too.
    in_front(&desktop, &room);
    let found = search(&desktop, "127.0", &port.to_string());
    // Looking for something opens nothing.
    assert_eq!(shell.entry(CLIENT).windows, 0);
    shell.click_on(&found);
    let client = desktop.activated(CLIENT);
    client.until("a connection", || is_connected(&client).then_some(()));
    shell.window("the client in front", |window| {
        window.pid == client.pid() && window.has_focus
    });
    room.is_well();
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn a_person_is_found_and_the_conversation_opened() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    let room = Room::open(&desktop);
    in_front(&desktop, &room);
    let _nell = room.peer_named("Nell");
    let _hanno = room.peer_named("Hanno");
    let found = search(&desktop, "Nel", "Nell");
    assert!(!shell.says(Region::Search, "Hanno"));
    shell.click_on(&found);
    shell.window("the server in front", |window| {
        window.pid == room.pid() && window.has_focus
    });
    room.until("Nell’s conversation", || {
        room.person("Nell").is_selected().then_some(())
    });
    assert_eq!(shell.entry(SERVER).windows, 1);
}
