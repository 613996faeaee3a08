//! What a person notices who looks elsewhere.

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::notices::Notices;
use hallway_tests::desktop::windows::{HOST, Room, is_connected, say};
use hallway_tests::desktop::{Desktop, run};
use hallway_tests::peer::Peer;
use hallway_tests::wait::{PATIENCE, SILENCE, until};
use hallway_tests::world::foreign;

/// What is sent in a minute at most, as the windows have it.
const IN_A_MINUTE: usize = 10;

/// Waits until a row is spoken so.
#[track_caller]
fn is_spoken(app: &App<'_>, words: &str) {
    app.until(&format!("a row “{words}”"), || {
        let rows = app.all(Kind::Row);
        rows.iter().any(|row| row.name() == words).then_some(())
    });
}

#[track_caller]
fn is_titled(app: &App<'_>, title: &str) {
    app.until(&format!("the title “{title}”"), || {
        app.windows()
            .iter()
            .any(|window| window == title)
            .then_some(())
    });
}

#[test]
fn a_message_is_told_and_the_next_one_replaces_it() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let Some(notices) = Notices::with(&desktop, "") else {
        return;
    };
    let room = Room::open(&desktop);
    let mut ana = room.peer_named("Ana");
    let mut ben = room.peer_named("Ben");
    // A dialog that was closed is not looked at any more.
    room.press("ctrl+question");
    room.until("the shortcuts", || {
        (room.windows().len() == 2).then_some(())
    });
    desktop.screen().press("Escape");
    room.bring_to_front();
    ana.line("seen at once");
    room.reads("seen at once");
    let _other = desktop.look_elsewhere();
    ana.line("are you there?");
    let first = notices.wait_for(1);
    assert_eq!((&*first.title, &*first.body), ("Ana", "are you there?"));
    assert_eq!(first.urgency, 1);
    ben.line("here I am");
    let second = notices.wait_for(2);
    assert!(second.replaces, "{second:?}");
    assert_eq!(second.id, first.id);
    assert_eq!(&*second.title, "Ben");
    assert_eq!(&*second.body, "here I am\n2 new messages");
    is_spoken(&room, "Everyone, 2 people, 2 unread");
    is_titled(&room, "(2) Hallway Server");
    // Who comes and goes is no message, nor is what the host says.
    drop(room.peer());
    say(&room, "nobody needs to be told");
    room.bring_to_front();
    notices.wait_for_end_of(&second);
    is_spoken(&room, "Everyone, 2 people");
    is_titled(&room, "Hallway Server");
    room.reads("New Messages");
    assert_eq!(notices.all().len(), 2);
}

#[test]
fn a_click_opens_the_conversation_and_reply_is_ready_to_write() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let Some(notices) = Notices::with(&desktop, "") else {
        return;
    };
    let room = Room::open_with(&desktop, &["--no-relay"]);
    let mut ana = room.peer_named("Ana");
    let mut ben = room.peer_named("Ben");
    let other = desktop.look_elsewhere();
    ana.line("I am Ana");
    let of_ana = notices.wait_for(1);
    ben.line("I am Ben");
    let of_ben = notices.wait_for(2);
    assert_ne!(of_ana.id, of_ben.id, "each conversation has its own");
    notices.click(&of_ben, None);
    room.reads("Only Ben hears this");
    room.until("the window in front", || room.is_in_front().then_some(()));
    other.bring_to_front();
    notices.click(&of_ana, Some("Reply"));
    room.reads("Only Ana hears this");
    room.until("the window in front", || room.is_in_front().then_some(()));
    std::thread::sleep(SILENCE);
    desktop.screen().type_text("hello Ana");
    desktop.screen().press("Return");
    ana.hears("hello Ana");
    ben.hears_nothing();
}

#[test]
fn marking_as_read_needs_no_window() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let Some(notices) = Notices::with(&desktop, "") else {
        return;
    };
    let room = Room::open(&desktop);
    let mut ana = room.peer_named("Ana");
    let other = desktop.look_elsewhere();
    ana.line("just so you know");
    let notice = notices.wait_for(1);
    is_spoken(&room, "Everyone, 1 person, 1 unread");
    notices.click(&notice, Some("Mark as Read"));
    is_spoken(&room, "Everyone, 1 person");
    is_titled(&room, "Hallway Server");
    assert!(other.is_in_front(), "the window stays where it is");
}

