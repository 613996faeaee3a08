//! Starts of the programs.

use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{Room, say};
use hallway_tests::desktop::{Desktop, Look};
use hallway_tests::peer::Peer;
use hallway_tests::program::Program;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::{free_port, ours};

/// Exit code and stderr of a program without a display.
#[track_caller]
fn blind(name: &str) -> (Option<i32>, String) {
    let mut command = ours(name);
    for variable in [
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "XDG_RUNTIME_DIR",
        "DBUS_SESSION_BUS_ADDRESS",
    ] {
        command.env_remove(variable);
    }
    let (code, out, said) = Program::spawn(command).outcome(PATIENCE);
    assert_eq!(out, "");
    (code, said)
}

#[test]
fn without_a_display_both_say_what_works_there() {
    for (program, way) in [
        ("hallway-server", "--headless"),
        ("hallway", "hallway send"),
    ] {
        let (code, said) = blind(program);
        assert_eq!(code, Some(1), "{said}");
        assert_eq!(said.trim().lines().count(), 1, "{said}");
        assert!(said.contains("display") && said.contains(way), "{said}");
    }
}

#[test]
fn a_server_started_twice_shows_one_window() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let mut second = desktop.spawn("hallway-server", &[]);
    let (code, _, said) = second.outcome(PATIENCE);
    assert_eq!(code, Some(0), "{said}");
    room.peer();
    assert_eq!(room.windows().len(), 1, "{:?}", room.windows());
    assert_eq!(room.x_windows().len(), 1);
}

#[test]
fn a_client_started_twice_shows_two_windows() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let client = desktop.start("hallway", &[]);
    let mut second = desktop.spawn("hallway", &[]);
    client.until("a second window", || {
        (client.windows().len() == 2).then_some(())
    });
    let (code, _, said) = second.outcome(PATIENCE);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_link_to_an_unknown_address_is_asked_about() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let link = format!("hallway://{}", room.address());
    let client = desktop.start("hallway", &["--plain", &link]);
    client.find(
        Kind::Window,
        &format!("Connect to 127.0.0.1, port {}?", room.port()),
    );
    client.click(Kind::Button, "Connect");
    client.reads("Connected to");
    say(&client, "came by a link");
    room.reads("came by a link");
}

#[test]
fn what_was_chosen_is_remembered() {
    let look = Look {
        remembers: true,
        ..Look::default()
    };
    let Some(desktop) = Desktop::with(&look) else {
        return;
    };
    let port = free_port();
    {
        let server = desktop.start("hallway-server", &[]);
        server.find(Kind::Number, "Port").set_number(port.into());
        choose_this_computer(&server);
        server.click(Kind::Switch, "Echo");
        server.click(Kind::Button, "Start Listening");
        server.reads(&format!("port {port}"));
        let client = desktop.start("hallway", &["--plain", &format!("127.0.0.1:{port}")]);
        client.reads("Connected to");
        client.close();
        assert_eq!(client.end(), Some(0));
        server.close();
        assert_eq!(server.end(), Some(0));
    }
    let server = desktop.start("hallway-server", &[]);
    let found = server.find(Kind::Number, "Port").number();
    assert!((found - f64::from(port)).abs() < 0.5, "{found}");
    assert!(server.find(Kind::Switch, "Echo").is_on());
    server.click(Kind::Button, "Start Listening");
    let event = format!("Listening on 127.0.0.1, port {port}");
    server.reads(&event);
    let mut peer = Peer::connect(([127, 0, 0, 1], port).into());
    peer.line("still echoed?");
    assert!(peer.next_line().ends_with("still echoed?"));
    let client = desktop.start("hallway", &[]);
    client
        .find(Kind::Row, &format!("127.0.0.1:{port}"))
        .click_with_mouse(1);
    client.reads("Connected to");
}

/// Takes the last of the addresses that are offered.
#[track_caller]
pub(crate) fn choose_this_computer(server: &hallway_tests::desktop::app::App<'_>) {
    let screen = server.desktop().screen();
    server.find(Kind::Choice, "Address").click_with_mouse(1);
    let chosen = || server.find(Kind::Choice, "Address");
    server.until("the addresses", || {
        chosen().texts().len().gt(&2).then_some(())
    });
    screen.press("End");
    screen.press("Return");
    server.reads("This computer only");
}
