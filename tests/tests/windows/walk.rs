//! Every window, dialog, popover and menu, gone through by keyboard and read as a screen reader does.

use hallway_tests::desktop::Desktop;
use hallway_tests::desktop::walk::names;
use hallway_tests::desktop::windows::{Room, join, say};

#[test]
fn explore() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    {
        let server = desktop.start("hallway-server", &[]);
        server.press("Tab");
        let stops = server.round("Tab", 60);
        println!(
            "setup {:#?}",
            stops.iter().map(|s| (s.role, &s.name)).collect::<Vec<_>>()
        );
        let back = server.round("shift+Tab", 60);
        println!("back {:#?}", names(&back));
        println!("f6 {:?}", names(&server.round("F6", 10)));
        println!(
            "unnamed {:#?} ambiguous {:?}",
            server.unnamed(),
            server.ambiguous()
        );
    }
    let room = Room::open(&desktop);
    let mut ana = room.peer_named("Ana");
    ana.line("hello https://example.org/ and http://b.org");
    room.reads("hello");
    let client = join(&desktop, room.address());
    say(&client, "hi there");
    room.reads("hi there");
    room.press("Escape");
    for app in [&*room, &client] {
        app.desktop().screen().activate(&app.first_window());
        let stops = app.round("Tab", 60);
        println!(
            "talk {:#?}",
            stops.iter().map(|s| (s.role, &s.name)).collect::<Vec<_>>()
        );
        let back = app.round("shift+Tab", 60);
        println!("back {:#?}", names(&back));
        println!("f6 {:?}", names(&app.round("F6", 10)));
        println!("s f6 {:?}", names(&app.round("shift+F6", 10)));
        println!(
            "unnamed {:#?} ambiguous {:?}",
            app.unnamed(),
            app.ambiguous()
        );
    }
}
