//! Frames that nobody should send, crowds that say nothing, and what plain people hear of all that.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use hallway_tests::program::Program;
use hallway_tests::talker::told;
use hallway_tests::wait::{PATIENCE, SILENCE};
use hallway_tests::world::foreign_with;
use rusqlite::{Connection, OpenFlags};

use crate::openssl::{self, Certificate};
use crate::scene::{Scene, hears};

/// Handshakes that do not go on.
const STALLED: usize = 150;

/// How long a good one may take beside them, with a program that is started for it.
const GOOD: Duration = Duration::from_millis(500);

/// Good ones that are tried: the machine may be busy with other things. Whoever is held up is so for
/// seconds, each time.
const TRIES: usize = 20;

fn eve(scene: &Scene) -> Option<Certificate> {
    fs::create_dir(scene.folder("eve")).expect("a folder of ours");
    Certificate::make(&scene.folder("eve"))
}

fn msg(n: u32, text: &str, more: &str) -> String {
    format!(r#"{{"type":"msg","cid":"{n:032x}","n":{n},"to":"room","text":"{text}"{more}}}"#)
}

/// One of the lines that come has all these words.
#[track_caller]
fn hears_frame(openssl: &Program, words: &[&str]) {
    let has_all = |line: &str| words.iter().all(|word| line.contains(word));
    openssl.out().find(PATIENCE, &format!("{words:?}"), has_all);
}

#[test]
fn nothing_counts_before_hello() {
    let scene = Scene::new();
    let Some(eve) = eve(&scene) else { return };
    let mut server = scene.server("server", "when-both-can");
    let mut plain = server.peer_named("Bo");
    let event = r#"{"type":"event","pos":1,"seq":1,"conv":"room","from":{"name":"Ana"},"kind":"text","text":"x","at":1,"hash":"0000000000000000000000000000000000000000000000000000000000000000"}"#;
    for frame in [
        &msg(1, "too early", ""),
        r#"{"type":"got","pos":0}"#,
        r#"{"type":"rename","name":"Bo"}"#,
        r#"{"type":"history","conv":"room","before":12,"limit":200}"#,
        r#"{"type":"typing","to":"room"}"#,
        r#"{"type":"sas-commit","commit":"0000000000000000000000000000000000000000000000000000000000000000"}"#,
        event,
        "not a frame",
    ] {
        let mut openssl = openssl::speaker(server.address(), &eve);
        openssl.type_line(frame);
        openssl.end(PATIENCE);
        let out = openssl.out().all();
        assert!(
            out.iter().all(|line| line.contains(r#""type":"err""#)),
            "{frame}: {out:?}"
        );
    }
    plain.hears_nothing();
    server.serves();
    assert!(
        server
            .entries()
            .iter()
            .all(|entry| entry.text != "too early")
    );
}

/// Who says something is who holds the key of the certificate, whatever stands in a frame.
#[test]
fn nobody_speaks_in_anothers_name() {
    let scene = Scene::new();
    let Some(eve) = eve(&scene) else { return };
    let mut server = scene.server("server", "when-both-can");
    let mut plain = server.peer_named("Bo");
    let ana = scene.talker("Ana");
    hears(&ana, told::STANDING, "here");
    let pem = fs::read_to_string(scene.home("Ana").join("identity.pem")).expect("hers");
    let id = hallway_core::identity::fingerprint_of_pem(&pem).expect("a certificate");
    let mut openssl = openssl::speaker(server.address(), &eve);
    openssl.type_line(r#"{"type":"hello","name":"Eve","caps":[]}"#);
    hears_frame(&openssl, &[r#""type":"welcome""#]);
    let from = format!(r#","from":{{"id":"{id}","name":"Ana"}},"sender":"{id}""#);
    openssl.type_line(&msg(1, "forged", &from));
    hears_frame(&openssl, &[r#""type":"ack""#]);
    plain.hears("Eve: forged");
    assert_eq!(server.hears("forged").speaker, "Eve");
    let rename = r#"{"type":"rename","name":"Ana"}"#;
    openssl.type_line(rename);
    hears_frame(&openssl, &["name-taken"]);
    let event = format!(
        r#"{{"type":"event","pos":9,"seq":9,"conv":"room"{from},"kind":"text","text":"an event","at":1,"hash":"{id}"}}"#
    );
    openssl.type_line(&event);
    server.serves();
    assert!(
        server
            .entries()
            .iter()
            .all(|entry| entry.text != "an event")
    );
    let database = scene.folder("server").join("history.db");
    let database = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let sender: Vec<u8> = database
        .and_then(|database| {
            let sql = "SELECT sender FROM line WHERE text = 'forged'";
            database.query_row(sql, [], |row| row.get(0))
        })
        .expect("it is kept");
    assert_eq!(sender, eve.fingerprint.as_bytes());
}

/// Whatever encrypted people do, `nc` gets lines and nothing else.
#[test]
fn nc_hears_lines_and_no_other_byte() {
    let scene = Scene::new();
    let Some(eve) = eve(&scene) else { return };
    let mut server = scene.server("server", "when-both-can");
    let address = server.address();
    let port = address.port().to_string();
    let Some(nc) = foreign_with("nc", ["127.0.0.1", &port]) else {
        return;
    };
    let nc = Program::spawn(nc);
    server.event(&["connected"]);
    let mut ana = scene.talker("Ana");
    hears(&ana, told::STANDING, "here");
    ana.type_line("one");
    ana.type_line("/compare");
    hears(&ana, told::DIGITS, "");
    hears(&ana, told::ACKNOWLEDGED, "");
    let mut openssl = openssl::speaker(address, &eve);
    openssl.type_line(r#"{"type":"hello","name":"Eve","caps":[]}"#);
    hears_frame(&openssl, &[r#""type":"welcome""#]);
    openssl.type_line(r#"{"type":"typing","to":"room"}"#);
    openssl.type_line(r#"{"type":"rename","name":"Mallory"}"#);
    openssl.type_line(r#"{"type":"history","conv":"room","before":12,"limit":200}"#);
    hears_frame(&openssl, &[r#""type":"past""#]);
    // A text of two lines, and one that would be a frame.
    openssl.type_line(&msg(1, r"two\nthree", ""));
    hears_frame(&openssl, &[r#""type":"ack""#]);
    openssl.type_line(&msg(2, r#"{\"type\":\"ping\"}"#, ""));
    hears_frame(&openssl, &[r#""type":"ack""#, r#""seq":3"#]);
    let to = format!(
        r#"{{"type":"msg","cid":"{:032x}","n":1,"to":"{}","text":"for one"}}"#,
        9,
        server_id(&server)
    );
    openssl.type_line(&to);
    hears_frame(&openssl, &[r#""type":"ack""#, &format!("{:032x}", 9)]);
    // Garbage in a session of one's own, and records that are none.
    openssl.type_line("garbage");
    openssl.end(PATIENCE);
    let mut bad = TcpStream::connect(address).expect("it listens");
    bad.write_all(&[0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5])
        .expect("it is read");
    drop(bad);
    ana.end_input();
    ana.end(PATIENCE);
    server.says("the end");
    nc.hears("the end");
    std::thread::sleep(SILENCE);
    let lines = nc.out().all();
    let expected = [
        "Ana: one",
        "Mallory: two",
        "    three",
        r#"Mallory: {"type":"ping"}"#,
        "the end",
    ];
    assert_eq!(lines, expected);
    server.is_well();
}

#[track_caller]
fn server_id(server: &hallway_tests::server::Server) -> String {
    let entry = server.event(&["know this server by"]);
    crate::scene::fingerprint(&entry.text).to_string()
}

/// As `openssl` begins; nobody answers it.
fn client_hello(eve: &Certificate) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it is bound");
    let _openssl = openssl::speaker(address, eve);
    let (mut stream, _) = listener.accept().expect("openssl connects");
    let mut head = [0; 5];
    stream.read_exact(&mut head).expect("it says hello");
    let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("it says all of it");
    [&head[..], &body].concat()
}

#[test]
fn stalled_handshakes_hold_up_nobody() {
    let scene = Scene::new();
    let Some(eve) = eve(&scene) else { return };
    let mut server = scene.server("server", "when-both-can");
    let hello = client_hello(&eve);
    for stalled in [&hello[..], &hello[..100], &hello[..1]] {
        let crowd: Vec<_> = (0..STALLED)
            .map(|_| {
                let mut peer = TcpStream::connect(server.address()).expect("it listens");
                peer.write_all(stalled).expect("it is read");
                peer
            })
            .collect();
        let mut took = Vec::new();
        while took.len() < TRIES && !took.iter().any(|took| *took <= GOOD) {
            let began = Instant::now();
            let mut openssl = openssl::speaker(server.address(), &eve);
            openssl.type_line(r#"{"type":"hello","name":"Eve","caps":[]}"#);
            hears_frame(&openssl, &[r#""type":"welcome""#]);
            took.push(began.elapsed());
        }
        let is_good = took.iter().any(|took| *took <= GOOD);
        assert!(is_good, "{} bytes: {took:?}", stalled.len());
        drop(crowd);
    }
    server.serves();
}
