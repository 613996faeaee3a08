//! Each window alone, as catalogues of software show it: with a shadow and nothing behind it. The
//! pictures go to `docs/pictures`, and the metainfo files name them.

use std::path::Path;

use hallway_tests::desktop::app::{App, pictures};
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::windows::{HOST, Room, say};
use hallway_tests::desktop::{Desktop, Look, source};
use hallway_tests::world::foreign_with;

use crate::stage::{BORDER, inside};
use crate::together::PORT;

/// Width and height of the windows, in pixels.
const WIDE: (i32, i32) = (960, 600);
const TALL: (i32, i32) = (960, 700);
const NARROW: (i32, i32) = (360, 640);

/// The radius of the corners that a window has on a desktop, in pixels.
const CORNER: i32 = 12;

/// How dark, in percent, how soft and how far down the shadow is, in pixels.
const SHADOW: &str = "45x14+0+6";

pub(crate) fn show() {
    let look = Look {
        is_still: true,
        ..Look::default()
    };
    let desktop = Desktop::with(&look).expect("what the other pictures needed");
    let setup = desktop.start("hallway-server", &["--name", HOST]);
    setup.find(Kind::Button, "Start Listening");
    take(&setup, TALL, "hallway-server-setup");
    setup.close();
    setup.end();
    let room = Room::open_on(&desktop, PORT, &[]);
    let client = desktop.start(
        "hallway",
        &["--plain", &format!("localhost:{}", room.port())],
    );
    client.reads("Connected to");
    say(&client, "/name 陈伟");
    let mut ana = room.peer_named("Ana");
    let _sensor = room.peer_named("Sensor");
    let mut says = |text: &str| {
        ana.line(text);
        room.reads(text);
        client.reads(text);
    };
    says("Good morning! Is the projector free after three?");
    says("The small one is enough.");
    say(&room, "Free until five. I will leave the key at the desk.");
    client.reads("Free until five.");
    say(&client, "你好，打印机在三楼吗？");
    room.reads("你好，打印机在三楼吗？");
    say(&room, "在三楼走廊右手边 🙂");
    client.reads("在三楼走廊右手边 🙂");
    say(&client, "谢谢！");
    room.reads("谢谢！");
    take(&room, WIDE, "hallway-server");
    take(&client, WIDE, "hallway-client");
    take(&client, NARROW, "hallway-client-narrow");
}

fn take(app: &App<'_>, (width, height): (i32, i32), name: &str) {
    let screen = app.desktop().screen();
    let window = app.first_window();
    screen.activate(&window);
    screen.resize(&window, width + BORDER, height + BORDER);
    screen.move_to(&window, 0, 0);
    let place = app.until("the window in its place", || {
        let place = screen.place_of(&window)?;
        (place.width == width + BORDER && place.x == 0).then_some(place)
    });
    let plain = pictures().join(name).with_extension("png");
    screen.still_picture_of(inside(place), &plain);
    let folder = source().join("docs/pictures");
    std::fs::create_dir_all(&folder).expect("the source tree can be written");
    let file = folder.join(name).with_extension("png");
    with_shadow(&plain, (width, height), &file);
    println!("{}", file.display());
}

/// What a desktop does with a window, and the screen of the tests does not.
fn with_shadow(plain: &Path, (width, height): (i32, i32), file: &Path) {
    let (right, bottom) = (width - 1, height - 1);
    let shape = format!("roundrectangle 0,0,{right},{bottom},{CORNER},{CORNER}");
    let mask = [
        "(",
        "+clone",
        "-alpha",
        "transparent",
        "-fill",
        "white",
        "-draw",
        &shape,
        ")",
    ];
    let shadow = [
        "(",
        "+clone",
        "-background",
        "black",
        "-shadow",
        SHADOW,
        ")",
    ];
    let mut command = foreign_with("convert", ["-quiet"]).expect("import is part of the same");
    command.arg(plain).args(["-alpha", "set"]).args(mask);
    command.args(["-compose", "DstIn", "-composite", "-compose", "Over"]);
    command.args(shadow).args([
        "+swap",
        "-background",
        "none",
        "-layers",
        "merge",
        "+repage",
    ]);
    command
        .args(["-define", "png:exclude-chunks=date,time"])
        .arg(file);
    let status = command.status().expect("it was found");
    assert!(status.success(), "{status}");
}
