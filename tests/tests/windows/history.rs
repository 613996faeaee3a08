//! What is kept, looked through in the windows as a person does.

use std::fs;

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::{Kind, Node};
use hallway_tests::desktop::windows::{Room, close_dialog, join, say};
use hallway_tests::desktop::{Desktop, Look};

/// The title of the window.
const HISTORY: &str = "Conversation History";

/// The border of a window, which is not part of the size that it is asked to have.
const BORDER: i32 = 10;

/// Opens the history of a client from its menu.
#[track_caller]
fn open_history(app: &App<'_>) {
    app.click(Kind::Button, "Main Menu");
    app.click(Kind::Item, HISTORY);
    app.window(HISTORY);
}

/// Presses keys in the history.
#[track_caller]
fn press(app: &App<'_>, keys: &str) {
    let screen = app.desktop().screen();
    screen.activate(&app.window(HISTORY));
    screen.press(keys);
}

/// Types what is looked for.
#[track_caller]
fn look_for(app: &App<'_>, words: &str) {
    app.find(Kind::Text, "Search all conversations")
        .set_text(words);
}

/// Waits for a row that is called so in part.
#[track_caller]
fn row<'a>(app: &'a App<'_>, part: &str) -> Node<'a> {
    app.until(&format!("a row with “{part}”"), || {
        let mut rows = app.all(Kind::Row).into_iter();
        rows.find(|row| row.name().contains(part))
    })
}

/// A client that has said and heard something in a room, and was closed.
#[track_caller]
fn talk_a_little(desktop: &Desktop) -> String {
    let room = Room::open(desktop);
    let client = join(desktop, room.address());
    let mut ana = room.peer_named("Ana");
    say(&client, "the printer is on the third floor");
    room.reads("third floor");
    ana.line("打印机在三楼");
    client.reads("打印机在三楼");
    for number in 0..150 {
        ana.line(&format!("filler {number}"));
    }
    client.reads("filler 149");
    client.close();
    assert_eq!(client.end(), Some(0));
    room.address().to_string()
}

#[test]
fn what_was_said_plainly_is_found_after_a_restart() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let address = talk_a_little(&desktop);
    let client = desktop.start("hallway", &[]);
    open_history(&client);
    row(&client, &address);
    // All of it is there, the newest in view.
    client.reads("filler 149");
    look_for(&client, "打印");
    row(&client, "Ana");
    press(&client, "Return");
    // It was not among the newest, and what was said next follows it.
    client.reads("filler 0");
    client.stops_reading("filler 149");
    let found = client.all(Kind::Row).into_iter();
    let found = found.filter(|row| row.name().contains("打印机在三楼"));
    let found: Vec<_> = found.map(|row| row.name().to_owned()).collect();
    assert_eq!(found.len(), 2, "as a result and in its place: {found:?}");
    assert!(
        found.iter().all(|name| name.starts_with("Ana, ")),
        "{found:?}"
    );
    look_for(&client, "thi prin");
    row(&client, "the printer is on the third floor");
    look_for(&client, "nobody said that");
    client.reads("Nothing Found");
}

#[test]
fn what_is_deleted_is_gone_and_asked_about() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let address = talk_a_little(&desktop);
    let client = desktop.start("hallway", &[]);
    open_history(&client);
    row(&client, &address);
    client.click(Kind::Button, "Conversation Menu");
    client.click(Kind::Item, "Delete This Conversation…");
    client.reads("That cannot be undone");
    client.click(Kind::Button, "Cancel");
    client.stops_reading("That cannot be undone");
    row(&client, &address);
    client.click(Kind::Button, "Conversation Menu");
    client.click(Kind::Item, "Delete This Conversation…");
    client.click(Kind::Button, "Delete");
    client.reads("Nothing Kept Yet");
    press(&client, "Escape");
    client.gone(Kind::Window, HISTORY);
    assert!(!client.has_ended());
}

#[test]
fn a_conversation_is_exported_whole_as_text_and_as_json() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let address = talk_a_little(&desktop);
    let client = desktop.start("hallway", &[]);
    open_history(&client);
    row(&client, &address);
    for (entry, name) in [
        ("Export as Text…", "said.txt"),
        ("Export as JSON…", "said.json"),
    ] {
        let file = desktop.home().join(name);
        client.click(Kind::Button, "Conversation Menu");
        client.click(Kind::Item, entry);
        client.find(Kind::Button, "Save");
        desktop.screen().press("ctrl+a");
        desktop.screen().type_text(&file.to_string_lossy());
        desktop.screen().press("Return");
        client.reads(&format!("Exported to {name}"));
        let text = fs::read_to_string(&file).expect("it is there");
        for line in [
            "the printer is on the third floor",
            "打印机在三楼",
            "filler 149",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        let left = fs::read_dir(desktop.home()).expect("it is there").flatten();
        let mut names = left.map(|file| file.file_name().to_string_lossy().into_owned());
        assert!(!names.any(|name| name.contains(".part")));
    }
}

