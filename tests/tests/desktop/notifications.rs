//! What the shell shows of us when nobody looks at our windows.

use std::thread;
use std::time::{Duration, Instant};

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::shell::{Notification, Region, Shell};
use hallway_tests::desktop::windows::{HOST, Room, say};
use hallway_tests::desktop::{Desktop, Look};
use hallway_tests::peer::Peer;
use hallway_tests::wait::{PATIENCE, SILENCE, until};

use crate::{CLIENT, SERVER, in_front, join, picture};

/// Text that would be something else if it were taken for markup.
const TEXT: &str = "<b>Anybody</b> &amp; everybody? 5 > 3 & 2 < 4";

/// So long after it has lost the keyboard a window knows that nobody looks at it: from one window to
/// another one of the same program the keyboard takes a moment, too.
const A_MOMENT: Duration = Duration::from_secs(1);

/// Waits for what the shell has from one of our programs, and for nothing else.
#[track_caller]
fn only(shell: &Shell, id: &str) -> Notification {
    let mut all = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        all = shell.notifications();
        if let [one] = all.as_slice()
            && one.app == id
        {
            return one.clone();
        }
        thread::sleep(SILENCE);
    }
    panic!("not one notification of {id}, but {all:#?}");
}

/// Waits until the shell has nothing to tell of us.
#[track_caller]
fn nothing(shell: &Shell) {
    until(PATIENCE, "an end of notifications", || {
        shell.notifications().is_empty().then_some(())
    });
}

/// Presses a button of the notification that is on the screen.
#[track_caller]
fn press(desktop: &Desktop, title: &str, button: &str) {
    let shell = desktop.shell();
    // It shows its buttons to the mouse.
    shell.point_at(shell.find(Region::Banner, title).place.middle());
    shell.find(Region::Banner, button);
    // It has grown to its size.
    thread::sleep(SILENCE);
    picture(
        desktop,
        &format!("notification-{}", button.replace(' ', "-")),
    );
    shell.click_on(&shell.find(Region::Banner, button));
}

/// A server window behind a client window, and somebody in the room.
struct Scene<'a> {
    room: Room<'a>,
    client: App<'a>,
    nell: Peer,
}

impl<'a> Scene<'a> {
    #[track_caller]
    fn on(desktop: &'a Desktop) -> Self {
        let room = Room::open(desktop);
        let nell = room.peer_named("Nell");
        let client = desktop.start("hallway", &[]);
        in_front(desktop, &client);
        thread::sleep(A_MOMENT);
        Self { room, client, nell }
    }
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn a_message_behind_other_windows_is_shown_as_it_was_written_and_opens_its_conversation() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    let mut scene = Scene::on(&desktop);
    scene.nell.line(TEXT);
    let told = only(shell, SERVER);
    let whole = format!("{}\n{}", told.title, told.body);
    assert!(whole.contains("Nell"), "{told:?}");
    assert!(whole.contains(TEXT), "{told:?}");
    let title = shell.find(Region::Banner, &told.title);
    picture(&desktop, "notification");
    shell.click_on(&title);
    in_front(&desktop, &scene.room);
    scene.room.until("the conversation", || {
        let texts = scene.room.texts();
        texts.iter().any(|text| text == TEXT).then_some(())
    });
    nothing(shell);
    picture(&desktop, "notification-opened");
    scene.client.is_well();
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn a_notification_answers_by_taking_the_person_to_where_one_answers() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    let mut scene = Scene::on(&desktop);
    scene.nell.line("Coffee?");
    let told = only(shell, SERVER);
    press(&desktop, &told.title, "Reply");
    in_front(&desktop, &scene.room);
    nothing(shell);
    shell.type_text("On my way");
    shell.press("Return");
    let heard = scene.nell.next_line();
    assert!(heard.contains("On my way"), "{heard}");
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn marking_as_read_leaves_the_person_alone() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    let mut scene = Scene::on(&desktop);
    scene.nell.line("The printer is free again.");
    let told = only(shell, SERVER);
    press(&desktop, &told.title, "Mark as Read");
    nothing(shell);
    // The shell takes it away by itself; the title tells that we know of it.
    shell.window("a title without unread messages", |window| {
        window.pid == scene.room.pid() && window.title == "Hallway Server"
    });
    in_front(&desktop, &scene.client);
    scene.nell.line("And it has paper.");
    let again = only(shell, SERVER);
    assert!(again.body.contains("And it has paper."), "{again:?}");
    assert!(!again.body.contains("free again"), "{again:?}");
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn what_is_read_is_taken_back_and_what_is_seen_is_not_told() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    let mut scene = Scene::on(&desktop);
    scene.nell.line("one");
    only(shell, SERVER);
    scene.nell.line("two");
    until(PATIENCE, "the newer message", || {
        let told = only(shell, SERVER);
        told.body.contains("two").then_some(())
    });
    shell.launch(SERVER);
    in_front(&desktop, &scene.room);
    nothing(shell);
    scene.nell.line("three");
    scene.room.reads("three");
    thread::sleep(SILENCE);
    assert_eq!(shell.notifications(), []);
}

#[test]
#[ignore = "needs GNOME Shell: ./dev test --desktop"]
fn the_client_tells_of_its_server_even_when_it_is_put_away() {
    let desktop = Desktop::in_gnome_shell(&Look::default());
    let shell = desktop.shell();
    let room = Room::open(&desktop);
    let client = join(&desktop, room.address());
    shell.minimize(&in_front(&desktop, &client));
    shell.launch(SERVER);
    in_front(&desktop, &room);
    thread::sleep(A_MOMENT);
    say(&room, TEXT);
    let told = only(shell, CLIENT);
    assert!(told.body.contains(TEXT), "{told:?}");
    assert!(
        told.title.contains(HOST) || told.title.contains("127.0.0.1"),
        "{told:?}"
    );
    shell.click_on(&shell.find(Region::Banner, &told.title));
    assert!(!in_front(&desktop, &client).is_minimized);
    client.reads(TEXT);
    nothing(shell);
}
