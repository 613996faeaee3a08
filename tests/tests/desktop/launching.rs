//! Started from the shell, as everybody does.

use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::shell::{Region, Window};
use hallway_tests::desktop::{Desktop, Look};
use hallway_tests::wait::{PATIENCE, until};
use hallway_tests::world::{free_port, listening};

use crate::{CLIENT, SERVER, on_port, picture};

/// Waits for a window of an application that has the keyboard.
#[track_caller]
fn window_in_front(desktop: &Desktop, id: &str) -> Window {
    let entry = format!("{id}.desktop");
    let what = format!("a window of {id} in front");
    let shell = desktop.shell();
    shell.window(&what, |window| window.entry == entry && window.has_focus)
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn what_is_typed_in_the_overview_starts_and_is_known_to_be_ours() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    for (id, name) in [(SERVER, "Hallway Server"), (CLIENT, "Hallway")] {
        shell.show_overview(true);
        shell.type_text(name);
        // What was used last comes first: the one that is meant need not be.
        shell.click_on(&shell.find(Region::Search, name));
        let app = desktop.activated(id);
        let window = window_in_front(&desktop, id);
        assert_eq!(window.pid, app.pid());
        assert_eq!(window.title, name);
        assert_eq!(shell.entry(id).windows, 1);
        app.is_well();
    }
    // Nobody waits for a window that never comes: the pointer is at rest, nothing is “ready”.
    assert_eq!(shell.notifications(), []);
    shell.show_overview(true);
    for name in ["Hallway", "Hallway Server"] {
        shell.find(Region::Dash, name);
    }
    picture(&desktop, "overview");
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn launched_again_the_server_comes_to_the_front_with_its_one_window() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    shell.launch(SERVER);
    let server = desktop.activated(SERVER);
    window_in_front(&desktop, SERVER);
    shell.launch(CLIENT);
    desktop.activated(CLIENT);
    window_in_front(&desktop, CLIENT);
    shell.launch(SERVER);
    let window = window_in_front(&desktop, SERVER);
    shell.minimize(&window);
    shell.launch(SERVER);
    assert!(!window_in_front(&desktop, SERVER).is_minimized);
    // As a second start in a terminal, too.
    shell.launch(CLIENT);
    window_in_front(&desktop, CLIENT);
    let (code, _, said) = desktop.spawn("hallway-server", &[]).outcome(PATIENCE);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(server.windows().len(), 1);
    assert_eq!(shell.entry(SERVER).windows, 1);
    assert_eq!(shell.entry(CLIENT).windows, 1);
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn the_menu_of_the_client_opens_another_window_and_closing_all_ends_it() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    shell.launch(CLIENT);
    let client = desktop.activated(CLIENT);
    let first = window_in_front(&desktop, CLIENT);
    shell.launch_action(CLIENT, "new-window");
    let what = "another window of the client in front";
    let second = shell.window(what, |window| {
        window.pid == first.pid && window.id != first.id && window.has_focus
    });
    shell.close(&second);
    shell.close(&first);
    client.end();
    until(PATIENCE, "an end of the windows in the shell", || {
        (shell.entry(CLIENT).windows == 0).then_some(())
    });
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn the_menu_of_the_server_begins_listening_whether_it_runs_or_not() {
    let port = free_port();
    let desktop = Desktop::in_gnome_shell(&on_port(port));
    let shell = desktop.shell();
    shell.launch_action(SERVER, "start-listening");
    let server = desktop.activated(SERVER);
    listening(port);
    window_in_front(&desktop, SERVER);
    server.click(Kind::Button, "Stop");
    server.find(Kind::Button, "Start Listening");
    shell.launch_action(SERVER, "start-listening");
    listening(port);
    server.gone(Kind::Button, "Start Listening");
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn the_menu_of_the_client_asks_where_to_connect() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    shell.launch_action(CLIENT, "new-connection");
    let client = desktop.activated(CLIENT);
    client.find(Kind::Text, "Address");
    let windows = until(PATIENCE, "the dialog in front", || {
        let windows = shell.windows();
        let dialog = windows.iter().find(|window| window.has_focus)?;
        (dialog.pid == client.pid()).then_some(windows)
    });
    picture(&desktop, "new-connection");
    assert_eq!(windows.len(), 2, "{windows:#?}");
}