/// Switches something off that is chosen among the preferences.
#[track_caller]
fn switch_off(app: &App<'_>, name: &str) {
    app.press("ctrl+comma");
    let switch = app.find(Kind::Switch, name);
    assert!(switch.is_on(), "{name}");
    switch.click();
    app.until("a switch that is off", || (!switch.is_on()).then_some(()));
    app.desktop().screen().press("Escape");
    app.gone(Kind::Switch, name);
}

#[test]
fn what_is_private_is_not_told() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let Some(notices) = Notices::with(&desktop, "") else {
        return;
    };
    let room = Room::open(&desktop);
    let mut ana = room.peer_named("Ana");
    switch_off(&room, "Show Sender and Text");
    let _other = desktop.look_elsewhere();
    ana.line("a secret");
    let notice = notices.wait_for(1);
    assert_eq!((&*notice.title, &*notice.body), ("New message", ""));
    room.bring_to_front();
    notices.wait_for_end_of(&notice);
    switch_off(&room, "Notify About New Messages");
    let _other = desktop.look_elsewhere();
    ana.line("not told at all");
    is_titled(&room, "(1) Hallway Server");
    std::thread::sleep(SILENCE);
    assert_eq!(notices.all().len(), 1);
}

#[test]
fn a_flood_is_summed_up() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let Some(notices) = Notices::with(&desktop, "") else {
        return;
    };
    let room = Room::open_with(&desktop, &["--no-relay", "--no-commands"]);
    let _other = desktop.look_elsewhere();
    let mut peers: Vec<_> = (0..20).map(|_| Peer::connect(room.address())).collect();
    for round in 0..250 {
        for peer in &mut peers {
            peer.line(&format!("line {round}"));
        }
    }
    is_titled(&room, "(99+) Hallway Server");
    let summary = |body: &str| body == "In 20 conversations";
    until(PATIENCE * 3, "a summary of all of it", || {
        let all = notices.all();
        assert!(all.len() <= IN_A_MINUTE, "{all:#?}");
        let last = all.last()?;
        (last.title == "5000 new messages" && summary(&last.body)).then_some(())
    });
    let all = notices.all();
    let each = all.iter().filter(|notice| !summary(&notice.body)).count();
    assert!(each < 20, "not one for each of them: {all:#?}");
    room.bring_to_front();
    is_titled(&room, "Hallway Server");
    let last = notices.all().pop().expect("there was one");
    notices.wait_for_end_of(&last);
}

#[test]
fn texts_are_never_markup() {
    let text = "<b>bold?</b> &amp; <a href='x'>";
    for (capabilities, expected) in [
        ("", text),
        (
            "body-markup",
            "&lt;b&gt;bold?&lt;/b&gt; &amp;amp; &lt;a href=&apos;x&apos;&gt;",
        ),
    ] {
        let Some(desktop) = Desktop::new() else {
            return;
        };
        let Some(notices) = Notices::with(&desktop, capabilities) else {
            return;
        };
        let room = Room::open(&desktop);
        let mut ana = room.peer_named("Ana");
        let _other = desktop.look_elsewhere();
        ana.line(text);
        let body = notices.wait_for(1).body.replace("&#39;", "&apos;");
        assert_eq!(body, expected, "with {capabilities:?}");
    }
}

#[test]
fn gnome_shell_is_told_as_it_wants_to_be() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    // The other way is there as well, but is not taken.
    let Some(others) = Notices::with(&desktop, "body-markup") else {
        return;
    };
    let Some(shell) = Notices::of_the_shell(&desktop) else {
        return;
    };
    let room = Room::open(&desktop);
    let mut ana = room.peer_named("Ana");
    let _other = desktop.look_elsewhere();
    ana.line(&format!("<b>&amp; {HOST}"));
    let call = until(PATIENCE, "a notification for the shell", || {
        shell.calls("AddNotification").pop()
    });
    let text = |at: usize| call[at].get::<String>().expect("a text");
    assert_eq!(text(0), "chat.hallway.Server");
    assert_eq!(text(1), "conversation-everyone");
    let told = glib::VariantDict::new(Some(&call[2]));
    let told = |key: &str| told.lookup::<String>(key).ok().flatten();
    assert_eq!(told("title").as_deref(), Some("Ana mentioned you"));
    assert_eq!(told("body").as_deref(), Some("<b>&amp; Hana"));
    assert_eq!(told("priority").as_deref(), Some("high"));
    assert_eq!(
        told("default-action").as_deref(),
        Some("app.show-conversation")
    );
    assert!(others.all().is_empty());
    room.bring_to_front();
    until(PATIENCE, "its end", || {
        shell.calls("RemoveNotification").pop()
    });
}

