//! What windows do with a compositor that X does otherwise: sizes, what is copied, what pops up.

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::shell::Window;
use hallway_tests::desktop::windows::{Room, say};
use hallway_tests::desktop::{Desktop, Look};
use hallway_tests::wait::{PATIENCE, until};

use crate::{CLIENT, SERVER, in_front, join, picture};

/// As narrow as a phone.
const NARROW: (i32, i32) = (360, 640);

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn both_become_as_narrow_as_a_phone() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let room = Room::open(&desktop);
    let client = join(&desktop, room.address());
    say(&client, "Is anybody down the hall?");
    room.reads("Is anybody down the hall?");
    for (app, name) in [(&client, "narrow-client"), (&*room, "narrow-server")] {
        let window = bring(&desktop, app);
        shrink(&desktop, app);
        app.find(Kind::Text, "Message");
        picture(&desktop, name);
        app.is_well();
        desktop.shell().minimize(&window);
    }
}

/// Brings the window of a program to the front.
#[track_caller]
fn bring(desktop: &Desktop, app: &App<'_>) -> Window {
    let shell = desktop.shell();
    let window = shell.window("its window", |window| window.pid == app.pid());
    shell.raise(&window);
    window
}

/// Gives the window of a program the size of a phone, which it must take.
#[track_caller]
fn shrink(desktop: &Desktop, app: &App<'_>) {
    let (width, height) = NARROW;
    let shell = desktop.shell();
    shell.resize(&in_front(desktop, app), width, height);
    until(PATIENCE, "a narrow window", || {
        let place = in_front(desktop, app).place;
        ((place.width, place.height) == NARROW).then_some(())
    });
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn a_window_that_is_opened_again_has_the_size_it_had() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    for id in [CLIENT, SERVER] {
        shell.launch(id);
        let app = desktop.activated(id);
        let window = in_front(&desktop, &app);
        shell.resize(&window, 700, 560);
        until(PATIENCE, "the size", || {
            let place = in_front(&desktop, &app).place;
            ((place.width, place.height) == (700, 560)).then_some(())
        });
        shell.close(&window);
        app.end();
        // Until then the shell would show what is there in the place of starting it.
        until(PATIENCE, "an end of the window in the shell", || {
            (shell.entry(id).windows == 0).then_some(())
        });
        shell.launch(id);
        let app = desktop.activated(id);
        let place = in_front(&desktop, &app).place;
        assert_eq!((place.width, place.height), (700, 560), "{id}");
    }
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn the_address_is_copied_for_other_programs_and_theirs_is_pasted() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    let room = Room::open(&desktop);
    in_front(&desktop, &room);
    let address = format!("localhost:{}", room.port());
    // By a real click: who has not been touched may not copy.
    room.find(Kind::Button, "Copy Address").click_with_mouse(1);
    until(PATIENCE, &format!("{address} to paste"), || {
        (shell.copied() == address).then_some(())
    });
    let client = desktop.start("hallway", &[]);
    in_front(&desktop, &client);
    shell.press("ctrl+l");
    client.find(Kind::Text, "Address");
    shell.window("the dialog in front", |window| {
        window.pid == client.pid() && window.has_focus && window.title == "Connect to Address"
    });
    shell.press("ctrl+v");
    // It finds the port in what is pasted, and puts it where ports are.
    client.until("the address in the dialog", || {
        (client.find(Kind::Text, "Address").text() == "localhost").then_some(())
    });
    shell.press("Return");
    client.reads("Connected to");
    client.find(Kind::Text, "Message").click();
    shell.copy("Pasted: 走廊里有人吗？");
    shell.press("ctrl+v");
    client.until("the text in the composer", || {
        let text = client.find(Kind::Text, "Message").text();
        text.starts_with("Pasted: 走廊").then_some(())
    });
    shell.press("Return");
    room.reads("走廊里有人吗？");
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn menus_and_popovers_open_by_keyboard_and_close_without_a_trace() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    let room = Room::open(&desktop);
    let client = join(&desktop, room.address());
    for (app, name) in [(&client, "client"), (&*room, "server")] {
        bring(&desktop, app);
        shell.press("F10");
        app.find(Kind::Item, "Keyboard Shortcuts");
        picture(&desktop, &format!("menu-of-{name}"));
        shell.press("Escape");
        app.gone(Kind::Item, "Keyboard Shortcuts");
        shell.press("ctrl+shift+slash");
        app.until("the shortcuts", || (app.windows().len() == 2).then_some(()));
        picture(&desktop, &format!("shortcuts-of-{name}"));
        shell.press("Escape");
        app.until("one window", || (app.windows().len() == 1).then_some(()));
        app.is_well();
    }
}
