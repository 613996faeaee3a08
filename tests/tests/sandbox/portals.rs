//! What comes through the portals: the real xdg-desktop-portal, with its backend for GTK behind it.

use std::fs;
use std::process::Command;
use std::thread;

use hallway_tests::desktop::app::pictures;
use hallway_tests::desktop::windows::{Room, say};
use hallway_tests::desktop::{Desktop, Look};
use hallway_tests::program::Program;
use hallway_tests::wait::{PATIENCE, SILENCE, until};
use hallway_tests::world::foreign_with;

use crate::inside::{BOTH, shell};

/// The Python of the distribution, which has the packages of the distribution.
const PYTHON: &str = "/usr/bin/python3";

/// Shows every notification of a desktop to nobody, and prints it.
fn recorder(desktop: &Desktop) -> Option<Program> {
    let arguments = ["-u", "-m", "dbusmock", "--template", "notification_daemon"];
    let mut command = foreign_with(PYTHON, arguments)?;
    desktop.settle(&mut command);
    let recorder = Program::spawn(command);
    let arguments = [
        "call",
        "--session",
        "--dest",
        "org.freedesktop.DBus",
        "--object-path",
        "/",
    ];
    let ask = [
        "--method",
        "org.freedesktop.DBus.NameHasOwner",
        "org.freedesktop.Notifications",
    ];
    until(PATIENCE, "somebody who shows notifications", || {
        let mut command = foreign_with("gdbus", arguments.iter().chain(&ask))?;
        desktop.settle(&mut command);
        let (_, out, _) = Program::spawn(command).outcome(PATIENCE);
        out.contains("true").then_some(())
    });
    Some(recorder)
}

#[test]
#[ignore = "needs the Flatpaks: ./dev package flatpak"]
fn a_notification_gets_out() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let Some(recorder) = recorder(&desktop) else {
        return;
    };
    for id in BOTH {
        let call = format!(
            "gdbus call --session --dest org.freedesktop.portal.Desktop \
             --object-path /org/freedesktop/portal/desktop \
             --method org.freedesktop.portal.Notification.AddNotification conversation \
             \"{{'title': <'{id} says'>, 'body': <'Is anybody down the hall?'>}}\""
        );
        shell(&desktop, &[], id, &call);
        let what = format!("the notification of {id}");
        recorder.out().find(PATIENCE, &what, |line| {
            line.contains("Notify") && line.contains(&format!("{id} says"))
        });
    }
}

#[test]
#[ignore = "needs the Flatpaks: ./dev package flatpak"]
fn a_message_is_told_to_who_looks_elsewhere() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let Some(recorder) = recorder(&desktop) else {
        return;
    };
    let room = Room::open(&desktop);
    let mut peer = room.peer_named("Ana");
    let other = desktop.start("hallway", &[]);
    desktop.screen().activate(&other.first_window());
    // GTK hears of it a moment later.
    thread::sleep(SILENCE);
    peer.line("Are you there?");
    recorder.out().find(PATIENCE, "the notification", |line| {
        line.contains("Notify") && line.contains("Are you there?")
    });
}

#[test]
#[ignore = "needs the Flatpaks: ./dev package flatpak"]
fn a_conversation_is_exported_to_the_file_that_the_person_chooses() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let room = Room::open(&desktop);
    say(&room, "This is to be kept");
    room.reads("This is to be kept");
    // The portal names the file by the folder that everybody who is logged in has, and a sandbox has
    // it there, too: /run/user/…. Ours is elsewhere, so its name has to lead there.
    let run = desktop.home().join("run");
    let link = format!(
        "mkdir -p '{0}' && ln -s /run/user/$(id -u)/doc '{0}/doc'",
        run.display()
    );
    shell(&desktop, &[], BOTH[0], &link);
    room.press("ctrl+e");
    let screen = desktop.screen();
    let chooser = until(PATIENCE, "a file chooser", || {
        let mut windows = screen
            .windows_titled(&["Export Conversation".to_owned()])
            .into_iter();
        windows.next()
    });
    // It is a window of the portal: the sandbox has no way to the file.
    assert!(!room.x_windows().contains(&chooser));
    screen.activate(&chooser);
    let file = desktop.home().join("home/kept.txt");
    screen.press("ctrl+a");
    screen.type_text(file.to_str().expect("a folder of the test’s own"));
    screen.press("Return");
    let kept = room.until("the file", || {
        let text = fs::read_to_string(&file).unwrap_or_default();
        text.contains("This is to be kept").then_some(text)
    });
    assert!(kept.contains("Listening on 127.0.0.1"), "{kept}");
}

#[test]
#[ignore = "needs the Flatpaks: ./dev package flatpak"]
fn the_dark_style_gets_in() {
    let look = Look {
        is_still: true,
        remembers: true,
        ..Look::default()
    };
    let Some(desktop) = Desktop::with(&look) else {
        return;
    };
    // As GNOME's settings write it; only the portal reads it.
    let folder = desktop.home().join("config/glib-2.0/settings");
    fs::create_dir_all(&folder).expect("it is ours");
    let setting = "[org/gnome/desktop/interface]\ncolor-scheme='prefer-dark'\n";
    fs::write(folder.join("keyfile"), setting).expect("it is ours");
    for program in ["hallway-server", "hallway"] {
        let app = desktop.start(program, &[]);
        let screen = desktop.screen();
        let window = app.first_window();
        let place = screen.place_of(&window).expect("it was there");
        let file = pictures().join(format!("sandbox-dark-{program}.png"));
        screen.still_picture_of(place, &file);
        let mut convert = Command::new("convert");
        convert.arg(&file);
        convert.args(["-colorspace", "Gray", "-format", "%[fx:mean]", "info:"]);
        let brightness = Program::spawn(convert).outcome(PATIENCE).1;
        let brightness: f64 = brightness.parse().expect("a number from ImageMagick");
        assert!(brightness < 0.4, "{program}: {brightness}");
    }
}
