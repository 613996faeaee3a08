//! Both windows in Chinese, and in a language that nobody speaks, which shows what is not translated.

use std::collections::BTreeSet;
use std::fs;

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::{Kind, Node};
use hallway_tests::desktop::windows::{HOST, Room, join, say};
use hallway_tests::desktop::{Desktop, Look, PSEUDO, source};
use hallway_tests::world::skip;

/// What is the same in every language.
const NOT_WORDS: [&str; 3] = ["Hana", "nc localhost", "Echo"];

/// What can be clicked on, switched or chosen in a window, by its names.
fn named(app: &App<'_>) -> BTreeSet<String> {
    let kinds = [
        Kind::Button,
        Kind::Switch,
        Kind::Choice,
        Kind::Number,
        Kind::Item,
        Kind::Label,
    ];
    let nodes = kinds.into_iter().flat_map(|kind| app.all(kind));
    let names = |node: Node<'_>| {
        let texts = [node.name().to_owned(), node.description().to_owned()];
        texts.into_iter().chain(node.texts().to_vec())
    };
    nodes
        .flat_map(names)
        .filter(|text| is_english(text))
        .collect()
}

/// Whether it has a word of English in it.
fn is_english(text: &str) -> bool {
    let is_kept = NOT_WORDS.iter().any(|word| text.contains(word));
    let mut words = text.split(|c: char| !c.is_ascii_alphabetic());
    !is_kept
        && words.any(|word| word.len() > 2 && !word.starts_with("Gtk") && !word.starts_with("Adw"))
}

/// Texts of a program in English and in Chinese.
fn both(
    open: impl Fn(&Desktop) -> BTreeSet<String>,
) -> Option<(BTreeSet<String>, BTreeSet<String>)> {
    let english = open(&Desktop::new()?);
    let chinese = open(&Desktop::with(&Look::default().in_language("zh_CN"))?);
    Some((english, chinese))
}

fn is_complete() -> bool {
    let po = fs::read_to_string(source().join("po/zh_CN.po")).expect("the translation is there");
    po.contains("msgid \"Open a Room\"") || {
        skip("the translation into Chinese does not know the windows yet");
        false
    }
}

/// No text that stands in the English window stands in the Chinese one.
#[track_caller]
fn are_different(english: &BTreeSet<String>, chinese: &BTreeSet<String>) {
    assert!(english.len() > 5, "{english:?}");
    let left: Vec<_> = chinese.intersection(english).collect();
    assert!(left.is_empty(), "not translated: {left:?}");
}

#[test]
fn the_server_speaks_chinese() {
    if !is_complete() {
        return;
    }
    let setup = |desktop: &Desktop| {
        let server = desktop.start("hallway-server", &[]);
        server.until("the page", || {
            (server.all(Kind::Switch).len() == 4).then_some(())
        });
        named(&server)
    };
    let Some((english, chinese)) = both(setup) else {
        return;
    };
    are_different(&english, &chinese);
    let room = |desktop: &Desktop| {
        let room = Room::open(desktop);
        room.until("the page", || {
            (!room.all(Kind::Text).is_empty()).then_some(())
        });
        named(&room)
    };
    let Some((english, chinese)) = both(room) else {
        return;
    };
    are_different(&english, &chinese);
}

#[test]
fn the_client_speaks_chinese() {
    if !is_complete() {
        return;
    }
    let start = |desktop: &Desktop| {
        let client = desktop.start("hallway", &[]);
        client.until("the page", || {
            (client.all(Kind::Button).len() > 3).then_some(())
        });
        named(&client)
    };
    let Some((english, chinese)) = both(start) else {
        return;
    };
    are_different(&english, &chinese);
    let talk = |desktop: &Desktop| {
        let room = Room::open(desktop);
        let client = desktop.start("hallway", &["--plain", &room.address().to_string()]);
        room.until("somebody", || (room.all(Kind::Row).len() > 1).then_some(()));
        named(&client)
    };
    let Some((english, chinese)) = both(talk) else {
        return;
    };
    are_different(&english, &chinese);
}

#[test]
fn words_that_a_chinese_user_expects() {
    if !is_complete() {
        return;
    }
    let look = Look::default().in_language("zh_CN");
    let Some(desktop) = Desktop::with(&look) else {
        return;
    };
    let server = desktop.start("hallway-server", &["--address", "127.0.0.1", "--port", "0"]);
    server.reads("端口");
    server.reads("监听");
}

/// What is read in a window that is not ours to translate: GTK's own words, and names of ours.
const NOT_TRANSLATED: [&str; 10] = [
    // The window buttons of GTK, and what it says of them.
    "Minimize the window",
    "Maximize the window",
    "Close the window",
    "Minimize",
    "Maximize",
    "Close",
    // What libadwaita says of a password.
    "Show Text",
    // The host, a person, and what they say.
    HOST,
    "Ana",
    "good morning",
];

