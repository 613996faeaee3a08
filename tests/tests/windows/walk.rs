//! Every window, dialog, popover and menu, gone through by keyboard and read as a screen reader does.

use std::fs;

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::walk::{Stop, fits, names};
use hallway_tests::desktop::windows::{Room, join, say};
use hallway_tests::desktop::{Desktop, Look, PSEUDO, source};
use hallway_tests::peer::Peer;
use hallway_tests::wait::SILENCE;

/// More presses than any window or dialog has stops.
const MOST: usize = 60;

/// What ends the program, or opens a window that is like the one there is.
const LEFT_OUT: [&str; 2] = ["Quit", "New Window"];

/// Windows of GTK's own, whose parts are not ours to name.
const OF_GTK: [&str; 1] = ["Export Conversation"];

/// The width and height of the smallest window, with its border.
const SMALL: (i32, i32) = (370, 650);

/// The order of the stops that the documentation tells of a page.
#[track_caller]
fn written(page: &str) -> Vec<String> {
    let file = source().join("docs/accessibility.md");
    let text = fs::read_to_string(file).expect("the documentation is there");
    let (_, after) = text
        .split_once(&format!("### {page}\n"))
        .unwrap_or_else(|| panic!("nothing is written of “{page}”"));
    let lines = after.lines().skip(1);
    let items = lines.take_while(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    let names = items.filter_map(|line| Some(line.split_once(". ")?.1.to_owned()));
    names.collect()
}

#[track_caller]
fn front(app: &App<'_>) {
    let screen = app.desktop().screen();
    screen.activate(&app.first_window());
}

/// Tab goes through the stops as it is written, and Shift+Tab back.
#[track_caller]
fn is_as_written(app: &App<'_>, page: &str) {
    let there = app.round("Tab", MOST);
    let expected = written(page);
    let agrees = |from: usize| {
        let mut stops = there.iter().cycle().skip(from);
        expected
            .iter()
            .all(|name| stops.next().is_some_and(|stop| fits(&stop.name, name)))
    };
    if there.len() != expected.len() || !(0..there.len()).any(agrees) {
        let found = names(&there);
        app.fail(&format!(
            "{page}: {found:#?}, not as is written: {expected:#?}"
        ));
    }
    comes_back(app, &there);
}

/// Shift+Tab goes through the same stops the other way round. A text with links is one of them: Tab
/// stops in it once more for each link, Shift+Tab does not.
#[track_caller]
fn comes_back(app: &App<'_>, there: &[Stop]) {
    let mut there = there.to_vec();
    let mut back = app.round("shift+Tab", MOST);
    back[1..].reverse();
    there.dedup();
    back.dedup();
    if back != there {
        let (there, back) = (names(&there), names(&back));
        app.fail(&format!("Tab: {there:#?}, Shift+Tab backwards: {back:#?}"));
    }
}

/// Whatever can be used is called something, and no two things the same.
#[track_caller]
fn is_named(app: &App<'_>) {
    let unnamed = app.unnamed();
    if !unnamed.is_empty() {
        app.fail(&format!("called nothing: {unnamed:#?}"));
    }
}

/// Opens everything that the main menu offers, and looks at it.
#[track_caller]
fn menu_is_sound(app: &App<'_>) {
    let screen = app.desktop().screen();
    front(app);
    let open = || {
        screen.press("F10");
        app.find(Kind::Item, "Keyboard Shortcuts");
    };
    let left_out = LEFT_OUT.map(|name| app.desktop().words(name)).concat();
    let of_gtk = OF_GTK.map(|name| app.desktop().words(name)).concat();
    open();
    is_named(app);
    let items = app.all(Kind::Item);
    let entries: Vec<String> = items
        .iter()
        .filter(|item| item.is_sensitive() && !item.is_switch())
        .map(|item| item.name().to_owned())
        .filter(|name| !left_out.contains(&name.as_str()))
        .collect();
    assert!(entries.len() >= 2, "{entries:?}");
    screen.press("Escape");
    app.gone(Kind::Item, "Keyboard Shortcuts");
    for entry in entries {
        let before = app.focus();
        let windows = app.windows();
        open();
        app.click(Kind::Item, &entry);
        app.gone(Kind::Item, "Keyboard Shortcuts");
        let Some(title) = opened(app, &windows) else {
            // It did something in this window.
            screen.press("Escape");
            continue;
        };
        println!("{entry}: “{title}”");
        if !of_gtk.contains(&title.as_str()) {
            is_named(app);
            let there = app.round("Tab", MOST);
            let nameless = there.iter().filter(|stop| stop.name.is_empty()).count();
            assert_eq!(nameless, 0, "{title}: {there:#?}");
            comes_back(app, &there);
        }
        screen.press("Escape");
        app.until(&format!("the end of “{title}”"), || {
            (app.windows().len() == windows.len()).then_some(())
        });
        if let Some(before) = before {
            app.focuses(&before.name);
        }
    }
}

/// The title of the window that has come since; none where none comes.
fn opened(app: &App<'_>, before: &[String]) -> Option<String> {
    let deadline = std::time::Instant::now() + 4 * SILENCE;
    while std::time::Instant::now() < deadline {
        let now = app.windows();
        if now.len() > before.len() {
            return now.into_iter().find(|title| !before.contains(title));
        }
    }
    None
}

/// A text with links, which are stops of their own.
const LINKS: &str = "see https://example.org/ and hallway://lab";

/// A room with somebody in it, who has said this.
fn lively<'a>(desktop: &'a Desktop, text: &str) -> (Room<'a>, Peer) {
    let room = Room::open(desktop);
    let mut ana = room.peer_named("Ana");
    ana.line(text);
    room.holds(text.split(' ').next_back().unwrap_or_default());
    (room, ana)
}