#[test]
fn a_session_only_leaves_nothing() {
    let look = Look {
        remembers: true,
        ..Look::default()
    };
    let Some(desktop) = Desktop::with(&look) else {
        return;
    };
    let settings = desktop.home().join("config/glib-2.0/settings");
    fs::create_dir_all(&settings).expect("there is room");
    let text = "[chat/hallway/Client]\nkeep-history='session'\n";
    fs::write(settings.join("keyfile"), text).expect("there is room");
    talk_a_little(&desktop);
    let client = desktop.start("hallway", &[]);
    open_history(&client);
    client.reads("Nothing Kept Yet");
}

/// Chooses how long conversations are kept, among the preferences: with these keys from the first.
/// Answers the question with a button.
#[track_caller]
fn keep(client: &App<'_>, keys: &[&str], question: &str, answer: &str) {
    let screen = client.desktop().screen();
    client.until("the row", || {
        let stop = client.focus_after("shift+Tab");
        stop.is_some_and(|stop| stop.name == "Keep Conversations")
            .then_some(())
    });
    screen.press("Return");
    for key in ["Home"].iter().chain(keys) {
        screen.press(key);
    }
    screen.press("Return");
    client.reads(question);
    client.click(Kind::Button, answer);
    client.stops_reading(question);
}

#[test]
fn what_keeps_less_is_asked_about_and_done() {
    let look = Look {
        remembers: true,
        ..Look::default()
    };
    let Some(desktop) = Desktop::with(&look) else {
        return;
    };
    let address = talk_a_little(&desktop);
    let client = desktop.start("hallway", &[]);
    client.press("ctrl+comma");
    keep(&client, &["End"], "Keep This Session Only?", "Cancel");
    let settings = desktop.home().join("config/glib-2.0/settings/keyfile");
    let chosen = || fs::read_to_string(&settings).unwrap_or_default();
    assert!(!chosen().contains("keep-history"), "{}", chosen());
    keep(&client, &["Down"], "Keep 30 Days Only?", "Keep 30 Days");
    client.until("30 days", || {
        chosen().contains("keep-history='30-days'").then_some(())
    });
    client.desktop().screen().press("Escape");
    client.gone(Kind::Choice, "Keep Conversations");
    open_history(&client);
    row(&client, &address);
    press(&client, "Escape");
    client.gone(Kind::Window, HISTORY);
    client.press("ctrl+comma");
    keep(
        &client,
        &["End"],
        "Keep This Session Only?",
        "Keep This Session Only",
    );
    client.until("this session", || {
        chosen().contains("keep-history='session'").then_some(())
    });
    client.desktop().screen().press("Escape");
    client.gone(Kind::Choice, "Keep Conversations");
    // Until the end it is there.
    open_history(&client);
    row(&client, &address);
    press(&client, "Escape");
    client.gone(Kind::Window, HISTORY);
    client.close();
    assert_eq!(client.end(), Some(0));
    let client = desktop.start("hallway", &[]);
    open_history(&client);
    client.reads("Nothing Kept Yet");
}

#[test]
fn a_damaged_history_is_told_by_its_name_and_stays() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let folder = desktop.home().join("data/hallway/client");
    fs::create_dir_all(&folder).expect("there is room");
    fs::write(folder.join("history.db"), "not at all").expect("there is room");
    let client = desktop.start("hallway", &[]);
    open_history(&client);
    close_dialog(&client, "A file was damaged and is now");
    client.reads("Nothing Kept Yet");
    let mut files = fs::read_dir(&folder).expect("it is there").flatten();
    let is_kept = files.any(|file| fs::read(file.path()).is_ok_and(|text| text == b"not at all"));
    assert!(is_kept, "what was damaged is still there");
}

#[test]
fn known_servers_and_people_begin_with_nobody() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let client = desktop.start("hallway", &[]);
    client.click(Kind::Button, "Main Menu");
    client.click(Kind::Item, "Known Servers");
    client.window("Known Servers");
    client.reads("Nobody Is Known Yet");
    let server = desktop.start("hallway-server", &[]);
    server.click(Kind::Button, "Main Menu");
    server.click(Kind::Item, "Known People");
    server.window("Known People");
    server.reads("Nobody Is Known Yet");
}

#[test]
fn a_narrow_window_shows_the_list_or_a_conversation() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let address = talk_a_little(&desktop);
    let client = desktop.start("hallway", &[]);
    open_history(&client);
    client.reads("filler 149");
    let window = client.window(HISTORY);
    let screen = desktop.screen();
    screen.resize(&window, 360 + BORDER, 640 + BORDER);
    let place = client.until("a narrow window", || {
        screen
            .place_of(&window)
            .filter(|place| place.width <= 360 + BORDER)
    });
    assert_eq!(place.width, 360 + BORDER);
    press(&client, "alt+Left");
    client.stops_reading("filler 149");
    row(&client, &address).click_with_mouse(1);
    client.reads("filler 149");
}
