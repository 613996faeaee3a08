//! Whoever is where the server should be.

use std::fs;

use hallway_tests::server::Server;
use hallway_tests::talker::told;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::free_port;
use rustix::process::Signal;

use crate::openssl::Certificate;
use crate::relay::Relay;
use crate::scene::{SECRET, Scene, fingerprint, hears};

/// The digits in a line.
fn digits(line: &str) -> String {
    line.chars()
        .rev()
        .take_while(char::is_ascii_digit)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect()
}

#[track_caller]
fn digits_at(server: &Server) -> String {
    let entry = server.entry("digits to compare", |entry| entry.tells(&["digits"]));
    let digits = digits(&entry.text);
    assert_eq!(digits.len(), 6, "{}", entry.text);
    digits
}

/// What nobody can prevent at the first contact is seen by two people who compare.
#[test]
fn a_relay_at_the_first_contact_is_found_by_comparing() {
    let scene = Scene::new();
    fs::create_dir(scene.folder("eve")).expect("a folder of ours");
    let Some(eve) = Certificate::make(&scene.folder("eve")) else {
        return;
    };
    let server = scene.server_on(0, "server", "only");
    let id = fingerprint(&server.event(&["know this server by"]).text);
    let relay = Relay::start(scene.port, server.address(), &eve, Some(id));
    let mut ana = scene.talker("Ana");
    let met = fingerprint(&hears(&ana, told::MET, ""));
    assert_eq!(met, eve.fingerprint);
    hears(&ana, told::STANDING, "here");
    ana.type_line("/compare");
    let shown = digits(&hears(&ana, told::DIGITS, ""));
    assert_eq!(shown.len(), 6);
    assert_ne!(shown, digits_at(&server), "chance: once in a million");
    assert!(
        relay.read().contains("sas-commit"),
        "it went through the relay"
    );
}

/// One that passes on every frame as it is speaks in the name of somebody whose key it does not have.
#[test]
fn a_relay_that_changes_nothing_is_found_at_once() {
    let scene = Scene::new();
    fs::create_dir(scene.folder("eve")).expect("a folder of ours");
    let Some(eve) = Certificate::make(&scene.folder("eve")) else {
        return;
    };
    let server = scene.server_on(0, "server", "only");
    let _relay = Relay::start(scene.port, server.address(), &eve, None);
    let ana = scene.talker("Ana");
    hears(&ana, told::STANDING, "in the name of somebody else");
    assert!(
        !ana.out()
            .all()
            .iter()
            .any(|line| line.starts_with(told::MET))
    );
}

/// The same without anybody between.
#[test]
fn without_a_relay_the_digits_are_the_same() {
    let scene = Scene::new();
    let server = scene.server("server", "only");
    let mut ana = scene.talker("Ana");
    hears(&ana, told::STANDING, "here");
    ana.type_line("/compare");
    let shown = digits(&hears(&ana, told::DIGITS, ""));
    assert_eq!(shown, digits_at(&server));
}

/// Whoever has met the server says nothing to anybody else at its address, and waits for a person.
#[test]
fn a_relay_before_a_known_server_hears_nothing() {
    let scene = Scene::new();
    fs::create_dir(scene.folder("eve")).expect("a folder of ours");
    let Some(eve) = Certificate::make(&scene.folder("eve")) else {
        return;
    };
    let mut server = scene.server("server", "only");
    let mut ana = scene.talker("Ana");
    hears(&ana, told::MET, "");
    server.end_by(Signal::TERM);
    drop(server);
    let behind = free_port();
    let mut server = scene.server_on(behind, "server", "only");
    let id = fingerprint(&server.event(&["know this server by"]).text);
    let relay = Relay::start(scene.port, server.address(), &eve, Some(id));
    let blocked = hears(&ana, told::STANDING, "blocked");
    assert_eq!(fingerprint(&blocked), eve.fingerprint);
    ana.type_line(SECRET);
    hears(&ana, told::QUEUED, "");
    let (code, said) = scene.send("Ana", &["--name", "Ana2"], SECRET);
    assert_eq!(code, Some(3), "{said}");
    assert_eq!(relay.read(), "", "not even a hello");
    drop(relay);
    assert!(server.entries().iter().all(|entry| entry.text != SECRET));
    server.end_by(Signal::TERM);
    drop(server);
    // Where the right one is again, and a person says so, it has what was kept for it, once.
    let server = scene.server("server", "only");
    ana.type_line("/connect");
    hears(&ana, told::ACKNOWLEDGED, "");
    server.hears(SECRET);
    let times = server.entries();
    assert_eq!(times.iter().filter(|entry| entry.text == SECRET).count(), 1);
}

/// A server that is another one after a lost connection is none.
#[test]
fn a_certificate_that_is_swapped_is_not_spoken_to() {
    let scene = Scene::new();
    let mut server = scene.server("server", "only");
    let mut ana = scene.talker("Ana");
    hears(&ana, told::MET, "");
    server.end_by(Signal::KILL);
    drop(server);
    let other = scene.server("other", "only");
    let shown = other.event(&["know this server by"]);
    let blocked = hears(&ana, told::STANDING, "blocked");
    assert_eq!(fingerprint(&blocked), fingerprint(&shown.text));
    ana.type_line(SECRET);
    hears(&ana, told::QUEUED, "");
    let is_encrypted = |entry: &hallway_tests::server::Entry| entry.tells(&["is now", "encrypted"]);
    assert!(!other.entries().iter().any(is_encrypted), "it said hello");
    // A person decides that it is another server: that has its own outbox.
    ana.type_line("/as-new");
    other.entry("a hello", is_encrypted);
    ana.out().find(PATIENCE, "a second first contact", {
        let mut met = 0;
        move |line| {
            met += usize::from(line.starts_with(told::MET));
            met == 2
        }
    });
    ana.type_line("for you");
    other.hears("for you");
    assert!(other.entries().iter().all(|entry| entry.text != SECRET));
}