fn small(app: &App<'_>) {
    let window = app.first_window();
    let screen = app.desktop().screen();
    screen.resize(&window, SMALL.0, SMALL.1);
    app.until("a small window", || {
        let place = screen.place_of(&window)?;
        (place.width == SMALL.0).then_some(())
    });
}

#[test]
fn the_server_before_it_listens() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let server = desktop.start("hallway-server", &[]);
    front(&server);
    is_named(&server);
    is_as_written(&server, "The server before it listens");
    assert_eq!(server.round("F6", MOST).len(), 3);
    menu_is_sound(&server);
}

#[test]
fn the_server_in_a_conversation() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let (room, _ana) = lively(&desktop, "good morning");
    front(&room);
    is_named(&room);
    room.focuses("Message");
    is_as_written(&room, "The server in a conversation");
    let parts = room.round("F6", MOST);
    assert_eq!(parts.len(), 6, "{parts:#?}");
    let mut back = room.round("shift+F6", MOST);
    back[1..].reverse();
    assert_eq!(names(&back), names(&parts));
    menu_is_sound(&room);
}

#[test]
fn the_client_before_and_in_a_conversation() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let client = desktop.start_apart("hallway", &[]);
    front(&client);
    is_named(&client);
    is_as_written(&client, "The client before it talks to anybody");
    client.press("ctrl+l");
    client.focuses("Address");
    is_named(&client);
    is_as_written(&client, "The question for an address");
    desktop.screen().press("Escape");
    client.gone(Kind::Window, "Connect to Address");
    menu_is_sound(&client);
    drop(client);

    let (room, _ana) = lively(&desktop, "good morning");
    let client = join(&desktop, room.address());
    say(&client, "hello");
    front(&client);
    is_named(&client);
    client.focuses("Message");
    is_as_written(&client, "The client in a conversation");
    menu_is_sound(&client);
}

#[test]
fn a_message_has_its_links_and_its_menu() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let (room, _ana) = lively(&desktop, LINKS);
    let screen = desktop.screen();
    front(&room);
    screen.press("alt+End");
    let row = room.focuses("Ana, …example.org…");
    let link = room.focus_after("Tab").expect("its text has links");
    assert_ne!(link, row);
    assert_eq!(room.focus_after("Escape").as_ref(), Some(&row));
    screen.press("Menu");
    room.find(Kind::Item, "Copy");
    is_named(&room);
    screen.press("Escape");
    room.gone(Kind::Item, "Copy");
    room.focuses("Ana, …example.org…");
}

/// What vanishes under the keyboard leaves it somewhere near.
#[test]
fn the_focus_is_never_nowhere() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let screen = desktop.screen();
    front(&room);
    let silent = room.peer();
    let named = silent.address().to_string();
    room.focuses("Message");
    screen.press("alt+Down");
    screen.press("shift+F6");
    screen.press("shift+F6");
    room.focuses("…");
    for _ in 0..8 {
        if room
            .focus()
            .is_some_and(|stop| stop.name.starts_with(&named))
        {
            break;
        }
        room.focus_after("shift+F6");
    }
    room.focuses(&format!("{named}…"));
    // Nobody has spoken with it: its row goes with it.
    drop(silent);
    room.focuses("Everyone, …");

    // Cleared under the keyboard.
    let mut ana = room.peer_named("Ana");
    ana.line("to be cleared");
    room.reads("to be cleared");
    screen.press("alt+End");
    room.focuses("Ana, …");
    screen.press("F10");
    room.click(Kind::Item, "Clear Conversation…");
    room.click(Kind::Button, "Clear");
    room.stops_reading("to be cleared");
    room.focuses("Message");

    // Closed under the keyboard.
    room.click(Kind::Button, "Stop");
    room.focuses("Start Listening");
}

#[track_caller]
fn small_windows(look: &Look) {
    let Some(desktop) = Desktop::with(look) else {
        return;
    };
    let server = desktop.start_apart("hallway-server", &[]);
    small(&server);
    front(&server);
    is_named(&server);
    let there = server.round("Tab", MOST);
    comes_back(&server, &there);
    menu_is_sound(&server);
    drop(server);
    let (room, _ana) = lively(&desktop, LINKS);
    small(&room);
    let client = join(&desktop, room.address());
    small(&client);
    for app in [&*room, &client] {
        front(app);
        is_named(app);
        let there = app.round("Tab", MOST);
        comes_back(app, &there);
        let parts = app.round("F6", MOST);
        assert!(parts.len() >= 3, "{parts:#?}");
    }
}

#[test]
fn the_same_where_there_is_little_room() {
    small_windows(&Look::default());
}

#[test]
fn the_same_with_letters_twice_as_large() {
    small_windows(&Look {
        is_large: true,
        ..Look::default()
    });
}

#[test]
fn the_same_in_longer_words() {
    small_windows(&Look::default().in_language(PSEUDO));
}