#[test]
fn a_mention_stands_out() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let Some(notices) = Notices::with(&desktop, "") else {
        return;
    };
    let room = Room::open(&desktop);
    let mut ana = room.peer_named("Ana");
    let _other = desktop.look_elsewhere();
    ana.line(&format!("{}: is the projector free?", HOST.to_uppercase()));
    let notice = notices.wait_for(1);
    assert_eq!(notice.title, "Ana mentioned you");
    is_spoken(&room, "Everyone, 1 person, 1 unread, 1 mentions you");
    room.until("a row that is named", || {
        let rows = room.all(Kind::Row);
        let mut names = rows.iter().map(hallway_tests::desktop::node::Node::name);
        names
            .any(|name| name.contains("Ana mentions you, "))
            .then_some(())
    });
    ana.line(&format!("{HOST}ora is somebody else"));
    let second = notices.wait_for(2);
    assert_eq!(second.title, "Ana mentioned you", "until it is read");
    is_spoken(&room, "Everyone, 1 person, 2 unread, 1 mentions you");
}

#[test]
fn the_client_opens_the_window_of_a_conversation() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let Some(notices) = Notices::with(&desktop, "") else {
        return;
    };
    let first = Room::open(&desktop);
    let mut ana = first.peer_named("Ana");
    let port = first.port();
    let second = hallway_tests::server::Server::start(&["--address", "127.0.0.1"]);
    let client = desktop.start("hallway", &["--plain", &format!("localhost:{port}")]);
    client.until("a connection", || is_connected(&client).then_some(()));
    say(&client, "/name Nell");
    let mut run = hallway_tests::world::ours("hallway");
    run.args(["--plain", &second.address().to_string()]);
    desktop.settle(&mut run);
    let _run = hallway_tests::program::Program::spawn(run);
    client.until("two windows", || {
        (client.windows().len() == 2).then_some(())
    });
    first.bring_to_front();
    ana.line("nell, come over");
    let notice = notices.wait_for(1);
    assert_eq!(notice.title, "Ana at localhost mentioned you");
    assert_eq!(notice.body, "nell, come over");
    is_titled(&client, "(1) localhost");
    is_spoken(
        &client,
        &format!("localhost:{port}, Connected, 1 unread, 1 mentions you"),
    );
    notices.click(&notice, Some("Reply"));
    let screen = desktop.screen();
    client.until("the window of that conversation", || {
        (screen.title_of(&screen.front()) == "localhost").then_some(())
    });
    std::thread::sleep(SILENCE);
    screen.type_text("coming");
    screen.press("Return");
    ana.hears("Nell: coming");
}

#[test]
fn dunst_shows_it_and_a_click_leads_back() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let Some(mut dunst) = foreign("dunst") else {
        return;
    };
    desktop.settle(&mut dunst);
    let _dunst = hallway_tests::program::Program::spawn(dunst);
    let ask = |arguments: &[&str]| {
        let mut command = foreign("dunstctl").expect("it comes with dunst");
        desktop.settle(command.args(arguments));
        run(&mut command)
    };
    let room = Room::open(&desktop);
    let mut ana = room.peer_named("Ana");
    let _other = desktop.look_elsewhere();
    ana.line("<b>&amp;</b> down the hall");
    until(PATIENCE, "a notification", || {
        (ask(&["count", "displayed"]).trim() == "1").then_some(())
    });
    desktop
        .screen()
        .picture(&hallway_tests::desktop::app::pictures().join("notification-dunst.png"));
    ask(&["action", "0"]);
    room.until("the window in front", || room.is_in_front().then_some(()));
    until(PATIENCE, "an end of the notification", || {
        (ask(&["count", "displayed"]).trim() == "0").then_some(())
    });
    let history = ask(&["history"]);
    assert!(
        history.contains("&lt;b&gt;&amp;amp;&lt;/b&gt; down the hall"),
        "{history}"
    );
}
