//! Both windows in conversation.

use hallway_tests::desktop::Desktop;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{Room, join, say};

#[test]
fn both_windows_talk_in_chinese_and_emoji() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let client = join(&desktop, room.address());
    say(&room, "你好，打印机在三楼吗？🙂");
    client.reads("你好，打印机在三楼吗？🙂");
    say(&client, "在三楼走廊右手边 👍🏽");
    room.reads("在三楼走廊右手边 👍🏽");
    // What we said stands there, too.
    room.reads("你好，打印机在三楼吗？🙂");
    client.reads("在三楼走廊右手边 👍🏽");
}

#[test]
fn a_text_of_several_lines_is_several_messages() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let client = join(&desktop, room.address());
    let mut peer = room.peer();
    say(&client, "one\ntwo\nthree");
    for line in ["one", "two", "three"] {
        assert!(peer.next_line().ends_with(&format!(": {line}")));
        room.reads(line);
    }
}

#[test]
fn a_person_takes_a_name() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let client = join(&desktop, room.address());
    let other = join(&desktop, room.address());
    say(&client, "/name 陈伟");
    room.person("陈伟");
    room.reads("is now 陈伟");
    say(&client, "打印机在三楼");
    other.reads("打印机在三楼");
    other.reads("陈伟");
}

#[test]
fn text_is_found() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    let mut peer = room.peer_named("Ana");
    for text in ["the red key", "nothing of interest", "the blue key"] {
        peer.line(text);
        room.reads(text);
    }
    room.press("ctrl+f");
    room.find(Kind::Button, "Find Earlier");
    desktop.screen().type_text("RED");
    let entry = room.until("the search entry", || {
        let all = room.all(Kind::Text);
        all.into_iter().find(|entry| entry.text() == "RED")
    });
    assert_eq!(entry.text(), "RED");
    desktop.screen().press("Escape");
    room.until("an end of the search", || {
        let all = room.all(Kind::Text);
        all.iter().all(|entry| entry.text() != "RED").then_some(())
    });
}