/// Whether a text has words outside of the brackets.
fn is_translated(text: &str) -> bool {
    let mut depth = 0_u32;
    let mut outside = String::new();
    for character in text.chars() {
        match character {
            '⟦' => depth += 1,
            '⟧' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(character),
            _ => {}
        }
    }
    for known in NOT_TRANSLATED {
        outside = outside.replace(known, "");
    }
    // What has no name of its own is told by the name of its class.
    let mut words = outside.split(|c: char| !c.is_alphabetic());
    words.all(|word| {
        word.chars().count() < 3
            || [
                "Gtk",
                "Adw",
                "Hallway",
                "Ctrl",
                "Shift",
                "Alt",
                "Delete",
                "localhost",
            ]
            .iter()
            .any(|known| word.starts_with(known))
    })
}

#[track_caller]
fn is_all_translated(app: &App<'_>) {
    let texts = app.read_out();
    assert!(texts.iter().any(|text| text.contains('⟦')), "{texts:#?}");
    let left: BTreeSet<_> = texts
        .into_iter()
        .filter(|text| !is_translated(text))
        .collect();
    if !left.is_empty() {
        app.fail(&format!("not translated: {left:#?}"));
    }
}

/// Goes through the main menu and looks at whatever opens. GTK's own windows have GTK's words, and
/// the pages of the help are files of each language, which nobody speaks here.
#[track_caller]
fn menu_is_translated(app: &App<'_>) {
    const LEFT_OUT: [&str; 7] = [
        "Keyboard Shortcuts",
        "Help",
        "About Hallway",
        "About Hallway Server",
        "Export…",
        "New Window",
        "Quit",
    ];
    let screen = app.desktop().screen();
    app.press("F10");
    app.find(Kind::Item, "Keyboard Shortcuts");
    is_all_translated(app);
    let left_out = LEFT_OUT.map(|name| app.desktop().words(name)).concat();
    let entries: Vec<_> = app
        .all(Kind::Item)
        .iter()
        .filter(|item| item.is_sensitive() && !item.is_switch())
        .map(|item| item.name().to_owned())
        .collect();
    screen.press("Escape");
    app.gone(Kind::Item, "Keyboard Shortcuts");
    for entry in entries {
        if left_out.contains(&entry.as_str()) {
            continue;
        }
        let count = app.windows().len();
        app.press("F10");
        app.click(Kind::Item, &entry);
        app.gone(Kind::Item, "Keyboard Shortcuts");
        std::thread::sleep(2 * hallway_tests::wait::SILENCE);
        is_all_translated(app);
        screen.press("Escape");
        app.until("the end of a dialog", || {
            (app.windows().len() == count).then_some(())
        });
    }
}

#[test]
fn nothing_of_the_server_is_left_untranslated() {
    let look = Look::default().in_language(PSEUDO);
    let Some(desktop) = Desktop::with(&look) else {
        return;
    };
    let server = desktop.start_apart("hallway-server", &["--name", HOST]);
    server.find(Kind::Button, "Start Listening");
    is_all_translated(&server);
    menu_is_translated(&server);
    drop(server);
    let room = Room::open(&desktop);
    room.find(Kind::Button, "Copy Command");
    is_all_translated(&room);
    let mut ana = room.peer();
    ana.line("/name Ana");
    ana.answer();
    ana.line("good morning");
    room.holds("good morning");
    is_all_translated(&room);
    menu_is_translated(&room);
    room.person("Ana").click_with_mouse(3);
    room.find(Kind::Item, "Rename…");
    is_all_translated(&room);
    room.click(Kind::Item, "Rename…");
    room.find(Kind::Button, "Rename");
    is_all_translated(&room);
}

#[test]
fn nothing_of_the_client_is_left_untranslated() {
    let look = Look::default().in_language(PSEUDO);
    let Some(desktop) = Desktop::with(&look) else {
        return;
    };
    let client = desktop.start_apart("hallway", &[]);
    client.find(Kind::Button, "Main Menu");
    is_all_translated(&client);
    menu_is_translated(&client);
    drop(client);
    let room = Room::open(&desktop);
    let client = join(&desktop, room.address());
    say(&client, "good morning");
    is_all_translated(&client);
    client.click(Kind::Button, "Conversation Menu");
    client.find(Kind::Item, "Disconnect");
    is_all_translated(&client);
    client.click(Kind::Item, "Disconnect");
    client.find(Kind::Button, "Reconnect");
    is_all_translated(&client);
    room.kill();
    client.click(Kind::Button, "Reconnect");
    client.find(Kind::Button, "Try Again");
    is_all_translated(&client);
}
