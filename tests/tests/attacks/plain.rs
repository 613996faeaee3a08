//! Whoever would have people say less than they think in secret.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use hallway_tests::program::Program;
use hallway_tests::talker::told;
use hallway_tests::wait::{PATIENCE, until};
use hallway_tests::world::listening;
use rustix::process::Signal;

use crate::openssl::{self, Certificate};
use crate::scene::{SECRET, Scene, hears};

/// How a record of TLS begins that is a handshake, an alert, or data.
const RECORDS: [u8; 4] = [0x14, 0x15, 0x16, 0x17];

/// A server that understands no TLS, and keeps what comes.
#[derive(Clone, Debug, Default)]
struct Ear(Arc<Mutex<Vec<Vec<u8>>>>);

impl Ear {
    /// On this port; it says `text` to whoever comes, and closes when something was said or after a
    /// while.
    fn start(port: u16, text: &'static str) -> Self {
        let ear = Self::default();
        let listener = until(PATIENCE, "the port", || {
            TcpListener::bind(("127.0.0.1", port)).ok()
        });
        let heard = ear.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let heard = heard.clone();
                thread::spawn(move || heard.listen(stream, text));
            }
        });
        ear
    }

    fn listen(&self, mut stream: TcpStream, text: &str) {
        // Who has gone hears nothing.
        let _ = stream.write_all(text.as_bytes());
        let soon = Duration::from_secs(1);
        stream.set_read_timeout(Some(soon)).expect("it is not zero");
        let mut all = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => all.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let mut heard = self.0.lock().expect("no holder of the lock panics");
        heard.push(all);
    }

    /// What came, of each connection.
    fn heard(&self) -> Vec<Vec<u8>> {
        self.0.lock().expect("no holder of the lock panics").clone()
    }
}

/// Every byte is part of a record of TLS.
#[track_caller]
fn is_tls(mut bytes: &[u8]) {
    while let [kind, 3, version, high, low, rest @ ..] = bytes {
        assert!(RECORDS.contains(kind) && *version <= 4, "{bytes:?}");
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        bytes = rest.get(length..).unwrap_or_default();
    }
    assert!(bytes.is_empty(), "{bytes:?}");
}

/// A pin stands for encryption: whoever answers in plain text, nothing is said to them plainly.
#[test]
fn whoever_is_known_is_never_spoken_to_plainly() {
    for text in [
        "",
        "Welcome! This room is plain now.\n",
        "HTTP/1.1 200 OK\r\n\r\n",
    ] {
        let scene = Scene::new();
        let mut server = scene.server("server", "when-both-can");
        let (code, said) = scene.send("Ana", &["--encrypted", "--name", "Ana"], "hello");
        assert_eq!(code, Some(0), "{said}");
        let mut ana = scene.talker("Ana");
        hears(&ana, told::STANDING, "here");
        server.end_by(Signal::KILL);
        drop(server);
        let ear = Ear::start(scene.port, text);
        ana.type_line(SECRET);
        hears(&ana, told::QUEUED, "");
        for options in [&[][..], &["--plain"], &["--encrypted"]] {
            let (code, said) = scene.send("Ana", options, SECRET);
            assert!(code.is_some_and(|code| code != 0), "{options:?}: {said}");
        }
        until(PATIENCE, "a few attempts", || {
            (ear.heard().len() >= 2).then_some(())
        });
        ana.signal(Signal::KILL);
        let heard = ear.heard();
        assert!(heard.iter().any(|bytes| !bytes.is_empty()), "it was tried");
        for bytes in heard {
            is_tls(&bytes);
            let secret = SECRET.as_bytes();
            let mut windows = bytes.windows(secret.len());
            assert!(!windows.any(|window| window == secret));
        }
    }
}

/// Nobody gets in who does less than the protocol asks for.
#[test]
fn less_than_the_protocol_is_no_way_in() {
    let scene = Scene::new();
    fs::create_dir(scene.folder("eve")).expect("a folder of ours");
    let Some(eve) = Certificate::make(&scene.folder("eve")) else {
        return;
    };
    let mut server = scene.server("server", "only");
    let ours = ["-alpn", "hallway/1"];
    let hello = r#"{"type":"hello","name":"Eve","caps":[]}"#;
    let old = [&ours[..], &["-tls1_2"]].concat();
    for (what, who, options) in [
        ("TLS 1.2", Some(&eve), &old[..]),
        ("no certificate", None, &ours[..]),
        ("no ALPN", Some(&eve), &[][..]),
        ("another ALPN", Some(&eve), &["-alpn", "http/1.1"][..]),
    ] {
        let mut openssl = Program::spawn(openssl::client(server.address(), who, options));
        openssl.try_type_line(hello);
        openssl.end(PATIENCE);
        let out = openssl.out().all();
        assert!(
            !out.iter().any(|line| line.contains("welcome")),
            "{what}: {out:?}"
        );
    }
    // As it should be, it is one.
    let mut openssl = openssl::speaker(server.address(), &eve);
    openssl.type_line(hello);
    openssl
        .out()
        .find(PATIENCE, "a welcome", |line| line.contains("welcome"));
    let hello = ["is now", "encrypted"];
    server.event(&hello);
    server.is_well();
    let times = server.entries();
    assert_eq!(times.iter().filter(|entry| entry.tells(&hello)).count(), 1);
}

/// Nor is anybody spoken to who does less.
#[test]
fn less_than_the_protocol_is_not_spoken_to() {
    let scene = Scene::new();
    fs::create_dir(scene.folder("eve")).expect("a folder of ours");
    let Some(eve) = Certificate::make(&scene.folder("eve")) else {
        return;
    };
    for (what, options) in [
        ("TLS 1.2", &["-alpn", "hallway/1", "-tls1_2"][..]),
        ("no ALPN", &[]),
        ("another ALPN", &["-alpn", "http/1.1"]),
    ] {
        let mut openssl = Program::spawn(openssl::server(scene.port, &eve, options));
        listening(scene.port);
        let (code, said) = scene.send("Ana", &["--encrypted", "--name", "Ana"], SECRET);
        assert_eq!(code, Some(1), "{what}: {said}");
        let out = openssl.out().all().join("\n");
        assert!(
            !out.contains("hello") && !out.contains(SECRET),
            "{what}: {out}"
        );
        assert!(openssl.ended().is_none(), "{what}: it was there to listen");
    }
    // The same server, as it should be, hears a hello.
    let openssl = Program::spawn(openssl::server(scene.port, &eve, &["-alpn", "hallway/1"]));
    listening(scene.port);
    let _ana = scene.talker("Ana");
    openssl.out().find(PATIENCE, "a hello", |line| {
        line.contains(r#""type":"hello""#)
    });
}
