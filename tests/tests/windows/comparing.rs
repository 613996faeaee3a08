//! Six digits on both screens at once: the client's window and the server's.

use hallway_tests::desktop::Desktop;
use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::{Kind, Node};
use hallway_tests::desktop::windows::{HOST, Room, close_dialog, say};

/// The beginning of the title of the question.
const QUESTION: &str = "Compare Digits With ";

/// What the lock is called where the digits were the same.
const VERIFIED: &str = "Encrypted and verified";

/// A server's window and a client's, encrypted.
#[track_caller]
fn meet(desktop: &Desktop) -> (Room<'_>, App<'_>) {
    let room = Room::open(desktop);
    let client = desktop.start("hallway", &[&room.address().to_string()]);
    client.reads("Connected to");
    client.find(Kind::Button, "Encrypted");
    (room, client)
}

/// Whom a question is about.
#[track_caller]
fn asked_about(app: &App<'_>) -> String {
    app.until("a question", || {
        let titles = app.windows().into_iter();
        let mut about = titles.filter_map(|title| Some(title.strip_prefix(QUESTION)?.to_owned()));
        about.next()
    })
}

/// The digits of a question, as they are said.
#[track_caller]
fn digits(app: &App<'_>) -> String {
    app.until("six digits", || {
        let mut texts = app.texts().into_iter();
        texts.find(|text| {
            let digits: Vec<_> = text.split(", ").collect();
            digits.len() == 6 && digits.iter().all(|digit| digit.parse::<u8>().is_ok())
        })
    })
}

/// Begins in the client's window; gives whom the two questions are about, once both show the same
/// digits.
#[track_caller]
fn begin(room: &Room<'_>, client: &App<'_>) -> (String, String) {
    client.click(Kind::Button, "Conversation Menu");
    client.click(Kind::Item, "Compare Six Digits…");
    let both = (asked_about(room), asked_about(client));
    assert_eq!(digits(room), digits(client));
    both
}

#[track_caller]
fn answer(app: &App<'_>, answer: &str) {
    // Nobody may press it before they have seen what it is about.
    app.until("an answer that can be given", || {
        app.find(Kind::Button, answer).is_sensitive().then_some(())
    });
    app.click(Kind::Button, answer);
    app.until("an end of the question", || {
        let titles = app.windows();
        (!titles.iter().any(|title| title.starts_with(QUESTION))).then_some(())
    });
}

/// Whether a row of the server's window tells that somebody is verified.
fn is_verified(room: &Room<'_>, person: &str) -> bool {
    let rows = room.all(Kind::Row);
    let mut names = rows.iter().map(Node::name);
    names.any(|name| name.contains(person) && name.contains("encrypted, verified"))
}

#[test]
fn the_same_digits_verify_both() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let (room, client) = meet(&desktop);
    let (person, server) = begin(&room, &client);
    assert_eq!(server, HOST);
    room.person(&person);
    assert!(!is_verified(&room, &person));
    answer(&client, "They Match");
    client.reads("is verified");
    // Each side knows what its own person saw.
    client.find(Kind::Button, VERIFIED);
    assert!(!is_verified(&room, &person));
    answer(&room, "They Match");
    room.reads(&format!("{person} is verified"));
    room.until("a lock that tells it", || {
        is_verified(&room, &person).then_some(())
    });
    client.click(Kind::Button, VERIFIED);
    client.reads("You have compared six digits with its host.");
    client.desktop().screen().press("Escape");
    // What is said goes on, and it is remembered on both sides.
    say(&client, "it is me");
    room.reads("it is me");
    client.close();
    assert_eq!(client.end(), Some(0));
    let again = desktop.start("hallway", &[&room.address().to_string()]);
    again.find(Kind::Button, VERIFIED);
    room.until("a lock that knows them", || {
        is_verified(&room, &person).then_some(())
    });
    // The host is quicker, the second time.
    begin(&room, &again);
    answer(&room, "They Match");
    answer(&again, "They Match");
    again.find(Kind::Button, VERIFIED);
    assert!(is_verified(&room, &person));
}

#[test]
fn who_sees_other_digits_is_heard_on_the_other_screen() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let (room, client) = meet(&desktop);
    let (person, _) = begin(&room, &client);
    // The host was told that they are the same, and then the client finds that they are not.
    answer(&room, "They Match");
    room.until("a lock that tells it", || {
        is_verified(&room, &person).then_some(())
    });
    answer(&client, "They Differ");
    close_dialog(&client, "Say nothing secret here");
    room.reads("is not verified: they found other digits");
    room.until("a lock that tells it", || {
        (!is_verified(&room, &person)).then_some(())
    });
    client.find(Kind::Button, "Encrypted");
    // The same the other way round.
    begin(&room, &client);
    answer(&client, "They Match");
    client.find(Kind::Button, VERIFIED);
    answer(&room, "They Differ");
    room.reads("is not verified: you did not find the same digits");
    close_dialog(&client, "other digits were found");
    client.find(Kind::Button, "Encrypted");
    assert!(!is_verified(&room, &person));
    client.click(Kind::Button, "Encrypted");
    client.reads("You have not compared six digits");
}

#[test]
fn who_closes_the_question_takes_it_from_the_other_screen() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let (room, client) = meet(&desktop);
    let (person, server) = begin(&room, &client);
    let (at_host, at_client) = (format!("{QUESTION}{person}"), format!("{QUESTION}{server}"));
    desktop.screen().activate(&client.window(&at_client));
    desktop.screen().press("Escape");
    client.gone(Kind::Window, &at_client);
    room.gone(Kind::Window, &at_host);
    room.reads("The digits were not compared with");
    // Nobody has said that somebody is between them.
    client.does_not_read("Somebody may be between");
    begin(&room, &client);
    desktop.screen().activate(&room.window(&at_host));
    desktop.screen().press("Escape");
    room.gone(Kind::Window, &at_host);
    close_dialog(&client, "At the server nobody compared them");
    client.gone(Kind::Window, &at_client);
    client.find(Kind::Button, "Encrypted");
    assert!(!is_verified(&room, &person));
}

#[test]
fn who_goes_in_the_middle_leaves_no_question_behind() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let (room, client) = meet(&desktop);
    let (person, server) = begin(&room, &client);
    client.kill();
    room.gone(Kind::Window, &format!("{QUESTION}{person}"));
    drop(client);
    let client = desktop.start("hallway", &[&room.address().to_string()]);
    client.reads("Connected to");
    begin(&room, &client);
    room.kill();
    client.gone(Kind::Window, &format!("{QUESTION}{server}"));
    client.find(Kind::Button, "Encrypted");
}
