//! The windows in their sandboxes, spoken to from outside.

use std::env;

use hallway_tests::desktop::app::{App, pictures};
use hallway_tests::desktop::windows::{Room, is_connected, say};
use hallway_tests::desktop::{Desktop, Look};
use hallway_tests::program::Program;
use hallway_tests::wait::{PATIENCE, until};
use hallway_tests::world::{foreign_with, free_port, listening};

use crate::inside::BOTH;

fn still() -> Look {
    Look {
        is_still: true,
        ..Look::default()
    }
}

/// Takes a picture of a window.
#[track_caller]
fn picture(app: &App<'_>, name: &str) {
    let screen = app.desktop().screen();
    let window = app.first_window();
    screen.activate(&window);
    let place = screen.place_of(&window).expect("it was there");
    let file = pictures().join(name).with_extension("png");
    screen.still_picture_of(place, &file);
}

#[test]
#[ignore = "needs the Flatpaks: ./dev package flatpak"]
fn a_room_in_a_sandbox_is_open_to_programs_outside() {
    let Some(desktop) = Desktop::with(&still()) else {
        return;
    };
    let room = Room::open(&desktop);
    let port = room.port().to_string();
    let Some(nc) = foreign_with("nc", ["127.0.0.1", &port]) else {
        return;
    };
    let mut nc = Program::spawn(nc);
    nc.type_line("/name Nell");
    nc.type_line("Is anybody down the hall?");
    room.person("Nell");
    room.reads("Is anybody down the hall?");
    say(&room, "在三楼走廊右手边 👍");
    let answer = |line: &str| line.contains("在三楼走廊右手边 👍");
    nc.out().find(PATIENCE, "the host’s answer", answer);
    picture(&room, "sandbox-server");
    // It would be given time to close its end.
    drop(nc);
    room.close();
    assert_eq!(room.end(), Some(0));
}

#[test]
#[ignore = "needs the Flatpaks: ./dev package flatpak"]
fn a_client_in_a_sandbox_reaches_a_server_outside() {
    let Some(desktop) = Desktop::with(&still()) else {
        return;
    };
    let port = free_port();
    let Some(nc) = foreign_with("nc", ["-l", "127.0.0.1", &port.to_string()]) else {
        return;
    };
    let mut nc = Program::spawn(nc);
    listening(port);
    let client = desktop.start("hallway", &["--plain", &format!("127.0.0.1:{port}")]);
    client.until("a connection", || is_connected(&client).then_some(()));
    say(&client, "你好，打印机在三楼吗？🙂");
    nc.hears("你好，打印机在三楼吗？🙂");
    nc.type_line("It is on the third floor.");
    client.reads("It is on the third floor.");
    picture(&client, "sandbox-client");
    client.close();
    assert_eq!(client.end(), Some(0));
}

#[test]
#[ignore = "needs the Flatpaks: ./dev package flatpak"]
fn both_in_their_sandboxes_talk_to_each_other() {
    let Some(desktop) = Desktop::with(&still()) else {
        return;
    };
    let room = Room::open(&desktop);
    let client = desktop.start("hallway", &["--plain", &room.address().to_string()]);
    client.until("a connection", || is_connected(&client).then_some(()));
    say(&client, "Good morning");
    room.reads("Good morning");
    say(&room, "Good morning to you");
    client.reads("Good morning to you");
}

#[test]
#[ignore = "needs the Flatpaks: ./dev package flatpak"]
fn both_start_by_their_entry_in_the_menu() {
    let Some(desktop) = Desktop::with(&still()) else {
        return;
    };
    let exported = env::var("FLATPAK_USER_DIR").expect("packaging/flatpak/test says where");
    for (id, title) in BOTH.into_iter().zip(["Hallway Server", "Hallway"]) {
        // By D-Bus, since that is what the entry says: the bus finds the exported service.
        let entry = format!("{exported}/exports/share/applications/{id}.desktop");
        let Some(mut launch) = foreign_with("gio", ["launch", &entry]) else {
            return;
        };
        desktop.settle(&mut launch);
        let mut launch = Program::spawn(launch);
        assert!(launch.end(PATIENCE).success(), "{:?}", launch.err().all());
        let titles = [title.to_owned()];
        until(PATIENCE, &format!("a window of {id}"), || {
            let mut windows = desktop.screen().windows_titled(&titles).into_iter();
            windows.next()
        });
    }
}

#[test]
#[ignore = "needs the Flatpaks: ./dev package flatpak"]
fn both_speak_the_language_of_the_person() {
    let look = Look {
        language: Some("zh_CN"),
        ..still()
    };
    let Some(desktop) = Desktop::with(&look) else {
        return;
    };
    for program in ["hallway-server", "hallway"] {
        let app = desktop.start(program, &[]);
        app.until("a text in Chinese", || {
            let mut texts = app.texts().into_iter();
            texts.find(|text| text.contains("走廊"))
        });
        picture(&app, &format!("sandbox-chinese-{program}"));
    }
}
