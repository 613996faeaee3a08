//! Both windows in conversation, as README shows them.

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{Room, say};
use hallway_tests::desktop::{Desktop, Look, source};

use crate::stage::together;

/// Left, top, width and height of the windows.
const SERVER: [i32; 4] = [24, 24, 860, 580];
const CLIENT: [i32; 4] = [900, 24, 400, 580];

/// The usual one, which must be free.
pub(crate) const PORT: u16 = 4255;

pub(crate) fn show() {
    let look = Look {
        is_still: true,
        ..Look::default()
    };
    let desktop = Desktop::with(&look).expect("what the other pictures needed");
    let room = Room::open_on(&desktop, PORT, &[]);
    let client = desktop.start(
        "hallway",
        &["--plain", &format!("localhost:{}", room.port())],
    );
    client.reads("Connected to");
    say(&client, "/name 陈伟");
    let mut ana = room.peer_named("Ana");
    ana.line("Good morning! Is the projector free after three?");
    client.reads("Is the projector free");
    say(&room, "Free until five. I will leave the key at the desk.");
    client.reads("Free until five.");
    say(&client, "你好，打印机在三楼吗？");
    room.reads("你好，打印机在三楼吗？");
    say(&room, "在三楼走廊右手边 🙂");
    client.reads("在三楼走廊右手边 🙂");
    say(&client, "谢谢！");
    room.reads("谢谢！");
    room.find(Kind::Button, "Stop");
    let places = [put(&room, SERVER), put(&client, CLIENT)];
    let [one, other] = places;
    let folder = source().join("docs/pictures");
    std::fs::create_dir_all(&folder).expect("the source tree can be written");
    let file = folder.join("hallway.png");
    desktop
        .screen()
        .still_picture_of(together(one, other), &file);
    println!("{}", file.display());
}

/// Puts a window there; where it is then.
fn put(app: &App<'_>, [x, y, width, height]: [i32; 4]) -> hallway_tests::desktop::screen::Place {
    let screen = app.desktop().screen();
    let window = app.first_window();
    screen.resize(&window, width, height);
    screen.move_to(&window, x, y);
    app.until("the window in its place", || {
        screen
            .place_of(&window)
            .filter(|place| (place.x, place.width) == (x, width))
    })
}
