//! TLS with a program that is not ours.

mod support;

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use hallway_core::identity::Identity;
use hallway_core::net::tls::{self, Failure};
use hallway_core::net::{Connection, Connector, Error, limits};
use support::encrypted::{HOST, both, failure};
use support::{Recorder, batches, on_loop};

/// A program of OpenSSL's, ended with the test.
struct OpenSsl(Child);

impl OpenSsl {
    /// Starts it, unless it is not installed.
    fn start(test: &str, arguments: &[&str]) -> Option<Self> {
        let child = Command::new("openssl")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        if child.is_err() {
            // Directly, since the harness swallows what a passing test prints.
            let _ = writeln!(std::io::stderr(), "{test}: skipped: no openssl here");
        }
        child.ok().map(Self)
    }

    fn say(&mut self, text: &[u8]) {
        let stdin = self.0.stdin.as_mut().expect("piped");
        stdin.write_all(text).unwrap();
    }

    /// What it prints, in a thread of its own.
    fn output(&mut self) -> Arc<Mutex<Vec<u8>>> {
        let mut stdout = self.0.stdout.take().expect("piped");
        let output = Arc::<Mutex<Vec<u8>>>::default();
        let place = Arc::clone(&output);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut buffer) {
                place.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        });
        output
    }
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn openssl_is_answered_as_it_speaks() {
    both(|bench, server| {
        server.listener.set_lines_over_tls(true);
        let address = format!("{HOST}:{}", server.port());
        let test = "openssl_is_answered_as_it_speaks";
        let connect = ["s_client", "-quiet", "-connect", &address];
        let recorder = Rc::new(Recorder::default());
        server.listener.set_sink(recorder.as_sink());
        let Some(mut lines) = OpenSsl::start(test, &connect) else {
            return;
        };
        let printed = lines.output();
        lines.say(b"a line of openssl\n");
        bench.until("a line", || recorder.text() == ["a line of openssl"]);
        server.accepted.borrow()[0].write(b"an answer\n").unwrap();
        bench.until("an answer", || {
            printed.lock().unwrap().ends_with(b"an answer\n")
        });
        drop(lines);

        let refused = |more: &[&str]| {
            let before = server.accepted.borrow().len();
            let _program = OpenSsl::start(test, &[&connect[..], more].concat());
            bench.until("the end", || {
                let accepted = server.accepted.borrow();
                accepted.get(before).is_some_and(|c| c.ended().is_some())
            });
            failure(&server.accepted.borrow()[before])
        };
        let what = Failure::OldVersion;
        assert_eq!(refused(&["-tls1_2"]), Some(Error::HandshakeFailed { what }));
        assert_eq!(
            refused(&["-alpn", "http/1.1"]),
            Some(Error::NoCommonProtocol)
        );
        let what = Failure::NoCertificate;
        assert_eq!(
            refused(&["-alpn", "hallway/1"]),
            Some(Error::HandshakeFailed { what })
        );
        // With a certificate it is one of us.
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own");
        Identity::load_or_make(&own).unwrap();
        let own = own.join("identity.pem");
        let own = own.to_str().unwrap();
        let before = server.accepted.borrow().len();
        let _program = OpenSsl::start(
            test,
            &[
                &connect[..],
                &["-alpn", "hallway/1", "-cert", own, "-key", own],
            ]
            .concat(),
        );
        bench.until("encrypted", || {
            let accepted = server.accepted.borrow();
            accepted.get(before).is_some_and(Connection::is_encrypted)
        });
        assert_eq!(server.accepted.borrow()[before].protocol(), "hallway/1");
    });
}

#[test]
fn a_server_of_openssl_is_spoken_to() {
    on_loop(|bench| {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own");
        let identity = Identity::load_or_make(&own).unwrap().identity;
        let own = own.join("identity.pem");
        let own = own.to_str().unwrap();
        let test = "a_server_of_openssl_is_spoken_to";
        let connect = |more: &[&str], client: tls::Client| {
            let port = free_port();
            let accept = format!("{HOST}:{port}");
            let arguments = [
                "s_server", "-quiet", "-accept", &accept, "-cert", own, "-key", own,
            ];
            let mut program = OpenSsl::start(test, &[&arguments[..], more].concat())?;
            let printed = program.output();
            bench.until("openssl listens", || {
                std::net::TcpListener::bind(("127.0.0.1", port)).is_err()
            });
            let connection = Connection::new(&bench.reactor, limits::LINE);
            connection.set_encryption(Some(client));
            Connector::default().connect(&connection, HOST, port);
            bench.until("an outcome", || {
                connection.is_encrypted() || connection.ended().is_some()
            });
            Some((connection, program, printed))
        };
        let lines = tls::Client::lines().unwrap();
        let Some((connection, mut program, printed)) = connect(&[], lines.clone()) else {
            return;
        };
        assert_eq!(
            connection.peer_fingerprint(),
            identity.fingerprint().to_string()
        );
        let heard = batches(&connection);
        connection.write(b"to openssl\n").unwrap();
        program.say(b"from openssl\n");
        bench.until("lines", || {
            heard.all().concat() == ["from openssl"]
                && printed.lock().unwrap().ends_with(b"to openssl\n")
        });
        let (old, _program, _) = connect(&["-tls1_2"], lines).unwrap();
        let what = Failure::OldVersion;
        assert_eq!(failure(&old), Some(Error::HandshakeFailed { what }));
        let hallway = tls::Client::hallway(&identity).unwrap();
        let (other, _program, _) = connect(&[], hallway.clone()).unwrap();
        assert_eq!(failure(&other), Some(Error::NoCommonProtocol));
        let (ours, _program, _) = connect(&["-alpn", "hallway/1"], hallway).unwrap();
        assert_eq!(ours.protocol(), "hallway/1");
    });
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind((HOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
