//! Both windows in Chinese.

use std::collections::BTreeSet;
use std::fs;

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::{Kind, Node};
use hallway_tests::desktop::windows::Room;
use hallway_tests::desktop::{Desktop, Look, source};
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
            (server.all(Kind::Switch).len() == 3).then_some(())
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
        let client = desktop.start("hallway", &[&room.address().to_string()]);
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
